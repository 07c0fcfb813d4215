"""How a page prints a field that is a list: as a table, or in one line.

The metadata keep one line for each entry and `CELL_SEPARATOR` between the columns. The page
shows the columns under their heads, blanks filling each up to its widest cell; entries of one
column stand in a line, joined by `、`. A verifier that holds the page against the metadata
passes over blanks and list marks.
"""

from collections.abc import Sequence
from typing import Final

from issuance.kind import KindField
from issuance.render.typefaces import FALLBACK, face
from issuance.typed_values import CELL_SEPARATOR

WIDE, NARROW = "\u3000", " "
WIDEST_TABLE: Final = 46.0
"""Ems; a table wider than that would break its lines, so its columns are not filled up."""
GAP: Final = 1.0
"""Least white between two columns, in ems."""


def printed_list(field: KindField, value: str) -> tuple[str, str]:
    """Return the line of heads, with its line feed, and the entries as the page prints them."""
    entries = [line.split(CELL_SEPARATOR) for line in value.split("\n")]
    if len(field.columns) < 2:
        return "", "、".join(cell for entry in entries for cell in entry)
    heads = [column.label_zh for column in field.columns]
    widths = [max(map(_width, cells)) for cells in zip(heads, *entries, strict=True)]
    if sum(widths) + GAP * (len(widths) - 1) > WIDEST_TABLE:
        widths = [0.0] * len(widths)
    lines = [_line(cells, widths) for cells in (heads, *entries)]
    return f"{lines[0]}\n", "\n".join(lines[1:])


def _line(cells: Sequence[str], widths: Sequence[float]) -> str:
    line, ends, filled = "", 0.0, 0.0
    for cell, width in zip(cells, widths, strict=True):
        if line:
            blank = _blank(max(ends - filled, GAP))
            line += blank
            filled += _width(blank)
        line += cell
        filled += _width(cell)
        ends += width + GAP
    return line


def _blank(ems: float) -> str:
    """Return blanks as wide as `ems`, to half a narrow one."""
    wide = int(ems)
    return WIDE * wide + NARROW * round((ems - wide) / _width(NARROW))


def _width(text: str) -> float:
    """Return how wide `text` is in ems: ideographs are one in every face of ours."""
    song = face(FALLBACK)
    return sum(
        song.advance(song.characters[character]) / song.units_per_em
        if character.isascii() and character in song.characters
        else 1.0
        for character in text
    )
