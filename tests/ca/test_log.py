"""The transparency log in the database: published roots, proofs, checkpoints, lost work."""

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ca import log_repository
from ca.errors import LeafTooLongError, UnknownLeafError
from ca.log import MAX_LEAF_BYTES, TransparencyLog
from ca.log_repository import NewLeaf
from sealkit import merkle
from sealkit.asn1.x509 import parse_certificate
from sealkit.checkpoint import parse_checkpoint
from sealkit.tlog_proof import parse_tlog_proof

ORIGIN = "v.example.cn/log/2026"
CLASSIC = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
"""The leaves of the classic test tree; the SM3 roots below are of the fact sheet, section 5."""

SM3_ROOTS = {
    0: "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b",
    1: "2daef60e7a0b8f5e024c81cd2ab3109f2b4f155cf83adeb2ae5532f74a157fdf",
    2: "0b990fe0c7ad70f1bf1a1262f2c7908ea48146b14253a6db99f2917ab1f5cc4d",
    3: "209ec96a210d662a964772680e8544d18cab7b88ffec3e00962220349b56ea56",
    7: "bd36c22a1ac6ff4308e0c3cc1a85bf0ffa30538ec60a55c70413ab15d45db4d2",
    8: "bc48ba7a709184b5f2a631e1adeb8dc2a0d4c018c1d6cc89b5664fe154c93b38",
}


@pytest.fixture
def log():
    return TransparencyLog("2026", ORIGIN)


@pytest.fixture
def grow(session, log, at):
    def grow(count, start=0):
        for number in range(start, start + count):
            log.append(session, b"leaf %d" % number, at=at)

    return grow


@pytest.fixture
def signer(keystore):
    return keystore.signer("log")


def test_roots_are_the_published_ones(session, log, at):
    for size in range(9):
        if size in SM3_ROOTS:
            assert log.root(session).hex() == SM3_ROOTS[size]
        assert log.size(session) == size
        if size < 8:
            assert log.append(session, CLASSIC[size], at=at) == size


def test_leaf_is_appended_once(session, log, grow, at):
    grow(5)
    root = log.root(session)
    assert log.append(session, b"leaf 3", at=at) == 3
    assert log.size(session) == 5
    assert log.root(session) == root


def test_leaves_appended_together_make_the_tree_they_make_one_by_one(session, log, grow, at):
    grow(3)
    other = TransparencyLog("together", ORIGIN)
    leaves = [b"leaf %d" % number for number in range(3)]
    assert other.append_all(session, leaves[:1], at=at) == [0]
    # One that is known, one that comes twice, and nothing at all.
    assert other.append_all(session, [*leaves, leaves[1]], at=at) == [0, 1, 2, 1]
    assert other.append_all(session, [], at=at) == []
    assert (other.size(session), other.root(session)) == (3, log.root(session))


def test_a_thousand_leaves_take_few_statements_and_every_proof_of_them_holds(
    session, log, signer, at
):
    statements = []
    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    leaves = [b"leaf %d" % number for number in range(1000)]
    assert log.append_all(session, leaves, at=at) == list(range(1000))
    assert len(statements) <= 8
    note = log.checkpoint(session, signer, at=at)
    root = parse_checkpoint(note).checkpoint.root
    for index in (0, 511, 512, 999):
        path = log.inclusion_path(session, index, 1000)
        merkle.verify_inclusion(merkle.leaf_hash(leaves[index]), index, 1000, path, root)


def test_one_leaf_too_long_keeps_all_out(session, log, at):
    with pytest.raises(LeafTooLongError):
        log.append_all(session, [b"short", bytes(MAX_LEAF_BYTES + 1)], at=at)
    assert log.size(session) == 0


def test_leaf_too_long_for_a_bundle_is_refused(session, log, at):
    with pytest.raises(LeafTooLongError):
        log.append(session, bytes(MAX_LEAF_BYTES + 1), at=at)
    assert log.append(session, bytes(MAX_LEAF_BYTES), at=at) == 0


def test_two_logs_do_not_know_each_other(session, log, grow, at):
    grow(3)
    other = TransparencyLog("2027", "v.example.cn/log/2027")
    assert other.append(session, b"leaf 2", at=at) == 0
    assert (log.size(session), other.size(session)) == (3, 1)


def test_checkpoint_is_signed_by_the_log(session, log, grow, signer, at):
    grow(11)
    note = log.checkpoint(session, signer, at=at)
    signed = parse_checkpoint(note)
    signed.verify(parse_certificate(signer.certificate_der).sm2_key)
    read = signed.checkpoint
    assert (read.origin, read.size, read.root) == (ORIGIN, 11, log.root(session))


