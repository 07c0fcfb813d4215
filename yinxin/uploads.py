"""A limit on what a request may carry, held while it arrives, not after."""

import asyncio
from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from yinxin.problems import PageFor, problem, problem_document

MAX_MEMBERS_BYTES: Final = 6 * 1024 * 1024
"""Of a body that is no form with files: an application with its photographs has three. JSON
becomes objects of up to twenty times its size before anybody asks who sent it."""
_READ_TIMES_THE_LIMIT: Final = 4
"""How much of a refused request is read before it is answered."""
_SILENT_SECONDS: Final = 1
"""How long to wait for more of it."""


class _TooLargeError(Exception):
    """More arrived than allowed; seen only by `UploadLimit`."""


class _Body:
    """The body of one request as it arrives, counted."""

    def __init__(self, receive: Receive, max_bytes: int) -> None:
        self._receive = receive
        self._max_bytes = max_bytes
        self._received = 0
        self._ended = False
        self.exceeded = False

    async def receive(self) -> Message:
        """Return the next message.

        Raises:
            _TooLargeError: when the body passes the limit.
        """
        message = await self._next()
        if self._received > self._max_bytes:
            self.exceeded = True
            raise _TooLargeError
        return message

    async def drain(self) -> None:
        """Read on to the end, or to some times the limit, as long as something arrives.

        A client that is still sending when the connection closes never sees the answer;
        one that waits for the answer before it sends gets it after a moment.
        """
        while not self._ended and self._received <= _READ_TIMES_THE_LIMIT * self._max_bytes:
            try:
                await asyncio.wait_for(self._next(), _SILENT_SECONDS)
            except TimeoutError:
                return

    async def _next(self) -> Message:
        message = await self._receive()
        self._received += len(message.get("body", b""))
        self._ended = not message.get("more_body", False)
        return message


class UploadLimit:
    """Answers 413 when a request body passes `max_bytes`, or what its path is allowed.

    Without a path of its own, only a form may carry more than `MAX_MEMBERS_BYTES`.
    """

    def __init__(
        self,
        app: ASGIApp,
        max_bytes: int,
        for_path: Mapping[str, int] | None = None,
        page_for: PageFor | None = None,
    ) -> None:
        self._app = app
        self._page_for = page_for
        self._max_bytes = max_bytes
        self._for_path = for_path or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting its body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        max_bytes = self._for_path.get(scope["path"], self._allowed(scope))
        body, started = _Body(receive, max_bytes), False

        async def guarded(message: Message) -> None:
            nonlocal started
            # Body parsers answer 400 for anything that fails below them: say 413 instead.
            if body.exceeded and not started:
                return
            started = True
            await send(message)

        if not _declares_more(scope, max_bytes):
            try:
                await self._app(scope, body.receive, guarded)
            except _TooLargeError:
                body.exceeded = True
            if not body.exceeded or started:
                return
        await body.drain()
        await self._refusal(scope)(scope, receive, send)

    def _refusal(self, scope: Scope) -> ASGIApp:
        code = "request.too_large"
        page = self._page_for and self._page_for(Request(scope), problem_document(code))
        return page or problem(code)

    def _allowed(self, scope: Scope) -> int:
        kinds = [value for name, value in scope["headers"] if name == b"content-type"]
        # The first one is what body parsers go by.
        is_form = bool(kinds) and kinds[0].strip().lower().startswith(b"multipart/form-data")
        return self._max_bytes if is_form else min(self._max_bytes, MAX_MEMBERS_BYTES)


def _declares_more(scope: Scope, max_bytes: int) -> bool:
    lengths = [value for name, value in scope["headers"] if name == b"content-length"]
    return any(value.isdigit() and int(value) > max_bytes for value in lengths)
