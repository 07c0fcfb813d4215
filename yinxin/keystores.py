"""The keystore that the settings name, and how a sealed one is opened.

A passphrase or share is never an argument of a command, where every user of the machine could
read it: it comes from a file (``/dev/fd/3`` for a descriptor), or is typed.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import typer

from ca.errors import KeystoreError
from ca.keystore import FileKeystore, Keystore
from ca.keystores import sealing, shares
from ca.keystores.remote.client import RemoteKeystore
from ca.keystores.sealed import SealedKeystore
from ca.keystores.sealed_file import parse_sealed
from ca.keystores.secret import Secret
from ca.keystores.shares import ShareSet
from yinxin.settings import Environment, Settings, SettingsError

MAX_OPENING_BYTES: Final = 64 * 1024
_SOCKET: Final = "unix:"

Ask = Callable[[str], str]


def open_keystore(settings: Settings) -> Keystore:
    """Open the keystore of a service.

    Raises:
        SettingsError: if a setting is missing.
        CAError: if it cannot be opened, or holds development keys in production.
    """
    production = settings.environment is Environment.PRODUCTION
    if settings.keystore.startswith(_SOCKET):
        path = Path(settings.keystore.removeprefix(_SOCKET))
        return RemoteKeystore(path, stopwatch=time.monotonic, production=production)
    if settings.keystore == "sealed":
        if settings.keystore_file is None:
            raise SettingsError("YINXIN_KEYSTORE_FILE is absent: name the sealed keystore")
        with opening_of(settings.keystore_file, settings.keystore_opening_file) as passphrase:
            return SealedKeystore(settings.keystore_file, passphrase, production=production)
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


def _ask(words: str) -> str:
    if not sys.stdin.isatty():
        raise SettingsError("YINXIN_KEYSTORE_OPENING_FILE is absent, and nobody is there to ask")
    typed: str = typer.prompt(words, hide_input=True, err=True)
    return typed
