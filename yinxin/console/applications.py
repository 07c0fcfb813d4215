"""Applications in the console: lists, one with its papers, a new one, completing, withdrawing.

Reviewing and minting are in `console.reviewing`.
"""

import secrets
from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from issuance import applications, attachments, completion, lifecycle
from issuance.answers import licence_id_of
from issuance.application_lists import ApplicationLine, list_applications
from issuance.entitlement import CLERK, REVIEWER, department_of, require_role
from issuance.errors import NotEntitledError, UnknownKindError
from issuance.kind import Kind
from issuance.register_rows import Application
from issuance.replacements import Reason
from issuance.routes import Call, Caller
from issuance.schemas import Completion, NewApplication
from issuance.states import ApplicationState
from yinxin.console import posting
from yinxin.console.application_forms import (
    data_of_form,
    form_of,
    shown_fields,
    shown_holder,
)
from yinxin.console.listing import PAGE_LINES, Cursor, cursor_of, page_of
from yinxin.console.navigation import ISSUING
from yinxin.console.pages import confirmation, console_page, go
from yinxin.console.people import names_of
from yinxin.problems import RequestRefusedError

router = APIRouter()

HOME: Final = "/console/applications"
_KEY: Final = "_key"
_USED_KEY: Final = "issuance.idempotency"
_UNDECIDED: Final = (ApplicationState.SUBMITTED, ApplicationState.RETURNED)


def address_of(application_id: str) -> str:
    """Return where an application is shown."""
    return f"{HOME}/{application_id}"


@router.get(HOME)
def list_of(
    request: Request,
    call: Caller,
    state: ApplicationState | None = None,
    after: Annotated[str, Query(max_length=120)] = "",
) -> HTMLResponse:
    """List applications in one state; at first the one that the caller acts upon."""
    if state is None:
        of_reviewer = REVIEWER in call.actor.roles or CLERK not in call.actor.roles
        state = ApplicationState.SUBMITTED if of_reviewer else ApplicationState.RETURNED
    cursor = cursor_of(after)
    found = list_applications(
        call.session,
        state,
        actor=call.actor,
        limit=PAGE_LINES + 1,
        after=(cursor.at, cursor.id) if cursor else None,
    )
    return console_page(
        request,
        "console/applications.html",
        state=state.value,
        states=[entry.value for entry in ApplicationState],
        page=page_of(found, _cursor, HOME, after, state=state.value),
        kinds=call.services.kinds,
        names=names_of(call.session, [line.submitted_by for line in found]),
        may_submit=CLERK in call.actor.roles,
    )


@router.get(f"{HOME}/find")
def find(
    call: Caller, number: Annotated[str, Query(pattern=r"^\s*[0-9A-Za-z]{1,40}\s*$")]
) -> Response:
    """Lead to the application of that number."""
    require_role(call.actor, "read applications", *ISSUING)
    found = applications.find_application(call.session, number.strip(), actor=call.actor)
    return go(address_of(found.id))


@router.get(f"{HOME}/new")
def choose_kind(request: Request, call: Caller) -> HTMLResponse:
    """Show which kinds the caller's department issues."""
    require_role(call.actor, "submit", CLERK)
    department = department_of(call.services.departments, call.actor)
    kinds = [call.services.kinds[name] for name in department.kinds]
    return console_page(request, "console/application_kinds.html", kinds=kinds)


@router.get(f"{HOME}/new/{{kind_name}}")
def new_form(
    request: Request,
    call: Caller,
    kind_name: str,
    replaces: Annotated[str, Query(max_length=128)] = "",
    reason: Reason | None = None,
) -> HTMLResponse:
    """Show the form of a kind; of a new edition, filled in with the present one."""
    require_role(call.actor, "submit", CLERK)
    kind = _issued_kind(call, kind_name)
    members: Mapping[str, Any] = {}
    if replaces:
        found = lifecycle.find_licence(call.session, replaces, actor=call.actor)
        members = lifecycle.read_licence(
            call.session, call.services, found, actor=call.actor, at=call.at
        ).to_members()
    return _new_page(request, kind, members, replaces, reason.value if reason else "")


