"""What the kinds that ship say, held to the project's list of licence types."""

import re
from datetime import UTC, datetime

import pytest

from issuance.application_data import validate_application_data
from issuance.errors import InvalidDataError
from issuance.model import kind_of_code, load_kinds
from issuance.validity import valid_until
from sealkit.check_digits import uscc_problem
from sealkit.record import LONG_TERM
from tests.issuance.kinds.samples import kind_names, sample

AT = datetime(2026, 11, 23, 4, tzinfo=UTC)
KINDS = load_kinds()
CONFIRMED = 16
IN_SEED_PLAN = (
    "identity_card", "social_security_card", "medical_insurance_voucher",
    "marriage_certificate", "driving_licence", "household_register", "passport",
    "vehicle_licence", "business_licence", "birth_certificate", "vaccination_certificate",
)  # fmt: skip


def test_all_thirty_five_types_ship():
    assert len(KINDS) == 35
    assert set(IN_SEED_PLAN) <= set(KINDS)
    confirmed = [kind for kind in KINDS.values() if kind.code_status == "confirmed"]
    assert len(confirmed) == CONFIRMED


@pytest.mark.parametrize("name", kind_names())
def test_a_project_code_can_be_told_from_a_national_one(name):
    kind = KINDS[name]
    assert kind.code.startswith(kind.define_authority_code)
    sequence = int(kind.code[18:])
    assert (900 <= sequence <= 999) == (kind.code_status == "project")
    if "PRJ" not in kind.define_authority_code:
        assert uscc_problem(kind.define_authority_code) is None
    assert kind_of_code(KINDS, kind.code) is kind


@pytest.mark.parametrize("name", kind_names())
def test_every_sensitive_field_has_a_mask_and_the_minimum_shows_no_number(name):
    kind = KINDS[name]
    for field in kind.fields:
        assert not field.sensitive or field.masked("650105199003152018") != "650105199003152018"
    minimal = {field.type for field in kind.fields if field.name in kind.disclosed("minimal")}
    assert minimal == {"string"}
    standard, full = set(kind.disclosed("standard")), set(kind.disclosed("full"))
    assert set(kind.disclosed("minimal")) <= standard | {kind.holders.names_field} <= full | {None}
    assert not any(kind.field(entry).mask == "hide" for entry in standard)


def test_religion_and_marital_status_are_in_no_default_set():
    shown = KINDS["household_register"].disclosed("standard")
    assert not {"religion", "marital_status"} & set(shown)


@pytest.mark.parametrize("name", kind_names())
def test_the_sample_is_accepted_and_accepted_again_as_it_is_kept(name):
    kept = validate_application_data(KINDS[name], sample(name), AT)
    assert validate_application_data(KINDS[name], kept.to_members(), AT) == kept


def problems(name, **changes):
    data = sample(name)
    data["fields"] |= changes
    with pytest.raises(InvalidDataError) as caught:
        validate_application_data(KINDS[name], data, AT)
    return [(problem.field, problem.code) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("born", "end"),
    [
        ("2010-11-21", "2031-11-20"),  # 15 years old: 5 years
        ("2010-11-20", "2036-11-20"),  # 16 that day: 10 years
        ("2000-11-21", "2036-11-20"),
        ("2000-11-20", "2046-11-20"),  # 26
        ("1980-11-21", "2046-11-20"),
        ("1980-11-20", LONG_TERM),  # 46
    ],
)
def test_an_identity_card_lasts_as_long_as_the_age_at_issue_says(born, end):
    fields = {"valid_from": "2026-11-20", "birth_date": born}
    assert valid_until(KINDS["identity_card"], fields, "2026-11-23") == end


def test_an_end_later_than_the_rule_allows_is_refused():
    assert problems("identity_card", valid_to="2046-11-21") == [("valid_to", "data.validity.rule")]
    assert problems("special_operation_certificate", valid_to="2032-11-21") == [
        ("valid_to", "data.validity.rule")
    ]


def test_a_driving_licence_may_be_without_end_and_a_passport_may_not():
    data = sample("driving_licence")
    del data["fields"]["valid_to"]
    kept = validate_application_data(KINDS["driving_licence"], data, AT)
    assert valid_until(KINDS["driving_licence"], kept.fields, "2026-11-23") == LONG_TERM
    assert ("valid_to", "data.date.form") in problems("passport", valid_to="长期")


def test_a_day_that_a_year_lacks_becomes_the_day_before():
    fields = {"valid_from": "2024-02-29", "birth_date": "2015-01-01"}
    assert valid_until(KINDS["identity_card"], fields, "2024-02-29") == "2029-02-28"


@pytest.mark.parametrize(
    ("name", "field", "value", "code"),
    [
        ("birth_certificate", "weight_g", "3.2kg", "data.integer.form"),
        ("birth_certificate", "weight_g", "³", "data.integer.form"),
        ("birth_certificate", "length_cm", "fifty", "data.number.form"),
        ("birth_certificate", "birth_time", "2026-11-02", "data.time.form"),
        ("birth_certificate", "birth_time", "2026-11-02T25:00", "data.date.nonexistent"),
        ("vaccination_certificate", "guardian_phone", "call me", "data.phone.form"),
        ("vaccination_certificate", "vaccinations", "卡介苗｜第1剂", "data.list.form"),
        ("vaccination_certificate", "vaccinations", "甲|1|20260230|乙|丙", "data.date.nonexistent"),
        ("identity_card", "sex", "雄", "data.field.not_a_code"),
        ("identity_card", "photo", "photo.jpg", "data.picture.form"),
        ("passport", "passport_no", "X12345678", "data.document.form"),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_form_is_told_with_its_field(name, field, value, code):
    found = problems(name, **{field: value})
    assert (field, code) in found or (field, "data.field.form") in found


def test_numbers_times_and_lists_are_kept_in_one_form():
    data = sample("birth_certificate")
    data["fields"] |= {"weight_g": 3260, "length_cm": 50.5, "birth_time": "2026-11-02 00:30:10Z"}
    fields = validate_application_data(KINDS["birth_certificate"], data, AT).fields
    assert (fields["weight_g"], fields["length_cm"]) == ("3260", "50.5")
    assert fields["birth_time"] == "2026-11-02T08:30+08:00"
    data = sample("vaccination_certificate")
    data["fields"]["vaccinations"] = "卡介苗 | 第1剂 | 20261103 | 20260512A | 甲院\n\n"
    fields = validate_application_data(KINDS["vaccination_certificate"], data, AT).fields
    assert fields["vaccinations"] == "卡介苗｜第1剂｜2026-11-03｜20260512A｜甲院"


def test_each_number_rule_that_is_a_form_is_enforced():
    forms = {name: KINDS[name].field(KINDS[name].number_field).pattern for name in KINDS}
    for name in ("divorce_certificate", "food_business_licence", "degree_certificate"):
        number = sample(name)["fields"][KINDS[name].number_field]
        assert re.fullmatch(forms[name], number)
        assert problems(name, **{KINDS[name].number_field: number[:-1]})
