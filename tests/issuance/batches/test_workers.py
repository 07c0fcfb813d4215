"""Several workers at one batch: each line once, and what a dead one held is taken over."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from issuance import repository as register
from issuance.batches import receiving, running
from issuance.batches.rows import BatchState, LineState
from issuance.batches.running import HELD_FOR, BatchRunner
from issuance.batches.tables import batch_lines
from issuance.register_faults import find_file_faults, find_row_faults, find_verdict_faults
from issuance.tables import editions
from tests.issuance.batches.test_running import Batches, company, ndjson
from yinxin.db import Database


@pytest.fixture
def batches(world, monkeypatch):
    monkeypatch.setattr(running, "MINTED_AT_ONCE", 2)
    return Batches(world)


@pytest.fixture
def approved(batches):
    batch = batches.send(ndjson([company(number) for number in range(1, 7)]))
    batches.run()
    batches.review(batch)
    return batch


def worker(batches, name):
    return BatchRunner(batches.world.services, batches.world.database.writing, name)


def finish(runner, at):
    while runner.advance(at=at):
        pass


def killed_after(batches, commits, name):
    """Let another process work as `name` until it has committed so often; then kill -9."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        database = Database(batches.world.database.url)

        def tell(session):
            if not session.in_nested_transaction():
                os.write(writing, b".")

        event.listen(Session, "after_commit", tell)
        finish(BatchRunner(batches.world.services, database.writing, name), batches.world.at)
        os._exit(9)
    os.close(writing)
    heard = b""
    while len(heard) < commits:
        heard += os.read(reading, 1)
        if len(heard) == commits:
            os.kill(child, signal.SIGKILL)
    os.close(reading)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])


def test_what_a_killed_worker_held_is_taken_over_when_its_time_has_passed(batches, approved):
    batches.world.database.close()  # a connection is no thing to inherit
    killed_after(batches, 1, "one")
    with batches.world.writing() as session:
        held = session.execute(
            select(batch_lines.c.number).where(batch_lines.c.held_by == "one")
        ).scalars()
        assert list(held) == [1, 2]
    other = worker(batches, "other")
    finish(other, batches.world.at)
    # It minted what was free and left alone what the other held, who may be alive.
    assert (batches.now(approved).minted, batches.now(approved).ready) == (4, 2)
    assert batches.now(approved).state is BatchState.APPROVED
    finish(other, batches.world.at + HELD_FOR * 2)
    done = batches.now(approved)
    assert (done.state, done.minted, done.ready) == (BatchState.FINISHED, 6, 0)
    identifiers = {line.identifier for line in batches.lines(approved)}
    assert len(identifiers) == 6 == batches.count(editions)
    with batches.world.writing() as session:
        assert not register.unfinished_plans(session)
        assert list(find_row_faults(session, batches.world.services)) == []


def test_a_worker_that_comes_back_under_its_name_goes_on_at_once(batches, approved):
    batches.world.database.close()
    killed_after(batches, 3, "one")
    finish(worker(batches, "one"), batches.world.at)
    assert batches.now(approved).minted == 6 == batches.count(editions)


def test_workers_side_by_side_mint_each_line_once(batches, approved):
    at = batches.world.at
    runners = [worker(batches, name) for name in ("one", "two", "three")]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda runner: finish(runner, at), runners))
    finish(runners[0], at)
    done = batches.now(approved)
    assert (done.state, done.minted, done.ready, done.failed) == (BatchState.FINISHED, 6, 0, 0)
    assert len({line.identifier for line in batches.lines(approved)}) == 6


def test_one_worker_alone_reads_a_file(batches, monkeypatch):
    monkeypatch.setattr(running, "CHECKED_AT_ONCE", 2)
    batch = batches.send(ndjson([company(number) for number in range(1, 6)]))
    at = batches.world.at
    one, two = worker(batches, "one"), worker(batches, "two")
    assert one.advance(at=at)
    assert not two.advance(at=at)
    assert two.advance(at=at + HELD_FOR * 2)
    assert not one.advance(at=at + HELD_FOR * 2)
    finish(two, at + HELD_FOR * 2)
    assert (batches.now(batch).state, batches.now(batch).ready) == (BatchState.CHECKED, 5)


def test_a_batch_may_ask_for_licences_without_pdf(batches, monkeypatch):
    plain = receiving.receive

    def without_pdf(*arguments, **members):
        return plain(*arguments, **members, forms="ofd")

    monkeypatch.setattr(receiving, "receive", without_pdf)
    batch = batches.send(ndjson([company(1)]))
    batches.run()
    batches.review(batch)
    batches.run()
    (line,) = batches.lines(batch)
    assert line.state is LineState.MINTED
    services, at = batches.world.services, batches.world.at
    with batches.world.writing() as session:
        edition = register.edition_by_identifier(session, line.identifier)
        forms = set(register.files(session, edition.key))
        assert forms == {"ofd", "code.txt", "code.png", "proof"}
        assert list(find_file_faults(session, services)) == []
        assert list(find_verdict_faults(session, services, trust=services.trust(), at=at)) == []
