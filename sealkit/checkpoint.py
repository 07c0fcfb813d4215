"""Checkpoints of the transparency log (C2SP tlog-checkpoint): origin, size and root, signed.

The body is three lines: origin, size in decimal, root in base64; no extension lines.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Final

from sealkit import merkle
from sealkit.errors import MalformedError
from sealkit.signed_note import NoteSignature, SignedNote, parse_note, sign_note
from sealkit.signer import Signer
from sealkit.sm.sm2 import SM2PublicKey

MAX_SIZE: Final = 1 << 62

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the log says of itself at one moment."""

    origin: str
    """Name of the log: a host and path without scheme, such as ``v.example.cn/log/2026``."""
    size: int
    root: bytes
    """32 bytes."""

    @property
    def body(self) -> str:
        """The text to sign."""
        encoded = base64.b64encode(self.root).decode("ascii")
        return f"{self.origin}\n{self.size}\n{encoded}\n"


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint as it stands in its bytes, unverified."""

    checkpoint: Checkpoint
    note: SignedNote

    def verify(self, key: SM2PublicKey, *, name: str | None = None) -> None:
        """Check the log's signature, whose key is called like its origin unless `name` is given.

        The caller compares the origin with that of the log it knows.

        Raises:
            InvalidSignatureError: if it is missing or does not hold.
        """
        self.note.verify(self.checkpoint.origin if name is None else name, key)

    def cosigned(self, signature: NoteSignature) -> "SignedCheckpoint":
        """Return the checkpoint with one more signature line, as a witness adds it."""
        note = SignedNote(self.note.text, (*self.note.signatures, signature))
        return SignedCheckpoint(self.checkpoint, note)

    def to_bytes(self) -> bytes:
        """Return the signed text."""
        return self.note.to_bytes()


def sign_checkpoint(
    checkpoint: Checkpoint, signer: Signer, *, name: str | None = None
) -> SignedCheckpoint:
    """Return the signed checkpoint; the key is called like the origin unless `name` is given.

    Raises:
        InvalidKeyError: if `signer` is not an SM2 key.
        ValueError: if origin or name cannot stand in a note.
    """
    if not checkpoint.origin or "\n" in checkpoint.origin:
        raise ValueError("an origin is one line")
    line = sign_note(checkpoint.body, name=name or checkpoint.origin, signer=signer)
    return SignedCheckpoint(checkpoint, SignedNote(checkpoint.body, (line,)))


def parse_checkpoint(document: bytes) -> SignedCheckpoint:
    """Read a signed checkpoint.

    Raises:
        MalformedError: if it is not one.
    """
    note = parse_note(document)
    lines = note.text.split("\n")
    if len(lines) != 4 or not lines[0] or not _SIZE.fullmatch(lines[1]):
        raise MalformedError("a checkpoint has three lines: origin, size, root")
    size = int(lines[1])
    if size > MAX_SIZE:
        raise MalformedError("the checkpoint is of an impossible size")
    return SignedCheckpoint(Checkpoint(lines[0], size, read_hash(lines[2])), note)


def read_hash(text: str) -> bytes:
    """Return the 32 bytes of a hash in standard base64, written in its one proper way.

    Raises:
        MalformedError: if it is not one.
    """
    try:
        octets = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedError("a hash is not base64") from error
    if len(octets) != merkle.HASH_BYTES or base64.b64encode(octets).decode("ascii") != text:
        raise MalformedError("a hash is not of 32 bytes in base64")
    return octets
