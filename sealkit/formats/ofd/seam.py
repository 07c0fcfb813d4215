"""Seam stamps (骑缝章): one seal across the edges of several pages.

Rules of `docs/standards.md` (as an open implementation draws them): with n pages, the slice
is s = w/n wide, page i of width W shows Clip ``i·s 0 s h`` of a Boundary that begins at
W − (i+1)·s, so that its slice ends at the page's right edge and the rest lies off the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass

MIN_SLICE_MM = 2.0


@dataclass(frozen=True, slots=True)
class StampPlacement:
    """Where a seal's picture goes; millimetres from the page's top left."""

    page_index: int
    x_mm: float
    y_mm: float
    width_mm: float
    height_mm: float
    clip: tuple[float, float, float, float] | None = None
    """x, y, width, height relative to the picture's corner; None shows all of it."""


def seam(
    page_widths_mm: Sequence[float], *, y_mm: float, width_mm: float, height_mm: float
) -> tuple[StampPlacement, ...]:
    """Return one placement for each page, right edge.

    Raises:
        ValueError: if there is no page, or a slice would be too thin to be read.
    """
    if not page_widths_mm:
        raise ValueError("a seam stamp needs pages")
    part = width_mm / len(page_widths_mm)
    if part < MIN_SLICE_MM and len(page_widths_mm) > 1:
        raise ValueError("slices too thin: stamp groups of pages instead")
    return tuple(
        StampPlacement(
            index,
            page_width - (index + 1) * part,
            y_mm,
            width_mm,
            height_mm,
            (index * part, 0.0, part, height_mm),
        )
        for index, page_width in enumerate(page_widths_mm)
    )
