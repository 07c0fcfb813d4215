"""A holder's link opens its licence until it expires, and the database cannot rebuild it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from yinxin import holder_links
from yinxin.db import Database, sqlite_url
from yinxin.holder_links import LIFE, HolderLink

AT = datetime(2026, 11, 23, tzinfo=UTC)
LINK = HolderLink("11650000PRJ000654L", "0000000001")


@pytest.fixture
def session(tmp_path):
    database = Database(sqlite_url(tmp_path / "links.db"))
    with database.writing() as session:
        holder_links.metadata.create_all(session.connection())
        yield session
    database.close()


def test_a_link_opens_until_it_expires(session):
    token = holder_links.create(session, LINK, at=AT)
    assert holder_links.find(session, token, at=AT + LIFE - timedelta(seconds=1)) == LINK
    assert holder_links.find(session, token, at=AT + LIFE) is None


def test_tokens_differ_and_only_their_hash_is_kept(session):
    tokens = [holder_links.create(session, LINK, at=AT) for _ in range(2)]
    assert tokens[0] != tokens[1]
    assert not any(t in str(session.execute(select(holder_links.links)).all()) for t in tokens)


@pytest.mark.parametrize("token", ["", "x", "印", "x" * 1000])
def test_other_tokens_open_nothing(session, token):
    holder_links.create(session, LINK, at=AT)
    assert holder_links.find(session, token, at=AT) is None
