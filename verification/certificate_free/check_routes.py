"""Asking checks: licences are verified before the request's turn to write (ADR 0024).

`rehearsed` and `rehearsed_all` run before the transaction is opened; the roof orders them so.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from fastapi import APIRouter, Request, Response

from verification.certificate_free.answer import answer_check, rehearse
from verification.certificate_free.batch import Refused, answer_batch
from verification.certificate_free.routes import Caller, Services
from verification.certificate_free.schemas import BatchIn, BatchOut, CheckIn, CheckOut
from verification.certificate_free.verified import Verified
from verification.errors import VerificationError
from verification.ports import Actor, VerificationServices

GOOD_FOR: Final = timedelta(seconds=5)
"""How old the instant of an answer may be when its turn comes; later, all is verified anew."""

router = APIRouter()
batch_router = APIRouter()


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What was verified for a request before its turn."""

    at: datetime
    verified: Mapping[bytes, Verified]

    def instant(self, now: datetime) -> datetime:
        """Return the time that the answer is about."""
        return self.at if timedelta() <= now - self.at <= GOOD_FOR else now


def rehearsed(request: Request, body: CheckIn, actor: Caller, services: Services) -> None:
    """Verify what the check will rest on, while others write."""
    _rehearse(request, [body], actor, services)


def rehearsed_all(request: Request, body: BatchIn, actor: Caller, services: Services) -> None:
    """Verify what the checks will rest on, while others write."""
    _rehearse(request, body.checks, actor, services)


@router.post("/v1/checks", status_code=201)
def ask_check(
    request: Request, response: Response, body: CheckIn, actor: Caller, services: Services
) -> CheckOut:
    """Ask whether people meet an item's requirements; a repeated question is answered alike."""
    rehearsal: Rehearsal = request.state.rehearsal
    answered = answer_check(
        request.state.session,
        body.question(),
        actor=actor,
        services=services,
        at=rehearsal.instant(services.clock()),
        rehearsed=rehearsal.verified,
    )
    response.headers["Location"] = f"/v1/checks/{answered.check.id}"
    return CheckOut.with_values(answered)


@batch_router.post("/v1/checks:batch")
def ask_batch(request: Request, body: BatchIn, actor: Caller, services: Services) -> BatchOut:
    """Ask up to fifty questions at once; each is answered or refused by itself."""
    rehearsal: Rehearsal = request.state.rehearsal
    results = answer_batch(
        request.state.session,
        [entry.question for entry in body.checks],
        actor=actor,
        services=services,
        at=rehearsal.instant(services.clock()),
        rehearsed=rehearsal.verified,
    )
    return BatchOut.of(
        [result.error if isinstance(result, Refused) else result for result in results]
    )


def _rehearse(
    request: Request, bodies: Iterable[CheckIn], actor: Actor, services: VerificationServices
) -> None:
    at, verified = services.clock(), dict[bytes, Verified]()
    with request.state.reading() as session:
        for body in bodies:
            try:
                question = body.question()
            except VerificationError:
                continue  # refused, with its reason, when it is asked
            verified |= rehearse(session, question, actor=actor, services=services, at=at)
    request.state.rehearsal = Rehearsal(at, verified)
