"""How a command begins and ends: 0 done, 1 failed, 2 wrong usage or settings."""

import asyncio
import gc
import signal
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

import typer

from app.cli.output import errors
from app.config import Settings
from app.core.errors import InvalidRequest, SettingsError, SyncError, Transient
from app.jobs.secret_findings import warn_of_settings
from app.logging_config import configure_logging

FAILED, WRONG_USAGE, INTERRUPTED = 1, 2, 130
_KEPT = "Data read so far is kept; the next sync continues from there."


def with_logging(settings: Settings) -> Settings:
    """The settings, after the log is set up as they say; a command says little by itself."""
    configure_logging(settings.log_level or "warning", settings.log_format, settings.secrets)
    warn_of_settings(settings)
    return settings


def run_command(work: Coroutine[Any, Any, None], *, when_stopped: str = f"Stopped. {_KEPT}") -> None:
    """Runs a command's work; an error becomes a sentence and an exit code, never a traceback."""
    tune_gc()
    try:
        asyncio.run(_until_terminated(work))
    except SettingsError as error:
        exit_with_error("Wrong settings", error, WRONG_USAGE)
    except InvalidRequest as error:
        exit_with_error("Wrong usage", error, WRONG_USAGE)
    except Transient as error:
        exit_with_error("Failed", SyncError(f"{error}. {_KEPT}"), FAILED)
    except SyncError as error:
        exit_with_error("Failed", error, FAILED)
    except KeyboardInterrupt:
        if when_stopped:
            errors.print(when_stopped)
        raise typer.Exit(INTERRUPTED) from None


def tune_gc() -> None:
    """Has the garbage collector look more seldom."""
    # Pages are large and hold no cycles: walking them for garbage took a fifth of a full pass (profiled).
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


async def _until_terminated(work: Coroutine[Any, Any, None]) -> None:
    """SIGTERM ends the work as Ctrl-C does: its run is recorded as interrupted.

    Also where SIGINT is ignored, as in a script's background. Raises KeyboardInterrupt.
    """
    task, is_terminated = asyncio.ensure_future(work), False

    def terminate() -> None:
        nonlocal is_terminated
        is_terminated = True
        task.cancel()

    with suppress(NotImplementedError):  # Windows has no signal handlers on a loop
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, terminate)
    try:
        await task
    except asyncio.CancelledError:
        if is_terminated:
            raise KeyboardInterrupt from None
        raise


def exit_with_error(title: str, error: Exception, code: int) -> None:
    """Says what went wrong and ends the command with this code."""
    errors.print(f"{title}:", style="bold red", end=" ")
    errors.print(str(error), soft_wrap=True)
    raise typer.Exit(code) from None
