"""The gate before each use of a seal: request → policy → approval → sign → record.

* A permit is looked for before anything is signed, and once more in the transaction that
  records the use: so neither a freeze nor the daily limit is passed by two at a time.
* Where the policy wants a person's approval, the request is written down and the caller
  refused; whoever commits must keep the request (`issuance.mint`).
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from issuance.errors import SealApprovalNeededError, SealNotUsableError
from issuance.ports import Keys
from issuance.register_rows import Edition
from issuance.seals import policy_register as kept
from issuance.seals.policy import Approval, Refusal, SealPolicy, day_of, refused_by
from issuance.seals.policy_register import RequestState, SealRequest
from issuance.seals.register import RegisteredSeal, state_of
from issuance.seals.using import refused_seal, why_not_usable

_ID_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class Permit:
    """That one seal may be used once on one edition, and on whose word."""

    seal: RegisteredSeal
    policy_version: int
    """0 where the owner has adopted no policy."""
    approver: str
    request_id: str | None = None


def permit_use(
    session: Session,
    seal: RegisteredSeal,
    edition: Edition,
    *,
    requested_by: str,
    at: datetime,
    pending: int = 0,
) -> Permit:
    """Return the permit to use `seal` on `edition` now.

    `pending` is how many uses of it are prepared already and not yet recorded.

    Raises:
        SealApprovalNeededError: if a person has to approve; the request is in `session`.
        SealNotUsableError: if the policy refuses, or a person has.
    """
    policy = kept.policy_in_force(session, seal.issuer_code, seal.id)
    if policy is None:
        return Permit(seal, 0, edition.reviewed_by)
    _require_allowed(session, seal, policy, edition.kind, at=at, pending=pending)
    if policy.terms.approval is Approval.CASE:
        return Permit(seal, policy.version, edition.reviewed_by)
    request = kept.request_for(
        session, seal.issuer_code, seal.id, edition.serial, edition.version
    ) or _ask(session, seal, policy, edition, requested_by, at)
    _require_approved(seal, request)
    return Permit(seal, policy.version, request.decided_by or "", request.id)


def require_permitted_now(
    session: Session, seal: RegisteredSeal, edition: Edition, *, at: datetime
) -> None:
    """Refuse what `permit_use` would refuse, asking nobody for anything.

    Raises:
        SealApprovalNeededError, SealNotUsableError: as `permit_use`.
    """
    policy = kept.policy_in_force(session, seal.issuer_code, seal.id)
    if policy is None:
        return
    _require_allowed(session, seal, policy, edition.kind, at=at, pending=0)
    if policy.terms.approval is Approval.PERSON:
        asked = (session, seal.issuer_code, seal.id, edition.serial, edition.version)
        _require_approved(seal, kept.request_for(*asked))


def require_still_permitted(
    session: Session, keys: Keys, permit: Permit, edition: Edition, *, at: datetime
) -> None:
    """Refuse what may not be used any more, in the transaction that records the use.

    Raises:
        SealNotUsableError: if the seal was stopped or its day is used up meanwhile.
    """
    # Of a made seal nothing changes but its state; its picture need not be read again.
    seal = replace(permit.seal, state=state_of(session, permit.seal.issuer_code, permit.seal.id))
    refusal = why_not_usable(seal, keys, edition.kind, at=at)
    if refusal:
        raise refused_seal(seal, refusal)
    policy = kept.policy_in_force(session, seal.issuer_code, seal.id)
    if policy is not None:
        _require_allowed(session, seal, policy, edition.kind, at=at, pending=0)
    if permit.request_id is not None:
        (request,) = kept.requests_by_id(session, seal.issuer_code, seal.id, [permit.request_id])
        kept.step_request(session, request, RequestState.USED)


def _require_allowed(
    session: Session,
    seal: RegisteredSeal,
    policy: SealPolicy,
    kind: str,
    *,
    at: datetime,
    pending: int,
) -> None:
    used_today = pending
    if policy.terms.daily_limit is not None:
        used_today += kept.uses_between(session, seal.issuer_code, seal.id, *day_of(at))
    refusal = refused_by(policy.terms, kind, used_today=used_today, at=at)
    if refusal:
        raise SealNotUsableError(refusal, seal=seal.id, policy=str(policy.version))


def _require_approved(seal: RegisteredSeal, request: SealRequest | None) -> None:
    if request is None or request.state is RequestState.WAITING:
        request_id = request.id if request else ""
        raise SealApprovalNeededError(Refusal.APPROVAL, seal=seal.id, request=request_id)
    if request.state is RequestState.DECLINED:
        raise SealNotUsableError(
            Refusal.DECLINED, seal=seal.id, reasons=request.reasons or "", request=request.id
        )


def _ask(
    session: Session,
    seal: RegisteredSeal,
    policy: SealPolicy,
    edition: Edition,
    requested_by: str,
    at: datetime,
) -> SealRequest:
    request = SealRequest(
        issuer_code=seal.issuer_code,
        id=f"R{secrets.token_hex(_ID_BYTES)}",
        seal_id=seal.id,
        serial=edition.serial,
        version=edition.version,
        identifier=edition.identifier,
        kind=edition.kind,
        state=RequestState.WAITING,
        policy_version=policy.version,
        requested_by=requested_by,
        requested_at=at,
    )
    kept.add_request(session, request)
    return request
