"""`clickup-sync serve`: the service and its HTTP, until it is told to end."""

from functools import partial

import typer
from rich.console import Console

from app.cli.outcome import FAILED, INTERRUPTED, errors, spare_the_collector
from app.config import load_settings
from app.core.errors import SyncError
from app.entrance.serving import refuse_to_stand_open, serve
from app.main import create_app


def serve_mirror(console: Console, host: str, port: int) -> None:
    """Serves until SIGTERM or Ctrl-C. What hinders the start is told in a sentence."""
    refuse_to_stand_open(load_settings(), host)
    spare_the_collector()
    greeting = f"Keeping the mirror level: http://{host}:{port}/readyz says whether. Ctrl-C ends it."
    try:
        serve(create_app(), host, port, partial(console.print, greeting, soft_wrap=True))
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    except SyncError as error:
        errors.print(f"Failed: {error}", markup=False, soft_wrap=True)
        raise typer.Exit(FAILED) from None
