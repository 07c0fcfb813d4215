"""Notes of annotated copies: read as written, anything else refused."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit.copy_note import MAX_BYTES, CopyNote
from sealkit.errors import MalformedError
from sealkit.record import StatusSlot

NOTE = CopyNote(
    copy_id="YXC-7KQ2M9D4TPXA6RBF",
    identifier="1.2.156.3005.2.11100000000013127D001.11650000PRJ000654L.0001.001.K",
    record_digest="0f" * 32,
    kind_code="11100000000013127D001",
    kind_name="居民身份证",
    region="650000",
    issuer_code="11650000PRJ000654L",
    issuer_name="示例市公安局",
    valid_from="2026-11-20",
    valid_until="2046-11-20",
    status=StatusSlot("https://licence.example/status/1", 7),
    copy_cause="办理子女入学登记",
    recipient="示例市第三小学",
    copy_creator="张*",
    copy_create_time=datetime(2026, 11, 23, 4, tzinfo=UTC),
    copy_expiring_time=datetime(2026, 11, 24, 4, tzinfo=UTC),
)


def test_a_note_is_read_as_it_was_written():
    assert CopyNote.from_json(NOTE.to_json()) == NOTE


@pytest.mark.parametrize(
    "change",
    [
        {"type": "licence"},
        {"version": 2},
        {"copy_cause": ""},
        {"copy_cause": "x" * 600},
        {"recipient": None},
        {"recipient": "\ud800"},  # half a character: a report with it could not be written
        {"record_digest": "0F" * 32},
        {"valid_until": "20461120"},
        {"status": {"uri": "x", "index": True}},
        {"status": {"uri": "x", "index": -1}},
        {"status": []},
        {"copy_expiring_time": "2026-11-23T04:00:00Z"},
        {"copy_expiring_time": "2026-13-23T04:00:00Z"},
        {"copy_expiring_time": "2026-11-24T04:00:00+08:00"},
        {"copy_create_time": 1},
    ],
)
def test_a_note_with_a_mistake_is_refused(change):
    members = json.loads(NOTE.to_json()) | change
    with pytest.raises(MalformedError):
        CopyNote.from_json(json.dumps(members).encode())


@pytest.mark.parametrize("document", [b"", b"[]", b"\xff", b"[" * 9000, b" " * (MAX_BYTES + 1)])
def test_other_bytes_are_refused(document):
    with pytest.raises(MalformedError):
        CopyNote.from_json(document)


@given(st.binary(max_size=200), st.integers(0, 900))
def test_any_bytes_give_a_note_or_are_malformed(noise, place):
    document = NOTE.to_json()
    for content in (noise, document[:place] + noise + document[place + len(noise) :]):
        try:
            note = CopyNote.from_json(content)
        except MalformedError:
            continue
        assert CopyNote.from_json(note.to_json()) == note


def test_whole_seconds_are_kept():
    later = replace(NOTE, copy_expiring_time=datetime(2026, 12, 1, 1, 2, 3, tzinfo=UTC))
    assert CopyNote.from_json(later.to_json()) == later
