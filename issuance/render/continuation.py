"""Continuation pages (附页): where a text goes on that its box cannot hold."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from issuance.render.items import Box, Page, TextRun
from issuance.render.layout import Content, Layout
from issuance.render.line_breaking import Cell
from issuance.render.printed_values import PrintedValues
from issuance.render.typesetting import Span, Style, cells_of, set_text

GAP: float = 4.0
"""White between two texts, millimetres."""


@dataclass(frozen=True, slots=True)
class Overflow:
    """The part of a text that its box could not hold."""

    label: str
    cells: tuple[Cell, ...]


def continuation_pages(
    layout: Layout, overflows: Sequence[Overflow], values: PrintedValues
) -> tuple[Page, ...]:
    """Return the pages on which `overflows` go on, in their order."""
    flow = _Flow(layout)
    for overflow in overflows:
        flow.add(overflow)
    pages = len(flow.pages)
    entry = layout.continuation
    heading = Content(text=entry.title, style=entry.title_style)
    titled = []
    for number, runs in enumerate(flow.pages, start=2):
        place = Span(f"（第{number}页，共{pages + 1}页）")
        style = layout.style(entry.title_style)
        cells = cells_of([*values.spans(heading), place], style)
        titled.append(Page((), (*set_text(cells, entry.title_box, style).runs, *runs)))
    return tuple(titled)


class _Flow:
    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._region: Box = layout.continuation.box
        self._top = self._region.y
        self.pages: list[list[TextRun]] = []
        self._new_page()

    def add(self, overflow: Overflow) -> None:
        entry = self._layout.continuation
        # What a label spreads over, or stands in the middle of, is its box on the first page.
        label_style = replace(self._layout.style(entry.label_style), align="left", valign="top")
        style = replace(self._layout.style(entry.style), valign="top")
        self._set(cells_of([Span(f"{overflow.label}（续）")], label_style), label_style)
        rest = overflow.cells
        while rest:
            setting = set_text(rest, self._free(), style, may_flow=True)
            self.pages[-1] += setting.runs
            self._top = setting.bottom + GAP
            rest = setting.rest
            if rest:
                self._new_page()

    def _set(self, cells: tuple[Cell, ...], style: Style) -> None:
        # A label never stands alone at the foot of a page: some lines must follow it there.
        if self._region.bottom - self._top < 6 * style.size:
            self._new_page()
        setting = set_text(cells, self._free(), style)
        self.pages[-1] += setting.runs
        self._top = setting.bottom + GAP / 2

    def _new_page(self) -> None:
        self.pages.append([])
        self._top = self._region.y

    def _free(self) -> Box:
        height = max(self._region.bottom - self._top, 0.001)
        return Box(self._region.x, self._top, self._region.width, height)
