import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit import merkle
from sealkit.errors import InvalidProofError
from sealkit.sm import sm3


def sha256(message):
    return hashlib.sha256(message).digest()


HASHES = {"sha256": sha256, "sm3": sm3.digest}
LEAVES = [merkle.leaf_hash(bytes([n])) for n in range(20)]


@pytest.fixture(params=HASHES)
def algorithm(request):
    return request.param


@pytest.fixture
def tree(format_vectors, algorithm):
    """The classic test tree of Certificate Transparency."""
    entries = map(bytes.fromhex, format_vectors["merkle"]["leaves"])
    return [merkle.leaf_hash(entry, HASHES[algorithm]) for entry in entries]


def test_published_roots(format_vectors, algorithm, tree):
    for vector in format_vectors["merkle"]["roots"]:
        computed = merkle.root(tree[: vector["size"]], HASHES[algorithm])
        assert computed.hex() == vector[algorithm]


def test_shared_proofs_are_made_and_verified(format_vectors, algorithm, tree):
    hash_ = HASHES[algorithm]
    for vector in format_vectors["merkle"]["proofs"]:
        size, expected = vector["size"], [bytes.fromhex(text) for text in vector[algorithm]]
        root = merkle.root(tree[:size], hash_)
        if vector["kind"] == "inclusion":
            index = vector["index"]
            assert list(merkle.inclusion_proof(tree[:size], index, hash_)) == expected
            merkle.verify_inclusion(tree[index], index, size, expected, root, hash_)
        else:
            old = vector["old_size"]
            assert list(merkle.consistency_proof(tree[:size], old, hash_)) == expected
            old_root = merkle.root(tree[:old], hash_)
            merkle.verify_consistency(old, old_root, size, root, expected, hash_)


def naive_root(leaves):
    if len(leaves) < 2:
        return leaves[0] if leaves else sm3.digest(b"")
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return merkle.node_hash(naive_root(leaves[:split]), naive_root(leaves[split:]))


@pytest.mark.parametrize("size", range(21))
def test_the_growing_tree_agrees_with_the_definition(size):
    assert merkle.root(LEAVES[:size]) == naive_root(LEAVES[:size])


@pytest.mark.parametrize("size", range(1, 21))
def test_every_leaf_of_every_small_tree_is_included_and_nowhere_else(size):
    leaves, root = LEAVES[:size], merkle.root(LEAVES[:size])
    for index in range(size):
        proof = merkle.inclusion_proof(leaves, index)
        merkle.verify_inclusion(leaves[index], index, size, proof, root)
        for other in range(size):
            if other != index:
                with pytest.raises(InvalidProofError):
                    merkle.verify_inclusion(leaves[index], other, size, proof, root)


@pytest.mark.parametrize("size", range(21))
def test_every_small_tree_is_consistent_with_each_before_it(size):
    root = merkle.root(LEAVES[:size])
    for old in range(size + 1):
        old_root = merkle.root(LEAVES[:old])
        proof = merkle.consistency_proof(LEAVES[:size], old)
        merkle.verify_consistency(old, old_root, size, root, proof)
        if old:
            with pytest.raises(InvalidProofError):
                merkle.verify_consistency(old, bytes(32), size, root, proof)
        with pytest.raises(InvalidProofError):
            merkle.verify_consistency(old, old_root, size, root, (*proof, bytes(32)))
        if proof:
            with pytest.raises(InvalidProofError):
                merkle.verify_consistency(old, old_root, size, root, proof[:-1])
            with pytest.raises(InvalidProofError):
                merkle.verify_consistency(old, old_root, size, bytes(32), proof)


@pytest.mark.parametrize(
    ("index", "size", "proof"),
    [(-1, 1, ()), (1, 1, ()), (0, 0, ()), (0, 1, (bytes(32),)), (0, 1 << 60, (bytes(32),) * 65)],
)
def test_inclusion_proofs_that_cannot_be(index, size, proof):
    with pytest.raises(InvalidProofError):
        merkle.verify_inclusion(LEAVES[0], index, size, proof, LEAVES[0])


@pytest.mark.parametrize(("old", "size"), [(-1, 3), (4, 3)])
def test_consistency_proofs_that_cannot_be(old, size):
    with pytest.raises(InvalidProofError):
        merkle.verify_consistency(old, bytes(32), size, bytes(32), ())


def test_no_proof_is_made_for_what_is_not_there():
    with pytest.raises(ValueError, match="no leaf"):
        merkle.inclusion_proof(LEAVES, 20)
    with pytest.raises(ValueError, match="never had"):
        merkle.consistency_proof(LEAVES, 21)


@given(st.integers(1, 200), st.data())
def test_a_changed_proof_never_holds(size, data):
    leaves = [merkle.leaf_hash(n.to_bytes(2)) for n in range(size)]
    index = data.draw(st.integers(0, size - 1))
    proof = list(merkle.inclusion_proof(leaves, index))
    root = merkle.root(leaves)
    merkle.verify_inclusion(leaves[index], index, size, proof, root)
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        proof[at] = sm3.digest(proof[at])
        with pytest.raises(InvalidProofError):
            merkle.verify_inclusion(leaves[index], index, size, proof, root)


@given(
    st.integers(-2, 1 << 63),
    st.integers(-2, 1 << 63),
    st.lists(st.binary(min_size=32, max_size=32), max_size=70),
)
def test_any_proof_is_judged(number, size, proof):
    with pytest.raises(InvalidProofError):
        merkle.verify_inclusion(bytes(32), number, size, proof, b"no root")
    with pytest.raises(InvalidProofError):
        merkle.verify_consistency(number, b"no root", size, b"no other root", proof)
