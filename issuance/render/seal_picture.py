"""Drawing the picture of a seal (印模): round, oval or square.

After 国发〔1999〕25号: a round official seal has the owner's name in an arc from left to right
in Song type and a five-pointed star in the middle; here with the use of the seal below it,
and where the owner has a name in joined script, that in an outer ring from right to left.
The national emblem is never drawn. Seals that are not in real use carry 样章 across.
Everything is a path in millimetres, so that no font is needed where the seal is shown.
"""

import io
import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import resvg_py
from PIL import Image

from issuance.render.arabic import is_arabic_name
from issuance.render.curves import star
from issuance.render.items import Path
from issuance.render.numbers import fixed
from issuance.render.seal_lettering import (
    SPECIMEN_NOTE,
    arc_text,
    boxed_character,
    joined_arc,
    oval_text,
    specimen,
    straight_text,
)

RED: Final = "#d7000f"
DOTS_PER_INCH: Final = 300
"""Least resolution of a seal's picture; 国发〔1999〕25号 practice."""
MAX_DIAMETER_MM: Final = 50
WIDEST_ARC: Final = math.radians(258)
WIDE_ARC: Final = math.radians(215)
"""From here on the arc's ends come down beside the label, which then must be narrower."""
JOINED_STROKE: Final = 0.13
"""Millimetres by which the joined letters are made bolder: their typeface has one weight."""


class Shape(StrEnum):
    """Outline of a seal."""

    ROUND = "round"
    OVAL = "oval"
    SQUARE = "square"


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
    shape: Shape = Shape.ROUND
    height_mm: int | None = None
    """Of an oval seal; `diameter_mm` is its width."""
    star: bool = True
    """A five-pointed star in the middle of a round seal."""
    second_name: str = ""
    """The owner's name in joined script, for the outer ring of a round seal."""
    number: str = ""
    """Across the middle of an oval seal, such as a tax number."""

    @property
    def size_mm(self) -> tuple[int, int]:
        """Width and height."""
        return self.diameter_mm, self.height_mm or self.diameter_mm


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
    _require_drawable(seal)
    width_mm, height_mm = seal.size_mm
    svg = _svg(seal)
    pixels = resvg_py.svg_to_bytes(
        svg_string=svg,
        width=round(width_mm / 25.4 * dots_per_inch),
        height=round(height_mm / 25.4 * dots_per_inch),
        dpi=dots_per_inch,
        skip_system_fonts=True,
    )
    return SealImage(svg, _with_resolution(bytes(pixels), dots_per_inch), width_mm, height_mm)


def _require_drawable(seal: SealFace) -> None:
    width_mm, height_mm = seal.size_mm
    if not 10 <= min(width_mm, height_mm) <= max(width_mm, height_mm) <= MAX_DIAMETER_MM:
        raise ValueError(f"a seal of {width_mm} by {height_mm} mm")
    if seal.height_mm is not None and seal.shape is not Shape.OVAL:
        raise ValueError("only an oval seal has another height than width")
    if not 1 <= len(seal.owner_zh) <= 40 or len(seal.label_zh) > 16 or len(seal.number) > 20:
        raise ValueError("a seal's name has 1 to 40 characters, its label at most 16")
    if seal.second_name and not (seal.shape is Shape.ROUND and is_arabic_name(seal.second_name)):
        raise ValueError("a second name of a seal is joined letters on a round one")
    if len(seal.second_name) > 80:
        raise ValueError("a second name of a seal has at most 80 letters")


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
    """Return the drawing; inside it, lengths are those of a seal of 42 mm (18 if square)."""
    width, height = seal.size_mm
    drawn = {Shape.ROUND: _round, Shape.OVAL: _oval, Shape.SQUARE: _square}[seal.shape](seal)
    over = ""
    if seal.specimen:
        size = 6.0 if seal.shape is Shape.SQUARE else 13.0 * min(1.0, height / width)
        over = f'<path fill-opacity="0.32" d="{specimen(size)}"/>'
    unit = width / (18 if seal.shape is Shape.SQUARE else 42)
    middle = f"{fixed(width / 2 / unit)} {fixed(height / 2 / unit)}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm" '
        f'viewBox="0 0 {width} {height}">'
        f'<g transform="scale({fixed(unit, 6)}) translate({middle})" fill="{RED}" '
        f'stroke="{RED}">{drawn}<g stroke="none">{over}</g></g></svg>'
    )


