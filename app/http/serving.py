"""An application behind HTTP, until it is told to end; and who may reach it at all."""

import asyncio
import logging
import socket
from collections.abc import Callable

import uvicorn
from starlette.applications import Starlette

from app.config import Settings
from app.context import open_database
from app.core.errors import SettingsError, SyncError
from app.http.addresses import is_loopback
from app.http.connection_watch import LimitedServerState
from app.http.connections import HttpLimits
from app.http.credentials import CredentialStore
from app.http.descriptors import BACKLOG, http_limits, raise_file_limit
from app.http.http_protocol import HttpProtocol
from app.sql.embedded.folder import has_data

_GRACE_SECONDS = 1


class _Server(uvicorn.Server):
    """Bounds what clients may take. Greets when it has started, and not before."""

    def __init__(self, config: uvicorn.Config, limits: HttpLimits, greet: Callable[[], None]) -> None:
        super().__init__(config)
        self.server_state = LimitedServerState(limits)
        self.greet = greet

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.greet()


def require_keys_for_public_host(settings: Settings, host: str) -> None:
    """Raises SettingsError where other machines could ask and no key is asked for. Blocks."""
    if settings.api_keys is None and not is_loopback(host) and not asyncio.run(_has_key(settings)):
        raise SettingsError(
            f"--host {host or '(all)'} lets other machines connect, and there is no key. Create one with "
            "`clickup-sync keys create NAME`, or set API_KEYS=name:scope:secret with scope read or write "
            f"and a secret of `openssl rand -hex 32`, or serve on 127.0.0.1"
        )


async def _has_key(settings: Settings) -> bool:
    """Whether one was made in the database; not where it cannot be asked."""
    if settings.database_url is None and not has_data(settings.data_dir):
        return False
    try:
        async with open_database(settings) as database, CredentialStore.open(database, None) as store:
            return store.current.requires_keys
    except SyncError:
        return False


def serve(
    application: Starlette, settings: Settings, host: str, port: int, greet: Callable[[], None]
) -> None:
    """Serves until SIGTERM or Ctrl-C, which it raises as KeyboardInterrupt.

    Raises SettingsError where the process may open too few files, and SyncError with what hindered the start:
    `blocked_by` of the application's state, else the address.
    """
    raise_file_limit(settings)
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL + 1)
    server = _Server(
        uvicorn.Config(
            application,
            host=host,
            port=port,
            http=HttpProtocol,
            ws="none",
            backlog=BACKLOG,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="on",
            timeout_graceful_shutdown=_GRACE_SECONDS,
        ),
        http_limits(settings),
        greet,
    )
    try:
        server.run()
    except SystemExit:  # it does not say why it could not start
        server.started = False
    if not server.started:
        blocked_by = (
            getattr(application.state, "blocked_by", None) or f"{host}:{port}: cannot listen on this address"
        )
        raise SyncError(blocked_by)
