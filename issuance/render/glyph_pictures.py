"""Pictures of characters that no typeface holds, as a department supplies them.

What is taken, and nothing else:

* SVG: a square `viewBox`, and in it `path` elements alone (in `g` or not), without transform,
  arcs or `evenodd`. The square is the ideograph's em box.
* PNG: square, 64 to 512 pixels; what is darker than the middle is ink, its edge becomes the
  outline.

Either becomes closed contours of a TrueType glyph: thousandths of an em, y upwards.
"""

import io
import re
from collections.abc import Iterator, Sequence
from typing import Final

from PIL import Image, UnidentifiedImageError

from issuance.render.truetype import Point
from sealkit.errors import MalformedError
from sealkit.formats.ofd.errors import OFDError
from sealkit.formats.ofd.xml import Element
from sealkit.formats.ofd.xml import parse as parse_xml

Contour = list[Point]
Contours = tuple[Contour, ...]
Pair = tuple[float, float]

MAX_PICTURE_BYTES: Final = 64 * 1024
MAX_POINTS: Final = 8000
"""A busy ideograph has some 300."""
EM: Final = 1000
DESCENT: Final = 120
"""The em box reaches this far below the baseline, as in the typefaces that ship."""
PIXEL_SIDES: Final = range(64, 513)
PNG_MAGIC: Final = b"\x89PNG\r\n\x1a\n"
QUADRATICS: Final = 4
"""A cubic curve is cut into so many quadratic ones; the eye sees no difference in an em."""

_SVG: Final = "{http://www.w3.org/2000/svg}"
_TOKEN: Final = re.compile(
    r"([MLHVCSQTZmlhvcsqtz])|([+-]?(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9}))|[\s,]+"
)
_ARITY: Final = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "Z": 0}
_ATTRIBUTES: Final = frozenset({"d", "fill", "id", "class", "fill-rule"})


def contours_of(picture: bytes) -> Contours:
    """Return the outline that a picture of a character shows.

    Raises:
        MalformedError: if it is not a picture as the module describes, or shows nothing.
    """
    if len(picture) > MAX_PICTURE_BYTES:
        raise MalformedError(f"a picture of a character has at most {MAX_PICTURE_BYTES} bytes")
    contours = _from_png(picture) if picture.startswith(PNG_MAGIC) else _from_svg(picture)
    if sum(map(len, contours)) > MAX_POINTS:
        raise MalformedError(f"the outline has more than {MAX_POINTS} points: draw it simpler")
    if not any(_area(contour) for contour in contours):
        raise MalformedError("the picture shows nothing")
    return contours


def _area(contour: Contour) -> bool:
    return len({round(p.x) for p in contour}) > 1 and len({round(p.y) for p in contour}) > 1


def _from_svg(picture: bytes) -> Contours:
    try:
        root = parse_xml(picture)
    except OFDError as error:
        raise MalformedError("the picture is neither PNG nor well-formed SVG") from error
    if root.tag != f"{_SVG}svg":
        raise MalformedError("the picture is XML, but not SVG")
    left, top, side = _view(root.get("viewBox", ""))

    def placed(x: float, y: float) -> Point:
        if not (left <= x <= left + side and top <= y <= top + side):
            raise MalformedError("the outline leaves the viewBox")
        return Point(
            round((x - left) * EM / side), round(EM - DESCENT - (y - top) * EM / side), True
        )

    found: list[Contour] = []
    for path in _paths(root):
        for steps in _subpaths(path):
            contour = [placed(*step[:2])._replace(on_curve=step[2]) for step in steps]
            if len(contour) > 2:
                found.append(contour)
    return tuple(found)


def _view(text: str) -> tuple[float, float, float]:
    parts = re.split(r"[\s,]+", text.strip())
    if len(parts) != 4 or not all(re.fullmatch(r"-?\d{1,6}(\.\d{1,6})?", part) for part in parts):
        raise MalformedError("viewBox must be four plain numbers")
    left, top, width, height = map(float, parts)
    if width != height or width <= 0:
        raise MalformedError("viewBox must be a square: the em box of the character")
    return left, top, width


def _paths(root: Element) -> Iterator[str]:
    for element in root.iter():
        name = str(element.tag).removeprefix(_SVG)
        if name not in ("svg", "g", "path", "title", "desc"):
            raise MalformedError(f"only path elements are taken, not {name[:40]}: convert to paths")
        if element.get("transform") or element.get("style"):
            raise MalformedError("transform and style are not taken: apply them to the path")
        if name != "path":
            continue
        if surplus := set(element.keys()) - _ATTRIBUTES:
            raise MalformedError(f"a path has d and fill alone, not {min(surplus)[:40]}")
        if element.get("fill") == "none" or element.get("fill-rule", "nonzero") != "nonzero":
            raise MalformedError("a path must be filled by the nonzero rule")
        yield element.get("d", "")


