"""Setting a text into a box: break into lines, shrink until it fits, align.

The promise kept here: no ink of a text leaves its box, and no two lines touch. A text that
does not fit at the smallest size is refused, or, where the layout says that it may flow,
the part that fits is set and the rest handed back for the continuation page (附页).

Letters that join (Uyghur, Kazakh, Kyrgyz) are set right to left within the line, each a run
of its own; the runs keep the order in which the text is read.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby, pairwise
from typing import Final, Literal

from issuance.render.arabic import shaped
from issuance.render.errors import MissingGlyphError, TextDoesNotFitError
from issuance.render.items import Box, Colour, TextRun
from issuance.render.line_breaking import Atom, Cell, atoms, measured
from issuance.render.typefaces import face, face_for, is_visible

SIZE_STEP: Final = 0.96
"""Each try is this much smaller than the one before."""
INK_GAP: Final = 0.06
"""Least white between the ink of two lines, in ems."""
EM_ABOVE: Final = 0.86
EM_BELOW: Final = 0.10
"""Where an ideograph reaches above and below the baseline, in ems."""
MAX_STRETCH: Final = 0.35
"""Most that justifying may add at one place, in ems; a looser line stays ragged."""
MAX_CHARACTERS: Final = 100_000
"""Longest text set at all: a record may be 256 KiB."""

LITERAL: Final = "layout"
"""What an error calls a text that no field has a part in."""

JOINED_FACE: Final = "naskh"
"""Face of letters that join."""

Align = Literal["left", "centre", "right", "justify", "distribute"]


@dataclass(frozen=True, slots=True)
class Style:
    """How a text is printed. Sizes in millimetres, leading in ems."""

    face: str
    latin: str
    """Face of ASCII characters: figures of Song stand better among Kai than its own."""
    size: float
    min_size: float
    leading: float
    colour: Colour
    align: Align = "left"
    valign: Literal["top", "middle", "bottom"] = "top"


@dataclass(frozen=True, slots=True)
class Span:
    """Text of one origin: a literal of the layout, or the printed form of a field."""

    text: str
    field: str | None = None
    """Short name of the field, None for a literal."""
    place: str = LITERAL
    """What an error calls this text."""
    arabic: bool = False
    """Whether its letters join and run from right to left."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A text as set: its runs, and the cells that did not fit (only where it may flow)."""

    runs: tuple[TextRun, ...]
    rest: tuple[Cell, ...]
    bottom: float
    """Lower edge of the last line."""


@dataclass(frozen=True, slots=True)
class _Line:
    cells: tuple[Cell, ...]
    gaps: tuple[int, ...]
    """Indices of cells after which an atom ends: where justifying may stretch."""
    width: float
    left: float
    above: float
    below: float
    last: bool


def cells_of(spans: Iterable[Span], style: Style) -> tuple[Cell, ...]:
    """Return the characters of `spans`, measured.

    Raises:
        MissingGlyphError: for a character no face holds, control characters among them.
        TextDoesNotFitError: if there are more than `MAX_CHARACTERS`.
    """
    cells: list[Cell] = []
    for span in spans:
        if len(cells) + len(span.text) > MAX_CHARACTERS:
            raise TextDoesNotFitError(span.place)
        if span.arabic:
            cells += _joined_cells(span)
            continue
        for character in span.text:
            preferred = style.latin if character.isascii() else style.face
            cells.append(_cell(character, preferred, span.field, span.place))
    return tuple(cells)


def set_text(cells: Sequence[Cell], box: Box, style: Style, *, may_flow: bool = False) -> Setting:
    """Set `cells` into `box` at the largest size that fits.

    Raises:
        TextDoesNotFitError: if it does not fit at `style.min_size` and may not flow.
    """
    if not cells:
        return Setting((), (), box.y)
    area = sum(cell.advance for cell in cells)
    for size in _sizes(style):
        if area * size * size > box.width * box.height * 1.5:
            continue  # hopeless: spares breaking a long text a dozen times
        lines = list(_lines(cells, box.width / size))
        if _fits(lines, box, size, style):
            return _placed(lines, box, size, style, ())
    if not may_flow:
        raise TextDoesNotFitError(_place(cells))
    return _flowing(cells, box, style)


