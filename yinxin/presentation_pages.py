"""Showing a licence live on the phone, and scanning it at a counter.

The phone's page asks for a fresh code every minute and looks for somebody who asks; without
script the holder loads it anew. Whoever has the link of a licence shows it, as with the
printed code; agreeing to fields takes the link too, never the code alone.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from issuance import repository as register
from verification.certificate_free.use_log import organisation_name
from verification.errors import DecidedRequestError, VerificationError
from verification.ports import VerificationServices
from verification.presentations import repository, showing
from verification.presentations.dynamic_code import REFRESHED_AFTER
from verification.presentations.repository import Presentation
from verification.presentations.showing import Phone
from verification.presentations.shown_licences import shown_licence
from verification.presentations.states import PresentationState
from yinxin import holder_links
from yinxin.pages import LIVE_POLICY, page, sentence_page
from yinxin.qr_pictures import qr_address

router = APIRouter(default_response_class=HTMLResponse)

_SECONDS = int(REFRESHED_AFTER.total_seconds())


@dataclass(frozen=True, slots=True)
class _Shown:
    """The phone behind a link, and the licence it opens."""

    phone: Phone
    kind_name: str
    services: VerificationServices
    at: datetime


@router.get("/h/{token}/show")
def show(request: Request, token: str) -> Response:
    """Show the live code, or who waits for the holder's decision."""
    shown = _shown(request, token)
    if shown is None:
        return sentence_page(request, "holder.unknown", 404)
    session, services = request.state.session, shown.services
    waiting = repository.waiting_for(session, services.region, shown.phone.shown_by, shown.at)
    if waiting is not None:
        asked = _asked(request, waiting, services)
        return _page(request, token, shown, reference="", picture="", asked=asked)
    reference, code, _ = showing.open_presentation(
        session, shown.phone, services=services, at=shown.at
    )
    return _page(request, token, shown, reference=reference, picture=qr_address(code), asked=None)


@router.post("/h/{token}/show/now")
def show_now(
    request: Request,
    token: str,
    reference: Annotated[str, Form(pattern=r"^[0-9a-f]{32}$")],
    fresh: Annotated[bool, Form()] = False,
) -> JSONResponse:
    """Tell the page how its presentation stands; with `fresh`, the next code."""
    shown = _shown(request, token)
    if shown is None:
        return JSONResponse({"state": "gone"}, 404)
    try:
        code, found = showing.code_now(
            request.state.session, reference, shown.phone, services=shown.services, at=shown.at
        )
    except VerificationError:
        return JSONResponse({"state": "gone"})
    members: dict[str, Any] = {"state": found.state.value}
    if code is not None and fresh:
        members |= {"picture": qr_address(code), "seconds": _SECONDS}
    if found.state is PresentationState.SCANNED:
        members["asked"] = _asked(request, found, shown.services)
    return JSONResponse(members)


@router.post("/h/{token}/show/decide")
def decide(
    request: Request,
    token: str,
    presentation: Annotated[str, Form(pattern=r"^[0-9a-f]{64}$")],
    agree: Annotated[bool, Form()],
    field: Annotated[list[str] | None, Form(max_length=32)] = None,
) -> Response:
    """Take the holder's decision."""
    shown = _shown(request, token)
    if shown is None:
        return sentence_page(request, "holder.unknown", 404)
    agreed = tuple(field or ()) if agree else None
    try:
        found = showing.own_by_id(request.state.session, presentation, shown.phone, shown.services)
        moved = showing.decide(
            request.state.session, found, agreed, services=shown.services, at=shown.at
        )
    except DecidedRequestError:
        return _done(request, token, "late", 409)
    except VerificationError:
        return sentence_page(request, "holder.unknown", 404)
    return _done(request, token, moved.state.value, 200)


@router.get("/counter")
def counter(request: Request) -> Response:
    """Show the relying party's console."""
    return _live(page(request, "counter.html"))


def _shown(request: Request, token: str) -> _Shown | None:
    session, at = request.state.session, request.state.at
    link = holder_links.find(session, token, at=at)
    chain = register.edition_chain(session, link.issuer_code, link.serial) if link else []
    published = [edition for edition in chain if edition.published_at is not None]
    if link is None or not published:
        return None
    phone = Phone(f"link:{link.issuer_code}.{link.serial}", published[-1].identifier)
    return _Shown(phone, published[-1].kind_name, request.app.state.verification, at)


def _asked(request: Request, found: Presentation, services: VerificationServices) -> dict[str, Any]:
    labels = shown_licence(request.state.session, found.licence, services).labels()
    name = organisation_name(found.organisation, services)
    return {
        "presentation": found.id,
        "organisation": name or found.organisation,
        "operator": found.operator,
        "purpose": found.purpose,
        "fields": [{"name": field, "label": labels[field]} for field in found.asked],
    }


def _page(request: Request, token: str, shown: _Shown, **values: Any) -> Response:
    address = f"/h/{token}"
    return _live(
        page(
            request,
            "show.html",
            kind_name=shown.kind_name,
            address=address,
            seconds=_SECONDS,
            **values,
        )
    )


def _done(request: Request, token: str, outcome: str, status: int) -> Response:
    return page(request, "shown.html", status, outcome=outcome, address=f"/h/{token}")


def _live(answer: HTMLResponse) -> Response:
    answer.headers["Content-Security-Policy"] = LIVE_POLICY
    return answer
