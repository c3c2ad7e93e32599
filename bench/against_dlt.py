"""A full sync beside dlt: whole processes, the same source, the same PostgreSQL, one after the other in turn.

dlt is installed into an environment of its own; neither the program nor its tests know it.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import monotonic
from urllib.parse import urlsplit

import psutil
from rich.console import Console
from rich.table import Table

from app.sql.embedded import fresh_database

_VERSION = "1.31.0"
_ENVIRONMENT = Path(".venv-dlt")
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class _Took:
    """Seconds of one process: by the clock, of the processor, and of the source's processor meanwhile."""

    clock: float
    processor: float
    source: float


@dataclass(frozen=True, slots=True)
class _Source:
    token: str
    base_url: str
    team_id: str
    members: str
    process: psutil.Process

    def processor_seconds(self) -> float:
        used = self.process.cpu_times()
        return float(used.user + used.system)


def measure_against_dlt(console: Console, tasks: int, latency_ms: int, data_dir: Path) -> None:
    """Prints the median of each and their ratio. Both databases are filled before it is measured."""
    python = _install(console)
    with _simulated(tasks, latency_ms) as source, tempfile.TemporaryDirectory() as folder:
        ours, theirs = _our_command(source, data_dir), _dlt_command(python, source, data_dir, folder)
        for command, environment in (ours, theirs):
            _time(command, environment, source, data_dir)
        took: dict[str, list[_Took]] = {"clickup-sync sync --full": [], f"dlt {_VERSION}": []}
        for _ in range(_ROUNDS):
            for name, (command, environment) in zip(took, (ours, theirs), strict=True):
                took[name].append(_time(command, environment, source, data_dir))
    console.print(_table(tasks, latency_ms, took))


def _install(console: Console) -> Path:
    """The Python of an environment with dlt, which is made the first time."""
    python = (_ENVIRONMENT / "bin" / "python").absolute()
    if not (_ENVIRONMENT / f"dlt-{_VERSION}").exists():
        console.print(f"Installing dlt {_VERSION} into {_ENVIRONMENT} (once) ...")
        subprocess.run([sys.executable, "-m", "venv", _ENVIRONMENT], check=True)
        wanted = f"dlt[postgres]=={_VERSION}"
        subprocess.run([python, "-m", "pip", "install", "--quiet", wanted], check=True)
        (_ENVIRONMENT / f"dlt-{_VERSION}").touch()
    return python


@contextmanager
def _simulated(tasks: int, latency_ms: int) -> Iterator[_Source]:
    command = [sys.executable, "-m", "bench.simulated", str(tasks), str(latency_ms)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        words = process.stdout.readline().split()
        try:
            token, base_url, team_id, members = words
            yield _Source(token, base_url, team_id, members, psutil.Process(process.pid))
        finally:
            process.terminate()


def _our_command(source: _Source, data_dir: Path) -> tuple[list[str], dict[str, str]]:
    settings = {
        "CLICKUP_API_TOKEN": source.token, "CLICKUP_BASE_URL": source.base_url,
        "CLICKUP_TEAM_ID": source.team_id, "DATABASE_URL": fresh_database(data_dir, "bench").url,
        "LOG_LEVEL": "error",
    }  # fmt: skip
    return [sys.executable, "-m", "app", "sync", "--full", "--json"], settings


def _dlt_command(
    python: Path, source: _Source, data_dir: Path, folder: str
) -> tuple[list[str], dict[str, str]]:
    url = urlsplit(fresh_database(data_dir, "bench_dlt").url)
    # dlt insists on a host and a password; libpq goes by the socket in the query.
    address = f"postgresql://postgres:x@localhost:5432{url.path}?{url.query}"
    script = str(Path(__file__).with_name("dlt_pipeline.py"))
    command = [str(python), script, source.base_url, source.token, source.team_id, source.members, address]
    return [*command, folder], {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR"}


def _time(command: list[str], environment: dict[str, str], source: _Source, folder: Path) -> _Took:
    """One process from its start to its end, in a folder without settings."""
    before, began = source.processor_seconds(), monotonic()
    process = subprocess.Popen(command, cwd=folder, env=os.environ | environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    clock = monotonic() - began
    if process.returncode:
        raise SystemExit(f"{command[:3]} ended with exit code {process.returncode}")
    return _Took(clock, usage.ru_utime + usage.ru_stime, source.processor_seconds() - before)


def _table(tasks: int, latency_ms: int, took: dict[str, list[_Took]]) -> Table:
    table = Table(
        title=f"{tasks:,} tasks, {latency_ms} ms a request, nothing changed, median of {_ROUNDS}",
        title_justify="left",
    )
    for column in ("", "seconds", "of the processor", "of the source's processor", "each"):
        table.add_column(column, justify="right" if column else "left", no_wrap=True)
    middle = [
        [median(getattr(one, name) for one in runs) for name in ("clock", "processor", "source")]
        for runs in took.values()
    ]
    for (name, runs), figures in zip(took.items(), middle, strict=True):
        each = " ".join(f"{one.clock:.2f}" for one in runs)
        table.add_row(name, *(f"{figure:.2f}" for figure in figures), each)
    ours, theirs = middle
    table.add_row("ratio", *(f"{own / other:.2f}" for own, other in zip(ours, theirs, strict=True)), "")
    return table
