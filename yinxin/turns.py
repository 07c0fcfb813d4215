"""Whose turn it is to write, asked before a thread is taken.

One transaction writes at a time. A request that waited for that in a thread of the pool would
hold the thread; forty of them hold all, and the one that they wait for finds none to go on
in. So requests wait for their turn in the event loop, where waiting costs nothing. Between
processes the database's own lock decides, and each process has one thread that waits for it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakKeyDictionary


class Turns:
    """Lets one request of an event loop in at a time, in the order they came."""

    def __init__(self) -> None:
        self._locks: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = (
            WeakKeyDictionary()
        )

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for one's turn, and have it until the end of the context."""
        # A lock belongs to one loop, and an application may be served by several.
        lock = self._locks.setdefault(asyncio.get_running_loop(), asyncio.Lock())
        async with lock:
            yield
