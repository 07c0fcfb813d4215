"""What caches are told: a minute at most, never past the end, and 304 for the same bytes only."""

from datetime import UTC, datetime, timedelta

import pytest

from ca.revocation_answers.http_caching import MAX_AGE, entity_tag, headers, is_unchanged

AT = datetime(2026, 11, 23, 8, 30, 15, 250_000, tzinfo=UTC)
SINCE = datetime(2026, 11, 23, 8, 0, 0, tzinfo=UTC)


def told(content=b"answer", until=AT + timedelta(days=1)):
    return headers(content, at=AT, this_update=SINCE, next_update=until)


def unchanged(**asked):
    return is_unchanged({name.replace("_", "-"): text for name, text in asked.items()}, told())


def test_answer_is_kept_for_a_minute():
    found = told()
    assert found["Cache-Control"] == f"public, max-age={MAX_AGE.seconds}, must-revalidate"
    assert found["Last-Modified"] == "Mon, 23 Nov 2026 08:00:00 GMT"
    assert found["Expires"] == "Mon, 23 Nov 2026 08:31:15 GMT"


def test_answer_is_not_kept_past_its_end():
    assert "max-age=7," in told(until=AT + timedelta(seconds=7))["Cache-Control"]
    assert "max-age=0," in told(until=AT - timedelta(seconds=7))["Cache-Control"]


TAG = entity_tag(b"answer")


@pytest.mark.parametrize("tags", [TAG, f'W/{TAG}, "x"', f'"x",{TAG}', "*"])
def test_same_bytes_are_unchanged(tags):
    assert unchanged(if_none_match=tags)


def test_other_bytes_are_changed():
    assert not unchanged(if_none_match=entity_tag(b"other"))
    assert not unchanged(if_none_match="")
    assert not unchanged()


def test_date_alone_is_no_proof_that_nothing_changed():
    """An answer can change within the second that a date can tell."""
    assert not unchanged(if_modified_since="Mon, 23 Nov 2026 08:00:00 GMT")
