"""The predicates that items ask of a licence: a closed list, no expressions, no code.

Each looks at one verified licence and at who applies, and answers met, not_met or
cannot_say. A requirement is met when one licence meets all its predicates.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sealkit.names import normalise_name
from sealkit.record import Holder
from verification.report import Report, Verdict


class Outcome(StrEnum):
    """The answer to one requirement, and to a whole check."""

    MET = "met"
    NOT_MET = "not_met"
    CANNOT_SAY = "cannot_say"


@dataclass(frozen=True, slots=True)
class Held:
    """A licence found for the applicant, with what verification said of it."""

    identifier: str
    document_digest: bytes
    """SM3 of the file that was verified."""
    report: Report


Predicate = Callable[[Held, Holder], Outcome]

_VERDICTS: Final = {
    Verdict.VALID: Outcome.MET,
    Verdict.INVALID: Outcome.NOT_MET,
    Verdict.CANNOT_SAY: Outcome.CANNOT_SAY,
}


def licence_valid(held: Held, _applicant: Holder) -> Outcome:
    """The licence is genuine and in force."""
    return _VERDICTS[held.report.verdict]


def holder_is(held: Held, applicant: Holder) -> Outcome:
    """The applicant is a holder: same code of the same type, and the same name."""
    if held.report.record is None:
        return Outcome.CANNOT_SAY
    same = any(_is_same(holder, applicant) for holder in held.report.record.holders)
    return Outcome.MET if same else Outcome.NOT_MET


PREDICATES: Final[Mapping[str, Predicate]] = {
    "licence_valid": licence_valid,
    "holder_is": holder_is,
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


def _is_same(holder: Holder, applicant: Holder) -> bool:
    return (
        holder.code_type == applicant.code_type
        and holder.code.upper() == applicant.code.upper()
        and normalise_name(holder.name) == normalise_name(applicant.name)
    )
