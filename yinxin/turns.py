"""Whose turn it is to write, asked before a thread is taken.

One transaction writes at a time. A request that waited for that in a thread of the pool would
hold the thread; forty of them hold all, and the one that they wait for finds none to go on
in. So requests wait for their turn in the event loop, where waiting costs nothing. Between
processes the database's own lock decides, and each process has one thread that waits for it.

The same for work before the turn: a check under way needs connections of its own besides the one
that it will write with, and what it verified must not be old when its turn comes.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakKeyDictionary


class Turns:
    """Lets few requests of an event loop in at a time, in the order they came."""

    def __init__(self, at_once: int = 1) -> None:
        self._at_once = at_once
        self._gates: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = (
            WeakKeyDictionary()
        )

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for one's turn, and have it until the end of the context."""
        # A gate belongs to one loop, and an application may be served by several.
        gate = self._gates.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(self._at_once))
        async with gate:
            yield
