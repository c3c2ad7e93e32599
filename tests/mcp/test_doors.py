"""Who may ask over HTTP: the same keys as of the API, and without any this machine alone."""

import asyncio
import json
import socket
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client, StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client

from app.http.credentials import create_credential
from app.supabase_db import Database
from tests.cli import command
from tests.engine.mirror import Mirror
from tests.mcp.asking import READER, WRITER, WRONG, call, post, served


async def ask(url: str, **headers: str) -> httpx2.Response:
    return await asyncio.to_thread(post, url, call("get_spaces"), **headers)


@pytest.mark.parametrize("headers", [{"Authorization": f"Bearer {READER}"}, {"X-API-Key": WRITER}])
async def test_a_key_opens(mirror: Mirror, keys: str, headers: dict[str, str]) -> None:
    """Also one that may only read: tools change nothing, though they are asked by POST."""
    async with served(mirror.settings(api_keys=keys, log_level="error")) as url:
        answer = await ask(url, **{name.replace("-", "_"): value for name, value in headers.items()})
        assert answer.status_code == 200, answer.text
        assert answer.headers["ratelimit-policy"] == '"key";q=1200;w=60'


async def test_a_key_of_the_database_opens_until_it_is_revoked(mirror: Mirror) -> None:
    """As for the API; once there is one, this machine needs it too."""
    settings = mirror.settings(log_level="error")
    async with Database.open(mirror.database_url) as database:
        secret, _ = await create_credential(database, "api_key", "assistant")
    async with served(settings) as url:
        assert (await ask(url)).status_code == 401
        assert (await ask(url, X_API_Key=secret)).status_code == 200
        mirror.rows("UPDATE access_credentials SET ended_at = now()")
        statuses = {200}
        for _ in range(1_000):
            statuses = {(await ask(url, X_API_Key=key)).status_code for key in (secret, WRONG)}
            if 200 not in statuses:
                break
        assert 200 not in statuses
        assert (await ask(url)).status_code == 401


@pytest.mark.parametrize("tool", ["get_spaces", "get_workspaces"])
async def test_who_asks_without_a_request_sees_nothing(
    mirror: Mirror, keys: str, tool: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the library shows no request over HTTP, the limits of the key are not known."""

    def show_none() -> None:
        raise RuntimeError("No active HTTP request found.")

    monkeypatch.setattr("app.mcp.caller.get_http_request", show_none)
    async with served(mirror.settings(api_keys=keys, log_level="error")) as url:
        answer = await asyncio.to_thread(post, url, call(tool), X_API_Key=READER)
        assert answer.json()["result"]["isError"] is True, answer.text


@pytest.mark.parametrize("headers", [{}, {"Authorization": f"Bearer {WRONG}"}, {"X_API_Key": WRONG}])
async def test_without_a_key_nothing_opens(mirror: Mirror, keys: str, headers: dict[str, str]) -> None:
    """401 for every path but the one that says that the process lives."""
    async with served(mirror.settings(api_keys=keys, log_level="error")) as url:
        answer = await ask(url, **headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["instance"] == answer.headers["x-request-id"]
        async with httpx2.AsyncClient(base_url=url) as client:
            assert (await client.get("/nothing")).status_code == 401
            assert (await client.get("/healthz")).status_code == 200


async def test_the_sdk_sends_a_key(mirror: Mirror, keys: str) -> None:
    """A client that is told the header lists and calls."""
    async with (
        served(mirror.settings(api_keys=keys, log_level="error")) as url,
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {READER}"}, timeout=120) as sender,
        Client(streamable_http_client(f"{url}/mcp", http_client=sender)) as client,
    ):
        assert (await client.list_tools()).tools
        assert not (await client.call_tool("get_spaces", {})).is_error


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Host", "example.com"),
        ("Origin", "https://example.com"),
        ("X-Forwarded-For", "10.1.2.3"),
        ("Via", "1.1 x"),
    ],
)
async def test_without_keys_only_this_machine(mirror: Mirror, header: str, value: str) -> None:
    """A name that leads here, a page of another website, a proxy: 403, and why."""
    async with served(mirror.settings(log_level="error")) as url:
        assert (await ask(url)).status_code == 200
        answer = await ask(url, **{header.replace("-", "_"): value})
        assert answer.status_code == 403
        assert "without an API key" in answer.json()["detail"]


async def test_pages_of_a_named_origin_may_ask(mirror: Mirror, keys: str) -> None:
    """What a browser asks beforehand is allowed with the protocol's headers; of other origins it is not."""
    settings = mirror.settings(api_keys=keys, cors_origins="https://example.com", log_level="error")
    wanted = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,mcp-protocol-version",
    }
    async with served(settings) as url, httpx2.AsyncClient(base_url=url) as client:
        asked = await client.options("/mcp", headers=wanted | {"Origin": "https://example.com"})
        assert asked.status_code == 200
        assert asked.headers["access-control-allow-origin"] == "https://example.com"
        other = await client.options("/mcp", headers=wanted | {"Origin": "https://other.example.com"})
        assert other.status_code == 400


