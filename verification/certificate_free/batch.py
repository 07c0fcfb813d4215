"""Many checks of a case system in one request: each answered or refused by itself.

All stand in one transaction; each in a savepoint of its own, so that a refused one leaves
nothing behind and does not touch the others. What must be recorded of a refusal is recorded
outside its savepoint.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from verification.certificate_free.answer import Answered, answer_check
from verification.certificate_free.questions import Question, require_asker
from verification.errors import OverAskingError, VerificationError
from verification.ports import Actor, VerificationServices

MAX_QUESTIONS: Final = 50  # of one request: they hold the writer while they are answered


@dataclass(frozen=True, slots=True)
class Refused:
    """Why one question of a batch was not answered."""

    error: VerificationError


def answer_batch(
    session: Session,
    questions: Sequence[Callable[[], Question]],
    *,
    actor: Actor,
    services: VerificationServices,
    at: datetime,
) -> list[Answered | Refused]:
    """Answer each question; return what came of each, in their order.

    A question is made by a call, so that one that cannot be made refuses itself only.

    Raises:
        NotEntitledError: if the caller is neither case officer nor case system.
        ValueError: if there are more than `MAX_QUESTIONS`.
    """
    require_asker(actor)
    if len(questions) > MAX_QUESTIONS:
        raise ValueError("more questions than one request may hold")
    results: list[Answered | Refused] = []
    for make in questions:
        try:
            with session.begin_nested():
                answered = answer_check(session, make(), actor=actor, services=services, at=at)
        except VerificationError as error:
            if isinstance(error, OverAskingError):
                _record_over_asking(session, error, actor, services, at)
            results.append(Refused(error))
        else:
            results.append(answered)
    return results


def _record_over_asking(
    session: Session,
    error: OverAskingError,
    actor: Actor,
    services: VerificationServices,
    at: datetime,
) -> None:
    services.audit.record(
        session,
        actor=actor.id,
        act="check.over_asking",
        subject=error.item[:160],
        at=at,
        detail={"fields": ",".join(error.fields)[:400]},
    )
