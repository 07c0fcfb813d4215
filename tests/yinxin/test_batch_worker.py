"""A batch of any length leaves room for whoever else writes."""

import threading
from datetime import UTC, datetime

from sqlalchemy import text

from yinxin.batch_worker import BatchWorker
from yinxin.db import Database, sqlite_url

MANY = 40
HELD_SECONDS = 0.15
"""As checking fifty lines takes."""


class LongBatch:
    """Work of many chunks, each of which holds the register for its time."""

    def __init__(self, database):
        self.database = database
        self.begun, self.chunks = threading.Event(), 0

    def advance(self, *, at):
        with self.database.writing() as session:
            session.execute(text("SELECT 1"))
            self.begun.set()
            threading.Event().wait(HELD_SECONDS)
        self.chunks += 1
        return self.chunks < MANY


def test_another_writer_waits_for_a_few_chunks_and_not_for_the_batch(tmp_path):
    database = Database(sqlite_url(tmp_path / "yinxin.db"))
    batch = LongBatch(database)
    worker = BatchWorker(batch, lambda: datetime.now(UTC))
    worker.start()
    try:
        assert batch.begun.wait(10)
        for _ in range(3):
            before = batch.chunks
            with database.writing() as session:
                session.execute(text("SELECT 1"))
                assert batch.chunks - before <= 5
    finally:
        worker.stop()
        database.close()
