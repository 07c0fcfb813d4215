"""Suspending many licences at once, in the console: one person proposes, another confirms."""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from issuance.entitlement import CLERK, REVIEWER, department_of, require_role
from issuance.routes import Call, Caller
from issuance.schemas import NewRefusal
from issuance.suspensions import deciding, rows
from issuance.suspensions.routes import NewSuspension
from issuance.suspensions.rows import Suspension, SuspensionState
from yinxin.console import posting
from yinxin.console.pages import confirmation, console_page, go
from yinxin.console.people import names_of

router = APIRouter()

HOME: Final = "/console/suspensions"
_SHOWN: Final = 100
_MAX_BASIS: Final = 400
_MAX_REASONS: Final = 2000
_MAX_TEXT: Final = 130_000
"""A thousand numbers, each on its line."""


@router.get(HOME)
def list_of(request: Request, call: Caller) -> HTMLResponse:
    """List the proposals that wait for a decision."""
    found = deciding.proposed_suspensions(call.session, actor=call.actor, limit=_SHOWN)
    return console_page(
        request,
        "console/suspensions.html",
        suspensions=found,
        names=names_of(call.session, [entry.proposed_by for entry in found]),
        may_propose=not call.actor.roles.isdisjoint((CLERK, REVIEWER)),
    )


@router.get(f"{HOME}/new")
def proposal_form(request: Request, call: Caller) -> HTMLResponse:
    """Ask which licences, and why."""
    require_role(call.actor, "propose a suspension", CLERK, REVIEWER)
    return _proposal_page(request, _kinds(call), {})


@router.post(f"{HOME}/new")
def propose(request: Request, call: Caller) -> Response:
    """Propose to suspend licences; nothing changes until another person confirms."""
    kinds = _kinds(call)
    names = ("way", "kind", "legal_basis", "identifiers", "numbers", "issued_from", "issued_until")
    entered = {name: posting.text(request, name) for name in names}
    posting.show_again(request, lambda problem: _proposal_page(request, kinds, entered, problem))
    body = posting.parsed(NewSuspension, _members(entered))
    found = deciding.propose(
        call.session,
        call.services,
        body.chosen(),
        legal_basis=body.legal_basis,
        actor=call.actor,
        at=call.at,
    )
    return go(f"{HOME}/{found.id}", "console.done.suspension_proposed")


@router.get(f"{HOME}/{{suspension_id}}")
def show(request: Request, call: Caller, suspension_id: str) -> HTMLResponse:
    """Show a proposal, its licences and what became of each."""
    found = deciding.find_suspension(call.session, suspension_id, actor=call.actor)
    waits, own = found.state is SuspensionState.PROPOSED, found.proposed_by == call.actor.id
    return console_page(
        request,
        "console/suspension.html",
        suspension=found,
        lines=rows.lines_of(call.session, found),
        names=names_of(call.session, [found.proposed_by, found.decided_by]),
        may_decide=waits and REVIEWER in call.actor.roles and not own,
        own=waits and own,
    )


@router.get(f"{HOME}/{{suspension_id}}/confirm")
def ask_confirm(request: Request, call: Caller, suspension_id: str) -> HTMLResponse:
    """Say what confirming means."""
    require_role(call.actor, "decide on a suspension", REVIEWER)
    found = deciding.find_suspension(call.session, suspension_id, actor=call.actor)
    return confirmation(
        request,
        title="console.suspension.confirm",
        text="console.suspension.confirm.text",
        facts=_facts(call, found),
        action=f"{HOME}/{found.id}/confirm",
        back=f"{HOME}/{found.id}",
        act="console.suspension.confirm",
    )


@router.post(f"{HOME}/{{suspension_id}}/confirm")
def confirm(call: Caller, suspension_id: str) -> Response:
    """Suspend what can be suspended; each line says what became of it."""
    deciding.confirm(call.session, call.services, suspension_id, actor=call.actor, at=call.at)
    return go(f"{HOME}/{suspension_id}", "console.done.suspension_confirmed")


@router.get(f"{HOME}/{{suspension_id}}/decline")
def ask_decline(request: Request, call: Caller, suspension_id: str) -> HTMLResponse:
    """Ask for reasons."""
    require_role(call.actor, "decide on a suspension", REVIEWER)
    found = deciding.find_suspension(call.session, suspension_id, actor=call.actor)
    return _refusal_page(request, _facts(call, found), suspension_id)


@router.post(f"{HOME}/{{suspension_id}}/decline")
def decline(request: Request, call: Caller, suspension_id: str) -> Response:
    """Leave the licences as they are, with reasons."""
    found = deciding.find_suspension(call.session, suspension_id, actor=call.actor)
    facts, reasons = _facts(call, found), posting.text(request, "reasons")
    posting.show_again(
        request, lambda problem: _refusal_page(request, facts, suspension_id, reasons, problem)
    )
    body = posting.parsed(NewRefusal, {"reasons": reasons})
    deciding.decline(
        call.session,
        call.services,
        suspension_id,
        reasons=body.reasons,
        actor=call.actor,
        at=call.at,
    )
    return go(f"{HOME}/{suspension_id}", "console.done.suspension_declined")


def _members(entered: Mapping[str, str]) -> dict[str, Any]:
    """Return what was entered for the way that was chosen, as the API takes it."""
    members: dict[str, Any] = {"legal_basis": entered["legal_basis"]}
    if entered["way"] == "identifiers":
        return members | {"licences": entered["identifiers"].split()}
    members["kind"] = entered["kind"] or None
    if entered["way"] == "numbers":
        return members | {"numbers": entered["numbers"].split()}
    dates = {name: entered[name] or None for name in ("issued_from", "issued_until")}
    return members | dates


def _kinds(call: Call) -> list[tuple[str, str]]:
    names = department_of(call.services.departments, call.actor).kinds
    return [(name, call.services.kinds[name].name_zh) for name in names]


def _facts(call: Call, found: Suspension) -> list[tuple[str, str]]:
    return [
        ("法律依据", found.legal_basis),
        ("证照数", str(len(rows.lines_of(call.session, found)))),
        ("提请人", names_of(call.session, [found.proposed_by])[found.proposed_by]),
    ]


def _proposal_page(
    request: Request,
    kinds: list[tuple[str, str]],
    entered: Mapping[str, str],
    problem: posting.Problem | None = None,
) -> HTMLResponse:
    return console_page(
        request,
        "console/suspension_form.html",
        kinds=kinds,
        entered=entered,
        most_basis=_MAX_BASIS,
        most_text=_MAX_TEXT,
        action=f"{HOME}/new",
        back=HOME,
        problem=problem,
    )


def _refusal_page(
    request: Request,
    facts: list[tuple[str, str]],
    suspension_id: str,
    reasons: str = "",
    problem: posting.Problem | None = None,
) -> HTMLResponse:
    return console_page(
        request,
        "console/ending_decline.html",
        facts=facts,
        reasons=reasons,
        most=_MAX_REASONS,
        action=f"{HOME}/{suspension_id}/decline",
        back=f"{HOME}/{suspension_id}",
        problem=problem,
    )
