"""Bodies of requests, read up to a bound: nobody fills the memory."""

from fastapi import Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.clickup.webhook import PATH as WEBHOOK_PATH
from app.http.problems import problem

LARGEST_BODY_BYTES = 64 * 1024


class BodyLimit:
    """Reads a request's body before the application does, and answers 413 for one that is too large.

    It stands behind the guard, so nothing is read of who may not ask. Deliveries are left alone: their route
    reads as much as the signature is worth.
    """

    def __init__(self, app: ASGIApp, largest: int = LARGEST_BODY_BYTES) -> None:
        self._app = app
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes it on with its body. Raises ClientDisconnect for who hangs up before its end."""
        if scope["type"] != "http" or scope["path"] == WEBHOOK_PATH or not _has_body(scope):
            await self._app(scope, receive, send)
            return
        is_whole = _declared_bytes(scope) <= self._largest
        if is_whole:
            body, is_whole = await read_body(Request(scope, receive), self._largest)
        if is_whole:
            await self._app(scope, _replay(body, receive), send)
        else:
            sentence = f"a body has no more than {self._largest:,} bytes here"
            await problem(scope, 413, sentence)(scope, receive, send)


async def read_body(request: Request, most: int) -> tuple[bytes, bool]:
    """The raw body up to so many bytes, and whether that is all of it.

    Raises ClientDisconnect for whoever hangs up before its end.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            return bytes(body[:most]), False
    return bytes(body), True


def _has_body(scope: Scope) -> bool:
    return any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])


def _declared_bytes(scope: Scope) -> int:
    """0 where it is not said, or not understood; the server has looked at it already."""
    told = Headers(scope=scope).get("content-length", "")
    return int(told) if told.isdecimal() else 0


def _replay(body: bytes, receive: Receive) -> Receive:
    """The body once more, and then whatever comes."""
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return first.pop() if first else await receive()

    return replay
