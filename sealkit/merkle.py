"""Merkle trees of RFC 9162, 2.1 over SM3: roots, and proofs that lead to them.

Leaf hash H(0x00‖entry), node hash H(0x01‖left‖right), the empty tree H(""); a tree of n
splits at the largest power of two below n. Trees are given as their leaf hashes. `Hash`
is an argument so that the published SHA-256 tree can be recomputed.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from sealkit.errors import InvalidProofError
from sealkit.sm import sm3

Hash = Callable[[bytes], bytes]

HASH_BYTES: Final = 32
MAX_PROOF_HASHES: Final = 64  # a tree of 2^63 leaves


def leaf_hash(entry: bytes, hash_: Hash = sm3.digest) -> bytes:
    """Return the hash that stands for `entry` in the tree."""
    return hash_(b"\x00" + entry)


def node_hash(left: bytes, right: bytes, hash_: Hash = sm3.digest) -> bytes:
    """Return the hash above two subtrees."""
    return hash_(b"\x01" + left + right)


class Frontier:
    """A growing tree kept as the roots of its full subtrees: a root costs log n, not n."""

    def __init__(self, leaf_hashes: Iterable[bytes] = (), hash_: Hash = sm3.digest) -> None:
        self.size = 0
        self._hash = hash_
        self._subtrees: list[bytes] = []
        for leaf in leaf_hashes:
            self.append(leaf)

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash."""
        merged = leaf
        for _ in range(_trailing_ones(self.size)):
            merged = node_hash(self._subtrees.pop(), merged, self._hash)
        self._subtrees.append(merged)
        self.size += 1

    @property
    def root(self) -> bytes:
        """The root of all leaves so far."""
        if not self._subtrees:
            return self._hash(b"")
        top = self._subtrees[-1]
        for subtree in reversed(self._subtrees[:-1]):
            top = node_hash(subtree, top, self._hash)
        return top


def root(leaf_hashes: Iterable[bytes], hash_: Hash = sm3.digest) -> bytes:
    """Return the root of a tree."""
    return Frontier(leaf_hashes, hash_).root


def inclusion_proof(
    leaf_hashes: Sequence[bytes], index: int, hash_: Hash = sm3.digest
) -> tuple[bytes, ...]:
    """Return the hashes from the sibling of leaf `index` up to the child of the root.

    RFC 9162, 2.1.3.1.

    Raises:
        ValueError: if the tree has no such leaf.
    """
    size = len(leaf_hashes)
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} has no leaf {index}")
    if size == 1:
        return ()
    split = _split(size)
    left, right = leaf_hashes[:split], leaf_hashes[split:]
    if index < split:
        return (*inclusion_proof(left, index, hash_), root(right, hash_))
    return (*inclusion_proof(right, index - split, hash_), root(left, hash_))


def verify_inclusion(
    leaf: bytes,
    index: int,
    size: int,
    proof: Sequence[bytes],
    tree_root: bytes,
    hash_: Hash = sm3.digest,
) -> None:
    """Check that leaf hash `leaf` is number `index` of the tree of `size` under `tree_root`.

    RFC 9162, 2.1.3.2.

    Raises:
        InvalidProofError: if it is not shown to be.
    """
    if not 0 <= index < size or len(proof) > MAX_PROOF_HASHES:
        raise InvalidProofError("the inclusion proof is of no leaf in this tree")
    position, last, computed = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise InvalidProofError("the inclusion proof is too long")
        if position & 1 or position == last:
            computed = node_hash(sibling, computed, hash_)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling, hash_)
        position, last = position >> 1, last >> 1
    if last or computed != tree_root:
        raise InvalidProofError("the inclusion proof does not lead to the root")


def consistency_proof(
    leaf_hashes: Sequence[bytes], old_size: int, hash_: Hash = sm3.digest
) -> tuple[bytes, ...]:
    """Return the proof that the first `old_size` leaves are the beginning of the tree.

    RFC 9162, 2.1.4.1. Empty for an old tree that is empty or the whole.

    Raises:
        ValueError: if the tree is smaller than `old_size`.
    """
    if not 0 <= old_size <= len(leaf_hashes):
        raise ValueError(f"a tree of {len(leaf_hashes)} never had {old_size} leaves only")
    if old_size == 0:
        return ()
    return _subproof(leaf_hashes, old_size, True, hash_)


def verify_consistency(
    old_size: int,
    old_root: bytes,
    size: int,
    tree_root: bytes,
    proof: Sequence[bytes],
    hash_: Hash = sm3.digest,
) -> None:
    """Check that the tree of `size` grew from the tree of `old_size` by appending only.

    RFC 9162, 2.1.4.2.

    Raises:
        InvalidProofError: if it is not shown to have.
    """
    if not 0 <= old_size <= size or len(proof) > MAX_PROOF_HASHES:
        raise InvalidProofError("the consistency proof is of no such trees")
    if old_size in (0, size):
        expected = hash_(b"") if old_size == 0 else tree_root
        if proof or old_root != expected:
            raise InvalidProofError("trees of these sizes need equal roots and no proof")
        return
    computed = _consistent_roots(old_size, old_root, size, proof, hash_)
    if computed != (old_root, tree_root):
        raise InvalidProofError("the consistency proof does not lead to both roots")


def _consistent_roots(
    old_size: int, old_root: bytes, size: int, proof: Sequence[bytes], hash_: Hash
) -> tuple[bytes, bytes]:
    # The old root itself is left out of the proof where the old tree is one full subtree.
    path = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    if not path:
        raise InvalidProofError("the consistency proof is empty")
    position, last = old_size - 1, size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old_computed = computed = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise InvalidProofError("the consistency proof is too long")
        if position & 1 or position == last:
            old_computed = node_hash(sibling, old_computed, hash_)
            computed = node_hash(sibling, computed, hash_)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling, hash_)
        position, last = position >> 1, last >> 1
    if last:
        raise InvalidProofError("the consistency proof is too short")
    return old_computed, computed


def _subproof(
    leaf_hashes: Sequence[bytes], old_size: int, whole: bool, hash_: Hash
) -> tuple[bytes, ...]:
    size = len(leaf_hashes)
    if old_size == size:
        return () if whole else (root(leaf_hashes, hash_),)
    split = _split(size)
    left, right = leaf_hashes[:split], leaf_hashes[split:]
    if old_size <= split:
        return (*_subproof(left, old_size, whole, hash_), root(right, hash_))
    return (*_subproof(right, old_size - split, False, hash_), root(left, hash_))


def _split(size: int) -> int:
    return 1 << (size - 1).bit_length() - 1


def _trailing_ones(number: int) -> int:
    return (~number & (number + 1)).bit_length() - 1
