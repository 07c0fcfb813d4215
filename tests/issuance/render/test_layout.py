"""Layout files: those we ship, and every way to write one wrongly."""

import pytest

from issuance.model import load_kinds
from issuance.render.errors import LayoutError, UnknownLayoutError
from issuance.render.layout import DIRECTORY, load_layout, parse_layout

NAMES = sorted(path.stem for path in DIRECTORY.glob("*.toml"))
SOURCE = (DIRECTORY / "business_licence.toml").read_text("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_shipped_layout_prints_fields_of_its_kind(name):
    known = {field.name for field in load_kinds()[name].fields}
    assert load_layout(name).field_names <= known


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("box = [95, 26, 107, 25]", "box = [95, 26, 107]", "x, y, width, height"),
        ("box = [95, 26, 107, 25]", "box = [95, 26, 0, 25]", "positive width"),
        ("box = [95, 26, 107, 25]", "box = [295, 26, 107, 25]", "off the page"),
        ('tint = "#fffaf0"', 'tint = "ivory"', "#rrggbb"),
        ('style = "title"', 'style = "titel"', "no such style: titel"),
        ('text = "{uscc}"', 'text = "{uscc"', "broken placeholder"),
        ('text = "{uscc}"', 'text = "{USCC}"', "broken placeholder"),
        ('text = "{uscc}"', 'text = "{holder_code}"', "repeat"),
        ('face = "song-bold"', 'face = "arial"', "face"),
        ("[code]", "[kode]", "kode"),
        ("width = 297", "width = -297", "greater than 0"),
        ("width = 297", "width = ", "Invalid value"),
        ('only = "demonstration"', 'only = "sundays"', "demonstration"),
    ],
)
def test_mistake_is_named_with_its_file(old, new, complaint):
    assert old in SOURCE
    with pytest.raises(LayoutError, match=r"layout mine\.toml") as refusal:
        parse_layout(SOURCE.replace(old, new, 1), "mine.toml")
    assert complaint in str(refusal.value)


@pytest.mark.parametrize("name", ["", "no_such_kind", "../layouts/business_licence", "A", "a" * 99])
def test_unknown_kind_has_no_layout(name):
    with pytest.raises(UnknownLayoutError):
        load_layout(name)
