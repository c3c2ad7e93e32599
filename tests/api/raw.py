"""Connections without an HTTP client: what a client may do wrong, byte by byte."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn

from app.http.connection_watch import LimitedServerState
from app.http.connections import ConnectionTracker, HttpLimits
from app.http.http_protocol import HttpProtocol
from tests.engine.service.running import QuickServer, free_socket

HEALTHZ = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


@dataclass(slots=True)
class Raw:
    """One connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def rest(self) -> bytes:
        """All that comes until the server closes the connection."""
        async with asyncio.timeout(120):
            try:
                return await self.reader.read()
            except ConnectionResetError:
                return b""

    async def answer(self) -> bytes:
        """One answer with a Content-Length: its status line, headers and body."""
        async with asyncio.timeout(120):
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
            return head + await self.reader.readexactly(length)


@dataclass(slots=True)
class RawServer:
    """A server with limits; `tracker` may be looked at."""

    port: int
    tracker: ConnectionTracker

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Raw]:
        async with asyncio.timeout(120):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            yield Raw(reader, writer)
        finally:
            writer.transport.abort()

    async def say(self, data: bytes) -> bytes:
        """All that comes back for these bytes until the server closes the connection."""
        async with self.connect() as raw:
            await raw.send(data)
            return await raw.rest()


@asynccontextmanager
async def serving_raw(application: Any, limits: HttpLimits) -> AsyncIterator[RawServer]:
    """The application under the server's own protocol, with these limits."""
    listening = free_socket()
    config = uvicorn.Config(application, log_config=None, lifespan="off", http=HttpProtocol, ws="none")
    server = QuickServer(config)
    state = LimitedServerState(limits)
    server.server_state = state
    work = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:
        assert not work.done(), "the server did not start"
        await asyncio.sleep(0.01)
    try:
        yield RawServer(listening.getsockname()[1], state.watch.tracker)
    finally:
        server.end()
        await work
        listening.close()
