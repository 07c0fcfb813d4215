"""What escrow needs from outside; the roof plugs it in."""

from dataclasses import dataclass

from ca.enrolment.ports import AuditTrail, KeyVault


@dataclass(frozen=True, slots=True)
class EscrowServices:
    """The collaborators of the rules."""

    vault: KeyVault | None
    """None where no keys are kept."""
    audit: AuditTrail