@lru_cache(maxsize=4096)
def set_literal(text: str, box: Box, style: Style) -> Setting:
    """Set a text of the layout itself: it stands alike on every licence, so it is set once.

    Raises:
        MissingGlyphError, TextDoesNotFitError: as `cells_of` and `set_text`.
    """
    return set_text(cells_of([Span(text)], style), box, style)


def _place(cells: Sequence[Cell]) -> str:
    """Return what to call a text: its first field, which whoever filled it in can shorten."""
    return next((cell.place for cell in cells if cell.place != LITERAL), LITERAL)


def _sizes(style: Style) -> Iterator[float]:
    size = style.size
    while size > style.min_size:
        yield round(size, 3)
        size *= SIZE_STEP
    yield style.min_size


def _joined_cells(span: Span) -> Iterator[Cell]:
    for glyph in shaped(span.text):
        cell = _cell(glyph.character, JOINED_FACE, span.field, span.place)
        yield replace(cell, source=glyph.source)


@lru_cache(maxsize=16384)
def _cell(character: str, preferred: str, field: str | None, place: str) -> Cell:
    if character == "\n":
        return Cell(character, preferred, 0.0, 0.0, 0.0, 0.0, 0.0, field, place)
    if not is_visible(character):
        raise MissingGlyphError(character, place)
    name = face_for(character, preferred, place)
    chosen = face(name)
    glyph = chosen.characters[character]
    return measured(character, name, chosen.advance(glyph), chosen.bounds(glyph), field, place)


def _lines(cells: Sequence[Cell], width: float) -> Iterator[_Line]:
    """Break into lines of at most `width` ems."""
    line: list[Atom] = []
    used = 0.0
    for atom in atoms(cells, width):
        overhang = atom.cells[-1].right if atom.cells else 0.0
        indent = -line[0].cells[0].left if line and line[0].cells else 0.0
        if line and used + indent + atom.width + overhang > width + 1e-9:
            yield _line(line, last=False)
            line, used = [], 0.0
        line.append(atom)
        used += atom.width + atom.blank
        if atom.ends_line:
            yield _line(line, last=True)
            line, used = [], 0.0
    if line:
        yield _line(line, last=True)


def _line(line: Sequence[Atom], *, last: bool) -> _Line:
    cells = tuple(cell for atom in line for cell in atom.cells)
    gaps: list[int] = []
    for atom in line[:-1]:
        gaps.append((gaps[-1] if gaps else -1) + len(atom.cells))
    left, right, origin = 0.0, 0.0, 0.0
    for index in _places(cells):
        cell = cells[index]
        if not cell.is_space:
            left = max(left, -(origin + cell.left))
            right = max(right, origin + cell.advance + cell.right)
        origin += cell.advance
    return _Line(
        cells,
        tuple(gap for gap in gaps if gap >= 0),
        right,
        left,
        max((cell.above for cell in cells), default=0.0),
        max((cell.below for cell in cells), default=0.0),
        last,
    )


def _fits(lines: Sequence[_Line], box: Box, size: float, style: Style) -> bool:
    return _height(lines, style) * size <= box.height + 1e-9 and all(
        (line.left + line.width) * size <= box.width + 1e-9 for line in lines
    )


def _height(lines: Sequence[_Line], style: Style) -> float:
    """Return the height from the first line's ink to the last one's, in ems."""
    return lines[0].above + sum(_steps(lines, style)) + lines[-1].below


def _steps(lines: Sequence[_Line], style: Style) -> list[float]:
    """Return the distances between baselines; tall ink pushes lines apart."""
    return [
        max(style.leading, upper.below + INK_GAP + lower.above) for upper, lower in pairwise(lines)
    ]


def _flowing(cells: Sequence[Cell], box: Box, style: Style) -> Setting:
    """Set as many lines as the box takes at the smallest size."""
    size = style.min_size
    fitting: list[_Line] = []
    consumed = 0
    for line in _lines(cells, box.width / size):
        if not _fits([*fitting, line], box, size, style):
            break
        fitting.append(line)
        consumed += len(line.cells)
        if consumed < len(cells) and cells[consumed].character == "\n":
            consumed += 1
    if not fitting:
        raise TextDoesNotFitError(_place(cells))
    return _placed(fitting, box, size, style, tuple(cells[consumed:]))


