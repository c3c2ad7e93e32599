"""Signing in to the page with a key, and out of it; and the page sessions of that key."""

from fastapi import APIRouter, HTTPException, Request
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.status import HTTP_303_SEE_OTHER, HTTP_401_UNAUTHORIZED

from app.dashboard.forms import read_form
from app.dashboard.links import local_path
from app.dashboard.request_context import Context
from app.dashboard.templating import html
from app.http.auth import caller_of
from app.http.authenticator import Authenticator
from app.http.credentials import SESSION_LIFETIME, CredentialStore
from app.http.sign_in import (
    SESSIONS_PATH,
    SIGN_IN_PATH,
    SIGN_OUT_PATH,
    cookie_name,
    is_https,
    is_same_origin,
)

router = APIRouter(include_in_schema=False)


@router.get(SIGN_IN_PATH)
async def show_form(request: Request, next: str = "/") -> Response:
    """The form; where no key is needed there is nothing to sign in to."""
    authenticator: Authenticator = request.app.state.authenticator
    if not authenticator.requires_keys:
        return RedirectResponse("/", HTTP_303_SEE_OTHER)
    return html("sign_in.html", next=local_path(next), complaint=None)


@router.post(SIGN_IN_PATH)
async def sign_in(request: Request) -> Response:
    """With a key that is known, a cookie and the way to where the browser came from; else the form again."""
    authenticator: Authenticator = request.app.state.authenticator
    if not authenticator.requires_keys:
        return RedirectResponse("/", HTTP_303_SEE_OTHER)
    form = await read_form(request)
    wanted = local_path(form.get("next", "/"))
    token = await authenticator.sign_in(request.scope, form.get("key", "").strip())
    if token is None:
        complaint = "Unknown API key."
        return html("sign_in.html", HTTP_401_UNAUTHORIZED, next=wanted, complaint=complaint)
    answer = RedirectResponse(wanted, HTTP_303_SEE_OTHER)
    answer.set_cookie(
        cookie_name(request.scope), token, max_age=int(SESSION_LIFETIME.total_seconds()), httponly=True,
        samesite="strict", secure=is_https(request.scope),
    )  # fmt: skip
    return answer


@router.post(SIGN_OUT_PATH)
async def sign_out(request: Request) -> Response:
    """The session has ended, here and for whoever copied the cookie; back to the form."""
    if not is_same_origin(Headers(scope=request.scope)):
        raise HTTPException(403, "this request was sent by a page of another website")
    authenticator: Authenticator = request.app.state.authenticator
    await authenticator.sign_out(request.scope)
    answer = RedirectResponse(SIGN_IN_PATH, HTTP_303_SEE_OTHER)
    answer.delete_cookie(
        cookie_name(request.scope), httponly=True, samesite="strict", secure=is_https(request.scope)
    )
    return answer


@router.get(SESSIONS_PATH)
async def show_sessions(request: Request, context: Context) -> Response:
    """Where the caller's key is signed in now."""
    principal = caller_of(request)
    if principal is None or principal.key_digest is None:
        return RedirectResponse("/", HTTP_303_SEE_OTHER)
    return await context.show(
        "sessions.html",
        "sessions",
        sessions=await _store(request).list_sessions(principal.key_digest),
        own_id=principal.credential_id,
        key_name=principal.name,
    )


@router.post(f"{SESSIONS_PATH}/end")
async def end_sessions(request: Request) -> Response:
    """Ends one session of the caller's key."""
    session = (await read_form(request)).get("session", "")
    await _store(request).end_sessions(credential_id=session, key_digest=_key_digest(request))
    return RedirectResponse(SESSIONS_PATH, HTTP_303_SEE_OTHER)


@router.post(f"{SESSIONS_PATH}/end-all")
async def end_all_sessions(request: Request) -> Response:
    """Signs out everywhere: ends all sessions of the caller's key, this one too."""
    await _store(request).end_sessions(key_digest=_key_digest(request))
    return RedirectResponse(SIGN_IN_PATH, HTTP_303_SEE_OTHER)


def _key_digest(request: Request) -> bytes:
    principal = caller_of(request)
    if principal is None or principal.key_digest is None:
        raise HTTPException(403, "only a key or a signed-in browser can end sessions")
    return principal.key_digest


def _store(request: Request) -> CredentialStore:
    store: CredentialStore = request.app.state.credentials
    return store
