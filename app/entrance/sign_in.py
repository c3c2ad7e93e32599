"""Signing in to the page: a browser sends a cookie where programs send a key.

The cookie says when somebody signed in, and is signed with the stored digest of the key that was shown then.
So nothing is kept of it here, and it is void as soon as that key is taken away.
"""

import hashlib

from itsdangerous import BadSignature, TimestampSigner
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import Scope

from app.core.api_keys import ApiKey, ApiKeys

COOKIE = "clickup_sync_page"
SIGNED_IN_SECONDS = 30 * 86_400
SIGN_IN_PATH, SIGN_OUT_PATH = "/ui/sign-in", "/ui/sign-out"
STATIC = "/ui/static/"
# What the page links to beside itself: a cookie is as good as a key there, to look.
_LINKED = frozenset({"/timesheets"})
_LOOKS = frozenset({"GET", "HEAD"})
_WHAT = b"page"


def is_of_page(path: str) -> bool:
    """Whether the path is the page's own, and so asked for by browsers."""
    return path == "/" or path.startswith("/ui/")


def is_for_anybody(path: str) -> bool:
    """Whether who has not signed in needs it to do so, or to see how it looks."""
    return path in (SIGN_IN_PATH, SIGN_OUT_PATH) or path.startswith(STATIC)


def write_cookie(key: ApiKey) -> str:
    """What the browser of a key's holder keeps from now on."""
    return _signer(key).sign(_WHAT).decode("ascii")


def signed_in(keys: ApiKeys, scope: Scope) -> ApiKey | None:
    """The key with which this browser was signed in, if it may ask here by that; else None."""
    if not (is_of_page(scope["path"]) or (scope["path"] in _LINKED and scope["method"] in _LOOKS)):
        return None
    cookie = cookie_parser(Headers(scope=scope).get("cookie", "")).get(COOKIE)
    return next((key for key in keys.keys if _is_signed(key, cookie)), None) if cookie else None


def is_from_page_itself(headers: Headers) -> bool:
    """Whether a browser says that a page of this very address asks.

    Where the page is not served safely it says no `Sec-Fetch-Site`, but where the asking page is from.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return site == "same-origin"
    return origin in [f"{scheme}://{headers.get('host')}" for scheme in ("http", "https")]


def came_safely(scope: Scope) -> bool:
    """Whether the browser speaks TLS, to this service or to a proxy before it."""
    told = Headers(scope=scope).get("x-forwarded-proto", "")
    return "https" in (scope["scheme"], told.partition(",")[0].strip().lower())


def _is_signed(key: ApiKey, cookie: str) -> bool:
    try:
        return _signer(key).unsign(cookie, max_age=SIGNED_IN_SECONDS) == _WHAT
    except BadSignature:
        return False


def _signer(key: ApiKey) -> TimestampSigner:
    return TimestampSigner(key.digest, salt="clickup-sync sign-in", digest_method=hashlib.sha256)
