"""The two-dimensional code as one vector path.

Dark modules are joined into rectangles and all of them filled as one path, so that viewers
show no hairlines between neighbours at any zoom.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from issuance.render.curves import rectangle
from issuance.render.items import Box, Colour, Segment, Shape

QUIET_ZONE: Final = 4
"""Light modules around the code (ISO/IEC 18004 asks for four)."""
BLACK: Final = Colour(0, 0, 0)
WHITE: Final = Colour(255, 255, 255)
_DARK: Final = re.compile(rb"\x01+")
Matrix = Sequence[Sequence[bool]]


class Bar(NamedTuple):
    """Dark modules that form a rectangle; columns and rows are half-open."""

    left: int
    right: int
    top: int
    bottom: int


def code_shapes(modules: Matrix, box: Box) -> list[Shape]:
    """Return the code filling the square in the middle of `box`, on white."""
    side = min(box.width, box.height)
    left, top = box.x + (box.width - side) / 2, box.y + (box.height - side) / 2
    module = side / (len(modules) + 2 * QUIET_ZONE)
    places = [(index + QUIET_ZONE) * module for index in range(len(modules) + 1)]
    xs, ys = [left + place for place in places], [top + place for place in places]
    path: list[Segment] = []
    for bar in bars(modules):
        x1, x2, y1, y2 = xs[bar.left], xs[bar.right], ys[bar.top], ys[bar.bottom]
        path += (("M", (x1, y1)), ("L", (x2, y1)), ("L", (x2, y2)), ("L", (x1, y2)), ("Z", ()))
    return [
        Shape(rectangle(Box(left, top, side, side)), fill=WHITE),
        Shape(tuple(path), fill=BLACK),
    ]


def bars(modules: Matrix) -> Iterator[Bar]:
    """Yield rectangles that cover each dark module once: runs of a row, joined downwards."""
    growing: dict[tuple[int, int], int] = {}
    for row, cells in enumerate([*modules, []]):
        runs = dict.fromkeys(_runs(cells))  # keeps order: equal codes, equal paths
        for left, right in [run for run in growing if run not in runs]:
            yield Bar(left, right, growing.pop((left, right)), row)
        for run in runs:
            growing.setdefault(run, row)


def _runs(cells: Sequence[bool]) -> Iterator[tuple[int, int]]:
    for run in _DARK.finditer(bytes(cells)):
        yield run.span()
