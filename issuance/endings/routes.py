"""Ending licences over HTTP: one person proposes, another confirms or declines."""

from datetime import datetime

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from issuance.endings import deciding
from issuance.endings.rows import Cause, Ending, Way
from issuance.routes import Caller
from issuance.schemas import NewRefusal, Request

router = APIRouter(tags=["issuance"])


class NewEnding(Request):
    """How and why a licence is to end."""

    way: Way
    cause: Cause
    legal_basis: str = Field(min_length=1, max_length=400)


class EndingOut(BaseModel):
    """A proposal and what became of it."""

    ending_id: str
    licence_id: str
    way: str
    cause: str
    legal_basis: str
    state: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reasons: str | None

    @classmethod
    def of(cls, ending: Ending) -> "EndingOut":
        """Return what is told of `ending`."""
        return cls(
            ending_id=ending.id,
            licence_id=ending.identifier,
            way=ending.way.value,
            cause=ending.cause.value,
            legal_basis=ending.legal_basis,
            state=ending.state.value,
            proposed_by=ending.proposed_by,
            proposed_at=ending.proposed_at,
            decided_by=ending.decided_by,
            decided_at=ending.decided_at,
            reasons=ending.reasons,
        )


@router.post(
    "/v1/licences/{licence_id}/endings",
    status_code=201,
    summary="提请注销、撤销或吊销 · Propose to end a licence",
)
def propose_ending(call: Caller, licence_id: str, body: NewEnding, response: Response) -> EndingOut:
    """Propose to end a licence; nothing changes until another person confirms."""
    ending = deciding.propose(
        call.session,
        call.services,
        licence_id,
        way=body.way,
        cause=body.cause,
        legal_basis=body.legal_basis,
        actor=call.actor,
        at=call.at,
    )
    response.headers["Location"] = f"/v1/endings/{ending.id}"
    return EndingOut.of(ending)


@router.get("/v1/endings", summary="待决定的提请 · Proposals that wait")
def list_endings(call: Caller) -> list[EndingOut]:
    """List what waits for a decision in the caller's department, oldest first."""
    return [EndingOut.of(e) for e in deciding.proposed_endings(call.session, actor=call.actor)]


@router.get("/v1/endings/{ending_id}", summary="查看提请 · Show a proposal")
def show_ending(call: Caller, ending_id: str) -> EndingOut:
    """Show a proposal and what became of it."""
    return EndingOut.of(deciding.find_ending(call.session, ending_id, actor=call.actor))


@router.post("/v1/endings/{ending_id}/confirm", summary="确认 · Confirm an ending")
def confirm_ending(call: Caller, ending_id: str) -> EndingOut:
    """End the licence as proposed, as another person than who proposed it."""
    return EndingOut.of(
        deciding.confirm(call.session, call.services, ending_id, actor=call.actor, at=call.at)
    )


@router.post("/v1/endings/{ending_id}/decline", summary="不予同意 · Decline an ending")
def decline_ending(call: Caller, ending_id: str, body: NewRefusal) -> EndingOut:
    """Leave the licence as it is, with reasons."""
    return EndingOut.of(
        deciding.decline(
            call.session,
            call.services,
            ending_id,
            reasons=body.reasons,
            actor=call.actor,
            at=call.at,
        )
    )


@router.post("/v1/endings/{ending_id}/withdraw", summary="撤回提请 · Withdraw a proposal")
def withdraw_ending(call: Caller, ending_id: str) -> EndingOut:
    """Take an own proposal back."""
    return EndingOut.of(
        deciding.withdraw(call.session, call.services, ending_id, actor=call.actor, at=call.at)
    )
