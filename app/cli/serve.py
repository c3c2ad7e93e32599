"""`clickup-sync serve`: the service and its HTTP, until it is told to end."""

import asyncio
from functools import partial

import typer

from app.cli.outcome import FAILED, INTERRUPTED, WRONG_USAGE, exit_with_error, tune_gc
from app.cli.output import console, errors
from app.config import load_settings
from app.core.errors import SettingsError, SyncError
from app.http.serving import require_keys_for_public_host, serve
from app.jobs.workspace_token import require_workspace
from app.main import create_app


def serve_mirror(host: str, port: int, *, worker: bool = True) -> None:
    """Serves until SIGTERM or Ctrl-C. What hinders the start is told in a sentence."""
    greeting = f"Syncing. Health: http://{host}:{port}/readyz. Press Ctrl-C to stop."
    try:
        settings = load_settings()
        require_keys_for_public_host(settings, host)
        if worker:
            asyncio.run(require_workspace(settings))
        tune_gc()
        application = create_app(worker="process" if worker else "none")
        serve(application, settings, host, port, partial(console.print, greeting, soft_wrap=True))
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    except SettingsError as error:
        exit_with_error("Wrong settings", error, WRONG_USAGE)
    except SyncError as error:
        errors.print(f"Failed: {error}", soft_wrap=True)
        raise typer.Exit(FAILED) from None
