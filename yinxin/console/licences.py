"""Licences in the console: found, read, suspended, resumed; their files, links and archive.

What ends one for good is in `console.endings`, many at once in `console.suspensions`; a new
edition begins as an application, a correction as an objection.
"""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from issuance import lifecycle, repository
from issuance.archive.making import make_archive
from issuance.copies.making import made_copies
from issuance.endings.rows import Way
from issuance.entitlement import CLERK, REVIEWER, require_role, signed_in
from issuance.errors import UnknownLicenceError
from issuance.licence_lists import licence_by_number, newest_licences
from issuance.objection_repository import objections_on
from issuance.register_rows import Edition
from issuance.replacements import Reason
from issuance.routes import Call, Caller
from issuance.schemas import NewStateChange
from issuance.states import EDITION_STEPS, IN_FORCE, UNPUBLISHED, after
from yinxin import holder_links
from yinxin.console import posting
from yinxin.console.application_forms import shown_fields, shown_holder
from yinxin.console.listing import PAGE_LINES, Cursor, cursor_of, page_of
from yinxin.console.pages import confirmation, console_page, go
from yinxin.console.people import names_of
from yinxin.holder_links import HolderLink
from yinxin.link_routes import make_link, revoke_links

router = APIRouter()
caller_router = APIRouter()

HOME: Final = "/console/licences"
_MAX_BASIS: Final = 400
_MAX_SOUGHT: Final = 128
Step = Literal["suspend", "resume"]


def address_of(licence_id: str) -> str:
    """Return where a licence is shown."""
    return f"{HOME}/{licence_id}"


@router.get(HOME)
def list_of(
    request: Request, call: Caller, after: Annotated[str, Query(max_length=120)] = ""
) -> HTMLResponse:
    """List the newest licences."""
    return _list_page(request, call, after=after)


@router.post(f"{HOME}/find")
def find(request: Request, call: Caller) -> Response:
    """Lead to the licence with an identifier or number; a number belongs into no address."""
    sought = posting.text(request, "q")[:_MAX_SOUGHT]
    found = licence_by_number(call.session, call.services, sought, actor=call.actor)
    named = found or _named(call, sought)
    if named is not None:
        return go(address_of(named.identifier))
    return _list_page(request, call, sought=sought)


@router.get(f"{HOME}/{{licence_id}}")
def show(request: Request, call: Caller, licence_id: str) -> HTMLResponse:
    """Show where a licence stands and what was done to it; its content is one step further."""
    found = _published(call, licence_id)
    chain = repository.edition_chain(call.session, found.issuer_code, found.serial)
    events = repository.events(call.session, found.key)
    return console_page(
        request,
        "console/licence.html",
        licence=found,
        state=found.state.value,
        newest=chain[-1],
        chain=chain,
        events=events,
        names=names_of(call.session, [event.actor for event in events]),
        forms=sorted(repository.files(call.session, found.key)),
        objections=objections_on(call.session, found.issuer_code, found.serial),
        links=holder_links.count(
            call.session, HolderLink(found.issuer_code, found.serial), at=call.at
        ),
        steps=_steps(call, found),
        ways=[way.value for way in Way if found.state in IN_FORCE],
        reasons=[reason.value for reason in Reason],
        in_force=found.state in IN_FORCE,
        is_clerk=CLERK in call.actor.roles,
        handles=not call.actor.roles.isdisjoint((CLERK, REVIEWER)),
    )


@router.get(f"{HOME}/{{licence_id}}/content")
def content(request: Request, call: Caller, licence_id: str) -> HTMLResponse:
    """Show holders and fields; this is recorded."""
    found = _published(call, licence_id)
    data = lifecycle.read_licence(call.session, call.services, found, actor=call.actor, at=call.at)
    return console_page(
        request,
        "console/licence_content.html",
        licence=found,
        holders=[shown_holder(holder) for holder in data.holders],
        fields=shown_fields(call.services.kinds[found.kind], data),
    )


@router.get(f"{HOME}/{{licence_id}}/copies")
def copies(request: Request, call: Caller, licence_id: str) -> HTMLResponse:
    """Show which annotated copies the holder had made; this is recorded."""
    found = _published(call, licence_id)
    notes = made_copies(call.session, call.services, licence_id, actor=call.actor, at=call.at)
    return console_page(request, "console/licence_copies.html", licence=found, notes=notes)


@router.get(f"{HOME}/{{licence_id}}/files/{{form}}")
def file(call: Caller, licence_id: str, form: str) -> Response:
    """Give a file of the licence; this is recorded."""
    found = lifecycle.find_licence(call.session, licence_id, actor=call.actor)
    document = lifecycle.read_file(
        call.session, call.services, found, form, actor=call.actor, at=call.at
    )
    return _download(document, f"{licence_id}.{form}")


@caller_router.get(f"{HOME}/{{licence_id}}/archive")
def archive(request: Request, licence_id: str) -> Response:
    """Give the archive package: the licence and all that its proof needs."""
    package = make_archive(
        request.state.writing,
        request.app.state.archive,
        licence_id,
        actor=signed_in(request.state.actor),
        at=request.state.at,
    )
    return _download(package, f"{licence_id}-archive.zip")


