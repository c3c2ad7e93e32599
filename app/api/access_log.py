"""Each request has an id, is told in one line, and its answer bids browsers be careful."""

import time
from dataclasses import dataclass

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.metrics import Metrics
from app.core.answers.access import Principal
from app.http.auth import OPEN_PATHS
from app.http.problems import is_disconnect, problem_of
from app.http.request_id import request_id_of
from app.http.sign_in import is_of_page

log = structlog.get_logger()

_NO_ROUTE = "(none)"
_CAREFUL = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    # A route that may be kept says so itself.
    (b"cache-control", b"no-store"),
)
_POLICY = b"content-security-policy"
_REFERRER = b"referrer-policy"
_OF_DATA = ((_POLICY, b"default-src 'none'; frame-ancestors 'none'"), (_REFERRER, b"no-referrer"))
# Everything of the page comes from here, nothing of it stands inline, and it asks nobody else. With no
# referrer at all a browser would not tell its own forms from those of another website.
_OF_PAGE = (
    (
        _POLICY,
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        b"base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (_REFERRER, b"same-origin"),
)
# All that the page of the documentation loads comes from here, and a key that is typed into it can be sent to
# this service alone.
_OF_DOCS = (
    (
        _POLICY,
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (_REFERRER, b"no-referrer"),
)


class AccessLog:
    """The outermost: what breaks within is answered too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request: answered, counted and told, however it ends."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send, request_id_of(scope), (*_CAREFUL, *_policies(scope["path"])))
        scope.setdefault("state", {})["request_id"] = answer.request_id
        began = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=answer.request_id):
            try:
                await self._answer(scope, receive, answer)
            finally:
                _tell(scope, answer, time.perf_counter() - began)

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
    """What left of an answer; `status` is 0 until it begins. `careful`: headers that it has in any case."""

    _send: Send
    request_id: str
    careful: tuple[tuple[bytes, bytes], ...]
    status: int = 0
    size: int = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message = {**message, "headers": self._headers(list(message.get("headers", ())))}
        else:
            self.size += len(message.get("body", b""))
        await self._send(message)

    def _headers(self, own: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """What the route did not say itself is added."""
        present = {name.lower() for name, _ in own}
        missing = [header for header in self.careful if header[0] not in present]
        return [*own, *missing, (b"x-request-id", self.request_id.encode())]


def _policies(path: str) -> tuple[tuple[bytes, bytes], ...]:
    if path == "/docs":
        return _OF_DOCS
    return _OF_PAGE if is_of_page(path) else _OF_DATA


def _tell(scope: Scope, answer: _Answer, seconds: float) -> None:
    """By the route's template: what stands in the address, or behind it, may be anything."""
    unrouted = scope["path"] if scope["path"] in OPEN_PATHS else _NO_ROUTE
    route = str(getattr(scope.get("route"), "path", unrouted))
    metrics: Metrics = scope["app"].state.metrics
    metrics.note_request(route, answer.status, seconds)
    caller: Principal | None = scope["state"].get("caller")
    log.info(
        "request.finished",
        method=scope["method"],
        route=route,
        status=answer.status,
        duration_ms=round(seconds * 1000, 1),
        bytes=answer.size,
        key=caller.name if caller else None,
    )
