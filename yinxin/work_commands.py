"""`yinxin work`: processes that mint batches beside a running service, here or elsewhere.

They need its database, its files and its keys, and serve nothing. Start and stop them as there
is work: what one of them leaves undone, the others and the service take over.
"""

import signal
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from typing import Annotated, Any

import typer

from yinxin.context import open_worker_context
from yinxin.logs import configure_logs
from yinxin.settings import Settings


def work(
    processes: Annotated[
        int, typer.Option(min=1, max=64, help="进程数，每核一个 · processes, one for each core")
    ] = 1,
) -> None:
    """批量制证工作进程 · Mint batches beside a running service, until stopped."""
    settings = Settings()
    # Started anew, not forked: a fork would share sockets and locks of threads.
    spawning = get_context("spawn")
    children = [
        spawning.Process(target=_mint_until_stopped, args=(settings,)) for _ in range(processes)
    ]
    signal.signal(signal.SIGTERM, _interrupt)
    for child in children:
        child.start()
    try:
        # One that ends by itself ends all, so that whoever watches over us starts us anew.
        wait([child.sentinel for child in children])
    except KeyboardInterrupt:
        for child in children:
            child.terminate()
            child.join()
        return
    for child in children:
        child.terminate()
        child.join()
    raise typer.Exit(1)


def _mint_until_stopped(settings: Settings) -> None:
    configure_logs()
    signal.signal(signal.SIGTERM, _interrupt)
    context = open_worker_context(settings)
    context.batches.start()
    parent = parent_process()
    try:
        wait([parent.sentinel] if parent else [])
    except KeyboardInterrupt:
        pass
    finally:
        # The chunk under way is finished first.
        context.close()


def _interrupt(_number: int, _frame: Any) -> None:
    raise KeyboardInterrupt
