"""Encoding and decoding the credential: claims → COSE_Sign1 → DEFLATE → Base45 → ``CL1:``.

* The claims are the parts of a record that a printed code needs offline, and 16 bytes of
  SM3 over the whole record, which tie the code to the file.
* Container bytes are told apart by the first: 0xD2 bare COSE, 0x78 zlib, 0x01 raw DEFLATE
  with the numbered preset dictionary in the second byte.
* An unknown version or dictionary is `UnsupportedError`, not malformed: a newer issuer may
  know more than this reader, who then cannot say.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import cbor2

from sealkit.errors import MalformedError, UnsupportedError
from sealkit.formats import cose
from sealkit.formats.code import base45
from sealkit.formats.code.dictionaries import DICTIONARIES, NEWEST
from sealkit.identifiers import LicenceIdentifier, parse_identifier
from sealkit.record import LONG_TERM, LicenceRecord, StatusSlot
from sealkit.signer import Signer
from sealkit.sm import sm3
from sealkit.sm.sm2 import SM2PublicKey

PREFIX: Final = "CL1:"
MAX_TEXT_CHARACTERS: Final = 4296  # a QR code of version 40-L holds no more
MAX_INFLATED_BYTES: Final = 8 * 1024
RECORD_DIGEST_BYTES: Final = 16

_VERSIONS: Final = "123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_BARE, _ZLIB, _PRESET = 0xD2, 0x78, 0x01
_ISS, _EXP, _IAT, _LICENCE, _STATUS = 1, 4, 6, -65538, 65535
_BEIJING_OFFSET: Final = timedelta(hours=8)
_KINDS, _NUMBER, _TYPE, _ISSUER, _SERIAL, _EDITION = 1, 2, 3, 4, 5, 6
_ISSUER_NAME, _ISSUED, _FROM, _HOLDERS, _DIGEST = 7, 8, 9, 10, 11


class UnknownVersionError(UnsupportedError):
    """A credential container of a later version."""

    code = "code.version"


class UnknownDictionaryError(UnsupportedError):
    """A credential compressed with a dictionary that this reader does not have."""

    code = "code.dictionary"


@dataclass(frozen=True, slots=True)
class CodeClaims:
    """What a code says. Dates are ISO, Beijing time."""

    region: str
    kind_name: str
    number: str
    identifier: str
    issuer_name: str
    issued_on: str
    valid_from: str
    valid_until: str
    """`LONG_TERM` when there is no end."""
    holders: tuple[str, ...]
    """Names."""
    status: StatusSlot
    record_digest: bytes
    """First 16 bytes of SM3 over the record's canonical JSON."""
    signed_at: datetime
    """Claimed time of signing, whole seconds."""

    @classmethod
    def from_record(cls, record: LicenceRecord, *, at: datetime) -> "CodeClaims":
        """Return the claims of `record`, to be signed at `at`."""
        return cls(
            region=record.region,
            kind_name=record.kind_name,
            number=record.number,
            identifier=record.identifier,
            issuer_name=record.issuer_name,
            issued_on=record.issued_on,
            valid_from=record.valid_from,
            valid_until=record.valid_until,
            holders=tuple(holder.name for holder in record.holders),
            status=record.status,
            record_digest=record_digest(record),
            signed_at=at.replace(microsecond=0),
        )


@dataclass(frozen=True, slots=True)
class CodeCredential:
    """A decoded credential, its signature not yet checked."""

    claims: CodeClaims
    signed: cose.Sign1 = field(repr=False)

    @property
    def kid(self) -> bytes:
        """Which key to try; several keys may share it."""
        return self.signed.kid

    def verify(self, key: SM2PublicKey) -> None:
        """Check the signature.

        Raises:
            InvalidSignatureError: if it does not hold.
        """
        self.signed.verify(key)


def record_digest(record: LicenceRecord) -> bytes:
    """Return the 16 bytes by which a code names the record it belongs to."""
    return sm3.digest(record.to_json())[:RECORD_DIGEST_BYTES]


def encode(claims: CodeClaims, signer: Signer) -> str:
    """Return the text of a signed code, beginning with ``CL1:``."""
    message = cose.sign(cbor2.dumps(_to_map(claims), canonical=True), signer)
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zdict=DICTIONARIES[NEWEST])
    packed = bytes((_PRESET, NEWEST)) + deflate.compress(message) + deflate.flush()
    return PREFIX + base45.encode(min(packed, message, key=len))


