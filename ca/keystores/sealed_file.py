"""The file of a sealed keystore, read and written; what is in it is not yet believed.

PEM blocks with text between them:

1. ``YINXIN KEYSTORE``: canonical JSON, see `Header`;
2. for each key ``CERTIFICATE`` and ``ENCRYPTED PRIVATE KEY`` (`ca.keystores.pbes2`), which
   OpenSSL opens with the passphrase when the block is cut out;
3. ``YINXIN KEYSTORE SEAL``: HMAC-SM3 over every byte before this block, so that nothing can be
   changed, added, removed or moved. An older whole file put back is not noticed: the
   generation tells.
"""

import base64
import binascii
import json
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from ca.errors import SealBrokenError
from ca.keystores.pbes2 import MAX_ROUNDS, MIN_ROUNDS, SALT_BYTES, EncryptedKey, parse_encrypted
from ca.keystores.shares import MAX_SHARES, ShareSet
from sealkit.asn1.x509 import (
    MAX_PEM_CERTIFICATES,
    Certificate,
    parse_certificate,
    pem_blocks,
    to_pem,
)
from sealkit.errors import MalformedError

MAX_FILE_BYTES: Final = 8 * 1024 * 1024
CHECK_BYTES: Final = 8
MAC_BYTES: Final = 32
_FORMAT: Final = 1
_HEADER: Final = "YINXIN KEYSTORE"
_SEAL: Final = "YINXIN KEYSTORE SEAL"
_FIRST_LINE: Final = (
    "Yinxin sealed keystore. Each ENCRYPTED PRIVATE KEY opens with its passphrase: openssl pkey\n"
)


@dataclass(frozen=True, slots=True)
class Header:
    """What must be known before the keystore can be opened."""

    generation: int
    """Grows by one with each sealing of the same keys."""
    salt: bytes
    """For the key that the private keys are encrypted under."""
    seal_salt: bytes
    """For the key of the seal."""
    rounds: int
    check: bytes
    """Tells a wrong passphrase from a changed file."""
    shares: ShareSet | None
    """None when a passphrase opens it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One key."""

    name: str
    certificate: Certificate
    key: EncryptedKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A sealed keystore as it stands in its bytes."""

    header: Header
    entries: tuple[Entry, ...]
    sealed: bytes = field(repr=False)
    """Every byte that the seal covers."""
    seal: bytes = field(repr=False)


def write_sealed(header: Header, entries: tuple[Entry, ...]) -> bytes:
    """Return what the seal is to be made over."""
    members = {
        "format": _FORMAT,
        "generation": header.generation,
        "salt": header.salt.hex(),
        "seal_salt": header.seal_salt.hex(),
        "rounds": header.rounds,
        "check": header.check.hex(),
        "shares": None if header.shares is None else asdict(header.shares),
        "names": [entry.name for entry in entries],
    }
    text = json.dumps(members, sort_keys=True, separators=(",", ":"))
    parts = [_FIRST_LINE.encode(), to_pem(text.encode(), _HEADER)]
    for entry in entries:
        parts.append(f"# {entry.name}\n".encode())
        parts.append(to_pem(entry.certificate.der, "CERTIFICATE"))
        parts.append(to_pem(entry.key.to_der(), "ENCRYPTED PRIVATE KEY"))
    return b"".join(parts)


def with_seal(sealed: bytes, seal: bytes) -> bytes:
    """Return the whole file."""
    return sealed + to_pem(seal, _SEAL)


def parse_sealed(content: bytes) -> SealedFile:
    """Read the file of a sealed keystore.

    Raises:
        SealBrokenError: if it is none.
    """
    begin = f"-----BEGIN {_SEAL}-----".encode()
    if len(content) > MAX_FILE_BYTES or content.count(begin) != 1:
        raise SealBrokenError("this is no sealed keystore, or it was cut")
    sealed, _, _ = content.partition(begin)
    try:
        members = json.loads(pem_blocks(sealed, _HEADER)[0])
        names = _names(members)
        certificates = _blocks(sealed, "CERTIFICATE", len(names))
        keys = _blocks(sealed, "ENCRYPTED PRIVATE KEY", len(names))
        found = SealedFile(
            header=_header(members),
            entries=tuple(
                Entry(name, parse_certificate(certificate), parse_encrypted(key))
                for name, certificate, key in zip(names, certificates, keys, strict=True)
            ),
            sealed=sealed,
            seal=pem_blocks(content, _SEAL)[0],
        )
        if content != with_seal(sealed, found.seal) or len(found.seal) != MAC_BYTES:
            raise ValueError("bytes beside the seal")
    except (MalformedError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise SealBrokenError("the sealed keystore cannot be read") from error
    return found


def _blocks(sealed: bytes, label: str, count: int) -> list[bytes]:
    blocks = pem_blocks(sealed, label) if count else []
    if len(blocks) != count:
        raise ValueError("a key without its certificate, or the reverse")
    return blocks


def _names(members: Any) -> tuple[str, ...]:
    if not isinstance(members, dict) or members.get("format") != _FORMAT:
        raise ValueError("a keystore of another format")
    names = members["names"]
    if not isinstance(names, list) or len(names) > MAX_PEM_CERTIFICATES:
        raise ValueError("no list of names")
    if not all(isinstance(name, str) for name in names) or len(set(names)) != len(names):
        raise ValueError("a name stands twice, or is none")
    return tuple(names)


def _header(members: dict[str, Any]) -> Header:
    header = Header(
        generation=members["generation"],
        salt=_octets(members["salt"], SALT_BYTES),
        seal_salt=_octets(members["seal_salt"], SALT_BYTES),
        rounds=members["rounds"],
        check=_octets(members["check"], CHECK_BYTES),
        shares=None if members["shares"] is None else _share_set(members["shares"]),
    )
    if type(header.generation) is not int or not 1 <= header.generation < 1 << 31:
        raise ValueError("generations are counted from 1")
    if type(header.rounds) is not int or not MIN_ROUNDS <= header.rounds <= MAX_ROUNDS:
        raise ValueError("the passphrase is stretched too little or too much")
    return header


def _share_set(members: dict[str, Any]) -> ShareSet:
    fingerprints = members["fingerprints"]
    if not isinstance(fingerprints, list) or len(fingerprints) > MAX_SHARES:
        raise ValueError("no list of fingerprints")
    known = ShareSet(
        members["threshold"],
        members["identifier"],
        tuple(_octets(entry, 8).hex() for entry in fingerprints),
    )
    if type(known.threshold) is not int or not 2 <= known.threshold <= known.count:
        raise ValueError("an impossible number of shares")
    if type(known.identifier) is not int:
        raise ValueError("a set of shares has a number")
    return known


def _octets(text: Any, length: int) -> bytes:
    try:
        octets = base64.b16decode(text.upper())
    except (AttributeError, binascii.Error) as error:
        raise ValueError("no hexadecimal digits") from error
    if len(octets) != length:
        raise ValueError("a value of another length")
    return octets
