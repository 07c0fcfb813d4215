"""The three answers, and how several become one."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final


class Outcome(StrEnum):
    """The answer to a predicate, to a requirement, and to a whole check."""

    MET = "met"
    NOT_MET = "not_met"
    CANNOT_SAY = "cannot_say"


_OPPOSITE: Final = {
    Outcome.MET: Outcome.NOT_MET,
    Outcome.NOT_MET: Outcome.MET,
    Outcome.CANNOT_SAY: Outcome.CANNOT_SAY,
}


def all_of(outcomes: Iterable[Outcome]) -> Outcome:
    """Return not_met if one is not met, else cannot_say if one cannot be said, else met."""
    found = set(outcomes)
    if Outcome.NOT_MET in found:
        return Outcome.NOT_MET
    return Outcome.CANNOT_SAY if Outcome.CANNOT_SAY in found else Outcome.MET


def any_of(outcomes: Iterable[Outcome]) -> Outcome:
    """Return met if one is met, else cannot_say if one cannot be said, else not_met."""
    found = set(outcomes)
    if Outcome.MET in found:
        return Outcome.MET
    return Outcome.CANNOT_SAY if Outcome.CANNOT_SAY in found else Outcome.NOT_MET


def opposite(outcome: Outcome) -> Outcome:
    """Return met for not_met and the other way round; what cannot be said stays so."""
    return _OPPOSITE[outcome]
