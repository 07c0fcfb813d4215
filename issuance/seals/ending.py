"""Ending a seal: cancelled (注销) with a cause, or its key lost (挂失).

* Both are final. A change of name or key is an ending and a new application that names the
  old seal.
* A lost key is every seal's that was made with it: they end together, and the certificate of
  the key is revoked in the same transaction.
* What was sealed before stays good where a trusted time proves when it was sealed.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from ca.errors import UnknownCertificateError
from ca.revocation import Reason, revocation_of, revoke
from issuance.entitlement import SEAL_KEEPER, require_role
from issuance.errors import TransitionError
from issuance.ports import Actor, IssuanceServices
from issuance.seals.register import RegisteredSeal, find_seal, seals_of, step_seal
from issuance.seals.states import ENDED, SEAL_STEPS, SealState
from issuance.states import after
from sealkit.asn1.x509 import Certificate, parse_certificate


class Cause(StrEnum):
    """Why a seal is cancelled (standards/e-licence, 10.4)."""

    OWNER_DISSOLVED = "owner_dissolved"
    OWNER_RENAMED = "owner_renamed"
    CERTIFICATE_REVOKED = "certificate_revoked"
    UNLAWFUL_GRANT = "unlawful_grant"
    REPLACED = "replaced"


def cancel_seal(
    session: Session,
    services: IssuanceServices,
    seal_id: str,
    *,
    cause: Cause,
    reason: str,
    actor: Actor,
    at: datetime,
) -> RegisteredSeal:
    """Cancel a seal of the caller's department, for good.

    Raises:
        NotEntitledError, UnknownSealError: if the caller is no keeper of it.
        TransitionError: if it was never made, or has ended.
    """
    require_role(actor, "cancel a seal", SEAL_KEEPER)
    found = find_seal(session, actor.department, seal_id)
    seal = step_seal(session, found, "cancel", at=at, reason=f"{cause.value}: {reason}")
    services.audit.record(
        session,
        actor=actor.id,
        act="seal.cancel",
        subject=seal.id,
        at=at,
        detail={"issuer": seal.issuer_code, "cause": cause.value, "reason": reason},
    )
    return seal


def report_lost_key(
    session: Session,
    services: IssuanceServices,
    seal_id: str,
    *,
    reason: str,
    lost_since: datetime | None,
    actor: Actor,
    at: datetime,
) -> tuple[RegisteredSeal, ...]:
    """End every seal that was made with the key of this one, and revoke its certificate.

    Returns the seals that ended, the one named first.

    Raises:
        NotEntitledError, UnknownSealError: if the caller is no keeper of it.
        TransitionError: if it was never made, has ended, or its key is not ours.
        RevocationDateError: if the key would be lost only later.
    """
    require_role(actor, "report a lost key", SEAL_KEEPER)
    found = find_seal(session, actor.department, seal_id)
    step = "report_lost_key"
    after(SEAL_STEPS, step, found.state, f"seal {found.id}")
    if not found.key_name:
        raise TransitionError(f"seal {found.id}", "made elsewhere", step)
    certificate = parse_certificate(services.keys.signer(found.key_name).certificate_der)
    revoked = _revoke(session, services, certificate, lost_since, at)
    ended = []
    for seal in (found, *(s for s in seals_of(session, found.issuer_code) if s.id != found.id)):
        if seal.key_name != found.key_name or seal.state in ENDED:
            continue
        if seal.state in (SealState.APPLIED, SealState.REVIEWED):
            ended.append(step_seal(session, seal, "reject", at=at, reason=reason))
        else:
            ended.append(step_seal(session, seal, step, at=at, reason=reason))
    for seal in ended:
        services.audit.record(
            session,
            actor=actor.id,
            act="seal.lost_key",
            subject=seal.id,
            at=at,
            detail={"issuer": seal.issuer_code, "reason": reason, "certificate": revoked},
        )
    return tuple(ended)


def is_revoked(session: Session, services: IssuanceServices, certificate: Certificate) -> bool:
    """Tell whether the certificate of a seal's key is revoked in our register."""
    authority = services.key_names.seal_authority
    try:
        revocation_of(session, ca_name=authority, serial=certificate.serial)
    except UnknownCertificateError:
        return False
    return True


def _revoke(
    session: Session,
    services: IssuanceServices,
    certificate: Certificate,
    lost_since: datetime | None,
    at: datetime,
) -> str:
    """Revoke the certificate; return what the audit says of it."""
    try:
        revoke(
            session,
            ca_name=services.key_names.seal_authority,
            serial=certificate.serial,
            reason=Reason.KEY_COMPROMISE,
            at=at,
            invalid_since=lost_since,
        )
    except UnknownCertificateError:
        # Certified elsewhere: its authority must be told; the seal ends here all the same.
        return f"{certificate.serial:x} not of our authority"
    return f"{certificate.serial:x} revoked"
