"""What verification needs from outside; the roof plugs the adapters in.

Every source answers or raises `SourceUnavailableError`; it never guesses. No rule fetches
anything by itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from sealkit.record import Holder
from sealkit.signer import Signer
from sealkit.status_day import FrozenDay
from verification.certificate_free.items import Item, shipped_items
from verification.trust import TrustStore


class StatusSource(Protocol):
    """Status list tokens by their address."""

    def token(self, uri: str) -> bytes:
        """Return the status list token (CWT) published at `uri`.

        Raises:
            SourceUnavailableError: if it could not be had.
        """


class StatusDaySource(Protocol):
    """Frozen status lists by their address and day."""

    def day(self, uri: str, day: date) -> FrozenDay | None:
        """Return the list at `uri` as frozen at the end of `day`, None when there is none.

        Raises:
            SourceUnavailableError: if it could not be had.
        """


class LogSource(Protocol):
    """Inclusion proofs of the transparency log."""

    def proof(self, identifier: str) -> bytes | None:
        """Return the proof of the edition `identifier`, or None when the log has none.

        Raises:
            LicenceElsewhereError: if another log is the one to ask.
            SourceUnavailableError: if the log gave no answer.
            OpeningErasedError: if what ties the entry to the edition was destroyed.
        """


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """What the issuer's register says of one edition. It holds no personal data."""

    identifier: str
    kind: str
    kind_code: str
    kind_name: str
    edition: int
    region: str
    issuer_code: str
    issuer_name: str
    issued_on: str
    valid_from: str
    valid_until: str
    status: int
    """The state as a status slot would say it, see `sealkit.status_list`."""
    record_digest: bytes
    """SM3 over the record's canonical JSON."""
    seal_count: int = 1
    """How many seals the OFD file was published with: removing the last one cannot be
    seen in the file alone."""


class RegisterSource(Protocol):
    """The register of editions."""

    def entry(self, identifier: str) -> RegisterEntry | None:
        """Return the entry of the edition `identifier`.

        None means: this register is the one that would know, and there is no such edition.

        Raises:
            LicenceElsewhereError: if another register is the one to ask.
            SourceUnavailableError: if it gave no answer.
        """


@dataclass(frozen=True, slots=True)
class HeldDocument:
    """One current edition of a holder, as the register keeps it."""

    identifier: str
    document: bytes
    """The sealed OFD or PDF file; it is verified like anybody's."""


class LicenceSource(Protocol):
    """A holder's licences, found for a certificate-free check."""

    def codes(self, kind_code: str) -> frozenset[str]:
        """Return `kind_code` and every other code that licences of its kind carry or carried."""

    def held(self, session: Session, *, kind_code: str, holder: Holder) -> tuple[HeldDocument, ...]:
        """Return the newest edition of each licence that `holder` has of the kind of this code.

        Ended and suspended ones belong to the answer; the verifier judges them. Holders
        are compared by code and code type.

        Raises:
            SourceUnavailableError: if the register gave no answer.
        """


class DocumentSource(Protocol):
    """Files of editions by identifier, for what their holders show and share."""

    def document(self, session: Session, identifier: str) -> bytes | None:
        """Return the sealed OFD of a published edition of ours, or None.

        Raises:
            SourceUnavailableError: if it cannot be read now.
        """


class AuditTrail(Protocol):
    """Where acts are recorded."""

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


class BlindIndex(Protocol):
    """A keyed digest that lets us find a person again without storing who it is."""

    def blind_index(self, text: str) -> bytes:
        """Return the keyed digest of `text`."""


class ReportPages(Protocol):
    """Draws reports for people."""

    @property
    def html_policy(self) -> str:
        """Content security policy under which the HTML form shows as drawn."""

    def html(self, members: Mapping[str, Any], *, detail: bool, signed: str | None) -> str:
        """Return the page of a report's members; `detail` is the auditor's form."""

    def pdf(self, members: Mapping[str, Any], *, signed: str | None, at: datetime) -> bytes:
        """Return the detailed report as PDF; `signed` is attached to it."""


class Actor(Protocol):
    """Who calls."""

    @property
    def id(self) -> str:
        """Account."""

    @property
    def name(self) -> str:
        """Name for people."""

    @property
    def department(self) -> str:
        """USCC of the organisation."""

    @property
    def roles(self) -> frozenset[str]:
        """What the caller may do."""

    @property
    def identified_as(self) -> Holder | None:
        """The holder that the caller is proven to be, if any."""


@dataclass(frozen=True, slots=True)
class VerificationServices:
    """The collaborators of the routes, built by the roof."""

    trust: Callable[[], TrustStore]
    """The trust material of this moment; the same object while nothing changed."""
    clock: Callable[[], datetime]
    region: str
    """Six-digit code of the region that answers."""
    status: StatusSource | None
    log: LogSource | None
    register: Callable[[Session], RegisterSource] | None
    licences: LicenceSource
    receipt_signer: Signer
    audit: AuditTrail
    holders: BlindIndex
    items: Mapping[str, Item] = field(default_factory=shipped_items)
    """What can be asked without certificates, by code."""
    max_document_bytes: int = 20 * 1024 * 1024
    documents: DocumentSource | None = None
    """None where no register is: then nothing can be shown live."""
    report_pages: ReportPages | None = None
    """None where nobody draws reports: then they go out as JSON and signed tokens only."""

    days: StatusDaySource | None = None
    """None where no frozen lists can be had: then nothing is said of days that are over."""

    def sources(self, session: Session | None) -> dict[str, Any]:
        """Return the keyword arguments of `verification.verify.verify`."""
        register = self.register(session) if self.register and session is not None else None
        return {
            "trust": self.trust(),
            "status": self.status,
            "log": self.log,
            "register": register,
            "at": self.clock(),
            "days": self.days,
        }
