"""Uses of a seal that a person has to approve: the list, and deciding on those ticked."""

from collections.abc import Sequence
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from issuance.entitlement import SEAL_KEEPER, require_other_person, require_role
from issuance.routes import Call, Caller
from issuance.seals import controlling, policy_register
from issuance.seals.policy_register import RequestState, SealRequest
from issuance.seals.register import RegisteredSeal, find_seal
from issuance.seals.schemas import NewApproval, NewDeclination
from yinxin.console import posting
from yinxin.console.pages import console_page, go, moment_text
from yinxin.console.people import names_of
from yinxin.problems import RequestRefusedError

router = APIRouter()

HOME: Final = "/console/seals"
MAX_REASON: Final = 390
MOST_REQUESTS: Final = 50
"""On one page and in one decision: what is ticked goes along in an address."""
_TABS: Final = (RequestState.WAITING, RequestState.DECLINED, RequestState.APPROVED)

Answer = Literal["approve", "decline"]
Ticked = Annotated[list[Annotated[str, Query(max_length=40)]], Query(max_length=MOST_REQUESTS)]


@router.get(f"{HOME}/{{seal_id}}/requests")
def requests(
    request: Request, call: Caller, seal_id: str, state: RequestState = RequestState.WAITING
) -> HTMLResponse:
    """List the oldest requests of a seal that are in a state."""
    seal = controlling.own_seal(call.session, seal_id, actor=call.actor)
    found = policy_register.requests_of(
        call.session, seal.issuer_code, seal.id, state, MOST_REQUESTS + 1
    )
    people = [name for entry in found for name in (entry.requested_by, entry.decided_by)]
    return console_page(
        request,
        "console/seal_requests.html",
        seal=seal,
        requests=found[:MOST_REQUESTS],
        more=len(found) > MOST_REQUESTS,
        most=MOST_REQUESTS,
        kinds=call.services.kinds,
        names=names_of(call.session, people),
        state=state.value,
        tabs=[tab.value for tab in _TABS],
        may_decide=SEAL_KEEPER in call.actor.roles and state is not RequestState.USED,
        own=call.actor.id,
    )


@router.get(f"{HOME}/{{seal_id}}/requests/{{answer}}")
def ask(
    request: Request, call: Caller, seal_id: str, answer: Answer, ticked: Ticked
) -> HTMLResponse:
    """Name what is decided on, and say what the decision means."""
    seal, found = _ticked(call, seal_id, answer, ticked)
    return _answer_page(request, answer, seal, ticked, _facts(call, found))


@router.post(f"{HOME}/{{seal_id}}/requests/{{answer}}")
def decide(request: Request, call: Caller, seal_id: str, answer: Answer) -> Response:
    """Decide on all of them or none, as another person than who asked."""
    ticked, reasons = posting.texts(request, "ticked"), posting.text(request, "reasons")
    seal, found = _ticked(call, seal_id, answer, ticked)
    facts = _facts(call, found)
    posting.show_again(
        request,
        lambda problem: _answer_page(request, answer, seal, ticked, facts, reasons, problem),
    )
    told: str | None = None
    if answer == "decline":
        told = posting.parsed(NewDeclination, {"requests": ticked, "reasons": reasons}).reasons
    else:
        posting.parsed(NewApproval, {"requests": ticked})
    controlling.decide_requests(
        call.session,
        call.services,
        seal.id,
        ticked,
        reasons=told,
        actor=call.actor,
        at=call.at,
    )
    return go(f"{HOME}/{seal.id}/requests", f"console.done.use_{answer}")


def _ticked(
    call: Call, seal_id: str, answer: Answer, ticked: Sequence[str]
) -> tuple[RegisteredSeal, list[SealRequest]]:
    require_role(call.actor, "approve the use of a seal", SEAL_KEEPER)
    seal = find_seal(call.session, call.actor.department, seal_id)
    found = policy_register.requests_by_id(
        call.session, seal.issuer_code, seal.id, list(ticked)[:MOST_REQUESTS]
    )
    if not found:
        raise RequestRefusedError("request.invalid")
    for entry in found:
        require_other_person(call.actor, f"{answer} the use", {"ask for it": entry.requested_by})
    return seal, found


def _facts(call: Call, found: Sequence[SealRequest]) -> list[tuple[str, str]]:
    names = names_of(call.session, [entry.requested_by for entry in found])
    return [
        (
            call.services.kinds[entry.kind].name_zh,
            f"{entry.identifier} · {names[entry.requested_by]} · {moment_text(entry.requested_at)}",
        )
        for entry in found
    ]


def _answer_page(
    request: Request,
    answer: Answer,
    seal: RegisteredSeal,
    ticked: Sequence[str],
    facts: list[tuple[str, str]],
    reasons: str = "",
    problem: posting.Problem | None = None,
) -> HTMLResponse:
    return console_page(
        request,
        "console/seal_answer.html",
        answer=answer,
        seal=seal,
        ticked=ticked,
        facts=facts,
        reasons=reasons,
        most=MAX_REASON,
        action=f"{HOME}/{seal.id}/requests/{answer}",
        back=f"{HOME}/{seal.id}/requests",
        problem=problem,
    )
