"""Objections in the console: what waits, what is claimed, accepting, deciding, correcting.

Reading a claim is recorded; every decision is issuance's, as are who may take it.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from issuance import corrections, decisions, lifecycle, objections
from issuance.answers import objection_answer
from issuance.decisions import Outcome
from issuance.entitlement import CLERK, OPERATOR, REVIEWER, require_role
from issuance.kind import Kind
from issuance.objection_schemas import NewDecision, NewObjection
from issuance.objection_states import Capacity, ObjectionState, ObjectionType
from issuance.objection_viewing import Examined, examine_claim
from issuance.routes import Call, Caller
from issuance.schemas import NewRefusal
from yinxin.console import posting
from yinxin.console.pages import confirmation, console_page, go
from yinxin.console.people import names_of
from yinxin.words import words

router = APIRouter()

HOME: Final = "/console/objections"
CLAIMED: Final = "claimed."
SHALL_BE: Final = "value."
_SHOWN: Final = 100
_CAPACITIES: Final = (Capacity.COUNTER, Capacity.ISSUER)
_TO_DECIDE: Final = (ObjectionState.ACCEPTED, ObjectionState.VERIFYING, ObjectionState.TRANSFERRED)
_UPHELD: Final = (ObjectionState.UPHELD, ObjectionState.PARTLY_UPHELD, ObjectionState.CORRECTING)


@router.get(HOME)
def list_of(request: Request, call: Caller) -> HTMLResponse:
    """List what waits for a step, the one due first first."""
    found = objections.open_objections(call.session, actor=call.actor, limit=_SHOWN)
    return console_page(
        request,
        "console/objections.html",
        objections=found,
        at=call.at,
        names=names_of(call.session, [entry.lodged_by for entry in found]),
        shown=_SHOWN,
    )


@router.get(f"{HOME}/new")
def lodging_form(
    request: Request, call: Caller, licence: Annotated[str, Query(max_length=128)]
) -> HTMLResponse:
    """Show the form for lodging an objection on a licence of the department."""
    return _lodging_page(request, _kind_of(call, licence), licence, {})


@router.post(f"{HOME}/new")
def lodge(request: Request, call: Caller) -> Response:
    """Lodge it; the same one again, while it is open, is the same objection."""
    licence = posting.text(request, "licence")
    kind = _kind_of(call, licence)
    items = [
        {"field": field.name, "claimed_value": value}
        for field in kind.fields
        if (value := posting.text(request, CLAIMED + field.name))
    ]
    entered = {name: posting.text(request, name) for name in ("type", "statement", "capacity")}
    members = entered | {"items": items}
    posting.show_again(
        request, lambda problem: _lodging_page(request, kind, licence, members, problem)
    )
    body = posting.parsed(NewObjection, members)
    lodged = objections.lodge_objection(
        call.session,
        call.services,
        licence,
        body.claim(),
        capacity=body.capacity,
        actor=call.actor,
        at=call.at,
    )
    return go(f"{HOME}/{lodged.id}", "console.done.objection_lodged")


@router.get(f"{HOME}/{{objection_id}}")
def show(request: Request, call: Caller, objection_id: str) -> HTMLResponse:
    """Show an objection beside what the licence says; this is recorded."""
    seen = examine_claim(call.session, call.services, objection_id, actor=call.actor, at=call.at)
    found, roles = seen.objection, call.actor.roles
    handles = not roles.isdisjoint((CLERK, REVIEWER))
    return console_page(
        request,
        "console/objection.html",
        objection=found,
        told=objection_answer(call.session, call.services, found, at=call.at),
        lines=_lines(call, seen),
        statement=seen.claim.statement,
        kind=call.services.kinds[seen.edition.kind],
        names=names_of(call.session, [found.lodged_by, found.decided_by]),
        overdue=found.is_overdue(call.at),
        may_accept=handles and found.state is ObjectionState.SUBMITTED,
        may_decide=REVIEWER in roles and found.state in _TO_DECIDE,
        may_correct=found.state in _UPHELD and not roles.isdisjoint((CLERK, REVIEWER, OPERATOR)),
    )


@router.get(f"{HOME}/{{objection_id}}/accept")
def ask_accept(request: Request, call: Caller, objection_id: str) -> HTMLResponse:
    """Say what accepting means."""
    return _confirm(request, call, objection_id, "accept")


@router.post(f"{HOME}/{{objection_id}}/accept")
def accept(call: Caller, objection_id: str) -> Response:
    """Accept it for examination; the licence is marked as disputed."""
    objections.accept_objection(
        call.session, call.services, objection_id, actor=call.actor, at=call.at
    )
    return go(f"{HOME}/{objection_id}", "console.done.objection_accepted")


@router.get(f"{HOME}/{{objection_id}}/refuse")
def ask_refuse(request: Request, call: Caller, objection_id: str) -> HTMLResponse:
    """Ask why it is not examined."""
    require_role(call.actor, "refuse an objection", CLERK, REVIEWER)
    objections.find_objection(call.session, objection_id, actor=call.actor)
    return _refusal_page(request, objection_id)


@router.post(f"{HOME}/{{objection_id}}/refuse")
def refuse(request: Request, call: Caller, objection_id: str) -> Response:
    """Refuse to examine it, with reasons."""
    reasons = posting.text(request, "reasons")
    posting.show_again(
        request, lambda problem: _refusal_page(request, objection_id, reasons, problem)
    )
    body = posting.parsed(NewRefusal, {"reasons": reasons})
    objections.refuse_intake(
        call.session,
        call.services,
        objection_id,
        reasons=body.reasons,
        actor=call.actor,
        at=call.at,
    )
    return go(f"{HOME}/{objection_id}", "console.done.objection_refused")


@router.get(f"{HOME}/{{objection_id}}/decide")
def ask_decide(request: Request, call: Caller, objection_id: str) -> HTMLResponse:
    """Ask for outcome, reasons and the values that the licence shall have."""
    require_role(call.actor, "decide an objection", REVIEWER)
    return _decision_page(request, call, objection_id, {})


@router.post(f"{HOME}/{{objection_id}}/decide")
def decide(request: Request, call: Caller, objection_id: str) -> Response:
    """Decide it, as somebody who had no part in the licence."""
    require_role(call.actor, "decide an objection", REVIEWER)
    names = objections.find_objection(call.session, objection_id, actor=call.actor).fields
    members: dict[str, Any] = {
        "outcome": posting.text(request, "outcome"),
        "reasons": posting.text(request, "reasons"),
        "fields": {name: posting.text(request, SHALL_BE + name) or None for name in names},
    }
    posting.show_again(request, _decision_again(request, call, objection_id, members))
    body = posting.parsed(NewDecision, members)
    if body.outcome is Outcome.DISMISSED:
        body.fields = None
    decisions.decide_objection(
        call.session,
        call.services,
        objection_id,
        body.decision(),
        actor=call.actor,
        at=call.at,
    )
    return go(f"{HOME}/{objection_id}", "console.done.objection_decided")


@router.get(f"{HOME}/{{objection_id}}/correct")
def ask_correct(request: Request, call: Caller, objection_id: str) -> HTMLResponse:
    """Say what correcting means."""
    return _confirm(request, call, objection_id, "correct")


@router.post(f"{HOME}/{{objection_id}}/correct")
def correct(call: Caller, objection_id: str) -> Response:
    """Make the new edition; again, it is the same edition."""
    corrections.correct(call.session, call.services, objection_id, actor=call.actor, at=call.at)
    return go(f"{HOME}/{objection_id}", "console.done.objection_corrected")


def _lines(call: Call, seen: Examined) -> list[tuple[str, str, str]]:
    kind = call.services.kinds[seen.edition.kind]
    labels = {field.name: field.label_zh for field in kind.fields}
    return [
        (labels.get(name, name), seen.present.get(name, ""), value)
        for name, value in seen.claim.values.items()
    ]


def _choices(key: str, values: Iterable[str]) -> list[tuple[str, str]]:
    return [(str(value), words().zh(f"console.{key}.{value}")) for value in values]


def _kind_of(call: Call, licence: str) -> Kind:
    found = lifecycle.find_licence(call.session, licence, actor=call.actor)
    return call.services.kinds[found.kind]


def _confirm(request: Request, call: Call, objection_id: str, act: str) -> HTMLResponse:
    found = objections.find_objection(call.session, objection_id, actor=call.actor)
    facts = [
        ("异议编号", found.id),
        ("异议类型", words().zh(f"console.objection_type.{found.type.value}")),
    ]
    return confirmation(
        request,
        title=f"console.objection.{act}",
        text=f"console.objection.{act}.text",
        facts=facts,
        action=f"{HOME}/{found.id}/{act}",
        back=f"{HOME}/{found.id}",
        act=f"console.objection.{act}",
    )


def _lodging_page(
    request: Request,
    kind: Kind,
    licence: str,
    entered: Mapping[str, Any],
    problem: posting.Problem | None = None,
) -> HTMLResponse:
    claimed = {item["field"]: item["claimed_value"] for item in entered.get("items", ())}
    return console_page(
        request,
        "console/objection_form.html",
        kind=kind,
        licence=licence,
        types=_choices("objection_type", ObjectionType),
        capacities=_choices("capacity", _CAPACITIES),
        entered=entered,
        claimed=claimed,
        action=f"{HOME}/new",
        back=f"/console/licences/{licence}",
        problem=problem,
    )


def _refusal_page(
    request: Request,
    objection_id: str,
    reasons: str = "",
    problem: posting.Problem | None = None,
) -> HTMLResponse:
    return console_page(
        request,
        "console/objection_refusal.html",
        reasons=reasons,
        action=f"{HOME}/{objection_id}/refuse",
        back=f"{HOME}/{objection_id}",
        problem=problem,
    )


def _decision_page(
    request: Request,
    call: Call,
    objection_id: str,
    entered: Mapping[str, Any],
    problem: posting.Problem | None = None,
) -> HTMLResponse:
    seen = examine_claim(call.session, call.services, objection_id, actor=call.actor, at=call.at)
    kind = call.services.kinds[seen.edition.kind]
    given = entered.get("fields", seen.claim.values)
    return console_page(
        request,
        "console/objection_decision.html",
        lines=[
            (field, seen.present.get(field.name, ""), given.get(field.name) or "")
            for field in kind.fields
            if field.name in seen.claim.values
        ],
        statement=seen.claim.statement,
        entered=entered,
        outcomes=_choices("outcome", Outcome),
        action=f"{HOME}/{objection_id}/decide",
        back=f"{HOME}/{objection_id}",
        problem=problem,
    )


def _decision_again(
    request: Request, call: Call, objection_id: str, entered: Mapping[str, Any]
) -> Callable[[posting.Problem], HTMLResponse]:
    def render(problem: posting.Problem) -> HTMLResponse:
        # Reading the claim anew is recorded anew, in a transaction of its own.
        with request.state.writing() as session:
            again = Call(session, call.services, call.actor, call.at)
            return _decision_page(request, again, objection_id, entered, problem)

    return render
