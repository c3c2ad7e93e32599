"""Who calls a tool or reads a resource, and what they may see."""

from typing import Any

from fastmcp.server.dependencies import get_http_request

from app.core.answers.access import Limits, Principal
from app.http.authenticator import LOCAL


def caller_name() -> str:
    """For logs and turns: whose key it is, `local` where none is asked for, `stdio` without a request."""
    principal = _principal()
    return principal.name if principal else "stdio"


def caller_limits(*, is_local: bool) -> Limits:
    """What the key is limited to; nothing where none is asked for.

    `is_local`: a client started the server. Raises RuntimeError where it did not and the library shows no
    request: nobody may see everything because it is not known who asks.
    """
    return Limits() if is_local else _principal_of_request().limits


def is_only_caller(*, is_local: bool) -> bool:
    """Whether nobody else can ask: without keys, or where a client started the server. Raises as above."""
    return is_local or _principal_of_request() is LOCAL


def _principal() -> Principal | None:
    try:
        return _principal_of_request()
    except RuntimeError:
        return None


def _principal_of_request() -> Principal:
    scope: Any = get_http_request().scope
    principal: Principal = scope["state"]["caller"]
    return principal
