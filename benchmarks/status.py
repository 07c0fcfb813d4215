"""Publishing a status list of 1,048,576 slots, one in a hundred set: sizes, and 100 changes.

The peer does the same bytes by hand: the packed array, zlib, one SM2 signature, no register.
"""

import random
import tempfile
import time
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from rich.table import Table
from sqlalchemy import insert

from benchmarks.timing import console
from issuance import status_repository, tables
from issuance.ports import IssuanceServices
from issuance.signed_lists import SignedLists
from issuance.status_lists.publishing import ListForm, published_delta, published_list
from sealkit.status_delta import parse_delta
from sealkit.status_list import parse_token
from yinxin.context import Context, open_context
from yinxin.settings import Settings

SLOTS = 1 << 20
SET = SLOTS // 100
CHANGES = 100
ROUNDS = 5
ISSUER = "11650000PRJ000654L"
NAME = f"{ISSUER}-1"
AT = datetime(2026, 11, 23, 4, tzinfo=UTC)


def run() -> None:
    """Print sizes and seconds."""
    with tempfile.TemporaryDirectory() as folder:
        context = open_context(Settings(data_directory=Path(folder), demonstration=True))
        services = replace(context.issuance, status_list_slots=SLOTS, signed_lists=SignedLists())
        try:
            _fill(context)
            _show(context, services)
        finally:
            context.close()


def _fill(context: Context) -> None:
    chosen = random.Random(20261123)
    slots = chosen.sample(range(SLOTS), SET)
    place = {"issuer_code": ISSUER, "list_number": 1}
    rows = [
        place | {"slot": slot, "value": chosen.choice((1, 1, 1, 1, 1, 1, 2, 3))} for slot in slots
    ]
    changed = {"changed_at": AT.isoformat()}
    with context.database.writing() as session:
        status_repository.begin_list(session, ISSUER, 1, at=AT)
        session.execute(insert(tables.status_slots), [row | changed for row in rows])
        session.execute(
            insert(tables.status_changes),
            [row | changed | {"version": n} for n, row in enumerate(rows, 1)],
        )


def _show(context: Context, services: IssuanceServices) -> None:
    sizes: dict[str, int] = {}
    spent: dict[str, list[float]] = {}
    chosen = random.Random(7)
    for step in range(ROUNDS):
        at = AT + timedelta(minutes=10 * (step + 1))
        slots = chosen.sample(range(SLOTS), CHANGES)
        with context.database.reading() as session:
            start = status_repository.version(session, ISSUER, 1)
        name = f"{CHANGES} changes in the register"
        _time(spent, name, partial(_change, context, slots, at))
        with context.database.reading() as session:
            whole = partial(published_list, session, services, NAME, at=at)
            cwt = _time(spent, "whole list, CWT", partial(whole, ListForm.CWT))
            jwt = _time(spent, "whole list, JWT", partial(whole, ListForm.JWT))
            since = partial(published_delta, session, services, NAME, start, at=at)
            delta = _time(spent, "delta", since)
        octets = parse_token(cwt).statuses.octets
        _time(spent, "peer", partial(_by_hand, services, octets))
        assert len(parse_delta(delta).changes) == CHANGES
        sizes = {"whole list, CWT": len(cwt), "whole list, JWT": len(jwt), "delta": len(delta)}
    _print(sizes, spent)


def _change(context: Context, slots: list[int], at: datetime) -> None:
    with context.database.writing() as session:
        for slot in slots:
            status_repository.take_slot(session, ISSUER, 1, slot, at=at)
            now = status_repository.slot_value(session, ISSUER, 1, slot) or 0
            status_repository.set_slot(session, ISSUER, 1, slot, 3 - now, at=at)


def _by_hand(services: IssuanceServices, octets: bytes) -> bytes:
    return services.keys.signer("status_signer").sign(zlib.compress(octets, 9))


def _print(sizes: dict[str, int], spent: dict[str, list[float]]) -> None:
    table = Table(title=f"Status list of {SLOTS:,} slots, {SET:,} set", title_justify="left")
    for heading in ("what", "bytes", "seconds", "ratio to zlib and one signature"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    peer = min(spent["peer"])
    total = 0.0
    for name, seconds in spent.items():
        best = min(seconds)
        total += best if name not in ("peer", "whole list, JWT") else 0
        table.add_row(name, f"{sizes.get(name, 0):,}", f"{best:.3f}", f"{best / peer:.2f}")
    table.add_row("changed and published: CWT and delta", "", f"{total:.3f}", f"{total / peer:.2f}")
    console.print(table)


def _time(spent: dict[str, list[float]], name: str, work: Callable[[], bytes | None]) -> bytes:
    begins = time.perf_counter()
    made = work()
    spent.setdefault(name, []).append(time.perf_counter() - begins)
    return made or b""
