"""Plans that have their number and no seal yet, and why: for the keepers who can mend it.

Nothing is asked for, signed or changed here; minting asks again by itself.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from issuance import repository
from issuance.entitlement import AUDITOR, SEAL_KEEPER, require_role
from issuance.errors import SealNotUsableError
from issuance.ports import Actor, IssuanceServices
from issuance.register_rows import Edition, Plan
from issuance.seals.permits import require_permitted_now
from issuance.seals.using import usable_seals


@dataclass(frozen=True, slots=True)
class UnsealedPlan:
    """A plan of which nothing is sealed yet."""

    plan: Plan
    edition: Edition
    refusal: SealNotUsableError | None
    """Why it cannot be sealed now; None if it can, and minting has only to come to it."""


def unsealed_plans(
    session: Session, services: IssuanceServices, *, actor: Actor, at: datetime, limit: int
) -> tuple[UnsealedPlan, ...]:
    """Return at most `limit` unsealed plans of the caller's department, oldest first.

    Raises:
        NotEntitledError: if the caller is neither seal keeper nor auditor.
    """
    require_role(actor, "see what waits for a seal", SEAL_KEEPER, AUDITOR)
    return tuple(
        UnsealedPlan(plan, edition, _refusal(session, services, plan, edition, at))
        for plan, edition in repository.unsealed(session, actor.department, limit)
    )


def _refusal(
    session: Session, services: IssuanceServices, plan: Plan, edition: Edition, at: datetime
) -> SealNotUsableError | None:
    issuer, kind = plan.key.issuer_code, services.kinds[edition.kind]
    try:
        for seal in usable_seals(session, services.keys, issuer, kind, at=at, planned=plan.seal_id):
            require_permitted_now(session, seal, edition, at=at)
    except SealNotUsableError as error:
        return error
    return None
