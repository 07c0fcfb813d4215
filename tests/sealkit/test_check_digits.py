import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit.check_digits import (
    citizen_check_character,
    citizen_number_problem,
    organisation_code_problem,
    uscc_check_character,
    uscc_problem,
)

CASES = json.loads(
    (Path(__file__).parents[1] / "vectors" / "licence_numbers" / "cases.json").read_text("utf-8")
)
AT = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)  # already the 24th in Beijing


@pytest.mark.parametrize("case", CASES["uscc"], ids=lambda case: case["value"])
def test_shared_credit_codes(case):
    assert (uscc_problem(case["value"]) is None) == case["valid"]


@pytest.mark.parametrize("case", CASES["id_number"], ids=lambda case: case["value"])
def test_shared_citizen_numbers(case):
    assert (citizen_number_problem(case["value"], AT) is None) == case["valid"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("11650000PRJ000654", "uscc.length"),
        ("1110000000001312ID", "uscc.alphabet"),
        ("11650000prj000654l", "uscc.alphabet"),
        ("11100000000013127E", "uscc.check"),
        ("１1650000PRJ000654L", "uscc.alphabet"),
    ],
)
def test_each_problem_of_a_credit_code_has_its_code(text, problem):
    assert uscc_problem(text) == problem


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("11010519491231002x", None),
        ("110105491231002", "citizen_number.form"),
        ("1101051949123100２X", "citizen_number.form"),
        ("660105194912310020", "citizen_number.province"),
        ("650101190002300000", "citizen_number.date"),
        ("110105194912310021", "citizen_number.check"),
        (
            "11010520261125000" + citizen_check_character("11010520261125000"),
            "citizen_number.future",
        ),
        ("11010520261124000" + citizen_check_character("11010520261124000"), None),
        ("83000019900101001" + citizen_check_character("83000019900101001"), None),
    ],
)
def test_each_problem_of_a_citizen_number_has_its_code(text, problem):
    assert citizen_number_problem(text, AT) == problem


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("000013127", None),
        ("MB0143028", None),
        ("MB0143029", "organisation_code.check"),
        ("MB014302-8", "organisation_code.form"),
        ("mb0143028", "organisation_code.form"),
    ],
)
def test_organisation_codes(text, problem):
    assert organisation_code_problem(text) == problem


def test_both_rare_check_characters_of_organisation_codes_occur():
    checks = {
        c for c in "0123456789X" for n in range(99) if not organisation_code_problem(f"{n:08}{c}")
    }
    assert checks == set("0123456789X")


@given(st.text(alphabet="0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=17, max_size=17))
def test_one_changed_character_never_goes_unnoticed(first17):
    code = first17 + uscc_check_character(first17)
    assert uscc_problem(code) is None
    other = "1" if code[4] != "1" else "2"
    assert uscc_problem(code[:4] + other + code[5:]) == "uscc.check"


@given(st.text())
def test_any_text_gets_an_answer(text):
    assert uscc_problem(text) is None or uscc_problem(text).startswith("uscc.")
    citizen = citizen_number_problem(text, AT)
    assert citizen is None or citizen.startswith("citizen_number.")
    organisation_code_problem(text)
