"""Every query of the transparency log."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Select, and_, bindparam, insert, or_, select, update
from sqlalchemy.orm import Session

from ca.log_tree import Node
from ca.tables import log_checkpoints, log_leaves, log_nodes, log_trees

_HASH_BYTES = 32
_ASKED_AT_ONCE = 500
"""Values in one query; SQLite took no more than 999 for years."""

# Asked for each licence, so put together once.
_TREE: Final = select(log_trees.c.size, log_trees.c.frontier).where(
    log_trees.c.log == bindparam("of")
)
_CHECKPOINT: Final = select(log_checkpoints.c.note).where(
    log_checkpoints.c.log == bindparam("of"), log_checkpoints.c.size == bindparam("at_size")
)


@dataclass(frozen=True, slots=True)
class NewLeaf:
    """A leaf and the place it takes."""

    index: int
    content: bytes
    digest: bytes


@dataclass(frozen=True, slots=True)
class Tree:
    """How large a log is, and the hashes of its complete subtrees, largest first."""

    size: int
    frontier: tuple[bytes, ...]


def tree(session: Session, *, log: str, to_append: bool = False) -> Tree:
    """Return the tree of a log; of one never appended to, the empty one.

    With `to_append` the row is locked, so that two transactions cannot take one index.
    """
    row = session.execute(_TREE.with_for_update() if to_append else _TREE, {"of": log}).first()
    if row is None:
        return Tree(0, ())
    hashes = range(0, len(row.frontier), _HASH_BYTES)
    return Tree(row.size, tuple(row.frontier[at : at + _HASH_BYTES] for at in hashes))


def save_tree(session: Session, *, log: str, grown: Tree) -> None:
    """Store the tree after an append."""
    values = {"size": grown.size, "frontier": b"".join(grown.frontier)}
    done = session.execute(
        update(log_trees).where(log_trees.c.log == log).values(values).returning(log_trees.c.log)
    ).first()
    if done is None:
        session.execute(insert(log_trees).values(log=log, **values))


def add_leaves(session: Session, *, log: str, leaves: Sequence[NewLeaf], at: datetime) -> None:
    """Store leaves; IntegrityError if an index was taken."""
    rows = [
        {
            "log": log,
            "index": leaf.index,
            "leaf": leaf.content,
            "leaf_hash": leaf.digest,
            "appended_at": at.isoformat(),
        }
        for leaf in leaves
    ]
    session.execute(insert(log_leaves), rows)


def add_nodes(session: Session, *, log: str, hashes: Mapping[Node, bytes]) -> None:
    """Store the hashes of subtrees that have just become complete."""
    rows = [
        {"log": log, "level": level, "index": index, "hash": value}
        for (level, index), value in hashes.items()
    ]
    session.execute(insert(log_nodes), rows)


def indexes_of(session: Session, *, log: str, leaf_hashes: Sequence[bytes]) -> dict[bytes, int]:
    """Return where leaves are, of those that are in the log."""
    found: dict[bytes, int] = {}
    for start in range(0, len(leaf_hashes), _ASKED_AT_ONCE):
        rows = session.execute(
            select(log_leaves.c.leaf_hash, log_leaves.c.index).where(
                log_leaves.c.log == log,
                log_leaves.c.leaf_hash.in_(leaf_hashes[start : start + _ASKED_AT_ONCE]),
            )
        )
        found |= {leaf_hash: index for leaf_hash, index in rows}
    return found


def nodes(session: Session, *, log: str, names: Iterable[Node]) -> Mapping[Node, bytes]:
    """Return the hashes of the named subtrees, as far as they are complete."""
    wanted: dict[str, str | int] = {"of": log}
    count = 0
    for count, (level, index) in enumerate(names, 1):
        wanted |= {f"level{count}": level, f"index{count}": index}
    if not count:
        return {}
    rows = session.execute(_nodes(count), wanted)
    return {(level, index): value for level, index, value in rows}


@lru_cache(maxsize=128)  # a proof names as many subtrees as the tree is high
def _nodes(count: int) -> Select[Any]:
    # Each by its whole key: a list of pairs makes SQLite read the whole log.
    columns = log_nodes.c
    each = (
        and_(
            columns.log == bindparam("of"),
            columns.level == bindparam(f"level{number}"),
            columns.index == bindparam(f"index{number}"),
        )
        for number in range(1, count + 1)
    )
    return select(columns.level, columns.index, columns.hash).where(or_(*each))


def nodes_between(
    session: Session, *, log: str, level: int, start: int, end: int
) -> Sequence[bytes]:
    """Return the hashes of one level, from `start` to before `end`."""
    return (
        session.execute(
            select(log_nodes.c.hash)
            .where(
                log_nodes.c.log == log,
                log_nodes.c.level == level,
                log_nodes.c.index >= start,
                log_nodes.c.index < end,
            )
            .order_by(log_nodes.c.index)
        )
        .scalars()
        .all()
    )


def leaves_between(session: Session, *, log: str, start: int, end: int) -> Sequence[bytes]:
    """Return leaves, from `start` to before `end`."""
    return (
        session.execute(
            select(log_leaves.c.leaf)
            .where(log_leaves.c.log == log, log_leaves.c.index >= start, log_leaves.c.index < end)
            .order_by(log_leaves.c.index)
        )
        .scalars()
        .all()
    )


def add_checkpoint(session: Session, *, log: str, size: int, note: bytes, at: datetime) -> None:
    """Store a signed checkpoint; IntegrityError if this size has one."""
    session.execute(
        insert(log_checkpoints).values(log=log, size=size, signed_at=at.isoformat(), note=note)
    )


def checkpoint(session: Session, *, log: str, size: int) -> bytes | None:
    """Return the signed checkpoint of one size."""
    return session.execute(_CHECKPOINT, {"of": log, "at_size": size}).scalar()


def newest_checkpoint(session: Session, *, log: str) -> bytes | None:
    """Return the signed checkpoint of the largest size."""
    return session.execute(
        select(log_checkpoints.c.note)
        .where(log_checkpoints.c.log == log)
        .order_by(log_checkpoints.c.size.desc())
        .limit(1)
    ).scalar()