@router.get(f"{HOME}/{{licence_id}}/links/new")
def ask_link(request: Request, call: Caller, licence_id: str) -> HTMLResponse:
    """Say what giving a link means."""
    require_role(call.actor, "give a link", CLERK, REVIEWER)
    return _confirm(request, call, licence_id, "links/new", "link", grave=False)


@router.post(f"{HOME}/{{licence_id}}/links/new")
def give_link(request: Request, call: Caller, licence_id: str) -> HTMLResponse:
    """Make a link and show it, once."""
    return console_page(
        request,
        "console/licence_link.html",
        address=make_link(call, licence_id),
        back=address_of(licence_id),
    )


@router.get(f"{HOME}/{{licence_id}}/links/revoke")
def ask_revoke(request: Request, call: Caller, licence_id: str) -> HTMLResponse:
    """Say what revoking means."""
    require_role(call.actor, "revoke links", CLERK, REVIEWER)
    return _confirm(request, call, licence_id, "links/revoke", "unlink", grave=True)


@router.post(f"{HOME}/{{licence_id}}/links/revoke")
def revoke(call: Caller, licence_id: str) -> Response:
    """Make every link to the licence open nothing."""
    revoke_links(call, licence_id)
    return go(address_of(licence_id), "console.done.unlinked")


@router.get(f"{HOME}/{{licence_id}}/state/{{step}}")
def ask_step(request: Request, call: Caller, licence_id: str, step: Step) -> HTMLResponse:
    """Ask for the legal basis of suspending or resuming."""
    require_role(call.actor, step, REVIEWER)
    found = _published(call, licence_id)
    after(EDITION_STEPS, step, found.state, f"licence {found.identifier}")
    return _step_page(request, found, step)


@router.post(f"{HOME}/{{licence_id}}/state/{{step}}")
def take_step(request: Request, call: Caller, licence_id: str, step: Step) -> Response:
    """Suspend or resume the licence."""
    require_role(call.actor, step, REVIEWER)
    found, basis = _published(call, licence_id), posting.text(request, "legal_basis")
    posting.show_again(request, lambda problem: _step_page(request, found, step, basis, problem))
    body = posting.parsed(NewStateChange, {"legal_basis": basis})
    act = lifecycle.suspend if step == "suspend" else lifecycle.resume
    act(
        call.session,
        call.services,
        licence_id,
        legal_basis=body.legal_basis,
        actor=call.actor,
        at=call.at,
    )
    return go(address_of(licence_id), f"console.done.{step}")


def head_of(found: Edition) -> list[tuple[str, str]]:
    """Return what names a licence to people, masked."""
    return [
        ("证照类型", found.kind_name),
        ("持证主体", found.holders_masked),
        ("证照编号", found.number_masked),
        ("证照标识", found.identifier),
    ]


def _list_page(request: Request, call: Call, *, after: str = "", sought: str = "") -> HTMLResponse:
    cursor = cursor_of(after)
    editions = newest_licences(
        call.session,
        actor=call.actor,
        limit=PAGE_LINES + 1,
        before=(cursor.at, cursor.id) if cursor else None,
    )
    return console_page(
        request,
        "console/licences.html",
        page=page_of(editions, _cursor, HOME, after),
        sought=sought,
    )


def _steps(call: Call, found: Edition) -> list[str]:
    if REVIEWER not in call.actor.roles:
        return []
    return [step for step in ("suspend", "resume") if found.state in EDITION_STEPS[step]]


def _published(call: Call, licence_id: str) -> Edition:
    found = lifecycle.find_licence(call.session, licence_id, actor=call.actor)
    if found.state in UNPUBLISHED:
        raise UnknownLicenceError
    return found


def _named(call: Call, identifier: str) -> Edition | None:
    try:
        return _published(call, identifier)
    except UnknownLicenceError:
        return None


def _step_page(
    request: Request,
    found: Edition,
    step: Step,
    basis: str = "",
    problem: posting.Problem | None = None,
) -> HTMLResponse:
    return console_page(
        request,
        "console/licence_step.html",
        step=step,
        facts=head_of(found),
        basis=basis,
        most=_MAX_BASIS,
        action=f"{address_of(found.identifier)}/state/{step}",
        back=address_of(found.identifier),
        problem=problem,
    )


def _confirm(
    request: Request, call: Call, licence_id: str, path: str, words: str, *, grave: bool
) -> HTMLResponse:
    found = _published(call, licence_id)
    return confirmation(
        request,
        title=f"console.licence.{words}",
        text=f"console.licence.{words}.text",
        facts=head_of(found),
        action=f"{address_of(licence_id)}/{path}",
        back=address_of(licence_id),
        act=f"console.licence.{words}",
        grave=grave,
    )


def _download(document: bytes, name: str) -> Response:
    headers: Mapping[str, str] = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return Response(document, media_type="application/octet-stream", headers=headers)


def _cursor(found: Edition) -> Cursor:
    return Cursor(found.published_at or found.planned_at, found.serial)
