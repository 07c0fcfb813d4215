"""Single items in both notations."""

import pytest

from issuance.render.code_drawing import bars, code_shapes
from issuance.render.curves import line, rectangle
from issuance.render.items import Box, Colour, Page, Shape
from issuance.render.numbers import fixed
from issuance.render.ofd_objects import path_object
from issuance.render.pdf_content import page_content

RED, BLUE = Colour(255, 0, 0), Colour(0, 0, 255)
SQUARE = rectangle(Box(10, 20, 5, 5))


def _pdf(shape):
    return "".join(page_content(Page((shape,), ()), {}, str))


@pytest.mark.parametrize(
    ("shape", "painted"),
    [
        (Shape(SQUARE, fill=RED), "f"),
        (Shape(SQUARE, stroke=BLUE), "S"),
        (Shape(SQUARE, fill=RED, stroke=BLUE), "B"),
    ],
)
def test_fill_and_stroke_are_said_in_both(shape, painted):
    assert _pdf(shape).endswith(f"h {painted}")
    written = path_object(shape, 7)
    assert f'Fill="{str(shape.fill is not None).lower()}"' in written
    assert f'Stroke="{str(shape.stroke is not None).lower()}"' in written


def test_ofd_counts_from_the_corner_of_the_box():
    assert path_object(Shape(SQUARE, fill=RED), 7) == (
        '<ofd:PathObject ID="7" Boundary="10 20 5 5" Stroke="false" Fill="true">'
        '<ofd:FillColor Value="255 0 0"/>'
        "<ofd:AbbreviatedData>M 0 0 L 5 0 L 5 5 L 0 5 C</ofd:AbbreviatedData></ofd:PathObject>"
    )


def test_level_line_still_has_a_box_with_area():
    assert 'Boundary="0.75 1.75 8.5 0.5"' in path_object(
        Shape(line(1, 2, 9, 2), stroke=RED, line_width=0.25), 7
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (-0.0001, "0"), (1e-9, "0"), (1e7, "10000000"), (1.5, "1.5"), (-2.0, "-2")],
)
def test_lengths_are_short_and_plain(value, text):
    assert fixed(value) == text


def test_bars_cover_each_dark_module_once():
    modules = [[bool((row * 7 + column * 3) % 4 & 1) for column in range(9)] for row in range(9)]
    covered = [
        (row, column)
        for bar in bars(modules)
        for row in range(bar.top, bar.bottom)
        for column in range(bar.left, bar.right)
    ]
    dark = {(r, c) for r, cells in enumerate(modules) for c, cell in enumerate(cells) if cell}
    assert len(covered) == len(set(covered))
    assert set(covered) == dark


def test_code_keeps_its_quiet_zone_inside_the_box():
    ground, code = code_shapes([[True]], Box(0, 0, 20, 18))
    assert ground.path == rectangle(Box(1, 0, 18, 18))
    assert code.path[0] == ("M", (9.0, 8.0))
