"""Running the service: for good (`serve`), or beside the caller (`running`)."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from rich.console import Console

from yinxin.app import create_app
from yinxin.context import Context, open_context
from yinxin.settings import Settings

_START_SECONDS = 30


def serve(settings: Settings, console: Console) -> None:
    """Open the context, make demonstration data if asked for, and serve until stopped."""
    if settings.demonstration:
        from yinxin.demonstration.story import prepare

        prepare(settings, console)
    context = open_context(settings)
    address = f"http://{settings.host}:{settings.port}"
    console.print(f"[bold]印信[/] {address}   核验 {address}/verify   接口 {address}/docs")
    try:
        uvicorn.run(
            create_app(context),
            host=settings.host,
            port=settings.port,
            log_level="warning",
            server_header=False,
        )
    finally:
        context.close()


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
