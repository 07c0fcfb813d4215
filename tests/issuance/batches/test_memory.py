"""What a batch takes in memory does not grow with its lines."""

import asyncio
import tracemalloc

import pytest

from issuance.batches.reading import read_lines
from issuance.batches.receiving import PART_BYTES, store_upload
from issuance.batches.rows import Form

NDJSON = b'{"fields": {"org_name": "%s"}}\n' % (b"x" * 470)
ROW = b"%s,%s\n" % (b"x" * 240, b"y" * 240)
FEW, MANY = 5_000, 20_000
"""Lines: two and a half megabytes, and ten."""
MOST = 1.1


def peak(work):
    """Return the most bytes that were allocated at a time."""
    tracemalloc.start()
    work()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def parts(line, count):
    held = PART_BYTES // len(line)
    for start in range(0, count, held):
        yield line * min(held, count - start)


@pytest.mark.parametrize(("form", "line"), [(Form.NDJSON, NDJSON), (Form.CSV, ROW)])
def test_reading_takes_the_same_for_any_number_of_lines(form, line):
    def read(count):
        assert sum(1 for _ in read_lines(parts(line, count), form, {})) >= count - 1

    assert peak(lambda: read(MANY)) < MOST * peak(lambda: read(FEW))


def test_receiving_takes_the_same_for_any_number_of_lines():
    async def chunks(count):
        for _ in range(count // 100):
            yield NDJSON * 100

    async def put(_name, part):
        assert len(part) <= PART_BYTES

    def receive(count):
        asyncio.run(store_upload(chunks(count), put))

    assert peak(lambda: receive(MANY)) < MOST * peak(lambda: receive(FEW))
