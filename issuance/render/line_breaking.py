"""Where a line of Chinese text with Latin words in it may end.

Chinese breaks between any two characters, except that closing marks never begin a line and
opening marks never end one (禁则); words and numbers in Latin letters stay whole. What cannot
be parted is an `Atom`; spaces after it belong to it and may hang over the line's end.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from issuance.render.truetype import Bounds

CLOSING: Final = frozenset("、。，．：；？！…—～·’”）〕〉》」』】〗］｝%‰℃,.:;?!)]}»›")
OPENING: Final = frozenset("‘“（〔〈《「『【〖［｛￥$([{«‹")
SPACES: Final = frozenset(" \u00a0\u3000")
WORD: Final = re.compile(r"[0-9A-Za-z\u00c0-\u024f'’./_+\-#&@]")


@dataclass(frozen=True, slots=True)
class Cell:
    """One character with what its glyph measures; lengths in ems."""

    character: str
    face: str
    advance: float
    left: float
    right: float
    above: float
    below: float
    field: str | None
    place: str
    source: str = ""
    """The letters that the character is a form of (`render.arabic`): it is set right to left.
    Empty for characters that stand for themselves."""

    @property
    def is_space(self) -> bool:
        """Tell whether the character leaves no ink by nature."""
        return self.character in SPACES


@dataclass(frozen=True, slots=True)
class Atom:
    """Characters that stay on one line, and the blank that follows them."""

    cells: tuple[Cell, ...]
    width: float
    """Without the blank, in ems."""
    blank: float
    ends_line: bool
    """A line feed in the text follows."""


def measured(
    character: str, face: str, advance: float, bounds: Bounds | None, field: str | None, place: str
) -> Cell:
    """Return the cell of a glyph whose `bounds` and advance are in thousandths of an em."""
    box = bounds or Bounds(0, 0, 0, 0)
    return Cell(
        character,
        face,
        advance / 1000,
        min(0.0, box.x_min / 1000),
        max(0.0, (box.x_max - advance) / 1000),
        box.y_max / 1000,
        -box.y_min / 1000,
        field,
        place,
    )


def atoms(cells: Sequence[Cell], widest: float = float("inf")) -> Iterator[Atom]:
    """Part a paragraph; an atom wider than `widest` ems is cut between its characters."""
    start = 0
    for index in range(1, len(cells) + 1):
        if index == len(cells) or _may_part(cells[index - 1], cells[index]):
            yield from _fitting(cells[start:index], widest)
            start = index


def _may_part(before: Cell, after: Cell) -> bool:
    if before.character == "\n":
        return True
    if after.character == "\n" or after.is_space:
        return False
    if before.is_space:
        return True
    if before.source and after.source:
        return False
    if after.character in CLOSING or before.character in OPENING:
        return False
    return not (WORD.match(before.character) and WORD.match(after.character))


def _fitting(cells: Sequence[Cell], widest: float) -> Iterator[Atom]:
    whole = _atom(cells)
    if _extent(whole) <= widest or len(cells) == 1:
        yield whole
        return
    for cell in cells[:-1]:
        yield _atom((cell,))
    yield _atom(cells[-1:])


def _extent(atom: Atom) -> float:
    return atom.width + (atom.cells[-1].right - atom.cells[0].left if atom.cells else 0.0)


def _atom(cells: Sequence[Cell]) -> Atom:
    ends_line = bool(cells) and cells[-1].character == "\n"
    printed = tuple(cell for cell in cells if cell.character != "\n")
    inked = len(printed)
    while inked and printed[inked - 1].is_space:
        inked -= 1
    return Atom(
        printed,
        sum(cell.advance for cell in printed[:inked]),
        sum(cell.advance for cell in printed[inked:]),
        ends_line,
    )
