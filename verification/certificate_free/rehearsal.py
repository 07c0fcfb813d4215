"""What is verified for a request of checks before its turn to write (ADR 0024)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from verification.certificate_free.answer import rehearse
from verification.certificate_free.questions import Question
from verification.certificate_free.verified import Verified
from verification.errors import VerificationError
from verification.ports import Actor, VerificationServices

GOOD_FOR: Final = timedelta(seconds=5)
"""How old the instant of an answer may be when its turn comes; later, all is verified anew."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Verdicts by SM3 of their files, all as of one instant."""

    at: datetime
    verified: Mapping[bytes, Verified]

    def instant(self, now: datetime) -> datetime:
        """Return the time that the answer is about."""
        return self.at if timedelta() <= now - self.at <= GOOD_FOR else now


def rehearse_all(
    session: Session,
    questions: Iterable[Callable[[], Question]],
    *,
    actor: Actor,
    services: VerificationServices,
    at: datetime,
) -> Rehearsal:
    """Verify what the answers will rest on; a question that cannot be made is passed over."""
    verified: dict[bytes, Verified] = {}
    for make in questions:
        try:
            question = make()
        except VerificationError:
            continue  # refused, with its reason, when it is asked
        verified |= rehearse(session, question, actor=actor, services=services, at=at)
    return Rehearsal(at, verified)
