"""Minting in batches beside minting one by one: rate, split, and what both leave in memory.

A whole service stands behind it: SQLite with full synchronisation, encrypted files, audit,
timestamps, log, our own verifier on every file. OFD, PDF and code are all made.
"""

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
from rich.table import Table

from benchmarks.timing import console
from issuance import applications, mint, review
from issuance.batches import deciding, minting, receiving, repository
from issuance.batches.rows import BatchState, Form
from issuance.batches.running import BatchRunner
from issuance.ports import Actor
from issuance.register_rows import OFD_AND_PDF, OFD_ONLY
from yinxin.context import Context, open_context
from yinxin.demonstration.setting_up import set_up
from yinxin.demonstration.story import EXAMPLES
from yinxin.settings import Settings

KIND, MARKET = "business_licence", "11650000PRJ000654L"
LINES = 150
SIZES = (50, 100, 200)
CLERK = Actor("clerk", "", MARKET, frozenset({"clerk"}))
REVIEWER = Actor("reviewer", "", MARKET, frozenset({"reviewer"}))
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def run() -> None:
    """Print rates and memory."""
    with tempfile.TemporaryDirectory() as folder:
        context = open_context(Settings(data_directory=Path(folder), demonstration=True))
        context.batches.stop()
        set_up(context)
        try:
            _show(context)
        finally:
            context.close()


def _show(context: Context) -> None:
    _run_batch(context, 0, 10)  # fonts, layouts and chains are read once
    one_by_one = _rate(LINES, lambda: _one_by_one(context, 1000, LINES))
    spent = _split()
    batch = _rate(LINES, lambda: _run_batch(context, 2000, LINES))
    whole = dict(spent)
    plain = _rate(LINES, lambda: _run_batch(context, 2500, LINES, forms=OFD_ONLY))
    table = Table(title="Minting whole licences (OFD, PDF, code)", title_justify="left")
    for heading in ("what", "licences per second", "ratio"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    table.add_row("one by one: apply, review, mint", f"{one_by_one:,.1f}", "1.00")
    table.add_row("in a batch", f"{batch:,.1f}", f"{batch / one_by_one:.2f}")
    table.add_row("in a batch, OFD only", f"{plain:,.1f}", f"{plain / one_by_one:.2f}")
    console.print(table)
    for name in spent:
        with_pdf, without = whole[name] * batch, (spent[name] - whole[name]) * plain
        console.print(
            f"  of a batch, {name}: {with_pdf / LINES:.0%}; OFD only: {without / LINES:.0%}"
        )
    _show_growth(context)


def _show_growth(context: Context) -> None:
    table = Table(title="Batches of growing size", title_justify="left")
    for heading in ("lines", "ms of processor a licence", "resident, MB"):
        table.add_column(heading, justify="right")
    process = psutil.Process()
    for place, size in enumerate(SIZES):
        before = time.process_time()
        _run_batch(context, 3000 + 1000 * place, size)
        spent = time.process_time() - before
        resident = process.memory_info().rss / 1024 / 1024
        table.add_row(str(size), f"{1000 * spent / size:.1f}", f"{resident:.0f}")
    console.print(table)


def _rate(count: int, work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return count / (time.perf_counter() - start)


def _split() -> dict[str, float]:
    """Count, from now on, the seconds spent in the steps of minting a chunk."""
    spent: dict[str, float] = {}
    for name, function in (
        ("planning", "_plan"),
        ("rendering, signing and our own verifier", "make_files"),
        ("storing files and register rows", "record_sealed"),
        ("log entry", "log_editions"),
        ("publishing", "publish"),
    ):
        spent[name] = 0.0
        setattr(minting, function, _counted(getattr(minting, function), spent, name))
    return spent


def _counted(work: Callable[..., object], spent: dict[str, float], name: str) -> object:
    def counted(*arguments: object, **members: object) -> object:
        start = time.perf_counter()
        try:
            return work(*arguments, **members)
        finally:
            spent[name] += time.perf_counter() - start

    return counted


def _one_by_one(context: Context, first: int, count: int) -> None:
    services, at = context.issuance, context.now()
    for number in range(first, first + count):
        with context.database.writing() as session:
            application = applications.submit(
                session,
                services,
                kind_name=KIND,
                data=_company(number),
                idempotency_key=f"bench-{number}",
                actor=CLERK,
                at=at,
            )
        with context.database.writing() as session:
            review.review(
                session,
                services,
                application.id,
                review.Decision.APPROVE,
                reason=None,
                actor=REVIEWER,
                at=at,
            )
        with context.database.writing() as session:
            mint.mint(session, services, application.id, actor=CLERK, at=at)


def _run_batch(context: Context, first: int, count: int, *, forms: str = OFD_AND_PDF) -> None:
    services, at = context.issuance, context.now()
    runner = BatchRunner(services, context.database.writing)
    entries = (json.dumps(_company(number)) for number in range(first, first + count))
    content = "\n".join(entries).encode()

    async def chunks() -> AsyncIterator[bytes]:
        yield content

    async def put(key: str, part: bytes) -> None:
        services.files.put(key, part)

    upload = asyncio.run(receiving.store_upload(chunks(), put))
    with context.database.writing() as session:
        batch = receiving.receive(
            session,
            services,
            upload,
            kind_name=KIND,
            form=Form.NDJSON,
            idempotency_key=f"bench-batch-{first}",
            actor=CLERK,
            at=at,
            forms=forms,
        )
    while runner.advance(at=at):
        pass
    with context.database.writing() as session:
        deciding.review_batch(
            session,
            services,
            batch.id,
            review.Decision.APPROVE,
            reason=None,
            actor=REVIEWER,
            at=at,
        )
    while runner.advance(at=at):
        pass
    with context.database.reading() as session:
        done = repository.batch(session, MARKET, batch.id)
    if done is None or done.state is not BatchState.FINISHED or done.minted != count:
        raise SystemExit(f"the batch did not finish: {done}")


def _company(number: int) -> dict[str, object]:
    fields = json.loads((EXAMPLES / f"{KIND}.json").read_text("utf-8"))["fields"]
    head = f"91650100MA{number:07d}"
    total = sum(_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(head))
    return {"fields": fields | {"uscc": head + _ALPHABET[-total % 31]}}
