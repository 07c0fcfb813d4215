"""Token status lists (draft-ietf-oauth-status-list-20): the state of many editions at once.

An entry is `bits` wide, least significant first in its byte. The list travels deflated in
a CWT signed with SM2. Whatever fails on the way to an entry means that nothing can be said
of the licence, never that it is valid. A slot is given out at random and used once.

`version` is a claim of ours: it counts the changes of a list, so that a signed delta
(`sealkit.status_delta`) can name what it starts from. Other verifiers pass it over.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sealkit import cbor, numeric_date
from sealkit.errors import MalformedError, UnknownSlotError
from sealkit.formats.code import cose
from sealkit.signer import Signer
from sealkit.sm import sm3
from sealkit.sm.sm2 import SM2PublicKey
from sealkit.status_claims import SUB, typed_claims

ACTIVE: Final = 0
ENDED: Final = 1
SUSPENDED: Final = 2
SUPERSEDED: Final = 3
DISPUTED: Final = 0xC
"""An objection is open; the licence stays effective."""
DISPUTED_STAYED: Final = 0xD

TYP: Final = "application/statuslist+cwt"
MAX_ARRAY_BYTES: Final = 1024 * 1024  # 2^20 entries of 8 bits
MAX_TTL_SECONDS: Final = 10 * 366 * 86_400

_EXP, _IAT, _TTL, _STATUS_LIST = 4, 6, 65534, 65533
VERSION_CLAIM: Final = -65539  # private use: less than -65536
MAX_VERSION: Final = 2**53  # what JSON carries exactly
_WIDTHS: Final = (1, 2, 4, 8)


@dataclass(frozen=True)
class StatusList:
    """The entries of one list; a new one is all `ACTIVE`."""

    size: int
    """Number of entries, filling whole bytes."""
    bits: int = 4
    octets: bytes = field(default=b"", repr=False)
    """The packed entries."""

    def __post_init__(self) -> None:
        if self.bits not in _WIDTHS or self.size < 1 or self.size * self.bits % 8:
            raise ValueError("a status list has entries of 1, 2, 4 or 8 bits in whole bytes")
        length = self.size * self.bits // 8
        if length > MAX_ARRAY_BYTES:
            raise ValueError("a status list holds at most 1 MiB")
        if not self.octets:
            object.__setattr__(self, "octets", bytes(length))
        elif len(self.octets) != length:
            raise ValueError("the status list's array is not of its size")

    def get(self, index: int) -> int:
        """Return entry `index`.

        Raises:
            UnknownSlotError: if the list has no such entry.
        """
        byte, shift = self._place(index)
        return self.octets[byte] >> shift & self._mask

    def set(self, index: int, value: int) -> "StatusList":
        """Return the list with one entry changed.

        Raises:
            UnknownSlotError: if the list has no such entry.
            ValueError: if `value` is too wide.
        """
        return self.with_entries({index: value})

    def with_entries(self, changes: Mapping[int, int]) -> "StatusList":
        """Return the list with the entries of `changes`.

        Raises:
            UnknownSlotError: if the list has no such entry.
            ValueError: if a value is too wide.
        """
        octets = bytearray(self.octets)
        for index, value in changes.items():
            if not 0 <= value <= self._mask:
                raise ValueError(f"{value} does not fit into {self.bits} bits")
            byte, shift = self._place(index)
            octets[byte] = octets[byte] & ~(self._mask << shift) | value << shift
        return StatusList(self.size, self.bits, bytes(octets))

    def digest(self) -> bytes:
        """Return SM3 over the packed entries, which says what the list is in 32 bytes."""
        return sm3.digest(self.octets)

    def pack(self) -> bytes:
        """Return the deflated array (RFC 1950), as ``lst`` carries it."""
        return zlib.compress(self.octets, 9)

    @classmethod
    def unpack(cls, lst: bytes, bits: int) -> "StatusList":
        """Read ``lst``.

        Raises:
            MalformedError: if it is no zlib stream, empty, above 1 MiB, or `bits` is no width.
        """
        inflater = zlib.decompressobj()
        try:
            octets = inflater.decompress(lst, MAX_ARRAY_BYTES)
        except zlib.error as error:
            raise MalformedError("the status list does not inflate") from error
        if not inflater.eof or inflater.unused_data or not octets:
            raise MalformedError("the status list is cut, empty, too large or followed by bytes")
        if type(bits) is not int or bits not in _WIDTHS:
            raise MalformedError("a status list has entries of 1, 2, 4 or 8 bits")
        return cls(len(octets) * 8 // bits, bits, octets)

    @property
    def _mask(self) -> int:
        return (1 << self.bits) - 1

    def _place(self, index: int) -> tuple[int, int]:
        if not 0 <= index < self.size:
            raise UnknownSlotError(f"the status list has no entry {index}")
        return index * self.bits >> 3, index * self.bits & 7


@dataclass(frozen=True)
class StatusToken:
    """A status list token as it stands in its bytes, unverified."""

    uri: str
    """Where it belongs: must equal the address that the licence names."""
    issued_at: datetime
    expires_at: datetime | None
    ttl: int | None
    """Seconds after which a newer one should be fetched."""
    statuses: StatusList
    message: cose.Sign1 = field(repr=False)
    version: int | None = None
    """How many changes the list has seen; None where the publisher does not count."""

    @property
    def kid(self) -> bytes:
        """8 bytes: the key to try first."""
        return self.message.kid

    def verify(self, key: SM2PublicKey) -> None:
        """Check the signature.

        Raises:
            InvalidSignatureError: if it does not hold.
        """
        self.message.verify(key)


def build_token(
    statuses: StatusList,
    *,
    uri: str,
    signer: Signer,
    at: datetime,
    expires_at: datetime | None = None,
    ttl: int | None = None,
    version: int | None = None,
) -> bytes:
    """Return the CWT of a list as published at `uri`; `ttl` is in seconds.

    Raises:
        InvalidKeyError: if `signer` is not an SM2 key.
    """
    claims: dict[int, Any] = {
        SUB: uri,
        _IAT: numeric_date.from_datetime(at),
        _STATUS_LIST: {"bits": statuses.bits, "lst": statuses.pack()},
    }
    if expires_at is not None:
        claims[_EXP] = numeric_date.from_datetime(expires_at)
    if ttl is not None:
        claims[_TTL] = ttl
    if version is not None:
        claims[VERSION_CLAIM] = version
    return cose.sign(cbor.encode(claims), signer, typ=TYP)


def parse_token(cwt: bytes) -> StatusToken:
    """Read a status list token.

    Raises:
        MalformedError: if it is not one, or a claim is missing or of the wrong type.
        UnsupportedError: if it is signed with another algorithm.
    """
    message, claims, uri = typed_claims(cwt, TYP, "status list")
    entries = claims.get(_STATUS_LIST)
    if not isinstance(entries, dict) or not isinstance(entries.get("lst"), bytes):
        raise MalformedError("the token holds no status list")
    return StatusToken(
        uri=uri,
        issued_at=numeric_date.to_datetime(claims.get(_IAT)),
        expires_at=numeric_date.to_datetime(claims[_EXP]) if _EXP in claims else None,
        ttl=checked_ttl(claims[_TTL]) if _TTL in claims else None,
        version=checked_version(claims[VERSION_CLAIM]) if VERSION_CLAIM in claims else None,
        statuses=StatusList.unpack(entries["lst"], entries.get("bits", 0)),
        message=message,
    )


def checked_ttl(value: Any) -> int:
    """Return a ttl in seconds as a token carries it.

    Raises:
        MalformedError: if it is none, or above ten years.
    """
    if type(value) is not int or not 0 < value <= MAX_TTL_SECONDS:
        raise MalformedError("ttl is not a number of seconds")
    return value


def checked_version(value: Any) -> int:
    """Return the version of a list as a token carries it.

    Raises:
        MalformedError: if it is none.
    """
    if type(value) is not int or not 0 <= value <= MAX_VERSION:
        raise MalformedError("the version of a status list is a count")
    return value
