"""From a record and its kind's layout to the items of each page."""

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final

from issuance.render.annotation import Annotation, annotation_runs
from issuance.render.code_drawing import Matrix, code_shapes
from issuance.render.continuation import Overflow, continuation_pages
from issuance.render.curves import line, rectangle
from issuance.render.errors import MissingGlyphError, TextDoesNotFitError
from issuance.render.faces import MAX_CACHED, FaceKey, face_key, kind_of, layout_of
from issuance.render.items import Box, ComposedLicence, Page, Shape, TextRun
from issuance.render.layout import PLACEHOLDER, Content, Layout, Row, Table
from issuance.render.line_breaking import Cell
from issuance.render.ornament import background
from issuance.render.pictures import placed_pictures
from issuance.render.printed_values import PrintedValues
from issuance.render.typefaces import is_visible
from issuance.render.typesetting import Style, cells_of, set_literal, set_text
from sealkit.record import LicenceRecord

DEMONSTRATION: Final = "demonstration"
ORIGINAL: Final = "original"


def compose(
    record: LicenceRecord,
    code: Matrix,
    *,
    demonstration: bool,
    annotation: Annotation | None = None,
) -> ComposedLicence:
    """Place everything that the licence of `record` shows, but for its seal.

    `code` is the modules of the two-dimensional code, rows of dark and light. With
    `annotation` it is the page of a copy, which has no code.

    Raises:
        UnknownLayoutError: for a kind without a layout.
        MissingGlyphError: for a value with a character that cannot be printed.
        TextDoesNotFitError: for a value that its place cannot hold.
    """
    key = face_key(record)
    layout = layout_of(key)
    _refuse_invisible(record)
    sheet = _Sheet(layout, PrintedValues(record, kind_of(record)), demonstration=demonstration)
    sheet.is_copy = annotation is not None
    for text in layout.text:
        sheet.add(text, text.box, text.text)
    for field in layout.field:
        sheet.add_label(field.label, _left(field.box, field.label_width), field.label_style)
        sheet.add(field, _right(field.box, field.label_width + field.gap), field.label)
    for table in layout.table:
        sheet.add_table(table)
    if annotation is None:
        sheet.shapes += code_shapes(code, layout.code.box)
    else:
        sheet.runs += annotation_runs(annotation, layout.code.box)
    first = Page(
        (*_drawn_once(key), *sheet.shapes), tuple(sheet.runs), placed_pictures(record, layout)
    )
    return ComposedLicence(
        record.kind_name,
        layout.page.width,
        layout.page.height,
        shared_background(key.kind),
        (first, *sheet.continuation()),
        layout.seal.centre,
    )


@cache
def shared_background(kind: str) -> tuple[Shape, ...]:
    """Return what all pages of a kind show under their text; drawn once per process."""
    return background(layout_of(FaceKey(kind)))


@lru_cache(maxsize=MAX_CACHED)
def _drawn_once(key: FaceKey) -> tuple[Shape, ...]:
    """Return panels, rules and table lines: the same on the first page of every licence."""
    layout = layout_of(key)
    shapes = [
        Shape(rectangle(panel.box), panel.fill, panel.stroke, panel.line_width)
        for panel in layout.panel
    ]
    shapes += (
        Shape(line(*rule.start, *rule.end), None, rule.stroke, rule.line_width)
        for rule in layout.rule
    )
    for table in layout.table:
        shapes += _table_lines(table)
    return tuple(shapes)


def _refuse_invisible(record: LicenceRecord) -> None:
    """Refuse characters without any form: XML cannot carry them either (XML 1.0, 2.2)."""
    for name, value in record.metadata().items():
        for character in value:
            if not (is_visible(character) or character == "\n"):
                raise MissingGlyphError(character, name)


class _Sheet:
    """The first page as it fills up."""

    def __init__(self, layout: Layout, values: PrintedValues, *, demonstration: bool) -> None:
        self._layout = layout
        self._values = values
        self._demonstration = demonstration
        self._overflows: list[Overflow] = []
        self.runs: list[TextRun] = []
        self.shapes: list[Shape] = []
        self.is_copy = False

    def add(self, content: Content, box: Box, label: str) -> None:
        """Set a template into its box."""
        if content.only == DEMONSTRATION and not self._demonstration:
            return
        if content.only == ORIGINAL and self.is_copy:
            return
        style = self._layout.style(content.style)
        if not (content.repeat or content.flows or PLACEHOLDER.search(content.text)):
            self.runs += set_literal(content.text, box, style).runs
            return
        cells = cells_of(self._values.spans(content), style)
        try:
            self.runs += set_text(cells, box, style).runs
        except TextDoesNotFitError:
            if not content.flows:
                raise
            self._break_off(cells, box, style, label)

    def add_label(self, label: str, box: Box, style_name: str) -> None:
        """Set a label into its box."""
        style = self._layout.style(style_name)
        self.runs += set_literal(label, box, style).runs

    def add_table(self, table: Table) -> None:
        """Set the rows of a table; its lines are drawn elsewhere."""
        for row, box in _rows(table):
            label = _padded(_left(box, table.label_width), table.padding)
            self.add_label(row.label, label, table.label_style)
            value = _padded(_right(box, table.label_width), table.padding)
            self.add(row, value, row.label)

    def continuation(self) -> tuple[Page, ...]:
        """Return the pages on which too long texts go on; usually none."""
        if not self._overflows:
            return ()
        return continuation_pages(self._layout, self._overflows, self._values)

    def _break_off(self, cells: tuple[Cell, ...], box: Box, style: Style, label: str) -> None:
        entry = self._layout.continuation
        marker_style = self._layout.style(entry.marker_style)
        strip = min(marker_style.size * 1.3, box.height)
        upper = Box(box.x, box.y, box.width, max(box.height - strip, 0.001))
        lower = Box(box.x, box.bottom - strip, box.width, strip)
        rest = cells
        try:
            setting = set_text(cells, upper, style, may_flow=True)
        except TextDoesNotFitError:
            pass  # the box holds the marker only; the whole text goes on the next page
        else:
            self.runs += setting.runs
            rest = setting.rest
        self.runs += set_literal(entry.marker, lower, marker_style).runs
        self._overflows.append(Overflow(label, rest))


def _rows(table: Table) -> Iterator[tuple[Row, Box]]:
    total = sum(row.weight for row in table.row)
    top = table.box.y
    for row in table.row:
        height = table.box.height * row.weight / total
        yield row, Box(table.box.x, top, table.box.width, height)
        top += height


def _table_lines(table: Table) -> Iterator[Shape]:
    frame = Shape(rectangle(table.box), None, table.stroke, table.line_width * 2)
    yield frame
    for _, box in list(_rows(table))[1:]:
        yield Shape(line(box.x, box.y, box.right, box.y), None, table.stroke, table.line_width)
    split = table.box.x + table.label_width
    yield Shape(
        line(split, table.box.y, split, table.box.bottom), None, table.stroke, table.line_width
    )


def _left(box: Box, width: float) -> Box:
    return Box(box.x, box.y, width, box.height)


def _right(box: Box, width: float) -> Box:
    return Box(box.x + width, box.y, box.width - width, box.height)


def _padded(box: Box, by: float) -> Box:
    return Box(box.x + by, box.y + by * 0.7, box.width - 2 * by, box.height - 1.4 * by)
