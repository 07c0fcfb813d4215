"""Offline proofs that an entry is in the log (C2SP tlog-proof): hashes and a checkpoint.

Lines: ``c2sp.org/tlog-proof@v1``, ``extra <base64>`` if there is any, ``index <n>``, the
hashes from the leaf's sibling to the root's child, an empty line, the signed checkpoint.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Final

from sealkit import merkle
from sealkit.checkpoint import MAX_SIZE, SignedCheckpoint, parse_checkpoint, read_hash
from sealkit.errors import MalformedError
from sealkit.signed_note import MAX_NOTE_BYTES

HEADER: Final = "c2sp.org/tlog-proof@v1"
MAX_EXTRA_BYTES: Final = 4096
MAX_PROOF_BYTES: Final = MAX_NOTE_BYTES + 16 * 1024

_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class TLogProof:
    """A proof as it stands in its bytes, unverified."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: SignedCheckpoint
    extra: bytes = b""
    """Ours is a `sealkit.log_leaf.LeafOpening`."""

    def verify_inclusion(self, entry: bytes) -> None:
        """Check that `entry` is in the tree of the checkpoint.

        Verifying the checkpoint's signature and origin is a step of its own.

        Raises:
            InvalidProofError: if it is not shown to be.
        """
        tree = self.checkpoint.checkpoint
        merkle.verify_inclusion(
            merkle.leaf_hash(entry), self.index, tree.size, self.hashes, tree.root
        )

    def to_bytes(self) -> bytes:
        """Return the bundle."""
        lines = [HEADER]
        if self.extra:
            lines.append("extra " + _base64(self.extra))
        lines.append(f"index {self.index}")
        lines += map(_base64, self.hashes)
        return "\n".join([*lines, "", ""]).encode() + self.checkpoint.to_bytes()


def parse_tlog_proof(document: bytes) -> TLogProof:
    """Read a proof.

    Raises:
        MalformedError: if it is not one.
    """
    if len(document) > MAX_PROOF_BYTES:
        raise MalformedError("the proof is too large")
    head, separator, below = document.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise MalformedError("the proof's head is not ASCII") from error
    if not separator or lines.pop(0) != HEADER:
        raise MalformedError("not a log proof")
    extra = _extra(lines.pop(0)) if lines and lines[0].startswith("extra ") else b""
    found = _INDEX.fullmatch(lines.pop(0)) if lines else None
    if not found or int(found[1]) > MAX_SIZE or len(lines) > merkle.MAX_PROOF_HASHES:
        raise MalformedError("the proof has no index, or too many hashes")
    return TLogProof(int(found[1]), tuple(map(read_hash, lines)), parse_checkpoint(below), extra)


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode("ascii")


def _extra(line: str) -> bytes:
    try:
        extra = base64.b64decode(line.removeprefix("extra "), validate=True)
    except binascii.Error as error:
        raise MalformedError("the proof's extra is not base64") from error
    if not 0 < len(extra) <= MAX_EXTRA_BYTES:
        raise MalformedError("the proof's extra is empty or too large")
    return extra
