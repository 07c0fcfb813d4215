"""On what basis a check is asked: the holder's consent (授权) or a statutory duty.

One of them must be given for everybody whose licences are looked at, and is recorded.
"""

from dataclasses import dataclass
from enum import StrEnum

from verification.errors import ConsentError


class BasisKind(StrEnum):
    """Why the question may be asked (standards/e-licence, 8.1)."""

    HOLDER_CONSENT = "holder_consent"
    """Given to us by the holder; `verification.certificate_free.consents` has it."""
    SIGNED_FORM = "signed_form"
    """The holder's consent on paper, kept by the organisation that asks."""
    STATUTORY_DUTY = "statutory_duty"


@dataclass(frozen=True, slots=True)
class Basis:
    """The recorded basis of one check."""

    kind: BasisKind
    reference: str
    """The consent's code, the number of the signed form, or the law and article."""

    def to_dict(self) -> dict[str, str]:
        """Return the basis as answers and receipts carry it."""
        return {"kind": self.kind.value, "reference": self.reference}


def basis_of(consent: str | None, signed_form: str | None, statutory_basis: str | None) -> Basis:
    """Return the basis; the holder's own consent goes before the law.

    Raises:
        ConsentError: if none is given.
    """
    given = (
        (BasisKind.HOLDER_CONSENT, consent),
        (BasisKind.SIGNED_FORM, signed_form),
        (BasisKind.STATUTORY_DUTY, statutory_basis),
    )
    for kind, reference in given:
        if reference and reference.strip():
            return Basis(kind, reference.strip())
    raise ConsentError
