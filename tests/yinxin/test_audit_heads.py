"""A chain computed anew, or cut off, is told from the one that was signed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, insert, select, update

from ca.keystore import FileKeystore
from yinxin.audit import AuditChain, AuditFault, audit_records, metadata
from yinxin.audit_heads import audit_heads, find_audit_fault, sign_head
from yinxin.db import Database, sqlite_url

KEYSTORE = FileKeystore(Path("keys_dev/650000"))
SIGNER, KEY = KEYSTORE.signer("audit"), KEYSTORE.certificate("audit").sm2_key
AT = datetime(2026, 11, 23, tzinfo=UTC)


def record(session, number):
    AuditChain().record(
        session, actor="clerk", act="licence.mint", subject=f"licence-{number}", at=AT, detail={}
    )


@pytest.fixture
def database(tmp_path):
    database = Database(sqlite_url(tmp_path / "audit.db"))
    with database.writing() as session:
        metadata.create_all(session.connection())
        for hour in range(3):
            for number in range(4):
                record(session, 10 * hour + number)
            assert sign_head(session, SIGNER, at=AT + timedelta(hours=hour))
    yield database
    database.close()


def fault(database, key=KEY):
    with database.reading() as session:
        return find_audit_fault(session, key)


def test_an_untouched_chain_holds_and_a_quiet_hour_needs_no_head(database):
    assert fault(database) is None
    with database.writing() as session:
        assert not sign_head(session, SIGNER, at=AT + timedelta(hours=9))
        record(session, 99)
    assert fault(database) is None


def test_a_chain_computed_anew_is_not_the_one_that_was_signed(database):
    with database.writing() as session:
        session.execute(delete(audit_records))
        for number in range(12):
            record(session, f"other-{number}")
    assert fault(database) == AuditFault(4, "rewritten")


def test_a_chain_cut_off_at_its_end_is_noticed(database):
    with database.writing() as session:
        session.execute(delete(audit_records).where(audit_records.c.sequence > 10))
    assert fault(database) == AuditFault(12, "cut_off")


@pytest.mark.parametrize(
    "values", [{"signature": bytes(64)}, {"digest": bytes(32)}, {"signed_at": AT.isoformat()}]
)
def test_a_forged_head_is_noticed(database, values):
    with database.writing() as session:
        session.execute(update(audit_heads).where(audit_heads.c.sequence == 8).values(**values))
    assert fault(database) == AuditFault(8, "head_forged")


def test_a_head_of_another_key_is_forged(database):
    assert fault(database, KEYSTORE.certificate("receipt").sm2_key).defect == "head_forged"


def test_a_changed_row_is_named_before_any_head(database):
    with database.writing() as session:
        touched = update(audit_records).where(audit_records.c.sequence == 2)
        session.execute(touched.values(actor="nobody"))
    assert fault(database) == AuditFault(2, "changed")


def test_rows_of_two_exchanged_are_named(database):
    with database.writing() as session:
        rows = session.execute(
            select(audit_records).where(audit_records.c.sequence.in_((5, 6)))
        ).mappings()
        five, six = (dict(row) for row in rows)
        session.execute(delete(audit_records).where(audit_records.c.sequence.in_((5, 6))))
        session.execute(insert(audit_records), [five | {"sequence": 6}, six | {"sequence": 5}])
        assert session.execute(select(func.count()).select_from(audit_records)).scalar() == 12
    assert fault(database).sequence == 5
