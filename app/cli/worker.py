"""`clickup-sync worker`: does jobs until it is told to end."""

import asyncio
import sys
import threading

from app.cli.outcome import run_command, tune_gc, with_logging
from app.config import load_offline_settings
from app.context import open_database
from app.jobs.worker import Worker, WorkerOptions
from app.jobs.workspaces import Workspaces


def run_worker(options: WorkerOptions, *, until_stdin_closes: bool) -> None:
    """Works until SIGTERM or Ctrl-C, or until standard input ends."""
    tune_gc()
    run_command(_work(options, until_stdin_closes), when_stopped="")


async def _work(options: WorkerOptions, until_stdin_closes: bool) -> None:
    settings = load_offline_settings()
    with_logging(settings if settings.log_level else settings.model_copy(update={"log_level": "info"}))
    async with (
        open_database(settings) as database,
        Workspaces.open(settings, database, load_offline_settings) as workspaces,
    ):
        worker = await Worker.open(settings, database, workspaces, options)
        work = asyncio.create_task(worker.run())
        if until_stdin_closes:
            _cancel_at_end_of_input(work)
        try:
            await asyncio.wait([work])
        finally:
            # What is under way is left to others while the database is still open.
            work.cancel()
            await asyncio.wait([work])


def _cancel_at_end_of_input(work: "asyncio.Task[None]") -> None:
    loop = asyncio.get_running_loop()

    def wait() -> None:
        sys.stdin.read()
        loop.call_soon_threadsafe(work.cancel)

    threading.Thread(target=wait, daemon=True).start()
