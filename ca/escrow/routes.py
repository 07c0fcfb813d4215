"""Recovering kept keys over HTTP: ask, approve by two others, take the envelope."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Request, Response
from sqlalchemy.orm import Session

from ca.enrolment.entitlement import signed_in
from ca.enrolment.ports import Person
from ca.errors import UnknownCertificateError
from ca.escrow import recovering
from ca.escrow.ports import EscrowServices
from ca.escrow.schemas import NewRecovery, RecoveryApproval, RecoveryOut, RecoveryRefusal

router = APIRouter(tags=["certificate authority"])

ENVELOPE_TYPE: Final = "application/octet-stream"
_Authority = Annotated[str, Path(pattern="^[a-z0-9_]{1,64}$")]
_Id = Annotated[str, Path(pattern="^[0-9a-f]{1,32}$")]


@dataclass(frozen=True, slots=True)
class Call:
    """What a route hands to a rule: transaction, collaborators, caller and instant."""

    session: Session
    services: EscrowServices
    person: Person
    at: datetime


def current_call(request: Request) -> Call:
    """Return the call that `request` is.

    Raises:
        IdentityRequiredError: if nobody has signed in.
    """
    return Call(
        session=request.state.session,
        services=request.app.state.escrow,
        person=signed_in(request.state.actor),
        at=request.state.at,
    )


Caller = Annotated[Call, Depends(current_call)]


@router.post("/v1/ca/key-recoveries", status_code=201, summary="申请恢复密钥 · Ask for a kept key")
def ask(call: Caller, body: NewRecovery, response: Response) -> RecoveryOut:
    """Ask for the key of an encryption certificate."""
    found = recovering.ask(
        call.session,
        call.services,
        authority=body.authority,
        serial=int(body.serial, 16),
        recipient=int(body.recipient, 16),
        reason=body.reason,
        person=call.person,
        at=call.at,
    )
    response.headers["Location"] = f"/v1/ca/key-recoveries/{found.authority}/{found.id}"
    return RecoveryOut.of(found)


@router.get(
    "/v1/ca/key-recoveries/{authority}/{recovery_id}",
    summary="查看密钥恢复 · Show a recovery",
)
def show(call: Caller, authority: _Authority, recovery_id: _Id) -> RecoveryOut:
    """Show one recovery."""
    found = recovering.find(call.session, authority, recovery_id, person=call.person)
    return RecoveryOut.of(found)


@router.post(
    "/v1/ca/key-recoveries/{authority}/{recovery_id}/approve",
    summary="批准恢复密钥 · Approve a recovery",
)
def approve(
    call: Caller, authority: _Authority, recovery_id: _Id, body: RecoveryApproval
) -> RecoveryOut:
    """Approve; the second approval puts the key into its envelope."""
    found = recovering.approve(
        call.session,
        call.services,
        authority,
        recovery_id,
        person=call.person,
        at=call.at,
        note=body.note,
    )
    return RecoveryOut.of(found)


@router.post(
    "/v1/ca/key-recoveries/{authority}/{recovery_id}/reject",
    summary="驳回恢复密钥 · Reject a recovery",
)
def reject(
    call: Caller, authority: _Authority, recovery_id: _Id, body: RecoveryRefusal
) -> RecoveryOut:
    """Reject, and say why."""
    found = recovering.reject(
        call.session,
        call.services,
        authority,
        recovery_id,
        person=call.person,
        at=call.at,
        note=body.note,
    )
    return RecoveryOut.of(found)


@router.get(
    "/v1/ca/key-recoveries/{authority}/{recovery_id}/enveloped-key",
    summary="领取恢复的密钥 · Take the recovered key, enveloped",
    response_class=Response,
    responses={200: {"content": {ENVELOPE_TYPE: {}}}},
)
def enveloped_key(call: Caller, authority: _Authority, recovery_id: _Id) -> Response:
    """Give the recovered key as SM2EnvelopedKey for its recipient."""
    found = recovering.find(call.session, authority, recovery_id, person=call.person)
    if found.envelope is None:
        raise UnknownCertificateError(authority, found.serial)
    return Response(found.envelope, media_type=ENVELOPE_TYPE)
