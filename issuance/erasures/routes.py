"""Erasing the opening of a log entry over HTTP: one person proposes, another confirms."""

from datetime import datetime

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from issuance.erasures import deciding
from issuance.erasures.rows import Erasure
from issuance.routes import Caller
from issuance.schemas import NewRefusal, Request

router = APIRouter(tags=["issuance"])


class NewErasure(Request):
    """On what ground the opening is to be erased."""

    legal_basis: str = Field(min_length=1, max_length=400)


class ErasureOut(BaseModel):
    """A proposal to erase and what became of it."""

    erasure_id: str
    licence_id: str
    legal_basis: str
    state: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reasons: str | None

    @classmethod
    def of(cls, erasure: Erasure) -> "ErasureOut":
        """Return what is told of `erasure`."""
        return cls(
            erasure_id=erasure.id,
            licence_id=erasure.identifier,
            legal_basis=erasure.legal_basis,
            state=erasure.state.value,
            proposed_by=erasure.proposed_by,
            proposed_at=erasure.proposed_at,
            decided_by=erasure.decided_by,
            decided_at=erasure.decided_at,
            reasons=erasure.reasons,
        )


@router.post(
    "/v1/licences/{licence_id}/erasures",
    status_code=201,
    summary="提请销毁日志盐值 · Propose to erase the opening of the log entry",
)
def propose_erasure(
    call: Caller, licence_id: str, body: NewErasure, response: Response
) -> ErasureOut:
    """Propose to erase; nothing changes until another person confirms."""
    erasure = deciding.propose(
        call.session,
        call.services,
        licence_id,
        legal_basis=body.legal_basis,
        actor=call.actor,
        at=call.at,
    )
    response.headers["Location"] = f"/v1/erasures/{erasure.id}"
    return ErasureOut.of(erasure)


@router.get("/v1/erasures", summary="销毁记录 · Erasures")
def list_erasures(call: Caller) -> list[ErasureOut]:
    """List the erasures of the caller's department, newest first."""
    found = deciding.list_erasures(call.session, actor=call.actor)
    return [ErasureOut.of(erasure) for erasure in found]


@router.get("/v1/erasures/{erasure_id}", summary="查看销毁 · Show an erasure")
def show_erasure(call: Caller, erasure_id: str) -> ErasureOut:
    """Show a proposal and what became of it."""
    return ErasureOut.of(deciding.find_erasure(call.session, erasure_id, actor=call.actor))


@router.post("/v1/erasures/{erasure_id}/confirm", summary="确认销毁 · Confirm an erasure")
def confirm_erasure(call: Caller, erasure_id: str) -> ErasureOut:
    """Destroy the salt for good, as another person than who proposed it."""
    return ErasureOut.of(
        deciding.confirm(call.session, call.services, erasure_id, actor=call.actor, at=call.at)
    )


@router.post("/v1/erasures/{erasure_id}/decline", summary="不予同意 · Decline an erasure")
def decline_erasure(call: Caller, erasure_id: str, body: NewRefusal) -> ErasureOut:
    """Leave the opening as it is, with reasons."""
    return ErasureOut.of(
        deciding.decline(
            call.session,
            call.services,
            erasure_id,
            reasons=body.reasons,
            actor=call.actor,
            at=call.at,
        )
    )


@router.post("/v1/erasures/{erasure_id}/withdraw", summary="撤回提请 · Withdraw a proposal")
def withdraw_erasure(call: Caller, erasure_id: str) -> ErasureOut:
    """Take an own proposal back."""
    return ErasureOut.of(
        deciding.withdraw(call.session, call.services, erasure_id, actor=call.actor, at=call.at)
    )
