"""The signature under a ceremony: a note that names its last line and every file it left.

It is made by a key of that one ceremony, which the root certifies as an audit key
before it is locked away again, and which is then forgotten. The root itself never signs
anything but certificates and lists (docs/adr/0011).
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sealkit.errors import MalformedError
from sealkit.signed_note import SignedNote, parse_note, sign_note
from sealkit.signer import Signer
from sealkit.sm import sm3

KEY_NAME: Final = "ceremony"
_FIRST: Final = "yinxin ceremony 1"
_HEAD = re.compile(r"lines ([1-9][0-9]{0,5}) ([0-9a-f]{64})")
_FILE = re.compile(r"([0-9a-f]{64}) ([0-9a-f]{64}) ([a-z0-9][a-z0-9_.-]{0,63})")


@dataclass(frozen=True, slots=True)
class FileDigest:
    """What a file was when the ceremony closed, hexadecimal; two digests, for the long run."""

    sm3: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Closing:
    """What is signed at the end."""

    lines: int
    head: str
    """Hexadecimal SM3 of the last line."""
    files: Mapping[str, FileDigest]

    @property
    def text(self) -> str:
        """The text of the note."""
        listed = (
            f"{digest.sm3} {digest.sha256} {name}" for name, digest in sorted(self.files.items())
        )
        return "\n".join((_FIRST, f"lines {self.lines} {self.head}", *listed)) + "\n"


@dataclass(frozen=True, slots=True)
class SignedClosing:
    """A closing note as it stands in its bytes, unverified."""

    closing: Closing
    note: SignedNote


def digest_of(content: bytes) -> FileDigest:
    """Return both digests of a file."""
    return FileDigest(sm3.digest(content).hex(), hashlib.sha256(content).hexdigest())


def sign_closing(closing: Closing, signer: Signer) -> bytes:
    """Return the signed note.

    Raises:
        InvalidKeyError: if `signer` is not an SM2 key.
    """
    line = sign_note(closing.text, name=KEY_NAME, signer=signer)
    return SignedNote(closing.text, (line,)).to_bytes()


def parse_closing(content: bytes) -> SignedClosing:
    """Read a closing note.

    Raises:
        MalformedError: if it is none.
    """
    note = parse_note(content)
    first, *lines = note.text[:-1].split("\n")
    head = _HEAD.fullmatch(lines[0]) if lines else None
    if first != _FIRST or head is None:
        raise MalformedError("this is not the closing note of a ceremony")
    files: dict[str, FileDigest] = {}
    for line in lines[1:]:
        found = _FILE.fullmatch(line)
        if found is None or found[3] in files:
            raise MalformedError("the closing note has a line that names no file, or one twice")
        files[found[3]] = FileDigest(found[1], found[2])
    closing = Closing(int(head[1]), head[2], files)
    if closing.text != note.text:
        raise MalformedError("the closing note is not in canonical form")
    return SignedClosing(closing, note)
