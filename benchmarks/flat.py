"""Whether a question costs more when the register is larger: processor time, not rates.

Requests go into the ASGI application one after the other, SQLite below; between them raw SM2
verifications are timed, and a request's processor time is given in those. So the figure holds
on a machine that others use too. `YINXIN_LOAD_ROWS` as for `benchmarks.load`.
"""

import asyncio
import json
import os
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any, Final

from fastapi import FastAPI
from rich.table import Table

from benchmarks.arithmetic import DIGEST
from benchmarks.load import minted, question, token_of
from benchmarks.register_rows import fill
from benchmarks.timing import console
from sealkit.sm import backend
from sealkit.sm.sm2 import SM2PrivateKey
from yinxin.app import create_app
from yinxin.context import open_context
from yinxin.logs import configure_logs
from yinxin.serving import free_port, running
from yinxin.settings import Settings

ROUNDS: Final = 8
REQUESTS: Final = 25
VERIFICATIONS: Final = 300

Asked = tuple[str, dict[str, Any]]
_cases = count()


def run() -> None:
    """Print the table."""
    configure_logs(quiet=True)
    sizes = [int(one) for one in os.environ.get("YINXIN_LOAD_ROWS", "10000,1000000").split(",")]
    table = Table(title="Processor time of a request, in raw SM2 verifications")
    for heading in ("what", *(f"{rows:,} rows" for rows in sizes)):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    found: dict[str, list[str]] = {"POST /v1/verify, a code": [], "POST /v1/checks": []}
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_directory=Path(folder), port=free_port(), demonstration=True)
        code = minted(settings)
        context = open_context(settings)
        app = create_app(context)
        with running(context) as address:
            token = token_of(address, "case-officer")
        asked: dict[str, Callable[[], Asked]] = {
            "POST /v1/verify, a code": lambda: ("/v1/verify", {"text": code}),
            "POST /v1/checks": lambda: ("/v1/checks", question(f"FLAT-{next(_cases)}")),
        }
        for before, rows in zip((0, *sizes), sizes, strict=False):
            with context.database.writing() as session:
                fill(session.connection(), rows, after=before)
            for name, ask in asked.items():
                found[name].append(f"{_cost(app, ask, token):.1f}")
        context.close()
    for name, costs in found.items():
        table.add_row(name, *costs)
    console.print(table)


def _cost(app: FastAPI, ask: Callable[[], Asked], token: str) -> float:
    key = SM2PrivateKey.generate()
    handle = backend.load_private(key.scalar, key.public_key.point)
    signature = handle.sign(DIGEST)
    costs = []
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in range(VERIFICATIONS):
            handle.verify(DIGEST, signature)
        middle = time.process_time()
        asyncio.run(_put(app, [ask() for _ in range(REQUESTS)], token))
        one = (time.process_time() - middle) / REQUESTS
        costs.append(one / ((middle - start) / VERIFICATIONS))
    return median(costs)


async def _put(app: FastAPI, questions: list[Asked], token: str) -> None:
    for path, members in questions:
        await _put_one(app, path, json.dumps(members, ensure_ascii=False).encode(), token)


async def _put_one(app: FastAPI, path: str, body: bytes, token: str) -> None:
    status = 0
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [
            (b"host", b"localhost"),
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            *([(b"authorization", b"Bearer " + token.encode())] if path == "/v1/checks" else ()),
        ],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status
        status = message.get("status", status)

    await app(scope, receive, send)  # type: ignore[arg-type]  # the protocol's own dictionaries
    if status not in (200, 201):
        raise RuntimeError(f"{path} answers {status}")
