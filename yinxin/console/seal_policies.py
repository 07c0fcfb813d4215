"""What a seal's keepers allow (用印规则): one proposes a version, another adopts it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, Response

from issuance.entitlement import SEAL_KEEPER, require_other_person, require_role
from issuance.errors import TransitionError, UnknownPolicyError
from issuance.routes import Call, Caller
from issuance.seals import controlling, policy_register
from issuance.seals.policy import Approval, PolicyState, SealPolicy, Terms
from issuance.seals.register import RegisteredSeal, find_seal
from issuance.seals.schemas import NewPolicy
from issuance.seals.states import ENDED
from yinxin.console import posting
from yinxin.console.pages import confirmation, console_page, go
from yinxin.console.people import names_of
from yinxin.words import words

router = APIRouter()

HOME: Final = "/console/seals"
MAX_REASON: Final = 390
_MAX_WINDOWS: Final = 50
_FEWEST_WINDOWS: Final = 3
"""Rows for hours in the form; one more than were entered, where those are more."""
_WEEKDAYS: Final = range(1, 8)

Version = Annotated[int, Path(ge=1, le=2**31 - 1)]
Decision = Literal["adopt", "decline"]


@dataclass(frozen=True, slots=True)
class _Window:
    """One row of hours as it was entered."""

    weekdays: Sequence[str] = ()
    opens: str = ""
    closes: str = ""


@dataclass(frozen=True, slots=True)
class _Entered:
    """A rule as it was entered, or as the one in force stands in the form at first."""

    kinds: Sequence[str] = ()
    windows: Sequence[_Window] = ()
    daily_limit: str = ""
    approval: str = Approval.CASE.value
    reason: str = ""

    def members(self) -> dict[str, Any]:
        """Return it as the API takes it."""
        return {
            "kinds": list(self.kinds),
            "windows": [
                {"weekdays": list(w.weekdays), "opens": w.opens, "closes": w.closes}
                for w in self.windows
            ],
            "daily_limit": self.daily_limit or None,
            "approval": self.approval,
            "reason": self.reason,
        }


@router.get(f"{HOME}/{{seal_id}}/policies")
def policies(request: Request, call: Caller, seal_id: str) -> HTMLResponse:
    """List every version of a seal's rule, the newest first."""
    seal = controlling.own_seal(call.session, seal_id, actor=call.actor)
    found = policy_register.policies_of(call.session, seal.issuer_code, seal.id)
    in_force = policy_register.policy_in_force(call.session, seal.issuer_code, seal.id)
    people = [name for policy in found for name in (policy.proposed_by, policy.decided_by)]
    return console_page(
        request,
        "console/seal_policies.html",
        seal=seal,
        policies=[(policy, terms_facts(call, policy.terms)) for policy in found],
        in_force=in_force.version if in_force else 0,
        names=names_of(call.session, people),
        keeps=SEAL_KEEPER in call.actor.roles,
        ended=seal.state in ENDED,
    )


@router.get(f"{HOME}/{{seal_id}}/policies/new")
def policy_form(request: Request, call: Caller, seal_id: str) -> HTMLResponse:
    """Ask for the next version, beginning with the one in force."""
    require_role(call.actor, "propose a policy", SEAL_KEEPER)
    seal = find_seal(call.session, call.actor.department, seal_id)
    in_force = policy_register.policy_in_force(call.session, seal.issuer_code, seal.id)
    entered = _as_entered(in_force.terms) if in_force else _Entered()
    return _policy_page(request, seal, _kinds(call, seal), entered)


@router.post(f"{HOME}/{{seal_id}}/policies/new")
def propose(request: Request, call: Caller, seal_id: str) -> Response:
    """Propose the next version; nothing changes until another keeper adopts it."""
    require_role(call.actor, "propose a policy", SEAL_KEEPER)
    seal = find_seal(call.session, call.actor.department, seal_id)
    kinds, entered = _kinds(call, seal), _posted(request)
    posting.show_again(
        request, lambda problem: _policy_page(request, seal, kinds, entered, problem)
    )
    body = posting.parsed(NewPolicy, entered.members())
    controlling.propose_policy(
        call.session,
        call.services,
        seal.id,
        body.terms(),
        reason=body.reason,
        actor=call.actor,
        at=call.at,
    )
    return go(f"{HOME}/{seal.id}/policies", "console.done.policy_proposed")