def test_it_does_not_stand_open(tmp_path: Path) -> None:
    """Another address than loopback without keys: exit code 2, and what to do; nothing was opened."""
    done = command.run(tmp_path, "mcp", "--host", "0.0.0.0", data_dir=tmp_path / "data")
    assert done.returncode == 2
    assert "there is no key" in done.stderr and "openssl rand -hex 32" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


async def test_each_call_is_told_in_one_line(mirror: Mirror, tmp_path: Path, keys: str) -> None:
    """Tool, outcome, milliseconds, whose key, and the request's id; no secret, no argument."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = command.start(
        tmp_path,
        "mcp",
        "--port",
        str(port),
        database_url=mirror.database_url,
        api_keys=keys,
        log_format="json",
    )
    url = f"http://127.0.0.1:{port}"
    try:
        while not await asyncio.to_thread(_lives, url):
            assert process.poll() is None, "it ended"
            await asyncio.sleep(0.1)
        key = f"Bearer {READER}"
        await asyncio.to_thread(post, url, call("get_spaces"), Authorization=key, X_Request_ID="one")
        await asyncio.to_thread(post, url, call("get_space", space_id="HUNTER2"), Authorization=key)
        await asyncio.to_thread(post, url, call("get_spaces"), Authorization=f"Bearer {WRONG}")
    finally:
        process.terminate()
        said, told = await asyncio.to_thread(process.communicate, timeout=120)
    assert said == ""
    lines = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
    calls = [line for line in lines if line["event"] == "tool.called"]
    assert [(line["tool"], line["outcome"], line["caller"]) for line in calls] == [
        ("get_spaces", "answered", "assistant"),
        ("get_space", "refused", "assistant"),
    ]
    assert calls[0]["request_id"] == "one"
    assert all(line["duration_ms"] > 0 for line in calls)
    refused = [line for line in lines if line["event"] == "request.refused"]
    assert [(line["status"], line["key"]) for line in refused] == [(401, None)]
    for secret in (READER, WRITER, WRONG, "HUNTER2"):
        assert secret not in told


def _lives(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/healthz", timeout=5).status_code == 200
    except httpx2.HTTPError:
        return False


def configuration(tmp_path: Path, *words: str) -> dict[str, Any]:
    done = command.run(tmp_path, "mcp", "config", *words)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("client", "key"), [("claude", "mcpServers"), ("cursor", "mcpServers"), ("vscode", "servers")]
)
def test_what_clients_are_told(tmp_path: Path, client: str, key: str) -> None:
    """One JSON document on standard output: what to start and where, or an address and a key's header."""
    own = configuration(tmp_path, client)[key]["clickup"]
    assert own["args"][-3:] == ["--stdio", "--directory", str(tmp_path)]
    there = configuration(tmp_path, client, "--http", "http://127.0.0.1:8001/mcp")[key]["clickup"]
    assert there["url"] == "http://127.0.0.1:8001/mcp"
    assert there["headers"] == {"Authorization": "Bearer SECRET"}


async def test_what_clients_are_told_works(mirror: Mirror, tmp_path: Path) -> None:
    """What is printed starts from any folder, and finds `.env` in the one that it was printed in."""
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    home.mkdir()
    elsewhere.mkdir()
    (home / ".env").write_text(f"DATABASE_URL={mirror.database_url}\n")
    own = configuration(home, "claude")["mcpServers"]["clickup"]
    started = StdioServerParameters(command=own["command"], args=own["args"], env=own["env"], cwd=elsewhere)
    async with Client(stdio_client(started)) as client:
        assert not (await client.call_tool("get_spaces", {})).is_error


def test_an_unknown_client_is_wrong_usage(tmp_path: Path) -> None:
    """Exit code 2, with those there are."""
    done = command.run(tmp_path, "mcp", "config", "emacs")
    assert done.returncode == 2 and "cursor" in done.stderr
