"""Files of batches are erased when their time is over; what became of each line stays."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from issuance.batches import receiving
from issuance.batches.erasing import SYSTEM, erase_files
from issuance.batches.receiving import PART_BYTES, part_key
from issuance.batches.refusals import refusals_csv, refusals_workbook
from issuance.batches.rows import BatchState, LineState
from issuance.errors import BatchFileErasedError, IdempotencyConflictError
from issuance.review import Decision
from tests.issuance.batches.test_running import Batches, company, ndjson
from tests.issuance.world import AT, clerk
from yinxin.audit import audit_records
from yinxin.files import FileNotStoredError

KEPT = timedelta(days=90)


@pytest.fixture
def batches(world):
    return Batches(world)


@pytest.fixture
def checked(batches):
    """A batch with one good line and one that is refused, which waits for its review."""
    bad = company(2)
    bad["fields"]["uscc"] = "91650100MA7BT00030"
    batch = batches.send(ndjson([company(1), bad]))
    batches.run()
    return batch


def erase(batches, *, after):
    with batches.world.writing() as session:
        return erase_files(session, batches.world.services, kept=KEPT, at=AT + after)


def stored(batches, batch_id, parts=1):
    files = batches.world.services.files
    found = 0
    for part in range(parts):
        try:
            files.get(part_key(batch_id, part + 1))
            found += 1
        except FileNotStoredError:
            pass
    return found


def test_a_file_is_erased_after_its_time_and_results_stay(batches, checked):
    batches.review(checked)
    batches.run()
    assert erase(batches, after=KEPT) == 0
    assert stored(batches, checked.id) == 1
    assert erase(batches, after=KEPT + timedelta(seconds=1)) == 1
    assert stored(batches, checked.id) == 0
    assert erase(batches, after=KEPT * 2) == 0
    done = batches.now(checked)
    assert (done.state, done.minted, done.refused) == (BatchState.FINISHED, 1, 1)
    assert done.file_erased_at == AT + KEPT + timedelta(seconds=1)
    lines = batches.lines(checked)
    assert [line.state for line in lines] == [LineState.MINTED, LineState.REFUSED]
    with batches.world.writing() as session:
        services = batches.world.services
        assert "uscc" in refusals_csv(session, services, done).decode()
        with pytest.raises(BatchFileErasedError):
            refusals_workbook(session, services, done, actor=clerk(), at=AT)
        query = select(audit_records.c.actor, audit_records.c.subject)
        rows = session.execute(query.where(audit_records.c.act == "batch.file_erased")).all()
    assert [tuple(row) for row in rows] == [(SYSTEM, checked.id)]


def test_the_same_file_sent_again_is_still_the_same_batch(batches, checked):
    batches.review(checked, Decision.REJECT, reason="重复报送")
    erase(batches, after=KEPT * 2)
    bad = company(2)
    bad["fields"]["uscc"] = "91650100MA7BT00030"
    assert batches.send(ndjson([company(1), bad])).id == checked.id


def test_a_batch_that_nobody_reviewed_can_be_minted_after_its_file_is_gone(batches, checked):
    assert erase(batches, after=KEPT * 2) == 1
    batches.review(checked)
    batches.run()
    assert batches.now(checked).minted == 1


def test_a_batch_under_way_keeps_its_file(batches, checked):
    unread = batches.send(ndjson([company(3)]), key="batch-0002")
    batches.review(checked)
    assert erase(batches, after=KEPT * 2) == 0
    assert (stored(batches, unread.id), stored(batches, checked.id)) == (1, 1)


def test_an_upload_that_breaks_off_leaves_no_part_behind(world):
    kept = {}

    async def chunks():
        yield bytes(2 * PART_BYTES + 1)
        raise ConnectionResetError

    async def put(key, part):
        kept[key] = part

    with pytest.raises(ConnectionResetError):
        asyncio.run(receiving.store_upload(chunks(), put, forget=kept.pop))
    assert kept == {}


def test_parts_that_no_batch_comes_to_own_are_removed(batches, monkeypatch):
    first = batches.send(ndjson([company(1)]))
    uploads = []
    whole = receiving.store_upload

    async def noted(chunks, put):
        uploads.append(await whole(chunks, put))
        return uploads[-1]

    monkeypatch.setattr(receiving, "store_upload", noted)
    batches.send(ndjson([company(1)]))
    with pytest.raises(IdempotencyConflictError):
        batches.send(ndjson([company(2)]))
    assert [stored(batches, upload.batch_id) for upload in uploads] == [0, 0]
    assert stored(batches, first.id) == 1
