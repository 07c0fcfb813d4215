"""Whether a log is still the tree of its leaves, computed anew from the first leaf."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from ca import log_repository
from ca.log import TransparencyLog
from sealkit import merkle
from sealkit.checkpoint import parse_checkpoint

_AT_ONCE = 1000


def find_log_fault(session: Session, log: TransparencyLog) -> str | None:
    """Return what does not hold, or None: leaves without gap, the root, the newest checkpoint."""
    tree = log_repository.tree(session, log=log.name)
    note = log_repository.newest_checkpoint(session, log=log.name)
    signed = parse_checkpoint(note).checkpoint if note else None
    if signed and signed.size > tree.size:
        return f"checkpoint of {signed.size} leaves, tree of {tree.size}"
    frontier = merkle.Frontier()
    for leaf in _leaves(session, log.name, tree.size):
        frontier.append(merkle.leaf_hash(leaf))
        if signed and frontier.size == signed.size and frontier.root != signed.root:
            return f"the first {signed.size} leaves are not those of the checkpoint"
    if frontier.size != tree.size:
        return f"{frontier.size} leaves, tree of {tree.size}"
    return None if frontier.root == log.root(session) else "the root is not that of the leaves"


def _leaves(session: Session, name: str, size: int) -> Iterator[bytes]:
    for start in range(0, size, _AT_ONCE):
        yield from log_repository.leaves_between(
            session, log=name, start=start, end=min(start + _AT_ONCE, size)
        )
