"""Drawing the picture of a round official seal (公章印模).

After 国发〔1999〕25号: a round seal of at most 45 mm, the owner's name in an arc from left to
right in Song type, a five-pointed star in the middle; here with the use of the seal below
it. The national emblem is never drawn. Seals that are not in real use carry 样章 across.
Everything is a path in millimetres, so that no font is needed where the seal is shown.
"""

import io
import math
from dataclasses import dataclass
from typing import Final

import resvg_py
from PIL import Image

from issuance.render.curves import star
from issuance.render.glyph_paths import glyph_path
from issuance.render.items import Path
from issuance.render.numbers import fixed

RED: Final = "#d7000f"
TYPE: Final = "song-bold"
DOTS_PER_INCH: Final = 300
"""Least resolution of a seal's picture; 国发〔1999〕25号 practice."""
MAX_DIAMETER_MM: Final = 50
EM_FLOOR: Final = 0.12
"""How far an ideograph's em box reaches below the baseline."""
WIDEST_ARC: Final = math.radians(258)
WIDE_ARC: Final = math.radians(215)
"""From here on the arc's ends come down beside the label, which then must be narrower."""
SPECIMEN: Final = "样章"
SPECIMEN_NOTE: Final = "开发测试"


@dataclass(frozen=True, slots=True)
class SealFace:
    """What stands on a seal."""

    owner_zh: str
    """Legal name of the owner, set in the arc."""
    label_zh: str
    """Use of the seal, such as 电子证照专用章; may be empty."""
    diameter_mm: int = 42
    """Whole millimetres, for the seal's data hold no fractions (GB/T 38540)."""
    specimen: bool = True
    """Print 样章 across, for a seal that is not in real use."""


@dataclass(frozen=True, slots=True)
class SealImage:
    """The picture of a seal, as vector and as pixels of the same size in millimetres."""

    svg: str
    png: bytes
    """RGBA on a transparent ground: the `PNG` picture of SES_ESPictrueInfo."""
    width_mm: int
    height_mm: int


def draw_seal(seal: SealFace, *, dots_per_inch: int = DOTS_PER_INCH) -> SealImage:
    """Draw the picture of `seal`.

    Raises:
        ValueError: if the diameter or the length of a text is out of range.
        MissingGlyphError: for a character that our typefaces lack.
    """
    if not 10 <= seal.diameter_mm <= MAX_DIAMETER_MM:
        raise ValueError(f"a seal of {seal.diameter_mm} mm")
    if not 1 <= len(seal.owner_zh) <= 40 or len(seal.label_zh) > 16:
        raise ValueError("a seal's name has 1 to 40 characters, its label at most 16")
    svg = _svg(seal)
    side = round(seal.diameter_mm / 25.4 * dots_per_inch)
    pixels = resvg_py.svg_to_bytes(
        svg_string=svg, width=side, height=side, dpi=dots_per_inch, skip_system_fonts=True
    )
    return SealImage(
        svg, _with_resolution(bytes(pixels), dots_per_inch), seal.diameter_mm, seal.diameter_mm
    )


def _with_resolution(png: bytes, dots_per_inch: int) -> bytes:
    """Return the picture in one red, clear or less clear, with its size in the pHYs chunk.

    The rasteriser's rounding leaves a slightly different red at each edge; one red packs
    into less than half.
    """
    out = io.BytesIO()
    with Image.open(io.BytesIO(png)) as drawn:
        picture = Image.new("RGB", drawn.size, RED)
        picture.putalpha(drawn.getchannel("A"))
    picture.save(out, "PNG", dpi=(dots_per_inch, dots_per_inch), optimize=True)
    return out.getvalue()


def _svg(seal: SealFace) -> str:
    """Return the drawing; inside it, lengths are those of a seal of 42 mm."""
    scale = seal.diameter_mm / 42
    texts = [_arc_text(seal.owner_zh), _star_path()]
    if seal.label_zh:
        crowded = len(seal.owner_zh) * _step(seal.owner_zh) > WIDE_ARC
        widest = 17.0 if crowded else 21.5
        texts.append(_straight_text(seal.label_zh, y=9.4, height=4.2, widest=widest))
    over = ""
    if seal.specimen:
        texts.append(_straight_text(SPECIMEN_NOTE, y=13.4, height=2.4, widest=10.5))
        over = f'<path fill-opacity="0.32" d="{_specimen()}"/>'
    drawing = (
        f'<circle r="20.5" fill="none" stroke-width="1"/><path stroke="none" d="{"".join(texts)}"/>'
    )
    size = seal.diameter_mm
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}mm" height="{size}mm" '
        f'viewBox="0 0 {size} {size}">'
        f'<g transform="scale({fixed(scale, 6)}) translate(21 21)" fill="{RED}" '
        f'stroke="{RED}">{drawing}<g stroke="none">{over}</g></g></svg>'
    )


def _star_path() -> str:
    return _svg_path(star(0, -0.6, 6.6))


def _svg_path(path: Path) -> str:
    return "".join(
        operator + " ".join(fixed(number) for number in numbers) for operator, numbers in path
    )


def _arc_text(text: str) -> str:
    """Set `text` around the star, its middle at the top, feet towards the centre."""
    height, outer = 6.2, 18.6
    reach = outer - height / 2
    step = _step(text)
    width = min(4.9, step * reach * 0.94)
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


def _step(text: str) -> float:
    """Return the angle between two characters of the arc."""
    return min(math.radians(25), WIDEST_ARC / len(text))


def _straight_text(text: str, *, y: float, height: float, widest: float) -> str:
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


def _specimen() -> str:
    """Set 样章 large and aslant over the whole seal."""
    size, tilt = 13.0, math.radians(-24)
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
