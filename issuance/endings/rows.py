"""An ending as a value: which way, why, and who.

    proposed → confirmed | declined | withdrawn

* 注销 (cancel): ended without fault, such as surrender, death or dissolution.
* 撤销 (revoke): the grant was unlawful.
* 吊销 (forfeit): a penalty.

They are kept apart, because a holder's right to be heard differs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final


class Way(StrEnum):
    """How a licence ends; each is the step of the same name in `issuance.states`."""

    CANCEL = "cancel"
    REVOKE = "revoke"
    FORFEIT = "forfeit"


REASON_CODES: Final[Mapping[Way, str]] = {Way.CANCEL: "22", Way.REVOKE: "23", Way.FORFEIT: "24"}
"""change_reasons of the code lists: 注销, 撤销, 吊销."""


class Cause(StrEnum):
    """What in the holder's life or ours led to a cancellation; the others rest on law alone."""

    SURRENDER = "surrender"
    DEATH = "death"
    DISSOLUTION = "dissolution"
    EXPIRY = "expiry"
    ISSUED_IN_ERROR = "issued_in_error"
    UNLAWFUL_GRANT = "unlawful_grant"
    PENALTY = "penalty"
    OTHER = "other"


CAUSES: Final[Mapping[Way, frozenset[Cause]]] = {
    Way.CANCEL: frozenset(
        {
            Cause.SURRENDER,
            Cause.DEATH,
            Cause.DISSOLUTION,
            Cause.EXPIRY,
            Cause.ISSUED_IN_ERROR,
            Cause.OTHER,
        }
    ),
    Way.REVOKE: frozenset({Cause.UNLAWFUL_GRANT}),
    Way.FORFEIT: frozenset({Cause.PENALTY}),
}


class EndingState(StrEnum):
    """Where an ending stands."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


_S = EndingState
ENDING_STEPS: Final[Mapping[str, Mapping[EndingState, EndingState]]] = {
    "confirm": {_S.PROPOSED: _S.CONFIRMED},
    "decline": {_S.PROPOSED: _S.DECLINED},
    "withdraw": {_S.PROPOSED: _S.WITHDRAWN},
}


@dataclass(frozen=True, slots=True)
class Ending:
    """One proposal to end a licence, and what became of it."""

    issuer_code: str
    id: str
    serial: str
    version: int
    identifier: str
    way: Way
    cause: Cause
    legal_basis: str
    """Article and facts in words; shown to the holder with the notice."""
    state: EndingState
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    reasons: str | None = None
    """Why it was declined."""
