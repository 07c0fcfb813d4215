"""Signed notes (C2SP signed-note): a text and lines of signatures under it.

Text that ends in a newline, an empty line, then lines
``— <key name> <base64(4-byte key id ‖ signature)>``. Lines of keys that nobody asks about
are passed over; a known key's wrong signature refuses the note. Our signature type is
0xFF, the escape for unassigned ones, with ``sm2sm3.v1``.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Final

from sealkit.errors import InvalidSignatureError, MalformedError
from sealkit.formats.code.cose import key_of
from sealkit.signer import Signer
from sealkit.sm import sm3
from sealkit.sm.sm2 import SM2PublicKey

SIGNATURE_TYPE: Final = b"\xffsm2sm3.v1"
KEY_ID_BYTES: Final = 4
MAX_NOTE_BYTES: Final = 64 * 1024
MAX_SIGNATURES: Final = 64

_LINE = re.compile("— ([^\\s+]{1,256}) ([A-Za-z0-9+/]{4,1024}={0,2})")
_NAME = re.compile(r"[^\s+]{1,256}")


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line."""

    name: str
    key_id: bytes
    """4 bytes."""
    signature: bytes

    @property
    def line(self) -> str:
        """The line as it stands under the note, without its newline."""
        encoded = base64.b64encode(self.key_id + self.signature).decode("ascii")
        return f"— {self.name} {encoded}"


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A note as it stands in its bytes, unverified."""

    text: str
    """What was signed, newline at its end."""
    signatures: tuple[NoteSignature, ...]

    def verify(self, name: str, key: SM2PublicKey) -> None:
        """Check that the key called `name` signed the text.

        Raises:
            InvalidSignatureError: if it did not, or one of its lines does not hold.
        """
        wanted = key_id(name, key)
        own = [line for line in self.signatures if (line.name, line.key_id) == (name, wanted)]
        if not own:
            raise InvalidSignatureError(f"the note is not signed by {name}")
        for line in own:
            key.verify(line.signature, self.text.encode())

    def to_bytes(self) -> bytes:
        """Return the note with its signature lines."""
        lines = "".join(f"{signature.line}\n" for signature in self.signatures)
        return f"{self.text}\n{lines}".encode()


def key_id(name: str, key: SM2PublicKey) -> bytes:
    """Return SM3(name ‖ 0x0A ‖ 0xFF ‖ "sm2sm3.v1" ‖ point)[:4]: a hint which key signed."""
    return sm3.digest(name.encode() + b"\n" + SIGNATURE_TYPE + key.point)[:KEY_ID_BYTES]


def sign_note(text: str, *, name: str, signer: Signer) -> NoteSignature:
    """Return the signature line of the key called `name` over `text`.

    Raises:
        ValueError: if `text` does not end in a newline, or `name` holds spaces or a plus.
        InvalidKeyError: if `signer` is not an SM2 key.
    """
    if not text.endswith("\n") or not _NAME.fullmatch(name):
        raise ValueError("a note ends in a newline and a key name holds no space and no plus")
    return NoteSignature(name, key_id(name, key_of(signer)), signer.sign(text.encode()))


def parse_note(document: bytes) -> SignedNote:
    """Read a signed note.

    Raises:
        MalformedError: if it is not one.
    """
    if len(document) > MAX_NOTE_BYTES:
        raise MalformedError("the note is too large")
    try:
        whole = document.decode()
    except UnicodeDecodeError as error:
        raise MalformedError("the note is not UTF-8") from error
    text, separator, below = whole.rpartition("\n\n")
    lines = below.split("\n")
    if not separator or not text or lines.pop() != "" or not 0 < len(lines) <= MAX_SIGNATURES:
        raise MalformedError("the note has no signature lines")
    if any(character < " " and character != "\n" for character in whole):
        raise MalformedError("the note holds a control character")
    return SignedNote(text + "\n", tuple(map(_read_line, lines)))


def _read_line(line: str) -> NoteSignature:
    found = _LINE.fullmatch(line)
    try:
        octets = base64.b64decode(found[2], validate=True) if found else b""
    except binascii.Error as error:
        raise MalformedError("a signature line is not base64") from error
    if not found or len(octets) <= KEY_ID_BYTES:
        raise MalformedError("a line under the note is not a signature line")
    return NoteSignature(found[1], octets[:KEY_ID_BYTES], octets[KEY_ID_BYTES:])