def _commands(text: str) -> Iterator[tuple[str, list[float]]]:
    """Yield commands with their numbers, repeated ones apart; M's further pairs are L."""
    operator, numbers, at = "", list[float](), 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            raise MalformedError("a path may say M L H V C S Q T Z with plain numbers; no arcs")
        at = token.end()
        if token[1]:
            if numbers:
                raise MalformedError("a command of a path lacks numbers")
            operator = token[1]
            if operator in "Zz":
                yield "Z", []
        elif token[2]:
            numbers.append(float(token[2]))
            if not operator or operator in "Zz":
                raise MalformedError("a path has a number without a command")
            if len(numbers) == _ARITY[operator.upper()]:
                yield operator, numbers
                numbers = []
                operator = {"M": "L", "m": "l"}.get(operator, operator)
    if numbers:
        raise MalformedError("a command of a path lacks numbers")


Step = tuple[float, float, bool]


def _subpaths(text: str) -> Iterator[list[Step]]:
    """Yield each closed contour as points, on the curve or controls of quadratic curves."""
    points: list[Step] = []
    here = start = control = (0.0, 0.0)
    before = ""
    for operator, numbers in _commands(text):
        kind = operator.upper()
        if kind in "MZ":
            yield points
            points = []
        if kind == "Z":
            here, before = start, kind
            continue
        pairs = _absolute(operator, numbers, here)
        if kind == "M":
            start = pairs[0]
        elif not points:
            points.append((*here, True))
        if kind in "ST":
            smooth = before in {"S": "CS", "T": "QT"}[kind]
            mirrored = (2 * here[0] - control[0], 2 * here[1] - control[1]) if smooth else here
            pairs = [mirrored, *pairs]
        control = pairs[-2] if kind in "CSQT" else pairs[-1]
        points += _curve(here, pairs) if kind in "CSQT" else [(*pairs[-1], True)]
        if len(points) > MAX_POINTS:
            raise MalformedError(f"the outline has more than {MAX_POINTS} points: draw it simpler")
        here, before = pairs[-1], kind
    yield points


def _absolute(operator: str, numbers: Sequence[float], here: Pair) -> list[Pair]:
    base = here if operator.islower() else (0.0, 0.0)
    if operator in "Hh":
        return [(base[0] + numbers[0], here[1])]
    if operator in "Vv":
        return [(here[0], base[1] + numbers[0])]
    return [(base[0] + x, base[1] + y) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]


def _curve(start: Pair, pairs: Sequence[Pair]) -> Iterator[Step]:
    """Yield what follows `start` on a curve: two pairs are quadratic, three cubic."""
    if len(pairs) == 2:
        yield (*pairs[0], False)
        yield (*pairs[1], True)
        return
    places = (start, *pairs)
    for part in range(QUADRATICS):
        t, u = part / QUADRATICS, (part + 1) / QUADRATICS
        # A quadratic piece meets the cubic at both ends with the tangents' mean control point.
        (ax, ay), (bx, by) = _cubic(places, t), _cubic(places, u)
        (mx, my) = _cubic(places, (t + u) / 2)
        yield 2 * mx - (ax + bx) / 2, 2 * my - (ay + by) / 2, False
        yield bx, by, True


def _cubic(places: Sequence[Pair], t: float) -> Pair:
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
    x, y = (sum(w * p[axis] for w, p in zip(weights, places, strict=True)) for axis in (0, 1))
    return x, y


def _from_png(picture: bytes) -> Contours:
    try:
        with Image.open(io.BytesIO(picture), formats=("PNG",)) as opened:
            side = opened.width
            if opened.width != opened.height or side not in PIXEL_SIDES:
                raise MalformedError("a PNG must be square, 64 to 512 pixels a side")
            seen = Image.new("RGBA", opened.size, "white")
            seen.alpha_composite(opened.convert("RGBA"))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise MalformedError("the picture is a damaged PNG") from error
    grey = seen.convert("L").tobytes()
    dark = {divmod(place, side) for place, value in enumerate(grey) if value < 128}
    scale = EM / side
    return tuple(
        [Point(round(x * scale), round(EM - DESCENT - y * scale), True) for x, y in loop]
        for loop in _edges(dark)
    )


def _edges(dark: set[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Yield the corners of each edge round the pixels (row, column) in `dark`, ink to the right."""
    leaving: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for row, column in sorted(dark):
        for start, end, beyond in (
            ((column, row), (column + 1, row), (row - 1, column)),
            ((column + 1, row), (column + 1, row + 1), (row, column + 1)),
            ((column + 1, row + 1), (column, row + 1), (row + 1, column)),
            ((column, row + 1), (column, row), (row, column - 1)),
        ):
            if beyond not in dark:
                leaving.setdefault(start, []).append(end)
    while leaving:
        at = next(iter(leaving))
        loop: list[tuple[int, int]] = []
        while at in leaving:
            ends = leaving[at]
            following = ends.pop()
            if not ends:
                del leaving[at]
            loop.append(at)
            at = following
        yield [
            point
            for point, before, after in zip(
                loop, loop[-1:] + loop, loop[1:] + loop[:1], strict=False
            )
            if not (before[0] == point[0] == after[0] or before[1] == point[1] == after[1])
        ]
