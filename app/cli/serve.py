"""`clickup-sync serve`: the service and its HTTP, until it is told to end."""

import logging

import typer
import uvicorn
from rich.console import Console

from app.cli.outcome import FAILED, INTERRUPTED, errors, spare_the_collector
from app.config import load_settings
from app.main import create_app

_GRACE_SECONDS = 1


def serve_mirror(console: Console, host: str, port: int) -> None:
    """Serves until SIGTERM or Ctrl-C. What hinders the start is told in a sentence."""
    load_settings()
    application = create_app()
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL + 1)
    server = uvicorn.Server(
        uvicorn.Config(
            application,
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            lifespan="on",
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
    )
    spare_the_collector()
    console.print(f"Keeping the mirror level. http://{host}:{port}/readyz says whether it is; Ctrl-C ends.")
    try:
        server.run()
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    if not server.started:
        hindrance = getattr(application.state, "hindrance", None) or f"{host}:{port} cannot be served on"
        errors.print(f"Failed: {hindrance}", markup=False, soft_wrap=True)
        raise typer.Exit(FAILED)
