"""Lettering of seals: on an arc from left to right, joined from right to left, on a line.

All of it is path data in the millimetres of a seal of 42 mm, its middle the origin, y downwards.
"""

import math
from collections.abc import Callable
from typing import Final

from issuance.render.arabic import Glyph, shaped
from issuance.render.glyph_paths import glyph_path
from issuance.render.typefaces import face

TYPE: Final = "song-bold"
JOINED_TYPE: Final = "naskh"
EM_FLOOR: Final = 0.12
"""How far an ideograph's em box reaches below the baseline."""
SPECIMEN: Final = "样章"
SPECIMEN_NOTE: Final = "开发测试"

Turned = Callable[[float], tuple[float, float, float]]
"""Position along a curve, -1 to 1 → the point on its foot line, and the angle of its upright."""


def arc_text(
    text: str, *, outer: float, height: float, widest: float, widest_step: float = 25
) -> str:
    """Set `text` around the middle, its own middle at the top, feet towards the centre.

    `outer` is the radius of the heads, `widest` the most that the arc may span, radians.
    """
    reach = outer - height / 2
    step = min(math.radians(widest_step), widest / len(text))
    width = min(height * 0.79, step * reach * 0.94)
    height = min(height, width * 1.75)
    inner = outer - height
    parts = []
    for index, character in enumerate(text):
        angle = (index - (len(text) - 1) / 2) * step

        def place(
            x: float, y: float, angle: float = angle, width: float = width
        ) -> tuple[float, float]:
            along = (x - 0.5) * width
            out = inner + (y + EM_FLOOR) * height
            return (
                out * math.sin(angle) + along * math.cos(angle),
                -out * math.cos(angle) + along * math.sin(angle),
            )

        parts.append(glyph_path(character, TYPE, place, "seal owner"))
    return "".join(parts)


def oval_text(text: str, *, half_width: float, half_height: float, height: float) -> str:
    """Set `text` along the upper part of an oval, upright to it, evenly by length."""
    lengths, points = _measured_oval(half_width, half_height)
    total = lengths[-1]
    step = min(height * 1.05, total * 0.62 / len(text))
    width = min(height * 0.86, step * 0.94)
    parts = []
    for index, character in enumerate(text):
        wanted = total / 2 + (index - (len(text) - 1) / 2) * step
        nearest = min(range(len(lengths)), key=lambda n: abs(lengths[n] - wanted))
        foot_x, foot_y, upright = points[nearest]

        def place(
            x: float,
            y: float,
            foot: tuple[float, float, float] = (foot_x, foot_y, upright),
        ) -> tuple[float, float]:
            along, out = (x - 0.5) * width, (y + EM_FLOOR) * height
            return (
                foot[0] + out * math.sin(foot[2]) + along * math.cos(foot[2]),
                foot[1] - out * math.cos(foot[2]) + along * math.sin(foot[2]),
            )

        parts.append(glyph_path(character, TYPE, place, "seal owner"))
    return "".join(parts)


def joined_arc(text: str, *, baseline: float, size: float, widest: float) -> str:
    """Set joined letters around the middle, the first at the right end, heads outwards.

    The outlines are bent with the circle, so that the strokes of joined letters meet.
    """
    chosen = face(JOINED_TYPE)
    glyphs = [
        (glyph, chosen.advance(_number(glyph)) / chosen.units_per_em) for glyph in shaped(text)
    ]
    length = sum(advance for _glyph, advance in glyphs)
    size = min(size, widest * baseline / length)
    cursor = length / 2
    parts = []
    for glyph, advance in glyphs:
        cursor -= advance

        def place(x: float, y: float, start: float = cursor) -> tuple[float, float]:
            angle = (start + x) * size / baseline
            out = baseline + y * size
            return out * math.sin(angle), -out * math.cos(angle)

        parts.append(glyph_path(glyph.character, JOINED_TYPE, place, "second name of the seal"))
    return "".join(parts)


def straight_text(text: str, *, y: float, height: float, widest: float) -> str:
    """Set `text` on a level line around the middle, `y` being the line's middle."""
    step = min(height * 0.86, widest / len(text))
    parts = []
    for index, character in enumerate(text):
        centre = (index - (len(text) - 1) / 2) * step

        def place(x: float, up: float, centre: float = centre) -> tuple[float, float]:
            return (
                centre + (x - 0.5) * step * 0.96,
                y + height / 2 - (up + EM_FLOOR) * height,
            )

        parts.append(glyph_path(character, TYPE, place, "seal label"))
    return "".join(parts)


def boxed_character(character: str, left: float, top: float, width: float, height: float) -> str:
    """Fill a box with one character, as a name seal does."""

    def place(x: float, up: float) -> tuple[float, float]:
        return left + x * width, top + (1 - EM_FLOOR - up) * height

    return glyph_path(character, TYPE, place, "seal owner")


def specimen(size: float = 13.0) -> str:
    """Set 样章 large and aslant over the whole seal."""
    tilt = math.radians(-24)
    parts = []
    for index, character in enumerate(SPECIMEN):
        centre = (index - (len(SPECIMEN) - 1) / 2) * size * 1.05

        def place(x: float, up: float, centre: float = centre) -> tuple[float, float]:
            across = centre + (x - 0.5) * size
            down = (0.5 - EM_FLOOR - up) * size
            return (
                across * math.cos(tilt) - down * math.sin(tilt),
                across * math.sin(tilt) + down * math.cos(tilt),
            )

        parts.append(glyph_path(character, TYPE, place, "specimen"))
    return "".join(parts)


def _number(glyph: Glyph) -> int:
    return face(JOINED_TYPE).characters.get(glyph.character, 0)


def _measured_oval(
    half_width: float, half_height: float
) -> tuple[list[float], list[tuple[float, float, float]]]:
    """Return lengths along an oval from its foot over the top, and point and upright there."""
    lengths, points = [0.0], []
    previous = (0.0, half_height)
    for number in range(1, 1441):
        turn = math.pi + number * math.tau / 1440
        point = (half_width * math.sin(turn), -half_height * math.cos(turn))
        lengths.append(lengths[-1] + math.dist(previous, point))
        upright = math.atan2(half_height * math.sin(turn), half_width * math.cos(turn))
        points.append((*point, upright))
        previous = point
    return lengths[1:], points
