"""What the terms of a policy allow: kinds, Beijing hours, Beijing days."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuance.seals.policy import Approval, Refusal, Terms, UseWindow, day_of, refused_by

WEEK = UseWindow((1, 2, 3, 4, 5), "08:30", "18:00")
MONDAY_NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)  # 12:00 in Beijing


def refusal(terms, at=MONDAY_NOON, kind="business_licence", used_today=0):
    return refused_by(terms, kind, used_today=used_today, at=at)


def test_terms_without_anything_allow_everything():
    assert refusal(Terms()) is None


@pytest.mark.parametrize(
    ("beijing", "allowed"),
    [
        ((2026, 11, 23, 8, 29, 59), False),
        ((2026, 11, 23, 8, 30, 0), True),
        ((2026, 11, 23, 17, 59, 59), True),
        ((2026, 11, 23, 18, 0, 0), False),
        ((2026, 11, 22, 12, 0, 0), False),  # a Sunday
    ],
)
def test_hours_are_of_beijing_and_close_on_the_minute(beijing, allowed):
    at = datetime(*beijing, tzinfo=UTC) - timedelta(hours=8)
    assert refusal(Terms(windows=(WEEK,)), at) is (None if allowed else Refusal.HOURS)


def test_a_window_may_reach_to_the_end_of_the_day():
    late = datetime(2026, 11, 23, 15, 59, 59, tzinfo=UTC)
    assert refusal(Terms(windows=(UseWindow((1,), "18:00", "24:00"),)), late) is None


def test_one_of_several_windows_is_enough():
    windows = (UseWindow((6, 7), "00:00", "24:00"), WEEK)
    assert refusal(Terms(windows=windows)) is None


def test_only_the_kinds_named_are_allowed():
    terms = Terms(kinds=("food_business_licence",))
    assert refusal(terms) is Refusal.POLICY_KIND
    assert refusal(terms, kind="food_business_licence") is None


def test_the_daily_limit_counts_what_was_used():
    terms = Terms(daily_limit=2)
    assert refusal(terms, used_today=1) is None
    assert refusal(terms, used_today=2) is Refusal.DAILY_LIMIT
    assert refusal(Terms(daily_limit=0)) is Refusal.DAILY_LIMIT


def test_a_day_is_one_of_beijing():
    before, after = (datetime(2026, 11, 23, 15, 59, tzinfo=UTC) + timedelta(minutes=m)
                     for m in (0, 1))  # fmt: skip
    assert day_of(before) == (
        datetime(2026, 11, 22, 16, tzinfo=UTC),
        datetime(2026, 11, 23, 16, tzinfo=UTC),
    )
    assert day_of(after)[0] == datetime(2026, 11, 23, 16, tzinfo=UTC)


@given(
    st.builds(
        Terms,
        kinds=st.lists(st.sampled_from(("a", "b")), max_size=2).map(tuple),
        windows=st.lists(
            st.builds(
                UseWindow,
                weekdays=st.lists(st.integers(1, 7), max_size=7).map(tuple),
                opens=st.just("08:00"),
                closes=st.sampled_from(("12:00", "24:00")),
            ),
            max_size=3,
        ).map(tuple),
        daily_limit=st.none() | st.integers(0, 1000),
        approval=st.sampled_from(Approval),
    )
)
def test_terms_are_stored_and_read_back_as_they_were(terms):
    assert Terms.from_json(terms.to_json()) == terms


@pytest.mark.parametrize(
    "window", [UseWindow((), "08:00", "18:00"), UseWindow((1,), "18:00", "08:00")]
)
def test_a_window_that_never_opens_is_known(window):
    assert window.is_empty
    assert not WEEK.is_empty
