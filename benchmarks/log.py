"""Appending to the transparency log: many leaves at once, one by one, and a plain insert beside.

The peer does what cannot be left out: one SM3 of each leaf and of one node, and one row each.
"""

import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from rich.table import Table
from sqlalchemy import text
from sqlalchemy.orm import Session

from benchmarks.timing import console
from ca.keystore import FileKeystore
from ca.log import TransparencyLog
from sealkit.sm import sm3
from yinxin.db import Database, sqlite_url
from yinxin.settings import PROJECT

LEAVES = 10_000
ONE_BY_ONE = 1_000
AT = datetime(2026, 11, 20, tzinfo=UTC)


def run() -> None:
    """Print seconds and ratios."""
    signer = FileKeystore(PROJECT / "keys_dev" / "650000").signer("log")
    leaves = [sm3.digest(b"%d" % number) * 4 for number in range(LEAVES)]
    log, slow = (TransparencyLog(name, "v.example.cn/log") for name in ("batch", "single"))

    def append_and_sign(session: Session) -> None:
        log.append_all(session, leaves, at=AT)
        log.checkpoint(session, signer, at=AT)

    def one_by_one(session: Session) -> None:
        for leaf in leaves[:ONE_BY_ONE]:
            slow.append(session, leaf, at=AT)

    with tempfile.TemporaryDirectory() as folder:
        database = Database(sqlite_url(Path(folder) / "log.db"))
        database.upgrade()
        plain = _seconds(database, lambda session: _insert(session, leaves))
        together = _seconds(database, append_and_sign)
        single = _seconds(database, one_by_one)
        database.close()
    table = Table(title="Transparency log, SQLite, durable", title_justify="left")
    for heading in ("what", "seconds", "microseconds a leaf", "ratio"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    for name, seconds, count in (
        ("plain insert of 10,000 rows, 20,000 SM3", plain, LEAVES),
        ("append of 10,000 leaves and a checkpoint", together, LEAVES),
        ("append of 1,000 leaves, one by one", single, ONE_BY_ONE),
    ):
        ratio = seconds / count / (plain / LEAVES)
        table.add_row(name, f"{seconds:.2f}", f"{seconds / count * 1e6:.0f}", f"{ratio:.1f}")
    console.print(table)


def _seconds(database: Database, work: Callable[[Session], None]) -> float:
    start = time.perf_counter()
    with database.writing() as session:
        work(session)
    return time.perf_counter() - start


def _insert(session: Session, leaves: list[bytes]) -> None:
    session.execute(text("CREATE TABLE plain (place INTEGER PRIMARY KEY, leaf BLOB, hash BLOB)"))
    rows = []
    for place, leaf in enumerate(leaves):
        digest = sm3.digest(leaf)
        sm3.digest(digest + digest)
        rows.append({"place": place, "leaf": leaf, "hash": digest})
    session.execute(text("INSERT INTO plain VALUES (:place, :leaf, :hash)"), rows)
