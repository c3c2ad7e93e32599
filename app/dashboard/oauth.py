"""Where a browser begins to connect workspaces, and to which ClickUp sends it back."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response
from starlette.status import HTTP_303_SEE_OTHER

from app.core.errors import InvalidRequest
from app.dashboard.request_context import TheService
from app.dashboard.templating import html
from app.http.sign_in import is_https
from app.jobs.oauth import (
    LIFETIME,
    OAUTH_CALLBACK,
    OAUTH_START,
    complete_authorization,
    start_authorization,
)

router = APIRouter(include_in_schema=False)
Part = Annotated[str, Query(max_length=500)]
_COOKIE = "clickup_sync_oauth"


@router.get(OAUTH_START)
async def start(
    request: Request, service: TheService, state: Part = "", redirect_uri: Part = "", signature: Part = ""
) -> Response:
    """Leads to ClickUp's page; only this browser may come back."""
    begun = start_authorization(service.settings, state, redirect_uri, signature)
    answer = RedirectResponse(begun.url, HTTP_303_SEE_OTHER, {"Cache-Control": "no-store"})
    answer.set_cookie(
        _cookie_name(request), begun.cookie, max_age=int(LIFETIME.total_seconds()), httponly=True,
        # ClickUp sends the browser back: `strict` would leave the cookie out.
        samesite="lax", secure=is_https(request.scope),
    )  # fmt: skip
    return answer


@router.get(OAUTH_CALLBACK)
async def finish(request: Request, service: TheService, state: Part = "", code: Part = "") -> Response:
    """Connects the workspaces that were chosen at ClickUp."""
    if not code:
        raise InvalidRequest("ClickUp allowed nothing: begin again, and choose a workspace there")
    cookie = request.cookies.get(_cookie_name(request), "")
    connected = await complete_authorization(service.database, service.settings, cookie, state, code)
    answer = html("connected.html", connections=connected)
    answer.delete_cookie(_cookie_name(request), secure=is_https(request.scope), httponly=True, samesite="lax")
    return answer


def _cookie_name(request: Request) -> str:
    return f"__Host-{_COOKIE}" if is_https(request.scope) else _COOKIE
