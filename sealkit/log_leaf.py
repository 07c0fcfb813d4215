"""Entries of the transparency log: what happened, when, by whom, and nothing about whom.

CBOR array ``[1, event, issuer, type code, hour, commitment, prior]``. The commitment is
salted with 32 random bytes that only issuer and holder keep: without them an entry tells
nothing of the licence and cannot be linked to the one before; destroying them keeps it so.
A plain hash of a licence number would be found by trying all numbers.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any, Final

from sealkit import cbor
from sealkit.errors import InvalidProofError, MalformedError
from sealkit.sm import sm3
from sealkit.sm.sm2 import KID_BYTES

VERSION: Final = 1
SALT_BYTES: Final = 32

_COMMITMENT_LABEL: Final = b"lic-leaf/v1"
_CHAIN_LABEL: Final = b"lic-chain/v1"
_DIGEST_BYTES: Final = 32
_MAX_TYPE_CODE_CHARACTERS: Final = 64
_LAST_HOUR: Final = 61_623_720  # of the year 9000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Event(IntEnum):
    """What an entry records."""

    ISSUED = 0
    CORRECTED = 1
    SUSPENDED = 2
    RESTORED = 3
    ENDED = 4
    """Cancelled, revoked or forfeited."""
    OBJECTION_LODGED = 5
    OBJECTION_DECIDED = 6


@dataclass(frozen=True, slots=True)
class LogLeaf:
    """One entry of the log."""

    event: Event
    issuer_kid: bytes
    """8 bytes: kid of the key that signs the issuer's credentials."""
    type_code: str
    hour: int
    """Whole hours since 1970-01-01 UTC: no finer, so that a visit cannot be matched."""
    commitment: bytes
    prior: bytes | None = None
    """`chained` of the previous entry of the same licence; None for the first."""

    def to_cbor(self) -> bytes:
        """Return the entry as it stands in the log."""
        return cbor.encode(
            [
                VERSION,
                int(self.event),
                self.issuer_kid,
                self.type_code,
                self.hour,
                self.commitment,
                self.prior,
            ]
        )

    @property
    def at(self) -> datetime:
        """The beginning of the hour."""
        return _EPOCH + timedelta(hours=self.hour)


@dataclass(frozen=True, slots=True)
class LeafOpening:
    """What a holder keeps to show that an entry is about the own licence."""

    entry: bytes
    """The entry's bytes."""
    salt: bytes

    def to_cbor(self) -> bytes:
        """Return the opening as a proof carries it in its extra line."""
        return cbor.encode([self.entry, self.salt])

    def verify(self, credential_digest: bytes) -> LogLeaf:
        """Return the entry when it commits to the credential of this digest.

        Raises:
            InvalidProofError: if it does not.
            MalformedError: if the entry is not one.
        """
        leaf = parse_leaf(self.entry)
        if leaf.commitment != commitment(self.salt, credential_digest):
            raise InvalidProofError("the log entry commits to another credential")
        return leaf


def hour_of(at: datetime) -> int:
    """Return whole hours since 1970-01-01 UTC."""
    return int(at.timestamp()) // 3600


def commitment(salt: bytes, credential_digest: bytes) -> bytes:
    """Return SM3("lic-leaf/v1" ‖ salt ‖ digest), where digest is SM3 over the COSE bytes.

    Raises:
        ValueError: if the salt or the digest has not 32 bytes.
    """
    return _salted(_COMMITMENT_LABEL, salt, credential_digest)


def chained(salt: bytes, previous_commitment: bytes) -> bytes:
    """Return SM3("lic-chain/v1" ‖ salt ‖ previous commitment): the link to the entry before.

    Raises:
        ValueError: if the salt or the commitment has not 32 bytes.
    """
    return _salted(_CHAIN_LABEL, salt, previous_commitment)


def parse_leaf(entry: bytes) -> LogLeaf:
    """Read an entry.

    Raises:
        MalformedError: if it is not one of this version, deterministic.
    """
    members = cbor.decode(entry)
    if not isinstance(members, list) or len(members) != 7 or members[0] != VERSION:
        raise MalformedError("not a log entry of version 1")
    _, event, issuer_kid, type_code, hour, committed, prior = members
    if type(event) is not int or event not in set(Event):
        raise MalformedError("the log entry records no known event")
    if not isinstance(type_code, str) or not 0 < len(type_code) <= _MAX_TYPE_CODE_CHARACTERS:
        raise MalformedError("the log entry has no type code")
    if type(hour) is not int or not 0 <= hour <= _LAST_HOUR:
        raise MalformedError("the log entry has no hour")
    leaf = LogLeaf(
        event=Event(event),
        issuer_kid=_octets(issuer_kid, KID_BYTES),
        type_code=type_code,
        hour=hour,
        commitment=_octets(committed, _DIGEST_BYTES),
        prior=None if prior is None else _octets(prior, _DIGEST_BYTES),
    )
    if leaf.to_cbor() != entry:
        # One entry must have one hash.
        raise MalformedError("the log entry is not in deterministic CBOR")
    return leaf


def parse_opening(document: bytes) -> LeafOpening:
    """Read what `LeafOpening.to_cbor` wrote.

    Raises:
        MalformedError: if it is not that.
    """
    members = cbor.decode(document)
    if not isinstance(members, list) or len(members) != 2 or not isinstance(members[0], bytes):
        raise MalformedError("not the opening of a log entry")
    return LeafOpening(members[0], _octets(members[1], SALT_BYTES))


def _salted(label: bytes, salt: bytes, digest: bytes) -> bytes:
    if len(salt) != SALT_BYTES or len(digest) != _DIGEST_BYTES:
        raise ValueError("a commitment takes 32 bytes of salt and a digest of 32 bytes")
    return sm3.digest(label + salt + digest)


def _octets(value: Any, length: int) -> bytes:
    if not isinstance(value, bytes) or len(value) != length:
        raise MalformedError("a member of the log entry is not of its length")
    return value
