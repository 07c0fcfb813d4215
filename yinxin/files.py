"""Licence files on disk: encrypted, written once, whole or not at all."""

import os
from pathlib import Path

from sealkit.sm import sm3
from yinxin.vault import Vault


class FileNotStoredError(LookupError):
    """No file was ever stored under this key."""

    code = "files.unknown"


class EncryptedFileStore:
    """A `FileStore` in a directory; the name on disk tells nothing about the licence."""

    def __init__(self, directory: Path, vault: Vault) -> None:
        self._directory = directory
        self._vault = vault
        directory.mkdir(parents=True, exist_ok=True)

    def put(self, key: str, document: bytes) -> None:
        """Store `document` under `key`, durable when this returns."""
        path = self._path(key)
        path.parent.mkdir(exist_ok=True)
        unfinished = path.with_suffix(f".{os.getpid()}.{os.urandom(4).hex()}")
        with unfinished.open("wb") as file:
            file.write(self._vault.seal(document, key))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        _make_durable(path.parent)

    def get(self, key: str) -> bytes:
        """Return the document stored under `key`.

        Raises:
            FileNotStoredError: if there is none.
            MalformedError: if it was changed on disk.
        """
        try:
            box = self._path(key).read_bytes()
        except FileNotFoundError as error:
            raise FileNotStoredError("no such file") from error
        return self._vault.unseal(box, key)

    def remove(self, key: str) -> None:
        """Destroy the file under `key` with the key that it alone is encrypted under.

        Nothing happens when there is none: a removal can be repeated.
        """
        path = self._path(key)
        path.unlink(missing_ok=True)
        if path.parent.is_dir():
            _make_durable(path.parent)

    def _path(self, key: str) -> Path:
        name = sm3.digest(key.encode()).hex()
        return self._directory / name[:2] / name[2:]


def _make_durable(directory: Path) -> None:
    opened = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
