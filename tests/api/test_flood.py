"""`clickup-sync serve` under a flood from one machine: slow and half-open connections, few files.

`make security` measures besides how fast it answers meanwhile, which a slow machine may miss in the gate.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from tests.cli import command
from tests.engine.mirror import Mirror
from tests.engine.service.running import STILL, client_of, free_socket, runs, until

SLOW, SILENT, MOST_BYTES = 300, 100, 50_000_000
AT_LENGTH = "SECURITY_CASES" in os.environ


@contextmanager
def serving_with(mirror: Mirror, folder: Path, files: int | None) -> Iterator[tuple[str, psutil.Process]]:
    """The service, which may open so many files: its address, and what the system knows of it."""
    with free_socket() as probe:
        port = probe.getsockname()[1]
    limit = f"ulimit -n {files} && " if files else ""
    started = subprocess.Popen(
        ["sh", "-c", f'{limit}exec "$@"', "sh", sys.executable, "-m", "app", "serve", "--port", str(port)],
        cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=command.environment(
            clickup_api_token=mirror.sim.token, clickup_base_url=mirror.sim.base_url, log_level="error",
            clickup_team_id=mirror.sim.team_id, database_url=mirror.database_url, **STILL,
        ),
    )  # fmt: skip
    try:
        yield f"http://127.0.0.1:{port}", psutil.Process(started.pid)
    finally:
        started.terminate()
        _, told = started.communicate(timeout=120)
    assert "Traceback" not in told and "rror" not in told


@contextmanager
def flooding(url: str) -> Iterator[None]:
    """Slow clients and silent ones, in a process of their own."""
    words = [str(urlsplit(url).port), str(SLOW), str(SILENT)]
    process = subprocess.Popen([sys.executable, "-m", "tests.api.flooding", *words], cwd=command.ROOT)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def connections(known: psutil.Process, url: str) -> int:
    """How many clients it holds."""
    held = [one for one in known.net_connections("tcp") if one.laddr.port == urlsplit(url).port]
    return sum(one.status != psutil.CONN_LISTEN for one in held)


async def healthz(url: str) -> float:
    """Asks on a connection of its own; the seconds that it took."""
    async with client_of(url) as stranger:
        began = time.monotonic()
        assert (await stranger.get("/healthz")).status_code == 200
        return time.monotonic() - began


@pytest.mark.slow
@pytest.mark.parametrize("files", [None, 200])
async def test_a_flood_is_survived(mirror: Mirror, tmp_path: Path, files: int | None) -> None:
    """/healthz answers all the while; connections and memory stay bounded, also where files are few."""
    most = 512 if files is None else 100
    took, held, memory = list[float](), list[int](), list[int]()
    with serving_with(mirror, tmp_path, files) as (url, known):
        await until(lambda: runs(mirror, "incremental", "timer"))
        await healthz(url)
        before = known.memory_info().rss
        with flooding(url):
            await until(lambda: connections(known, url) >= min(SLOW, most - 10))
            for _ in range(60 if AT_LENGTH else 10):
                took.append(await healthz(url))
                held.append(await asyncio.to_thread(connections, known, url))
                memory.append(known.memory_info().rss - before)
                await asyncio.sleep(0.5)
    assert max(held) <= most
    assert max(memory) < MOST_BYTES
    if AT_LENGTH:
        assert max(took) <= 1
