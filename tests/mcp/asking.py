"""The server over real HTTP, asked by the official SDK's own client; answers fit their schemas."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import jsonschema
import uvicorn
from mcp import Client
from starlette.applications import Starlette

from app.config import Settings
from app.mcp.mcp_server import create_app
from tests.engine.mirror import Mirror
from tests.engine.service.running import QuickServer
from tests.threads import awaited_in_own_thread, entered_in_own_thread

Json = dict[str, Any]
BOTH = "application/json, text/event-stream"
READER, WRITER, WRONG = "reader-" + "r" * 20, "writer-" + "w" * 20, "wrong-" + "x" * 20
# What must stand in no answer, whatever broke.
DELICATE = "SELECT secret FROM tokens -- pk_1_HUNTER2 on db.internal"


@dataclass(slots=True)
class Tools:
    """A client of one server, and the mirror that it answers from."""

    mirror: Mirror
    client: Client
    schemas: dict[str, Json]

    async def ask(self, tool: str, /, **arguments: Any) -> Json:
        """The structured content of an answer, which is what its schema promises."""
        result = await self.client.call_tool(tool, arguments)
        assert not result.is_error, f"{tool} {arguments}: {result.content}"
        content: Json = result.structured_content
        jsonschema.validate(content, self.schemas[tool], format_checker=jsonschema.FormatChecker())
        return content

    async def refused(self, tool: str, /, **arguments: Any) -> str:
        """The sentence of an error."""
        result = await self.client.call_tool(tool, arguments)
        assert result.is_error, f"{tool} {arguments} was answered: {result.structured_content}"
        assert result.structured_content is None
        return str(result.content[0].text)  # type: ignore[union-attr]

    async def walk(self, tool: str, rows_of: str, /, **arguments: Any) -> list[Json]:
        """All pages of a list, one after the other."""
        rows: list[Json] = []
        cursor: Json = {}
        while True:
            page = await self.ask(tool, **arguments | cursor)
            rows += page[rows_of]
            if "next_cursor" not in page:
                return rows
            cursor = {"cursor": page["next_cursor"]}


@asynccontextmanager
async def asking(mirror: Mirror, mode: str = "auto", **settings: Any) -> AsyncIterator[Tools]:
    """The server of this mirror in this process; `mode` is the client's: auto, or legacy with a handshake."""
    async with (
        served(mirror.settings(log_level="error", **settings)) as url,
        Client(f"{url}/mcp", mode=mode) as client,
    ):
        listed = (await client.list_tools()).tools
        yield Tools(mirror, client, {tool.name: tool.output_schema or {} for tool in listed})


def served(settings: Settings, application: Starlette | None = None) -> AbstractAsyncContextManager[str]:
    """The server, or another application, in a thread of its own; its address."""
    return awaited_in_own_thread(_serve(settings, application))


def served_beside(settings: Settings) -> AbstractContextManager[str]:
    """The same for tests that are not asynchronous."""
    return entered_in_own_thread(_serve(settings, None))


@asynccontextmanager
async def _serve(settings: Settings, application: Starlette | None) -> AsyncIterator[str]:
    listening = socket.create_server(("127.0.0.1", 0))
    made = application or create_app(settings)
    server = QuickServer(uvicorn.Config(made, log_config=None, lifespan="on"))
    work = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        while not server.started:
            assert not work.done(), "the server did not start"
            await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.end()
        await work
        listening.close()


def call(tool: str, **arguments: Any) -> Json:
    """The message that asks a tool, as anybody may write it by hand."""
    return {
        "jsonrpc": "2.0",
        "method": "tools/call",
        "params": {"name": tool, "arguments": arguments},
        "id": 1,
    }


def post(url: str, message: Any, **headers: str) -> httpx2.Response:
    """One POST by itself: no handshake before it, no session."""
    sent = {"Accept": BOTH} | {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx2.post(f"{url}/mcp", json=message, headers=sent, timeout=120, verify=False)
