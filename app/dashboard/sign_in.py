"""Signing in to the page with a key, and out of it."""

from urllib.parse import parse_qs

from fastapi import APIRouter, HTTPException, Request
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.status import HTTP_303_SEE_OTHER, HTTP_401_UNAUTHORIZED

from app.dashboard.links import local_path
from app.dashboard.templating import html
from app.entrance.guard import Gate
from app.entrance.sign_in import (
    COOKIE,
    SIGN_IN_PATH,
    SIGN_OUT_PATH,
    SIGNED_IN_SECONDS,
    came_safely,
    is_from_page_itself,
)

router = APIRouter(include_in_schema=False)

_LONGEST_FORM = 8_192


@router.get(SIGN_IN_PATH)
async def show_form(request: Request, next: str = "/") -> Response:
    """The form; where no key is needed there is nothing to sign in to."""
    gate: Gate = request.app.state.gate
    if not gate.asks_for_keys:
        return RedirectResponse("/", HTTP_303_SEE_OTHER)
    return html("sign_in.html", next=local_path(next), complaint=None)


@router.post(SIGN_IN_PATH)
async def sign_in(request: Request) -> Response:
    """With a key that is known, a cookie and the way to where the browser came from; else the form again."""
    gate: Gate = request.app.state.gate
    if not gate.asks_for_keys:
        return RedirectResponse("/", HTTP_303_SEE_OTHER)
    form = await _read_form(request)
    wanted = local_path(form.get("next", "/"))
    cookie = gate.sign_in(request.scope, form.get("key", "").strip())
    if cookie is None:
        complaint = "This key is not known here."
        return html("sign_in.html", HTTP_401_UNAUTHORIZED, next=wanted, complaint=complaint)
    answer = RedirectResponse(wanted, HTTP_303_SEE_OTHER)
    answer.set_cookie(
        COOKIE, cookie, max_age=SIGNED_IN_SECONDS, httponly=True, samesite="strict",
        secure=came_safely(request.scope),
    )  # fmt: skip
    return answer


@router.post(SIGN_OUT_PATH)
async def sign_out(request: Request) -> Response:
    """Without the cookie, back to the form."""
    if not is_from_page_itself(Headers(scope=request.scope)):
        raise HTTPException(403, "this request was made by a page of another website")
    answer = RedirectResponse(SIGN_IN_PATH, HTTP_303_SEE_OTHER)
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=came_safely(request.scope))
    return answer


async def _read_form(request: Request) -> dict[str, str]:
    """The first value of each field. Raises the 413 for a body that is no such form."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LONGEST_FORM:
            raise HTTPException(413, "this is more than a key")
    fields = parse_qs(body.decode("utf-8", "replace"))
    return {name: values[0] for name, values in fields.items()}
