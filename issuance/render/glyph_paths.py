"""Glyph outlines as SVG path data, so that a drawing needs no font where it is shown."""

from collections.abc import Callable, Iterator, Sequence

from issuance.render.numbers import fixed
from issuance.render.truetype import Point
from issuance.render.typefaces import face, face_for

Placement = Callable[[float, float], tuple[float, float]]
"""Where a point of the em square goes; the square is 0 to 1, y upwards from the baseline."""


def glyph_path(character: str, face_name: str, placement: Placement, place: str) -> str:
    """Return the outline of `character` as path data, each point moved by `placement`.

    `placement` must be affine, for curves are moved by their control points.

    Raises:
        MissingGlyphError: if no face holds the character; `place` is what it calls it.
    """
    chosen = face(face_for(character, face_name, place))
    unit = chosen.units_per_em

    def moved(x: float, y: float) -> str:
        across, down = placement(x / unit, y / unit)
        return f"{fixed(across)} {fixed(down)}"

    contours = chosen.outline(chosen.characters[character])
    return "".join(step for contour in contours for step in _contour(contour, moved))


def _contour(points: Sequence[Point], moved: Callable[[float, float], str]) -> Iterator[str]:
    """Yield one closed contour; between two off-curve points lies a point on the curve."""
    full = list(_with_implied(points))
    first = next(index for index, point in enumerate(full) if point.on_curve)
    turned = full[first:] + full[:first] + [full[first]]
    yield f"M{moved(turned[0].x, turned[0].y)}"
    control: Point | None = None
    for point in turned[1:]:
        if not point.on_curve:
            control = point
        elif control:
            yield f"Q{moved(control.x, control.y)} {moved(point.x, point.y)}"
            control = None
        else:
            yield f"L{moved(point.x, point.y)}"
    yield "Z"


def _with_implied(points: Sequence[Point]) -> Iterator[Point]:
    previous = points[-1]
    for point in points:
        if not previous.on_curve and not point.on_curve:
            yield Point((previous.x + point.x) / 2, (previous.y + point.y) / 2, True)
        yield point
        previous = point
