"""Which stored hashes make a root, a path or a consistency proof (RFC 9162, 2.1).

The log stores the hash of every complete subtree. A node is named by its level (0 for
leaves) and its index on that level. Everything here is arithmetic on these names, so a
proof in a log of any size costs one query of at most a few dozen rows.
"""

from collections.abc import Mapping, Sequence

from sealkit import merkle

Node = tuple[int, int]
"""Level and index."""

Range = tuple[int, int]
"""Leaves from the first to before the second."""


def complete_subtrees(leaves: Range) -> list[Node]:
    """Return the complete subtrees that make up `leaves`, largest first.

    The range must begin where a subtree of its size may begin, as those of proofs do.
    """
    start, end = leaves
    found = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append((level, start >> level))
        start += 1 << level
    return found


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """Return the subtrees whose hashes lead from leaf `index` to the root, leaf end first."""
    if not 0 <= index < size:
        raise IndexError("no such leaf")
    start, end = 0, size
    path: list[Range] = []
    while end - start > 1:
        split = start + _largest_power_below(end - start)
        if index < split:
            path.append((split, end))
            end = split
        else:
            path.append((start, split))
            start = split
    return path[::-1]


def consistency_ranges(first: int, second: int) -> list[Range]:
    """Return the subtrees that show the tree of `first` leaves to be a prefix of `second`."""
    if not 0 <= first <= second:
        raise IndexError("no such tree")
    if first in (0, second):
        return []
    start, end = 0, second
    path: list[Range] = []
    while end != first:
        split = start + _largest_power_below(end - start)
        if first <= split:
            path.append((split, end))
            end = split
        else:
            path.append((start, split))
            start = split
    if start:
        path.append((start, end))
    return path[::-1]


def range_hash(leaves: Range, hashes: Mapping[Node, bytes]) -> bytes:
    """Return the hash over a range of leaves from those of its complete subtrees."""
    return fold([hashes[node] for node in complete_subtrees(leaves)])


def fold(subtrees: Sequence[bytes]) -> bytes:
    """Return the hash over complete subtrees of falling size; of none, the empty root."""
    if not subtrees:
        return merkle.root(())
    *lefts, folded = subtrees
    for left in reversed(lefts):
        folded = merkle.node_hash(left, folded)
    return folded


def _largest_power_below(leaves: int) -> int:
    return 1 << (leaves - 1).bit_length() - 1
