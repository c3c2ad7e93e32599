"""The service as a process: it does not stand open, and its log has one form and no secret."""

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.api.door import READER, WRITER, WRONG
from tests.cli import command
from tests.engine.mirror import Mirror
from tests.engine.service.running import STILL, client_of, free_socket, runs, until


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.1.2.3", "example.com", ""])
def test_it_does_not_stand_open(tmp_path: Path, host: str) -> None:
    """Another address than loopback without keys: exit code 2, and what to do; nothing was opened."""
    done = command.run(
        tmp_path, "serve", "--host", host, clickup_api_token="pk_1_X", data_dir=tmp_path / "data"
    )
    assert done.returncode == 2
    assert "there is no key" in done.stderr and "openssl rand -hex 32" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


async def test_a_key_that_was_made_lets_it_serve_other_machines(mirror: Mirror, tmp_path: Path) -> None:
    """API_KEYS need not be set then."""
    made = await asyncio.to_thread(
        command.run, tmp_path, "keys", "create", "dashboard", database_url=mirror.database_url
    )
    async with process(mirror, tmp_path, "app", "serve", "--host", "0.0.0.0") as said:
        await until(lambda: runs(mirror, "incremental", "timer"))
        (known, stranger) = await answers(said[0], ("/tasks", made.stdout.strip()), ("/tasks", ""))
    assert (known.status_code, stranger.status_code) == (200, 401)


def test_a_wrong_key_hinders_the_start(tmp_path: Path) -> None:
    """Exit code 2, by the entry's number, without the entry."""
    done = command.run(tmp_path, "serve", clickup_api_token="pk_1_X", api_keys=f"a:raed:{READER}")
    assert done.returncode == 2
    assert "API_KEYS is wrong: entry 1 must be name:scope:secret" in done.stderr
    assert READER not in done.stdout + done.stderr


@asynccontextmanager
async def process(mirror: Mirror, folder: Path, *words: str, **settings: Any) -> AsyncIterator[list[str]]:
    """A process that serves until the end: its address, and afterwards what it said on both streams."""
    with free_socket() as probe:
        port = probe.getsockname()[1]
    started = _start(mirror, folder, *words, "--port", str(port), **settings)
    said = [f"http://127.0.0.1:{port}"]
    try:
        yield said
    finally:
        started.terminate()
        said.extend(await asyncio.to_thread(started.communicate, timeout=120))


def _start(mirror: Mirror, folder: Path, *words: str, **settings: Any) -> "subprocess.Popen[str]":
    environment = command.environment(
        clickup_api_token=mirror.sim.token, clickup_base_url=mirror.sim.base_url, log_format="json",
        clickup_team_id=mirror.sim.team_id, database_url=mirror.database_url, **{**STILL, **settings},
    )  # fmt: skip
    return subprocess.Popen(
        [sys.executable, "-m", *words], cwd=folder, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


async def answers(url: str, *asked: tuple[str, str]) -> list[httpx2.Response]:
    """To each path and key, once somebody answers."""
    async with client_of(url) as client:
        await until(lambda: _listens(url))
        return [await client.get(path, headers={"X-API-Key": key}) for path, key in asked]


def _listens(url: str) -> bool:
    host, _, port = url.removeprefix("http://").rpartition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


ASKED = [("/healthz", ""), ("/metrics", READER), ("/metrics?key=" + WRITER, WRONG), ("/readyz", WRITER)]

# As operations.md has it, with the bounds of `serve`.
UVICORN = (
    "uvicorn", "app.main:app", "--http", "app.http.http_protocol:HttpProtocol", "--ws", "none",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("words", [("app", "serve", "--host", "0.0.0.0"), UVICORN])
async def test_a_process_tells_no_secret(mirror: Mirror, tmp_path: Path, words: tuple[str, ...]) -> None:
    """With every line switched on, under either server: each line is an event, none has a secret."""
    keys = f"prometheus:read:{READER},script:write:{WRITER}"
    async with process(mirror, tmp_path, *words, log_level="debug", api_keys=keys) as said:
        await until(lambda: runs(mirror, "incremental", "timer"))
        told = await answers(said[0], *ASKED)
    assert [answer.status_code for answer in told] == [200, 200, 401, 200]
    _, out, err = said
    everything = out + err + "".join(answer.text + str(answer.headers) for answer in told)
    for secret in (READER, WRITER, WRONG, mirror.sim.token):
        assert secret not in everything
    begun = err.index("{")
    events = [json.loads(line) for line in err[begun:].splitlines()]
    assert [event["route"] for event in events if event["event"] == "request.finished"] == [
        "/healthz", "/metrics", "(none)", "/readyz",
    ]  # fmt: skip
    if words[0] == "app":
        assert begun == 0
        assert "server" not in told[0].headers
