"""Running the service: for good (`serve`), or beside the caller (`running`).

With several workers the process that was called keeps the background work to itself: batches,
revocation lists, the audit chain's heads, plans left from before. It serves nothing; each
worker is a process of its own that serves, and gathers trust material for itself. What is
remembered in a process only, such as how often a client guessed, counts for each worker.
"""

import json
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from rich.console import Console
from starlette.types import ASGIApp, Receive, Scope, Send

from yinxin.app import create_app
from yinxin.context import Context, open_context, open_worker_context
from yinxin.logs import configure_logs
from yinxin.settings import Settings

_START_SECONDS = 30
"""Also how long a worker may be too busy to say that it lives; of five seconds, which are usual,
a machine under load takes more to start one, and would start it again and again."""


def serve(settings: Settings, console: Console, *, workers: int = 1) -> None:
    """Open the context, make demonstration data if asked for, and serve until stopped."""
    if settings.demonstration:
        from yinxin.demonstration.story import prepare

        prepare(settings, console)
    context = open_context(settings)
    address = f"http://{settings.host}:{settings.port}"
    console.print(f"[bold]印信[/] {address}   核验 {address}/verify   接口 {address}/docs")
    try:
        if workers > 1:
            _serve_with(workers, settings)
        else:
            _run(create_app(context), settings)
    finally:
        context.close()


def worker() -> ASGIApp:
    """Return the application of one worker process; its settings are in the environment."""
    configure_logs()
    context = open_worker_context(Settings())
    application = create_app(context)

    async def serving(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await application(scope, receive, send)
            return
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        context.close()
        await send({"type": "lifespan.shutdown.complete"})

    return serving


def _serve_with(workers: int, settings: Settings) -> None:
    # Workers are started anew, not forked: a fork would share sockets and locks of threads.
    for name, value in settings.model_dump(mode="json", exclude_unset=True).items():
        written = value if isinstance(value, str) else json.dumps(value)
        os.environ[f"YINXIN_{name.upper()}"] = written
    _run(
        "yinxin.serving:worker",
        settings,
        factory=True,
        workers=workers,
        timeout_worker_healthcheck=_START_SECONDS,
    )


def _run(application: ASGIApp | str, settings: Settings, **how: Any) -> None:
    uvicorn.run(
        application,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        server_header=False,
        **how,
    )


def free_port() -> int:
    """Return a loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(context: Context) -> Iterator[str]:
    """Serve `context` from a thread on its settings' port; yield the address."""
    configuration = uvicorn.Config(
        create_app(context),
        host=context.settings.host,
        port=context.settings.port,
        log_level="error",
        server_header=False,
    )
    server = _Server(configuration)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    if not server.ready.wait(_START_SECONDS):
        raise RuntimeError("the service did not start")
    try:
        yield f"http://{context.settings.host}:{context.settings.port}"
    finally:
        server.should_exit = True
        thread.join(_START_SECONDS)


class _Server(uvicorn.Server):
    def __init__(self, configuration: uvicorn.Config) -> None:
        super().__init__(configuration)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()
