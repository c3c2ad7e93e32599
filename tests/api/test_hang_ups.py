"""A client that goes away is nobody's error: one line at info, whatever it was in the middle of."""

import asyncio
import json
from typing import Any

import pytest

from app.http.body import LARGEST_BODY_BYTES
from app.logging_config import configure_logging
from tests.api.door import READER, WRITER, open_door
from tests.engine.mirror import Mirror
from tests.engine.service.running import serving, until
from tests.mcp.asking import served

BODY = "Host: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
HANG_UPS = {
    "half a body of a sync": f"POST /sync/tasks HTTP/1.1\r\n{BODY}",
    "half a form": f"POST /ui/sync HTTP/1.1\r\nHX-Request: true\r\n{BODY}",
    "half a key": f"POST /ui/sign-in HTTP/1.1\r\n{BODY}",
    "half a delivery": f"POST /webhooks/clickup HTTP/1.1\r\nX-Signature: {'0' * 64}\r\n{BODY}",
    "chunks": "POST /sync/tasks HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
    "an answer": "GET /tasks HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a table": "GET /time-entries?format=csv HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a page": "GET / HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\r\n",
    "events": "GET /ui/events HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a sync that is waited for": "GET /sync/daily?wait=true HTTP/1.1\r\nHost: localhost\r\n\r\n",
}
TOOL = f"POST /mcp HTTP/1.1\r\nAccept: application/json, text/event-stream\r\n{BODY}"


async def hang_up(url: str, request: str) -> None:
    """Sends it and goes away at once."""
    _, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    writer.write(request.encode())
    await writer.drain()
    await asyncio.sleep(0.02)
    writer.transport.abort()


def lines(said: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.splitlines() if line.startswith("{")]


async def test_who_hangs_up_is_one_line_at_info(mirror: Mirror, capsys: pytest.CaptureFixture[str]) -> None:
    """Of every route: in the middle of what it asks, and of what it is answered."""
    await mirror.sync("incremental")
    async with serving(mirror) as running:
        configure_logging("info", "json")
        capsys.readouterr()
        said = list[dict[str, Any]]()
        for request in HANG_UPS.values():
            await hang_up(running.url, request)

        def told() -> list[dict[str, Any]]:
            said.extend(lines(capsys.readouterr().err))
            return [line for line in said if line["event"] == "request.finished"]

        await until(lambda: len(told()) >= len(HANG_UPS))
    said.extend(lines(capsys.readouterr().err))
    assert [line for line in said if line["level"] not in ("info", "debug")] == []
    assert len([line for line in said if line["event"] == "request.finished"]) == len(HANG_UPS)


async def test_who_hangs_up_on_the_tools_is_one_line_at_info(
    mirror: Mirror, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the middle of a message."""
    async with served(mirror.settings(log_level="info")) as url:
        configure_logging("info", "json")
        capsys.readouterr()
        await hang_up(url, TOOL)
        said = list[dict[str, Any]]()
        await until(lambda: said.extend(lines(capsys.readouterr().err)) or said)
    said.extend(lines(capsys.readouterr().err))
    (line,) = said
    assert (line["event"], line["level"], line["status"]) == ("request.refused", "info", 400)


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_that_is_too_large_is_refused(declared: bool) -> None:
    """Whether its length is said before or not; what has the right size arrives."""
    async with open_door() as door:
        for size, status in ((LARGEST_BODY_BYTES, "200"), (LARGEST_BODY_BYTES + 1, "413")):
            length = f"Content-Length: {size}" if declared else "Transfer-Encoding: chunked"
            body = "x" * size if declared else f"{size:x}\n{'x' * size}\n0\n\n"
            told = await door.say(
                f"POST /read HTTP/1.1\nHost: localhost\nConnection: close\n{length}\n\n{body}"
            )
            assert told.startswith(f"HTTP/1.1 {status}")


async def test_of_who_may_not_ask_no_body_is_read() -> None:
    """The answer comes before the body."""
    head = "POST /read HTTP/1.1\nHost: localhost\nContent-Length: 1000000\nConnection: close\n"
    async with open_door(api_keys=f"dashboard:read:{READER},script:write:{WRITER}") as door:
        for key, status in (("", "401"), ("X-API-Key: wrong\n", "401"), (f"X-API-Key: {READER}\n", "403")):
            assert (await door.say(f"{head}{key}\n")).startswith(f"HTTP/1.1 {status}")
