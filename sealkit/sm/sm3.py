"""SM3, the 256-bit hash of GB/T 32905."""

import hashlib
import hmac as _hmac
from typing import Protocol


class Hash(Protocol):
    """An unfinished digest, as in `hashlib`."""

    def update(self, chunk: bytes, /) -> None:
        """Add `chunk` to what is hashed."""

    def digest(self) -> bytes:
        """Return the 32-byte digest of all that was added."""


def hasher() -> Hash:
    """Return an empty SM3 computation, for input that comes in pieces."""
    return hashlib.new("sm3", usedforsecurity=True)


def digest(message: bytes) -> bytes:
    """Return the 32-byte SM3 digest of `message`."""
    return hashlib.new("sm3", message, usedforsecurity=True).digest()


def hmac(key: bytes, message: bytes) -> bytes:
    """Return the 32-byte HMAC-SM3 (RFC 2104 over SM3) of `message`."""
    return _hmac.digest(key, message, "sm3")