@router.post(f"{HOME}/new/{{kind_name}}")
def submit(request: Request, call: Caller, kind_name: str) -> Response:
    """Submit what was entered, with its papers; the same form sent twice is one application."""
    require_role(call.actor, "submit", CLERK)
    kind = _issued_kind(call, kind_name)
    data = data_of_form(request, kind)
    replaces, reason = posting.text(request, "replaces"), posting.text(request, "reason")
    key = posting.text(request, _KEY)
    posting.show_again(
        request, lambda problem: _new_page(request, kind, data, replaces, reason, key, problem)
    )
    if not 8 <= len(key) <= 64 or not key.isalnum() or not key.isascii():
        raise RequestRefusedError("request.invalid")
    body = posting.parsed(
        NewApplication,
        {"kind": kind.name, **data, "replaces": replaces or None, "reason": reason or None},
    )
    application = applications.submit(
        call.session,
        call.services,
        kind_name=kind.name,
        data=body.data(),
        idempotency_key=f"console-{key}",
        actor=call.actor,
        at=call.at,
        replaces=body.replacement(),
    )
    _attach(request, call, application.id)
    return go(address_of(application.id), "console.done.submitted")


@router.get(f"{HOME}/{{application_id}}")
def show(request: Request, call: Caller, application_id: str) -> HTMLResponse:
    """Show an application with its values and papers; this is recorded."""
    return _detail(request, call, application_id)


@router.post(f"{HOME}/{{application_id}}/papers")
def add_papers(request: Request, call: Caller, application_id: str) -> Response:
    """Add papers to an application that is not decided."""
    _attach(request, call, application_id)
    return go(address_of(application_id), "console.done.attached")


