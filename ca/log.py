"""The transparency log (透明日志): what was issued cannot be rewritten unseen.

An RFC 9162 tree over SM3, published as C2SP tiles and checkpoints.

* A leaf is appended once: the same bytes again give the index they have.
* A leaf costs one row for itself and, on average, two for hashes; a root needs none read.
* Nothing is ever changed or removed. One size of the tree has one root and one checkpoint.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from ca import log_repository
from ca.errors import LeafTooLongError, UnknownLeafError
from ca.log_repository import NewLeaf, Tree
from ca.log_tree import (
    Node,
    Range,
    complete_subtrees,
    consistency_ranges,
    fold,
    inclusion_ranges,
    range_hash,
)
from sealkit import merkle
from sealkit.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from sealkit.signer import Signer
from sealkit.tlog_proof import TLogProof

MAX_LEAF_BYTES: Final = 0xFFFF  # entry bundles carry the length in two octets
_AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True)
class TransparencyLog:
    """One log of a region."""

    name: str
    """Key of its rows."""

    origin: str
    """Name on its checkpoints, such as ``v.example.cn/log/2026``; never changed."""

    def append(self, session: Session, leaf: bytes, *, at: datetime) -> int:
        """Append a leaf and return its index, or the index it already has.

        Raises:
            LeafTooLongError: if it is over 65,535 bytes.
        """
        return self.append_all(session, [leaf], at=at)[0]

    def append_all(self, session: Session, leaves: Sequence[bytes], *, at: datetime) -> list[int]:
        """Append leaves in their order, and return the index that each has.

        What costs is the statement and not the hash: a thousand leaves take four.

        Raises:
            LeafTooLongError: if one is over 65,535 bytes; none is appended then.
        """
        if any(len(leaf) > MAX_LEAF_BYTES for leaf in leaves):
            raise LeafTooLongError(f"a log leaf has at most {MAX_LEAF_BYTES} bytes")
        if not leaves:
            return []
        hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
        tree = log_repository.tree(session, log=self.name, to_append=True)
        places = log_repository.indexes_of(session, log=self.name, leaf_hashes=hashes)
        new: list[NewLeaf] = []
        nodes: dict[Node, bytes] = {}
        for leaf, leaf_hash in zip(leaves, hashes, strict=True):
            if leaf_hash in places:
                continue
            places[leaf_hash] = tree.size
            new.append(NewLeaf(tree.size, leaf, leaf_hash))
            tree, completed = _grown(tree, leaf_hash)
            nodes |= completed
        if new:
            log_repository.add_leaves(session, log=self.name, leaves=new, at=at)
            log_repository.add_nodes(session, log=self.name, hashes=nodes)
            log_repository.save_tree(session, log=self.name, grown=tree)
        return [places[leaf_hash] for leaf_hash in hashes]

    def entry(self, session: Session, index: int) -> bytes:
        """Return the leaf at `index`.

        Raises:
            UnknownLeafError: if there is none.
        """
        found = log_repository.leaves_between(session, log=self.name, start=index, end=index + 1)
        if not found:
            raise UnknownLeafError(f"log {self.name} has no leaf {index}")
        return found[0]

    def entries(self, session: Session) -> Iterator[bytes]:
        """Yield every leaf in its order, a page at a time."""
        for start in range(0, self.size(session), _AT_ONCE):
            yield from log_repository.leaves_between(
                session, log=self.name, start=start, end=start + _AT_ONCE
            )

    def size(self, session: Session) -> int:
        """Return how many leaves there are."""
        return log_repository.tree(session, log=self.name).size

    def root(self, session: Session) -> bytes:
        """Return the root of the whole tree."""
        return fold(log_repository.tree(session, log=self.name).frontier)

    def checkpoint(self, session: Session, signer: Signer, *, at: datetime) -> bytes:
        """Return the signed checkpoint of the present tree, signing it if there is none."""
        tree = log_repository.tree(session, log=self.name)
        stored = log_repository.checkpoint(session, log=self.name, size=tree.size)
        if stored is not None:
            return stored
        present = Checkpoint(self.origin, tree.size, fold(tree.frontier))
        note = sign_checkpoint(present, signer).to_bytes()
        log_repository.add_checkpoint(session, log=self.name, size=tree.size, note=note, at=at)
        return note

    def newest_checkpoint(self, session: Session) -> bytes:
        """Return the checkpoint that was signed last.

        Raises:
            UnknownLeafError: if none was signed yet.
        """
        note = log_repository.newest_checkpoint(session, log=self.name)
        if note is None:
            raise UnknownLeafError(f"log {self.name} has no checkpoint yet")
        return note

    def proof(
        self, session: Session, index: int, *, checkpoint_note: bytes, extra: bytes = b""
    ) -> bytes:
        """Return the offline bundle (C2SP tlog-proof) of leaf `index` in a checkpoint.

        Args:
            session: open transaction.
            index: of the leaf.
            checkpoint_note: a signed checkpoint of this log.
            extra: the opening of the leaf, for who holds the licence.

        Raises:
            UnknownLeafError: if that tree has no such leaf, or is larger than the log.
        """
        signed = parse_checkpoint(checkpoint_note)
        path = self.inclusion_path(session, index, signed.checkpoint.size)
        return TLogProof(index, tuple(path), signed, extra).to_bytes()

    def inclusion_path(self, session: Session, index: int, size: int) -> list[bytes]:
        """Return the hashes from leaf `index` to the root of the tree of `size` leaves.

        Raises:
            UnknownLeafError: if there is no such leaf or tree.
        """
        if not 0 <= index < size:
            raise UnknownLeafError(f"a tree of {size} has no leaf {index}")
        return self._hashes(session, inclusion_ranges(index, size))

    def consistency_path(self, session: Session, first: int, second: int) -> list[bytes]:
        """Return the proof that the tree of `first` leaves is a prefix of that of `second`.

        Raises:
            UnknownLeafError: if there are no such trees.
        """
        if not 0 <= first <= second:
            raise UnknownLeafError(f"a tree of {second} does not extend one of {first}")
        return self._hashes(session, consistency_ranges(first, second))

    def _hashes(self, session: Session, ranges: list[Range]) -> list[bytes]:
        names = [node for leaves in ranges for node in complete_subtrees(leaves)]
        hashes = log_repository.nodes(session, log=self.name, names=names)
        if len(hashes) != len(names):
            raise UnknownLeafError(f"log {self.name} is not that large")
        return [range_hash(leaves, hashes) for leaves in ranges]


def _grown(tree: Tree, leaf_hash: bytes) -> tuple[Tree, dict[Node, bytes]]:
    """Return the tree with one more leaf, and the subtrees that it completed."""
    frontier = list(tree.frontier)
    level, index, folded = 0, tree.size, leaf_hash
    completed = {(level, index): folded}
    while index & 1:
        folded = merkle.node_hash(frontier.pop(), folded)
        level, index = level + 1, index >> 1
        completed[level, index] = folded
    return Tree(tree.size + 1, (*frontier, folded)), completed
