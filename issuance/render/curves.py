"""Paths of boxes, stars, lines and of curves given by a formula."""

import math
from collections.abc import Callable

from issuance.render.items import Box, Path, Segment

Curve = Callable[[float], tuple[float, float]]


def rectangle(box: Box) -> Path:
    """Return the outline of `box`."""
    return polygon(
        ((box.x, box.y), (box.right, box.y), (box.right, box.bottom), (box.x, box.bottom))
    )


def polygon(corners: tuple[tuple[float, float], ...]) -> Path:
    """Return a closed path through `corners`."""
    start: Segment = ("M", corners[0])
    return (start, *(("L", corner) for corner in corners[1:]), ("Z", ()))


def line(x1: float, y1: float, x2: float, y2: float) -> Path:
    """Return a straight line."""
    return (("M", (x1, y1)), ("L", (x2, y2)))


def star(x: float, y: float, radius: float) -> Path:
    """Return a five-pointed star with one point up; inner radius that of the pentagram."""
    inner = radius * math.sin(math.pi / 10) / math.sin(3 * math.pi / 10)
    corners = []
    for step in range(10):
        angle = math.pi * step / 5 - math.pi / 2
        reach = inner if step % 2 else radius
        corners.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
    return polygon(tuple(corners))


def smooth(curve: Curve, start: float, end: float, steps: int, *, closed: bool = False) -> Path:
    """Return `curve` between two parameters as `steps` cubics that keep its tangents."""
    width = (end - start) / steps
    nudge = width / 1000
    path: list[Segment] = [("M", curve(start))]
    for step in range(steps):
        here, there = start + step * width, start + (step + 1) * width
        (x1, y1), (x2, y2) = curve(here), curve(there)
        (u1, v1), (u2, v2) = _slope(curve, here, nudge), _slope(curve, there, nudge)
        third = width / 3
        path.append(
            ("C", (x1 + u1 * third, y1 + v1 * third, x2 - u2 * third, y2 - v2 * third, x2, y2))
        )
    if closed:
        path.append(("Z", ()))
    return tuple(path)


def _slope(curve: Curve, at: float, nudge: float) -> tuple[float, float]:
    (x1, y1), (x2, y2) = curve(at - nudge), curve(at + nudge)
    return (x2 - x1) / (2 * nudge), (y2 - y1) / (2 * nudge)
