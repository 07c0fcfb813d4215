"""Archive packages (单套归档包): one edition of a licence with all that its proof needs.

A ZIP, strictly read as an OFD's is, whose first entry is the manifest: SM3 and SHA-256 of every
other file but the signature and the timestamps. The signature is a JWS over the manifest. The
first timestamp is about the manifest; each later one is about the manifest, the timestamps
before it and the revocation lists of its own time, so that a package can be renewed before
digests, algorithms or timestamp keys grow weak, without being made again. The form
is our own (docs/adr/0012).
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from sealkit import numeric_date, statements, tokens
from sealkit.asn1.x509 import to_pem
from sealkit.errors import MalformedError
from sealkit.formats.ofd.container import Limits, read_package, write_package
from sealkit.formats.ofd.errors import OFDError
from sealkit.signer import Signer
from sealkit.sm import sm3

SCHEMA: Final = "yinxin-archive/1"
MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.jws"
OFD, PDF, CODE, PROOF = "licence.ofd", "licence.pdf", "code.txt", "log.proof"
PROOF_ERASED: Final = "log.erased"
"""In place of the proof, where what tied the log's entry to the licence was destroyed."""
TRUST: Final = "trust/"
"""Folder of the region's trust material, as `verification.trust` reads it."""
TIMESTAMPS: Final = "timestamps/"
MAX_TIMESTAMPS: Final = 99
LIMITS: Final = Limits(max_entries=256, max_total_bytes=64 * 1024 * 1024)
_MAX_MANIFEST_BYTES: Final = 256 * 1024
_MEMBERS: Final = {"schema", "identifier", "made_at", "files"}

Stamp = Callable[[bytes], bytes]
"""Returns an RFC 3161 token about some bytes."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the package says that it holds."""

    identifier: str
    """Of the edition."""
    made_at: datetime
    files: Mapping[str, tuple[str, str]]
    """Name → SM3 and SHA-256, hexadecimal."""


@dataclass(frozen=True, slots=True)
class Archive:
    """A package as it stands in its bytes; digests compared, nothing verified."""

    manifest: Manifest
    signed: bytes = field(repr=False)
    """The manifest's bytes."""
    signature: bytes = field(repr=False)
    timestamps: tuple[bytes, ...] = field(repr=False)
    """RFC 3161 tokens, oldest first."""
    lists: tuple[bytes, ...] = field(repr=False)
    """Beside each timestamp the revocation lists (PEM) of its time; empty beside the first,
    whose lists are in the trust material."""
    files: Mapping[str, bytes] = field(repr=False)
    """What the manifest is about."""
    problems: tuple[tuple[str, str], ...] = ()
    """``missing``, ``changed`` or ``unlisted``, and the name of the file."""

    def stamped(self, number: int) -> bytes:
        """Return what timestamp `number` (from 0) is about."""
        return about(self.signed, self.timestamps[:number], self.lists[number])

    @property
    def trust_files(self) -> dict[str, bytes]:
        """The region's trust material, names as in its directory."""
        return {
            name.removeprefix(TRUST): content
            for name, content in self.files.items()
            if name.startswith(TRUST)
        }


def about(manifest: bytes, earlier: tuple[bytes, ...], lists: bytes) -> bytes:
    """Return what a timestamp is about: the manifest, the stamps before it, the lists beside it."""
    return b"".join((manifest, *earlier, lists))


def build_archive(
    files: Mapping[str, bytes], *, identifier: str, at: datetime, signer: Signer, stamp: Stamp
) -> bytes:
    """Return the package of `files`, signed and stamped; whole seconds of `at` count.

    Raises:
        InvalidKeyError: if `signer` is not an SM2 key.
    """
    made_at = at.astimezone(UTC).replace(microsecond=0)
    members = {
        "schema": SCHEMA,
        "identifier": identifier,
        "made_at": made_at.isoformat(),
        "files": {name: list(_digests(content)) for name, content in sorted(files.items())},
    }
    manifest = json.dumps(members, ensure_ascii=False, sort_keys=True, indent=1).encode()
    claims = {
        "manifest_sm3": sm3.digest(manifest).hex(),
        "iat": numeric_date.from_datetime(made_at),
    }
    signature = tokens.sign_token(claims, signer, typ=statements.ARCHIVE).encode()
    return _written(manifest, signature, files, (stamp(manifest),), (b"",))


def renew_archive(content: bytes, stamp: Stamp, crls: Iterable[bytes]) -> bytes:
    """Return the package with one more timestamp; `crls` are the DER lists of now.

    Raises:
        MalformedError: if it is no package, is not whole, or was renewed too often.
    """
    found = read_archive(content)
    if found.problems or len(found.timestamps) >= MAX_TIMESTAMPS:
        raise MalformedError("a package that is not whole is not renewed")
    lists = b"".join(to_pem(crl, "X509 CRL") for crl in crls)
    token = stamp(about(found.signed, found.timestamps, lists))
    return _written(
        found.signed,
        found.signature,
        found.files,
        (*found.timestamps, token),
        (*found.lists, lists),
    )


