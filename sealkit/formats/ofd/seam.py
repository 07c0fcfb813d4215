"""Where a seal's picture goes: one place, or the edges of many pages (骑缝章).

As an open implementation draws them (no product's file was at hand): with n pages, the slice
is s = w/n wide, page i of width W shows Clip ``i·s 0 s h`` of a Boundary that begins at
W - (i+1)·s, so that its slice ends at the page's right edge and the rest lies off the page.
On the left edge page i shows slice n-1-i: laid open, the picture reads from the last page.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sealkit.formats.ofd.simple_types import Box

MIN_SLICE_MM: Final = 3.0
"""Narrower slices cannot be read; more pages than fit are stamped in groups."""


@dataclass(frozen=True, slots=True)
class StampPlacement:
    """Where a seal's picture goes; millimetres from the page's top left."""

    page_index: int
    x_mm: float
    y_mm: float
    width_mm: float
    height_mm: float
    clip: Box | None = None
    """The part that shows, relative to the picture's corner; None shows all of it."""


def seam(
    page_widths_mm: Sequence[float],
    *,
    y_mm: float,
    width_mm: float,
    height_mm: float,
    edge: Literal["right", "left"] = "right",
    margin_mm: float = 0.0,
) -> tuple[StampPlacement, ...]:
    """Return one placement for each page.

    Where a slice would be under `MIN_SLICE_MM`, the picture is repeated over groups of
    pages as even as can be. `margin_mm` is what a printer leaves blank at the edge.

    Raises:
        ValueError: if there is no page, or the picture is no wider than one slice.
    """
    if not page_widths_mm or width_mm < MIN_SLICE_MM:
        raise ValueError("a seam stamp needs pages, and a picture that can be cut")
    placements = []
    for group in _groups(len(page_widths_mm), width_mm):
        part = width_mm / len(group)
        for position, index in enumerate(group):
            if edge == "right":
                shown = position
                x = page_widths_mm[index] - (position + 1) * part - margin_mm
            else:
                shown = len(group) - 1 - position
                x = -shown * part + margin_mm
            clip = (shown * part, 0.0, part, height_mm)
            placements.append(StampPlacement(index, x, y_mm, width_mm, height_mm, clip))
    return tuple(placements)


def _groups(pages: int, width_mm: float) -> Iterator[range]:
    count = math.ceil(pages / math.floor(width_mm / MIN_SLICE_MM))
    for number in range(count):
        yield range(pages * number // count, pages * (number + 1) // count)