def _round(seal: SealFace) -> str:
    rim = '<circle r="20.5" fill="none" stroke-width="1"/>'
    joined = ""
    if seal.second_name:
        ring = joined_arc(seal.second_name, baseline=16.4, size=3.4, widest=WIDEST_ARC)
        joined = f'<path stroke-width="{JOINED_STROKE}" stroke-linejoin="round" d="{ring}"/>'
        owner = arc_text(seal.owner_zh, outer=14.7, height=4.4, widest=math.radians(238))
        heart, label = (5.2, 7.0), {"y": 9.6, "height": 3.4}
    else:
        owner = arc_text(seal.owner_zh, outer=18.6, height=6.2, widest=WIDEST_ARC)
        heart, label = (6.6, 9.4), {"y": 9.4, "height": 4.2}
    texts = [owner]
    if seal.star:
        texts.append(_svg_path(star(0, -0.6, heart[0])))
    if seal.label_zh:
        where = label if seal.star else {"y": 1.0, "height": label["height"] + 0.6}
        texts.append(straight_text(seal.label_zh, widest=_label_width(seal), **where))
    if seal.specimen:
        note = 13.4 if seal.second_name else 14.6
        texts.append(straight_text(SPECIMEN_NOTE, y=note, height=2.4, widest=11.0))
    return f'{rim}<path stroke="none" d="{"".join(texts)}"/>{joined}'


def _label_width(seal: SealFace) -> float:
    """Return how wide the label may be: less where the ends of the arc come down beside it."""
    step = min(math.radians(25), WIDEST_ARC / len(seal.owner_zh))
    crowded = len(seal.owner_zh) * step > WIDE_ARC
    if seal.second_name:
        return 16.0 if crowded else 20.0
    return 17.0 if crowded else 21.5


def _oval(seal: SealFace) -> str:
    """An oval seal: the name along the top, a number across, the use at the foot."""
    half_width = 20.5
    half_height = 21.0 * seal.size_mm[1] / seal.size_mm[0] - 0.5
    texts = [
        oval_text(
            seal.owner_zh, half_width=half_width - 5.3, half_height=half_height - 5.3, height=4.2
        )
    ]
    if seal.number:
        texts.append(straight_text(seal.number, y=0.6, height=3.0, widest=26.0))
    if seal.label_zh:
        texts.append(straight_text(seal.label_zh, y=half_height * 0.52, height=3.6, widest=18.0))
    rim = f'<ellipse rx="{half_width}" ry="{fixed(half_height)}" fill="none" stroke-width="1"/>'
    return f'{rim}<path stroke="none" d="{"".join(texts)}"/>'


def _square(seal: SealFace) -> str:
    """A name seal: columns from right to left, each read downwards, as such seals are cut."""
    columns = _columns(seal.owner_zh)
    side = 14.8
    width, height = side / len(columns), side / max(map(len, columns))
    parts = [
        boxed_character(
            character,
            side / 2 - (number + 1) * width + width * 0.03,
            -side / 2 + row * height + height * 0.03,
            width * 0.94,
            height * 0.94,
        )
        for number, column in enumerate(columns)
        for row, character in enumerate(column)
    ]
    rim = '<rect x="-8.6" y="-8.6" width="17.2" height="17.2" fill="none" stroke-width="0.8"/>'
    return f'{rim}<path stroke="none" d="{"".join(parts)}"/>'


def _columns(name: str) -> list[str]:
    """Return a name in columns, the first to the right; parts of a long name have their own.

    Two or three characters are filled out with 之印 or 印, as is customary.
    """
    parts = [part for part in name.split("·") if part]
    if len(parts) > 1:
        return parts
    text = name + {2: "之印", 3: "印"}.get(len(name), "")
    rows = math.ceil(math.sqrt(len(text)))
    return [text[start : start + rows] for start in range(0, len(text), rows)]


def _svg_path(path: Path) -> str:
    return "".join(
        operator + " ".join(fixed(number) for number in numbers) for operator, numbers in path
    )
