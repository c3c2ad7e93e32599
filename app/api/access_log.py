"""How requests to the API and the page are logged and counted, and which headers their answers have."""

import structlog

from app.api.metrics import Metrics
from app.http.auth import OPEN_PATHS
from app.http.request_log import CONTENT_POLICY, DATA_HEADERS, REFERRER_POLICY, FinishedRequest, Headers
from app.http.sign_in import is_of_page

log = structlog.get_logger()

_NO_ROUTE = "(none)"
# Everything of the page comes from here, nothing of it stands inline, and it asks nobody else. With no
# referrer at all a browser would not tell its own forms from those of another website.
_PAGE_HEADERS: Headers = (
    (
        CONTENT_POLICY,
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        b"base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (REFERRER_POLICY, b"same-origin"),
)
# All that the page of the documentation loads comes from here, and a key that is typed into it can be sent to
# this service alone.
_DOCS_HEADERS: Headers = (
    (
        CONTENT_POLICY,
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (REFERRER_POLICY, b"no-referrer"),
)


def security_headers(path: str) -> Headers:
    """What a browser may do with the answer to this path."""
    if path == "/docs":
        return _DOCS_HEADERS
    return _PAGE_HEADERS if is_of_page(path) else DATA_HEADERS


def record_request(request: FinishedRequest) -> None:
    """By the route's template: what stands in the address, or behind it, may be anything."""
    scope = request.scope
    unrouted = scope["path"] if scope["path"] in OPEN_PATHS else _NO_ROUTE
    route = str(getattr(scope.get("route"), "path", unrouted))
    metrics: Metrics = scope["app"].state.metrics
    metrics.note_request(route, request.status, request.seconds)
    log.info(
        "request.finished",
        method=scope["method"],
        route=route,
        status=request.status,
        duration_ms=round(request.seconds * 1000, 1),
        bytes=request.size,
        key=request.key,
    )
