"""What stands before every route: lets nobody pass who may not, and knows HEAD and other origins.

A route that changes something although it is asked with GET adds `require_write`.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from fastapi import FastAPI, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.answers.access import Principal
from app.core.clickup.webhook import PATH as WEBHOOK_PATH
from app.http.authenticator import LOCAL, SAFE_METHODS, Authenticator, AuthResult
from app.http.local import may_be_of_other_page
from app.http.problems import problem
from app.http.sign_in import is_of_own_sessions, is_public_page
from app.jobs.oauth import OAUTH_CALLBACK, OAUTH_START

# Open to everybody: who watches over services, who reads how to ask, ClickUp, which signs, and a browser that
# goes to ClickUp and comes back, whose signature stands for the key.
DOCS_FILES = frozenset({"begin.js", "favicon.png", "swagger-ui-bundle.js", "swagger-ui.css"})
OPEN_PATHS = frozenset(
    {
        "/healthz",
        "/readyz",
        "/openapi.json",
        WEBHOOK_PATH,
        OAUTH_START,
        OAUTH_CALLBACK,
        "/docs",
        *(f"/docs/{name}" for name in DOCS_FILES),
    }
)
# Behind it stands the secret of a report link.
LINKS = "/links/"
# To look must begin nothing: no sync, and no answer without an end.
_NOT_BY_HEAD = ("/sync", "/ui/events", OAUTH_CALLBACK)
_ASKED_HEADERS = (
    "Authorization", "X-API-Key", "X-Request-ID", "If-None-Match",
    "Mcp-Protocol-Version", "Mcp-Method", "Mcp-Name",
)  # fmt: skip
_SHOWN_HEADERS = ("ETag", "Link", "Retry-After", "RateLimit", "RateLimit-Policy", "X-Request-ID")


class AuthMiddleware:
    """Lets nobody pass who may not. What passes carries its Principal, but for what is open to everybody.

    `allows_post_reads`: within it nothing is changed by any method, so that a key which may read may POST.
    """

    def __init__(self, app: ASGIApp, *, allows_post_reads: bool = False) -> None:
        self._app = app
        self._asks_by_post = allows_post_reads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes it on, or answers why not; nothing here speaks by websocket."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        elif scope["type"] != "http" or is_public(scope["path"]):
            await self._app(scope, receive, send)
        else:
            await self._examine(scope, receive, send)

    async def _examine(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            result = await self._admit(scope)
        except HTTPException as refusal:
            answer = problem(scope, refusal.status_code, refusal.detail, headers=refusal.headers)
            await answer(scope, receive, send)
        else:
            await self._app(scope, receive, _adding(result.headers, send))

    async def _admit(self, scope: Scope) -> AuthResult:
        authenticator: Authenticator = scope["app"].state.authenticator
        if scope["path"].startswith(LINKS):
            result = await authenticator.admit_link(scope, scope["path"].removeprefix(LINKS))
            if result.path:
                _go_to(scope, result.path)
        else:
            result = await authenticator.authenticate(scope)
        principal = scope.setdefault("state", {})["caller"] = result.principal
        is_change = scope["method"] not in SAFE_METHODS and not is_of_own_sessions(scope["path"])
        if is_change and not self._asks_by_post:
            _refuse_change(scope, principal)
        return result


class Cors:
    """Lets pages of the origins in CORS_ORIGINS read answers; without any, no page of another origin."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._opened: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes it on; what a browser asks beforehand is answered here."""
        origins = scope["app"].state.authenticator.cors_origins if scope["type"] == "http" else ()
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


def is_public(path: str) -> bool:
    """Whether everybody may ask here."""
    return path in OPEN_PATHS or is_public_page(path)


def caller_of(request: Request) -> Principal | None:
    """Who asks; None on a path that is open to everybody."""
    caller: Principal | None = request.scope.get("state", {}).get("caller")
    return caller


def caller_name(request: Request) -> str | None:
    """The name of who asks; None on a path that is open to everybody."""
    caller = caller_of(request)
    return caller.name if caller else None


def require_write(request: Request) -> None:
    """A dependency of routes that change something, whatever the method: a read key gets 403."""
    _refuse_change(request.scope, caller_of(request))


def require_admin(request: Request) -> None:
    """A dependency of routes that connect or remove workspaces: any other key gets 403."""
    caller = caller_of(request)
    _refuse_change(request.scope, caller)
    if caller is None or not caller.is_admin:
        who = f"the key {caller.name!r}" if caller else "who has no key"
        raise HTTPException(403, f"{who} may not connect or remove workspaces; use a key with scope admin")


def describe_keys(application: FastAPI) -> None:
    """Has OpenAPI say how a key is sent, and where none is needed."""
    make = application.openapi

    def openapi() -> dict[str, Any]:
        document = make()
        document["components"]["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer"},
            "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        }
        # The last: no key at all, from this machine, where no key is set.
        document["security"] = [{"bearer": []}, {"header": []}, {}]
        for path in OPEN_PATHS & set(document["paths"]):
            for operation in document["paths"][path].values():
                operation["security"] = []
        return document

    application.openapi = openapi  # type: ignore[method-assign]


def _go_to(scope: Scope, target: str) -> None:
    """Has the request be for this path and query, and for nothing that the caller wrote.

    In place: the secret, which stood in the path, is known to nobody from here on.
    """
    path, _, query = target.partition("?")
    scope.update(path=unquote(path), raw_path=path.encode("latin-1"), query_string=query.encode("latin-1"))


def _refuse_change(scope: Scope, principal: Principal | None) -> None:
    """Raises the HTTPException for who may not change anything."""
    if principal is None or not principal.may_write:
        who = f"the key {principal.name!r}" if principal else "who has no key"
        raise HTTPException(403, f"{who} may only read; this needs a key with scope write")
    if principal is LOCAL and may_be_of_other_page(Headers(scope=scope)):
        raise HTTPException(
            403,
            "the browser does not say which page sent this request, so it may be another website; use a "
            "newer browser, or a program",
        )


def _adding(headers: Mapping[str, str], send: Send) -> Send:
    if not headers:
        return send

    async def add(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(headers)
        await send(message)

    return add
