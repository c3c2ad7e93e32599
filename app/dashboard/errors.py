"""What goes wrong on the page is told as a page: who asks with a browser has no use for JSON.

Every error arrives here as a problem, wherever it came about, and leaves as HTML with the same status.
"""

import asyncio
import json
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.status import HTTP_303_SEE_OTHER
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.dashboard.links import WORKSPACES
from app.dashboard.templating import html
from app.http.problems import MEDIA_TYPE, problem, problem_of
from app.http.sign_in import SIGN_IN_PATH, is_of_page
from app.jobs.oauth import OAUTH_CALLBACK

_PATIENCE_SECONDS = 8.0
# Where ClickUp is asked first.
_CLICKUP_PATIENCE_SECONDS = 60.0
_TITLES = {
    403: "Not allowed",
    404: "Page not found",
    422: "Invalid address",
    429: "Too many requests",
    500: "Internal error",
    503: "Not available",
}
_KEPT = ("retry-after", "ratelimit", "ratelimit-policy", "allow")


class HtmlErrorMiddleware:
    """Between the page's routes and browsers; what programs ask for, and other paths, it leaves alone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes on what is well."""
        if scope["type"] != "http" or not is_of_page(scope["path"]) or not _accepts_html(scope):
            await self._app(scope, receive, send)
            return
        answer = _Answer(send)
        try:
            async with asyncio.timeout(_patience(scope)):
                await self._app(scope, receive, answer.send)
        except Exception as error:
            if answer.has_left:
                raise
            answer.problem = _document(_problem_of(scope, error))
        if answer.problem is not None:
            await _page(scope, answer.problem, answer.headers)(scope, receive, send)


class _Answer:
    """What is answered, unless it is a problem: that is kept, with its headers."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._body = b""
        self._is_problem = False
        self.has_left = False
        self.headers = Headers()
        self.problem: dict[str, Any] | None = None

    async def send(self, message: Message) -> None:
        """Passes it on, or keeps it."""
        if message["type"] == "http.response.start":
            self.headers = Headers(raw=message["headers"])
            self._is_problem = self.headers.get("content-type") == MEDIA_TYPE
        if not self._is_problem:
            self.has_left = True
            await self._send(message)
        elif message["type"] == "http.response.body":
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                self.problem = json.loads(self._body)


def _patience(scope: Scope) -> float:
    asks_clickup = scope["method"] == "POST" and scope["path"].startswith(WORKSPACES)
    return _CLICKUP_PATIENCE_SECONDS if asks_clickup or scope["path"] == OAUTH_CALLBACK else _PATIENCE_SECONDS


def _accepts_html(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    return "text/html" in headers.get("accept", "") or "hx-request" in headers


def _problem_of(scope: Scope, error: Exception) -> Response:
    if isinstance(error, TimeoutError):
        who = "ClickUp" if _patience(scope) == _CLICKUP_PATIENCE_SECONDS else "the database"
        return problem(scope, 503, f"{who} did not answer within {_patience(scope):.0f} seconds")
    return problem_of(scope, error)


def _document(response: Response) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(bytes(response.body))
    return found


def _page(scope: Scope, told: dict[str, Any], headers: Headers) -> Response:
    asked = Headers(scope=scope)
    status, is_part = told["status"], "hx-request" in asked
    if status == 401:
        return _to_sign_in(scope, asked, is_part=is_part)
    kept = {name: headers[name] for name in _KEPT if name in headers}
    title = _TITLES.get(status, HTTPStatus(status).phrase)
    # A browser comes again by itself where that may help.
    again_in = 5 if status == 503 and scope["method"] == "GET" else None
    template = "complaint.html" if is_part else "problem.html"
    answer = html(template, status, title=title, problem=told, again_in=again_in)
    answer.headers.update(kept)
    return answer


def _to_sign_in(scope: Scope, asked: Headers, *, is_part: bool) -> Response:
    where = scope["path"] if scope["method"] == "GET" and not is_part else "/"
    if where == scope["path"] and scope["query_string"]:
        where += f"?{scope['query_string'].decode('latin-1')}"
    if asked.get("sec-fetch-site") in ("cross-site", "same-site"):
        # A link from elsewhere brings no cookie along; the browser sends it when the page itself asks again.
        return html("again.html", where=where)
    form = f"{SIGN_IN_PATH}?next={quote(where, safe='')}"
    if is_part:
        return HTMLResponse("", 401, {"HX-Redirect": form})
    return RedirectResponse(form, HTTP_303_SEE_OTHER)
