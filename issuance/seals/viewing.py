"""What the owner of a seal sees: the seals, their pictures, and every use, page by page."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from issuance.entitlement import AUDITOR, SEAL_KEEPER, require_role
from issuance.errors import UnknownFileError
from issuance.ports import Actor, IssuanceServices
from issuance.seals import register
from issuance.seals.controlling import own_seal
from issuance.seals.reconciliation import Reconciliation, reconcile
from issuance.seals.register import RegisteredSeal, SealUse
from sealkit.asn1.ses import SealPicture, parse_seal

MAX_PAGE: Final = 1000
_MEDIA_TYPES: Final = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "bmp": "image/bmp",
    "ofd": "application/ofd",
}


@dataclass(frozen=True, slots=True)
class UsesPage:
    """Some of a seal's uses, oldest first."""

    uses: tuple[SealUse, ...]
    total: int
    """Of all uses of the seal."""
    next: str | None
    """Identifier of the last one, when more follow."""


def own_seals(session: Session, *, actor: Actor) -> list[RegisteredSeal]:
    """Return every seal of the caller's department.

    Raises:
        NotEntitledError: if the caller is neither seal keeper nor auditor.
    """
    require_role(actor, "see seals", SEAL_KEEPER, AUDITOR)
    return register.seals_of(session, actor.department)


def own_reconciliation(
    session: Session, services: IssuanceServices, *, actor: Actor
) -> Reconciliation:
    """Return how the uses of the caller's department agree with what it sealed.

    Raises:
        NotEntitledError: if the caller is neither seal keeper nor auditor.
    """
    require_role(actor, "reconcile seal uses", SEAL_KEEPER, AUDITOR)
    return reconcile(session, services.files, actor.department)


def picture_of(session: Session, seal_id: str, *, actor: Actor) -> SealPicture:
    """Return the picture of a made seal.

    Raises:
        UnknownFileError: if it is not made yet.
    """
    seal = own_seal(session, seal_id, actor=actor)
    if seal.der is None:
        raise UnknownFileError
    return parse_seal(seal.der).info.picture


def media_type(picture: SealPicture) -> str:
    """Return the media type of a picture whose bytes are of the type that they claim."""
    if not picture.is_of_its_type:
        return "application/octet-stream"
    return _MEDIA_TYPES[picture.type.lower()]


def uses_page(
    session: Session, seal_id: str, *, after: str | None, limit: int, actor: Actor
) -> UsesPage:
    """Return the uses of a seal that follow the one called `after`; from the first without it.

    Raises:
        NotEntitledError, UnknownSealError: if the caller may not see this seal.
    """
    seal = own_seal(session, seal_id, actor=actor)
    found = register.uses_after(session, seal.issuer_code, seal.id, after, limit + 1)
    uses = tuple(found[:limit])
    more = uses[-1].id if len(found) > limit else None
    return UsesPage(uses, register.count_uses(session, seal.issuer_code, seal.id), more)
