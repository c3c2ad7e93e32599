"""A single POST, as curl sends it, is answered: no handshake, no session, nothing to remember."""

import json
import shutil
import subprocess
from typing import Any

import httpx2
import pytest

from app.mcp.mcp_server import create_app
from tests.engine.mirror import Mirror
from tests.mcp.asking import BOTH, call, post, served

LONE = '{"jsonrpc":"2.0","method":"tools/call","params":{"name":"get_workspaces","arguments":{}},"id":1}'


def test_a_lone_call_is_answered(url: str) -> None:
    """The documented POST comes back with the workspaces, as JSON, and opens no session."""
    answer = httpx2.post(
        f"{url}/mcp", content=LONE, headers={"Accept": BOTH, "Content-Type": "application/json"}, timeout=120
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/json")
    assert "mcp-session-id" not in answer.headers
    result = answer.json()["result"]
    assert result["isError"] is False
    assert result["structuredContent"]["workspaces"][0]["is_mirrored"] is True
    assert json.loads(result["content"][0]["text"]) == result["structuredContent"]


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_the_documented_command_works(url: str) -> None:
    """The same by curl itself."""
    command = ["curl", "-s", "-X", "POST", f"{url}/mcp", "-H", "Content-Type: application/json"]
    done = subprocess.run(
        [*command, "-H", f"Accept: {BOTH}", "-d", LONE],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert json.loads(done.stdout)["result"]["structuredContent"]["workspaces"]


def test_calls_know_nothing_of_each_other(url: str) -> None:
    """A hundred of them, each by itself, as any server behind a balancer could answer it."""
    answers = [post(url, call("get_spaces")) for _ in range(100)]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["result"]["structuredContent"]["spaces"][0]["name"] for answer in answers}) == 1


def test_each_answer_is_careful(url: str) -> None:
    """It is kept by nobody, taken for nothing else, and has the id that was sent, or one of its own."""
    answer = post(url, call("get_spaces"), X_Request_ID="mine-1")
    assert answer.headers["x-request-id"] == "mine-1"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert len(post(url, call("get_spaces"), X_Request_ID="no sane one").headers["x-request-id"]) == 32


def test_looking_is_no_call(url: str) -> None:
    """There is no stream to listen to, and no other path; the process says that it lives."""
    assert httpx2.get(f"{url}/mcp").status_code == 405
    assert httpx2.get(f"{url}/nothing").status_code == 404
    assert httpx2.get(f"{url}/healthz").text == "ok"


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '"x"', "{}", '{"jsonrpc":"2.0"}', "\x00", "[1,2,3]"])
def test_what_is_no_message_is_refused(url: str, body: str) -> None:
    """A status that says so, and nothing of the server's insides."""
    answer = httpx2.post(
        f"{url}/mcp", content=body, headers={"Accept": BOTH, "Content-Type": "application/json"}, timeout=120
    )
    assert 400 <= answer.status_code < 500
    assert "Traceback" not in answer.text and "site-packages" not in answer.text


def test_a_body_without_end_is_refused(url: str) -> None:
    """More than four megabytes: 413."""
    assert post(url, call("find_tasks", q="x" * 5_000_000)).status_code == 413


async def test_the_tools_schemas_are_made_before_anybody_asks(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not anew for each list, while all others wait; and they refer to nothing, as some clients need."""
    settings = mirror.settings(log_level="error")
    application = create_app(settings)

    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("a schema is made while somebody waits")

    monkeypatch.setattr("fastmcp.utilities.json_schema.replace_refs", never)
    async with served(settings, application) as url:
        listed = post(url, {"jsonrpc": "2.0", "method": "tools/list", "params": {}, "id": 1}).json()
    tools = listed["result"]["tools"]
    assert len(tools) > 20 and "$ref" not in json.dumps(tools)
