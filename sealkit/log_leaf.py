"""Leaves of the transparency log: what happened to an edition, without saying to whose.

A leaf holds a salted commitment; who holds the salt (issuer, holder) can show that it is
about their edition, and destroying the salt makes the leaf unlinkable.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

import cbor2

from sealkit.errors import MalformedError
from sealkit.formats import cose
from sealkit.sm import sm3

SALT_BYTES: Final = 32
_FORMAT: Final = 1
_DIGEST_BYTES: Final = 32
_KID_BYTES: Final = 8


class LogEvent(IntEnum):
    """What a leaf records."""

    ISSUE = 0
    CORRECT = 1
    SUSPEND = 2
    RESTORE = 3
    END = 4
    OBJECTION_LODGED = 5
    OBJECTION_DECIDED = 6


@dataclass(frozen=True, slots=True)
class LogLeaf:
    """One leaf."""

    event: LogEvent
    issuer_kid: bytes
    """8 bytes."""
    type_code: str
    """GB/T 36904 type code."""
    hour: int
    """Hours since 1970-01-01T00:00Z; no finer, so that times tell less."""
    commitment: bytes
    prior: bytes | None = None
    """Chain commitment to the leaf before, None for a first edition."""

    def to_cbor(self) -> bytes:
        """Return the bytes that are hashed into the tree."""
        return cbor2.dumps(
            [
                _FORMAT,
                int(self.event),
                self.issuer_kid,
                self.type_code,
                self.hour,
                self.commitment,
                self.prior,
            ],
            canonical=True,
        )


def commitment(salt: bytes, credential: bytes) -> bytes:
    """Return the commitment to an edition by its credential's bytes."""
    return sm3.digest(b"lic-leaf/v1" + salt + sm3.digest(credential))


def prior(salt: bytes, previous_commitment: bytes) -> bytes:
    """Return the link to the leaf of the edition before, readable only with `salt`."""
    return sm3.digest(b"lic-chain/v1" + salt + previous_commitment)


def parse_leaf(encoded: bytes) -> LogLeaf:
    """Read a leaf.

    Raises:
        MalformedError: if it is none.
    """
    members = cose.load(encoded)
    if not isinstance(members, list) or len(members) != 7 or members[0] != _FORMAT:
        raise MalformedError("not a log leaf")
    _format, event, kid, type_code, hour, committed, link = members
    if not (
        type(event) is int
        and event in LogEvent._value2member_map_
        and _is_octets(kid, _KID_BYTES)
        and isinstance(type_code, str)
        and type(hour) is int
        and _is_octets(committed, _DIGEST_BYTES)
        and (link is None or _is_octets(link, _DIGEST_BYTES))
    ):
        raise MalformedError("log leaf has a member of the wrong type")
    return LogLeaf(LogEvent(event), kid, type_code, hour, committed, link)


def _is_octets(value: Any, length: int) -> bool:
    return isinstance(value, bytes) and len(value) == length
