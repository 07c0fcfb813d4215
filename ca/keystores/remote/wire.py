"""What client and signer say to each other: frames of CBOR, each after its length.

* A frame is four octets of length, most significant first, and one CBOR map.
* ``{"do": "list"}`` → ``{"keys": [{"name", "certificate"}, …]}``
* ``{"do": "sign", "id": 16 bytes, "key", "purpose", "message"}`` → ``{"signature": 64 bytes}``
* ``{"do": "head"}`` → ``{"sequence", "digest"}``: how the log of uses ends.
* A refusal is ``{"refused": code}``.
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ca.keystores.purposes import Purpose
from sealkit import cbor
from sealkit.errors import MalformedError

MAX_FRAME_BYTES: Final = 4 * 1024 * 1024 + 64 * 1024
"""A revocation list of its greatest length, and the words around it."""
MAX_NAME_CHARACTERS: Final = 64
REQUEST_ID_BYTES: Final = 16
SIGNATURE_BYTES: Final = 64
_LENGTH: Final = struct.Struct(">I")
_CHUNK_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class SignRequest:
    """A request for one signature."""

    id: bytes
    """16 random bytes; the same id is the same request, asked again."""
    key: str
    purpose: Purpose
    message: bytes = field(repr=False)


def to_frame(members: Mapping[str, Any]) -> bytes:
    """Return a frame.

    Raises:
        MalformedError: if it is longer than a frame may be.
    """
    body = cbor.encode(dict(members))
    if len(body) > MAX_FRAME_BYTES:
        raise MalformedError("the message is too long for the signer")
    return _LENGTH.pack(len(body)) + body


def read_frame(receive: Callable[[int], bytes]) -> dict[str, Any] | None:
    """Return the next frame; None when the other side has ended between two frames.

    `receive` returns at most so many octets, none at the end, like `socket.recv`.

    Raises:
        MalformedError: if it is too long, cut, or no CBOR map.
        OSError: if the connection fails.
    """
    head = _octets(receive, _LENGTH.size)
    if not head:
        return None
    if len(head) < _LENGTH.size:
        raise MalformedError("a frame was cut")
    (length,) = _LENGTH.unpack(head)
    if length > MAX_FRAME_BYTES:
        raise MalformedError("a frame is too long")
    body = _octets(receive, length)
    if len(body) < length:
        raise MalformedError("a frame was cut")
    members = cbor.decode(body)
    if not isinstance(members, dict):
        raise MalformedError("a frame holds one map")
    return members


def parse_sign(members: Mapping[str, Any]) -> SignRequest:
    """Read a request for a signature.

    Raises:
        MalformedError: if it is none.
    """
    if members.keys() != {"do", "id", "key", "purpose", "message"}:
        raise MalformedError("not the members of a request")
    identifier, key, purpose, message = (
        members[name] for name in ("id", "key", "purpose", "message")
    )
    if not isinstance(identifier, bytes) or len(identifier) != REQUEST_ID_BYTES:
        raise MalformedError("a request has a number of 16 bytes")
    if not isinstance(key, str) or not 0 < len(key) <= MAX_NAME_CHARACTERS:
        raise MalformedError("a request names a key")
    if not isinstance(message, bytes):
        raise MalformedError("a message is bytes")
    try:
        return SignRequest(identifier, key, Purpose(purpose), message)
    except ValueError as error:
        raise MalformedError("no purpose that we know") from error


def _octets(receive: Callable[[int], bytes], length: int) -> bytes:
    """Return `length` octets, or fewer when the other side has ended."""
    found = bytearray()
    # Grown as it comes: whoever announces four megabytes has not sent them yet.
    while len(found) < length:
        chunk = receive(min(length - len(found), _CHUNK_BYTES))
        if not chunk:
            break
        found += chunk
    return bytes(found)
