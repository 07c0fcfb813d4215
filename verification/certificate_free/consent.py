"""On what basis a check is asked: the holder's consent (授权) or a statutory duty.

One of them must be given and is recorded; nobody's licences are looked at without it.
"""

from dataclasses import dataclass
from enum import StrEnum

from verification.errors import ConsentError


class BasisKind(StrEnum):
    """Why the question may be asked (standards/e-licence, 8.1)."""

    HOLDER_CONSENT = "holder_consent"
    STATUTORY_DUTY = "statutory_duty"


@dataclass(frozen=True, slots=True)
class Basis:
    """The recorded basis of one check."""

    kind: BasisKind
    reference: str
    """Reference of the holder's agreement, or the law and article."""


def basis_of(consent: str | None, statutory_basis: str | None) -> Basis:
    """Return the basis; the holder's own agreement goes before the law.

    Raises:
        ConsentError: if neither is given.
    """
    if consent and consent.strip():
        return Basis(BasisKind.HOLDER_CONSENT, consent.strip())
    if statutory_basis and statutory_basis.strip():
        return Basis(BasisKind.STATUTORY_DUTY, statutory_basis.strip())
    raise ConsentError
