"""Looking at a batch, and its review by a second person: all of its good lines, or none."""

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from issuance.batches import repository
from issuance.batches.rows import BATCH_STEPS, Batch, BatchLine, LineState
from issuance.entitlement import (
    AUDITOR,
    CLERK,
    OPERATOR,
    REVIEWER,
    require_other_person,
    require_role,
)
from issuance.errors import (
    DataProblem,
    InvalidDataError,
    TransitionError,
    UnknownBatchError,
)
from issuance.ports import Actor, IssuanceServices
from issuance.review import Decision
from issuance.sentences import sentence
from issuance.states import after

MAX_LINES: Final = 1000
MAX_BATCHES: Final = 100


def find_batch(session: Session, batch_id: str, *, actor: Actor) -> Batch:
    """Return a batch of the caller's department.

    Raises:
        NotEntitledError: if the caller has no role in issuing.
        UnknownBatchError: if there is none.
    """
    require_role(actor, "read batches", CLERK, REVIEWER, OPERATOR, AUDITOR)
    found = repository.batch(session, actor.department, batch_id)
    if found is None:
        raise UnknownBatchError
    return found


def newest_batches(session: Session, *, actor: Actor) -> tuple[Batch, ...]:
    """Return the newest batches of the caller's department.

    Raises:
        NotEntitledError: if the caller has no role in issuing.
    """
    require_role(actor, "read batches", CLERK, REVIEWER, OPERATOR, AUDITOR)
    return repository.batches_of(session, actor.department, limit=MAX_BATCHES)


def lines_of(
    session: Session,
    found: Batch,
    *,
    states: tuple[LineState, ...] = tuple(LineState),
    after_line: int = 0,
    limit: int = MAX_LINES,
) -> tuple[BatchLine, ...]:
    """Return up to `limit` lines behind `after_line`: what became of each."""
    return repository.lines(
        session, found, states=states, after=after_line, limit=min(limit, MAX_LINES)
    )


def review_batch(
    session: Session,
    services: IssuanceServices,
    batch_id: str,
    decision: Decision,
    *,
    reason: str | None,
    actor: Actor,
    at: datetime,
) -> Batch:
    """Approve or reject a checked batch; the same decision by the same person changes nothing.

    Raises:
        NotEntitledError: if the caller is no reviewer.
        UnknownBatchError: if there is none in the caller's department.
        SeparationOfDutiesError: if the caller sent it.
        TransitionError: if it is not checked yet, or was decided otherwise.
        InvalidDataError: if a reason is needed and missing.
    """
    require_role(actor, "review", REVIEWER)
    found = find_batch(session, batch_id, actor=actor)
    require_other_person(actor, "review", {"submit": found.submitted_by})
    step = "approve" if decision is Decision.APPROVE else "reject"
    if step == "reject" and not (reason and reason.strip()):
        zh, en = sentence("data.reason.required", {}, {})
        raise InvalidDataError([DataProblem("reason", "data.reason.required", zh, en)])
    if found.reviewed_by == actor.id and found.state in BATCH_STEPS[step].values():
        return found
    subject = f"batch {found.id}"
    state = after(BATCH_STEPS, step, found.state, subject)
    changed = repository.set_batch(
        session,
        found,
        state=state.value,
        reviewed_by=actor.id,
        reviewed_at=at,
        review_reason=reason,
        advanced_at=at,
        finished_at=None if step == "approve" else at,
    )
    if not changed:
        raise TransitionError(subject, "changed meanwhile", step)
    services.audit.record(
        session,
        actor=actor.id,
        act=f"batch.{step}",
        subject=found.id,
        at=at,
        detail={"kind": found.kind, "issuer": found.issuer_code, "lines": str(found.ready)},
    )
    return find_batch(session, batch_id, actor=actor)
