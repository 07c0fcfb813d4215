"""One certificate-free check (核验): a question of a case, answered once, with a receipt.

Order: entitled → item known → the parties are the item's → nothing asked that the item does
not list → answered before? → a basis that
holds for everybody → licences found → each verified
like anybody's → requirements → receipt → stored, with lines in the use log and in the audit
chain.

What is stored, the answer and its receipt, holds no value of a licence. An answer is given
once per case; only one that could not be given is tried again when it is asked again.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from sealkit.receipt import build_receipt
from verification import repository
from verification.certificate_free.fields import FieldValues, values_again, values_of
from verification.certificate_free.grounds import found_grounds
from verification.certificate_free.holdings import Holdings
from verification.certificate_free.items import Item, item_of
from verification.certificate_free.outcomes import Outcome, all_of
from verification.certificate_free.questions import Question, question_digest, require_asker
from verification.certificate_free.receipts import receipt_of
from verification.certificate_free.requirement_answers import (
    RequirementAnswer,
    answer_requirement,
)
from verification.certificate_free.use_log import note_uses
from verification.errors import (
    ConflictingCheckError,
    OverAskingError,
    PartiesError,
    UnknownCheckError,
)
from verification.ports import Actor, VerificationServices
from verification.repository import StoredCheck

_CHECK_ID_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Answered:
    """A check, with the values that go out with it and are kept nowhere."""

    check: StoredCheck
    values: FieldValues


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
) -> Answered:
    """Answer `question`, or return the answer that this case already has.

    Raises:
        NotEntitledError: if the caller is neither case officer nor case system.
        UnknownItemError: if the catalogue has no such item.
        PartiesError: if the people of the question are not those the item is about.
        OverAskingError: if a field is asked for that the item does not list.
        ConsentRefusedError: if a consent does not allow this, with the reason as its class.
        ConflictingCheckError: if this case asked the item about other people before, or for
            other fields.
    """
    require_asker(actor)
    item = item_of(services.items, question.item)
    _require_fitting(question, item)
    counter = _Counter(session, actor, services, at)
    holdings = Holdings(session, services, question.holder, question.parties, at)
    earlier = repository.newest_check(
        session, organisation=actor.department, case_number=question.case_number, item=item.code
    )
    if earlier and earlier.question_digest != question_digest(question, services):
        raise ConflictingCheckError(question.case_number)
    if earlier and earlier.outcome != Outcome.CANNOT_SAY:
        return _answered_again(earlier, question, item, holdings, counter)
    grounds = found_grounds(session, question, item, actor=actor, services=services, at=at)
    answers = [answer_requirement(requirement, holdings) for requirement in item.requirements]
    named = grounds.named(question)
    check = _check(named, item, answers, earlier.attempt + 1 if earlier else 1, counter)
    if not repository.add_check(session, check):
        # Another request of the same case was faster; its answer is the answer.
        return answer_check(session, question, actor=actor, services=services, at=at)
    grounds.spend(session, check_id=check.id, at=at)
    note_uses(session, check, named, actor=actor, services=services)
    return Answered(check, values_of(question.fields, answers))


def find_check(session: Session, check_id: str, *, actor: Actor) -> StoredCheck:
    """Return a check of the caller's own organisation.

    Raises:
        NotEntitledError: if the caller may not see checks.
        UnknownCheckError: if there is none of this id there.
    """
    require_asker(actor)
    found = repository.check_by_id(session, organisation=actor.department, check_id=check_id)
    if found is None:
        raise UnknownCheckError
    return found


def _require_fitting(question: Question, item: Item) -> None:
    roles = {party.role for party in item.parties}
    if set(question.parties) != roles:
        raise PartiesError(item.code, roles)
    surplus = sorted(set(question.fields) - set(item.fields))
    if surplus:
        raise OverAskingError(item.code, surplus)


def _answered_again(
    check: StoredCheck, question: Question, item: Item, holdings: Holdings, counter: _Counter
) -> Answered:
    """Return the stored answer; values of licences are read anew, and that is recorded."""
    if not question.fields:
        return Answered(check, {})
    # Handing out values again is no new use, but it takes a consent that still holds.
    found_grounds(
        counter.session,
        question,
        item,
        actor=counter.actor,
        services=counter.services,
        at=counter.at,
    )
    counter.services.audit.record(
        counter.session,
        actor=counter.actor.id,
        act="check.fields_read_again",
        subject=check.id,
        at=counter.at,
        detail={"item": item.code, "fields": ",".join(question.fields)},
    )
    return Answered(check, values_again(question.fields, item, check.answer, holdings))


def _check(
    question: Question,
    item: Item,
    answers: list[RequirementAnswer],
    attempt: int,
    counter: _Counter,
) -> StoredCheck:
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
        question_digest=question_digest(question, counter.services),
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
        "basis": question.basis.to_dict(),
        "party_bases": {role: basis.to_dict() for role, basis in question.party_bases.items()},
        "outcome": all_of(entry.outcome for entry in answers).value,
        "requirements": [entry.to_dict() for entry in answers],
        "fields": sorted(values_of(question.fields, answers)),
        "at": at.isoformat(),
    }
