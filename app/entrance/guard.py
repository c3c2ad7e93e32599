"""Who may ask, and how often: keys, or without any only this machine itself.

A browser that was signed in to the page is known by its cookie instead, on the page's own paths. What is
decided is decided here, before any route; a route that changes something although it is asked with GET adds
`write_access`.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from fastapi import FastAPI, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.config import Settings
from app.core.allowance import Allowance, Allowances
from app.core.api_keys import ApiKey, ApiKeys
from app.core.webhook import PATH as WEBHOOK_PATH
from app.entrance.addresses import is_loopback as is_loopback  # noqa: PLC0414  (for `serving`)
from app.entrance.addresses import network_of
from app.entrance.local import may_be_of_other_page, why_not_local
from app.entrance.problems import problem
from app.entrance.sign_in import is_for_anybody, is_from_page_itself, signed_in, write_cookie

# Open to everybody: who watches over services, who reads how to ask, and ClickUp, which signs.
DOCS_FILES = frozenset({"begin.js", "favicon.png", "swagger-ui-bundle.js", "swagger-ui.css"})
OPEN_PATHS = frozenset(
    {"/healthz", "/readyz", "/openapi.json", WEBHOOK_PATH, "/docs", *(f"/docs/{name}" for name in DOCS_FILES)}
)
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# To look must begin nothing: no sync, and no answer without an end.
_NOT_BY_HEAD = ("/sync", "/ui/events")
_WRONG_KEYS_A_MINUTE = 30
_ASKED_HEADERS = (
    "Authorization", "X-API-Key", "X-Request-ID", "If-None-Match",
    "Mcp-Protocol-Version", "Mcp-Method", "Mcp-Name",
)  # fmt: skip
_SHOWN_HEADERS = ("ETag", "Link", "Retry-After", "RateLimit", "RateLimit-Policy", "X-Request-ID")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a key's holder, or somebody on this machine."""

    name: str
    may_write: bool


@dataclass(frozen=True, slots=True)
class Admission:
    """Who was let in, and the headers that tell how much of the allowance is left."""

    caller: Caller
    headers: Mapping[str, str]


_LOCAL = Caller("local", may_write=True)


class Gate:
    """Lets in and turns away; one for each application, made when its settings are known."""

    def __init__(self, settings: Settings) -> None:
        self.cors_origins = settings.cors_origins or ()
        self._keys = settings.api_keys
        self._allowances = Allowances(settings.api_rate_limit) if settings.api_rate_limit else None
        self._guesses = Allowances(_WRONG_KEYS_A_MINUTE)

    def admit(self, scope: Scope) -> Admission:
        """Raises the HTTPException that says why not."""
        if self._keys:
            return self._admit_key(self._keys, scope)
        if reason := why_not_local(scope, self.cors_origins):
            raise HTTPException(
                403,
                f"API_KEYS is not set, so only this machine itself is served, and {reason}. "
                f"Set API_KEYS=name:scope:secret and send the secret as `Authorization: Bearer …`",
            )
        return Admission(_LOCAL, {})

    @property
    def asks_for_keys(self) -> bool:
        """Whether a key is needed; else it is enough to be on this machine."""
        return self._keys is not None

    def sign_in(self, scope: Scope, secret: str) -> str | None:
        """The cookie for who shows this key; None for a wrong one, which counts as a guess.

        Raises the HTTPException for a page of another website, and after too many guesses.
        """
        if not is_from_page_itself(Headers(scope=scope)):
            raise _of_another_website()
        if self._keys is None:
            return None
        key = self._find(self._keys, scope, secret.encode("utf-8", "replace"), time.monotonic())
        return write_cookie(key) if key else None

    def recognize(self, scope: Scope) -> Caller | None:
        """Who asks, on an open path; None for a stranger."""
        try:
            return self.admit(scope).caller
        except HTTPException:
            return None

    def _admit_key(self, keys: ApiKeys, scope: Scope) -> Admission:
        now = time.monotonic()
        key = self._whose(keys, scope, now)
        return Admission(Caller(key.name, key.scope == "write"), self._count(key.name, now))

    def _whose(self, keys: ApiKeys, scope: Scope, now: float) -> ApiKey:
        secret = presented_secret(Headers(scope=scope))
        if secret is None:
            return _by_cookie(keys, scope)
        key = self._find(keys, scope, secret, now)
        if key is None:
            raise _unauthorized("this key is not known here", ', error="invalid_token"')
        return key

    def _find(self, keys: ApiKeys, scope: Scope, secret: bytes, now: float) -> ApiKey | None:
        """The key with this secret; a wrong one counts as a guess of the caller's network."""
        network = network_of(scope)
        # Looked at before the key is: else a right guess would be told from a wrong one at any speed.
        _demand(self._guesses.look(network, now), "too many wrong keys came from this address", {})
        key = keys.find(secret)
        if key is None:
            self._guesses.take(network, now)
        return key

    def _count(self, name: str, now: float) -> dict[str, str]:
        if self._allowances is None:
            return {}
        allowance = self._allowances.take(name, now)
        headers = {
            "RateLimit-Policy": f'"key";q={self._allowances.a_minute};w=60',
            "RateLimit": f'"key";r={allowance.left};t={ceil(allowance.full_in)}',
        }
        _demand(allowance, f"this key may ask {self._allowances.a_minute} times a minute", headers)
        return headers


