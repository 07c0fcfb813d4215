"""Items as PDF content operators, in the page's own millimetres with y downwards."""

import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from typing import Final

from issuance.render.items import Colour, Page, Shape, TextRun
from issuance.render.numbers import fixed
from issuance.render.subset import FontSubset

OPERATORS: Final = {"M": "m", "L": "l", "C": "c", "Z": "h"}
FINE: Final = 0.5
"""Difference of advance, in thousandths of the size, not worth writing."""


@lru_cache(maxsize=64)
def background_content(shapes: tuple[Shape, ...]) -> bytes:
    """Return the packed content of a background; the same for all licences of a kind."""
    return zlib.compress("\n".join(_shapes(shapes, digits=2)).encode("ascii"), 9)


def shape_content(shapes: Iterable[Shape]) -> Iterator[str]:
    """Yield the operators of shapes."""
    return _shapes(shapes, digits=2)


def page_content(
    page: Page, fonts: dict[str, FontSubset], font_name: Callable[[str], str]
) -> Iterator[str]:
    """Yield the operators of one page; `font_name` gives a face's resource name."""
    yield from _shapes(page.shapes, digits=3)
    for (joined, _, _), group in groupby(page.runs, key=_text_of):
        runs = list(group)
        # Viewers take the order of drawing for that on the page, and turn joined letters round.
        for run in reversed(runs) if joined else runs:
            yield _text(run, fonts[run.face], font_name(run.face))


def _text_of(run: TextRun) -> tuple[bool, str | None, float]:
    """Return what runs of one joined text have in common."""
    return run.source is not None, run.field, run.baseline


def _shapes(shapes: Iterable[Shape], digits: int) -> Iterator[str]:
    for shape in shapes:
        settings = []
        if shape.fill:
            settings.append(f"{_colour(shape.fill)} rg")
        if shape.stroke:
            settings.append(f"{_colour(shape.stroke)} RG {fixed(shape.line_width)} w")
        steps = [
            " ".join([*(fixed(number, digits) for number in numbers), OPERATORS[operator]])
            for operator, numbers in shape.path
        ]
        yield " ".join([*settings, *steps, _painting(shape)])


def _painting(shape: Shape) -> str:
    if shape.fill and shape.stroke:
        return "B"
    return "f" if shape.fill else "S"


def _colour(colour: Colour) -> str:
    return " ".join(fixed(channel / 255) for channel in colour)


def _text(run: TextRun, font: FontSubset, name: str) -> str:
    pieces: list[str] = []
    codes = ""
    for character, advance in zip(run.text, run.advances, strict=True):
        codes += f"{font.glyphs[character]:04X}"
        wanted = advance / run.size * 1000
        short_by = font.widths[character] - wanted
        if abs(short_by) > FINE:
            pieces.append(f"<{codes}> {fixed(short_by, 1)}")
            codes = ""
    if codes:
        pieces.append(f"<{codes}>")
    return (
        f"BT {_colour(run.colour)} rg /{name} {fixed(run.size)} Tf "
        f"1 0 0 -1 {fixed(run.x)} {fixed(run.baseline)} Tm [{' '.join(pieces)}] TJ ET"
    )
