"""Token status lists (draft-ietf-oauth-status-list-20): the states of many editions in one token.

Our lists have 4 bits for each slot. A slot is never used again, and its index tells nothing,
being drawn at random by the issuer. Anything wrong with a token is an error; no error is
ever a state.
"""

import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import cbor2

from sealkit.errors import MalformedError
from sealkit.formats import cose
from sealkit.signer import Signer
from sealkit.sm.sm2 import SM2PublicKey

ACTIVE: Final = 0
ENDED: Final = 1
"""Cancelled, revoked or forfeited."""
SUSPENDED: Final = 2
SUPERSEDED: Final = 3
"""Replaced by a corrected or changed edition."""
DISPUTED: Final = 0x0C
"""Under objection, still effective."""
DISPUTED_STAYED: Final = 0x0D
"""Under objection, effect stayed."""

BITS: Final = 4
MAX_SLOTS: Final = 1 << 22
TYP: Final = "application/statuslist+cwt"
_WIDTHS: Final = (1, 2, 4, 8)
_SUB, _EXP, _IAT, _TTL, _LIST = 2, 4, 6, 65534, 65533


class SlotError(MalformedError):
    """An index beyond the end of the list; it is never "valid"."""

    code = "status.slot"


@dataclass(frozen=True, slots=True)
class StatusList:
    """The states of `size` slots, packed least significant bits first."""

    packed: bytes = field(repr=False)
    bits: int = BITS

    @classmethod
    def empty(cls, size: int, bits: int = BITS) -> "StatusList":
        """Return a list of `size` slots that are all `ACTIVE`; size × bits fills whole bytes."""
        return cls(bytes(size * bits // 8), bits)

    @classmethod
    def of(cls, size: int, states: dict[int, int], bits: int = BITS) -> "StatusList":
        """Return a list of `size` slots with `states` by index; the rest are `ACTIVE`.

        Raises:
            SlotError: for an index or a state that the list cannot hold.
        """
        packed = bytearray(size * bits // 8)
        per_byte = 8 // bits
        for index, state in states.items():
            if not (0 <= index < size and 0 <= state < 1 << bits):
                raise SlotError("status list cannot hold this slot")
            shift = index % per_byte * bits
            cleared = packed[index // per_byte] & ~(((1 << bits) - 1) << shift)
            packed[index // per_byte] = cleared | state << shift
        return cls(bytes(packed), bits)

    @property
    def size(self) -> int:
        """How many slots the list has."""
        return len(self.packed) * 8 // self.bits

    def get(self, index: int) -> int:
        """Return the state of slot `index`.

        Raises:
            SlotError: if the list has no such slot.
        """
        if not 0 <= index < self.size:
            raise SlotError("index beyond the status list")
        position = index * self.bits
        return self.packed[position >> 3] >> (position & 7) & (1 << self.bits) - 1

    def compressed(self) -> bytes:
        """Return the zlib stream that tokens carry."""
        return zlib.compress(self.packed, 9)


@dataclass(frozen=True, slots=True)
class StatusToken:
    """A status list token as it stands, its signature not yet checked."""

    uri: str
    """Where the list is published; must equal the address a licence names."""
    issued_at: datetime
    expires_at: datetime | None
    ttl: int | None
    """Seconds after which a cached copy should be fetched anew."""
    statuses: StatusList
    signed: cose.Sign1 = field(repr=False)

    @property
    def kid(self) -> bytes:
        """Which key to try."""
        return self.signed.kid

    def verify(self, key: SM2PublicKey) -> None:
        """Check the signature.

        Raises:
            InvalidSignatureError: if it does not hold.
        """
        self.signed.verify(key)


def build_token(
    statuses: StatusList,
    *,
    uri: str,
    signer: Signer,
    at: datetime,
    expires_at: datetime,
    ttl: int,
) -> bytes:
    """Return the CWT (COSE_Sign1) of `statuses`, issued at `at`."""
    claims = {
        _SUB: uri,
        _IAT: int(at.timestamp()),
        _EXP: int(expires_at.timestamp()),
        _TTL: ttl,
        _LIST: {"bits": statuses.bits, "lst": statuses.compressed()},
    }
    return cose.sign(cbor2.dumps(claims), signer, typ=TYP)


def parse_token(token: bytes) -> StatusToken:
    """Read a status list token.

    Raises:
        MalformedError: if it is none, or its list inflates beyond 4 million slots.
        UnsupportedError: for another signature algorithm.
    """
    signed = cose.parse(token)
    if signed.header.get(cose.TYP) != TYP:
        raise MalformedError("not a status list token")
    claims = cose.load(signed.payload)
    try:
        uri, issued, entry = claims[_SUB], claims[_IAT], claims[_LIST]
        bits, stream = entry["bits"], entry["lst"]
        expires, ttl = claims.get(_EXP), claims.get(_TTL)
    except (LookupError, TypeError, AttributeError) as error:
        raise MalformedError("status list token lacks a claim") from error
    if not (isinstance(uri, str) and bits in _WIDTHS and isinstance(stream, bytes)):
        raise MalformedError("status list token has a claim of the wrong type")
    if ttl is not None and not (type(ttl) is int and ttl > 0):
        raise MalformedError("status list token has a ttl that is no time")
    return StatusToken(
        uri=uri,
        issued_at=_instant(issued),
        expires_at=None if expires is None else _instant(expires),
        ttl=ttl,
        statuses=StatusList(_inflate(stream, MAX_SLOTS * bits // 8), bits),
        signed=signed,
    )


def _inflate(stream: bytes, max_bytes: int) -> bytes:
    inflater = zlib.decompressobj()
    try:
        packed = inflater.decompress(stream, max_bytes + 1)
    except zlib.error as error:
        raise MalformedError("status list does not inflate") from error
    if len(packed) > max_bytes or not inflater.eof or inflater.unused_data:
        raise MalformedError("status list is too long, cut, or followed by other bytes")
    return packed


def _instant(seconds: Any) -> datetime:
    if type(seconds) is not int:
        raise MalformedError("status list token has a time that is no number")
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise MalformedError("status list token has a time out of range") from error
