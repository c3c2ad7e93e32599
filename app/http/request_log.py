"""ASGI middleware: each request has an id, is recorded when it ends, and gets security headers."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from secrets import token_hex

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.answers.access import Principal
from app.http.problems import is_disconnect, problem_of

Headers = tuple[tuple[bytes, bytes], ...]

CONTENT_POLICY = b"content-security-policy"
REFERRER_POLICY = b"referrer-policy"
# Of answers that are no page: nothing in them may be shown or run.
DATA_HEADERS: Headers = (
    (CONTENT_POLICY, b"default-src 'none'; frame-ancestors 'none'"),
    (REFERRER_POLICY, b"no-referrer"),
)
_ALL_HEADERS: Headers = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    # A route whose answers may be kept says so itself.
    (b"cache-control", b"no-store"),
)
_USABLE_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True, slots=True)
class FinishedRequest:
    """`status`: 0 where no answer began. `size`: of the answer's body, in bytes."""

    scope: Scope
    status: int
    size: int
    seconds: float

    @property
    def key(self) -> str | None:
        """The name of the caller's key, never the key."""
        caller: Principal | None = self.scope["state"].get("caller")
        return caller.name if caller else None


class RequestLog:
    """The outermost middleware: an error within is answered too.

    `record`: called when a request ends, however it ends. `headers`: of the answers to a path, beside those
    of all answers; a route's own ones win.
    """

    def __init__(
        self,
        app: ASGIApp,
        record: Callable[[FinishedRequest], None],
        headers: Callable[[str], Headers] = lambda _: DATA_HEADERS,
    ) -> None:
        self._app, self._record, self._headers = app, record, headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request; other events of ASGI are passed on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send, _request_id(scope), (*_ALL_HEADERS, *self._headers(scope["path"])))
        scope.setdefault("state", {})["request_id"] = answer.request_id
        began = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=answer.request_id):
            try:
                await self._answer(scope, receive, answer)
            finally:
                seconds = time.perf_counter() - began
                self._record(FinishedRequest(scope, answer.status, answer.size, seconds))

    async def _answer(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        try:
            await self._app(scope, receive, answer.send)
        except Exception as error:
            response = problem_of(scope, error)
            if answer.status and is_disconnect(error):
                return
            if answer.status:
                # Half of it has left: breaking the connection off tells the caller that the rest is missing.
                raise
            await response(scope, receive, answer.send)


@dataclass(slots=True)
class _Answer:
    """What left of an answer; `status` is 0 until it begins. `headers`: that it has in any case."""

    _send: Send
    request_id: str
    headers: Headers
    status: int = 0
    size: int = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message = {**message, "headers": self._complete(list(message.get("headers", ())))}
        else:
            self.size += len(message.get("body", b""))
        await self._send(message)

    def _complete(self, own: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        present = {name.lower() for name, _ in own}
        missing = [header for header in self.headers if header[0] not in present]
        return [*own, *missing, (b"x-request-id", self.request_id.encode())]


def _request_id(scope: Scope) -> str:
    """The caller's, if it is short and plain: it stands in the log and in the answer."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _USABLE_ID.fullmatch(value):
            return str(value, "ascii")
    return token_hex(16)
