"""Each thing that must hold of the register: broken alone, it is named, and nothing else is."""

import pytest
from sqlalchemy import delete, select, update

from ca import tables as ca_tables
from ca.log_fault import find_log_fault
from issuance.register_faults import (
    Fault,
    count_waiting,
    find_file_faults,
    find_row_faults,
    find_verdict_faults,
)
from issuance.sealing import OFD
from issuance.tables import (
    edition_files,
    editions,
    numbers,
    plans,
    status_lists,
    status_slots,
)
from tests.issuance.killing import company


@pytest.fixture
def two(world):
    """Return a region with two licences, which nothing is wrong with."""
    made = [world.mint(data=company(n), key=f"key-0000000{n}") for n in (1, 2)]
    return world, *made


def rows(world):
    with world.database.reading() as session:
        return list(find_row_faults(session, world.services))


def change(world, statement):
    with world.writing() as session:
        session.execute(statement)


def of(table, edition):
    return (table.c.serial == edition.serial) & (table.c.version == edition.version)


def test_a_sound_register_has_no_fault(two):
    world, *_ = two
    with world.database.reading() as session:
        trust = world.services.trust()
        assert rows(world) == []
        assert list(find_file_faults(session, world.services)) == []
        verdicts = find_verdict_faults(session, world.services, trust=trust, at=world.at)
        assert list(verdicts) == []
        assert find_log_fault(session, world.services.log) is None
        assert count_waiting(session) == 0


def test_a_slot_given_to_two_editions_is_named(two):
    world, first, second = two
    change(world, update(editions).where(of(editions, second)).values(slot=first.slot))
    assert rows(world) == [Fault("slot.shared", f"{first.issuer_code} 1 {first.slot}")]


def test_a_log_entry_of_two_editions_is_named(two):
    world, first, second = two
    change(world, update(editions).where(of(editions, second)).values(log_index=first.log_index))
    assert rows(world) == [Fault("log_entry.shared", str(first.log_index))]


def test_a_number_of_two_licences_in_force_is_named(two):
    world, first, second = two
    index = first.number_index
    change(world, update(editions).where(of(editions, second)).values(number_index=index))
    assert rows(world) == [
        Fault("number.shared", f"{first.issuer_code} {index.hex()}"),
        Fault("number.not_held", second.identifier),
    ]


def test_a_number_that_is_not_held_is_named(two):
    world, first, _second = two
    change(world, delete(numbers).where(numbers.c.serial == first.serial))
    assert rows(world) == [Fault("number.not_held", first.identifier)]


def test_a_state_that_the_slot_contradicts_is_named(two):
    world, first, _second = two
    change(world, update(status_slots).where(status_slots.c.slot == first.slot).values(value=2))
    assert rows(world) == [Fault("slot.contradicts_state", first.identifier, "2 for 0")]


def test_a_list_that_is_fuller_than_its_count_is_named(two):
    world, first, _second = two
    change(world, update(status_lists).values(given_out=1))
    assert rows(world) == [Fault("slots.miscounted", f"{first.issuer_code}-1", "1 for 2")]


def test_an_ended_licence_whose_slot_says_nothing_is_named(two):
    world, first, _second = two
    change(world, update(editions).where(of(editions, first)).values(state="revoked"))
    assert rows(world) == [
        Fault("slot.contradicts_state", first.identifier, "0 for 1"),
        Fault("state.contradicts_steps", first.identifier, "active, now revoked"),
    ]


def test_a_published_edition_without_log_entry_is_named(two):
    world, first, _second = two
    change(world, update(editions).where(of(editions, first)).values(log_index=None))
    assert rows(world) == [Fault("log_entry.absent", first.identifier)]


def test_a_published_edition_with_an_open_plan_is_named(two):
    world, first, _second = two
    change(world, update(plans).where(of(plans, first)).values(finished_at=None))
    assert rows(world) == [Fault("plan.contradicts_state", first.identifier, "active")]


def test_an_edition_without_plan_is_named(two):
    world, first, _second = two
    change(world, delete(plans).where(of(plans, first)))
    assert rows(world) == [Fault("plan.absent", first.identifier)]


def files(world):
    with world.database.reading() as session:
        return list(find_file_faults(session, world.services))


def test_a_file_the_register_does_not_name_is_named(two):
    world, first, _second = two
    place = (of(edition_files, first), edition_files.c.form == OFD)
    change(world, delete(edition_files).where(*place))
    assert files(world) == [Fault("file.absent", first.identifier, OFD)]


def test_a_file_that_is_gone_or_another_is_named(two):
    world, first, second = two
    at_first = (of(edition_files, first), edition_files.c.form == OFD)
    at_second = (of(edition_files, second), edition_files.c.form == OFD)
    with world.database.reading() as session:
        foreign = session.execute(select(edition_files.c.key).where(*at_second)).scalar_one()
    change(world, update(edition_files).where(*at_second).values(key="nothing"))
    change(world, update(edition_files).where(*at_first).values(key=foreign))
    assert set(files(world)) == {
        Fault("file.changed", first.identifier, OFD),
        Fault("file.unreadable", second.identifier, OFD),
    }


def test_an_active_edition_whose_file_does_not_verify_is_named(two):
    world, first, second = two
    with world.database.reading() as session:
        keys = {
            edition.identifier: session.execute(
                select(edition_files.c.key).where(
                    of(edition_files, edition), edition_files.c.form == OFD
                )
            ).scalar_one()
            for edition in (first, second)
        }
    document = bytearray(world.services.files.get(keys[first.identifier]))
    document[len(document) // 2] ^= 1
    world.services.files.put(keys[first.identifier], bytes(document))
    with world.database.reading() as session:
        trust = world.services.trust()
        (fault,) = find_verdict_faults(session, world.services, trust=trust, at=world.at)
    assert (fault.rule, fault.subject) == ("verdict.not_as_registered", first.identifier)


def test_an_ended_edition_whose_file_still_verifies_is_named(two):
    world, first, _second = two
    change(world, update(editions).where(of(editions, first)).values(state="revoked"))
    with world.database.reading() as session:
        trust = world.services.trust()
        found = list(find_verdict_faults(session, world.services, trust=trust, at=world.at))
    assert {fault.subject for fault in found} == {first.identifier}
    assert len(found) == 3


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (
            update(ca_tables.log_leaves).where(ca_tables.log_leaves.c.index == 0).values(leaf=b"x"),
            "the first 2 leaves are not those of the checkpoint",
        ),
        (
            delete(ca_tables.log_leaves).where(ca_tables.log_leaves.c.index == 1),
            "1 leaves, tree of 2",
        ),
        (update(ca_tables.log_trees).values(size=1), "checkpoint of 2 leaves, tree of 1"),
    ],
    ids=["changed", "removed", "shrunk"],
)
def test_a_log_that_is_not_the_tree_of_its_leaves_is_named(two, statement, fault):
    world, *_ = two
    change(world, statement)
    with world.database.reading() as session:
        assert find_log_fault(session, world.services.log) == fault
