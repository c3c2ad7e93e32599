"""`make bench`: the real command against the simulated ClickUp, each phase a process of its own.

    python -m bench --tasks 3000 100000 --latency-ms 50
    python -m bench --service --tasks 3000
    python -m bench --tools --tasks 100000
    python -m bench --dlt --tasks 3000
    python -m bench --writes --tasks 3000

Seconds are wall clock of the whole command, start-up included, and of the sync alone; memory is the
command's peak resident set. The simulator runs beside it as another process, on the same machine.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.request import Request, urlopen

from rich.console import Console
from rich.table import Table

from app.sql.embedded import fresh_database, stop_embedded_server
from bench.against_dlt import measure_against_dlt
from bench.service import measure_service
from bench.tools import measure_tools
from bench.writes import measure_writes

_PHASES: tuple[tuple[str, list[str]], ...] = (
    ("first sync, comments included", []),
    ("incremental sync, nothing changed", []),
    ("full sync, nothing changed", ["--full"]),
    ("full sync again", ["--full"]),
)


@dataclass(frozen=True, slots=True)
class Figures:
    """One phase. `command_seconds` includes the interpreter's start; memory is in MB (10**6 bytes)."""

    phase: str
    requests: int
    comment_requests: int
    sync_seconds: float
    command_seconds: float
    peak_mb: float
    rows_written: int


def main() -> None:
    """Prints a table for each size."""
    wanted = _arguments()
    console = Console(highlight=False, width=110)
    with tempfile.TemporaryDirectory(prefix="clickup-sync-bench-") as folder:
        data_dir = Path(folder)
        try:
            for tasks in wanted.tasks:
                if wanted.service:
                    measure_service(console, tasks, wanted.latency_ms, wanted.seconds, data_dir)
                elif wanted.dlt:
                    measure_against_dlt(console, tasks, wanted.latency_ms, data_dir)
                elif wanted.tools:
                    measure_tools(console, tasks, data_dir)
                elif wanted.writes:
                    measure_writes(console, tasks, data_dir)
                else:
                    figures = list(_measure(tasks, wanted.latency_ms, data_dir))
                    console.print(_table(tasks, wanted.latency_ms, figures))
        finally:
            stop_embedded_server(data_dir)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="What a sync costs.")
    parser.add_argument("--tasks", type=int, nargs="+", default=[3_000, 100_000], help="sizes to measure")
    parser.add_argument("--latency-ms", type=int, default=50, help="how long ClickUp takes to answer")
    parser.add_argument("--service", action="store_true", help="measure the service instead of the sync")
    parser.add_argument("--dlt", action="store_true", help="measure a full sync beside dlt")
    parser.add_argument("--tools", action="store_true", help="measure the tools of the MCP server")
    parser.add_argument("--writes", action="store_true", help="measure what history costs writes")
    parser.add_argument(
        "--seconds", type=float, default=5, help="how long to press the service for each figure"
    )
    return parser.parse_args()


def _measure(tasks: int, latency_ms: int, data_dir: Path) -> Iterator[Figures]:
    server = fresh_database(data_dir, "bench")
    with _simulator(tasks, latency_ms) as settings:
        control = settings["CLICKUP_BASE_URL"].removesuffix("/api/v2") + "/_simulator"
        environment = os.environ | settings | {"DATABASE_URL": server.url, "TIMEZONE": "Europe/Berlin"}
        for phase, options in _PHASES:
            _call(control + "/reset", b"{}")
            _call(control + "/latency", json.dumps({"ms": latency_ms}).encode())
            yield _run(phase, options, environment, control, data_dir)


@contextmanager
def _simulator(tasks: int, latency_ms: int) -> Iterator[dict[str, str]]:
    """A simulated ClickUp without a rate limit; the settings that lead to it."""
    command = [sys.executable, "-m", "app", "simulator", "--port", "0", "--tasks", str(tasks)]
    command += ["--latency-ms", str(latency_ms), "--rate-limit", "100000000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        words = process.stdout.readline().split()[1:]
        try:
            yield dict(word.split("=", 1) for word in words)
        finally:
            process.terminate()


def _run(phase: str, options: list[str], environment: dict[str, str], control: str, folder: Path) -> Figures:
    """One command in a folder without a `.env`, so that no setting of a real mirror takes part."""
    started = monotonic()
    command = [sys.executable, "-m", "app", "sync", "--json", *options]
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        command_seconds = monotonic() - started
        output.seek(0)
        if process.returncode:
            raise SystemExit(f"{phase}: clickup-sync ended with exit code {process.returncode}")
        report = json.loads(output.read())
    by_route = _call(control + "/requests")["by_route"]
    return Figures(
        phase=phase,
        requests=report["requests"],
        comment_requests=sum(count for route, count in by_route.items() if "comment" in route),
        sync_seconds=report["seconds"],
        command_seconds=command_seconds,
        peak_mb=usage.ru_maxrss * 1024 / 1e6,
        rows_written=report["rows_written"],
    )


def _call(url: str, body: bytes | None = None) -> Any:
    with urlopen(Request(url, data=body, headers={"Content-Type": "application/json"}), timeout=60) as answer:
        return json.loads(answer.read() or b"null")


def _table(tasks: int, latency_ms: int, figures: list[Figures]) -> Table:
    table = Table(title=f"{tasks:,} tasks, {latency_ms} ms a request", title_justify="left")
    for column in ("phase", "requests", "comments", "sync s", "command s", "peak MB", "rows written"):
        table.add_column(column, justify="left" if column == "phase" else "right", no_wrap=True)
    for row in figures:
        table.add_row(
            row.phase,
            f"{row.requests:,}",
            f"{row.comment_requests:,}",
            f"{row.sync_seconds:.2f}",
            f"{row.command_seconds:.2f}",
            f"{row.peak_mb:.0f}",
            f"{row.rows_written:,}",
        )
    return table


if __name__ == "__main__":
    main()
