"""OCSP answers: served as signed in advance, signed when asked, and signed in bulk.

Requests go into the ASGI application itself, some at a time, so that no client and no socket
shares the core with it. An endpoint that does nothing stands beside, in the same run.
"""

import asyncio
import base64
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Response

from benchmarks.timing import Rate, console, measure, show
from ca.revocation_answers import presigning
from sealkit.asn1 import ocsp
from yinxin.app import create_app
from yinxin.context import Context, open_context
from yinxin.logs import configure_logs
from yinxin.settings import Settings

AT_A_TIME = 16
SLICE_SECONDS = 0.5
SLICES = 6
NAMES = ("receipt", "log", "seal_maker", "timestamp", "token", "pdf_signer")

Question = tuple[str, str, bytes]
"""Method, path, body."""
EMPTY: Question = ("GET", "/empty", b"")


def empty_application() -> FastAPI:
    """Return an application whose one endpoint returns nothing."""
    app = FastAPI()
    add_empty_endpoint(app)
    return app


def add_empty_endpoint(app: FastAPI) -> None:
    """Add the endpoint that returns nothing."""

    @app.get("/empty")
    async def empty() -> Response:
        return Response()


async def ask(app: Callable[..., Any], question: Question) -> int:
    """Put one request into the application; return the status."""
    method, path, body = question
    status = 0
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": quote(path, safe="/=%").encode(),
        "query_string": b"",
        "headers": [
            (b"host", b"localhost"),
            (b"content-type", b"application/ocsp-request"),
            (b"content-length", str(len(body)).encode()),
        ],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status
        status = message.get("status", status)

    await app(scope, receive, send)
    return status


async def served(app: Callable[..., Any], questions: list[Question]) -> float:
    """Return how many requests a second are answered, the best of some slices."""
    best = 0.0
    for _ in range(SLICES):
        count, end = 0, time.perf_counter() + SLICE_SECONDS
        start = time.perf_counter()

        async def worker(number: int, end: float = end) -> int:
            done = 0
            while time.perf_counter() < end:
                status = await ask(app, questions[(number + done) % len(questions)])
                if status != 200:
                    raise RuntimeError(f"answered {status}")
                done += 1
            return done

        count = sum(await asyncio.gather(*map(worker, range(AT_A_TIME))))
        best = max(best, count / (time.perf_counter() - start))
    return best


def questions_of(context: Context) -> tuple[list[Question], list[Question]]:
    """Return questions that are answered from the store, and such that are signed now."""
    issuer = context.keystore.certificate("sub_ca")
    plain: list[Question] = []
    with_nonce: list[Question] = []
    for name in NAMES:
        identifier = ocsp.certificate_id(issuer, context.keystore.certificate(name).serial)
        text = base64.b64encode(ocsp.build_request([identifier])).decode()
        plain.append(("GET", f"/ocsp/{text}", b""))
        with_nonce.append(("POST", "/ocsp", ocsp.build_request([identifier], nonce=b"n" * 32)))
    return plain, with_nonce


def run() -> None:
    """Print the table."""
    configure_logs(quiet=True)
    with tempfile.TemporaryDirectory() as folder:
        context = open_context(Settings(data_directory=Path(folder)))
        try:
            _measure(context)
        finally:
            context.close()


def _measure(context: Context) -> None:
    app = create_app(context)
    stored, live = questions_of(context)
    responder = context.keystore.signer("ocsp")
    authority = context.revocation.responder.authorities[0]
    at = context.now()
    one = presigning.Due((context.keystore.certificate("receipt").serial,), {})
    forms = len(presigning.FORMS)
    batch = measure("one batch", lambda: presigning.sign(authority, one, at=at))
    raw = measure("raw SM2 sign, verified", lambda: responder.sign(b"message"))
    empty = Rate(
        "empty FastAPI endpoint",
        asyncio.run(served(empty_application(), [EMPTY])),
    )
    add_empty_endpoint(app)
    rates = [
        empty,
        Rate("the same within our application", asyncio.run(served(app, [EMPTY]))),
        Rate("OCSP, GET, signed in advance", asyncio.run(served(app, stored))),
        Rate("OCSP, POST with nonce, signed now", asyncio.run(served(app, live))),
    ]
    show("OCSP over ASGI, one process", rates, against=empty)
    bulk = Rate("answers signed in bulk", batch.per_second * forms)
    question = live[0][2]

    def answer() -> None:
        with context.database.reading() as session:
            context.revocation.responder.answer(session, question, at=at)

    alone = measure("answer signed now, without HTTP", answer)
    show("OCSP answers and their signature", [raw, bulk, alone, rates[-1]], against=raw)
    console.print(f"{forms} answers are signed for each certificate")
