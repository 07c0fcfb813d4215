"""Checkpoints and proofs of the transparency log, as C2SP signed notes carry them.

A note is a text, an empty line, and signature lines. Ours are signed with SM2: signature
type 0xFF, name ``sm2sm3.v1``; the tree is over SM3. A line of a key we do not know is
passed over; a line of a key we do know that does not verify refuses the note.
"""

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import Final

from sealkit.asn1.x509 import parse_certificate
from sealkit.errors import InvalidSignatureError, MalformedError
from sealkit.signer import Signer
from sealkit.sm import sm3
from sealkit.sm.sm2 import SM2PublicKey

MAX_NOTE_BYTES: Final = 64 * 1024
MAX_PROOF_STEPS: Final = 63
PROOF_HEAD: Final = "c2sp.org/tlog-proof@v1"
_SIGNATURE_TYPE: Final = b"\xffsm2sm3.v1"
_KEY_ID_BYTES: Final = 4
_SIZE = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's statement of its size and root, its signatures not yet checked."""

    origin: str
    size: int
    root: bytes
    text: bytes = field(repr=False)
    """What was signed."""
    signatures: tuple[tuple[str, bytes, bytes], ...] = field(repr=False)
    """Key name, 4-byte key id, signature."""

    def verify(self, name: str, key: SM2PublicKey) -> None:
        """Check that the key called `name` signed this checkpoint.

        Raises:
            InvalidSignatureError: if it did not.
        """
        wanted = (name, key_id(name, key))
        found = [value for *line, value in self.signatures if tuple(line) == wanted]
        if not found:
            raise InvalidSignatureError("checkpoint is not signed by this log")
        for value in found:
            key.verify(value, self.text)


@dataclass(frozen=True, slots=True)
class LogProof:
    """An offline bundle: leaf index, path, and the checkpoint it leads to."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: Checkpoint
    extra: bytes = b""
    """The leaf itself and what opens its commitment, for who holds the licence."""


def key_id(name: str, key: SM2PublicKey) -> bytes:
    """Return the 4 bytes that name a key in a signature line."""
    return sm3.digest(name.encode() + b"\n" + _SIGNATURE_TYPE + key.point)[:_KEY_ID_BYTES]


def sign_checkpoint(origin: str, size: int, root: bytes, signer: Signer) -> bytes:
    """Return the signed note of a tree; the key goes by the name of the origin."""
    text = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
    key = parse_certificate(signer.certificate_der).sm2_key
    line = base64.b64encode(key_id(origin, key) + signer.sign(text.encode())).decode()
    return f"{text}\n— {origin} {line}\n".encode()


def parse_checkpoint(note: bytes) -> Checkpoint:
    """Read a signed checkpoint.

    Raises:
        MalformedError: if it is none.
    """
    if len(note) > MAX_NOTE_BYTES:
        raise MalformedError("checkpoint is too long")
    try:
        text, separator, tail = note.decode("utf-8").rpartition("\n\n")
    except UnicodeDecodeError as error:
        raise MalformedError("checkpoint is not UTF-8") from error
    lines = text.split("\n")
    if not separator or not tail.endswith("\n") or len(lines) != 3 or not lines[0]:
        raise MalformedError("not a checkpoint")
    origin, size, root = lines
    if not _SIZE.fullmatch(size):
        raise MalformedError("checkpoint has a size that is no number")
    return Checkpoint(
        origin=origin,
        size=int(size),
        root=_base64(root),
        text=f"{text}\n".encode(),
        signatures=tuple(_signature(line) for line in tail[:-1].split("\n")),
    )


def build_proof(index: int, path: list[bytes], checkpoint: bytes, extra: bytes = b"") -> bytes:
    """Return the text of an offline bundle (C2SP tlog-proof)."""
    head = [PROOF_HEAD]
    if extra:
        head.append(f"extra {base64.b64encode(extra).decode()}")
    head.append(f"index {index}")
    head += [base64.b64encode(step).decode() for step in path]
    return "\n".join((*head, "", "")).encode() + checkpoint


def parse_proof(bundle: bytes) -> LogProof:
    """Read an offline bundle.

    Raises:
        MalformedError: if it is none.
    """
    if len(bundle) > 2 * MAX_NOTE_BYTES:
        raise MalformedError("log proof is too long")
    head, separator, note = bundle.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise MalformedError("log proof is not ASCII") from error
    if not separator or lines.pop(0) != PROOF_HEAD:
        raise MalformedError("not a log proof")
    extra = _base64(lines.pop(0)[6:]) if lines and lines[0].startswith("extra ") else b""
    if not lines or not lines[0].startswith("index ") or not _SIZE.fullmatch(lines[0][6:]):
        raise MalformedError("log proof has no index")
    if len(lines) > MAX_PROOF_STEPS + 1:
        raise MalformedError("log proof has too many steps")
    path = tuple(_base64(line) for line in lines[1:])
    return LogProof(int(lines[0][6:]), path, parse_checkpoint(note), extra)


def _signature(line: str) -> tuple[str, bytes, bytes]:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.rpartition(" ")
    value = _base64(encoded)
    if dash != "—" or not name or len(value) <= _KEY_ID_BYTES:
        raise MalformedError("checkpoint has a line that is no signature")
    return name, value[:_KEY_ID_BYTES], value[_KEY_ID_BYTES:]


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedError("not base64") from error
