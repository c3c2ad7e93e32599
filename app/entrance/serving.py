"""An application behind HTTP, until it is told to end; and who may reach it at all."""

import logging
import socket
from collections.abc import Callable

import uvicorn
from starlette.applications import Starlette

from app.config import Settings
from app.core.errors import SettingsError, SyncError
from app.entrance.guard import is_loopback

_GRACE_SECONDS = 1


class _Server(uvicorn.Server):
    """Greets when it has started, and not before."""

    greet: Callable[[], None]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.greet()


def refuse_to_stand_open(settings: Settings, host: str) -> None:
    """Raises SettingsError where other machines could ask and no key is asked for."""
    if settings.api_keys is None and not is_loopback(host):
        raise SettingsError(
            f"API_KEYS is not set, and --host {host or '(all)'} lets other machines in. Set "
            f"API_KEYS=name:scope:secret with scope read or write and a secret of `openssl rand -hex 32`, "
            f"or serve on 127.0.0.1"
        )


def serve(application: Starlette, host: str, port: int, greet: Callable[[], None]) -> None:
    """Serves until SIGTERM or Ctrl-C, which it raises as KeyboardInterrupt.

    Raises SyncError with what hindered the start: `hindrance` of the application's state, else the address.
    """
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL + 1)
    server = _Server(
        uvicorn.Config(
            application,
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="on",
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
    )
    server.greet = greet
    try:
        server.run()
    except SystemExit:  # it does not say why it could not start
        server.started = False
    if not server.started:
        hindrance = getattr(application.state, "hindrance", None) or f"{host}:{port} cannot be served on"
        raise SyncError(hindrance)
