"""kill -9, two hundred times at random moments: nothing twice, nothing unknown, nothing lost."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from ca import repository, tables
from ca.authority import SERIAL_BYTES
from sealkit import merkle
from sealkit.asn1.crl import parse_crl
from yinxin.db import Database, sqlite_url

TIMES, SEED = 200, 20261123
PROGRAM = Path(__file__).with_name("killing.py")


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """Return the database that survived, and what was said before each death."""
    url = sqlite_url(tmp_path_factory.mktemp("killed") / "ca.db")
    database = Database(url)
    with database.writing() as session:
        tables.metadata.create_all(session.connection())
    done = subprocess.run(
        [sys.executable, str(PROGRAM), url, str(TIMES), str(SEED)],
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
        cwd=PROGRAM.parents[2],
    )
    assert done.returncode == 0, done.stderr[-2000:]
    said = json.loads(done.stdout)
    yield database, said
    database.close()


def words(said, kind):
    return [entry[1:] for entry in said if entry[0] == kind]


def test_work_was_done_and_cut_short(killed):
    _database, said = killed
    assert len(words(said, "issued")) > TIMES / 4
    assert len(words(said, "signed")) >= len(words(said, "issued"))


def test_no_serial_number_was_used_twice(killed):
    _database, said = killed
    serials = [serial for serial, _der in words(said, "signed")]
    issued = {}
    for serial, der in words(said, "signed"):
        assert issued.setdefault(serial, der) == der
    assert len(set(serials)) == len(issued)
    assert all(serial.bit_length() == 8 * SERIAL_BYTES for serial in serials)


def test_the_register_knows_every_certificate_that_was_signed(killed):
    database, said = killed
    with database.reading() as session:
        for serial, _der in words(said, "signed"):
            assert repository.registered(session, authority="sub_ca", serial=serial)
        for serial, der in words(said, "issued"):
            found = repository.registered(session, authority="sub_ca", serial=serial)
            assert found.certificate == bytes.fromhex(der)


def test_no_revocation_that_was_committed_is_lost(killed):
    database, said = killed
    with database.reading() as session:
        revoked = repository.all_revocations(session, authority="sub_ca")
    assert {serial for (serial,) in words(said, "revoked")} <= set(revoked)


def test_lists_are_numbered_without_gap_and_the_newest_holds_what_was_revoked_before(killed):
    database, _said = killed
    with database.reading() as session:
        numbers = session.execute(
            select(tables.revocation_lists.c.number).order_by(tables.revocation_lists.c.number)
        ).scalars()
        assert list(numbers) == list(
            range(1, repository.newest_list(session, authority="sub_ca").number + 1)
        )
        newest = repository.newest_list(session, authority="sub_ca")
        assert len(parse_crl(newest.crl).revoked) == newest.revoked


def test_timestamp_serials_grow_from_child_to_child(killed):
    _database, said = killed
    numbers = [number for (number,) in words(said, "stamping")]
    assert numbers == sorted(set(numbers))


def test_no_log_entry_is_lost_and_the_tree_is_of_its_leaves(killed):
    database, said = killed
    with database.reading() as session:
        leaves = session.execute(
            select(tables.log_leaves.c.index, tables.log_leaves.c.leaf).order_by(
                tables.log_leaves.c.index
            )
        ).all()
        tree = session.execute(select(tables.log_trees)).one()
    assert [row.index for row in leaves] == list(range(tree.size))
    frontier = merkle.Frontier(merkle.leaf_hash(row.leaf) for row in leaves)
    assert b"".join(frontier._subtrees) == tree.frontier
    for index, leaf in words(said, "logged"):
        assert leaves[index].leaf == bytes.fromhex(leaf)
