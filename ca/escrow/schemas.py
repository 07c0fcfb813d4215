"""What the recovery routes take and give, as JSON."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from ca.escrow.model import Recovery, RecoveryState

_Serial = Annotated[str, StringConstraints(pattern="^[0-9a-fA-F]{1,40}$")]


class NewRecovery(BaseModel):
    """A wish to have a kept key."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    authority: Annotated[str, StringConstraints(pattern="^[a-z0-9_]{1,64}$")] = "sub_ca"
    serial: _Serial
    """Of the encryption certificate."""
    recipient: _Serial
    """Of the certificate, for signing, whose key will open the envelope."""
    reason: Annotated[str, StringConstraints(min_length=1, max_length=512)]
    """The legal basis."""


class RecoveryApproval(BaseModel):
    """An approver's yes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    note: Annotated[str, StringConstraints(max_length=512)] = ""


class RecoveryRefusal(BaseModel):
    """Why a recovery is rejected."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    note: Annotated[str, StringConstraints(min_length=1, max_length=512)]


class RecoveryDecisionOut(BaseModel):
    """What one person decided."""

    person: str
    decision: str
    note: str
    at: datetime


class RecoveryOut(BaseModel):
    """A recovery as those who ask and decide see it."""

    authority: str
    id: str
    state: RecoveryState
    serial: str
    recipient: str
    reason: str
    requested_by: str
    requested_at: datetime
    decisions: tuple[RecoveryDecisionOut, ...]

    @classmethod
    def of(cls, found: Recovery) -> "RecoveryOut":
        """Return `found` as it is shown."""
        return cls(
            authority=found.authority,
            id=found.id,
            state=found.state,
            serial=f"{found.serial:x}",
            recipient=f"{found.recipient:x}",
            reason=found.reason,
            requested_by=found.requested_by,
            requested_at=found.requested_at,
            decisions=tuple(
                RecoveryDecisionOut(
                    person=one.person, decision=one.decision, note=one.note, at=one.at
                )
                for one in found.decisions
            ),
        )
