"""Merkle trees as RFC 9162, section 2.1 has them, over SM3.

leaf = H(0x00 ‖ data), node = H(0x01 ‖ left ‖ right), split at the largest power of two
below n. The hash is an argument, so that published SHA-256 vectors test the arithmetic.
"""

from collections.abc import Callable, Sequence

from sealkit.errors import InvalidSignatureError
from sealkit.sm import sm3

HashFunction = Callable[[bytes], bytes]


class ProofError(InvalidSignatureError):
    """A proof that does not lead to the root it is for."""

    code = "merkle.proof"


def leaf_hash(leaf: bytes, hashed: HashFunction = sm3.digest) -> bytes:
    """Return the hash of one leaf."""
    return hashed(b"\x00" + leaf)


def node_hash(left: bytes, right: bytes, hashed: HashFunction = sm3.digest) -> bytes:
    """Return the hash of an inner node."""
    return hashed(b"\x01" + left + right)


def root(hashes: Sequence[bytes], hashed: HashFunction = sm3.digest) -> bytes:
    """Return the root over leaf hashes; of nothing, the hash of nothing."""
    if not hashes:
        return hashed(b"")
    if len(hashes) == 1:
        return hashes[0]
    split = largest_power_below(len(hashes))
    return node_hash(root(hashes[:split], hashed), root(hashes[split:], hashed), hashed)


def inclusion_proof(
    hashes: Sequence[bytes], index: int, hashed: HashFunction = sm3.digest
) -> list[bytes]:
    """Return the path of leaf `index` to the root, from its sibling upwards."""
    if not 0 <= index < len(hashes):
        raise IndexError("no such leaf")
    if len(hashes) == 1:
        return []
    split = largest_power_below(len(hashes))
    if index < split:
        return [*inclusion_proof(hashes[:split], index, hashed), root(hashes[split:], hashed)]
    return [
        *inclusion_proof(hashes[split:], index - split, hashed),
        root(hashes[:split], hashed),
    ]


def verify_inclusion(
    leaf: bytes,
    index: int,
    size: int,
    proof: Sequence[bytes],
    expected_root: bytes,
    hashed: HashFunction = sm3.digest,
) -> None:
    """Check that the leaf hash `leaf` is number `index` of the tree (RFC 9162, 2.1.3.2).

    Raises:
        ProofError: if it is not.
    """
    if not 0 <= index < size:
        raise ProofError("leaf index beyond the tree")
    node, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            raise ProofError("inclusion proof is too long")
        if node & 1 or node == last:
            found = node_hash(step, found, hashed)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, step, hashed)
        node, last = node >> 1, last >> 1
    if last != 0 or found != expected_root:
        raise ProofError("inclusion proof does not lead to the root")


def consistency_proof(
    hashes: Sequence[bytes], first: int, hashed: HashFunction = sm3.digest
) -> list[bytes]:
    """Return the proof that the tree of the first `first` leaves is a prefix of this one."""
    if not 0 <= first <= len(hashes):
        raise IndexError("no such tree")
    if first in (0, len(hashes)):
        return []
    return _subproof(hashes, first, True, hashed)


def verify_consistency(
    first: int,
    second: int,
    first_root: bytes,
    second_root: bytes,
    proof: Sequence[bytes],
    hashed: HashFunction = sm3.digest,
) -> None:
    """Check that the tree of `second` leaves extends that of `first` (RFC 9162, 2.1.4.2).

    Raises:
        ProofError: if it does not.
    """
    if first > second or first < 0:
        raise ProofError("trees do not shrink")
    if first == second or first == 0:
        if proof or (first == second and first_root != second_root):
            raise ProofError("consistency proof does not fit")
        return
    steps = list(proof) if first & (first - 1) else [first_root, *proof]
    if not steps:
        raise ProofError("consistency proof is empty")
    node, last = first - 1, second - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise ProofError("consistency proof is too long")
        if node & 1 or node == last:
            old, new = node_hash(step, old, hashed), node_hash(step, new, hashed)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, step, hashed)
        node, last = node >> 1, last >> 1
    if last != 0 or old != first_root or new != second_root:
        raise ProofError("consistency proof does not lead to both roots")


def largest_power_below(number: int) -> int:
    """Return the largest power of two below `number`, which is at least 2."""
    return 1 << (number - 1).bit_length() - 1


def _subproof(
    hashes: Sequence[bytes], first: int, whole: bool, hashed: HashFunction
) -> list[bytes]:
    if first == len(hashes):
        return [] if whole else [root(hashes, hashed)]
    split = largest_power_below(len(hashes))
    if first <= split:
        return [*_subproof(hashes[:split], first, whole, hashed), root(hashes[split:], hashed)]
    return [
        *_subproof(hashes[split:], first - split, False, hashed),
        root(hashes[:split], hashed),
    ]
