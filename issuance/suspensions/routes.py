"""Suspending many licences over HTTP."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from issuance.routes import Caller
from issuance.schemas import NewRefusal, Request
from issuance.suspensions import deciding
from issuance.suspensions.rows import Suspension, lines_of

router = APIRouter(tags=["issuance"])

Identifier = Annotated[str, Field(min_length=1, max_length=128)]


class NewSuspension(Request):
    """Which licences, by one of three ways, and why."""

    legal_basis: str = Field(min_length=1, max_length=400)
    licences: list[Identifier] = Field([], max_length=deciding.MOST_LINES)
    kind: str | None = Field(None, max_length=64)
    numbers: list[Identifier] = Field([], max_length=deciding.MOST_LINES)
    issued_from: date | None = None
    issued_until: date | None = None

    def chosen(self) -> deciding.Chosen:
        """Return which licences are meant."""
        return deciding.Chosen(
            self.licences, self.kind, self.numbers, self.issued_from, self.issued_until
        )


class SuspensionLineOut(BaseModel):
    """One licence and what became of it."""

    line: int
    licence_id: str
    outcome: str
    problem: str | None
    state: str | None
    """Of the licence, where that is why the line was refused."""


class SuspensionOut(BaseModel):
    """A proposal and its lines."""

    suspension_id: str
    state: str
    legal_basis: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reasons: str | None
    lines: list[SuspensionLineOut]

    @classmethod
    def of(cls, session: Session, found: Suspension) -> "SuspensionOut":
        """Return what is told of a proposal."""
        return cls(
            suspension_id=found.id,
            state=found.state.value,
            legal_basis=found.legal_basis,
            proposed_by=found.proposed_by,
            proposed_at=found.proposed_at,
            decided_by=found.decided_by,
            decided_at=found.decided_at,
            reasons=found.reasons,
            lines=[
                SuspensionLineOut(
                    line=line.position,
                    licence_id=line.identifier,
                    outcome=line.outcome.value,
                    problem=line.problem,
                    state=line.state,
                )
                for line in lines_of(session, found)
            ],
        )


@router.post("/v1/suspensions", status_code=201, summary="提请批量暂停 · Propose to suspend many")
def propose_suspension(call: Caller, body: NewSuspension, response: Response) -> SuspensionOut:
    """Propose to suspend licences; nothing changes until another person confirms."""
    made = deciding.propose(
        call.session,
        call.services,
        body.chosen(),
        legal_basis=body.legal_basis,
        actor=call.actor,
        at=call.at,
    )
    response.headers["Location"] = f"/v1/suspensions/{made.id}"
    return SuspensionOut.of(call.session, made)


@router.get("/v1/suspensions/{suspension_id}", summary="批量暂停的逐行结果 · Show its lines")
def show_suspension(call: Caller, suspension_id: str) -> SuspensionOut:
    """Show a proposal and what became of each line."""
    found = deciding.find_suspension(call.session, suspension_id, actor=call.actor)
    return SuspensionOut.of(call.session, found)


@router.post("/v1/suspensions/{suspension_id}/confirm", summary="确认批量暂停 · Confirm")
def confirm_suspension(call: Caller, suspension_id: str) -> SuspensionOut:
    """Suspend every line that can be, as another person than who proposed it."""
    found = deciding.confirm(
        call.session, call.services, suspension_id, actor=call.actor, at=call.at
    )
    return SuspensionOut.of(call.session, found)


@router.post("/v1/suspensions/{suspension_id}/decline", summary="不予批量暂停 · Decline")
def decline_suspension(call: Caller, suspension_id: str, body: NewRefusal) -> SuspensionOut:
    """Leave the licences as they are, with reasons."""
    found = deciding.decline(
        call.session,
        call.services,
        suspension_id,
        reasons=body.reasons,
        actor=call.actor,
        at=call.at,
    )
    return SuspensionOut.of(call.session, found)
