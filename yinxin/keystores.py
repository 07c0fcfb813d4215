"""The keystore that the settings name, and how a sealed one is opened.

A passphrase or share is never an argument of a command, where every user of the machine could
read it: it comes from a file (``/dev/fd/3`` for a descriptor), or is typed.
"""

import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Final

import typer
from pydantic import BaseModel, ConfigDict, Field

from ca.errors import KeystoreError
from ca.keystore import FileKeystore, Keystore
from ca.keystores import sealing, shares
from ca.keystores.offline import WithOfflineAuthorities
from ca.keystores.remote.client import RemoteKeystore
from ca.keystores.sealed import SealedKeystore
from ca.keystores.sealed_file import parse_sealed
from ca.keystores.secret import Secret
from ca.keystores.shares import ShareSet
from yinxin.offline_authorities import offline_certificates
from yinxin.settings import Environment, Settings, SettingsError

MAX_OPENING_BYTES: Final = 64 * 1024
_SOCKET: Final = "unix:"

Ask = Callable[[str], str]


def open_keystore(settings: Settings) -> Keystore:
    """Open the keystore of a service, with what is known of authorities that are offline.

    Raises:
        SettingsError: if a setting is missing.
        CAError: if it cannot be opened, or holds development keys in production.
    """
    production = settings.environment is Environment.PRODUCTION
    offline = offline_certificates(settings.offline_authorities, production=production)
    keystore = _opened(settings, production=production)
    return WithOfflineAuthorities(keystore, offline) if offline else keystore


def _opened(settings: Settings, *, production: bool) -> Keystore:
    if settings.keystore.startswith(_SOCKET):
        path = Path(settings.keystore.removeprefix(_SOCKET))
        return RemoteKeystore(path, stopwatch=time.monotonic, production=production)
    if settings.keystore == "sealed":
        if settings.keystore_file is None:
            raise SettingsError("YINXIN_KEYSTORE_FILE is absent: name the sealed keystore")
        with opening_of(settings.keystore_file, settings.keystore_opening_file) as passphrase:
            return SealedKeystore(settings.keystore_file, passphrase, production=production)
    if settings.keystore == "pkcs11":
        return _open_device(settings.pkcs11_configuration, production=production)
    return FileKeystore(settings.keys_directory / settings.region, production=production)


def opening_of(file: Path, opening_file: Path | None, *, ask: Ask | None = None) -> Secret:
    """Return the passphrase of the sealed keystore `file`, typed or from `opening_file`.

    Raises:
        KeystoreError: if `file` is no sealed keystore, or a share or passphrase cannot be right.
        SettingsError: if nobody is there to type it.
    """
    known = parse_sealed(sealing.read_sealed(file)).header.shares
    if opening_file is not None:
        return secret_in(opening_file, known)
    ask = ask or _ask
    if known is None:
        return sealing.passphrase_from(ask("口令 · Passphrase"))
    typed = [
        ask(f"密钥分片 {place}/{known.threshold} · Share")
        for place in range(1, known.threshold + 1)
    ]
    return shares.combine(typed, known)


def secret_in(opening_file: Path, known: ShareSet | None) -> Secret:
    """Return the passphrase that a file holds in its first line, or in shares, one a line.

    Raises:
        KeystoreError: if it cannot be read, or what it says cannot be right.
    """
    try:
        with opening_file.open("rb") as source:
            lines = source.read(MAX_OPENING_BYTES).decode().splitlines()
    except (OSError, UnicodeDecodeError):
        # Without its cause, which could quote what was read.
        raise KeystoreError("the file with passphrase or shares cannot be read") from None
    if known is None:
        return sealing.passphrase_from(lines[0] if lines else "")
    return shares.combine([line for line in lines if line.strip()], known)


class _SM2(BaseModel):
    """How the device signs with SM2; see `SM2Mechanism`."""

    model_config = ConfigDict(extra="forbid")
    mechanism: int = Field(ge=0, lt=1 << 32)
    takes_digest: bool = True
    gives_der: bool = False


class _DeviceFile(BaseModel):
    """The description of a cryptographic device, a TOML file."""

    model_config = ConfigDict(extra="forbid")
    module: Path
    token: str
    pin_file: Path
    sm2: _SM2 | None = None


def _open_device(configuration: Path | None, *, production: bool) -> Keystore:
    # Here, so that nobody else loads a device's bindings.
    from ca.keystores.pkcs11 import Device, Pkcs11Keystore, SM2Mechanism

    if configuration is None:
        raise SettingsError("YINXIN_PKCS11_CONFIGURATION is absent: describe the device")
    try:
        told = _DeviceFile.model_validate(tomllib.loads(configuration.read_text("utf-8")))
        pin = told.pin_file.read_bytes().rstrip(b"\r\n")
    except (OSError, ValueError) as error:
        raise SettingsError(f"YINXIN_PKCS11_CONFIGURATION: {error}") from error
    sm2 = None
    if told.sm2 is not None:
        sm2 = SM2Mechanism(told.sm2.mechanism, told.sm2.takes_digest, told.sm2.gives_der)
    device = Device(told.module, told.token, sm2)
    return Pkcs11Keystore(device, Secret(bytearray(pin)), production=production)


def _ask(words: str) -> str:
    if not sys.stdin.isatty():
        raise SettingsError("YINXIN_KEYSTORE_OPENING_FILE is absent, and nobody is there to ask")
    typed: str = typer.prompt(words, hide_input=True, err=True)
    return typed
