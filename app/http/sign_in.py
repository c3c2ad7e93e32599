"""Signing in to the page: a browser sends a cookie where programs send a key.

The cookie is a random token, of which the database keeps the digest: so it can be ended on the server, and it
ends with the key that was shown.
"""

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import Scope

from app.jobs.oauth import OAUTH_CALLBACK, OAUTH_START

SIGN_IN_PATH, SIGN_OUT_PATH, SESSIONS_PATH = "/ui/sign-in", "/ui/sign-out", "/ui/sessions"
STATIC = "/ui/static/"
_COOKIE = "clickup_sync_page"
# What the page links to beside itself: a cookie is as good as a key there, to look.
_LINKED = frozenset({"/timesheets"})
_LOOKS = frozenset({"GET", "HEAD"})
_LONGEST_TOKEN = 100


def is_of_page(path: str) -> bool:
    """Whether the path is the page's own, and so asked for by browsers."""
    return path in ("/", OAUTH_START, OAUTH_CALLBACK) or path.startswith("/ui/")


def is_public_page(path: str) -> bool:
    """Whether who has not signed in needs it to do so, or to see how it looks."""
    return path in (SIGN_IN_PATH, SIGN_OUT_PATH) or path.startswith(STATIC)


def is_of_own_sessions(path: str) -> bool:
    """Whether it is about the caller's own page sessions, which a key that may only read may end as well."""
    return path == SESSIONS_PATH or path.startswith(f"{SESSIONS_PATH}/")


def cookie_name(scope: Scope) -> str:
    """The cookie's name. By TLS one that browsers take from this very host alone, and by TLS."""
    return f"__Host-{_COOKIE}" if is_https(scope) else _COOKIE


def session_token(scope: Scope) -> bytes | None:
    """The token that the browser keeps, if it has one."""
    token = cookie_parser(Headers(scope=scope).get("cookie", "")).get(cookie_name(scope), "")
    return token.encode("latin-1", "replace") if 0 < len(token) <= _LONGEST_TOKEN else None


def may_use_cookie(scope: Scope) -> bool:
    """Whether a cookie is as good as a key here: on the page's paths, and not for what another page loads.

    A page on another port of this host is of the same site, so that its pictures bring the cookie along; a
    link that a person follows may. Whether a change comes from the page itself is looked at beside this.
    """
    path, headers, looks = scope["path"], Headers(scope=scope), scope["method"] in _LOOKS
    if not (is_of_page(path) or (path in _LINKED and looks)):
        return False
    is_own = headers.get("sec-fetch-site", "none") in ("none", "same-origin")
    is_followed = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    return is_own or is_followed or not looks


def is_same_origin(headers: Headers) -> bool:
    """Whether a browser says that a page of this very address asks.

    Where the page is not served safely it says no `Sec-Fetch-Site`, but where the asking page is from.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return site == "same-origin"
    return origin in [f"{scheme}://{headers.get('host')}" for scheme in ("http", "https")]


def is_https(scope: Scope) -> bool:
    """Whether the browser speaks TLS, to this service or to a proxy before it."""
    told = Headers(scope=scope).get("x-forwarded-proto", "")
    return "https" in (scope["scheme"], told.partition(",")[0].strip().lower())
