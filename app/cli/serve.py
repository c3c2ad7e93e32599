"""`clickup-sync serve`: the service and its HTTP, until it is told to end."""

import logging
import socket

import typer
import uvicorn
from rich.console import Console

from app.cli.outcome import FAILED, INTERRUPTED, errors, spare_the_collector
from app.config import Settings, load_settings
from app.core.errors import SettingsError
from app.entrance.guard import is_loopback
from app.main import create_app

_GRACE_SECONDS = 1


class _Server(uvicorn.Server):
    """Says `greeting` when it has started, and not before."""

    greeting: str
    console: Console

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.console.print(self.greeting, soft_wrap=True)


def refuse_to_stand_open(settings: Settings, host: str) -> None:
    """Raises SettingsError where other machines could ask and no key is asked for."""
    if settings.api_keys is None and not is_loopback(host):
        raise SettingsError(
            f"API_KEYS is not set, and --host {host or '(all)'} lets other machines in. Set "
            f"API_KEYS=name:scope:secret with scope read or write and a secret of `openssl rand -hex 32`, "
            f"or serve on 127.0.0.1"
        )


def serve_mirror(console: Console, host: str, port: int) -> None:
    """Serves until SIGTERM or Ctrl-C. What hinders the start is told in a sentence."""
    refuse_to_stand_open(load_settings(), host)
    application = create_app()
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
    spare_the_collector()
    server.greeting = f"Keeping the mirror level: http://{host}:{port}/readyz says whether. Ctrl-C ends it."
    server.console = console
    try:
        server.run()
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    except SystemExit:  # it does not say why it could not start
        server.started = False
    if not server.started:
        hindrance = getattr(application.state, "hindrance", None) or f"{host}:{port} cannot be served on"
        errors.print(f"Failed: {hindrance}", markup=False, soft_wrap=True)
        raise typer.Exit(FAILED)
