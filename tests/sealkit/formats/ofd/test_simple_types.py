import pytest

from sealkit.formats.ofd.errors import OFDError
from sealkit.formats.ofd.paths import base_folder, folder_of, resolve, resolve_in
from sealkit.formats.ofd.simple_types import (
    box,
    count_advances,
    identifier,
    is_date,
    number,
    numbers,
)

NO_NUMBER = ["", "nan", "inf", "1_0", "1 2", "٣", "0x1", "1.2.3", "--1", "1e999", "e"]


@pytest.mark.parametrize(("text", "value"), [("1", 1), ("-0.5", -0.5), (" .5 ", 0.5), ("1E2", 100)])
def test_numbers(text, value):
    assert number(text) == value


@pytest.mark.parametrize("text", NO_NUMBER)
def test_what_is_no_number(text):
    assert number(text) is None
    assert box(f"0 0 {text} {text}") is None


def test_lists_of_numbers():
    assert numbers("1 2\n3") == [1, 2, 3]
    assert numbers("") == []
    assert numbers("1,2") is None


def test_boxes_have_a_size():
    assert box("1 -2 3.5 4") == (1, -2, 3.5, 4)
    assert box("0 0 210 0") is None
    assert box("0 0 -1 1") is None
    assert box("0 0 1") is None
    assert box("0 0 1 1 1") is None


@pytest.mark.parametrize("text", ["", "-1", "²", "٣", "1.0", " 1", "1" * 19, "a"])
def test_what_is_no_identifier(text):
    assert identifier(text) is None


def test_identifiers():
    assert identifier("007") == 7


@pytest.mark.parametrize(
    "text",
    ["20261123", "2026-11-31", "2026-1-1", "2026-W01-1", "2026-11-23T00:00:00", "０００１-01-01"],
)
def test_what_is_no_date(text):
    assert not is_date(text)


def test_dates():
    assert is_date("2026-11-23")


@pytest.mark.parametrize(
    ("deltas", "count"),
    [
        ("", 0),
        ("4.2", 1),
        ("4.2 4.2", 2),
        ("g 10 6.5297", 10),
        ("1 g 3 2.5 1 1 g 2 4", 8),
        ("g 999999999 1", 999_999_999),
        ("g", None),
        ("g 3", None),
        ("g x 1", None),
        ("g -1 1", None),
        ("g 2 nan", None),
        ("x", None),
        ("g 1e3 1", None),
    ],
)
def test_runs_of_advances_are_counted_and_not_unfolded(deltas, count):
    assert count_advances(deltas) == count


@pytest.mark.parametrize(
    ("location", "holder", "entry"),
    [
        ("/Doc_0/Document.xml", "any/where.xml", "Doc_0/Document.xml"),
        ("Doc_0/Document.xml", "OFD.xml", "Doc_0/Document.xml"),
        ("Page_0/Content.xml", "Doc_0/Document.xml", "Doc_0/Page_0/Content.xml"),
        ("../Res/a.ttf", "Doc_0/Pages/Content.xml", "Doc_0/Res/a.ttf"),
        ("./a//b/../c", "Doc_0/x", "Doc_0/a/c"),
        (" a ", "x", "a"),
        ("/../a", "x", None),
        ("../a", "OFD.xml", None),
        ("../../a", "Doc_0/Document.xml", None),
        ("a/../../../b", "Doc_0/x", None),
        ("a\\b", "x", None),
        ("a\0", "x", None),
    ],
)
def test_locations_stay_inside_the_package(location, holder, entry):
    if entry is not None:
        assert resolve(location, holder) == entry
        return
    with pytest.raises(OFDError) as refused:
        resolve(location, holder)
    assert refused.value.reason == "ofd.reference.outside"


@pytest.mark.parametrize("location", ["", "  ", "/", ".", "a/.."])
def test_a_location_that_names_nothing_is_missing(location):
    with pytest.raises(OFDError) as refused:
        resolve(location, "OFD.xml")
    assert refused.value.reason == "ofd.reference.missing"


def test_bases_of_resource_files():
    assert base_folder("Res", "Doc_0/PublicRes.xml") == "Doc_0/Res"
    assert base_folder("", "Doc_0/PublicRes.xml") == "Doc_0"
    assert base_folder(".", "Doc_0/PublicRes.xml") == "Doc_0"
    assert base_folder("/", "Doc_0/PublicRes.xml") == ""
    assert folder_of("OFD.xml") == ""
    assert resolve_in("", "a") == "a"
