"""What an enrolment is: a request, who brought it, and who decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ca.enrolment.states import EnrolmentState
from sealkit.asn1.particulars import NOTHING_MORE, Particulars


class Way(StrEnum):
    """Where the key that is to be certified comes from."""

    NEW = "new"
    RENEWAL = "renewal"
    """The key of an earlier certificate, with new dates (证书更新)."""
    REKEY = "rekey"
    """A new key for the holder of an earlier certificate, whose key agrees (密钥更新)."""
    CROSS = "cross"
    """The key of another region's authority (交叉认证)."""


@dataclass(frozen=True, slots=True)
class EnrolmentKey:
    """What names an enrolment."""

    authority: str
    """Which authority would issue, by its name in the register."""
    id: str

    def __str__(self) -> str:
        return f"{self.authority}/{self.id}"


@dataclass(frozen=True, slots=True)
class Submission:
    """What is asked for, as it was sent."""

    purpose: str
    """Name of the profile."""
    request: bytes = field(repr=False)
    """DER: a PKCS#10 request; for a cross-certificate the other authority's certificate."""
    way: Way = Way.NEW
    predecessor: int | None = None
    """Serial number of the certificate that is renewed or whose key is replaced."""
    old_key_signature: bytes | None = field(default=None, repr=False)
    """DER signature of the predecessor's key over `request`, for a new key."""
    not_after: datetime | None = None
    """Absent: as long as profile and authority allow."""
    particulars: Particulars = NOTHING_MORE


@dataclass(frozen=True, slots=True)
class Decision:
    """What one person decided."""

    person: str
    decision: str
    """A step of `ca.enrolment.states`."""
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Enrolment:
    """One request on its way to a certificate."""

    key: EnrolmentKey
    state: EnrolmentState
    way: Way
    purpose: str
    subject: Mapping[str, str]
    """C, ST, L, O, OU, CN as asked for."""
    spki: bytes = field(repr=False)
    request: bytes = field(repr=False)
    particulars: Particulars
    not_after: datetime | None
    predecessor: int | None
    submitted_by: str
    department: str
    """USCC of the submitter's department; empty for an operator of the authority."""
    submitted_at: datetime
    approvals_needed: int
    submission_digest: bytes = field(repr=False)
    """Tells whether an idempotency key comes back with the same request."""
    serial: int | None = None
    """Of what was planned."""
    issued_at: datetime | None = None
    decisions: tuple[Decision, ...] = ()
