"""Endings in the console (注销、撤销、吊销): one person proposes, another decides."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from issuance import lifecycle
from issuance.endings import deciding
from issuance.endings.routes import NewEnding
from issuance.endings.rows import CAUSES, Ending, EndingState, Way
from issuance.entitlement import CLERK, REVIEWER, require_role
from issuance.register_rows import Edition
from issuance.routes import Call, Caller
from issuance.schemas import NewRefusal
from issuance.states import EDITION_STEPS, after
from yinxin.console import posting
from yinxin.console.licences import address_of, head_of
from yinxin.console.pages import confirmation, console_page, go
from yinxin.console.people import names_of
from yinxin.problems import RequestRefusedError
from yinxin.words import words

router = APIRouter()

HOME: Final = "/console/endings"
_MAX_BASIS: Final = 400
_MAX_REASONS: Final = 2000


@router.get(HOME)
def list_of(request: Request, call: Caller) -> HTMLResponse:
    """List the proposals that wait for a decision, oldest first."""
    found = deciding.proposed_endings(call.session, actor=call.actor)
    return console_page(
        request,
        "console/endings.html",
        endings=found,
        names=names_of(call.session, [entry.proposed_by for entry in found]),
    )


@router.get(f"{HOME}/new")
def proposal_form(
    request: Request, call: Caller, licence: Annotated[str, Query(max_length=128)], way: Way
) -> HTMLResponse:
    """Ask for cause and legal basis."""
    require_role(call.actor, way.value, CLERK, REVIEWER)
    found = lifecycle.find_licence(call.session, licence, actor=call.actor)
    after(EDITION_STEPS, way.value, found.state, f"licence {found.identifier}")
    return _proposal_page(request, found, way)


@router.post(f"{HOME}/new")
def propose(request: Request, call: Caller) -> Response:
    """Propose to end a licence; the same proposal again is one."""
    licence, cause = posting.text(request, "licence"), posting.text(request, "cause")
    basis = posting.text(request, "legal_basis")
    found = lifecycle.find_licence(call.session, licence, actor=call.actor)
    asked = posting.text(request, "way")
    if asked not in set(Way):
        raise RequestRefusedError("request.invalid")
    posting.show_again(
        request, lambda problem: _proposal_page(request, found, Way(asked), cause, basis, problem)
    )
    body = posting.parsed(NewEnding, {"way": asked, "cause": cause, "legal_basis": basis})
    ending = deciding.propose(
        call.session,
        call.services,
        licence,
        way=body.way,
        cause=body.cause,
        legal_basis=body.legal_basis,
        actor=call.actor,
        at=call.at,
    )
    return go(f"{HOME}/{ending.id}", "console.done.ending_proposed")


@router.get(f"{HOME}/{{ending_id}}")
def show(request: Request, call: Caller, ending_id: str) -> HTMLResponse:
    """Show a proposal and what became of it."""
    found = deciding.find_ending(call.session, ending_id, actor=call.actor)
    own, waits = found.proposed_by == call.actor.id, found.state is EndingState.PROPOSED
    return console_page(
        request,
        "console/ending.html",
        ending=found,
        facts=_facts(call, found),
        names=names_of(call.session, [found.proposed_by, found.decided_by]),
        may_decide=waits and REVIEWER in call.actor.roles and not own,
        may_withdraw=waits and own,
    )


@router.get(f"{HOME}/{{ending_id}}/confirm")
def ask_confirm(request: Request, call: Caller, ending_id: str) -> HTMLResponse:
    """Say that it cannot be taken back."""
    return _ask(request, call, ending_id, "confirm", grave=True)


@router.post(f"{HOME}/{{ending_id}}/confirm")
def confirm(call: Caller, ending_id: str) -> Response:
    """End the licence as proposed."""
    deciding.confirm(call.session, call.services, ending_id, actor=call.actor, at=call.at)
    return go(f"{HOME}/{ending_id}", "console.done.ending_confirmed")


@router.get(f"{HOME}/{{ending_id}}/withdraw")
def ask_withdraw(request: Request, call: Caller, ending_id: str) -> HTMLResponse:
    """Say what withdrawing means."""
    return _ask(request, call, ending_id, "withdraw", grave=False)


@router.post(f"{HOME}/{{ending_id}}/withdraw")
def withdraw(call: Caller, ending_id: str) -> Response:
    """Take an own proposal back."""
    deciding.withdraw(call.session, call.services, ending_id, actor=call.actor, at=call.at)
    return go(f"{HOME}/{ending_id}", "console.done.ending_withdrawn")


@router.get(f"{HOME}/{{ending_id}}/decline")
def ask_decline(request: Request, call: Caller, ending_id: str) -> HTMLResponse:
    """Ask for reasons."""
    found = deciding.find_ending(call.session, ending_id, actor=call.actor)
    return _refusal_page(request, _facts(call, found), ending_id)


@router.post(f"{HOME}/{{ending_id}}/decline")
def decline(request: Request, call: Caller, ending_id: str) -> Response:
    """Leave the licence as it is, with reasons."""
    found = deciding.find_ending(call.session, ending_id, actor=call.actor)
    facts, reasons = _facts(call, found), posting.text(request, "reasons")
    posting.show_again(
        request, lambda problem: _refusal_page(request, facts, ending_id, reasons, problem)
    )
    body = posting.parsed(NewRefusal, {"reasons": reasons})
    deciding.decline(
        call.session,
        call.services,
        ending_id,
        reasons=body.reasons,
        actor=call.actor,
        at=call.at,
    )
    return go(f"{HOME}/{ending_id}", "console.done.ending_declined")


def _facts(call: Call, found: Ending) -> list[tuple[str, str]]:
    licence = lifecycle.find_licence(call.session, found.identifier, actor=call.actor)
    return [
        *head_of(licence),
        ("方式", words().zh(f"console.way.{found.way.value}")),
        ("原因", words().zh(f"console.cause.{found.cause.value}")),
        ("法律依据", found.legal_basis),
    ]


def _ask(request: Request, call: Call, ending_id: str, act: str, *, grave: bool) -> HTMLResponse:
    found = deciding.find_ending(call.session, ending_id, actor=call.actor)
    return confirmation(
        request,
        title=f"console.ending.{act}",
        text=f"console.ending.{act}.text",
        facts=_facts(call, found),
        action=f"{HOME}/{ending_id}/{act}",
        back=f"{HOME}/{ending_id}",
        act=f"console.ending.{act}",
        grave=grave,
    )


def _proposal_page(
    request: Request,
    found: Edition,
    way: Way,
    cause: str = "",
    basis: str = "",
    problem: posting.Problem | None = None,
) -> HTMLResponse:
    return console_page(
        request,
        "console/ending_form.html",
        way=way.value,
        licence=found.identifier,
        facts=head_of(found),
        causes=[
            (entry.value, words().zh(f"console.cause.{entry.value}"))
            for entry in sorted(CAUSES[way])
        ],
        cause=cause,
        basis=basis,
        most=_MAX_BASIS,
        action=f"{HOME}/new",
        back=address_of(found.identifier),
        problem=problem,
    )


def _refusal_page(
    request: Request,
    facts: list[tuple[str, str]],
    ending_id: str,
    reasons: str = "",
    problem: posting.Problem | None = None,
) -> HTMLResponse:
    return console_page(
        request,
        "console/ending_decline.html",
        facts=facts,
        reasons=reasons,
        most=_MAX_REASONS,
        action=f"{HOME}/{ending_id}/decline",
        back=f"{HOME}/{ending_id}",
        problem=problem,
    )
