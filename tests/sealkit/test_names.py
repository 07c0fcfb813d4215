import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit.names import name_problem, normalise_name, resembles


@pytest.mark.parametrize("point", "·•・‧⋅．.")
def test_every_separator_of_a_xinjiang_name_becomes_the_middle_dot(point):
    assert normalise_name(f"阿迪力{point}买买提") == "阿迪力·买买提"


@pytest.mark.parametrize(
    "name", ["J. R. Smith", "Smith  Jr.", "A.B.王", "王A．B", "丽.", "𠮷野·家"]
)
def test_stops_of_other_names_are_kept(name):
    assert normalise_name(name) == name


def test_names_with_several_parts():
    assert normalise_name("阿.布.都") == "阿·布·都"
    assert normalise_name("𠮷.𠮷") == "𠮷·𠮷"


def test_outer_space_goes_and_inner_space_stays():
    assert normalise_name("  Anna  Maria \n") == "Anna  Maria"


def test_combining_marks_are_composed():
    assert normalise_name("Mo\u0308bius") == "Möbius"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("李雪莲", None),
        ("𠮷", None),
        ("", "name.empty"),
        (" \u3000", "name.empty"),
        ("\ue000山", "name.private_use"),
        ("\U000f0000山", "name.private_use"),
        ("李\n雪", "name.control"),
        ("李\ud800", "name.control"),
        ("李" * 513, "name.length"),
    ],
)
def test_names_that_cannot_be_printed_are_named_so(name, problem):
    assert name_problem(name) == problem


def test_resemblance_looks_through_width_and_case():
    assert resembles("ＳＭＩＴＨ", "smith")
    assert resembles("阿迪力•买买提", "阿迪力·买买提")
    assert not resembles("李雪莲", "李雪连")


@given(st.text())
def test_normal_form_is_final(name):
    once = normalise_name(name)
    assert normalise_name(once) == once
