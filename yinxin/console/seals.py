"""The department's seals in the console: the list, one seal, its uses, their reconciliation."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from issuance.entitlement import SEAL_KEEPER, signed_in
from issuance.errors import SealNotUsableError
from issuance.routes import Call, Caller
from issuance.seals import blocked_plans, controlling, policy_register, register, viewing
from issuance.seals.ending import is_revoked
from issuance.seals.importing import findings_of
from issuance.seals.policy import PolicyState
from issuance.seals.policy_register import RequestState
from issuance.seals.register import RegisteredSeal
from issuance.seals.states import SealState
from issuance.seals.using import refused_seal, why_not_usable
from sealkit.asn1.x509 import Certificate, parse_certificate
from yinxin.console import seal_steps
from yinxin.console.listing import PAGE_LINES
from yinxin.console.pages import console_page
from yinxin.console.people import names_of
from yinxin.console.seal_policies import terms_facts
from yinxin.console.waiting import MOST

router = APIRouter()
caller_router = APIRouter()

HOME: Final = "/console/seals"


@router.get(HOME)
def list_of(request: Request, call: Caller) -> HTMLResponse:
    """List the department's seals, and how many requests wait for each."""
    found = viewing.own_seals(call.session, actor=call.actor)
    waiting = controlling.waiting_requests(call.session, actor=call.actor, limit=MOST)
    return console_page(
        request,
        "console/seals.html",
        seals=found,
        waiting={seal.id: sum(r.seal_id == seal.id for r in waiting) for seal in found},
        keeps=SEAL_KEEPER in call.actor.roles,
    )


@caller_router.get(f"{HOME}/all/reconciliation")
def reconciliation(request: Request) -> HTMLResponse:
    """Compare uses with files; it reads them all, so it holds no turn to write."""
    services, actor = request.app.state.issuance, signed_in(request.state.actor)
    with request.state.reading() as session:
        found = viewing.own_reconciliation(session, services, actor=actor)
    return console_page(request, "console/seal_reconciliation.html", found=found)


@router.get(f"{HOME}/all/plans")
def plans(request: Request, call: Caller) -> HTMLResponse:
    """List licences that have their number and no seal yet, and why."""
    found = blocked_plans.unsealed_plans(
        call.session, call.services, actor=call.actor, at=call.at, limit=MOST + 1
    )
    return console_page(
        request,
        "console/seal_plans.html",
        plans=found[:MOST],
        more=len(found) > MOST,
        most=MOST,
        names=names_of(call.session, [entry.plan.planned_by for entry in found]),
    )


@router.get(f"{HOME}/{{seal_id}}")
def show(request: Request, call: Caller, seal_id: str) -> HTMLResponse:
    """Show where a seal stands, its certificate, its rule, and what its keeper may do next."""
    seal = controlling.own_seal(call.session, seal_id, actor=call.actor)
    people = [seal.applicant, seal.reviewer, seal.maker]
    certificate = _certificate(call, seal)
    key = (call.session, seal.issuer_code, seal.id)
    steps, policy = seal_steps.possible(seal), policy_register.policy_in_force(*key)
    return console_page(
        request,
        "console/seal.html",
        seal=seal,
        state=seal.state.value,
        names=names_of(call.session, people),
        kinds=[_kind(call, name) for name in seal.kinds],
        certificate=certificate,
        revoked=certificate is not None and is_revoked(call.session, call.services, certificate),
        refusal=_refusal(call, seal),
        findings=findings_of(seal),
        policy=policy,
        terms=terms_facts(call, policy.terms) if policy else (),
        proposed=any(p.state is PolicyState.PROPOSED for p in policy_register.policies_of(*key)),
        uses=register.count_uses(*key),
        waiting=len(policy_register.requests_of(*key, RequestState.WAITING, MOST)),
        steps=[s for s in steps if seal_steps.is_other_person(seal, s, call.actor)],
        withheld=[s for s in steps if not seal_steps.is_other_person(seal, s, call.actor)],
        keeps=SEAL_KEEPER in call.actor.roles,
    )


@router.get(f"{HOME}/{{seal_id}}/picture")
def picture(call: Caller, seal_id: str) -> Response:
    """Give the picture of a made seal."""
    found = viewing.picture_of(call.session, seal_id, actor=call.actor)
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(found.image, media_type=viewing.media_type(found), headers=headers)


@router.get(f"{HOME}/{{seal_id}}/uses")
def uses(
    request: Request,
    call: Caller,
    seal_id: str,
    after: Annotated[str | None, Query(max_length=40)] = None,
) -> HTMLResponse:
    """List uses of a seal with the digest of each file, oldest first."""
    seal = controlling.own_seal(call.session, seal_id, actor=call.actor)
    found = viewing.uses_page(
        call.session, seal_id, after=after, limit=PAGE_LINES, actor=call.actor
    )
    people = [name for use in found.uses for name in (use.operator, use.approver)]
    here = f"{HOME}/{seal.id}/uses"
    return console_page(
        request,
        "console/seal_uses.html",
        seal=seal,
        found=found,
        names=names_of(call.session, people),
        page={
            "first": here if after else None,
            "more": f"{here}?after={found.next}" if found.next else None,
        },
    )


def _kind(call: Call, name: str) -> str:
    kind = call.services.kinds.get(name)
    return kind.name_zh if kind else name


def _certificate(call: Call, seal: RegisteredSeal) -> Certificate | None:
    """Return the certificate of the key that the seal is used with; None if it is not ours."""
    if not seal.key_name:
        return None
    return parse_certificate(call.services.keys.signer(seal.key_name).certificate_der)


def _refusal(call: Call, seal: RegisteredSeal) -> SealNotUsableError | None:
    """Return why a seal in service cannot be used just now."""
    if seal.state is not SealState.ACTIVE or not seal.kinds:
        return None
    reason = why_not_usable(seal, call.services.keys, seal.kinds[0], at=call.at)
    return refused_seal(seal, reason) if reason else None
