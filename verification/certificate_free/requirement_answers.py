"""Answering one requirement: from the person's licences, verified, judged by what the item asks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sealkit.record import Holder
from verification.certificate_free.holdings import Held, Holdings
from verification.certificate_free.items import Requirement, ShownBy
from verification.certificate_free.judging import Reason, all_together, judge, requirement_reason
from verification.certificate_free.outcomes import Outcome, any_of, opposite
from verification.certificate_free.predicates import Subject
from verification.checks.validity import BEIJING
from verification.errors import SourceUnavailableError
from verification.report import Finding, Severity, Verdict

MAX_REASONS: Final = 16


@dataclass(frozen=True, slots=True)
class RequirementAnswer:
    """What is said of one requirement. It holds no value of any licence."""

    requirement: Requirement
    outcome: Outcome
    held: tuple[Held, ...]
    """What the answer rests on: the licence that meets it, else all that were looked at."""
    reasons: tuple[Reason, ...]
    shown: ShownBy | None = None
    """Which of the requirement's ways it was met by; None when it was not, or by nothing."""

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as API, receipt and register carry it."""
        return {
            "id": self.requirement.id,
            "party": self.requirement.party,
            "zh": self.requirement.zh,
            "en": self.requirement.en,
            "outcome": self.outcome.value,
            "reasons": [reason.to_dict() for reason in self.reasons],
            "evidence": [_evidence(entry) for entry in self.held],
        }


@dataclass(frozen=True, slots=True)
class _Judged:
    """One licence, or the lack of any, judged for one way of showing a requirement."""

    outcome: Outcome
    reasons: tuple[Reason, ...]
    shown: ShownBy
    held: tuple[Held, ...] = ()


def person_of(requirement: Requirement, holdings: Holdings) -> Holder:
    """Return who the requirement is about."""
    role = requirement.party
    return holdings.applicant if role is None else holdings.parties[role]


def answer_requirement(requirement: Requirement, holdings: Holdings) -> RequirementAnswer:
    """Answer `requirement` from what its person holds."""
    person = person_of(requirement, holdings)
    judged = [
        entry for shown in requirement.shown_by for entry in _judgements(shown, person, holdings)
    ]
    outcome = any_of(entry.outcome for entry in judged)
    held = tuple(one for entry in judged for one in entry.held)
    if requirement.none:
        return RequirementAnswer(
            requirement, opposite(outcome), held, _reasons_of_lack(outcome, judged)
        )
    if outcome is Outcome.MET:
        met = next(entry for entry in judged if entry.outcome is Outcome.MET)
        return RequirementAnswer(requirement, outcome, met.held, met.reasons, met.shown)
    return RequirementAnswer(requirement, outcome, held, _distinct(judged))


def _judgements(shown: ShownBy, person: Holder, holdings: Holdings) -> list[_Judged]:
    try:
        holding = holdings.of(shown.kind, person)
    except SourceUnavailableError:
        return [_bare("register_unavailable", Outcome.CANNOT_SAY, shown)]
    judged = [_judged(held, shown, person, holdings) for held in holding.licences]
    if not holding.complete:
        judged.append(_bare("too_many_licences", Outcome.CANNOT_SAY, shown))
    return judged or [_bare("no_licence", Outcome.NOT_MET, shown)]


def _judged(held: Held, shown: ShownBy, person: Holder, holdings: Holdings) -> _Judged:
    """Judge one licence: what does not verify as valid shows nothing."""
    report = held.report
    if report.verdict is not Verdict.VALID:
        invalid = report.verdict is Verdict.INVALID
        outcome = Outcome.NOT_MET if invalid else Outcome.CANNOT_SAY
        severity = Severity.ERROR if invalid else Severity.UNKNOWN
        found = [finding for finding in report.findings if finding.severity is severity]
        return _Judged(outcome, _of_findings(found, outcome), shown, (held,))
    if report.record is None:
        return _bare("no_record", Outcome.CANNOT_SAY, shown, held)
    if not holdings.is_of_kind(held, shown.kind):
        return _bare("other_kind", Outcome.NOT_MET, shown, held)
    subject = Subject(report.record, person, _beijing_day(holdings.at), holdings.parties)
    reasons = judge(shown.must, subject)
    return _Judged(all_together(reasons), reasons, shown, (held,))


def _beijing_day(at: datetime) -> date:
    return at.astimezone(BEIJING).date()


def _bare(key: str, outcome: Outcome, shown: ShownBy, *held: Held) -> _Judged:
    return _Judged(outcome, (requirement_reason(key, outcome),), shown, held)


def _of_findings(findings: Iterable[Finding], outcome: Outcome) -> tuple[Reason, ...]:
    return tuple(Reason(finding.code, outcome, finding.message) for finding in findings)


def _reasons_of_lack(outcome: Outcome, judged: list[_Judged]) -> tuple[Reason, ...]:
    """Return why a licence that must not be there is there, or may be."""
    if outcome is Outcome.MET:
        return (requirement_reason("held_nonetheless", Outcome.NOT_MET),)
    return () if outcome is Outcome.NOT_MET else _distinct(judged, Outcome.CANNOT_SAY)


def _distinct(judged: list[_Judged], only: Outcome | None = None) -> tuple[Reason, ...]:
    """Return the reasons that stand in the way, each once."""
    reasons = (
        reason
        for entry in judged
        for reason in entry.reasons
        if reason.outcome is not Outcome.MET and only in (None, reason.outcome)
    )
    return tuple(dict.fromkeys(reasons))[:MAX_REASONS]


def _evidence(held: Held) -> dict[str, Any]:
    """Return what an archive needs to see later why the answer was given."""
    report = held.report.to_dict()
    return {
        "identifier": held.identifier,
        "verdict": report["verdict"],
        "state": report["state"],
        "document_digest": held.document_digest.hex(),
        "log_size": held.log_size,
        "findings": [finding["code"] for finding in report["findings"]],
        "unchecked": [entry["code"] for entry in report["unchecked"]],
        "freshness": report["freshness"],
    }
