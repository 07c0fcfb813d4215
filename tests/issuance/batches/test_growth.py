"""What a line of a batch costs the database does not grow with the register."""

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from issuance.batches.rows import BatchState
from tests.issuance.batches.test_running import Batches, company, ndjson

LINES = 16
LOTS = 5
MOST = 1.03


class Instructions:
    """Counts what SQLite carries out, in tens of its instructions: the same on every machine."""

    def __init__(self):
        self.tens = 0

    def begin(self, connection):
        connection.connection.dbapi_connection.set_progress_handler(self._ten_more, 10)

    def _ten_more(self):
        self.tens += 1


@pytest.fixture
def instructions():
    counting = Instructions()
    event.listen(Engine, "begin", counting.begin)
    yield counting
    event.remove(Engine, "begin", counting.begin)


def test_the_database_does_as_much_for_the_last_line_as_for_the_first(world, instructions):
    batches, spent = Batches(world), []
    for lot in range(LOTS):
        before = instructions.tens
        content = ndjson(company(lot * LINES + number) for number in range(LINES))
        batch = batches.send(content, key=f"growth-{lot}")
        batches.run()
        batches.review(batch)
        batches.run()
        assert batches.now(batch).state is BatchState.FINISHED
        spent.append(instructions.tens - before)
    assert spent[-1] < MOST * spent[1], spent
