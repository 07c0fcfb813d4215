"""When the clock may be trusted, and when not."""

from datetime import UTC, datetime, timedelta

import pytest

from ca.clock import CONFIRMED_FOR, ClockState, ClockWatch

NOW = datetime(2026, 11, 23, tzinfo=UTC)
SECOND = timedelta(seconds=1)
UP = timedelta(hours=5)


def watch(*, needs_reference=False):
    return ClockWatch(accuracy=SECOND, needs_reference=needs_reference)


def seen(clock, after=timedelta(0), *, moved=timedelta(0)):
    """Look at the clock `after` a while in which somebody moved it."""
    return clock.standing(at=NOW + after + moved, uptime=UP + after)


def test_a_clock_that_nobody_moves_is_sound_and_says_that_nobody_confirmed_it():
    clock = watch()
    for hours in range(48):
        found = seen(clock, timedelta(hours=hours))
    assert found.is_sound
    assert found.state is ClockState.UNVERIFIED


@pytest.mark.parametrize("moved", [timedelta(seconds=1.1), timedelta(seconds=-1.1)])
def test_a_clock_set_by_more_than_its_accuracy_is_in_doubt_at_once(moved):
    clock = watch()
    seen(clock)
    found = seen(clock, SECOND, moved=moved)
    assert (found.state, found.reason) == (ClockState.DOUBTFUL, "jumped")


def test_a_doubt_stays_when_the_clock_is_set_back():
    clock = watch()
    seen(clock)
    seen(clock, SECOND, moved=timedelta(minutes=3))
    assert not seen(clock, 2 * SECOND).is_sound


def test_a_small_step_is_within_the_accuracy():
    clock = watch()
    seen(clock)
    assert seen(clock, SECOND, moved=timedelta(seconds=0.9)).is_sound


def test_a_clock_that_creeps_away_is_noticed_by_its_sum():
    clock = watch()
    found = [seen(clock, n * SECOND, moved=n * timedelta(milliseconds=400)) for n in range(5)]
    assert [entry.is_sound for entry in found] == [True, True, True, False, False]


def test_a_reference_confirms_for_a_while_and_takes_a_doubt_away():
    clock = watch(needs_reference=True)
    assert seen(clock).reason == "no_reference"
    clock.compare(timedelta(milliseconds=20), at=NOW, uptime=UP)
    assert seen(clock, CONFIRMED_FOR).state is ClockState.CONFIRMED
    assert seen(clock, CONFIRMED_FOR + SECOND).reason == "no_reference"
    seen(clock, moved=timedelta(minutes=1))
    assert seen(clock).reason == "jumped"
    clock.compare(timedelta(0), at=NOW, uptime=UP)
    assert seen(clock).is_sound


def test_a_reference_that_disagrees_brings_a_doubt_that_only_one_that_agrees_takes_away():
    clock = watch(needs_reference=True)
    clock.compare(timedelta(seconds=1.1), at=NOW, uptime=UP)
    assert seen(clock).reason == "reference_differs"
    clock.compare(timedelta(seconds=-0.5), at=NOW, uptime=UP)
    assert seen(clock).state is ClockState.CONFIRMED
