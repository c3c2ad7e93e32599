"""What a client may take of the server: time, headers, connections. Each byte is written by the test."""

import asyncio
import logging
from typing import Any

import pytest

from app.http.connections import HttpLimits, Phase
from tests.api.raw import HEALTHZ, Raw, serving_raw
from tests.engine.service.running import until

SHORT = HttpLimits(header_seconds=1, body_seconds=1, write_seconds=1, idle_seconds=4)
POST = b"POST /read HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture(autouse=True)
def silent_server() -> None:
    """As `serve` has it: what a client does wrong is none of the log's matters."""
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL + 1)


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Answers /early at once, /large with 64 MB, and all else when the body is here, with its length."""
    size = 0
    if scope["path"] == "/large":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(64):
            await send({"type": "http.response.body", "body": bytes(1_000_000), "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        return
    while scope["path"] != "/early":
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size += len(message["body"])
        if not message["more_body"]:
            break
    text = f"{size} bytes, {len(scope['headers'])} headers".encode()
    headers = [(b"content-length", str(len(text)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": text})


HALF = {
    b"": False,
    b"\r\n": False,
    b"GET /healthz": True,
    b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ": True,
    POST + b"Content-Length: 9\r\n\r\n123": True,
    POST + b"Transfer-Encoding: chunked\r\n\r\n3\r\n123": True,
    POST + b"Expect: 100-continue\r\nContent-Length: 9\r\n\r\n": True,
    HEALTHZ + b"GET /heal": True,
    HEALTHZ + b"\r\n": False,
    HEALTHZ: False,
}


async def test_what_is_sent_by_half_is_not_waited_for() -> None:
    """The server closes; where a request had begun it says 408."""
    async with serving_raw(application, SHORT) as server:
        told = await asyncio.gather(*map(server.say, HALF))
    for half, answer in zip(HALF, told, strict=True):
        assert answer.endswith(b"did not arrive in time.") == HALF[half], half


async def test_a_request_that_trickles_has_no_more_time() -> None:
    """A byte now and then does not renew the time."""
    async with serving_raw(application, SHORT) as server, server.connect() as raw:
        trickle = asyncio.create_task(_trickle(raw))
        assert (await raw.rest()).startswith(b"HTTP/1.1 408 ")
        trickle.cancel()


async def _trickle(raw: Raw) -> None:
    await raw.send(b"GET /healthz HTTP/1.1\r\nX-Slow: ")
    while True:
        await raw.send(b"x")
        await asyncio.sleep(0.05)


LIMITS = HttpLimits(header_bytes=8_192)


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nX-Large: " + b"a" * 200_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nX-Endless: " + b"a" * 600_000, 431),
        (b"GET / HTTP/1.1\r\n" + b"X-Many: b\r\n" * 101 + b"\r\n", 431),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * 100_000, 400),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"e" * 600_000, 400),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"X-Trailer: t\r\n" * 50_000, 431),
        (b"\x16\x03\x01\x02\x00\x01\x00", 400),
    ],
)
async def test_what_is_too_large_is_refused_and_closed(request_: bytes, status: int) -> None:
    """Also what the parser keeps for itself, and what only frames a body."""
    async with serving_raw(application, LIMITS) as server, server.connect() as raw:
        raw.writer.write(request_)
        assert (await raw.rest()).startswith(b"HTTP/1.1 %d " % status)


async def test_headers_as_browsers_send_them_pass() -> None:
    """Also in single bytes, and with trailers, which become no headers."""
    request = POST + b"Connection: close\r\nTransfer-Encoding: chunked\r\nCookie: " + b"c" * 7_000
    request += b"\r\n\r\n3\r\n123\r\n0\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n"
    async with serving_raw(application, LIMITS) as server, server.connect() as raw:
        for index in range(0, len(request), 500):
            await raw.send(request[index : index + 500])
            await asyncio.sleep(0)
        assert (await raw.rest()).endswith(b"3 bytes, 4 headers")


async def test_a_flood_of_requests_on_one_connection_is_cut_off() -> None:
    """Before the first is answered; few at once are answered in order."""
    async with serving_raw(application, HttpLimits()) as server:
        async with server.connect() as raw:
            await raw.send(HEALTHZ * 3)
            assert [(await raw.answer())[:15] for _ in range(3)] == [b"HTTP/1.1 200 OK"] * 3
        told = await server.say(HEALTHZ * 3_000)
    assert told.count(b"HTTP/1.1 200") < 20


async def test_an_upgrade_is_answered_as_if_nobody_had_asked_for_it() -> None:
    """By an answer over HTTP/1.1, and the end."""
    for protocol in (b"websocket", b"h2c", b"anything"):
        upgrade = b"Connection: Upgrade\r\nUpgrade: " + protocol + b"\r\n\r\n"
        async with serving_raw(application, HttpLimits()) as server:
            assert (await server.say(HEALTHZ[:-2] + upgrade)).startswith(b"HTTP/1.1 200 OK")


async def test_who_is_answered_early_sees_the_answer_and_is_not_listened_to_for_long() -> None:
    """A body that nobody reads ends with the connection, whether it comes fast or slowly."""
    early = b"POST /early HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8000000\r\n\r\n"
    async with serving_raw(application, HttpLimits()) as server:
        assert (await server.say(early)).startswith(b"HTTP/1.1 200 OK")
        async with server.connect() as raw:
            await raw.send(early)
            assert (await raw.answer()).startswith(b"HTTP/1.1 200 OK")
            with pytest.raises(ConnectionError):
                for _ in range(1_000):
                    await raw.send(bytes(65_536))


async def test_a_small_body_that_came_after_its_answer_leaves_the_connection_open() -> None:
    """A client that sends headers and body in two pieces is not cut off."""
    async with serving_raw(application, HttpLimits()) as server, server.connect() as raw:
        await raw.send(b"POST /early HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\n")
        await raw.answer()
        await raw.send(b"123" + HEALTHZ)
        assert (await raw.answer()).startswith(b"HTTP/1.1 200 OK")


async def test_who_does_not_read_an_answer_is_cut_off() -> None:
    """And holds no more of it than one piece."""
    async with serving_raw(application, SHORT) as server, server.connect() as raw:
        raw.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await raw.send(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await until(lambda: len(server.tracker) == 0)
        assert server.tracker.closed == {"blocked_overdue": 1}


async def test_at_the_bound_who_waits_longest_makes_room() -> None:
    """A request that is complete is answered, however many others are not."""
    limits = HttpLimits(connections=10, header_seconds=600)
    async with serving_raw(application, limits) as server:
        slow = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(30)]
        for _, writer in slow:
            writer.write(b"GET /healthz HTTP/1.1\r\n")
        for _ in range(3):
            async with server.connect() as raw:
                await raw.send(HEALTHZ)
                assert (await raw.answer()).startswith(b"HTTP/1.1 200 OK")
                assert len(server.tracker) <= 10
        for _, writer in slow:
            writer.transport.abort()


async def test_who_is_being_answered_is_not_cut_off_to_make_room() -> None:
    """Then 503 with a time to come again."""
    at_work = asyncio.Event()

    async def waiting(scope: Any, receive: Any, send: Any) -> None:
        await at_work.wait()
        await application(scope, receive, send)

    async with (
        serving_raw(waiting, HttpLimits(connections=2)) as server,
        server.connect() as one,
        server.connect() as two,
    ):
        for raw in (one, two):
            await raw.send(HEALTHZ)
        await until(lambda: server.tracker.phases() == [Phase.ANSWERING] * 2)
        refused = await server.say(b"")
        assert refused.startswith(b"HTTP/1.1 503 ") and b"retry-after: 5\r\n" in refused
        at_work.set()
        for raw in (one, two):
            assert (await raw.answer()).startswith(b"HTTP/1.1 200 OK")
