"""Drawing a report as PDF, with the typefaces and the PDF writer that licences have.

Deterministic but for what is passed in. Evidence quotes hostile documents: a character that
no typeface of ours holds is shown as a replacement mark, never refused and never left out.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from issuance.render.curves import rectangle
from issuance.render.errors import TextDoesNotFitError
from issuance.render.items import Box, Colour, Page, Shape, TextRun
from issuance.render.line_breaking import SPACES
from issuance.render.numbers import fixed
from issuance.render.pdf_content import page_content
from issuance.render.pdf_file import PDFFile, text_string
from issuance.render.pdf_fonts import embed_font
from issuance.render.pdf_page import POINTS, PRODUCER
from issuance.render.subset import FontSubset, subset
from issuance.render.typefaces import FALLBACK, face
from issuance.render.typesetting import Span, Style, cells_of, set_text
from yinxin.report_lines import Line, Weight, lines_of
from yinxin.words import words

WIDTH: Final = 210.0
HEIGHT: Final = 297.0
MARGIN: Final = 18.0
ATTACHMENT: Final = "report.jws"
MAX_PAGES: Final = 40
"""A hostile document can cause any number of findings; the token names how many there were."""

_INK: Final = Colour(27, 36, 48)
_QUIET: Final = Colour(85, 96, 110)
_VERDICTS: Final = {
    "valid": Colour(11, 107, 58),
    "invalid": Colour(163, 22, 27),
    "cannot_say": Colour(122, 75, 0),
}
_SPACE_BEFORE: Final[dict[Weight, float]] = {
    "title": 0.0,
    "verdict": 4.0,
    "heading": 5.0,
    "text": 1.3,
    "quiet": 0.6,
}
_REPLACEMENT: Final = "□"


def draw_report(members: Mapping[str, Any], *, signed: str | None, at: datetime) -> bytes:
    """Return the report as an unsigned PDF; `signed` is attached as `report.jws`."""
    pages = tuple(_pages(lines_of(members, signed), members["verdict"]))
    characters: dict[str, set[str]] = {}
    for page in pages:
        for run in page.runs:
            characters.setdefault(run.face, set()).update(run.text)
    fonts = {name: subset(face(name), found) for name, found in characters.items()}
    return _file(pages, fonts, signed, at)


def _pages(lines: Iterable[Line], verdict: str) -> Iterator[Page]:
    column = _Column(verdict)
    for line in lines:
        column.add(line)
        if len(column.pages) >= MAX_PAGES:
            break
    yield from column.finish()


class _Column:
    """Paragraphs one under another; a page ends where the next line would not fit."""

    def __init__(self, verdict: str) -> None:
        self.pages: list[Page] = []
        self._colour = _VERDICTS[verdict]
        self._shapes: list[Shape] = []
        self._runs: list[TextRun] = []
        self._y = MARGIN

    def add(self, line: Line) -> None:
        """Set one paragraph, over as many pages as it takes."""
        style = _style(line.weight, self._colour)
        self._y += _SPACE_BEFORE[line.weight] if self._runs else 0.0
        top = self._y
        cells = cells_of([Span(_printable(line.text))], style)
        while cells:
            box = Box(MARGIN + 4, self._y, WIDTH - 2 * MARGIN - 4, HEIGHT - MARGIN - self._y)
            try:
                setting = set_text(cells, box, style, may_flow=True)
            except TextDoesNotFitError:
                top = self._turn()
                continue
            self._runs += setting.runs
            self._y, cells = setting.bottom, setting.rest
        if line.weight == "verdict":
            bar = rectangle(Box(MARGIN, top, 1.6, self._y - top))
            self._shapes.append(Shape(bar, fill=self._colour))

    def finish(self) -> list[Page]:
        """Return all pages, numbered."""
        self._turn()
        return self.pages

    def _turn(self) -> float:
        number = _set_at(f"{len(self.pages) + 1}", HEIGHT - MARGIN + 4)
        self.pages.append(Page(tuple(self._shapes), (*self._runs, *number)))
        self._shapes, self._runs, self._y = [], [], MARGIN
        return self._y


def _set_at(text: str, y: float) -> tuple[TextRun, ...]:
    style = _style("quiet", _QUIET)
    return set_text(cells_of([Span(text)], style), Box(MARGIN, y, 40, 6), style).runs


def _style(weight: Weight, verdict: Colour) -> Style:
    size = {"title": 6.2, "verdict": 9.0, "heading": 4.4, "text": 3.7, "quiet": 3.0}[weight]
    bold = "song-bold" if weight in ("title", "verdict", "heading") else "song"
    colour = {"verdict": verdict, "quiet": _QUIET}.get(weight, _INK)
    return Style(bold, bold, size, size, 1.45, colour)


def _printable(text: str) -> str:
    known = face(FALLBACK).characters
    return "".join(
        character if character in known or character in SPACES else _REPLACEMENT
        for character in text
    )


def _file(
    pages: tuple[Page, ...], fonts: Mapping[str, FontSubset], signed: str | None, at: datetime
) -> bytes:
    file = PDFFile()
    tree = file.reserve()
    names = " ".join(
        f"/{_font(name)} {embed_font(file, face(name), fonts[name])}" for name in fonts
    )
    resources = file.add(f"<< /Font << {names} >> >>")
    kids = [_page(file, page, fonts, resources, tree) for page in pages]
    file.fill(tree, f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>")
    attached = _attachment(file, signed) if signed else ""
    root = file.add(
        f"<< /Type /Catalog /Pages {tree} /Lang (zh-CN) {attached}"
        "/ViewerPreferences << /DisplayDocTitle true >> >>"
    )
    information = file.add(
        f"<< /Title {text_string(words().zh('report.title'))} /Producer ({PRODUCER}) "
        f"/CreationDate (D:{at:%Y%m%d%H%M%S}Z) >>"
    )
    return file.finish(root, information)


def _page(
    file: PDFFile, page: Page, fonts: Mapping[str, FontSubset], resources: str, tree: str
) -> str:
    scale, height = fixed(POINTS, 6), fixed(HEIGHT * POINTS)
    drawn = page_content(page, dict(fonts), _font)
    lines = [f"q {scale} 0 0 -{scale} 0 {height} cm", *drawn, "Q"]
    content = file.add_stream("", "\n".join(lines).encode("ascii"))
    return file.add(
        f"<< /Type /Page /Parent {tree} /MediaBox [0 0 {fixed(WIDTH * POINTS)} {height}] "
        f"/Resources {resources} /Contents {content} >>"
    )


def _attachment(file: PDFFile, signed: str) -> str:
    token = signed.encode()
    stream = file.add_stream(
        f"/Type /EmbeddedFile /Subtype /application#2Fjose /Params << /Size {len(token)} >>", token
    )
    specification = file.add(
        f"<< /Type /Filespec /F ({ATTACHMENT}) /UF {text_string(ATTACHMENT)} "
        f"/AFRelationship /Data /EF << /F {stream} /UF {stream} >> >>"
    )
    return (
        f"/Names << /EmbeddedFiles << /Names [({ATTACHMENT}) {specification}] >> >> "
        f"/AF [{specification}] "
    )


def _font(name: str) -> str:
    return name.replace("-", "").capitalize()
