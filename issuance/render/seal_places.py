"""Where the seals of a licence go: side by side on its first page, and over all edges (骑缝章).

The first stands where the layout says. Each further one stands to the left of the one before,
so that no two pictures meet; one that would leave the page stands above the first instead.
"""

from collections.abc import Sequence
from typing import Final

from sealkit.formats.ofd.seam import StampPlacement, seam

GAP_MM: Final = 3.0
"""Between two seals."""
EDGE_MM: Final = 6.0
"""What stays free of seals at the edge of the page, but for a seam seal."""

Size = tuple[float, float]
"""Width and height, millimetres."""


def places(
    centre: tuple[float, float],
    sizes: Sequence[Size],
    *,
    page: Size,
    pages: int,
    seam_seal: bool,
) -> tuple[tuple[StampPlacement, ...], ...]:
    """Return the stamps of each seal; the first has one more on each page if `seam_seal`.

    A licence of one page has no seam.
    """
    found: list[tuple[StampPlacement, ...]] = []
    x, y = centre
    right = x + sizes[0][0] / 2
    level = y
    for width, height in sizes:
        if right - width < EDGE_MM:
            right = x + width / 2
            level -= height + GAP_MM
        stamp = StampPlacement(0, right - width, level - height / 2, float(width), float(height))
        found.append((stamp,))
        right -= width + GAP_MM
    if seam_seal and pages > 1:
        found[0] += _over_the_edges(page, pages, sizes[0])
    return tuple(found)


def _over_the_edges(page: Size, pages: int, size: Size) -> tuple[StampPlacement, ...]:
    width, height = size
    return seam(
        (page[0],) * pages,
        y_mm=(page[1] - height) / 2,
        width_mm=float(width),
        height_mm=float(height),
    )
