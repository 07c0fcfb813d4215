"""The use log (用证留痕): who looked at whose licences, for what, on what basis, with what answer.

It holds no field values and names nobody: a holder is a keyed digest. A digest of every
line goes into the audit chain with it, so that a line changed or removed later is seen.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from sealkit.record import Holder
from sealkit.sm import sm3
from verification import repository
from verification.certificate_free.questions import Question, index_of
from verification.ports import Actor, VerificationServices
from verification.report import messages
from verification.repository import StoredCheck

_DIGESTED = (
    "at organisation operator item case_number basis basis_reference fields check_id outcome"
).split()


def note_uses(
    session: Session,
    check: StoredCheck,
    question: Question,
    *,
    actor: Actor,
    services: VerificationServices,
) -> None:
    """Record a new answer: one line for each person, and the act itself."""
    at = datetime.fromisoformat(check.at)
    for role, person, basis in question.people():
        line: dict[str, Any] = {
            "holder": index_of(person, services),
            "at": check.at,
            "organisation": check.organisation,
            "operator": question.operator,
            "item": check.item,
            "case_number": check.case_number,
            "basis": basis.kind.value,
            "basis_reference": basis.reference,
            "fields": ",".join(_fields(check, role)),
            "check_id": check.id,
            "outcome": check.outcome,
        }
        licences = _licences(check, role)
        repository.add_usage(session, licences=licences, **line)
        services.audit.record(
            session,
            actor=actor.id,
            act="licence.used",
            subject=check.id,
            at=at,
            detail={"use": use_digest(line, licences).hex()},
        )
    services.audit.record(
        session,
        actor=actor.id,
        act="check.answered",
        subject=check.id,
        at=at,
        detail={
            "item": check.item,
            "outcome": check.outcome,
            "basis": question.basis.kind.value,
            "fields": ",".join(check.answer["fields"]),
        },
    )


def use_digest(line: Mapping[str, Any], licences: list[str]) -> bytes:
    """Return the SM3 of one line with the licences it names, as the audit chain keeps it."""
    members = [line["holder"].hex(), *(line[name] for name in _DIGESTED), *sorted(set(licences))]
    return sm3.digest(json.dumps(members, ensure_ascii=False).encode())


def uses_of(
    session: Session, holder: Holder, services: VerificationServices
) -> list[dict[str, Any]]:
    """Return a holder's own use log, newest first, in words."""
    uses = []
    for row in repository.usage_of(session, index_of(holder, services)):
        item = services.items.get(row["item"])
        shown = messages()["uses"]["presentation"] if row["item"] == "presentation" else None
        uses.append(
            row
            | {
                "organisation_name": organisation_name(row["organisation"], services),
                "item_zh": item.name_zh if item else shown.zh if shown else "",
                "item_en": item.name_en if item else shown.en if shown else "",
                "licences": repository.licences_of_use(session, row["id"]),
            }
        )
    return uses


def organisation_name(code: str, services: VerificationServices) -> str:
    """Return the name of an organisation that issues licences here; empty for another."""
    region = services.trust().region(services.region)
    authority = region.authority(code) if region else None
    return authority.name if authority else ""


def _licences(check: StoredCheck, role: str | None) -> list[str]:
    """Return the licences that the answer rests on of the person with this role."""
    return [
        evidence["identifier"]
        for requirement in check.answer["requirements"]
        if requirement["party"] == role
        for evidence in requirement["evidence"]
    ]


def _fields(check: StoredCheck, role: str | None) -> list[str]:
    """Return the fields handed out that stand on licences of the person with this role."""
    parties = {entry["id"]: entry["party"] for entry in check.answer["requirements"]}
    return [name for name in check.answer["fields"] if parties[name.partition(".")[0]] == role]
