"""The owner's control of a seal: policies are proposed and adopted, uses asked for approved.

Who proposed a policy does not adopt it; who asked for a use does not approve it. At most
1,000 uses are approved at a time (standards/e-licence, 10.5).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from issuance.entitlement import AUDITOR, SEAL_KEEPER, require_other_person, require_role
from issuance.errors import (
    DataProblem,
    InvalidSealError,
    TransitionError,
    UnknownPolicyError,
)
from issuance.ports import Actor, IssuanceServices
from issuance.seals import policy_register as kept
from issuance.seals.policy import PolicyState, SealPolicy, Terms
from issuance.seals.policy_register import RequestState, SealRequest
from issuance.seals.register import RegisteredSeal, find_seal, seals_of
from issuance.sentences import sentence

MAX_AT_ONCE: Final = 1000


def own_seal(session: Session, seal_id: str, *, actor: Actor) -> RegisteredSeal:
    """Return a seal of the caller's department, to its keepers and its auditor.

    Raises:
        NotEntitledError, UnknownSealError: if the caller is neither, or it is another's.
    """
    require_role(actor, "see a seal", SEAL_KEEPER, AUDITOR)
    return find_seal(session, actor.department, seal_id)


def waiting_requests(session: Session, *, actor: Actor, limit: int) -> list[SealRequest]:
    """Return the requests to use a seal of the caller's department that nobody has decided on.

    Raises:
        NotEntitledError: if the caller is neither seal keeper nor auditor.
    """
    require_role(actor, "see a seal", SEAL_KEEPER, AUDITOR)
    found: list[SealRequest] = []
    for seal in seals_of(session, actor.department):
        asked = (session, seal.issuer_code, seal.id, RequestState.WAITING, limit)
        found += kept.requests_of(*asked)
    return sorted(found, key=lambda request: (request.requested_at, request.id))[:limit]


def propose_policy(
    session: Session,
    services: IssuanceServices,
    seal_id: str,
    terms: Terms,
    *,
    reason: str,
    actor: Actor,
    at: datetime,
) -> SealPolicy:
    """Propose the next version of a seal's policy; nothing changes until it is adopted.

    Raises:
        NotEntitledError, UnknownSealError: if the caller is no keeper of it.
        InvalidSealError: if the terms allow nothing, or kinds the seal is not for.
    """
    require_role(actor, "propose a policy", SEAL_KEEPER)
    seal = find_seal(session, actor.department, seal_id)
    _require_sensible(terms, seal)
    earlier = kept.policies_of(session, seal.issuer_code, seal.id)
    policy = SealPolicy(
        issuer_code=seal.issuer_code,
        seal_id=seal.id,
        version=earlier[0].version + 1 if earlier else 1,
        state=PolicyState.PROPOSED,
        terms=terms,
        reason=reason,
        proposed_by=actor.id,
        proposed_at=at,
    )
    kept.add_policy(session, policy)
    _record(session, services, policy, "propose", actor, at)
    return policy


def decide_policy(
    session: Session,
    services: IssuanceServices,
    seal_id: str,
    version: int,
    *,
    adopt: bool,
    actor: Actor,
    at: datetime,
) -> SealPolicy:
    """Adopt or decline a proposed version, as another person than who proposed it.

    Raises:
        UnknownPolicyError: if there is no such version.
        SeparationOfDutiesError: if the caller proposed it.
        TransitionError: if it is decided already, or a newer version is in force.
    """
    require_role(actor, "adopt a policy", SEAL_KEEPER)
    seal = find_seal(session, actor.department, seal_id)
    versions = kept.policies_of(session, seal.issuer_code, seal.id)
    found = next((policy for policy in versions if policy.version == version), None)
    if found is None:
        raise UnknownPolicyError
    step = "adopt" if adopt else "decline"
    require_other_person(actor, f"{step} the policy", {"propose it": found.proposed_by})
    subject = f"policy {version} of seal {seal.id}"
    if found.state is not PolicyState.PROPOSED:
        raise TransitionError(subject, found.state.value, step)
    in_force = kept.policy_in_force(session, seal.issuer_code, seal.id)
    if adopt and in_force is not None and in_force.version > version:
        raise TransitionError(subject, "overtaken by a newer version", step)
    state = PolicyState.ADOPTED if adopt else PolicyState.DECLINED
    decided = kept.decide_policy(session, found, state, by=actor.id, at=at)
    _record(session, services, decided, step, actor, at)
    return decided


def decide_requests(
    session: Session,
    services: IssuanceServices,
    seal_id: str,
    request_ids: Sequence[str],
    *,
    reasons: str | None,
    actor: Actor,
    at: datetime,
) -> list[SealRequest]:
    """Approve requests to use a seal or, with `reasons`, decline them; all of them or none.

    A declined one may still be approved later.

    Raises:
        InvalidSealError: if one is none of this seal's, or they are too many.
        SeparationOfDutiesError: if the caller asked for one of them.
        TransitionError: if one is used already.
    """
    require_role(actor, "approve the use of a seal", SEAL_KEEPER)
    seal = find_seal(session, actor.department, seal_id)
    wanted = list(dict.fromkeys(request_ids))
    found = kept.requests_by_id(session, seal.issuer_code, seal.id, wanted[:MAX_AT_ONCE])
    if len(found) != len(wanted):
        raise InvalidSealError([_problem("requests", "data.seal.requests")])
    step = "decline" if reasons else "approve"
    state = RequestState.DECLINED if reasons else RequestState.APPROVED
    decided = []
    for request in found:
        require_other_person(actor, f"{step} the use", {"ask for it": request.requested_by})
        if request.state is RequestState.USED:
            raise TransitionError(f"request {request.id}", request.state.value, step)
        changes = {"decided_by": actor.id, "decided_at": at, "reasons": reasons}
        decided.append(kept.step_request(session, request, state, **changes))
        services.audit.record(
            session,
            actor=actor.id,
            act=f"seal.use.{step}",
            subject=seal.id,
            at=at,
            detail={"licence": request.identifier, "request": request.id, "reasons": reasons or ""},
        )
    return decided


def _require_sensible(terms: Terms, seal: RegisteredSeal) -> None:
    problems = []
    if not set(terms.kinds) <= set(seal.kinds):
        problems.append(_problem("kinds", "data.seal.policy_kinds"))
    if any(window.is_empty for window in terms.windows):
        problems.append(_problem("windows", "data.seal.policy_hours"))
    if problems:
        raise InvalidSealError(problems)


def _problem(field: str, code: str) -> DataProblem:
    zh, en = sentence(code, {}, {})
    return DataProblem(field, code, zh, en)


def _record(
    session: Session,
    services: IssuanceServices,
    policy: SealPolicy,
    step: str,
    actor: Actor,
    at: datetime,
) -> None:
    services.audit.record(
        session,
        actor=actor.id,
        act=f"seal.policy.{step}",
        subject=policy.seal_id,
        at=at,
        detail={
            "issuer": policy.issuer_code,
            "version": str(policy.version),
            "terms": policy.terms.to_json(),
            "reason": policy.reason,
        },
    )