def test_one_size_has_one_checkpoint(session, log, grow, signer, at):
    grow(2)
    first = log.checkpoint(session, signer, at=at)
    assert log.checkpoint(session, signer, at=at) == first
    assert log.newest_checkpoint(session) == first
    grow(1, start=2)
    assert log.newest_checkpoint(session) == first
    second = log.checkpoint(session, signer, at=at)
    assert second != first
    assert log.newest_checkpoint(session) == second


def test_empty_log_has_a_checkpoint_when_asked_to_sign(session, log, signer, at):
    with pytest.raises(UnknownLeafError):
        log.newest_checkpoint(session)
    note = log.checkpoint(session, signer, at=at)
    assert parse_checkpoint(note).checkpoint.size == 0


@pytest.mark.parametrize("size", [1, 2, 7, 64, 100])
def test_bundle_leads_every_leaf_to_the_checkpoint(session, log, grow, signer, at, size):
    grow(size)
    note = log.checkpoint(session, signer, at=at)
    grow(13, start=size)  # a log that has grown since still proves the older checkpoint
    for index in range(size):
        bundle = log.proof(session, index, checkpoint_note=note, extra=b"salt")
        read = parse_tlog_proof(bundle)
        assert (read.index, read.extra) == (index, b"salt")
        assert read.checkpoint.to_bytes() == note
        read.verify_inclusion(b"leaf %d" % index)


def test_leaf_beyond_the_checkpoint_has_no_bundle(session, log, grow, signer, at):
    grow(3)
    note = log.checkpoint(session, signer, at=at)
    grow(1, start=3)
    with pytest.raises(UnknownLeafError):
        log.proof(session, 3, checkpoint_note=note)


def test_tree_larger_than_the_log_has_no_proofs(session, log, grow):
    grow(3)
    with pytest.raises(UnknownLeafError):
        log.inclusion_path(session, 0, 4)
    with pytest.raises(UnknownLeafError):
        log.consistency_path(session, 2, 5)
    with pytest.raises(UnknownLeafError):
        log.consistency_path(session, 3, 2)


def test_later_tree_extends_every_earlier_one(session, log, grow):
    roots = [log.root(session)]
    for number in range(20):
        grow(1, start=number)
        roots.append(log.root(session))
    for first in range(21):
        path = log.consistency_path(session, first, 20)
        merkle.verify_consistency(first, roots[first], 20, roots[20], path)


def test_lost_transaction_loses_leaf_hashes_and_size_together(engine, log, at):
    with Session(engine) as session:
        log.append(session, b"kept", at=at)
        session.commit()
        log.append(session, b"lost", at=at)
        session.rollback()
        assert log.append(session, b"next", at=at) == 1
        leaves = [merkle.leaf_hash(b"kept"), merkle.leaf_hash(b"next")]
        assert log.root(session) == merkle.root(leaves)


def test_two_writers_cannot_take_one_index(engine, log, at):
    """Both read the tree before either has written; the second to write fails whole."""
    with Session(engine) as first, Session(engine) as second:
        tree = log_repository.tree(second, log="2026")
        second.commit()
        log.append(first, b"first", at=at)
        first.commit()
        with pytest.raises(IntegrityError):
            late = NewLeaf(tree.size, b"second", merkle.leaf_hash(b"second"))
            log_repository.add_leaves(second, log="2026", leaves=[late], at=at)


def test_append_costs_the_same_however_large_the_log_is(engine, session, log, grow, at):
    statements = []
    event.listen(engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    counts = set()
    grow(1)
    for number in range(1, 200):
        statements.clear()
        log.append(session, b"leaf %d" % number, at=at)
        counts.add(len(statements))
    assert counts == {5}


def test_a_proof_costs_no_more_in_a_log_ten_times_as_large(session, log, at):
    """Counted in steps of the database's machine, so that no clock decides."""
    steps = []
    connection = session.connection().connection.driver_connection
    for start, end in ((0, 200), (200, 2000)):
        log.append_all(session, [b"leaf %d" % number for number in range(start, end)], at=at)
        ran = []
        connection.set_progress_handler(lambda ran=ran: ran.append(1) or 0, 1)
        log.inclusion_path(session, 7, end)
        connection.set_progress_handler(None, 0)
        steps.append(len(ran))
    assert steps[1] < 2 * steps[0]
