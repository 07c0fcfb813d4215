"""Expressions: whatever the text, a value or one error; what is read can be written again."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from verification.certificate_free.expressions import (
    MAX_ARGUMENTS,
    MAX_CALLS,
    MAX_CHARACTERS,
    MAX_DEPTH,
    Call,
    Day,
    ExpressionError,
    FieldName,
    Number,
    Text,
    parse_expression,
)

names = st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True).filter(
    lambda name: name not in ("today", "this_year")
)
days = st.dates().map(date.isoformat) | st.integers(-99999, 99999).map(lambda n: f"today{n:+d}")
leaves = st.one_of(
    names.map(FieldName),
    st.text(
        st.characters(exclude_characters='"\r\n', exclude_categories=["Cs"]),
        min_size=1,
        max_size=20,
    ).map(Text),
    st.decimals(0, 999_999_999_999, places=2).map(Number),
    (days | st.sampled_from(["today", "this_year-08-31", "this_year-02-29"])).map(Day),
)


def calls(depth):
    inner = leaves if depth == 1 else leaves | calls(depth - 1)
    return st.builds(Call, names, st.lists(inner, max_size=3).map(tuple))


def bare(call):
    """The call without positions."""
    return Call(call.name, tuple(bare(a) if isinstance(a, Call) else a for a in call.arguments))


@given(calls(3))
def test_what_is_written_is_read_again(call):
    assert bare(parse_expression(str(call))) == call


@given(st.text(max_size=200) | st.text('abc_("), \n19-today', max_size=200))
@example("a(" * 3000)
@example("holder_is()" * 400)
@example("a(today-")
@example('a("')
@example("a(٣)")
def test_any_text_is_an_expression_or_one_error(text):
    try:
        parse_expression(text)
    except ExpressionError as error:
        assert 0 <= error.position <= max(len(text), MAX_CHARACTERS)
        assert error.remedy


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 0),
        ("holder_is", 0),
        ("holder_is(", 10),
        ("holder_is())", 11),
        ("holder_is() holder_is()", 12),
        ("all(a(), )", 9),
        ("all(a() b())", 8),
        ("all(,a())", 4),
        ("equals(x, 'y')", 10),
        ('equals(x, "")', 10),
        ("a(2026-02-30)", 2),
        ("a(this_year-02-30)", 2),
        ("a(-1)", 2),
        ("A()", 0),
        ("a(1e5)", 3),
        ("f(x)(y)", 4),
        ('a(b ")")', 4),
        ('a(b "(" )', 4),
        ("a.b()", 1),
        ("__import__()", 0),
    ],
)
def test_a_mistake_is_told_where_it_stands(text, position):
    with pytest.raises(ExpressionError) as refused:
        parse_expression(text)
    assert refused.value.position == position


def test_marks_inside_texts_are_texts():
    assert parse_expression('a(")", "(", ",")').arguments == (Text(")"), Text("("), Text(","))


def test_numbers_are_exact():
    assert parse_expression("a(0.1)").arguments == (Number(Decimal("0.1")),)


@pytest.mark.parametrize(
    "text",
    [
        "a(" * (MAX_DEPTH + 1) + ")" * (MAX_DEPTH + 1),
        "a(" + ",".join(["b()"] * MAX_CALLS) + ")",
        "a(" + ",".join(["1"] * (MAX_ARGUMENTS + 1)) + ")",
        "a(" + " " * MAX_CHARACTERS + ")",
    ],
)
def test_bounds_are_kept(text):
    with pytest.raises(ExpressionError):
        parse_expression(text)


@pytest.mark.parametrize(
    ("text", "today", "meant"),
    [
        ("2026-09-01", date(2026, 1, 1), date(2026, 9, 1)),
        ("today", date(2026, 1, 1), date(2026, 1, 1)),
        ("today+31", date(2026, 1, 1), date(2026, 2, 1)),
        ("today-1", date(2026, 1, 1), date(2025, 12, 31)),
        ("today+99999", date(9990, 1, 1), date.max),
        ("today-99999", date(20, 1, 1), date.min),
        ("this_year-08-31", date(2026, 1, 1), date(2026, 8, 31)),
        ("this_year-02-29", date(2024, 1, 1), date(2024, 2, 29)),
        ("this_year-02-29", date(2026, 1, 1), date(2026, 2, 28)),
    ],
)
def test_days_depend_on_the_day_of_the_check(text, today, meant):
    assert Day(text).on(today) == meant
