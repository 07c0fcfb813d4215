import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuance.application_data import LicenceData, validate_application_data
from issuance.errors import InvalidDataError
from issuance.model import load_kinds
from issuance.sentences import sentences
from issuance.validity import valid_from, valid_until
from sealkit.record import LONG_TERM, Holder

AT = datetime(2026, 11, 23, 4, tzinfo=UTC)
TODAY = "2026-11-23"
EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
KINDS = load_kinds()


def example(name):
    members = json.loads((EXAMPLES / f"{name}.json").read_text("utf-8"))
    members.pop("kind")
    return members


def problems(kind, data):
    with pytest.raises(InvalidDataError) as caught:
        validate_application_data(KINDS[kind], data, AT)
    return {(problem.field, problem.code) for problem in caught.value.problems}


@pytest.mark.parametrize(
    "name", ["business_licence", "marriage_certificate", "real_estate_certificate"]
)
def test_each_example_is_accepted_and_stays_as_it_is(name):
    data = example(name)
    cleaned = validate_application_data(KINDS[name], data, AT)
    assert cleaned.to_members() == data
    assert LicenceData.from_members(cleaned.to_members()) == cleaned


def test_holders_may_be_left_out_where_fields_name_them():
    for name, count in (("business_licence", 1), ("marriage_certificate", 2)):
        data = example(name)
        expected = data.pop("holders")
        cleaned = validate_application_data(KINDS[name], data, AT)
        assert cleaned.holders == tuple(Holder(**holder) for holder in expected)
        assert len(cleaned.holders) == count


def test_holders_must_be_listed_where_no_field_has_their_numbers():
    data = example("real_estate_certificate")
    del data["holders"]
    assert problems("real_estate_certificate", data) == {("holders", "data.holders.not_list")}


def test_every_problem_is_told_at_once():
    data = example("business_licence")
    data["fields"] |= {
        "uscc": "91650100MA7DEM016E",
        "established": "2024-02-30",
        "approve_date": "2026-11-24",
        "org_type": "",
        "legal_rep": "\x07某",
        "registered_capital": "无",
        "colour": "red",
    }
    data["extra"] = 1
    assert problems("business_licence", data) == {
        ("uscc", "data.uscc.check"),
        ("established", "data.date.nonexistent"),
        ("approve_date", "data.date.future"),
        ("org_type", "data.field.required"),
        ("legal_rep", "data.name.control"),
        ("registered_capital", "data.field.placeholder"),
        ("colour", "data.field.unknown"),
        ("extra", "data.member.unknown"),
    }


def test_a_problem_says_in_chinese_and_english_which_field_and_never_the_value():
    data = example("marriage_certificate")
    data["fields"]["male_id"] = "650105199003152019"
    with pytest.raises(InvalidDataError) as caught:
        validate_application_data(KINDS["marriage_certificate"], data, AT)
    problem = next(p for p in caught.value.problems if p.field == "male_id")
    assert problem.code == "data.citizen_number.check"
    assert "男方身份证件号" in problem.zh
    assert "Husband's document number" in problem.en
    assert "650105199003152019" not in repr(caught.value.problems)


def test_separators_of_names_become_one():
    data = example("business_licence")
    data["fields"]["legal_rep"] = "阿迪力•买买提"
    cleaned = validate_application_data(KINDS["business_licence"], data, AT)
    assert cleaned.fields["legal_rep"] == "阿迪力·买买提"


def test_dates_of_other_systems_become_iso():
    data = example("business_licence")
    data["fields"] |= {"established": "20240315", "approve_date": "2026年11月20日"}
    cleaned = validate_application_data(KINDS["business_licence"], data, AT)
    assert cleaned.fields["established"] == "2024-03-15"
    assert cleaned.fields["approve_date"] == "2026-11-20"


def test_a_lower_case_check_character_is_raised():
    data = example("marriage_certificate")
    data["fields"]["female_id"] = data["fields"]["female_id"].lower()
    cleaned = validate_application_data(KINDS["marriage_certificate"], data, AT)
    assert cleaned.fields["female_id"].endswith("X")


def test_a_spouse_from_abroad_has_a_passport_number():
    data = example("marriage_certificate")
    data["fields"] |= {"male_id": "E12345678"}
    data["holders"][0] |= {"code": "E12345678", "code_type": "414"}
    cleaned = validate_application_data(KINDS["marriage_certificate"], data, AT)
    assert cleaned.holders[0].code_type == "414"


