"""The ornament of a licence: braided frame, corner rosettes, fine lines under the text.

Own drawing from formulas in the manner of guilloche engraving; no emblem of any state.
"""

import math
from typing import Final

from issuance.render.curves import rectangle, smooth
from issuance.render.items import Box, Colour, Shape
from issuance.render.layout import Layout

WAVE: Final = 7.5
"""Wished wavelength of the braid, millimetres."""
STRANDS: Final = 3
CORNER: Final = 6.0
"""Radius of the braid's centre line at the corners, millimetres."""
HAIR: Final = 0.12
"""Line width of fine lines, millimetres."""


def background(layout: Layout) -> tuple[Shape, ...]:
    """Return what every page of the layout shows under its text."""
    page, ornament = layout.page, layout.ornament
    sheet = Box(0, 0, page.width, page.height)
    middle = ornament.margin + ornament.band / 2
    shapes = [Shape(rectangle(sheet), fill=page.tint)]
    for x, y, radius in ornament.rosettes:
        shapes += rosette(x, y, radius, ornament.fine)
    shapes += _frame(_inset(sheet, middle), ornament.band, ornament.frame)
    return tuple(shapes)


def rosette(x: float, y: float, radius: float, colour: Colour) -> list[Shape]:
    """Return interlaced curves r = R(a + b·cos(kφ)) around a middle."""
    shapes = []
    for base, swing, waves, turn in (
        (0.80, 0.20, 24, 0.0),
        (0.80, 0.20, 24, math.pi),
        (0.62, 0.24, 16, 0.0),
        (0.62, 0.24, 16, math.pi),
        (0.34, 0.22, 10, 0.0),
        (0.34, 0.22, 10, math.pi),
    ):

        def curve(
            angle: float,
            base: float = base,
            swing: float = swing,
            waves: int = waves,
            turn: float = turn,
        ) -> tuple[float, float]:
            reach = radius * (base + swing * math.cos(waves * angle + turn))
            return x + reach * math.cos(angle), y + reach * math.sin(angle)

        path = smooth(curve, 0, 2 * math.pi, 2 * waves, closed=True)
        shapes.append(Shape(path, stroke=colour, line_width=HAIR))
    return shapes


def _frame(centre_line: Box, band: float, colour: Colour) -> list[Shape]:
    half = band / 2
    shapes = [
        Shape(rectangle(_inset(centre_line, -half - 1.2)), stroke=colour, line_width=0.9),
        Shape(rectangle(_inset(centre_line, -half - 0.2)), stroke=colour, line_width=0.2),
        Shape(rectangle(_inset(centre_line, half + 0.2)), stroke=colour, line_width=0.2),
        Shape(rectangle(_inset(centre_line, half + 0.9)), stroke=colour, line_width=0.45),
    ]
    length = _perimeter(centre_line)
    waves = round(length / WAVE)
    for strand in range(STRANDS):
        for side in (1, -1):
            phase = 2 * math.pi * strand / STRANDS

            def braid(
                way: float, phase: float = phase, swing: float = side * (half - 0.5)
            ) -> tuple[float, float]:
                x, y, across, down = _along(centre_line, way)
                offset = swing * math.sin(2 * math.pi * waves * way / length + phase)
                return x + across * offset, y + down * offset

            # Two cubics a wave, from crest to trough: exact enough, and short.
            crest = (0.25 - strand / STRANDS) * length / waves
            path = smooth(braid, crest, crest + length, 2 * waves, closed=True)
            shapes.append(Shape(path, stroke=colour, line_width=0.16))
    return shapes


def _perimeter(box: Box) -> float:
    return 2 * (box.width + box.height) - 8 * CORNER + 2 * math.pi * CORNER


def _along(box: Box, way: float) -> tuple[float, float, float, float]:
    """Return the point `way` along a rounded box and the outward normal there."""
    across, down = box.width - 2 * CORNER, box.height - 2 * CORNER
    arc = math.pi * CORNER / 2
    left, top = box.x + CORNER, box.y + CORNER
    right, bottom = left + across, top + down
    way %= _perimeter(box)
    sides = (
        (across, left, top, 1, 0, right, top),
        (down, right, top, 0, 1, right, bottom),
        (across, right, bottom, -1, 0, left, bottom),
        (down, left, bottom, 0, -1, left, top),
    )
    for length, x, y, dx, dy, turn_x, turn_y in sides:
        if way < length:
            return x + dx * way + dy * CORNER, y + dy * way - dx * CORNER, dy, -dx
        way -= length
        if way < arc:
            angle = way / CORNER
            nx = dy * math.cos(angle) + dx * math.sin(angle)
            ny = -dx * math.cos(angle) + dy * math.sin(angle)
            return turn_x + nx * CORNER, turn_y + ny * CORNER, nx, ny
        way -= arc
    return _along(box, 0.0)


def _inset(box: Box, by: float) -> Box:
    return Box(box.x + by, box.y + by, box.width - 2 * by, box.height - 2 * by)
