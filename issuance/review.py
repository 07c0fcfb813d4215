"""Review of an application by a second person (制证审核): approve, return, or reject.

The reviewer is never who submitted it. Whoever returns or rejects gives a reason.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy.orm import Session

from issuance import repository
from issuance.applications import find_application
from issuance.completion import note_remarks
from issuance.entitlement import REVIEWER, require_other_person, require_role
from issuance.errors import DataProblem, InvalidDataError, TransitionError
from issuance.ports import Actor, IssuanceServices
from issuance.register_rows import Application
from issuance.sentences import sentence
from issuance.states import APPLICATION_STEPS, after

MAX_REASON_CHARACTERS: Final = 400


class Decision(StrEnum):
    """What a reviewer decides."""

    APPROVE = "approve"
    RETURN = "return"
    REJECT = "reject"


def review(
    session: Session,
    services: IssuanceServices,
    application_id: str,
    decision: Decision,
    *,
    reason: str | None,
    actor: Actor,
    at: datetime,
    remarks: Mapping[str, str] | None = None,
) -> Application:
    """Decide on an application; the same decision by the same person again changes nothing.

    `remarks` say by field what is to be completed where it is returned; they may stand for
    the reason.

    Raises:
        NotEntitledError: if the caller is no reviewer.
        UnknownApplicationError: if there is none in the caller's department.
        SeparationOfDutiesError: if the caller submitted it.
        TransitionError: if it was decided otherwise.
        InvalidDataError: if a reason is needed and missing, or a remark is about no field.
    """
    require_role(actor, "review", REVIEWER)
    found = find_application(session, application_id, actor=actor)
    require_other_person(actor, "review", {"submit": found.submitted_by})
    told = bool(reason and reason.strip()) or (decision is Decision.RETURN and bool(remarks))
    if decision is not Decision.APPROVE and not told:
        zh, en = sentence("data.reason.required", {}, {})
        raise InvalidDataError([DataProblem("reason", "data.reason.required", zh, en)])
    decided = APPLICATION_STEPS[decision.value].values()
    if found.state in decided and found.reviewed_by == actor.id:
        return found
    subject = f"application {found.id}"
    state = after(APPLICATION_STEPS, decision.value, found.state, subject)
    done = repository.set_application(
        session, found, state, reviewed_by=actor.id, reviewed_at=at, review_reason=reason
    )
    if not done:
        raise TransitionError(subject, "changed meanwhile", decision.value)
    if decision is Decision.RETURN and remarks:
        note_remarks(session, services, found, remarks, at=at)
    services.audit.record(
        session,
        actor=actor.id,
        act=f"application.{decision.value}",
        subject=found.id,
        at=at,
        detail={"kind": found.kind, "issuer": found.issuer_code},
    )
    return find_application(session, application_id, actor=actor)
