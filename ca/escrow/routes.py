"""Recovering kept keys over HTTP: ask, approve by two others, take the envelope."""

from collections.abc import Callable
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response

from ca.calls import AuthorityName, Call, EntryId, signed_in_call
from ca.errors import UnknownCertificateError
from ca.escrow import recovering
from ca.escrow.model import Recovery
from ca.escrow.ports import EscrowServices
from ca.escrow.schemas import NewRecovery, RecoveryApproval, RecoveryOut, RecoveryRefusal

router = APIRouter(tags=["certificate authority"])

ENVELOPE_TYPE: Final = "application/octet-stream"


def current_call(request: Request) -> Call[EscrowServices]:
    """Return the call that `request` is.

    Raises:
        IdentityRequiredError: if nobody has signed in.
    """
    services: EscrowServices = request.app.state.escrow
    return signed_in_call(request.state, services)


Caller = Annotated[Call[EscrowServices], Depends(current_call)]


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
def show(call: Caller, authority: AuthorityName, recovery_id: EntryId) -> RecoveryOut:
    """Show one recovery."""
    found = recovering.find(call.session, authority, recovery_id, person=call.person)
    return RecoveryOut.of(found)


@router.post(
    "/v1/ca/key-recoveries/{authority}/{recovery_id}/approve",
    summary="批准恢复密钥 · Approve a recovery",
)
def approve(
    call: Caller, authority: AuthorityName, recovery_id: EntryId, body: RecoveryApproval
) -> RecoveryOut:
    """Approve; the second approval puts the key into its envelope."""
    return _decided(recovering.approve, call, authority, recovery_id, body.note)


@router.post(
    "/v1/ca/key-recoveries/{authority}/{recovery_id}/reject",
    summary="驳回恢复密钥 · Reject a recovery",
)
def reject(
    call: Caller, authority: AuthorityName, recovery_id: EntryId, body: RecoveryRefusal
) -> RecoveryOut:
    """Reject, and say why."""
    return _decided(recovering.reject, call, authority, recovery_id, body.note)


@router.get(
    "/v1/ca/key-recoveries/{authority}/{recovery_id}/enveloped-key",
    summary="领取恢复的密钥 · Take the recovered key, enveloped",
    response_class=Response,
    responses={200: {"content": {ENVELOPE_TYPE: {}}}},
)
def enveloped_key(call: Caller, authority: AuthorityName, recovery_id: EntryId) -> Response:
    """Give the recovered key as SM2EnvelopedKey for its recipient."""
    found = recovering.find(call.session, authority, recovery_id, person=call.person)
    if found.envelope is None:
        raise UnknownCertificateError(authority, found.serial)
    return Response(found.envelope, media_type=ENVELOPE_TYPE)


def _decided(
    decide: Callable[..., Recovery],
    call: Call[EscrowServices],
    authority: str,
    recovery_id: str,
    note: str,
) -> RecoveryOut:
    found = decide(
        call.session,
        call.services,
        authority,
        recovery_id,
        person=call.person,
        at=call.at,
        note=note,
    )
    return RecoveryOut.of(found)
