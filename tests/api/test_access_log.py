"""One line a request, with an id that the caller knows, and headers that keep browsers careful."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.access_log import record_request, security_headers
from app.http.request_log import RequestLog
from app.logging_config import configure_logging
from app.main import create_app
from tests.api.door import READER, open_door

APPLICATION = create_app()


def lines(captured: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in captured.splitlines() if line.startswith("{")]
    return [line for line in found if line["event"] == "request.finished"]


async def test_each_request_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Method, template, status, how long, how much, whose key and the id; the address is not in it."""
    async with open_door(api_keys=f"dashboard:read:{READER}") as door:
        answers = [
            await door.ask("/typed/7?limit=3", key=READER),
            await door.ask("/typed/7?limit=33", key=READER),
            await door.ask("/breaks/unknown", key=READER),
            await door.ask("/breaks/down", key=READER),
            await door.ask("/read", "POST", READER),
            await door.ask("/read", "HEAD", READER),
            await door.ask("/openapi.json"),
            await door.ask("/nowhere/at/all"),
        ]
    captured = capsys.readouterr().err
    told = lines(captured)
    assert [(line["method"], line["route"], line["status"], line["key"]) for line in told] == [
        ("GET", "/typed/{number}", 200, "dashboard"),
        ("GET", "/typed/{number}", 422, "dashboard"),
        ("GET", "/breaks/{how}", 500, "dashboard"),
        ("GET", "/breaks/{how}", 503, "dashboard"),
        ("POST", "(none)", 403, "dashboard"),
        ("HEAD", "/read", 200, "dashboard"),
        ("GET", "/openapi.json", 200, None),
        ("GET", "(none)", 401, None),
    ]
    for line, answer in zip(told, answers, strict=True):
        assert line["request_id"] == answer.headers["x-request-id"]
        assert 0 <= line["duration_ms"] < 10_000
        if line["method"] != "HEAD":
            assert line["bytes"] == len(answer.content)
    assert "limit=3" not in captured and "/nowhere" not in captured


async def test_an_answer_that_breaks_off_is_told_too(capsys: pytest.CaptureFixture[str]) -> None:
    """With the status that it began with."""
    async with open_door() as door:
        await door.say("GET /half HTTP/1.1\nHost: localhost\n\n")
    captured = capsys.readouterr().err
    (line,) = lines(captured)
    assert (line["status"], line["bytes"]) == (200, len("the first half"))
    assert '"event": "request.crashed"' in captured


async def test_what_is_logged_within_a_request_has_its_id(capsys: pytest.CaptureFixture[str]) -> None:
    """And what is logged after it has not."""
    async with open_door() as door:
        await door.ask("/breaks/down", x_request_id="one")
        await door.ask("/breaks/unknown", x_request_id="two")
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    assert [(line["event"], line["request_id"]) for line in told if "request_id" in line] == [
        ("request.failed", "one"),
        ("request.finished", "one"),
        ("request.crashed", "two"),
        ("request.finished", "two"),
    ]


@pytest.mark.parametrize("sane", ["a", "5f0c1d0f-7b7e-4c0c", "x" * 64, "A_b.c-9"])
async def test_a_sane_id_is_taken(sane: str) -> None:
    """It comes back in the answer."""
    async with open_door() as door:
        assert (await door.ask(x_request_id=sane)).headers["x-request-id"] == sane


@pytest.mark.parametrize("odd", ["", "x" * 65, "a b", 'a"b', "a\tb", "é", "<script>", "a;b"])
async def test_an_odd_id_is_replaced(odd: str) -> None:
    """By one of our own, which nobody else has."""
    async with open_door() as door:
        made = [(await door.ask(x_request_id=odd)).headers["x-request-id"] for _ in range(2)]
        assert all(re.fullmatch(r"[0-9a-f]{32}", one) for one in made)
        assert made[0] != made[1]


CAREFUL = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}


async def test_every_answer_bids_browsers_be_careful() -> None:
    """Good ones, refusals and broken ones; each header once."""
    async with open_door() as door:
        for path in ("/read", "/nowhere", "/breaks/unknown", "/healthz", "/typed/x"):
            answer = await door.ask(path)
            assert CAREFUL.items() <= dict(answer.headers).items(), path
        refused = await door.ask(host="evil.example.com")
        assert refused.status_code == 403
        assert CAREFUL.items() <= dict(refused.headers).items()


async def test_a_route_may_say_for_itself_how_long_it_may_be_kept() -> None:
    """Then nothing is added to it."""
    async with open_door() as door:
        said = await door.say("GET /half HTTP/1.1\nHost: localhost\n\n")
    assert said.lower().count("cache-control:") == 1
    assert "private, max-age=60" in said


@given(st.dictionaries(st.sampled_from(list(CAREFUL)), st.text("abc", min_size=1)))
async def test_no_header_is_sent_twice(own: dict[str, str]) -> None:
    """What the route says goes; what it does not say is added."""
    sent: list[Any] = []
    scope = {"type": "http", "method": "GET", "path": "/tasks", "headers": [], "app": APPLICATION}

    async def route(_: Any, receive: Any, send: Any) -> None:
        headers = [(name.encode(), value.encode()) for name, value in own.items()]
        await send({"type": "http.response.start", "status": 200, "headers": headers})

    async def send(message: Any) -> None:
        sent.append(message)

    configure_logging("error", "json")
    await RequestLog(route, record_request, security_headers)(scope, send, send)
    found = [(name.decode(), value.decode()) for name, value in sent[0]["headers"]]
    names = [name for name, _ in found]
    assert len(names) == len(set(names))
    assert CAREFUL | own == {name: value for name, value in found if name in CAREFUL}
