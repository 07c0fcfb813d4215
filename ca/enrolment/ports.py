"""What enrolment needs from outside; the roof plugs it in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from sealkit.asn1.x509 import Certificate
from sealkit.signer import Signer


class Person(Protocol):
    """Who calls, as far as enrolment wants to know."""

    @property
    def id(self) -> str:
        """The account."""

    @property
    def department(self) -> str:
        """USCC of the department; empty for who belongs to none."""

    @property
    def roles(self) -> frozenset[str]:
        """What the account may do."""


class KeyVault(Protocol):
    """Keeps private keys sealed under a key that is not in the database."""

    def seal(self, plaintext: bytes, context: str) -> bytes:
        """Return a box that opens only under the same `context`."""

    def unseal(self, box: bytes, context: str) -> bytes:
        """Return what was sealed.

        Raises:
            MalformedError: if the box was changed, moved, or made under another key.
        """


class AuditTrail(Protocol):
    """Where acts are recorded, in the transaction of the act."""

    def record(
        self,
        session: Session,
        *,
        actor: str,
        act: str,
        subject: str,
        at: datetime,
        detail: Mapping[str, str],
    ) -> None:
        """Append one act; `detail` holds no personal data."""


@dataclass(frozen=True, slots=True)
class EnrolmentServices:
    """The collaborators of the rules."""

    certificate: Callable[[str], Certificate]
    """The certificate of an authority, by its name in the register."""

    signer: Callable[[str], Signer]
    """Its key, to issue certificates with. Asked for when all is decided and planned."""

    crl_address: Callable[[str, int], str]
    """Authority and serial number → where the list that speaks of it is served."""

    ocsp_address: Callable[[str], str | None]
    """Authority → where the status of its certificates is asked for, if there is a responder."""

    policies: tuple[str, ...]
    """Dotted identifiers of the policies that certificates are issued under."""

    audit: AuditTrail
    escrow: KeyVault | None = None
    """Where encryption keys of pairs are kept; without it no pairs are issued."""
