"""One batch of many lines, three of them bad: what a licence costs from the first to the last.

``YINXIN_BATCH_LINES=100000 python -m benchmarks long_batch``; 10,000 lines without it, OFD only,
SQLite, one process. The peer of each tenth is the first one.
"""

import asyncio
import json
import os
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
from rich.table import Table

from benchmarks.batch import CLERK, KIND, MARKET, REVIEWER, _company
from benchmarks.shares import counted
from benchmarks.timing import console
from issuance import review
from issuance.batches import deciding, receiving, repository
from issuance.batches.rows import Batch, Form, LineState
from issuance.batches.running import BatchRunner
from issuance.register_rows import OFD_ONLY
from yinxin.context import Context, open_context
from yinxin.demonstration.setting_up import set_up
from yinxin.settings import Settings

LINES = int(os.environ.get("YINXIN_BATCH_LINES", "10000"))
BAD = (7, LINES // 2, LINES - 1)
"""Numbers of the lines that are refused: a check digit, a missing value, no JSON."""
TENTHS = 10


@dataclass(frozen=True, slots=True)
class Lap:
    """A tenth of the work."""

    done: int
    seconds: float
    processor: float
    resident: float
    """MB."""


def run() -> None:
    """Print each tenth of checking and of minting, and the lines that came back."""
    with tempfile.TemporaryDirectory() as folder:
        context = open_context(Settings(data_directory=Path(folder), demonstration=True))
        context.batches.stop()
        set_up(context)
        try:
            _show(context)
        finally:
            context.close()


def _show(context: Context) -> None:
    runner = BatchRunner(context.issuance, context.database.writing)
    batch = _sent(context)
    _print("Checking", _laps(context, runner, batch.id, checking=True))
    with context.database.writing() as session:
        deciding.review_batch(
            session,
            context.issuance,
            batch.id,
            review.Decision.APPROVE,
            reason=None,
            actor=REVIEWER,
            at=context.now(),
        )
    with counted() as shares:
        _print("Minting, OFD only", _laps(context, runner, batch.id, checking=False))
    parts = (f"{name} {100 * part:.0f} %" for name, part in shares.parts().items())
    console.print(f"  of it {', '.join(parts)}")
    with context.database.reading() as session:
        done = _found(context, batch.id)
        wrong = deciding.lines_of(session, done, states=(LineState.REFUSED, LineState.FAILED))
    for line in wrong:
        for problem in line.problems:
            console.print(f"  line {line.number}: {problem.field or '-'}: {problem.zh}")
    if (done.minted, done.refused) != (LINES - len(BAD), len(BAD)):
        raise SystemExit(f"not as it should be: {done}")
    console.print(f"  {done.minted} minted, {done.refused} refused")


def _sent(context: Context) -> Batch:
    async def chunks() -> AsyncIterator[bytes]:
        for line in _lines():
            yield line

    async def put(key: str, part: bytes) -> None:
        context.files.put(key, part)

    upload = asyncio.run(receiving.store_upload(chunks(), put))
    with context.database.writing() as session:
        return receiving.receive(
            session,
            context.issuance,
            upload,
            kind_name=KIND,
            form=Form.NDJSON,
            idempotency_key="bench-long-batch",
            actor=CLERK,
            at=context.now(),
            forms=OFD_ONLY,
        )


def _lines() -> Iterator[bytes]:
    for number in range(1, LINES + 1):
        company = _company(number)
        fields = company["fields"]
        if not isinstance(fields, dict):
            raise TypeError("no fields")
        if number == BAD[0]:
            fields["uscc"] = f"{fields['uscc'][:-1]}?"
        elif number == BAD[1]:
            del fields["org_name"]
        line = json.dumps(company).encode()
        yield (b"{" if number == BAD[2] else line) + b"\n"


def _laps(context: Context, runner: BatchRunner, batch_id: str, *, checking: bool) -> Iterator[Lap]:
    process, step = psutil.Process(), max(1, LINES // TENTHS)
    before, wall, spent = 0, time.perf_counter(), time.process_time()
    goes_on = True
    while goes_on:
        goes_on = runner.advance(at=context.now())
        found = _found(context, batch_id)
        done = found.last_line if checking else found.minted + found.failed
        if done - before >= step or (not goes_on and done > before):
            now, used = time.perf_counter(), time.process_time()
            count = done - before
            resident = process.memory_info().rss / 1024 / 1024
            yield Lap(done, (now - wall) / count, (used - spent) / count, resident)
            before, wall, spent = done, now, used


def _found(context: Context, batch_id: str) -> Batch:
    with context.database.reading() as session:
        found = repository.batch(session, MARKET, batch_id)
    if found is None:
        raise SystemExit("the batch is gone")
    return found


def _print(title: str, laps: Iterator[Lap]) -> None:
    table = Table(title=title, title_justify="left")
    headings = ("up to line", "ms a line", "ms of processor", "ratio to the first", "resident, MB")
    for heading in headings:
        table.add_column(heading, justify="right")
    first = None
    for lap in laps:
        first = first or lap
        table.add_row(
            f"{lap.done:,}",
            f"{1000 * lap.seconds:.1f}",
            f"{1000 * lap.processor:.1f}",
            f"{lap.processor / first.processor:.2f}",
            f"{lap.resident:.0f}",
        )
    console.print(table)
