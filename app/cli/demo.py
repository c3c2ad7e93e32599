"""`clickup-sync demo`: a simulated ClickUp on one side, a real PostgreSQL on the other, and the page."""

import asyncio
import os
import socket
import subprocess
import sys
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Event, Thread, Timer
from typing import Any

import httpx2

from app.cli.outcome import FAILED, exit_with_error, run_command
from app.cli.output import console, errors
from app.cli.progress import ProgressBars
from app.cli.render import counts_table, print_task
from app.cli.sync import print_report
from app.config import Settings, given_settings
from app.context import open_context
from app.core.errors import SyncError
from app.http.serving import serve
from app.jobs.requests import SyncRequest
from app.jobs.runner import sync_workspace
from app.jobs.secret_findings import examine_account
from app.logging_config import configure_logging
from app.main import create_app
from app.reports import Reports
from app.sql.embedded import EmbeddedServer, fresh_database
from app.sync import find_workspace_id

_READY_SECONDS = 60
_HOST = "127.0.0.1"
_SECONDS_BETWEEN_CHANGES = 2.0
# What people do all day; nothing that empties the workspace.
_CHANGES = (
    "create_task", "rename_task", "text", "status", "assign", "priority", "due_date", "estimate", "tags",
    "add_time", "start_timer", "stop_timer", "post_comment", "reply", "assign_comment",
    "resolve_comment", "rename_list",
)  # fmt: skip
# Often enough that somebody who watches sees it work.
_CADENCE = {"sync_interval_seconds": 15, "full_sync_interval_seconds": 120}


def play_demo(tasks: int, data_dir: Path, workspaces: int, *, stays: bool) -> None:
    """Everything in a data folder and a database of its own; no setting of the real mirror is read.

    When it `stays`, the simulated workspace keeps changing and its page is served, until Ctrl-C.
    """
    of = f" in each of {workspaces} workspaces" if workspaces > 1 else ""
    console.print(f"A simulated ClickUp with {tasks:,} tasks{of}, and a real PostgreSQL under {data_dir}.")
    for finding in examine_account():
        errors.print(f"Warning: this {finding.found}; {finding.advice}.", style="yellow")
    configure_logging("error", "people")
    with _simulator(tasks, workspaces) as process:
        demo = _Demo(data_dir, process)
        run_command(demo.fill())
        if stays:
            demo.live_on()


@dataclass(slots=True)
class _Demo:
    """`known`: the settings by which the first workspace is filled, and followed afterwards."""

    data_dir: Path
    simulator: "subprocess.Popen[bytes]"
    known: dict[str, Any] = field(default_factory=dict)

    async def fill(self) -> None:
        """Brings each workspace over and shows what arrived."""
        server = await asyncio.to_thread(fresh_database, self.data_dir, "demo")
        for token, base_url in await asyncio.to_thread(_addresses, self.simulator):
            known: dict[str, Any] = {
                "clickup_api_token": token, "clickup_base_url": base_url, "database_url": server.url,
                "data_dir": self.data_dir,
            }  # fmt: skip
            workspace_id = await _fill(given_settings(**known))
            self.known = self.known or known | {"clickup_team_id": workspace_id}
        self._tell_where(server)

    def live_on(self) -> None:
        """The workspace lives, the service follows it, and the page shows both."""
        port = _free_port()
        url = f"http://{_HOST}:{port}"
        settings = given_settings(**self.known, **_CADENCE, public_url=url, log_level="error")
        with _living(self.known["clickup_base_url"], self.known["clickup_team_id"]):
            try:
                with suppress(KeyboardInterrupt):
                    serve(create_app(settings), settings, _HOST, port, partial(self._greet, url))
            except SyncError as error:
                exit_with_error("Failed", error, FAILED)
        console.print("Ended.")

    def _tell_where(self, server: EmbeddedServer) -> None:
        console.print("\nLook further:", style="bold")
        console.print(f"  {server.psql_line}", soft_wrap=True)
        stop = f"{_called_as()} database --stop --data-dir {self.data_dir}"
        console.print(f"Stop the server: {stop}", style="dim")

    def _greet(self, url: str) -> None:
        console.print("\nThe demo keeps changing; open:", style="bold")
        console.print(f"  {url}/", soft_wrap=True)
        console.print("Press Ctrl-C to stop.", style="dim")
        if _has_browser():
            # Some browsers are waited for: nobody would answer them meanwhile.
            Thread(target=webbrowser.open, args=(f"{url}/",), daemon=True).start()


def _called_as() -> str:
    """How the reader can call this command again."""
    return "python -m app" if sys.argv[0].endswith("__main__.py") else sys.argv[0]


async def _fill(settings: Settings) -> str:
    async with open_context(settings) as context:
        workspace_id = await find_workspace_id(context)
        with ProgressBars(errors, settings.formats) as progress:
            report = await sync_workspace(context, SyncRequest(workspace_id, "incremental", "demo"), progress)
        print_report(report, settings.formats)
        reports = Reports(context.database)
        console.print()
        console.print(counts_table(await reports.count_mirror(workspace_id), settings.formats))
        task = await reports.get_telling_task(workspace_id)
    if task:
        console.print()
        print_task(console, task, settings.formats)
    return workspace_id


@contextmanager
def _simulator(tasks: int, workspaces: int) -> Iterator["subprocess.Popen[bytes]"]:
    """The simulator as a process of its own, which Ctrl-C on the terminal does not reach."""
    command = [
        sys.executable, "-m", "app", "simulator", "--port", "0", "--tasks", str(tasks), "--seed", "7",
        "--rate-limit", "10000", "--latency-ms", "20", "--workspaces", str(workspaces),
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as process:
        try:
            yield process
        finally:
            process.terminate()


def _addresses(process: "subprocess.Popen[bytes]") -> list[tuple[str, str]]:
    """The token of each simulated workspace and the address that serves it, once it does."""
    assert process.stdout is not None
    patience = Timer(_READY_SECONDS, process.kill)
    patience.start()
    found = list[tuple[str, str]]()
    for line in process.stdout:
        token, base_url = (word.partition("=")[2] for word in line.decode().split()[-2:])
        found.append((token, base_url))
        if line.startswith(b"ready:"):
            break
    patience.cancel()
    if not found:
        raise SyncError("the simulated ClickUp did not start; `clickup-sync simulator` shows why")
    return found


@contextmanager
def _living(base_url: str, workspace_id: str) -> Iterator[None]:
    """Within, something happens in this simulated workspace every few seconds."""
    over = Event()
    life = Thread(target=_live, args=(base_url.removesuffix("/api/v2"), workspace_id, over), daemon=True)
    life.start()
    try:
        yield
    finally:
        over.set()
        life.join()


def _live(origin: str, workspace_id: str, over: Event) -> None:
    seed = 0
    with httpx2.Client(base_url=origin, timeout=10) as client:
        while not over.wait(_SECONDS_BETWEEN_CHANGES):
            seed += 1
            change = {"n": 1, "seed": seed, "kinds": _CHANGES}
            client.post("/_simulator/mutate", params={"world": workspace_id}, json=change)


def _free_port() -> int:
    with socket.create_server((_HOST, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _has_browser() -> bool:
    """Whether there is one that does not take the terminal itself."""
    if os.environ.get("BROWSER"):
        return True
    return sys.platform in ("win32", "darwin") or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))
