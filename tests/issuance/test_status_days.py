from datetime import UTC, date, datetime, timedelta

import cbor2
import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from issuance import status_repository
from issuance.status_lists import day_repository
from issuance.status_lists.days import find_day_faults, freeze_due_days, frozen_day
from issuance.tables import status_changes, status_days
from sealkit.formats.code import cose
from sealkit.sm import sm3
from sealkit.status_day import day_entry, parse_day
from sealkit.tlog_proof import parse_tlog_proof
from tests.issuance.world import MARKET

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
"""Noon of the 23rd in Beijing."""
DAY = date(2026, 11, 23)
NEXT = datetime(2026, 11, 23, 16, 10, tzinfo=UTC)
"""Ten minutes after the end of that day."""
URI = f"https://yinxin.example.cn/v1/status-lists/{MARKET}-1"


def change(world, slot, value, at=NOON):
    with world.writing() as session:
        if not status_repository.lists(session):
            status_repository.begin_list(session, MARKET, 1, at=at)
        status_repository.take_slot(session, MARKET, 1, slot, at=at)
        status_repository.set_slot(session, MARKET, 1, slot, value, at=at)


def freeze(world, at=NEXT):
    with world.writing() as session:
        return freeze_due_days(session, world.services, at=at)


def frozen(world, day=DAY):
    with world.writing() as session:
        return frozen_day(session, MARKET, 1, day)


def faults(world, at):
    with world.writing() as session:
        return list(find_day_faults(session, world.services, at=at))


def test_a_day_is_frozen_when_it_is_over_as_it_was_at_its_end(world):
    change(world, 5, 2)
    change(world, 5, 0, at=NEXT - timedelta(minutes=11))
    change(world, 6, 1)
    change(world, 7, 1, at=NEXT - timedelta(minutes=10))
    assert freeze(world, at=NEXT - timedelta(seconds=1)) == 0
    assert frozen(world) is None
    assert freeze(world) == 1
    day = parse_day(frozen(world).token)
    day.verify(cose.key_of(world.services.keys.signer("status_signer")))
    assert (day.uri, day.day, day.issued_at) == (URI, DAY, NEXT)
    assert [day.statuses.get(slot) for slot in (5, 6, 7)] == [0, 1, 0]


def test_a_change_of_the_next_day_that_was_kept_before_one_of_the_day_is_not_in_it(world):
    """A chunk that began before midnight may commit behind a request that began after it."""
    midnight = datetime(DAY.year, DAY.month, DAY.day, 16, tzinfo=UTC)
    change(world, 6, 1)
    change(world, 7, 2, at=midnight + timedelta(seconds=1))
    change(world, 8, 3, at=midnight - timedelta(seconds=1))
    freeze(world)
    statuses = parse_day(frozen(world).token).statuses
    assert [statuses.get(slot) for slot in (6, 7, 8)] == [1, 0, 3]
    assert faults(world, NEXT) == []


def test_the_log_holds_the_digest_of_the_file_and_nothing_personal(world):
    change(world, 5, 2)
    freeze(world)
    found = frozen(world)
    proof = parse_tlog_proof(found.proof)
    entry = day_entry(URI, DAY, found.token)
    proof.verify_inclusion(entry)
    proof.checkpoint.verify(cose.key_of(world.services.keys.signer("log")))
    assert cbor2.loads(entry) == [
        "yinxin-status-day/1",
        URI,
        "2026-11-23",
        sm3.digest(found.token),
    ]


def test_a_day_is_frozen_once(world):
    change(world, 5, 2)
    assert (freeze(world), freeze(world)) == (1, 0)
    found = frozen(world)
    with pytest.raises(IntegrityError), world.writing() as session:
        day_repository.add_day(
            session, MARKET, 1, DAY, version=1, frozen=found, log_index=0, at=NEXT
        )


def test_days_missed_while_the_service_was_down_are_made_truly_and_say_when(world):
    change(world, 5, 2)
    change(world, 5, 0, at=NOON + timedelta(days=2))
    later = NEXT + timedelta(days=3)
    assert freeze(world, at=later) == 4
    said = [parse_day(frozen(world, DAY + timedelta(days=n)).token) for n in range(4)]
    assert [day.statuses.get(5) for day in said] == [2, 2, 0, 0]
    assert {day.issued_at for day in said} == {later}


def test_before_changes_were_kept_nothing_is_made_up(world):
    change(world, 5, 2)
    freeze(world)
    assert frozen(world, DAY - timedelta(days=1)) is None
    with world.writing() as session:
        midnight = datetime(2026, 11, 22, 16, tzinfo=UTC)
        assert status_repository.version_before(session, MARKET, 1, midnight) is None
        assert status_repository.version_before(session, MARKET, 2, NEXT) is None


def test_the_doctor_misses_a_day_and_sees_one_that_is_not_its_changes(world):
    change(world, 5, 2)
    assert faults(world, NEXT) == []
    absent = [("status_day.absent", f"{MARKET}-1", "2026-11-23")]
    assert faults(world, NEXT + timedelta(hours=2)) == absent
    freeze(world)
    assert faults(world, NEXT + timedelta(hours=2)) == []
    with world.writing() as session:
        session.execute(update(status_changes).values(value=1))
    changed = [("status_day.not_its_changes", f"{MARKET}-1", "2026-11-23")]
    assert faults(world, NEXT) == changed
    other = frozen(world).token
    with world.writing() as session:
        session.execute(delete(status_changes))
        session.execute(update(status_days).values(token=other[:-1] + bytes([other[-1] ^ 1])))
    assert faults(world, NEXT) == [("status_day.unproven", f"{MARKET}-1", "2026-11-23")]
