"""Recognising another region's licence (互通互认): its verdict, and whether it counts here.

Genuine and recognised are two questions. The verifier answers the first from that region's
trust material; the agreement answers the second.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum

from mutual_recognition.agreements import Agreement
from sealkit.identifiers import parse_identifier
from verification.report import Report, Verdict

_BEIJING = timezone(timedelta(hours=8))


class Recognition(StrEnum):
    """Does the licence count here."""

    RECOGNISED = "recognised"
    NOT_RECOGNISED = "not_recognised"
    CANNOT_SAY = "cannot_say"


@dataclass(frozen=True, slots=True)
class RecognisedLicence:
    """The answer to a licence of another region."""

    recognition: Recognition
    reason: str
    """``"agreement"``, ``"verdict"``, ``"no_agreement"`` or ``"kind_not_listed"``."""
    kind: str | None
    """What it counts as here."""
    report: Report


def recognise(
    report: Report, agreements: Mapping[str, Agreement], *, at: datetime
) -> RecognisedLicence:
    """Judge a verified licence under the agreements in force at `at`."""
    if report.verdict is Verdict.CANNOT_SAY or report.licence is None:
        return RecognisedLicence(Recognition.CANNOT_SAY, "verdict", None, report)
    if report.verdict is Verdict.INVALID:
        return RecognisedLicence(Recognition.NOT_RECOGNISED, "verdict", None, report)
    agreement = agreements.get(report.licence.region)
    if agreement is None:
        return RecognisedLicence(Recognition.NOT_RECOGNISED, "no_agreement", None, report)
    kind = agreement.recognises(
        parse_identifier(report.licence.identifier).identifier.type_code, on=_day(at)
    )
    if kind is None:
        return RecognisedLicence(Recognition.NOT_RECOGNISED, "kind_not_listed", None, report)
    return RecognisedLicence(Recognition.RECOGNISED, "agreement", kind.kind, report)


def _day(at: datetime) -> date:
    return at.astimezone(_BEIJING).date()
