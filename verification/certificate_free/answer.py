"""One certificate-free check (核验): a question of a case, answered once, with a receipt.

Order: entitled → item known → nothing asked that the item does not list → basis given →
answered before? → licences found → each verified like anybody's → requirements → receipt
→ stored, with a line in the use log and in the audit chain.

The answer and its receipt hold no value of a licence. An answer is given once per case;
only one that could not be given is tried again when it is asked again.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from sealkit.receipt import build_receipt
from sealkit.record import Holder
from verification import repository
from verification.certificate_free.consent import Basis
from verification.certificate_free.items import Item, item_of
from verification.certificate_free.receipts import receipt_of
from verification.certificate_free.requirement_answers import (
    RequirementAnswer,
    answer_requirement,
)
from verification.certificate_free.requirements import Outcome, all_of
from verification.errors import (
    ConflictingCheckError,
    NotEntitledError,
    OverAskingError,
    UnknownCheckError,
)
from verification.ports import Actor, VerificationServices
from verification.repository import StoredCheck

ROLES: Final = frozenset({"case_officer", "case_system"})
_CHECK_ID_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Question:
    """What a case system asks."""

    item: str
    holder: Holder
    case_number: str
    operator: str
    """Who asks, within the organisation of the caller."""
    basis: Basis
    fields: tuple[str, ...] = ()
    """Licence fields wanted beside the answer; the item must list each."""


@dataclass(frozen=True, slots=True)
class _Counter:
    """Where a question is answered: by whom, with what, when."""

    session: Session
    actor: Actor
    services: VerificationServices
    at: datetime


def answer_check(
    session: Session,
    question: Question,
    *,
    actor: Actor,
    services: VerificationServices,
    at: datetime,
) -> StoredCheck:
    """Answer `question`, or return the answer that this case already has.

    Raises:
        NotEntitledError: if the caller is neither case officer nor case system.
        UnknownItemError: if the catalogue has no such item.
        OverAskingError: if a field is asked for that the item does not list.
        ConflictingCheckError: if this case asked the item for another holder before.
    """
    _require_role(actor)
    item = item_of(question.item)
    surplus = sorted(set(question.fields) - set(item.fields))
    if surplus:
        raise OverAskingError(item.code, surplus)
    counter = _Counter(session, actor, services, at)
    earlier = repository.newest_check(
        session, organisation=actor.department, case_number=question.case_number, item=item.code
    )
    if earlier and earlier.question_digest != _question_digest(question, services):
        raise ConflictingCheckError(question.case_number)
    if earlier and earlier.outcome != Outcome.CANNOT_SAY:
        return earlier
    attempt = earlier.attempt + 1 if earlier else 1
    check = _answered(question, item, attempt, counter)
    if not repository.add_check(session, check):
        # Another request of the same case was faster; its answer is the answer.
        return answer_check(session, question, actor=actor, services=services, at=at)
    _note_use(check, question, counter)
    return check


def find_check(session: Session, check_id: str, *, actor: Actor) -> StoredCheck:
    """Return a check of the caller's own organisation.

    Raises:
        NotEntitledError: if the caller may not see checks.
        UnknownCheckError: if there is none of this id there.
    """
    _require_role(actor)
    found = repository.check_by_id(session, organisation=actor.department, check_id=check_id)
    if found is None:
        raise UnknownCheckError
    return found


def holder_index(holder: Holder, services: VerificationServices) -> bytes:
    """Return the keyed digest under which a holder's use log is kept."""
    return services.holders.blind_index(f"holder:{holder.code_type}:{holder.code.upper()}")


def _require_role(actor: Actor) -> None:
    if not ROLES & actor.roles:
        raise NotEntitledError


def _answered(question: Question, item: Item, attempt: int, counter: _Counter) -> StoredCheck:
    answers = [
        answer_requirement(
            counter.session, requirement, question.holder, counter.services, counter.at
        )
        for requirement in item.requirements
    ]
    answer = _answer_document(question, item, answers, counter.at)
    check_id = secrets.token_hex(_CHECK_ID_BYTES)
    receipt = receipt_of(
        check_id, answer, organisation=counter.actor.department, region=counter.services.region
    )
    return StoredCheck(
        organisation=counter.actor.department,
        id=check_id,
        case_number=question.case_number,
        item=item.code,
        attempt=attempt,
        question_digest=_question_digest(question, counter.services),
        outcome=answer["outcome"],
        answer=answer,
        receipt=build_receipt(receipt, counter.services.receipt_signer),
        at=answer["at"],
    )


def _answer_document(
    question: Question, item: Item, answers: list[RequirementAnswer], at: datetime
) -> dict[str, Any]:
    return {
        "item": item.code,
        "item_zh": item.name_zh,
        "item_en": item.name_en,
        "case_number": question.case_number,
        "operator": question.operator,
        "basis": {"kind": question.basis.kind.value, "reference": question.basis.reference},
        "outcome": all_of(entry.outcome for entry in answers).value,
        "requirements": [entry.to_dict() for entry in answers],
        "fields": {},
        "at": at.isoformat(),
    }


def _note_use(check: StoredCheck, question: Question, counter: _Counter) -> None:
    licences = [
        evidence["identifier"]
        for requirement in check.answer["requirements"]
        for evidence in requirement["evidence"]
    ]
    repository.add_usage(
        counter.session,
        holder=holder_index(question.holder, counter.services),
        at=check.at,
        organisation=check.organisation,
        operator=question.operator,
        item=check.item,
        case_number=check.case_number,
        basis=question.basis.kind.value,
        basis_reference=question.basis.reference,
        check_id=check.id,
        licences=licences,
        outcome=check.outcome,
    )
    counter.services.audit.record(
        counter.session,
        actor=counter.actor.id,
        act="check.answered",
        subject=check.id,
        at=counter.at,
        detail={"item": check.item, "outcome": check.outcome, "basis": question.basis.kind.value},
    )


def _question_digest(question: Question, services: VerificationServices) -> bytes:
    holder = question.holder
    members = ["check", holder.code_type, holder.code.upper(), holder.name, *question.fields]
    return services.holders.blind_index(json.dumps(members, ensure_ascii=False))
