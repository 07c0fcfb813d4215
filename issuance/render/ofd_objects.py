"""Items as OFD graphic units (GB/T 33190: PathObject, TextObject, ImageObject).

Every object has its box (`Boundary`), and inside it lengths count from the box's corner.
The box clips, so it is drawn a little wider than the ink.
"""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Final
from xml.sax.saxutils import escape

from issuance.render.items import Box, Colour, Picture, Shape, TextRun
from issuance.render.numbers import fixed

OPERATORS: Final = {"M": "M", "L": "L", "C": "B", "Z": "C"}
"""Our path steps as AbbreviatedData writes them."""
CLEARANCE: Final = 0.2
"""White between ink and the box that clips it, millimetres."""


def path_object(shape: Shape, number: int, digits: int = 3) -> str:
    """Return the PathObject of `shape` under the identifier `number`."""
    box = _boundary(shape)
    across, down = _Offsets(box.x, digits), _Offsets(box.y, digits)
    steps = []
    for operator, numbers in shape.path:
        steps.append(OPERATORS[operator])
        for index in range(0, len(numbers), 2):
            steps += (across[numbers[index]], down[numbers[index + 1]])
    attributes = f' Stroke="{_truth(shape.stroke)}" Fill="{_truth(shape.fill)}"'
    if shape.stroke:
        attributes += f' LineWidth="{fixed(shape.line_width)}"'
    return (
        f'<ofd:PathObject ID="{number}" Boundary="{box_text(box)}"{attributes}>'
        f"{_colour('StrokeColor', shape.stroke)}{_colour('FillColor', shape.fill)}"
        f"<ofd:AbbreviatedData>{' '.join(steps)}</ofd:AbbreviatedData></ofd:PathObject>"
    )


def text_object(run: TextRun, number: int, font: int, glyphs: Mapping[str, int]) -> str:
    """Return the TextObject of `run`; `font` is the identifier of its face in PublicRes.

    A joined form is written as its letters, drawn by the one glyph that `glyphs` gives for it.
    """
    box = Box(
        run.ink.x - CLEARANCE,
        run.ink.y - CLEARANCE,
        max(run.ink.width, 0.0) + 2 * CLEARANCE,
        max(run.ink.height, 0.0) + 2 * CLEARANCE,
    )
    deltas = " ".join(_run_lengths([fixed(advance) for advance in run.advances[:-1]]))
    text, transform = run.text, ""
    if run.source is not None:
        text, deltas = run.source, " ".join("0" * (len(run.source) - 1))
        transform = (
            f'<ofd:CGTransform CodePosition="0" CodeCount="{len(text)}" GlyphCount="1">'
            f"<ofd:Glyphs>{glyphs[run.text]}</ofd:Glyphs></ofd:CGTransform>"
        )
    delta = f' DeltaX="{deltas}"' if deltas else ""
    return (
        f'<ofd:TextObject ID="{number}" Boundary="{box_text(box)}" Font="{font}" '
        f'Size="{fixed(run.size)}">{_colour("FillColor", run.colour)}{transform}'
        f'<ofd:TextCode X="{fixed(run.x - box.x)}" Y="{fixed(run.baseline - box.y)}"{delta}>'
        f"{escape(text)}</ofd:TextCode></ofd:TextObject>"
    )


def image_object(picture: Picture, number: int, resource: int) -> str:
    """Return the ImageObject of `picture`; `resource` is the identifier of its MultiMedia."""
    box = picture.box
    return (
        f'<ofd:ImageObject ID="{number}" Boundary="{box_text(box)}" '
        f'CTM="{fixed(box.width)} 0 0 {fixed(box.height)} 0 0" ResourceID="{resource}"/>'
    )


def box_text(box: Box) -> str:
    """Return `box` as an ST_Box."""
    return " ".join(fixed(number) for number in box)


class _Offsets(dict[float, str]):
    """Places on one axis as text, counted from a box's corner.

    The two-dimensional code has thousands of corners on some sixty places.
    """

    def __init__(self, origin: float, digits: int) -> None:
        self._origin = origin
        self._digits = digits

    def __missing__(self, place: float) -> str:
        text = self[place] = fixed(place - self._origin, self._digits)
        return text


def _run_lengths(values: list[str]) -> Iterator[str]:
    """Yield values, three or more equal ones in the form ``g count value``."""
    start = 0
    for index in range(1, len(values) + 1):
        if index < len(values) and values[index] == values[start]:
            continue
        count = index - start
        if count > 2:
            yield f"g {count} {values[start]}"
        else:
            yield from values[start:index]
        start = index


def _boundary(shape: Shape) -> Box:
    places = [*chain.from_iterable(numbers for _, numbers in shape.path)]
    xs, ys = places[0::2], places[1::2]
    around = shape.line_width if shape.stroke else 0.0
    left, top = min(xs) - around, min(ys) - around
    return Box(left, top, max(xs) + around - left, max(ys) + around - top)


def _colour(name: str, colour: Colour | None) -> str:
    if colour is None:
        return ""
    return f'<ofd:{name} Value="{colour.red} {colour.green} {colour.blue}"/>'


def _truth(colour: Colour | None) -> str:
    return "true" if colour else "false"
