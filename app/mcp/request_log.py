"""What stands around the server over HTTP: each request has an id, and what is refused is told."""

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.http.problems import is_disconnect, problem_of
from app.http.request_id import request_id_of

log = structlog.get_logger()

_CAREFUL = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


class Door:
    """The outermost: what breaks within is answered too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes it on under an id; tells of what was not answered with success."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = request_id_of(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        begun = False

        async def careful(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                _tell(scope, message["status"])
                MutableHeaders(scope=message).update(_CAREFUL | {"X-Request-ID": request_id})
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, careful)
            except Exception as error:
                if begun and is_disconnect(error):
                    return
                if begun:
                    raise
                await problem_of(scope, error)(scope, receive, careful)


def _tell(scope: Scope, status: int) -> None:
    if status >= 400:
        caller = scope["state"].get("caller")
        log.info(
            "request.refused", method=scope["method"], status=status, key=caller.name if caller else None
        )
