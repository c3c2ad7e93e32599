"""`clickup-sync worker`: does jobs until it is told to end."""

import asyncio
import sys
import threading

from app.cli.outcome import run_command, with_logging
from app.config import load_offline_settings
from app.context import open_database
from app.jobs.worker import Worker, WorkerOptions


def run_worker(options: WorkerOptions, *, until_stdin_closes: bool) -> None:
    """Works until SIGTERM or Ctrl-C, or until standard input ends."""
    run_command(_work(options, until_stdin_closes), when_stopped="")


async def _work(options: WorkerOptions, until_stdin_closes: bool) -> None:
    settings = load_offline_settings()
    with_logging(settings if settings.log_level else settings.model_copy(update={"log_level": "info"}))
    async with (
        open_database(settings) as database,
        Worker.running(settings, database, options, load_offline_settings),
    ):
        end = asyncio.Event()
        if until_stdin_closes:
            _set_at_end_of_input(end)
        await end.wait()


def _set_at_end_of_input(end: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()

    def wait() -> None:
        sys.stdin.read()
        loop.call_soon_threadsafe(end.set)

    threading.Thread(target=wait, daemon=True).start()
