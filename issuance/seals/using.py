"""Using a seal (用印): which one may be used, and the freezing of one that may not be.

A seal is used only on licences of its kinds, while it is active, in its own time and in
that of its certificate. Each use is recorded with the digest of what was sealed.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from issuance.entitlement import SEAL_KEEPER, require_role
from issuance.errors import NotEntitledError, SealNotUsableError
from issuance.ports import Actor, IssuanceServices, Keys
from issuance.seals.register import RegisteredSeal, find_seal, seals_of, step_seal
from issuance.seals.states import SealState
from sealkit.asn1.x509 import parse_certificate


def usable_seal(
    session: Session, keys: Keys, issuer_code: str, kind: str, *, at: datetime
) -> RegisteredSeal:
    """Return the seal that an issuer uses on licences of `kind` at `at`.

    Raises:
        SealNotUsableError: saying why there is none.
    """
    refusals = ["the issuer has no active seal"]
    for seal in seals_of(session, issuer_code):
        reason = why_not_usable(seal, keys, kind, at=at)
        if reason is None:
            return seal
        refusals.append(reason)
    raise SealNotUsableError(refusals[-1])


def why_not_usable(seal: RegisteredSeal, keys: Keys, kind: str, *, at: datetime) -> str | None:
    """Return why `seal` may not be used on a licence of `kind`, None if it may."""
    if seal.state is not SealState.ACTIVE or seal.der is None:
        return f"the seal is {seal.state}"
    if kind not in seal.kinds:
        return "the seal is for other kinds"
    if not seal.valid_from <= at <= seal.valid_until:
        return "the seal is outside its time"
    certificate = parse_certificate(keys.signer(seal.key_name).certificate_der)
    if not certificate.valid_at(at):
        return "the certificate of the seal's key is outside its time"
    return None


def freeze_seal(
    session: Session,
    services: IssuanceServices,
    seal_id: str,
    *,
    actor: Actor,
    at: datetime,
    thaw: bool = False,
) -> RegisteredSeal:
    """Stop the use of the caller's department's seal for now, or (`thaw`) allow it again.

    Raises:
        NotEntitledError: if the caller is no seal keeper.
        TransitionError: if its state does not allow it.
    """
    require_role(actor, "freeze a seal", SEAL_KEEPER)
    if not actor.department:
        raise NotEntitledError("freeze a seal")
    step = "unfreeze" if thaw else "freeze"
    found = find_seal(session, actor.department, seal_id)
    seal = step_seal(session, found, step, at=at)
    services.audit.record(
        session,
        actor=actor.id,
        act=f"seal.{step}",
        subject=seal.id,
        at=at,
        detail={"issuer": seal.issuer_code},
    )
    return seal
