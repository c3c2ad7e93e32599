"""Who injects SQL into parameters and paths gets nowhere; sqlmap, which finds ways in elsewhere, says so."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from tests.engine.mirror import Mirror
from tests.engine.service.running import QuickServer, free_socket, serving, until
from tests.security.injection import attack
from tests.threads import awaited_in_own_thread

# By itself one parameter is tried quickly; all of them and all techniques: `make security`.
AT_LENGTH = "SECURITY_CASES" in os.environ
pytestmark = [pytest.mark.slow, pytest.mark.timeout(3_600)]

ENDPOINTS = {
    "a list of tasks": ("/tasks?q=red&status=open&tag=a&sort=-updated&limit=5", "q,status,tag,sort,limit"),
    "a task by its id": ("/tasks/{task}*", ""),
    "timesheets": (
        "/timesheets?from=2026-01-01&to=2026-01-31&group_by=person&per=day",
        "from,to,group_by,per",
    ),
}


@pytest.mark.parametrize("name", ENDPOINTS if AT_LENGTH else ["a list of tasks"])
async def test_no_parameter_reaches_the_sql(mirror: Mirror, tmp_path: Path, name: str) -> None:
    path, parameters = ENDPOINTS[name]
    task = mirror.value("SELECT min(clickup_task_id) FROM tasks")
    async with serving(mirror, api_rate_limit=0) as running:
        await until(lambda: running.service.workspace_id)
        tried = await asyncio.to_thread(
            attack, running.url + path.format(task=task), tmp_path,
            parameters=parameters if AT_LENGTH else "q", level=3 if AT_LENGTH else 1,
            techniques="BEUST" if AT_LENGTH else "BE",
        )  # fmt: skip
    assert not tried.found, tried.output[-4_000:]


async def test_a_service_that_pastes_text_into_sql_would_be_found(mirror: Mirror, tmp_path: Path) -> None:
    """Or what is said above would say nothing."""
    async with awaited_in_own_thread(_careless_service(mirror.database_url)) as url:
        tried = await asyncio.to_thread(
            attack, f"{url}/?q=red", tmp_path, parameters="q", level=1, techniques="BE"
        )
    assert tried.found, tried.output[-4_000:]


@asynccontextmanager
async def _careless_service(database_url: str) -> AsyncIterator[str]:
    async def answer(request: Request) -> PlainTextResponse:
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
            rows = await connection.execute(
                f"SELECT title FROM tasks WHERE title <> '{request.query_params['q']}'"  # type: ignore[arg-type]
            )
            return PlainTextResponse(str(await rows.fetchall()))

    listening = free_socket()
    application = Starlette(routes=[Route("/", answer)])
    server = QuickServer(uvicorn.Config(application, log_config=None, log_level="critical"))
    work = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.end()
        await work
        listening.close()
