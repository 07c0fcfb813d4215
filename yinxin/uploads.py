"""A limit on what a request may carry, held while it arrives, not after."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from yinxin.problems import problem


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
            await problem("request.too_large")(scope, receive, send)
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
            await problem("request.too_large")(scope, receive, send)

    def _declares_too_much(self, scope: Scope) -> bool:
        lengths = [value for name, value in scope["headers"] if name == b"content-length"]
        return any(value.isdigit() and int(value) > self._max_bytes for value in lengths)
