"""The arithmetic of stored subtrees, against the plain definition over all leaves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ca.log_tree import complete_subtrees, consistency_ranges, fold, inclusion_ranges, range_hash
from sealkit import merkle

MANY = [merkle.leaf_hash(bytes((number,))) for number in range(200)]
sizes = st.integers(1, len(MANY))


def subtrees(hashes):
    """Return the hash of every complete subtree, by level and index."""
    found = {(0, index): value for index, value in enumerate(hashes)}
    level = 0
    while True:
        row = [index for (found_level, index) in found if found_level == level]
        pairs = [index for index in row if not index & 1 and (level, index + 1) in found]
        if not pairs:
            return found
        for index in pairs:
            left, right = found[level, index], found[level, index + 1]
            found[level + 1, index >> 1] = merkle.node_hash(left, right)
        level += 1


@given(sizes)
def test_root_is_that_of_the_definition(size):
    hashes = subtrees(MANY[:size])
    assert range_hash((0, size), hashes) == merkle.root(MANY[:size])


def test_root_of_nothing_is_the_hash_of_nothing():
    assert fold([]) == merkle.root(())
    assert complete_subtrees((0, 0)) == []


@given(sizes.flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size))))
def test_inclusion_path_is_that_of_the_definition(case):
    index, size = case
    hashes = subtrees(MANY[:size])
    path = [range_hash(leaves, hashes) for leaves in inclusion_ranges(index, size)]
    assert tuple(path) == merkle.inclusion_proof(MANY[:size], index)
    merkle.verify_inclusion(MANY[index], index, size, path, merkle.root(MANY[:size]))


@given(sizes.flatmap(lambda size: st.tuples(st.integers(0, size), st.just(size))))
def test_consistency_proof_is_that_of_the_definition(case):
    first, second = case
    hashes = subtrees(MANY[:second])
    proof = [range_hash(leaves, hashes) for leaves in consistency_ranges(first, second)]
    assert tuple(proof) == merkle.consistency_proof(MANY[:second], first)
    old, new = merkle.root(MANY[:first]), merkle.root(MANY[:second])
    merkle.verify_consistency(first, old, second, new, proof)


@given(sizes.flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size))))
def test_few_nodes_are_needed(case):
    names = [node for leaves in inclusion_ranges(*case) for node in complete_subtrees(leaves)]
    assert len(names) <= 2 * case[1].bit_length()


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 3), (3, 3)])
def test_leaf_beyond_the_tree_is_refused(index, size):
    with pytest.raises(IndexError):
        inclusion_ranges(index, size)


@pytest.mark.parametrize(("first", "second"), [(-1, 3), (4, 3)])
def test_tree_beyond_the_tree_is_refused(first, second):
    with pytest.raises(IndexError):
        consistency_ranges(first, second)
