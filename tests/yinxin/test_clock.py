"""The service's clock: shifted, it stamps nothing; set right by a reference, it goes on."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from ca.clock import ClockWatch
from ca.timestamp import ACCURACY
from yinxin.audit import audit_records
from yinxin.audit import metadata as audit_metadata
from yinxin.clock import WatchedClock, uptime
from yinxin.context import Context
from yinxin.db import Database, sqlite_url
from yinxin.time_references import NoReadingError


class Moved:
    """The real clocks, that of the day moved by `by`."""

    def __init__(self):
        self.by = timedelta(0)

    def __call__(self):
        return Context.now() + self.by


@pytest.fixture
def database(tmp_path):
    database = Database(sqlite_url(tmp_path / "clock.db"))
    with database.writing() as session:
        audit_metadata.create_all(session.connection())
    yield database
    database.close()


def acts(database):
    with database.reading() as session:
        return list(session.execute(select(audit_records.c.act)).scalars())


def test_a_shift_of_little_more_than_a_second_stops_stamps_at_once_and_is_recorded(database):
    now = Moved()
    readings = [timedelta(0)]

    def reference():
        if not readings:
            raise NoReadingError
        return readings[-1]

    watch = ClockWatch(accuracy=ACCURACY, needs_reference=True)
    clock = WatchedClock(watch, [reference], database, now=now, uptime=uptime)
    assert not clock.is_sound()
    clock.check()
    assert clock.is_sound()
    now.by = timedelta(seconds=1.1)
    assert not clock.is_sound()
    readings.clear()
    clock.check()
    now.by = timedelta(0)
    clock.check()
    assert not clock.is_sound()
    readings.append(timedelta(0))
    clock.check()
    assert clock.is_sound()
    assert acts(database) == ["clock.confirmed", "clock.doubtful", "clock.confirmed"]
