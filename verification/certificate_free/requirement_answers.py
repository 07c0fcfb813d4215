"""Answering one requirement: find the holder's licences, verify each, ask the predicates."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from sealkit.record import Holder
from sealkit.sm import sm3
from verification.certificate_free.items import Requirement
from verification.certificate_free.requirements import PREDICATES, Held, Outcome, all_of, any_of
from verification.errors import SourceUnavailableError
from verification.ports import VerificationServices
from verification.report import Severity
from verification.verify import verify

MAX_LICENCES: Final = 32  # of one kind and one holder that are looked at for one requirement


@dataclass(frozen=True, slots=True)
class RequirementAnswer:
    """What is said of one requirement. It holds no value of any licence."""

    requirement: Requirement
    outcome: Outcome
    held: tuple[Held, ...]
    reasons: tuple[str, ...]
    """Why it is not met: codes of findings, ``no_licence``, ``holder_differs`` or
    ``register_unavailable``."""

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as API, receipt and register carry it."""
        return {
            "id": self.requirement.id,
            "kind": self.requirement.kind,
            "zh": self.requirement.zh,
            "en": self.requirement.en,
            "outcome": self.outcome.value,
            "reasons": list(self.reasons),
            "evidence": [_evidence(entry) for entry in self.held],
        }


def answer_requirement(
    session: Session,
    requirement: Requirement,
    holder: Holder,
    services: VerificationServices,
    at: datetime,
) -> RequirementAnswer:
    """Answer `requirement` for `holder` from the licences that the register finds."""
    try:
        documents = services.licences.held(session, kind=requirement.kind, holder=holder)
    except SourceUnavailableError:
        reasons = ("register_unavailable",)
        return RequirementAnswer(requirement, Outcome.CANNOT_SAY, (), reasons)
    sources = services.sources(session) | {"at": at}
    held = tuple(
        Held(entry.identifier, sm3.digest(entry.document), verify(entry.document, **sources))
        for entry in documents[:MAX_LICENCES]
    )
    outcome = any_of(_judge(requirement, entry, holder) for entry in held)
    return RequirementAnswer(requirement, outcome, held, _reasons(outcome, held))


def _judge(requirement: Requirement, held: Held, holder: Holder) -> Outcome:
    record = held.report.record
    if record is not None and record.kind != requirement.kind:
        return Outcome.NOT_MET
    return all_of(PREDICATES[name](held, holder) for name in requirement.predicates)


def _reasons(outcome: Outcome, held: tuple[Held, ...]) -> tuple[str, ...]:
    if outcome is Outcome.MET:
        return ()
    if not held:
        return ("no_licence",)
    codes = [
        finding.code
        for entry in held
        for finding in entry.report.findings
        if finding.severity in (Severity.ERROR, Severity.UNKNOWN)
    ]
    return tuple(dict.fromkeys(codes)) or ("holder_differs",)


def _evidence(held: Held) -> dict[str, Any]:
    """Return what an archive needs to see later why the answer was given."""
    report = held.report.to_dict()
    return {
        "identifier": held.identifier,
        "verdict": report["verdict"],
        "state": report["state"],
        "document_digest": held.document_digest.hex(),
        "findings": [finding["code"] for finding in report["findings"]],
        "unchecked": [entry["code"] for entry in report["unchecked"]],
        "freshness": report["freshness"],
    }
