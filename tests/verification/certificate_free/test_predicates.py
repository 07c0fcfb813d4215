"""Predicates: what each says at its borders, and the reason it gives for people."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit.record import Holder, RecordField
from tests.verification.certificate_free.life import DRIVING, FATHER, MOTHER, life
from verification.certificate_free.demands import demand_mistakes
from verification.certificate_free.expressions import parse_expression
from verification.certificate_free.judging import all_together, judge
from verification.certificate_free.outcomes import Outcome, all_of, any_of, opposite
from verification.certificate_free.predicates import PREDICATES, Subject, full_years

MET, NOT_MET, CANNOT_SAY = Outcome.MET, Outcome.NOT_MET, Outcome.CANNOT_SAY
FIELDS = {
    "born": "2008-11-23",
    "leap": "2004-02-29",
    "until": "2026-12-31",
    "moment": "2026-11-01T06:30:00+08:00",
    "class": "A2D",
    "sex": "1",
    "points": "7",
    "scope": "道路货物运输；仓储",
    "capital": "人民币伍佰万元整",
    "area": "宗地面积：300㎡/房屋建筑面积：118.62㎡",
    "mother_id": MOTHER.code.lower(),
    "name": FATHER.name,
    "odd": "不详",
}
TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def record():
    found = life().licence(DRIVING, FATHER, Holder("阿迪力·买买提", "650102199003070014", "111"))
    fields = tuple(RecordField(n, f"项目{n}", f"KZ_{n.upper()}", v) for n, v in FIELDS.items())
    return type(found)(**{n: getattr(found, n) for n in found.__slots__} | {"fields": fields})


@pytest.fixture
def said(record):
    def said(text, person=FATHER, today=TODAY, **parties):
        expression = parse_expression(text)
        roles = ("mother", "driver")
        assert list(demand_mistakes(expression, roles=roles, fields=None)) == []
        return judge(expression, Subject(record, person, today, parties or {"mother": MOTHER}))

    return said


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("holder_is()", MET),
        ('holder_is("mother")', NOT_MET),
        ('holder_is("driver")', CANNOT_SAY),
        ('is_party(mother_id, "mother")', MET),
        ('is_party(sex, "mother")', NOT_MET),
        ('is_party(mother_id, "driver")', CANNOT_SAY),
        ("names_person(name)", MET),
        ("names_person(odd)", NOT_MET),
        ("valid_on(today)", MET),
        ("valid_on(2026-11-02)", MET),
        ("valid_on(2036-11-01)", MET),
        ("valid_on(2026-11-01)", NOT_MET),
        ("valid_on(2036-11-02)", NOT_MET),
        ("age_over(born, 18)", MET),
        ("age_over(born, 19)", NOT_MET),
        ("age_over(born, 18, today-1)", NOT_MET),
        ("age_over(odd, 18)", CANNOT_SAY),
        ("age_over(absent, 18)", CANNOT_SAY),
        ("age_between(born, 18, 18)", MET),
        ("age_between(born, 17, 17)", NOT_MET),
        ("age_between(born, 16, 17, today-1)", MET),
        ("age_between(odd, 1, 2)", CANNOT_SAY),
        ("date_before(until, 2027-01-01)", MET),
        ("date_before(until, 2026-12-31)", NOT_MET),
        ("date_after(until, 2026-12-30)", MET),
        ("date_after(until, 2026-12-31)", NOT_MET),
        ("date_after(moment, 2026-10-31)", MET),
        ("date_before(odd, today)", CANNOT_SAY),
        ("date_after(odd, today)", CANNOT_SAY),
        ('licence_class_includes(class, "A2")', MET),
        ('licence_class_includes(class, "D")', MET),
        ('licence_class_includes(class, "A")', NOT_MET),
        ('licence_class_includes(class, "C1")', NOT_MET),
        ('licence_class_includes(odd, "C1")', CANNOT_SAY),
        ('equals(sex, "1")', MET),
        ('equals(sex, "2")', NOT_MET),
        ('one_of(sex, "1", "2")', MET),
        ('one_of(sex, "0", "9")', NOT_MET),
        ('text_includes(scope, "货物运输")', MET),
        ('text_includes(scope, "客运")', NOT_MET),
        ("amount_at_least(capital, 5000000)", MET),
        ("amount_at_least(capital, 5000000.01)", NOT_MET),
        ("amount_at_most(capital, 5000000)", MET),
        ("amount_at_most(capital, 4999999)", NOT_MET),
        ("amount_at_least(odd, 1)", CANNOT_SAY),
        ("amount_at_most(odd, 1)", CANNOT_SAY),
        ('area_at_least(area, 118.62, "房屋建筑面积")', MET),
        ('area_at_least(area, 118.63, "房屋建筑面积")', NOT_MET),
        ('area_at_most(area, 118.62, "房屋建筑面积")', MET),
        ('area_at_most(area, 118.61, "房屋建筑面积")', NOT_MET),
        ("area_at_least(area, 1)", CANNOT_SAY),
        ("area_at_most(area, 1)", CANNOT_SAY),
        ("number_at_least(points, 7)", MET),
        ("number_at_least(points, 8)", NOT_MET),
        ("number_at_most(points, 7)", MET),
        ("number_at_most(points, 6)", NOT_MET),
        ("number_at_least(odd, 6)", CANNOT_SAY),
        ("number_at_most(odd, 6)", CANNOT_SAY),
        ('any(equals(sex, "2"), age_over(born, 18))', MET),
        ('any(equals(sex, "2"), age_over(odd, 18))', CANNOT_SAY),
        ('any(equals(sex, "1"), age_over(odd, 18))', MET),
        ('all(equals(sex, "2"), age_over(odd, 18))', NOT_MET),
        ('all(equals(sex, "1"), age_over(odd, 18))', CANNOT_SAY),
        ('not(equals(sex, "2"))', MET),
        ("not(age_over(odd, 18))", CANNOT_SAY),
        ('not(all(equals(sex, "1"), holder_is()))', NOT_MET),
    ],
)
def test_a_predicate_says(said, text, outcome):
    reasons = said(text)
    assert all_together(reasons) is outcome
    for reason in reasons:
        assert not reason.message.zh.isascii()
        assert reason.message.en
        assert "{" not in reason.message.zh + reason.message.en


def test_every_predicate_of_the_list_is_tried_above():
    mark = next(m for m in test_a_predicate_says.pytestmark if m.name == "parametrize")
    tried = {call.name for text, _ in mark.args[1] for call in parse_expression(text).calls()}
    assert tried == {*PREDICATES, "all", "any", "not"}


def test_reasons_name_the_demand_and_the_label_and_no_value(said):
    (reason,) = said("age_over(born, 30)")
    assert reason.message.zh == "不符合：按“项目born”已满30周岁。"
    assert reason.message.en == "Not met: 30 full years by born."
    (reason,) = said("age_over(odd, 18)")
    assert reason.message.zh == (
        "无法判断是否符合：按“项目odd”已满18周岁（证照上的内容不是能识别的日期）。"
    )
    for text in ("age_over(born, 30)", 'equals(scope, "x")', "amount_at_least(capital, 1)"):
        told = str(said(text))
        assert not [value for value in FIELDS.values() if len(value) > 2 and value in told]


def test_which_part_of_a_choice_holds_is_not_told(said):
    first = said('any(equals(sex, "1"), equals(sex, "2"))')
    second = said('any(equals(sex, "2"), equals(sex, "1"))')
    assert [len(first), len(second)] == [1, 1]
    assert (first[0].code, first[0].outcome) == (second[0].code, second[0].outcome)


def test_each_demand_joined_by_all_has_its_own_reason(said):
    outcomes = [r.outcome for r in said('all(holder_is(), all(equals(sex, "2"), valid_on(today)))')]
    assert outcomes == [MET, NOT_MET, MET]


def test_a_name_is_compared_with_its_separator_mended(said):
    assert (
        said("holder_is()", Holder("阿迪力•买买提", "650102199003070014", "111"))[0].outcome is MET
    )


@pytest.mark.parametrize(
    ("born", "on", "years"),
    [
        (date(2008, 11, 23), date(2026, 11, 22), 17),
        (date(2008, 11, 23), date(2026, 11, 23), 18),
        (date(2004, 2, 29), date(2022, 2, 28), 17),
        (date(2004, 2, 29), date(2022, 3, 1), 18),
        (date(2004, 2, 29), date(2024, 2, 29), 20),
        (date(2027, 1, 1), date(2026, 11, 23), -1),
    ],
)
def test_full_years_are_reached_on_the_birthday(born, on, years):
    assert full_years(born, on) == years


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("owner_is()", "there is no predicate owner_is"),
        ("holder_is(born)", "must be a party"),
        ('holder_is("aunt")', "no party"),
        ('holder_is("mother", "mother")', "give holder_is"),
        ("age_over(born)", "give age_over"),
        ('age_over("born", 18)', "must be a field"),
        ('age_over(born, "18")', "must be a number"),
        ("age_over(born, 18, 19)", "must be a day"),
        ("age_over(sex, 18)", "holds no day"),
        ("age_over(bron, 18)", "is it born?"),
        ("equals(sex)", "give equals"),
        ("equals(sex, 1)", "must be a text"),
        ("one_of(sex)", "give one_of"),
        ('one_of(sex, "1", 2)', "must be a text"),
        ("valid_on(2026)", "must be a day"),
        ("all()", "at least one"),
        ("any(born)", "predicates only"),
        ("not(holder_is(), holder_is())", "one predicate"),
        ("age_over(holder_is(), 1)", "must be a field"),
    ],
)
def test_a_demand_that_cannot_be_judged_is_told(text, remedy):
    fields = {"born": "date", "sex": "code"}
    found = list(demand_mistakes(parse_expression(text), roles=("mother",), fields=fields))
    assert remedy in found[0][1]


@given(st.text(max_size=60))
def test_no_value_of_a_field_breaks_a_predicate(value):
    found = life().licence(DRIVING, FATHER)
    members = {n: getattr(found, n) for n in found.__slots__}
    fields = (RecordField("f", "项目", "KZ_F", value),)
    subject = Subject(type(found)(**members | {"fields": fields}), FATHER, TODAY, {})
    for text in (
        "age_over(f, 1)",
        "date_after(f, today)",
        'licence_class_includes(f, "C1")',
        "amount_at_least(f, 1)",
        'area_at_least(f, 1, "面积")',
        "number_at_most(f, 1)",
        "names_person(f)",
        'equals(f, "x")',
    ):
        assert judge(parse_expression(text), subject)[0].outcome in Outcome


@pytest.mark.parametrize(
    ("outcomes", "of_all", "of_any"),
    [
        ((), MET, NOT_MET),
        ((MET,), MET, MET),
        ((MET, NOT_MET), NOT_MET, MET),
        ((MET, CANNOT_SAY), CANNOT_SAY, MET),
        ((NOT_MET, CANNOT_SAY), NOT_MET, CANNOT_SAY),
        ((NOT_MET,), NOT_MET, NOT_MET),
    ],
)
def test_outcomes_are_put_together(outcomes, of_all, of_any):
    assert (all_of(outcomes), any_of(outcomes)) == (of_all, of_any)


def test_only_what_can_be_said_has_an_opposite():
    assert [opposite(outcome) for outcome in (MET, NOT_MET, CANNOT_SAY)] == [
        NOT_MET,
        MET,
        CANNOT_SAY,
    ]
