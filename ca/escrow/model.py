"""Keys in escrow, and what it takes to get one out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from ca.errors import EnrolmentTransitionError

APPROVALS: Final = 2
"""Persons who approve a recovery, neither of whom asked for it."""


@dataclass(frozen=True, slots=True)
class EscrowedKey:
    """One encryption key pair, sealed."""

    authority: str
    serial: int
    """Of its certificate."""
    signing_serial: int
    """Of the other certificate of the pair."""
    box: bytes = field(repr=False)
    """The private key, sealed by the vault."""
    envelope: bytes = field(repr=False)
    """The private key for its holder, SM2EnvelopedKey."""

    @property
    def context(self) -> str:
        """What the box is bound to."""
        return f"ca.escrow:{self.authority}/{self.serial:x}"


class RecoveryState(StrEnum):
    """Where a recovery stands: requested → delivered | rejected."""

    REQUESTED = "requested"
    DELIVERED = "delivered"
    REJECTED = "rejected"


_STEPS: Final[Mapping[str, RecoveryState]] = {
    "approve": RecoveryState.DELIVERED,
    "reject": RecoveryState.REJECTED,
}


@dataclass(frozen=True, slots=True)
class RecoveryDecision:
    """What one person decided."""

    person: str
    decision: str
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Recovery:
    """One wish to have a key out of escrow."""

    authority: str
    id: str
    state: RecoveryState
    serial: int
    """Of the encryption certificate whose key is wanted."""
    recipient: int
    """Serial number of the certificate whose key will open it."""
    reason: str
    """The legal basis; kept for the auditors."""
    requested_by: str
    requested_at: datetime
    envelope: bytes | None = field(default=None, repr=False)
    """SM2EnvelopedKey for the recipient, once delivered."""
    decisions: tuple[RecoveryDecision, ...] = ()

    def after(self, step: str) -> RecoveryState:
        """Return the state that ``approve`` or ``reject`` leads to in the end.

        Raises:
            EnrolmentTransitionError: if it was decided already.
        """
        if self.state is not RecoveryState.REQUESTED:
            raise EnrolmentTransitionError(
                f"recovery {self.authority}/{self.id}", self.state.value, step
            )
        return _STEPS[step]
