"""A holder's links: given by the department; revoked by it, or by the holder on the own page."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from issuance import repository
from issuance.entitlement import CLERK, REVIEWER, require_role
from issuance.errors import TransitionError
from issuance.lifecycle import find_licence
from issuance.routes import Call, Caller
from issuance.states import IN_FORCE
from yinxin import holder_links
from yinxin.holder_links import HolderLink
from yinxin.pages import sentence_page

HOLDER = "holder-link"
"""Who acts, in the audit chain, where a link is all that is known of somebody."""

router = APIRouter()


class RevokedLinks(BaseModel):
    """What was revoked."""

    revoked: int
    """How many links opened the licence until now."""


class NewLink(BaseModel):
    """A link to a holder's page."""

    address: str
    """Told once; only its digest is kept."""


@router.post(
    "/v1/licences/{licence_id}/links",
    status_code=201,
    tags=["issuance"],
    summary="发放持证人链接 · Give the holder a link",
)
def give_link(call: Caller, licence_id: str) -> NewLink:
    """Make a phone link for the holder, whose identity the counter has checked."""
    return NewLink(address=make_link(call, licence_id))


def make_link(call: Call, licence_id: str) -> str:
    """Make a link to a licence in force and return its address; this is recorded.

    Raises:
        NotEntitledError: if the caller is neither clerk nor reviewer.
        UnknownLicenceError: if the caller's department has no such licence.
        TransitionError: if it is not in force.
    """
    require_role(call.actor, "give a link", CLERK, REVIEWER)
    found = find_licence(call.session, licence_id, actor=call.actor)
    if found.state not in IN_FORCE:
        raise TransitionError(f"licence {found.identifier}", found.state.value, "give a link")
    link = HolderLink(found.issuer_code, found.serial)
    token = holder_links.create(call.session, link, at=call.at)
    call.services.audit.record(
        call.session,
        actor=call.actor.id,
        act="link.create",
        subject=found.identifier,
        at=call.at,
        detail={},
    )
    return f"{call.services.public_url}/h/{token}"


@router.post(
    "/v1/licences/{licence_id}/links/revoke",
    tags=["issuance"],
    summary="收回持证人链接 · Revoke the holder's links",
)
def revoke_links(call: Caller, licence_id: str) -> RevokedLinks:
    """Make every phone link to the licence open nothing, as the holder asks at the counter."""
    require_role(call.actor, "revoke links", CLERK, REVIEWER)
    found = find_licence(call.session, licence_id, actor=call.actor)
    revoked = holder_links.revoke_all(call.session, HolderLink(found.issuer_code, found.serial))
    call.services.audit.record(
        call.session,
        actor=call.actor.id,
        act="link.revoke",
        subject=found.identifier,
        at=call.at,
        detail={"links": str(revoked), "which": "all"},
    )
    return RevokedLinks(revoked=revoked)


@router.post("/h/{token}/revoke", include_in_schema=False)
def revoke_own(
    request: Request, token: str, which: Annotated[str, Form(pattern="^(this|all)$")]
) -> HTMLResponse:
    """Make this link, or every link to the licence, open nothing: the holder's own decision."""
    session, at = request.state.session, request.state.at
    link = holder_links.find(session, token, at=at)
    if link is None:
        return sentence_page(request, "holder.unknown", 404)
    every = which == "all"
    revoked = (
        holder_links.revoke_all(session, link) if every else holder_links.revoke(session, token)
    )
    newest = repository.edition_chain(session, link.issuer_code, link.serial)[-1]
    request.app.state.context.issuance.audit.record(
        session,
        actor=HOLDER,
        act="link.revoke",
        subject=newest.identifier,
        at=at,
        detail={"links": str(revoked), "which": which},
    )
    return sentence_page(request, "holder.revoked", 200)