class Guard:
    """Lets nobody pass who may not. What passes carries its Caller, but for what is open to everybody.

    `asks_by_post`: within it nothing is changed by any method, so that a key which may read may POST.
    """

    def __init__(self, app: ASGIApp, *, asks_by_post: bool = False) -> None:
        self._app = app
        self._asks_by_post = asks_by_post

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes it on, or answers why not; nothing here speaks by websocket."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        elif scope["type"] != "http" or is_open(scope["path"]):
            await self._app(scope, receive, send)
        else:
            await self._examine(scope, receive, send)

    async def _examine(self, scope: Scope, receive: Receive, send: Send) -> None:
        gate: Gate = scope["app"].state.gate
        try:
            admission = gate.admit(scope)
            scope.setdefault("state", {})["caller"] = admission.caller
            if not self._asks_by_post and scope["method"] not in _SAFE_METHODS:
                _refuse_change(scope, admission.caller)
        except HTTPException as refusal:
            answer = problem(scope, refusal.status_code, refusal.detail, headers=refusal.headers)
            await answer(scope, receive, send)
        else:
            await self._app(scope, receive, _adding(admission.headers, send))


class Cors:
    """Lets pages of the origins in CORS_ORIGINS read answers; without any, no page of another origin."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._opened: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes it on; what a browser asks beforehand is answered here."""
        origins = scope["app"].state.gate.cors_origins if scope["type"] == "http" else ()
        if origins and self._opened is None:
            self._opened = CORSMiddleware(
                self._app, allow_origins=origins, allow_methods=("GET", "HEAD", "POST"),
                allow_headers=_ASKED_HEADERS, expose_headers=_SHOWN_HEADERS,
            )  # fmt: skip
        await (self._opened or self._app)(scope, receive, send)


class HeadAsGet:
    """Answers HEAD as GET, of which the server sends no body; but looking must not start a sync."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes it on."""
        if scope["type"] != "http" or scope["method"] != "HEAD" or scope["path"].startswith(_NOT_BY_HEAD):
            await self._app(scope, receive, send)
            return
        asked = {**scope, "method": "GET"}
        try:
            await self._app(asked, receive, send)
        finally:
            scope.update(asked | {"method": "HEAD"})


def is_open(path: str) -> bool:
    """Whether everybody may ask here."""
    return path in OPEN_PATHS or is_for_anybody(path)


def caller_of(request: Request) -> Caller | None:
    """Who asks; None on a path that is open to everybody."""
    caller: Caller | None = request.scope.get("state", {}).get("caller")
    return caller


def write_access(request: Request) -> None:
    """A dependency of routes that change something, whatever the method: a read key gets 403."""
    _refuse_change(request.scope, caller_of(request))


def presented_secret(headers: Headers) -> bytes | None:
    """What is presented as a key; a Bearer token goes before X-API-Key."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip().encode("latin-1")
    other = headers.get("x-api-key", "").strip()
    return other.encode("latin-1") if other else None


def describe_keys(application: FastAPI) -> None:
    """Has OpenAPI say how a key is sent, and where none is needed."""
    make = application.openapi

    def openapi() -> dict[str, Any]:
        document = make()
        document["components"]["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer"},
            "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        }
        # The last: no key at all, from this machine, where API_KEYS is not set.
        document["security"] = [{"bearer": []}, {"header": []}, {}]
        for path in OPEN_PATHS & set(document["paths"]):
            for operation in document["paths"][path].values():
                operation["security"] = []
        return document

    application.openapi = openapi  # type: ignore[method-assign]


def _demand(allowance: Allowance, sentence: str, headers: Mapping[str, str]) -> None:
    if not allowance.granted:
        seconds = max(ceil(allowance.wait), 1)
        raise HTTPException(
            429, f"{sentence}; ask again in {seconds} s", {**headers, "Retry-After": str(seconds)}
        )


def _unauthorized(sentence: str, more: str = "") -> HTTPException:
    return HTTPException(401, sentence, {"WWW-Authenticate": f'Bearer realm="clickup-sync"{more}'})


def _by_cookie(keys: ApiKeys, scope: Scope) -> ApiKey:
    """The key with which the browser was signed in; what changes something must come from the page itself."""
    key = signed_in(keys, scope)
    if key is None:
        raise _unauthorized("a key is needed: `Authorization: Bearer …` or `X-API-Key: …`")
    if scope["method"] not in _SAFE_METHODS and not is_from_page_itself(Headers(scope=scope)):
        raise _of_another_website()
    return key


def _of_another_website() -> HTTPException:
    return HTTPException(403, "this request was made by a page of another website")


def _refuse_change(scope: Scope, caller: Caller | None) -> None:
    """Raises the HTTPException for who may not change anything."""
    if caller is None or not caller.may_write:
        who = f"the key {caller.name!r}" if caller else "who has no key"
        raise HTTPException(403, f"{who} may only read; this needs a key with scope write")
    if caller is _LOCAL and may_be_of_other_page(Headers(scope=scope)):
        raise HTTPException(
            403,
            "this browser does not say which page asks, so a page of another website may have made this "
            "request; use a newer browser, or a program",
        )


def _adding(headers: Mapping[str, str], send: Send) -> Send:
    if not headers:
        return send

    async def add(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(headers)
        await send(message)

    return add
