"""Accounts: right secret, wrong secret, locked."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from yinxin.accounts import (
    LOCKED_FOR,
    MAX_FAILURES,
    Account,
    add_account,
    authenticate,
    find_account,
    metadata,
)
from yinxin.db import Database, sqlite_url

AT = datetime(2026, 11, 23, tzinfo=UTC)
CLERK = Account("clerk-1", "王芳", "11650000PRJ000654L", frozenset({"clerk"}))


@pytest.fixture
def session(tmp_path):
    database = Database(sqlite_url(tmp_path / "accounts.db"))
    with database.writing() as session:
        metadata.create_all(session.connection())
        add_account(session, CLERK, "right")
        yield session
    database.close()


def test_the_right_secret_gives_the_account(session: Session):
    assert authenticate(session, "clerk-1", "right", at=AT) == CLERK
    assert find_account(session, "clerk-1") == CLERK


def test_a_wrong_secret_or_unknown_account_gives_nothing(session: Session):
    assert authenticate(session, "clerk-1", "wrong", at=AT) is None
    assert authenticate(session, "clerk-2", "right", at=AT) is None
    assert find_account(session, "clerk-2") is None


def test_five_failures_lock_for_a_quarter_of_an_hour(session: Session):
    for _ in range(MAX_FAILURES):
        assert authenticate(session, "clerk-1", "wrong", at=AT) is None
    assert authenticate(session, "clerk-1", "right", at=AT + timedelta(minutes=1)) is None
    assert authenticate(session, "clerk-1", "right", at=AT + LOCKED_FOR) == CLERK


def test_a_success_forgets_earlier_failures(session: Session):
    for _ in range(3):
        for _ in range(MAX_FAILURES - 1):
            authenticate(session, "clerk-1", "wrong", at=AT)
        assert authenticate(session, "clerk-1", "right", at=AT) == CLERK


def test_adding_an_account_again_does_not_change_its_secret(session: Session):
    add_account(session, CLERK, "other")
    assert authenticate(session, "clerk-1", "right", at=AT) == CLERK
