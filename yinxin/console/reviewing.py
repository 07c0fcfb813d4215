"""Reviewing an application in the console, by somebody else than who submitted it; minting.

What is decided is what was read: the form carries when the application was sent, and a
decision on one that was sent again meanwhile is refused.
"""

from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from issuance import applications, mint, review
from issuance.completion import HOLDERS
from issuance.entitlement import (
    CLERK,
    OPERATOR,
    REVIEWER,
    require_other_person,
    require_role,
)
from issuance.errors import TransitionError
from issuance.register_rows import Application
from issuance.review import Decision
from issuance.routes import Call, Caller
from issuance.schemas import NewReview
from yinxin.console import posting
from yinxin.console.application_forms import shown_fields, shown_holder
from yinxin.console.applications import HOME, address_of, head_of, seen_at
from yinxin.console.pages import confirmation, console_page, go

router = APIRouter()

REMARK: Final = "remark."
_SEEN: Final = "seen"


@router.get(f"{HOME}/{{application_id}}/review/{{decision}}")
def ask(request: Request, call: Caller, application_id: str, decision: Decision) -> HTMLResponse:
    """Say what the decision means, and ask for its reasons where it needs them."""
    found = _reviewable(call, application_id)
    if decision is Decision.RETURN:
        return _return_page(request, call, found)
    return _decision_page(request, head_of(call, found), found, decision)


@router.post(f"{HOME}/{{application_id}}/review/{{decision}}")
def decide(request: Request, call: Caller, application_id: str, decision: Decision) -> Response:
    """Take the decision."""
    found = _reviewable(call, application_id)
    reason = posting.text(request, "reason")
    remarks = _remarks(request, call, found)
    _show_again(request, call, found, decision, reason, remarks)
    if posting.text(request, _SEEN) != seen_at(found):
        raise TransitionError(f"application {found.id}", "changed meanwhile", decision.value)
    body = posting.parsed(
        NewReview,
        {"decision": decision.value, "reason": reason or None, "remarks": remarks or None},
    )
    review.review(
        call.session,
        call.services,
        application_id,
        body.decision,
        reason=body.reason,
        actor=call.actor,
        at=call.at,
        remarks=body.remarks,
    )
    return go(address_of(application_id), f"console.done.{decision.value}")


@router.get(f"{HOME}/{{application_id}}/mint")
def ask_mint(request: Request, call: Caller, application_id: str) -> HTMLResponse:
    """Say what minting means."""
    require_role(call.actor, "mint", CLERK, REVIEWER, OPERATOR)
    found = applications.find_application(call.session, application_id, actor=call.actor)
    return confirmation(
        request,
        title="console.mint",
        text="console.mint.text",
        facts=head_of(call, found),
        action=f"{address_of(found.id)}/mint",
        back=address_of(found.id),
        act="console.mint",
    )


@router.post(f"{HOME}/{{application_id}}/mint")
def mint_licence(call: Caller, application_id: str) -> Response:
    """Mint the licence of an approved application; again, it is the same licence."""
    mint.mint(call.session, call.services, application_id, actor=call.actor, at=call.at)
    return go(address_of(application_id), "console.done.minted")


def _reviewable(call: Call, application_id: str) -> Application:
    require_role(call.actor, "review", REVIEWER)
    found = applications.find_application(call.session, application_id, actor=call.actor)
    require_other_person(call.actor, "review", {"submit": found.submitted_by})
    return found


def _remarks(request: Request, call: Call, found: Application) -> dict[str, str]:
    kind = call.services.kinds[found.kind]
    names = [*(field.name for field in kind.fields), HOLDERS]
    entered = {name: posting.text(request, REMARK + name) for name in names}
    return {name: reason for name, reason in entered.items() if reason}


def _show_again(
    request: Request,
    call: Call,
    found: Application,
    decision: Decision,
    reason: str,
    remarks: Mapping[str, str],
) -> None:
    if decision is not Decision.RETURN:
        facts = head_of(call, found)
        posting.show_again(
            request,
            lambda problem: _decision_page(request, facts, found, decision, reason, problem),
        )
        return
    context = request.app.state.context

    def render(problem: posting.Problem) -> HTMLResponse:
        # Reading the values anew is recorded anew, in a transaction of its own.
        with context.database.writing() as session:
            again = Call(session, call.services, call.actor, call.at)
            return _return_page(request, again, found, reason, remarks, problem)

    posting.show_again(request, render)


def _decision_page(
    request: Request,
    facts: list[tuple[str, str]],
    found: Application,
    decision: Decision,
    reason: str = "",
    problem: posting.Problem | None = None,
) -> HTMLResponse:
    return console_page(
        request,
        "console/decision.html",
        words="console.",
        decision=decision.value,
        facts=facts,
        action=f"{address_of(found.id)}/review/{decision.value}",
        back=address_of(found.id),
        seen=seen_at(found),
        reason=reason,
        most=review.MAX_REASON_CHARACTERS,
        problem=problem,
    )


def _return_page(
    request: Request,
    call: Call,
    found: Application,
    reason: str = "",
    remarks: Mapping[str, str] | None = None,
    problem: posting.Problem | None = None,
) -> HTMLResponse:
    view = applications.view_application(
        call.session, call.services, found.id, actor=call.actor, at=call.at
    )
    kind = call.services.kinds[found.kind]
    shown = {field.name: value for field, value in shown_fields(kind, view.data)}
    return console_page(
        request,
        "console/return.html",
        kind=kind,
        facts=head_of(call, found),
        holders="、".join(shown_holder(holder) for holder in view.data.holders),
        shown=shown,
        remarks=remarks or {},
        action=f"{address_of(found.id)}/review/return",
        back=address_of(found.id),
        seen=seen_at(found),
        reason=reason,
        problem=problem,
    )
