"""Expressions are total: whatever they ask of whatever a licence says, there is an answer."""

from dataclasses import fields, replace
from datetime import date

from hypothesis import example, given, settings
from hypothesis import strategies as st

from sealkit.record import Holder, RecordField
from tests.verification.certificate_free.life import DRIVING, FATHER, MOTHER, life
from verification.certificate_free.demands import demand_mistakes
from verification.certificate_free.expressions import (
    MAX_CALLS,
    Call,
    Day,
    FieldName,
    Number,
    Text,
    parse_expression,
)
from verification.certificate_free.judging import judge
from verification.certificate_free.outcomes import Outcome
from verification.certificate_free.predicates import PREDICATES, Subject, Want

NAMES = ("value", "other", "absent")
ROLES = ("mother", "nobody")
TODAY = date(2026, 11, 23)
days = st.one_of(
    st.dates().map(date.isoformat),
    st.integers(-99_999, 99_999).map(lambda n: f"today{n:+d}"),
    st.sampled_from(["today", "this_year-02-29", "this_year-12-31"]),
)
ARGUMENTS = {
    Want.FIELD: st.sampled_from(NAMES).map(FieldName),
    Want.DATE_FIELD: st.sampled_from(NAMES).map(FieldName),
    Want.TEXT: st.text(
        st.characters(exclude_characters='"\r\n', exclude_categories=["Cs"]),
        min_size=1,
        max_size=8,
    ).map(Text),
    Want.ROLE: st.sampled_from(ROLES).map(Text),
    Want.NUMBER: st.decimals(0, 999_999_999_999, places=2).map(Number),
    Want.DAY: days.map(Day),
}
values = st.one_of(
    st.text(max_size=40),
    st.dates().map(date.isoformat),
    st.from_regex(r"[0-9]{1,18}(\.[0-9]{1,4})?(万|亿|元|㎡|平方米|公顷)?", fullmatch=True),
    st.from_regex(r"人民币[零壹贰叁肆伍陆柒捌玖拾佰仟万亿元整角分]{1,12}", fullmatch=True),
    st.sampled_from(["9999-12-31", "0001-01-01", "2024-02-29", "A1A2D", "长期", "{0}{", "\ud7ff"]),
)
holders = st.builds(Holder, st.text(max_size=8), st.text(max_size=20), st.text(max_size=3))


@st.composite
def predicates(draw):
    name = draw(st.sampled_from(sorted(PREDICATES)))
    found = PREDICATES[name]
    wants = list(found.wants)
    if found.optional and draw(st.booleans()):
        wants.append(found.optional)
    if found.repeats:
        wants += wants[-1:] * draw(st.integers(0, 3))
    return Call(name, tuple(draw(ARGUMENTS[want]) for want in wants))


def joined(parts):
    some = st.lists(parts, min_size=1, max_size=3).map(tuple)
    return st.one_of(
        st.builds(Call, st.sampled_from(["all", "any"]), some),
        st.builds(Call, st.just("not"), parts.map(lambda part: (part,))),
    )


expressions = st.recursive(predicates(), joined, max_leaves=6)
RECORD = life().licence(DRIVING, FATHER)


def judged(expression, value, other, person, today, parties):
    entries = (
        RecordField("value", "项目{0}", "KZ_VALUE", value),
        RecordField("other", "项目", "KZ_OTHER", other),
    )
    record = replace(RECORD, fields=entries)
    assert {entry.name for entry in fields(record)} >= {"fields", "holders"}
    return judge(expression, Subject(record, person, today, parties))


@settings(max_examples=400, deadline=None)
@given(expressions, values, values, holders, st.dates(), st.sampled_from([{}, {"mother": MOTHER}]))
@example(
    Call("age_over", (FieldName("value"), Number(0), Day("today-99999"))),
    "0001-01-01",
    "",
    FATHER,
    date.min,
    {},
)
@example(Call("valid_on", (Day("today+99999"),)), "", "", FATHER, date.max, {})
def test_every_expression_answers_of_every_value(expression, value, other, person, today, parties):
    if len(list(expression.calls())) > MAX_CALLS:
        return
    assert list(demand_mistakes(expression, roles=ROLES, fields=None)) == []
    again = parse_expression(str(expression))
    reasons = judged(again, value, other, person, today, parties)
    assert reasons
    for reason in reasons:
        assert reason.outcome in set(Outcome)
        assert reason.to_dict()
