"""An erasure as a value: of which edition, on what ground, and who.

    proposed → confirmed | declined | withdrawn
    confirmed → destroyed      the proof's file is gone from the store as well

The transparency log itself never changes. What is destroyed is the salt that ties one of its
entries to one licence; without it nobody can show whose entry it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final


class ErasureState(StrEnum):
    """Where an erasure stands."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    """The salt is gone and the proof is served no more; its file is still to be removed."""
    DESTROYED = "destroyed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


ERASED: Final = frozenset({ErasureState.CONFIRMED, ErasureState.DESTROYED})
"""The service can open the entry no more."""

_S = ErasureState
ERASURE_STEPS: Final[Mapping[str, Mapping[ErasureState, ErasureState]]] = {
    "confirm": {_S.PROPOSED: _S.CONFIRMED},
    "destroy": {_S.CONFIRMED: _S.DESTROYED},
    "decline": {_S.PROPOSED: _S.DECLINED},
    "withdraw": {_S.PROPOSED: _S.WITHDRAWN},
}


@dataclass(frozen=True, slots=True)
class Erasure:
    """One proposal to erase, and what became of it."""

    issuer_code: str
    id: str
    serial: str
    version: int
    identifier: str
    legal_basis: str
    """Article and facts in words."""
    state: ErasureState
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    reasons: str | None = None
    """Why it was declined."""
    proof_key: str | None = field(default=None, repr=False)
    """In the file store, until the file is removed."""
