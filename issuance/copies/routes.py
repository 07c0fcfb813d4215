"""Annotated copies over HTTP.

`making_router` is mounted without a transaction around it: signing must not hold the register.
"""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Field

from issuance.copies.making import MAX_TEXT, CopyRequest, made_copies, make_copy
from issuance.entitlement import signed_in
from issuance.ports import IssuanceServices
from issuance.routes import Caller
from issuance.schemas import Request as Body
from sealkit.copy_note import CopyNote

router = APIRouter(tags=["issuance"])
making_router = APIRouter(tags=["issuance"])


class NewCopy(Body):
    """What a copy is for."""

    purpose: Annotated[str, Field(max_length=MAX_TEXT, description="用途, across every page")]
    recipient: Annotated[str, Field(max_length=MAX_TEXT, description="使用方")]
    hours: Annotated[int, Field(ge=1, le=720)] = 24


class CopyOut(Body):
    """One copy that was made."""

    copy_id: str
    licence_id: str
    purpose: str
    recipient: str
    made_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, note: CopyNote) -> "CopyOut":
        """Return what is told of a copy."""
        return cls(
            copy_id=note.copy_id,
            licence_id=note.identifier,
            purpose=note.copy_cause,
            recipient=note.recipient,
            made_at=note.copy_create_time,
            expires_at=note.copy_expiring_time,
        )


@making_router.post(
    "/v1/licences/{licence_id}/copies",
    status_code=201,
    response_class=Response,
    responses={201: {"content": {"application/pdf": {}}}},
    summary="制作加注件 · Have an annotated copy made",
)
def new_copy(request: Request, licence_id: str, body: NewCopy) -> Response:
    """Give the holder a PDF copy for one use; it is handed out once and not kept."""
    services: IssuanceServices = request.app.state.issuance
    made = make_copy(
        request.state.writing,
        services,
        licence_id,
        CopyRequest(body.purpose, body.recipient, timedelta(hours=body.hours)),
        actor=signed_in(request.state.actor),
        at=request.state.at,
    )
    copy_id = made.note.copy_id
    headers = {
        "Content-Disposition": f'attachment; filename="{copy_id}.pdf"',
        "Yinxin-Copy-Id": copy_id,
    }
    return Response(made.document, 201, headers, media_type="application/pdf")


@router.get("/v1/licences/{licence_id}/copies", summary="加注件列表 · Copies that were made")
def list_copies(call: Caller, licence_id: str) -> list[CopyOut]:
    """List the copies of a licence to its holder or issuer; this is recorded."""
    notes = made_copies(call.session, call.services, licence_id, actor=call.actor, at=call.at)
    return [CopyOut.of(note) for note in notes]
