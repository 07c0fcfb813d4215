"""Using a seal (用印): which one may be used, and the freezing of one that may not be.

A seal is used only on licences of its kinds, while it is active, in its own time and in
that of its certificate. What its owner allows beyond that is `issuance.seals.permits`.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from issuance.entitlement import SEAL_KEEPER, require_role
from issuance.errors import NotEntitledError, SealNotUsableError
from issuance.kind import Kind
from issuance.ports import Actor, IssuanceServices, Keys
from issuance.seals.policy import Refusal
from issuance.seals.register import RegisteredSeal, find_seal, seals_of, step_seal
from issuance.seals.states import STATES_ZH, SealState
from sealkit.asn1.x509 import parse_certificate

BUSINESS_SEAL = 6
"""业务专用章, the type used on licences: seal_types ``06`` of the code lists."""


def usable_seal(
    session: Session,
    keys: Keys,
    issuer_code: str,
    kind: str,
    *,
    at: datetime,
    seal_type: int = BUSINESS_SEAL,
) -> RegisteredSeal:
    """Return the seal of a type that an issuer uses on licences of `kind` at `at`.

    Raises:
        SealNotUsableError: saying why there is none.
    """
    all_of_them = seals_of(session, issuer_code)
    of_type = [seal for seal in all_of_them if seal.type == seal_type]
    refused: SealNotUsableError | None = None
    for seal in of_type:
        refusal = why_not_usable(seal, keys, kind, at=at)
        if refusal is None:
            return seal
        # One in service that may not be used tells more than one that ended long ago.
        if refused is None or seal.state is SealState.ACTIVE:
            refused = refused_seal(seal, refusal)
    if refused:
        raise refused
    if all_of_them:
        raise SealNotUsableError(Refusal.TYPE, type=f"{seal_type:02}")
    raise SealNotUsableError(Refusal.NONE_ACTIVE)


def usable_seals(
    session: Session,
    keys: Keys,
    issuer_code: str,
    kind: Kind,
    *,
    at: datetime,
    planned: str | None = None,
) -> tuple[RegisteredSeal, ...]:
    """Return one seal of each type that `kind` needs, in its order; the `planned` one if it may.

    Raises:
        SealNotUsableError: saying which is missing, and why.
    """
    chosen = []
    for code in kind.seals:
        seal_type = int(code)
        preferred = find_seal(session, issuer_code, planned) if planned else None
        if (
            preferred is None
            or preferred.type != seal_type
            or why_not_usable(preferred, keys, kind.name, at=at)
        ):
            preferred = usable_seal(
                session, keys, issuer_code, kind.name, at=at, seal_type=seal_type
            )
        chosen.append(preferred)
    return tuple(chosen)


def why_not_usable(seal: RegisteredSeal, keys: Keys, kind: str, *, at: datetime) -> Refusal | None:
    """Return why `seal` may not be used on a licence of `kind`, None if it may."""
    if seal.state is not SealState.ACTIVE or seal.der is None:
        return Refusal.STATE
    if not seal.key_name:
        return Refusal.KEY
    if kind not in seal.kinds:
        return Refusal.KIND
    if not seal.valid_from <= at <= seal.valid_until:
        return Refusal.PERIOD
    certificate = parse_certificate(keys.signer(seal.key_name).certificate_der)
    if not certificate.valid_at(at):
        return Refusal.CERTIFICATE
    return None


def refused_seal(seal: RegisteredSeal, refusal: Refusal) -> SealNotUsableError:
    """Return the error for a seal that may not be used."""
    evidence = {"seal": seal.id}
    if refusal is Refusal.STATE:
        evidence |= {"state": seal.state.value, "state_zh": STATES_ZH[seal.state]}
    return SealNotUsableError(refusal, **evidence)


def freeze_seal(
    session: Session,
    services: IssuanceServices,
    seal_id: str,
    *,
    actor: Actor,
    at: datetime,
    reason: str = "",
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
    seal = step_seal(session, found, step, at=at, reason=reason or None)
    services.audit.record(
        session,
        actor=actor.id,
        act=f"seal.{step}",
        subject=seal.id,
        at=at,
        detail={"issuer": seal.issuer_code, "reason": reason},
    )
    return seal
