"""A limit on what a request may carry, held while it arrives, not after."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from yinxin.problems import problem


_DRAINED_TIMES = 4


class _TooLargeError(Exception):
    """More arrived than allowed; seen only by `UploadLimit`."""


class UploadLimit:
    """Answers 413 as soon as a request body passes `max_bytes`."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting its body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._declares_too_much(scope):
            await self._refuse(scope, receive, send)
            return
        received, exceeded, started = 0, False, False

        async def counted() -> Message:
            nonlocal received, exceeded
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._max_bytes:
                exceeded = True
                raise _TooLargeError
            return message

        async def guarded(message: Message) -> None:
            nonlocal started
            # Body parsers answer 400 for anything that fails below them: say 413 instead.
            if exceeded and not started:
                return
            started = True
            await send(message)

        try:
            await self._app(scope, counted, guarded)
        except _TooLargeError:
            exceeded = True
        if exceeded and not started:
            await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 413 once the rest has arrived, or too much of it.

        A client that is still sending when the connection closes never sees the answer.
        """
        drained = 0
        while drained <= _DRAINED_TIMES * self._max_bytes:
            message = await receive()
            drained += len(message.get("body", b""))
            if message["type"] != "http.request" or not message.get("more_body", False):
                break
        await problem("request.too_large")(scope, receive, send)

    def _declares_too_much(self, scope: Scope) -> bool:
        lengths = [value for name, value in scope["headers"] if name == b"content-length"]
        return any(value.isdigit() and int(value) > self._max_bytes for value in lengths)
