"""Sealing keys under a passphrase or shares, opening them, and sealing them anew.

One derivation gives the key that all private keys of a file are encrypted under, each with an
IV of its own; another gives the key of the seal. The seal is checked before anything is
decrypted.
"""

import hmac
import os
import secrets
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ca.errors import KeystoreError, SealBrokenError, WrongSecretError
from ca.keystores import pbes2
from ca.keystores.certificates import require_name
from ca.keystores.sealed_file import (
    CHECK_BYTES,
    MAC_BYTES,
    MAX_FILE_BYTES,
    Entry,
    Header,
    SealedFile,
    parse_sealed,
    with_seal,
    write_sealed,
)
from ca.keystores.secret import Secret
from ca.keystores.shares import ShareSet
from sealkit.asn1.x509 import Certificate
from sealkit.errors import MalformedError

MIN_PASSPHRASE_CHARACTERS: Final = 12
MAX_PASSPHRASE_CHARACTERS: Final = 1024
_CHECK: Final = b"yinxin keystore check 1"


@dataclass(frozen=True, slots=True)
class PlainKey:
    """A key on its way into or out of a seal."""

    certificate: Certificate
    pkcs8: Secret = field(repr=False)


def passphrase_from(text: str) -> Secret:
    """Return a typed passphrase as it is used: Unicode NFC, UTF-8.

    Raises:
        WrongSecretError: if it has under 12 or over 1024 characters.
    """
    normal = unicodedata.normalize("NFC", text)
    if not MIN_PASSPHRASE_CHARACTERS <= len(normal) <= MAX_PASSPHRASE_CHARACTERS:
        raise WrongSecretError(f"a passphrase has at least {MIN_PASSPHRASE_CHARACTERS} characters")
    return Secret(bytearray(normal.encode()))


def seal(
    keys: Mapping[str, PlainKey],
    passphrase: Secret,
    *,
    shares: ShareSet | None = None,
    generation: int = 1,
    rounds: int = pbes2.MIN_ROUNDS,
) -> bytes:
    """Return the sealed file of `keys`; passphrase and keys stay the caller's to wipe.

    `shares` is what is known of them when the passphrase came from a split.
    """
    salt = secrets.token_bytes(pbes2.SALT_BYTES)
    seal_salt = secrets.token_bytes(pbes2.SALT_BYTES)
    with (
        pbes2.derive(passphrase, salt, rounds) as key,
        pbes2.derive(passphrase, seal_salt, rounds, MAC_BYTES) as seal_key,
    ):
        entries = tuple(
            Entry(
                require_name(name),
                plain.certificate,
                pbes2.encrypt(
                    plain.pkcs8,
                    key,
                    salt=salt,
                    rounds=rounds,
                    iv=secrets.token_bytes(pbes2.IV_BYTES),
                ),
            )
            for name, plain in sorted(keys.items())
        )
        check = _mac(seal_key, _CHECK)[:CHECK_BYTES]
        header = Header(generation, salt, seal_salt, rounds, check, shares)
        sealed = write_sealed(header, entries)
        return with_seal(sealed, _mac(seal_key, sealed))


@contextmanager
def unsealed(content: bytes, passphrase: Secret) -> Iterator[dict[str, PlainKey]]:
    """Lend the keys of a sealed file; they are wiped at the end.

    Raises:
        WrongSecretError: if the passphrase is another.
        SealBrokenError: if the file was changed since it was sealed, or is none.
    """
    found = parse_sealed(content)
    _require_whole(found, passphrase)
    with ExitStack() as wiped:
        derived: dict[tuple[bytes, int], Secret] = {}
        keys = {}
        for entry in found.entries:
            how = (entry.key.salt, entry.key.rounds)
            if how not in derived:
                derived[how] = wiped.enter_context(pbes2.derive(passphrase, *how))
            try:
                pkcs8 = wiped.enter_context(pbes2.decrypt(entry.key, derived[how]))
            except MalformedError as error:
                raise SealBrokenError(f"key {entry.name} cannot be decrypted") from error
            keys[entry.name] = PlainKey(entry.certificate, pkcs8)
        yield keys


def reseal(
    file: Path, passphrase: Secret, new_passphrase: Secret, *, shares: ShareSet | None = None
) -> int:
    """Seal the keys of `file` anew under another passphrase; return the new generation.

    The file is replaced at once and whole. Copies of the old one still open with the old
    passphrase or shares: destroy them.

    Raises:
        WrongSecretError: if the passphrase is another.
        SealBrokenError: if the file was changed since it was sealed, or is none.
    """
    content = read_sealed(file)
    generation = parse_sealed(content).header.generation + 1
    with unsealed(content, passphrase) as keys:
        write_file(file, seal(keys, new_passphrase, shares=shares, generation=generation))
    return generation


def read_sealed(file: Path) -> bytes:
    """Return what is in the file of a sealed keystore.

    Raises:
        KeystoreError: if there is no such file.
        SealBrokenError: if it is too large to be one.
    """
    try:
        with file.open("rb") as source:
            content = source.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise KeystoreError("there is no sealed keystore where one should be") from error
    if len(content) > MAX_FILE_BYTES:
        raise SealBrokenError("this is no sealed keystore: too large")
    return content


def write_file(file: Path, content: bytes) -> None:
    """Write a file that only its owner reads, at once and whole, also when power fails.

    Raises:
        KeystoreError: if it cannot be written.
    """
    fresh = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as target:
            target.write(content)
            target.flush()
            os.fsync(target.fileno())
        fresh.replace(file)
        directory = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise KeystoreError(f"{file.name} cannot be written") from error


def _require_whole(found: SealedFile, passphrase: Secret) -> None:
    header = found.header
    with pbes2.derive(passphrase, header.seal_salt, header.rounds, MAC_BYTES) as seal_key:
        if not hmac.compare_digest(_mac(seal_key, _CHECK)[:CHECK_BYTES], header.check):
            raise WrongSecretError("the keystore is sealed under another passphrase")
        if not hmac.compare_digest(_mac(seal_key, found.sealed), found.seal):
            raise SealBrokenError("the keystore was changed since it was sealed")


def _mac(key: Secret, message: bytes) -> bytes:
    with key.opened() as octets:
        return hmac.new(octets, message, "sm3").digest()
