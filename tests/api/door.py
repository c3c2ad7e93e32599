"""The application behind real HTTP without what it serves, and routes that show what reaches them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any

import httpx2
import uvicorn
from fastapi import Depends, FastAPI, Query, Request
from fastapi.responses import StreamingResponse
from starlette.exceptions import HTTPException

from app.config import given_settings
from app.core.errors import DatabaseDown, DatabaseRefused, DataRejected, RateLimited, RunTakenOver, SyncError
from app.http.auth import caller_of, require_write
from app.http.authenticator import Authenticator
from app.logging_config import configure_logging
from app.main import create_app
from tests.engine.service.running import QuickServer, client_of, free_socket

READER, WRITER, WRONG = "reader-" + "r" * 20, "writer-" + "w" * 20, "wrong-" + "x" * 20
# What must stand in no answer, whatever broke.
DELICATE = "SELECT secret FROM tokens -- pk_1_HUNTER2 on db.internal"
ERRORS: dict[str, Exception] = {
    "unknown": RuntimeError(DELICATE),
    "down": DatabaseDown(DELICATE),
    "refused": DatabaseRefused(DELICATE),
    "rejected": DataRejected(DELICATE),
    "lost": RunTakenOver("run 1 was given to another worker"),
    "limited": RateLimited("task 1", 12.2),
    "other": SyncError("the run failed"),
    "group": ExceptionGroup("tasks", [DatabaseDown(DELICATE)]),
    "teapot": HTTPException(418, headers={"X-Kept": "yes"}),
}


@dataclass(slots=True)
class Door:
    """One application, reachable at `url`."""

    application: FastAPI
    url: str

    async def ask(
        self, path: str = "/read", method: str = "GET", key: str | None = None, **headers: str
    ) -> httpx2.Response:
        """Underscores in the names of headers stand for hyphens."""
        sent = {name.replace("_", "-"): value.encode() for name, value in headers.items()}
        if key:
            sent["Authorization"] = f"Bearer {key}".encode()
        async with client_of(self.url) as client:
            return await client.request(method, path, headers=sent)

    async def say(self, request: str) -> str:
        """What comes back for these bytes on a connection of their own."""
        host, _, port = self.url.removeprefix("http://").rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(request.replace("\n", "\r\n").encode("latin-1"))
        answer = await asyncio.wait_for(reader.read(), 120)
        writer.close()
        await writer.wait_closed()
        return answer.decode()


@asynccontextmanager
async def open_door(host: str = "127.0.0.1", **settings: Any) -> AsyncIterator[Door]:
    """With these settings; logs are JSON lines, from debug on."""
    configure_logging("debug", "json")
    application = create_app()
    application.state.authenticator = Authenticator(
        given_settings(clickup_api_token="pk_1_HUNTER2", **settings)
    )
    _add_routes(application)
    listening = free_socket(host)
    server = QuickServer(uvicorn.Config(application, log_config=None, lifespan="off"))
    work = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:
        assert not work.done(), "the door did not open"
        await asyncio.sleep(0.01)
    try:
        yield Door(application, f"http://{host}:{listening.getsockname()[1]}")
    finally:
        server.end()
        await work
        listening.close()


def _add_routes(application: FastAPI) -> None:
    @application.api_route("/read", methods=["GET", "POST", "DELETE"], include_in_schema=False)
    async def read(request: Request) -> dict[str, str | None]:
        caller = caller_of(request)
        return {"caller": caller.name if caller else None}

    @application.get("/sync/all", dependencies=[Depends(require_write)])
    async def sync() -> dict[str, str]:
        return {"status": "started"}

    @application.get("/breaks/{how}")
    async def breaks(how: str) -> None:
        raise ERRORS[how]

    @application.get("/typed/{number}")
    async def typed(number: int, limit: Annotated[int, Query(ge=1, le=10)] = 5) -> dict[str, int]:
        return {"number": number, "limit": limit}

    @application.get("/half")
    async def half() -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            yield b"the first half"
            raise RuntimeError(DELICATE)

        return StreamingResponse(parts(), headers={"Cache-Control": "private, max-age=60"})
