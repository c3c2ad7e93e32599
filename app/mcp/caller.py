"""Who calls a tool or reads a resource, and what they may see."""

from typing import Any

from fastmcp.server.dependencies import get_http_request

from app.core.answers.access import Limits, Principal
from app.http.authenticator import LOCAL


def caller_name() -> str:
    """Whose key it is, `local` where none is asked for, `stdio` where a client started the server."""
    principal = _principal()
    return principal.name if principal else "stdio"


def caller_limits() -> Limits:
    """What the key is limited to; nothing where none is asked for."""
    principal = _principal()
    return principal.limits if principal else Limits()


def is_only_caller() -> bool:
    """Whether nobody else can ask: without keys, or where a client started the server."""
    return _principal() in (None, LOCAL)


def _principal() -> Principal | None:
    try:
        scope: Any = get_http_request().scope
    except RuntimeError:
        return None
    principal: Principal = scope["state"]["caller"]
    return principal
