"""The renewal calendar (更新日历): what ends when, and by when somebody must act.

Pure: whoever asks brings certificates, lists and whatever else ends. A certificate that was
renewed (same subject and profile, a later end) no longer needs anybody.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from ca.register_listing import CertificateState, ListedCertificate

LEAD: Final = {
    "root": timedelta(days=730),
    "ecdsa_root": timedelta(days=730),
    "sub_ca": timedelta(days=365),
    "ocsp": timedelta(days=30),
    "gateway_tls": timedelta(days=30),
}
"""How long before the end somebody must act, by profile."""
USUAL_LEAD: Final = timedelta(days=90)
CEREMONIES: Final = frozenset({"root", "ecdsa_root", "sub_ca"})
"""Profiles that are renewed at a ceremony."""


class Thing(StrEnum):
    """What ends."""

    CERTIFICATE = "certificate"
    CERTIFICATE_OF_CEREMONY = "ceremony"
    REVOCATION_LIST = "revocation_list"
    TRUST_METADATA = "trust_metadata"


class Urgency(StrEnum):
    """How soon somebody must act."""

    OVERDUE = "overdue"
    """It has ended, or the time to act has passed."""
    DUE = "due"
    """The time to act has come."""
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that ends."""

    thing: Thing
    name: str
    """What commands know it by."""
    words: str
    """What people know it by."""
    ends: datetime
    act_by: datetime

    def urgency(self, at: datetime) -> Urgency:
        """Return how soon somebody must act; half the lead before the end is overdue."""
        if at >= self.act_by + (self.ends - self.act_by) / 2:
            return Urgency.OVERDUE
        return Urgency.DUE if at >= self.act_by else Urgency.LATER


def certificates_ending(listed: Iterable[ListedCertificate]) -> tuple[Entry, ...]:
    """Return an entry for each certificate in use that nothing has followed yet."""
    in_use = [
        entry
        for entry in listed
        if entry.certificate is not None
        and entry.state in (CertificateState.VALID, CertificateState.ENDED)
    ]
    newest: dict[tuple[str, str], ListedCertificate] = {}
    for entry in in_use:
        key = entry.purpose, entry.subject
        held = newest.get(key)
        if held is None or _end(held) < _end(entry):
            newest[key] = entry
    return tuple(
        Entry(
            Thing.CERTIFICATE_OF_CEREMONY if entry.purpose in CEREMONIES else Thing.CERTIFICATE,
            f"{entry.authority}/{entry.serial:x}",
            f"{entry.purpose} {entry.certificate.common_name if entry.certificate else ''}",
            _end(entry),
            _end(entry) - LEAD.get(entry.purpose, USUAL_LEAD),
        )
        for entry in newest.values()
    )


def within(entries: Iterable[Entry], horizon: datetime) -> tuple[Entry, ...]:
    """Return what must be acted on until `horizon`, the most urgent first."""
    chosen = (entry for entry in entries if entry.act_by <= horizon)
    return tuple(sorted(chosen, key=lambda entry: (entry.act_by, entry.name)))


def _end(entry: ListedCertificate) -> datetime:
    assert entry.certificate is not None  # chosen so by the caller
    return entry.certificate.not_after
