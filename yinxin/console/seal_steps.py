"""Steps in the life of a seal: a page that says what will happen, then the step itself.

The rules are those of `issuance.seals`; what is hidden or refused early here is a courtesy.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel

from issuance.entitlement import SEAL_KEEPER, require_other_person, require_role
from issuance.errors import SeparationOfDutiesError
from issuance.ports import Actor
from issuance.routes import Call, Caller
from issuance.schemas import Request as Members
from issuance.seals import ending, making, using
from issuance.seals.ending import Cause
from issuance.seals.register import IMPORTED, RegisteredSeal, find_seal, seals_of
from issuance.seals.schemas import NewCancellation, NewLoss, NewReason
from issuance.seals.states import ENDED, SEAL_STEPS
from issuance.states import after
from yinxin.beijing import BEIJING
from yinxin.console import posting
from yinxin.console.pages import console_page, go, moment_text
from yinxin.console.people import names_of
from yinxin.problems import RequestRefusedError
from yinxin.words import words

router = APIRouter()

HOME: Final = "/console/seals"
MAX_REASON: Final = 390


@dataclass(frozen=True, slots=True)
class Step:
    """A step as the console offers it; its words are at ``console.seal.<name>``."""

    name: str
    rule: str
    """Its name in `SEAL_STEPS`."""
    asks: type[BaseModel] = Members
    """What has to be entered, as the API takes it."""
    grave: bool = False
    """Whether it cannot be taken back."""


STEPS: Final = {
    step.name: step
    for step in (
        Step("review", "review"),
        Step("reject", "reject", NewReason, grave=True),
        Step("make", "make"),
        Step("file", "file"),
        Step("freeze", "freeze", NewReason),
        Step("unfreeze", "unfreeze", NewReason),
        Step("cancel", "cancel", NewCancellation, grave=True),
        Step("lost-key", "report_lost_key", NewLoss, grave=True),
    )
}


def possible(seal: RegisteredSeal) -> tuple[Step, ...]:
    """Return the steps that the state of `seal` allows."""
    return tuple(
        step
        for step in STEPS.values()
        if seal.state in SEAL_STEPS[step.rule]
        and (seal.key_name or step.name not in ("lost-key", "file"))
    )


def is_other_person(seal: RegisteredSeal, step: Step, actor: Actor) -> bool:
    """Say whether `actor` had no part in `seal` that bars him from `step`."""
    try:
        require_other_person(actor, step.name, _earlier(seal, step))
    except SeparationOfDutiesError:
        return False
    return True


@router.get(f"{HOME}/{{seal_id}}/steps/{{name}}")
def ask(request: Request, call: Caller, seal_id: str, name: str) -> HTMLResponse:
    """Say what the step means for this seal, and ask what has to be known."""
    step, seal = _asked_for(call, seal_id, name)
    after(SEAL_STEPS, step.rule, seal.state, f"seal {seal.id}")
    require_other_person(call.actor, step.name, _earlier(seal, step))
    return _step_page(request, step, seal, _facts(call, seal, step), {})


@router.post(f"{HOME}/{{seal_id}}/steps/{{name}}")
def take(request: Request, call: Caller, seal_id: str, name: str) -> Response:
    """Take the step."""
    step, seal = _asked_for(call, seal_id, name)
    facts = _facts(call, seal, step)
    entered = {field: posting.text(request, field) for field in ("reason", "cause", "lost_since")}
    posting.show_again(
        request, lambda problem: _step_page(request, step, seal, facts, entered, problem)
    )
    members: dict[str, Any] = {f: entered[f] for f in step.asks.model_fields}
    if "lost_since" in members:
        members["lost_since"] = _instant(members["lost_since"])
    _do(call, seal.id, step, posting.parsed(step.asks, members).model_dump())
    return go(f"{HOME}/{seal.id}", f"console.done.seal_{step.rule}")


def _do(call: Call, seal_id: str, step: Step, entered: dict[str, Any]) -> None:
    """Take a step by the function that the API takes."""
    own = (call.session, call.services)
    who: dict[str, Any] = {"actor": call.actor, "at": call.at}
    acts: Mapping[str, Callable[..., object]] = {
        "review": partial(making.review_seal, *own, call.actor.department),
        "reject": partial(making.reject_seal, *own, call.actor.department),
        "make": partial(making.make_seal, *own, call.actor.department),
        "file": partial(making.put_into_service, *own, call.actor.department),
        "freeze": partial(using.freeze_seal, *own),
        "unfreeze": partial(using.freeze_seal, *own, thaw=True),
        "cancel": partial(ending.cancel_seal, *own),
        "lost-key": partial(ending.report_lost_key, *own),
    }
    acts[step.name](seal_id, **entered, **who)


def _asked_for(call: Call, seal_id: str, name: str) -> tuple[Step, RegisteredSeal]:
    require_role(call.actor, f"{name} a seal" if name in STEPS else "see a seal", SEAL_KEEPER)
    if name not in STEPS:
        raise RequestRefusedError("request.not_found")
    return STEPS[name], find_seal(call.session, call.actor.department, seal_id)


def _earlier(seal: RegisteredSeal, step: Step) -> Mapping[str, str | None]:
    """Return who must not take `step`, by what they did before."""
    if step.name in ("review", "reject"):
        return {"apply for it": seal.applicant}
    if step.name == "make":
        return {"apply for it": seal.applicant, "review it": seal.reviewer}
    if step.name == "file" and seal.origin == IMPORTED:
        return {"import it": seal.applicant}
    return {}


def _facts(call: Call, seal: RegisteredSeal, step: Step) -> list[tuple[str, str]]:
    say = words()
    people = names_of(call.session, [seal.applicant, seal.reviewer, seal.maker])
    found = [
        (say.zh("console.seal"), seal.name),
        (say.zh("console.seal.id"), seal.id),
        (say.zh("console.seal.type"), say.known(f"console.seal.type.{seal.type}", str(seal.type))),
        (say.zh("console.seal.state"), say.zh(f"console.seal.state.{seal.state.value}")),
        (say.zh("console.seal.applicant"), people[seal.applicant]),
        (say.zh("console.seal.reviewer"), people[seal.reviewer]),
        (say.zh("console.seal.maker"), people[seal.maker]),
        (say.zh("console.seal.valid_until"), moment_text(seal.valid_until)),
    ]
    if step.name == "lost-key":
        others = seals_of(call.session, seal.issuer_code)
        ends = [s.name for s in others if s.key_name == seal.key_name and s.state not in ENDED]
        found.append((say.zh("console.seal.ends_too"), "、".join(ends)))
    return [(label, value) for label, value in found if value]


def _instant(entered: str) -> str | None:
    """Return what a browser's field for date and time gives, with its zone; else as it is."""
    if not entered:
        return None
    try:
        return datetime.fromisoformat(entered).replace(tzinfo=BEIJING).isoformat()
    except ValueError:
        return entered


def _step_page(
    request: Request,
    step: Step,
    seal: RegisteredSeal,
    facts: list[tuple[str, str]],
    entered: Mapping[str, str],
    problem: posting.Problem | None = None,
) -> HTMLResponse:
    return console_page(
        request,
        "console/seal_step.html",
        step=step,
        asks=step.asks.model_fields,
        seal=seal,
        facts=facts,
        causes=[(cause.value, words().zh(f"console.seal.cause.{cause.value}")) for cause in Cause],
        entered=entered,
        most=MAX_REASON,
        action=f"{HOME}/{seal.id}/steps/{step.name}",
        back=f"{HOME}/{seal.id}",
        problem=problem,
    )
