"""0017: what the lists say when changes begin to be kept are their first changes."""

from datetime import UTC, date, datetime, timedelta

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from issuance import status_repository
from issuance.status_lists import day_repository
from yinxin.db import MIGRATIONS, Database, sqlite_url

ISSUER = "11650000PRJ000654L"
SLOTS = [(7, 2, "2026-11-02"), (3, 1, "2026-11-01"), (9, 0, "2026-10-01")]


def migrate(database, revision, step=command.upgrade):
    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS))
    with database.writing() as session:
        configuration.attributes["connection"] = session.connection()
        step(configuration, revision)


def test_the_past_begins_with_what_is_known_of_it(tmp_path):
    database = Database(sqlite_url(tmp_path / "yinxin.db"))
    migrate(database, "0016")
    with database.writing() as session:
        for slot, value, day in SLOTS:
            row = {"issuer": ISSUER, "slot": slot, "value": value, "at": f"{day}T00:00:00+00:00"}
            session.execute(
                text("INSERT INTO status_slots VALUES (:issuer, 1, :slot, :value, :at)"), row
            )
    begins = datetime.now(UTC)
    migrate(database, "head")
    with database.writing() as session:
        assert status_repository.version(session, ISSUER, 1) == 2
        assert status_repository.changes_between(session, ISSUER, 1, 0, 1) == {3: 1}
        assert status_repository.changes_between(session, ISSUER, 1, 0, 2) == {3: 1, 7: 2}
        assert status_repository.newest_list(session, ISSUER) == (1, len(SLOTS))
        ((issuer, number, since),) = day_repository.beginnings(session)
        assert (issuer, number) == (ISSUER, 1)
        assert begins <= since <= datetime.now(UTC)
        assert status_repository.version_before(session, ISSUER, 1, begins) is None
        later = since + timedelta(seconds=1)
        assert status_repository.version_before(session, ISSUER, 1, later) == 2
        assert day_repository.days_frozen(session, ISSUER, 1) == frozenset()
        assert day_repository.frozen_day(session, ISSUER, 1, date(2026, 11, 1)) is None
    migrate(database, "0016", command.downgrade)
    migrate(database, "head")
    database.close()