def test_the_copy_of_one_spouse_may_name_that_spouse_alone():
    data = example("marriage_certificate")
    data["fields"]["holder_name"] = "李雪莲"
    validate_application_data(KINDS["marriage_certificate"], data, AT)
    data["fields"]["holder_name"] = "李雪"
    assert ("holder_name", "data.holders.names_differ") in problems("marriage_certificate", data)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"holders": []}, ("holders", "data.holders.count")),
        ({"holders": "张明远"}, ("holders", "data.holders.not_list")),
        ({"holders": [{"name": "张明远"}]}, ("holders[0]", "data.holder.members")),
        (
            {"holders": [{"name": "张明远", "code": "1", "code_type": "111"}]},
            ("holders[0].code", "data.citizen_number.form"),
        ),
        (
            {"holders": [{"name": "", "code": "650102198504123019", "code_type": "111"}]},
            ("holders[0].name", "data.name.empty"),
        ),
        (
            {"holders": [{"name": "某", "code": "650102198504123019", "code_type": "777"}]},
            ("holders[0].code_type", "data.holder.code_type"),
        ),
        (
            {"holders": [{"name": "张明远", "code": "650102198504123019", "code_type": "111"}] * 2},
            ("holders", "data.holders.twice"),
        ),
        (
            {"holders": [{"name": "张明远", "code": "650102198504123019", "code_type": "111"}]},
            ("right_holder", "data.holders.names_differ"),
        ),
    ],
)
def test_holders_that_do_not_fit_are_refused(change, expected):
    data = example("real_estate_certificate") | change
    assert expected in problems("real_estate_certificate", data)


def test_a_listed_holder_must_be_the_one_in_the_fields():
    data = example("business_licence")
    data["holders"][0]["name"] = "别的公司"
    assert problems("business_licence", data) == {("holders[0].name", "data.holder.differs")}


def test_patterns_and_lengths_hold():
    data = example("real_estate_certificate")
    data["fields"] |= {"unit_no": "123", "print_no": "1" * 33, "year": "26", "area": 5}
    assert problems("real_estate_certificate", data) == {
        ("unit_no", "data.field.form"),
        ("print_no", "data.field.too_long"),
        ("year", "data.field.form"),
        ("area", "data.field.not_text"),
    }


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"term_to": "2024-03-14"}, "data.validity.order"),
        ({"term_to": "2026-11-22"}, "data.validity.past"),
    ],
)
def test_a_term_that_is_over_is_not_issued(fields, code):
    data = example("business_licence")
    data["fields"] |= fields
    assert problems("business_licence", data) == {("term_to", code)}


def test_a_term_whose_last_day_is_today_is_issued():
    data = example("business_licence")
    data["fields"]["term_to"] = "2026-11-23"
    validate_application_data(KINDS["business_licence"], data, AT)


@pytest.mark.parametrize("value", ["长期", "9999-12-31", "2099-12-31"])
def test_long_term_is_the_absence_of_an_end(value):
    data = example("business_licence")
    data["fields"]["term_to"] = value
    cleaned = validate_application_data(KINDS["business_licence"], data, AT)
    assert "term_to" not in cleaned.fields
    assert valid_until(KINDS["business_licence"], cleaned.fields, TODAY) == LONG_TERM


def test_validity_follows_the_kind():
    business, land = KINDS["business_licence"], KINDS["real_estate_certificate"]
    fields = example("business_licence")["fields"]
    assert valid_from(business, fields, "2026-11-23") == "2024-03-15"
    assert valid_from(business, {}, "2026-11-23") == "2026-11-23"
    assert valid_until(land, example("real_estate_certificate")["fields"], TODAY) == "2085-05-31"
    two = {"term": "甲 2040年01月01日止/乙 2060年12月31日止"}
    assert valid_until(land, two, TODAY) == "2060-12-31"
    assert valid_until(land, {"term": "/"}, TODAY) == LONG_TERM
    data = example("real_estate_certificate")
    data["fields"]["term"] = "2085年02月30日止"
    assert problems("real_estate_certificate", data) == {("term", "data.date.nonexistent")}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.sampled_from(sorted(KINDS)),
    st.data(),
)
def test_anything_sent_ends_in_data_or_in_a_list_of_problems(name, draw):
    kind = KINDS[name]
    names = st.sampled_from([field.name for field in kind.fields]) | st.text(max_size=8)
    data = draw.draw(
        st.fixed_dictionaries(
            {"fields": st.dictionaries(names, json_values, max_size=12) | json_values},
            optional={"holders": st.lists(json_values, max_size=3) | json_values},
        )
    )
    try:
        validate_application_data(kind, data, AT)
    except InvalidDataError as error:
        assert error.problems
        for problem in error.problems:
            assert problem.code in sentences()
            assert problem.zh
            assert problem.en