def read_archive(content: bytes) -> Archive:
    """Read a package and compare its files with its manifest.

    Raises:
        MalformedError: if it is none, or two readers could see two packages in it.
    """
    try:
        entries = dict(read_package(content, LIMITS).entries)
    except OFDError as error:
        raise MalformedError(str(error)) from error
    signed, signature = entries.pop(MANIFEST, None), entries.pop(SIGNATURE, None)
    if signed is None or signature is None:
        raise MalformedError("an archive package has a manifest and its signature")
    manifest = _manifest(signed)
    stamps = tuple(_timestamps(entries))
    return Archive(
        manifest,
        signed,
        signature,
        tuple(token for token, _lists in stamps),
        tuple(lists for _token, lists in stamps),
        entries,
        tuple(_problems(manifest, entries)),
    )


def claims_of(archive: Archive, keys: Any, *, at: datetime) -> Mapping[str, Any]:
    """Return what was signed of the manifest, by one of `keys`.

    Raises:
        MalformedError, InvalidSignatureError, TokenTimeError: as `tokens.verify_token`.
        MalformedError: if the signature belongs to another manifest.
    """
    try:
        text = archive.signature.decode("ascii")
    except UnicodeDecodeError as error:
        raise MalformedError("the signature is no token") from error
    made_at = archive.manifest.made_at
    claims = tokens.verify_token(text, keys, typ=statements.ARCHIVE, at=max(at, made_at))
    if claims.get("manifest_sm3") != sm3.digest(archive.signed).hex():
        raise MalformedError("the signature belongs to another manifest")
    if numeric_date.to_datetime(claims.get("iat")) != made_at:
        raise MalformedError("the manifest was signed at another time than it says")
    return claims


def _manifest(signed: bytes) -> Manifest:
    if len(signed) > _MAX_MANIFEST_BYTES:
        raise MalformedError("the manifest is too large")
    try:
        members = json.loads(signed.decode())
        if not isinstance(members, dict) or set(members) != _MEMBERS:
            raise MalformedError("the manifest has other members")
        if members["schema"] != SCHEMA or not isinstance(members["identifier"], str):
            raise MalformedError(f"not a package of schema {SCHEMA}")
        made_at = datetime.fromisoformat(members["made_at"])
        files = {name: _pair(told) for name, told in members["files"].items()}
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise MalformedError("the manifest cannot be read") from error
    if made_at.utcoffset() != UTC.utcoffset(None) or made_at.microsecond:
        raise MalformedError("the manifest's time is not UTC in whole seconds")
    return Manifest(members["identifier"], made_at, files)


def _pair(told: Any) -> tuple[str, str]:
    if not isinstance(told, list) or [type(text) for text in told] != [str, str]:
        raise MalformedError("a file of the manifest has not two digests")
    return told[0], told[1]


def _timestamps(entries: dict[str, bytes]) -> Iterator[tuple[bytes, bytes]]:
    for number in range(1, MAX_TIMESTAMPS + 1):
        token = entries.pop(_timestamp_name(number), None)
        if token is None:
            return
        yield token, entries.pop(_lists_name(number), b"") if number > 1 else b""


def _problems(manifest: Manifest, entries: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    for name, digests in manifest.files.items():
        if name not in entries:
            yield "missing", name
        elif _digests(entries[name]) != digests:
            yield "changed", name
    for name in entries:
        if name not in manifest.files:
            yield "unlisted", name


def _written(
    manifest: bytes,
    signature: bytes,
    files: Mapping[str, bytes],
    timestamps: tuple[bytes, ...],
    lists: tuple[bytes, ...],
) -> bytes:
    stamps: dict[str, bytes] = {}
    for number, (token, beside) in enumerate(zip(timestamps, lists, strict=True), start=1):
        stamps |= {_timestamp_name(number): token} | (
            {_lists_name(number): beside} if beside else {}
        )
    listed = dict(sorted(files.items()))
    return write_package({MANIFEST: manifest, SIGNATURE: signature} | listed | stamps)


def _timestamp_name(number: int) -> str:
    return f"{TIMESTAMPS}{number:04}.tsr"


def _lists_name(number: int) -> str:
    return f"{TIMESTAMPS}{number:04}.crls.pem"


def _digests(content: bytes) -> tuple[str, str]:
    return sm3.digest(content).hex(), hashlib.sha256(content).hexdigest()