def decode(text: str) -> CodeCredential:
    """Read the text of a code. Spaces are data: nothing is trimmed.

    Raises:
        UnknownVersionError: for a later container version.
        UnknownDictionaryError: for a dictionary number we do not have.
        UnsupportedError: for another signature algorithm.
        MalformedError: for anything else that is no credential.
    """
    if len(text) > MAX_TEXT_CHARACTERS:
        raise MalformedError("code is longer than a QR code can hold")
    if not text.startswith(PREFIX):
        if text.startswith("CL") and text[3:4] == ":" and text[2] in _VERSIONS:
            raise UnknownVersionError(f"credential container version {text[2]}")
        raise MalformedError("not a licence code")
    signed = cose.parse(_unpack(base45.decode(text[len(PREFIX) :])))
    return CodeCredential(_from_map(cose.load(signed.payload)), signed)


def _unpack(container: bytes) -> bytes:
    first = container[0] if container else None
    if first == _BARE:
        return container
    if first == _ZLIB:
        return _inflate(container, zlib.decompressobj())
    if first == _PRESET and len(container) > 2:
        dictionary = DICTIONARIES.get(container[1])
        if dictionary is None:
            raise UnknownDictionaryError(f"preset dictionary {container[1]}")
        return _inflate(container[2:], zlib.decompressobj(-15, zdict=dictionary))
    raise MalformedError("credential container is of no known kind")


def _inflate(stream: bytes, inflater: Any) -> bytes:
    try:
        message: bytes = inflater.decompress(stream, MAX_INFLATED_BYTES + 1)
    except zlib.error as error:
        raise MalformedError("credential does not inflate") from error
    if len(message) > MAX_INFLATED_BYTES:
        raise MalformedError("credential inflates to more than 8 KiB")
    if not inflater.eof or inflater.unused_data:
        raise MalformedError("credential is cut, or followed by other bytes")
    return message


def _to_map(claims: CodeClaims) -> dict[int, Any]:
    identifier = parse_identifier(claims.identifier).identifier
    licence = {
        _KINDS: claims.kind_name,
        _NUMBER: claims.number,
        _TYPE: identifier.type_code,
        _ISSUER: identifier.issuer_code,
        _SERIAL: identifier.serial,
        _EDITION: identifier.version,
        _ISSUER_NAME: claims.issuer_name,
        _ISSUED: claims.issued_on,
        _FROM: claims.valid_from,
        _HOLDERS: list(claims.holders),
        _DIGEST: claims.record_digest,
    }
    members: dict[int, Any] = {
        _ISS: claims.region,
        _IAT: int(claims.signed_at.timestamp()),
        _LICENCE: licence,
        _STATUS: {"status_list": {"idx": claims.status.index, "uri": claims.status.uri}},
    }
    if claims.valid_until != LONG_TERM:
        members[_EXP] = int(_end_of(claims.valid_until).timestamp())
    return members


def _from_map(members: Any) -> CodeClaims:
    try:
        licence, slot = members[_LICENCE], members[_STATUS]["status_list"]
        identifier = LicenceIdentifier(
            licence[_TYPE], licence[_ISSUER], licence[_SERIAL], licence[_EDITION]
        )
        claims = CodeClaims(
            region=members[_ISS],
            kind_name=licence[_KINDS],
            number=licence[_NUMBER],
            identifier=str(parse_identifier(str(identifier)).identifier),
            issuer_name=licence[_ISSUER_NAME],
            issued_on=licence[_ISSUED],
            valid_from=licence[_FROM],
            valid_until=_last_day(members.get(_EXP)),
            holders=tuple(licence[_HOLDERS]),
            status=StatusSlot(slot["uri"], slot["idx"]),
            record_digest=licence[_DIGEST],
            signed_at=datetime.fromtimestamp(members[_IAT], UTC),
        )
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError, OSError) as error:
        raise MalformedError("credential lacks a claim or has one of the wrong type") from error
    _check_types(claims, members)
    return claims


def _check_types(claims: CodeClaims, members: Mapping[Any, Any]) -> None:
    texts = (
        claims.region,
        claims.kind_name,
        claims.number,
        claims.issuer_name,
        claims.issued_on,
        claims.valid_from,
        claims.status.uri,
        *claims.holders,
    )
    typed = (
        all(isinstance(text, str) for text in texts)
        and type(claims.status.index) is int
        and claims.status.index >= 0
        and type(members[_IAT]) is int
        and isinstance(claims.record_digest, bytes)
        and len(claims.record_digest) == RECORD_DIGEST_BYTES
    )
    if not typed:
        raise MalformedError("credential has a claim of the wrong type")


def _end_of(day: str) -> datetime:
    """Return the instant at which `day` ends in Beijing, a licence's last moment."""
    return datetime.fromisoformat(day).replace(tzinfo=UTC) - _BEIJING_OFFSET + timedelta(days=1)


def _last_day(expiry: Any) -> str:
    if expiry is None:
        return LONG_TERM
    if type(expiry) is not int:
        raise MalformedError("credential expiry is no number")
    last = datetime.fromtimestamp(expiry - 1, UTC) + _BEIJING_OFFSET
    return last.strftime("%Y-%m-%d")
