"""What an annotated copy (加注件) shows beside the licence: purpose, recipient, end.

The words stand across every page as a watermark, drawn over the page in a blend that leaves
the text below readable, once as text at the foot, and where the code of the original stands.
The code itself is not repeated: it is the licence.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from typing import Final

from issuance.render.glyph_paths import glyph_path
from issuance.render.items import Box, Colour, Path, Segment, Shape, TextRun
from issuance.render.typesetting import Span, Style, cells_of, set_text

COPY: Final = "加注件"
NO_ORIGINAL: Final = "加注件　非证照原件"
PALE: Final = Colour(0xC4, 0xCD, 0xD8)
RED: Final = Colour(0xB0, 0x00, 0x20)
TILT: Final = math.radians(-24)
SIZE: Final = 6.0  # millimetres
ROWS_APART: Final = 25.0
GAP: Final = 18.0
"""White between one text and the next on a row."""
FOOT: Final = Box(25, 188.2, 247, 4.6)
"""Inside the frame of every A4 page, below the small print."""
_STEP: Final = re.compile(r"([MLQZ])([^MLQZ]*)")


@dataclass(frozen=True, slots=True)
class Annotation:
    """The words of one copy."""

    purpose: str
    recipient: str
    until: str
    """As printed."""
    copy_id: str

    @property
    def foot(self) -> str:
        """Return the line at the foot."""
        return (
            f"{COPY}（非证照原件）　用途：{self.purpose}　使用方：{self.recipient}　"
            f"有效期至：{self.until}　编号：{self.copy_id}"
        )


def annotation_runs(annotation: Annotation, code_box: Box) -> Iterator[TextRun]:
    """Yield the text of a first page: at the foot, and in the place of the code.

    Raises:
        MissingGlyphError: for a character that cannot be printed.
        TextDoesNotFitError: if the line at the foot is too long.
    """
    foot = Style("song", "song", 3.2, 1.6, 1.3, RED, "centre", "middle")
    spans = [Span(annotation.foot, None, "purpose")]
    yield from set_text(cells_of(spans, foot), FOOT, foot).runs
    mark = Style("song-bold", "song", 6.4, 3.0, 1.3, RED, "centre", "middle")
    words = cells_of([Span("加注件\n非证照\n原件")], mark)
    yield from set_text(words, code_box, mark).runs


def watermark(annotation: Annotation, width: float, height: float) -> tuple[Shape, ...]:
    """Return the words across a page of so many millimetres, a shape for each row.

    Raises:
        MissingGlyphError: for a character that cannot be printed.
    """
    texts = cycle(
        (
            f"仅用于：{annotation.purpose}",
            f"使用方：{annotation.recipient}",
            f"{NO_ORIGINAL}　有效期至 {annotation.until}",
        )
    )
    reach = math.hypot(width, height) / 2
    count = 2 * math.ceil(reach / ROWS_APART) + 1
    shapes = []
    for row, text in zip(range(count), texts, strict=False):
        down = (row - (count - 1) / 2) * ROWS_APART
        path = tuple(_row(text, down, reach, Box(0, 0, width, height)))
        if path:
            shapes.append(Shape(path, fill=PALE))
    return tuple(shapes)


def _row(text: str, down: float, reach: float, page: Box) -> Iterator[Segment]:
    """Yield the outlines of `text`, repeated along one slanting row, where they lie on the page."""
    places = [0.0]
    for character in text:
        places.append(places[-1] + SIZE * (0.58 if character.isascii() else 1.0))
    length = places.pop() + GAP
    along = -reach - (down * 1.7) % length
    while along < reach:
        for place, character in zip(places, text, strict=True):
            if character.strip():
                yield from _glyph(character, along + place, down, page)
        along += length


def _glyph(character: str, along: float, down: float, page: Box) -> Iterator[Segment]:
    sine, cosine = math.sin(TILT), math.cos(TILT)
    middle_x, middle_y = page.width / 2, page.height / 2

    def place(x: float, up: float) -> tuple[float, float]:
        right, below = along + x * SIZE, down - up * SIZE
        return middle_x + right * cosine - below * sine, middle_y + right * sine + below * cosine

    corners = [place(x, y) for x in (0, 1) for y in (-0.2, 1)]
    if all(0 <= x <= page.width and 0 <= y <= page.height for x, y in corners):
        yield from _path(glyph_path(character, "song-bold", place, "purpose"))


def _path(outline: str) -> Path:
    """Return path data of straight lines and quadratic curves as our path of cubic ones."""
    path: list[Segment] = []
    x = y = 0.0
    for operator, written in _STEP.findall(outline):
        numbers = tuple(float(number) for number in written.split())
        if operator == "Q":
            control_x, control_y, end_x, end_y = numbers
            path.append(
                (
                    "C",
                    (
                        x + (control_x - x) * 2 / 3,
                        y + (control_y - y) * 2 / 3,
                        end_x + (control_x - end_x) * 2 / 3,
                        end_y + (control_y - end_y) * 2 / 3,
                        end_x,
                        end_y,
                    ),
                )
            )
        else:
            path.append((operator, numbers))
        if numbers:
            x, y = numbers[-2:]
    return tuple(path)
