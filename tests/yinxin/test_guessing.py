"""Guessing identifiers: slowed for who guesses, not for who reads, and nothing is learned."""

from datetime import UTC, datetime

import pytest

from verification.errors import SourceUnavailableError
from yinxin import guessing
from yinxin.guessing import MISSES, ONE_FORGIVEN_EVERY, GuardedRegister, Guesses

NOW = datetime(2026, 11, 23, tzinfo=UTC)


class OneLicence:
    """A register with one licence in it."""

    def entry(self, identifier):
        return "the entry" if identifier == "known" else None


class Clock:
    def __init__(self):
        self.at = NOW

    def __call__(self):
        return self.at


@pytest.fixture
def clock():
    return Clock()


def register(guesses, clock, client="10.0.0.1"):
    return GuardedRegister(OneLicence(), guesses, client, clock)


def test_past_the_limit_known_and_unknown_are_answered_alike(clock):
    guarded = register(Guesses(), clock)
    for _ in range(MISSES):
        assert guarded.entry("unknown") is None
    for identifier in ("known", "unknown"):
        with pytest.raises(SourceUnavailableError):
            guarded.entry(identifier)


def test_who_reads_licences_is_never_slowed(clock):
    guarded = register(Guesses(), clock)
    assert all(guarded.entry("known") for _ in range(10 * MISSES))


def test_one_client_does_not_slow_another(clock):
    guesses = Guesses()
    for _ in range(MISSES):
        register(guesses, clock).entry("unknown")
    assert register(guesses, clock, "10.0.0.2").entry("known")


def test_after_a_while_one_more_is_forgiven(clock):
    guarded = register(Guesses(), clock)
    for _ in range(MISSES):
        guarded.entry("unknown")
    clock.at += ONE_FORGIVEN_EVERY
    assert guarded.entry("unknown") is None
    with pytest.raises(SourceUnavailableError):
        guarded.entry("known")
    clock.at += ONE_FORGIVEN_EVERY * MISSES
    assert guarded.entry("known")


def test_a_million_clients_take_bounded_room(clock, monkeypatch):
    monkeypatch.setattr(guessing, "MAX_CLIENTS", 100)
    guesses = Guesses()
    for number in range(1000):
        register(guesses, clock, str(number)).entry("unknown")
    assert len(guesses._clients) == 100
