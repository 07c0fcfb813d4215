"""kill -9 of minting and batches, two hundred times: every plan finished once, nothing shared."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from ca.log_fault import find_log_fault
from issuance import mint, repository
from issuance.batches.rows import BatchState, LineState
from issuance.batches.running import BatchRunner
from issuance.batches.tables import batch_lines, batches
from issuance.register_faults import (
    count_waiting,
    find_file_faults,
    find_row_faults,
    find_verdict_faults,
)
from issuance.seals.reconciliation import reconcile
from issuance.states import EditionState
from issuance.tables import applications, editions, plans
from tests.issuance.killing import LINES, url_of
from tests.issuance.world import AT, MARKET, Reliances, World, open_services
from yinxin.audit import find_fault
from yinxin.db import Database

TIMES, SEED = 200, 20261123
PROGRAM = Path(__file__).with_name("killing.py")


@pytest.fixture(scope="module")
def survived(tmp_path_factory, keystore):
    """Return the region after the last death and one more start, and what was said before."""
    directory = tmp_path_factory.mktemp("killed")
    root = PROGRAM.parents[2]
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(directory), str(TIMES), str(SEED)],
        capture_output=True,
        text=True,
        check=False,
        cwd=root,
        env={"PYTHONPATH": str(root), "PATH": ""},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    database = Database(url_of(directory))
    world = World(database, open_services(directory, keystore, database, Reliances()), Reliances())
    with world.writing() as session:
        resumed = mint.resume_plans(session, world.services, at=AT)
    assert {plan.refused for plan in resumed} <= {None}
    runner = BatchRunner(world.services, world.writing)
    while runner.advance(at=AT):
        pass
    yield world, json.loads(done.stdout)
    database.close()


@pytest.fixture
def session(survived):
    world, _said = survived
    with world.database.reading() as session:
        yield session


def words(said, kind):
    return [entry[-1] for entry in said if entry[0] == kind]


def count(session, query):
    return session.execute(select(func.count()).select_from(query.subquery())).scalar_one()


def test_much_was_done_and_much_was_cut_short(survived, session):
    _world, said = survived
    assert len(words(said, "minted")) > TIMES / 10
    assert len(words(said, "finished")) < len(words(said, "received"))
    assert count(session, select(editions)) > len(words(said, "minted"))


def test_every_plan_is_finished_once(survived, session):
    assert count_waiting(session) == 0
    sources = session.execute(select(plans.c.source)).scalars().all()
    assert len(set(sources)) == len(sources)
    assert count(session, select(editions)) == len(sources)
    states = set(session.execute(select(editions.c.state)).scalars())
    assert states == {EditionState.ACTIVE.value}


def test_no_licence_that_was_said_to_exist_is_lost(survived, session):
    _world, said = survived
    for identifier in words(said, "minted"):
        assert repository.edition_by_identifier(session, identifier).published_at


def test_every_line_of_a_batch_that_was_approved_is_minted_once(session):
    done = select(batches.c.id).where(batches.c.state == BatchState.FINISHED.value)
    lines = select(batch_lines).where(batch_lines.c.batch_id.in_(done))
    minted = lines.where(batch_lines.c.state == LineState.MINTED.value)
    assert count(session, lines) == count(session, minted) == LINES * count(session, done)
    identifiers = [row.identifier for row in session.execute(minted)]
    assert len(set(identifiers)) == len(identifiers)


def test_no_application_was_taken_twice(session):
    taken = session.execute(select(applications.c.idempotency_key)).scalars().all()
    assert len(set(taken)) == len(taken)


def test_numbers_slots_and_log_entries_are_unique_and_agree_with_states(survived, session):
    world, _said = survived
    assert list(find_row_faults(session, world.services)) == []


def test_every_file_is_there_and_is_what_was_sealed(survived, session):
    world, _said = survived
    assert list(find_file_faults(session, world.services)) == []


def test_every_published_file_verifies(survived, session):
    world, _said = survived
    trust = world.services.trust()
    assert list(find_verdict_faults(session, world.services, trust=trust, at=AT)) == []


def test_the_log_is_the_tree_of_its_leaves(survived, session):
    world, _said = survived
    assert find_log_fault(session, world.services.log) is None
    assert world.services.log.size(session) == count(session, select(editions))


def test_every_use_of_a_seal_has_its_file(survived, session):
    world, _said = survived
    found = reconcile(session, world.services.files, MARKET)
    assert (found.differences, found.uses) == (0, count(session, select(editions)))


def test_the_audit_chain_holds(session):
    assert find_fault(session) is None
