"""What befalls a licence is in the log, names nobody, and cannot be taken back unseen."""

from dataclasses import replace

import pytest
from sqlalchemy import delete, update

from issuance import lifecycle, repository
from issuance.change_entries import (
    LOGGED_STEPS,
    change_entry,
    find_change_faults,
    log_earlier_changes,
)
from issuance.endings.rows import Way
from issuance.register_faults import Fault, find_row_faults
from issuance.states import EditionState
from issuance.tables import edition_events, editions, status_slots
from sealkit import merkle
from sealkit.asn1.x509 import parse_certificate
from sealkit.checkpoint import parse_checkpoint
from sealkit.log_leaf import Event, parse_leaf
from sealkit.tlog_proof import parse_tlog_proof
from tests.issuance.killing import company
from tests.issuance.test_lifecycle import change
from tests.issuance.world import reviewer


def logged(world, edition):
    """Return the entries of an edition's steps, in order."""
    with world.database.reading() as session:
        return [
            parse_leaf(world.services.log.entry(session, event.log_index))
            for event in repository.events(session, edition.key)
            if event.log_index is not None
        ]


def faults(world):
    with world.database.reading() as session:
        return list(find_row_faults(session, world.services))


@pytest.fixture
def ended(world):
    edition = world.mint()
    change(world, "suspend", edition)
    change(world, "resume", edition)
    world.end(edition, Way.CANCEL)
    return edition


def test_suspending_resuming_and_ending_are_entries_each(world, ended):
    events = [leaf.event for leaf in logged(world, ended)]
    assert events == [Event.SUSPENDED, Event.RESTORED, Event.ENDED]
    assert faults(world) == []


def test_an_entry_cannot_be_tied_to_the_licence_or_to_another_entry(world, ended):
    with world.database.reading() as session:
        issued = parse_leaf(world.services.log.entry(session, ended.log_index))
    leaves = [issued, *logged(world, ended)]
    secrets = [leaf.commitment for leaf in leaves] + [leaf.prior for leaf in leaves[1:]]
    assert len(set(secrets)) == len(secrets)
    assert not any(ended.identifier.encode() in leaf.to_cbor() for leaf in leaves)


def test_the_entry_is_below_a_signed_checkpoint_at_once(world, ended):
    log = world.services.log
    with world.database.reading() as session:
        note = log.newest_checkpoint(session)
        last = repository.events(session, ended.key)[-1].log_index
        proof = parse_tlog_proof(log.proof(session, last, checkpoint_note=note))
        leaf = merkle.leaf_hash(log.entry(session, last))
    signed = parse_checkpoint(note)
    key = parse_certificate(world.services.keys.signer("log").certificate_der).sm2_key
    signed.verify(key, name=log.origin)
    size, root = signed.checkpoint.size, signed.checkpoint.root
    merkle.verify_inclusion(leaf, last, size, list(proof.hashes), root)


def test_a_refused_step_leaves_no_entry(world):
    edition = world.mint()
    with world.database.reading() as session:
        before = world.services.log.size(session)
    with pytest.raises(Exception, match="cannot resume"), world.writing() as session:
        lifecycle.resume(
            session, world.services, edition.identifier, legal_basis="x", at=world.at,
            actor=reviewer(),
        )  # fmt: skip
    with world.database.reading() as session:
        assert world.services.log.size(session) == before


def test_an_ending_undone_in_the_register_is_named(world, ended):
    """Whoever has the database makes the licence active again, and removes every trace there."""
    with world.writing() as session:
        where = edition_events.c.serial == ended.serial
        session.execute(delete(edition_events).where(where, edition_events.c.step == "cancel"))
        session.execute(update(editions).values(state="active"))
        session.execute(update(status_slots).values(value=0))
    names = {fault.rule for fault in faults(world)}
    assert "change_entry.not_in_register" in names


def test_a_state_changed_behind_the_steps_is_named(world):
    edition = world.mint()
    with world.writing() as session:
        session.execute(update(editions).values(state="cancelled"))
    assert Fault("state.contradicts_steps", edition.identifier, "active, now cancelled") in faults(
        world
    )


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"log_index": None}, "change_entry.absent"),
        ({"log_index": 0}, "change_entry.differs"),
        ({"log_index": 99}, "change_entry.unreadable"),
        ({"at": "2026-01-01T00:00:00+00:00"}, "change_entry.differs"),
        ({"step": "revoke"}, "change_entry.differs"),
    ],
)
def test_a_step_made_otherwise_in_the_register_is_named(world, ended, changes, rule):
    with world.writing() as session:
        where = edition_events.c.step == "cancel"
        session.execute(update(edition_events).where(where).values(**changes))
        edition = repository.edition(session, ended.key)
        found = {name for name, _ in find_change_faults(session, world.services, edition)}
    assert found == {rule}


def test_steps_from_before_there_were_entries_get_theirs_once(world, ended):
    with world.writing() as session:
        session.execute(update(edition_events).values(log_index=None))
    for expected in (3, 0):
        with world.writing() as session:
            assert log_earlier_changes(session, world.services, at=world.at) == expected
    assert faults(world) == []


def test_the_same_step_has_one_entry_however_often_it_is_made(world, ended):
    with world.writing() as session:
        edition = replace(repository.edition(session, ended.key), state=EditionState.ACTIVE)
        event = repository.events(session, ended.key)[-1]
        entry = change_entry(
            session, world.services, edition, event, logged(world, ended)[-1].issuer_kid
        )
        index = world.services.log.append(session, entry.to_cbor(), at=world.at)
    assert index == event.log_index


def test_every_step_that_changes_what_a_verifier_says_is_logged():
    from issuance.states import EDITION_STEPS

    own = {"seal", "log", "publish", "supersede"}  # these are the entry of an edition, or its end
    assert set(EDITION_STEPS) - own == set(LOGGED_STEPS)


def test_two_licences_have_entries_of_their_own(world):
    first, second = (world.mint(data=company(n), key=f"key-0000000{n}") for n in (1, 2))
    for edition in (first, second):
        change(world, "suspend", edition)
    assert logged(world, first)[0].commitment != logged(world, second)[0].commitment