@router.get(f"{HOME}/{{seal_id}}/policies/{{version}}/{{decision}}")
def ask_policy(
    request: Request, call: Caller, seal_id: str, version: Version, decision: Decision
) -> HTMLResponse:
    """Say what a version allows and what the decision means."""
    require_role(call.actor, "adopt a policy", SEAL_KEEPER)
    seal = find_seal(call.session, call.actor.department, seal_id)
    policy = _policy(call, seal, version)
    require_other_person(call.actor, f"{decision} the policy", {"propose it": policy.proposed_by})
    if policy.state is not PolicyState.PROPOSED:
        raise TransitionError(f"policy {version} of seal {seal.id}", policy.state.value, decision)
    say = words()
    head = [
        (say.zh("console.seal"), seal.name),
        (say.zh("console.seal.rule"), str(version)),
        *terms_facts(call, policy.terms),
        (say.zh("console.reason"), policy.reason),
        (say.zh("console.policy.proposed_by"), _name(call, policy.proposed_by)),
    ]
    return confirmation(
        request,
        title=f"console.policy.{decision}",
        text=f"console.policy.{decision}.text",
        facts=head,
        action=f"{HOME}/{seal.id}/policies/{version}/{decision}",
        back=f"{HOME}/{seal.id}/policies",
        act=f"console.policy.{decision}",
    )


@router.post(f"{HOME}/{{seal_id}}/policies/{{version}}/{{decision}}")
def decide_policy(call: Caller, seal_id: str, version: Version, decision: Decision) -> Response:
    """Adopt or decline a version, as another person than who proposed it."""
    controlling.decide_policy(
        call.session,
        call.services,
        seal_id,
        version,
        adopt=decision == "adopt",
        actor=call.actor,
        at=call.at,
    )
    return go(f"{HOME}/{seal_id}/policies", f"console.done.policy_{decision}")


def terms_facts(call: Call, terms: Terms) -> list[tuple[str, str]]:
    """Return what a rule allows, label and words; what it leaves out is not limited."""
    say = words()
    kinds = "、".join(_kind(call, name) for name in terms.kinds)
    hours = "；".join(
        f"{'、'.join(say.zh(f'console.weekday.{day}') for day in window.weekdays)}"
        f" {window.opens}–{window.closes}"
        for window in terms.windows
    )
    limit = "" if terms.daily_limit is None else str(terms.daily_limit)
    return [
        (say.zh("console.seal.kinds"), kinds or say.zh("console.policy.all_kinds")),
        (say.zh("console.policy.windows"), hours or say.zh("console.policy.all_hours")),
        (say.zh("console.policy.daily_limit"), limit or say.zh("console.policy.no_limit")),
        (
            say.zh("console.policy.approval"),
            say.zh(f"console.policy.approval.{terms.approval.value}"),
        ),
    ]


def _policy(call: Call, seal: RegisteredSeal, version: int) -> SealPolicy:
    for policy in policy_register.policies_of(call.session, seal.issuer_code, seal.id):
        if policy.version == version:
            return policy
    raise UnknownPolicyError


def _kind(call: Call, name: str) -> str:
    kind = call.services.kinds.get(name)
    return kind.name_zh if kind else name


def _kinds(call: Call, seal: RegisteredSeal) -> list[tuple[str, str]]:
    return [(name, _kind(call, name)) for name in seal.kinds]


def _name(call: Call, account: str) -> str:
    return names_of(call.session, [account])[account]


def _as_entered(terms: Terms) -> _Entered:
    windows = [_Window([str(d) for d in w.weekdays], w.opens, w.closes) for w in terms.windows]
    limit = "" if terms.daily_limit is None else str(terms.daily_limit)
    return _Entered(terms.kinds, windows, limit, terms.approval.value)


def _posted(request: Request) -> _Entered:
    windows = [
        _Window(
            posting.texts(request, f"windows.{row}.weekdays"),
            posting.text(request, f"windows.{row}.opens"),
            posting.text(request, f"windows.{row}.closes"),
        )
        for row in range(_MAX_WINDOWS)
    ]
    return _Entered(
        posting.texts(request, "kinds"),
        # Rows left empty are none; a problem counts the others, and so does the form shown again.
        [w for w in windows if w.weekdays or w.opens or w.closes],
        posting.text(request, "daily_limit"),
        posting.text(request, "approval"),
        posting.text(request, "reason"),
    )


def _policy_page(
    request: Request,
    seal: RegisteredSeal,
    kinds: list[tuple[str, str]],
    entered: _Entered,
    problem: posting.Problem | None = None,
) -> HTMLResponse:
    rows = [*entered.windows, _Window()][:_MAX_WINDOWS]
    return console_page(
        request,
        "console/seal_policy_form.html",
        seal=seal,
        kinds=kinds,
        entered=entered,
        rows=rows + [_Window()] * (_FEWEST_WINDOWS - len(rows)),
        weekdays=[(str(day), words().zh(f"console.weekday.{day}")) for day in _WEEKDAYS],
        approvals=[(a.value, words().zh(f"console.policy.approval.{a.value}")) for a in Approval],
        most=MAX_REASON,
        action=f"{HOME}/{seal.id}/policies/new",
        problem=problem,
    )
