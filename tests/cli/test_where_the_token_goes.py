"""The token goes to ClickUp, by https, and to nobody who has only been named to the program."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from app.clickup import ClickUp
from app.config import given_settings
from app.core.clickup import wire
from app.core.errors import ClickUpError
from app.core.web_address import travels_in_clear
from tests.cli import command
from tests.cli.conftest import SimulatorState

TOKEN = "t0ken-of-mine"
ELSEWHERE = "http://192.0.2.1/api/v2"  # a network for examples, where nobody is


def run(folder: Path, env_file: str, *words: str, **environment: Any) -> str:
    """What the command says, with this `.env` and this environment."""
    (folder / ".env").write_text(env_file)
    (folder / ".env").chmod(0o600)
    done = command.run(folder, *words, request_attempts=1, request_timeout_seconds=1, **environment)
    assert done.returncode != 0
    return done.stderr


@pytest.mark.parametrize("env_file", ["", "CLICKUP_ALLOW_HTTP=false\n"])
def test_plain_http_beyond_this_machine_is_refused(tmp_path: Path, env_file: str) -> None:
    """The token would be readable on the way: what to do is said, and nothing is sent."""
    said = run(tmp_path, f"{env_file}CLICKUP_BASE_URL={ELSEWHERE}\n", "sync", clickup_api_token=TOKEN)
    assert "CLICKUP_BASE_URL is wrong: it is http" in said and "CLICKUP_ALLOW_HTTP=true" in said


def test_a_file_does_not_allow_it_for_the_shells_token(tmp_path: Path) -> None:
    """A folder of somebody else's has both lines: they do not count together."""
    env_file = f"CLICKUP_BASE_URL={ELSEWHERE}\nCLICKUP_ALLOW_HTTP=true\n"
    said = run(tmp_path, env_file, "sync", clickup_api_token=TOKEN)
    assert "set CLICKUP_ALLOW_HTTP=true in the environment" in said


@contextmanager
def listening(answer: tuple[int, dict[str, str], bytes]) -> Iterator[tuple[str, list[str | None]]]:
    """A server that answers so, and the tokens that it was sent."""
    seen: list[str | None] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.headers["Authorization"])
            status, headers, body = answer
            self.send_response(status)
            for name, value in (headers | {"Content-Length": str(len(body))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


async def refusal(base_url: str) -> ClickUpError:
    settings = given_settings(clickup_api_token=TOKEN, clickup_base_url=base_url, request_attempts=1)
    async with ClickUp.open(settings) as clickup:
        with pytest.raises(ClickUpError) as caught:
            await clickup.fetch(wire.user())
    return caught.value


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(status: int) -> None:
    """Neither to another host nor to http: the token stays."""
    with listening((200, {}, b"{}")) as (other, seen_there):
        with listening((status, {"Location": f"{other}/user"}, b"")) as (first, seen):
            await refusal(first)
        assert seen == [TOKEN] and seen_there == []


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (502, f"<html>Authorization: {TOKEN}</html>".encode()),
        (200, f"<html>{TOKEN}</html>".encode()),
        (400, json.dumps({"err": f"bad token {TOKEN}", "ECODE": "X_1"}).encode()),
        (401, json.dumps({"err": f"{'x' * 70} {TOKEN}", "ECODE": "OAUTH_025"}).encode()),
    ],
)
async def test_an_answer_that_repeats_the_token_does_not_tell_it(status: int, answer: bytes) -> None:
    """What an error quotes goes to the log, the database and whoever asks."""
    with listening((status, {}, answer)) as (base_url, seen):
        error = await refusal(base_url)
    assert seen[0] == TOKEN
    assert TOKEN[:6] not in f"{error} {error!r} {error.reason} {error.args}"


@pytest.mark.slow
def test_whoever_else_gets_the_token_is_named(desk: SimulatorState) -> None:
    """By https, to another host that only `.env` names: a line at the start, and a finding of doctor's."""
    desk.settings.pop("clickup_base_url")
    (desk.folder / ".env").write_text("CLICKUP_BASE_URL=https://clickup.invalid/api\n")
    (desk.folder / ".env").chmod(0o600)
    said = desk.run("doctor", request_attempts=1)
    assert said.stderr.count("clickup.invalid gets the token: .env says so") == 1
    assert "clickup.invalid gets the token" in said.stdout
    alone = desk.run("status", clickup_base_url="https://clickup.invalid/api")
    assert "gets the token" not in alone.stderr


def test_an_open_file_of_settings_is_told(desk: SimulatorState) -> None:
    """Other users of the machine could read the token in it; no key, no line where only its owner can."""
    env_file = desk.folder / ".env"
    env_file.write_text(f"CLICKUP_API_TOKEN={TOKEN}\n")
    env_file.chmod(0o640)
    said = desk.run("status").stderr
    assert "can be read by other users of this machine" in said and "chmod 600" in said
    env_file.chmod(0o600)
    assert desk.run("status").stderr == ""


@pytest.mark.parametrize(
    ("url", "is_clear"),
    [
        ("http://192.0.2.1/x", True),
        ("http://example.com", True),
        ("http://localhost.example.com", True),
        ("http://127.0.0.1.example.com", True),
        ("http://0.0.0.0", True),
        ("http://LOCALHOST:8000/x", False),
        ("http://127.0.0.1:1", False),
        ("http://127.9.9.9", False),
        ("http://[::1]:80", False),
        ("https://example.com", False),
    ],
)
def test_http_is_for_this_machine_alone(url: str, is_clear: bool) -> None:
    """What only looks like this machine's name is another one's."""
    assert travels_in_clear(url) is is_clear


@pytest.mark.parametrize("setting", ["clickup_base_url", "public_url"])
@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1@192.0.2.1/", "https://me:hunter2@example.com", "http://localhost\\@192.0.2.1/", "http://",
        "https://exa mple.com", "http://[::1", "http://x:port", "ftp://localhost", "http://127.0.0.1\n.x.example.com",
    ],
)  # fmt: skip
def test_an_address_that_can_be_read_in_two_ways_is_refused(setting: str, url: str) -> None:
    """Neither a user nor a password, no backslash, no blank."""
    with pytest.raises(ValueError, match=setting) as caught:
        given_settings(**{"clickup_api_token": TOKEN, setting: url})
    assert "hunter2" not in str(caught.value)
