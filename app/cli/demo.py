"""`clickup-sync demo`: a simulated ClickUp on one side, a real PostgreSQL on the other."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from rich.console import Console

from app.asked_sync import Wish, sync_workspace
from app.cli.outcome import errors
from app.cli.progress import ProgressBars
from app.cli.render import counts_table, print_report, print_task
from app.config import Settings, given_settings
from app.context import open_context
from app.core.errors import SyncError
from app.embedded import fresh_database
from app.logging_config import configure_logging
from app.reports import Reports
from app.sync import find_workspace_id

_READY_SECONDS = 60


async def play_demo(console: Console, tasks: int, data_dir: Path) -> None:
    """Everything in a data folder and a database of its own; no setting of the real mirror is read."""
    console.print(f"A simulated ClickUp with {tasks:,} tasks, and a real PostgreSQL under {data_dir}.")
    configure_logging("error", "people")
    server = await asyncio.to_thread(fresh_database, data_dir, "demo")
    async with _simulator(tasks) as (token, base_url):
        settings = given_settings(
            clickup_api_token=token, clickup_base_url=base_url, database_url=server.url, data_dir=data_dir
        )
        await _fill(console, settings)
    console.print("\nLook further:", style="bold")
    console.print(f"  {server.psql_line}", soft_wrap=True, markup=False)
    console.print(f"Stop the server: {_called_as()} database --stop --data-dir {data_dir}", style="dim")


def _called_as() -> str:
    """How the reader can call this command again."""
    return "python -m app" if sys.argv[0].endswith("__main__.py") else sys.argv[0]


async def _fill(console: Console, settings: Settings) -> None:
    async with open_context(settings) as context:
        workspace_id = await find_workspace_id(context)
        with ProgressBars(errors) as progress:
            report = await sync_workspace(context, Wish(workspace_id, "changes", "demo"), progress)
        print_report(console, report)
        reports = Reports(context.database)
        console.print()
        console.print(counts_table(await reports.count_mirror(workspace_id)))
        task = await reports.get_telling_task(workspace_id)
    if task:
        console.print()
        print_task(console, task)


@asynccontextmanager
async def _simulator(tasks: int) -> AsyncIterator[tuple[str, str]]:
    """The simulator as a process of its own: its token and the address it serves."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app", "simulator", "--port", "0", "--tasks", str(tasks), "--seed", "7",
        "--rate-limit", "10000", "--latency-ms", "20", stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield await _address(process)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _address(process: asyncio.subprocess.Process) -> tuple[str, str]:
    assert process.stdout is not None
    try:
        async with asyncio.timeout(_READY_SECONDS):
            line = await process.stdout.readline()
    except TimeoutError:
        line = b""
    if not line:
        raise SyncError("the simulated ClickUp did not start; `clickup-sync simulator` shows why")
    token, base_url = (word.partition("=")[2] for word in line.decode().split()[-2:])
    return token, base_url
