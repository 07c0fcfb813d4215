"""What issuance needs from outside; the roof plugs the adapters in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from ca.log import TransparencyLog
from issuance.kind import Kind
from issuance.signed_lists import SignedLists
from sealkit.record import Holder
from sealkit.signer import Signer
from verification.trust import TrustStore


@dataclass(frozen=True, slots=True)
class Actor:
    """Who calls: a person or a system, as the identity service knows it."""

    id: str
    name: str
    department: str
    """USCC of the department; empty for somebody who belongs to none, such as a holder."""
    roles: frozenset[str]
    identified_as: Holder | None = None
    """The holder that the identity service has proven the caller to be."""


@dataclass(frozen=True, slots=True)
class Department:
    """An issuer (颁发机构) of this region."""

    code: str
    """USCC."""
    name: str
    kinds: tuple[str, ...]
    """Names of the kinds it may issue."""
    seal_key: str
    """Name of its seal's key in the keystore."""
    seal_label: str
    """Words across the foot of its seal."""


class Vault(Protocol):
    """Keeps personal data."""

    def seal(self, plaintext: bytes, context: str) -> bytes:
        """Return a box that opens only under the same `context`."""

    def unseal(self, box: bytes, context: str) -> bytes:
        """Return what was sealed.

        Raises:
            MalformedError: if the box was changed or moved.
        """

    def blind_index(self, text: str) -> bytes:
        """Return a keyed digest, equal for equal `text`."""


class FileStore(Protocol):
    """Keeps the files of licences. A key is never given two different documents."""

    def put(self, key: str, document: bytes) -> None:
        """Store `document`, durable when this returns."""

    def get(self, key: str) -> bytes:
        """Return the document stored under `key`.

        Raises:
            LookupError: if there is none.
            MalformedError: if it was changed where it is kept.
        """

    def remove(self, key: str) -> None:
        """Destroy the document stored under `key`, if there is one, durably."""


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
        """Append one act; `detail` never holds personal data."""


class Keys(Protocol):
    """Named keys that can be used and not seen."""

    def signer(self, name: str) -> Signer:
        """Return the signer of that name."""


class Timestamper(Protocol):
    """An RFC 3161 service."""

    def token_for(self, message: bytes, *, at: datetime) -> bytes:
        """Return a token over `message`, DER.

        It is called while no transaction of ours is open, and must not need one.
        """


class Reliance(Protocol):
    """Who has relied on a licence, so that they can be told when it proves wrong."""

    def organisations(self, session: Session, identifier: str) -> tuple[str, ...]:
        """Return the USCC of each organisation whose checks used this edition."""


@dataclass(frozen=True, slots=True)
class KeyNames:
    """Names of the region's keys in the keystore; a department names its own seal key."""

    seal_maker: str = "seal_maker"
    pdf_signer: str = "pdf_signer"
    pdf_signer_ecdsa: str | None = "pdf_signer_ecdsa"
    """None leaves the second PDF signature, for ordinary viewers, out."""
    code_signer: str = "code_signer"
    status_signer: str = "status_signer"
    log: str = "log"
    seal_authority: str = "sub_ca"
    """Of the authority that certifies the keys of seals, in the register of certificates."""


@dataclass(frozen=True, slots=True)
class IssuanceServices:
    """The collaborators of issuance, built by the roof."""

    region: str
    """Six-digit code."""
    public_url: str
    """Where this service is reached; status lists are named below it. No slash at the end."""
    departments: Mapping[str, Department]
    """By USCC."""
    kinds: Mapping[str, Kind]
    """By name."""
    keys: Keys
    chain: tuple[bytes, ...]
    """DER certificates between our signers and the root, to embed in PDF signatures."""
    vault: Vault
    files: FileStore
    audit: AuditTrail
    timestamps: Timestamper
    ecdsa_timestamps: Timestamper
    """For the PDF's second signature, whose readers do not know SM2."""
    log: TransparencyLog
    trust: Callable[[], TrustStore]
    """What our own verifier trusts."""
    reliance: Reliance
    key_names: KeyNames = KeyNames()
    demonstration: bool = False
    """Mark every page and seal as demonstration."""
    status_list_slots: int = 65_536
    signed_lists: SignedLists = field(default_factory=SignedLists, repr=False, compare=False)
    """What was signed of status lists a moment ago."""