@router.get(f"{HOME}/{{application_id}}/papers/{{attachment_id}}")
def paper(call: Caller, application_id: str, attachment_id: str) -> Response:
    """Give a paper to be stored, never to be shown; this is recorded."""
    entry, content = attachments.read_attachment(
        call.session, call.services, application_id, attachment_id, actor=call.actor, at=call.at
    )
    headers = {
        "Content-Disposition": f'attachment; filename="{entry.id}.{entry.type}"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return Response(content, headers=headers, media_type="application/octet-stream")


@router.get(f"{HOME}/{{application_id}}/complete")
def completion_form(request: Request, call: Caller, application_id: str) -> HTMLResponse:
    """Show a returned application as a form, with what the reviewer wants completed."""
    require_role(call.actor, "complete", CLERK)
    view = applications.view_application(
        call.session, call.services, application_id, actor=call.actor, at=call.at
    )
    kind = call.services.kinds[view.application.kind]
    remarks = _last_remarks(call, view.application)
    return _completion_page(request, view.application, kind, view.data.to_members(), remarks)


@router.post(f"{HOME}/{{application_id}}/complete")
def complete(request: Request, call: Caller, application_id: str) -> Response:
    """Send a returned application again."""
    require_role(call.actor, "complete", CLERK)
    found = applications.find_application(call.session, application_id, actor=call.actor)
    kind = call.services.kinds[found.kind]
    data = data_of_form(request, kind)
    remarks = _last_remarks(call, found)
    posting.show_again(
        request, lambda problem: _completion_page(request, found, kind, data, remarks, problem)
    )
    body = posting.parsed(Completion, data)
    _attach(request, call, application_id)
    completion.complete(
        call.session, call.services, application_id, body.data(), actor=call.actor, at=call.at
    )
    return go(address_of(application_id), "console.done.completed")


@router.get(f"{HOME}/{{application_id}}/withdraw")
def ask_withdraw(request: Request, call: Caller, application_id: str) -> HTMLResponse:
    """Say what withdrawing means."""
    require_role(call.actor, "withdraw", CLERK)
    found = applications.find_application(call.session, application_id, actor=call.actor)
    return confirmation(
        request,
        title="console.withdraw",
        text="console.withdraw.text",
        facts=head_of(call, found),
        action=f"{address_of(found.id)}/withdraw",
        back=address_of(found.id),
        act="console.withdraw",
        grave=True,
    )


@router.post(f"{HOME}/{{application_id}}/withdraw")
def withdraw(call: Caller, application_id: str) -> Response:
    """Take an application back."""
    applications.withdraw(call.session, call.services, application_id, actor=call.actor, at=call.at)
    return go(address_of(application_id), "console.done.withdrawn")


def head_of(call: Call, found: Application) -> list[tuple[str, str]]:
    """Return what names an application to people, masked."""
    names = names_of(call.session, [found.submitted_by])
    return [
        ("证照类型", call.services.kinds[found.kind].name_zh),
        ("持证主体", found.holders_masked),
        ("申请编号", found.id),
        ("提交人", names[found.submitted_by]),
    ]


def _detail(request: Request, call: Call, application_id: str) -> HTMLResponse:
    view = applications.view_application(
        call.session, call.services, application_id, actor=call.actor, at=call.at
    )
    found = view.application
    roles = call.actor.roles
    kind = call.services.kinds[found.kind]
    remarks = completion.remarks_on(call.session, found)
    return console_page(
        request,
        "console/application.html",
        application=found,
        state=found.state.value,
        kind=kind,
        labels={field.name: field.label_zh for field in kind.fields} | {"holders": "持证主体"},
        holders=[shown_holder(holder) for holder in view.data.holders],
        fields=shown_fields(kind, view.data),
        remarks=remarks,
        papers=attachments.list_attachments(
            call.session, call.services, application_id, actor=call.actor
        ),
        licence_id=licence_id_of(call.session, found),
        names=names_of(call.session, [found.submitted_by, found.reviewed_by]),
        is_clerk=CLERK in roles,
        is_reviewer=REVIEWER in roles,
        may_read_papers=bool(roles & {CLERK, REVIEWER}),
        own=found.submitted_by == call.actor.id,
        undecided=found.state in _UNDECIDED,
    )


def _new_page(
    request: Request,
    kind: Kind,
    data: Mapping[str, Any],
    replaces: str = "",
    reason: str = "",
    key: str = "",
    problem: posting.Problem | None = None,
) -> HTMLResponse:
    if not key or (problem and problem["code"] == _USED_KEY):
        key = secrets.token_hex(16)
    return console_page(
        request,
        "console/application_form.html",
        form=form_of(kind, data),
        action=f"{HOME}/new/{kind.name}",
        back=HOME,
        carried={_KEY: key, "replaces": replaces, "reason": reason},
        replaces=replaces,
        reason=reason,
        remarks={},
        note=None,
        problem=problem,
    )


def _completion_page(
    request: Request,
    found: Application,
    kind: Kind,
    data: Mapping[str, Any],
    remarks: Mapping[str, str],
    problem: posting.Problem | None = None,
) -> HTMLResponse:
    return console_page(
        request,
        "console/application_form.html",
        form=form_of(kind, data),
        action=f"{address_of(found.id)}/complete",
        back=address_of(found.id),
        carried={},
        replaces="",
        reason="",
        remarks=remarks,
        note=found.review_reason,
        problem=problem,
    )


def _last_remarks(call: Call, found: Application) -> dict[str, str]:
    remarks = completion.remarks_on(call.session, found)
    newest = max((remark.round for remark in remarks), default=0)
    return {remark.field: remark.reason for remark in remarks if remark.round == newest}


def _attach(request: Request, call: Call, application_id: str) -> None:
    for chosen in posting.uploads(request, "papers"):
        attachments.attach(
            call.session,
            call.services,
            application_id,
            chosen.filename or "",
            chosen.file.read(attachments.MAX_BYTES + 1),
            actor=call.actor,
            at=call.at,
        )


def _issued_kind(call: Call, name: str) -> Kind:
    kind = call.services.kinds.get(name)
    if kind is None:
        raise UnknownKindError
    if name not in department_of(call.services.departments, call.actor).kinds:
        raise NotEntitledError("submit this kind")
    return kind


def _cursor(line: ApplicationLine) -> Cursor:
    return Cursor(line.submitted_at, line.id)


def seen_at(found: Application) -> str:
    """Return what tells one sending of an application from the next."""
    return found.submitted_at.isoformat()
