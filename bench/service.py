"""`python -m bench --service`: how fast the service answers, and how fast a webhook's change arrives."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import create_server
from time import monotonic, sleep
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import psycopg
from rich.console import Console
from rich.table import Table

from app.simulator.server import RunningSimulator
from app.simulator.world import World
from app.sql.embedded import fresh_database
from bench.load import Load, press

_CONNECTIONS = 16
_CHANGES = 200


def measure_service(console: Console, tasks: int, latency_ms: int, seconds: float, data_dir: Path) -> None:
    """Prints what it finds, each figure beside the plain way in the same run."""
    url = fresh_database(data_dir, "bench").url
    world = World.generate(1, tasks=tasks)
    with RunningSimulator(world, rate_limit=100_000_000) as simulator:
        port = _free_port()
        settings = {
            "CLICKUP_API_TOKEN": simulator.token, "CLICKUP_BASE_URL": simulator.base_url, "DATABASE_URL": url,
            "CLICKUP_TEAM_ID": simulator.team_id, "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "LOG_LEVEL": "error", "API_RATE_LIMIT": "0", "FULL_SYNC_INTERVAL_SECONDS": "3600",
        }  # fmt: skip
        served = [sys.executable, "-m", "app", "serve", "--port", str(port)]
        with _process(served, settings, data_dir, f"http://127.0.0.1:{port}/readyz") as base_url:
            _wait_for_comments(url, tasks)
            simulator.desk.latency_ms = latency_ms
            took = _time_webhooks(world, url)
            simulator.desk.latency_ms = 0
            ids = list(world.truth()["tasks"])
            ours = _press_both(base_url, ids, seconds)
            busy = _press_in_full_pass(base_url, ids, settings, data_dir, seconds)
    plain_port = _free_port()
    plain = [sys.executable, "-m", "uvicorn", "bench.plain:application", "--port", str(plain_port),
             "--log-level", "error", "--no-access-log"]  # fmt: skip
    with _process(
        plain, {"DATABASE_URL": url}, Path.cwd(), f"http://127.0.0.1:{plain_port}/tasks?limit=1"
    ) as base:
        plainly = _press_both(base, ids, seconds)
    console.print(_answers_table(tasks, ours, plainly))
    console.print(
        f"/tasks/{{id}} during a full sync: 99 of 100 within {busy.p99_ms:.1f} ms, quiet within "
        f"{ours[1].p99_ms:.1f} ms ({busy.p99_ms / ours[1].p99_ms:.1f} times)"
    )
    console.print(
        f"{_CHANGES} changes by webhook, ClickUp taking {latency_ms} ms a request: half in PostgreSQL within "
        f"{took[len(took) // 2]:.0f} ms, 99 of 100 within {took[int(len(took) * 0.99)]:.0f} ms"
    )


def _answers_table(tasks: int, ours: tuple[Load, Load], plainly: tuple[Load, Load]) -> Table:
    table = Table(title=f"{tasks:,} tasks, {_CONNECTIONS} connections", title_justify="left")
    for column in ("answer", "a second", "the plain way", "times as many", "99 of 100 within ms"):
        table.add_column(column, justify="left" if column == "answer" else "right", no_wrap=True)
    for name, fast, slow in zip(("/tasks?limit=100", "/tasks/{id}"), ours, plainly, strict=True):
        ratio = fast.per_second / slow.per_second
        table.add_row(
            name, f"{fast.per_second:,.0f}", f"{slow.per_second:,.0f}", f"{ratio:.1f}", f"{fast.p99_ms:.1f}"
        )
    return table


def _press_both(base_url: str, ids: list[str], seconds: float) -> tuple[Load, Load]:
    return (
        press(base_url, ["/tasks?limit=100"], connections=_CONNECTIONS, seconds=seconds),
        press(base_url, _task_paths(ids), connections=_CONNECTIONS, seconds=seconds),
    )


def _task_paths(ids: list[str]) -> list[str]:
    """Many tasks, far from each other."""
    return [f"/tasks/{ids[number * 7919 % len(ids)]}" for number in range(3_000)]


def _press_in_full_pass(
    base_url: str, ids: list[str], settings: dict[str, str], folder: Path, seconds: float
) -> Load:
    command = [sys.executable, "-m", "app", "sync", "--full"]
    with subprocess.Popen(command, env=os.environ | settings, cwd=folder, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as sync:  # fmt: skip
        load = press(base_url, _task_paths(ids), connections=_CONNECTIONS, seconds=seconds)
        sync.wait()
    return load


def _time_webhooks(world: World, url: str) -> list[float]:
    """Milliseconds from each change in ClickUp to its row, sorted."""
    took, ids = [], [key for key, task in world.truth()["tasks"].items() if not task["put_away"]]
    with psycopg.connect(url, autocommit=True) as connection:
        for number in range(_CHANGES):
            task_id, name = ids[number * 31 % len(ids)], f"change {number}"
            began = monotonic()
            world.edit_task(task_id, name=name)
            while _title(connection, task_id) != name:
                sleep(0.002)
            took.append((monotonic() - began) * 1000)
    return sorted(took)


def _title(connection: psycopg.Connection[Any], task_id: str) -> str:
    row = connection.execute("SELECT title FROM tasks WHERE clickup_task_id = %s", (task_id,)).fetchone()
    return str(row[0]) if row else ""


def _wait_for_comments(url: str, tasks: int) -> None:
    """Until the first verification is done, so that nothing but what is measured goes on."""
    with psycopg.connect(url, autocommit=True) as connection:
        while True:
            row = connection.execute("SELECT count(*) FROM task_reads WHERE comments_read_at IS NOT NULL")
            found = row.fetchone()
            if found and found[0] >= tasks * 0.98:
                return
            sleep(0.2)


@contextmanager
def _process(command: list[str], settings: dict[str, str], folder: Path, ready: str) -> Iterator[str]:
    """A server as a process, from when it is ready; its base URL."""
    with subprocess.Popen(
        command, env=os.environ | settings, cwd=folder, stdout=subprocess.DEVNULL
    ) as process:
        try:
            while not _is_ready(ready):
                if process.poll() is not None:
                    raise SystemExit(f"{' '.join(command[2:4])} ended with exit code {process.returncode}")
                sleep(0.2)
            yield ready.rpartition("/")[0]
        finally:
            process.terminate()


def _is_ready(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as answer:
            return bool(json.loads(answer.read()))
    except (URLError, OSError):
        return False


def _free_port() -> int:
    with create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
