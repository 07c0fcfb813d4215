"""The audit chain says which row was touched."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, update

from yinxin.audit import AuditChain, AuditFault, audit_records, find_fault, metadata
from yinxin.db import Database, sqlite_url

AT = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def database(tmp_path):
    database = Database(sqlite_url(tmp_path / "audit.db"))
    with database.writing() as session:
        metadata.create_all(session.connection())
        for number in range(5):
            AuditChain().record(
                session,
                actor="clerk-1",
                act="licence.mint",
                subject=f"licence-{number}",
                at=AT,
                detail={"kind": "营业执照"},
            )
    yield database
    database.close()


def test_an_untouched_chain_holds(database):
    with database.reading() as session:
        assert find_fault(session) is None


@pytest.mark.parametrize(
    ("touch", "fault"),
    [
        (
            update(audit_records).where(audit_records.c.sequence == 3).values(actor="someone"),
            AuditFault(3, "changed"),
        ),
        (delete(audit_records).where(audit_records.c.sequence == 3), AuditFault(3, "missing")),
        (
            update(audit_records).where(audit_records.c.sequence == 4).values(previous=bytes(32)),
            AuditFault(4, "unlinked"),
        ),
    ],
)
def test_a_touched_row_is_named(database, touch, fault):
    with database.writing() as session:
        session.execute(touch)
    with database.reading() as session:
        assert find_fault(session) == fault


def test_an_act_that_fails_leaves_no_record(database):
    with pytest.raises(ZeroDivisionError), database.writing() as session:
        AuditChain().record(
            session, actor="clerk-1", act="licence.mint", subject="x", at=AT, detail={}
        )
        raise ZeroDivisionError
    with database.reading() as session:
        assert session.query(audit_records).count() == 5