def _placed(
    lines: Sequence[_Line], box: Box, size: float, style: Style, rest: tuple[Cell, ...]
) -> Setting:
    baseline = box.y + _top(lines, box, size, style) + lines[0].above * size
    runs: list[TextRun] = []
    for index, step in enumerate([0.0, *_steps(lines, style)]):
        baseline += step * size
        runs += _runs(lines[index], box, size, baseline, style)
    return Setting(tuple(runs), rest, baseline + lines[-1].below * size)


def _top(lines: Sequence[_Line], box: Box, size: float, style: Style) -> float:
    """Return how far below the box's top the first ink begins.

    Places go by the em box, so that neighbours line up whatever their strokes; ink that
    would leave the box by that rule is pushed back.
    """
    spare = max(0.0, box.height - _height(lines, style) * size)
    ems = EM_ABOVE + sum(_steps(lines, style)) + EM_BELOW
    share = {"top": 0.0, "middle": 0.5, "bottom": 1.0}[style.valign]
    em_top = (box.height - ems * size) * share
    return min(max(em_top + (EM_ABOVE - lines[0].above) * size, 0.0), spare)


def _runs(line: _Line, box: Box, size: float, baseline: float, style: Style) -> Iterator[TextRun]:
    """Yield the runs of one line: a new one wherever face or field changes."""
    spare = max(0.0, box.width - (line.left + line.width) * size)
    extra = _stretch(line, spare, size, style.align)
    start = {"centre": spare / 2, "right": spare}.get(style.align, 0.0)
    advances = [
        cell.advance * size + extra.get(index, 0.0) for index, cell in enumerate(line.cells)
    ]
    xs = [0.0] * len(line.cells)
    x = box.x + line.left * size + start
    for index in _places(line.cells):
        xs[index] = x
        x += advances[index]
    first = 0
    for index in range(1, len(line.cells) + 1):
        if index == len(line.cells) or _begins_run(line.cells[index], line.cells[index - 1]):
            cells = line.cells[first:index]
            yield _run(cells, advances[first:index], xs[first], size, baseline, style)
            first = index


def _begins_run(cell: Cell, before: Cell) -> bool:
    """Tell whether a run ends between two cells: at another face or field, or a joined form."""
    joined = bool(cell.source or before.source)
    return joined or (cell.face, cell.field) != (before.face, before.field)


def _places(cells: Sequence[Cell]) -> list[int]:
    """Return the indices of `cells` as they stand from left to right."""
    places: list[int] = []
    for joined, group in groupby(range(len(cells)), key=lambda index: bool(cells[index].source)):
        run = list(group)
        places += reversed(run) if joined else run
    return places


def _stretch(line: _Line, spare: float, size: float, align: Align) -> dict[int, float]:
    """Return how much wider the advance of some cells becomes."""
    if align == "distribute" and len(line.cells) > 1:
        places = tuple(range(len(line.cells) - 1))
    elif align == "justify" and not line.last and line.gaps:
        places = line.gaps
    else:
        return {}
    each = spare / len(places)
    if align == "justify" and each > MAX_STRETCH * size:
        return {}
    return dict.fromkeys(places, each)


def _run(
    cells: Sequence[Cell],
    advances: Sequence[float],
    x: float,
    size: float,
    baseline: float,
    style: Style,
) -> TextRun:
    above = max(cell.above for cell in cells) * size
    below = max(cell.below for cell in cells) * size
    left, right, origin = x, x, x
    for cell, advance in zip(cells, advances, strict=True):
        if not cell.is_space:
            left = min(left, origin + cell.left * size)
            right = max(right, origin + (cell.advance + cell.right) * size)
        origin += advance
    return TextRun(
        "".join(cell.character for cell in cells),
        cells[0].face,
        size,
        x,
        baseline,
        tuple(advances),
        style.colour,
        Box(left, baseline - above, right - left, above + below),
        cells[0].field,
        cells[0].source or None,
    )
