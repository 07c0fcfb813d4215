"""Which picture a seal gets: by the kind of its owner and its type (standards/e-licence, 10.2).

National emblems are never drawn: where the law puts one in the centre, a seal of ours has
none, and must be imported from its maker.
"""

from enum import StrEnum

from issuance.render.seal_picture import SealFace
from issuance.seals.register import RegisteredSeal


class OwnerKind(StrEnum):
    """Who owns a seal, as far as the picture depends on it."""

    DEPARTMENT = "department"
    """Department or internal body of a government."""


def face_for(seal: RegisteredSeal, *, specimen: bool) -> SealFace:
    """Return what stands on the picture of `seal`."""
    return SealFace(seal.owner_name, seal.label, 42, specimen)
