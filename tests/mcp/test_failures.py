"""What goes wrong is told in a sentence: no statement, no address, no trace; the cause stands in the log."""

import asyncio
from typing import Any

import pytest
from fastmcp.tools import Tool
from mcp import Client, MCPError
from starlette.middleware import Middleware

from app.core.errors import DatabaseDown, DataRejected, SyncError
from app.http.auth import AuthMiddleware
from app.http.authenticator import Authenticator
from app.logging_config import configure_logging
from app.mcp.mcp_server import PATH, create_server
from app.mcp.request_context import Context, ServerLifespan
from tests.engine.mirror import Mirror
from tests.mcp.asking import DELICATE, asking, served


async def breaks(context: Context, how: str) -> dict[str, Any]:
    """Breaks in the way that is asked for."""
    errors: dict[str, Exception] = {
        "down": DatabaseDown(DELICATE),
        "rejected": DataRejected(DELICATE),
        "sync": SyncError("the run failed"),
        "unknown": RuntimeError(DELICATE),
        "time": TimeoutError(DELICATE),
        "group": ExceptionGroup("several", [DatabaseDown(DELICATE)]),
        "value": ValueError(DELICATE),
    }
    raise errors[how]


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ("down", "the database does not answer"),
        ("rejected", "a value that the database cannot search for"),
        ("sync", "the run failed"),
        ("unknown", "internal error"),
        ("time", "internal error"),
        ("group", "the database does not answer"),
        ("value", "internal error"),
    ],
)
async def test_what_may_be_said(
    mirror: Mirror, capsys: pytest.CaptureFixture[str], how: str, sentence: str
) -> None:
    """Each kind of error has its sentence; the log has its cause, and the call's line says that it failed."""
    configure_logging("info", "json")
    settings = mirror.settings()
    opening = ServerLifespan(settings)
    server = create_server(opening)
    server.add_tool(Tool.from_function(breaks))
    application = server.http_app(
        path=PATH,
        stateless_http=True,
        json_response=True,
        middleware=[Middleware(AuthMiddleware, allows_post_reads=True)],
    )
    application.state.authenticator = Authenticator(settings)
    async with served(settings, application) as url, Client(f"{url}{PATH}") as client:
        await client.list_tools()
        result = await client.call_tool("breaks", {"how": how})
    text = result.content[0].text  # type: ignore[union-attr]
    assert result.is_error and sentence in text
    assert "HUNTER2" not in text and "SELECT" not in text and "Traceback" not in text
    told = capsys.readouterr().err
    assert '"outcome": "failed"' in told and '"tool": "breaks"' in told
    assert ("the run failed" if how == "sync" else "HUNTER2") in told


async def test_a_table_that_is_gone(mirror: Mirror) -> None:
    """The database's own words are not repeated."""
    async with asking(mirror) as tools:
        mirror.rows("ALTER TABLE tasks RENAME TO moved")
        said = await tools.refused("find_tasks")
        assert "the database refused the query" in said
        assert "relation" not in said and "moved" not in said


async def test_the_database_comes_back(mirror: Mirror) -> None:
    """Connections that were cut are replaced; the next call is answered."""
    async with asking(mirror) as tools:
        await tools.ask("get_spaces")
        mirror.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await asyncio.sleep(0.2)
        assert (await tools.ask("get_spaces"))["spaces"]


@pytest.mark.parametrize(
    ("tool", "argument", "value", "said"),
    [
        ("find_tasks", "asignee", ["Ada"], "asignee: unknown parameter; did you mean `assignee`?"),
        ("find_tasks", "stauts", "open", "did you mean `status`?"),
        ("find_tasks", "status_type", ["opne"], "did you mean `open`?"),
        ("list_attention", "condition", "overdu", "did you mean `overdue`?"),
        ("get_time_report", "group_by", "persons", "did you mean `person`?"),
    ],
)
async def test_a_misspelled_argument_is_told_the_nearest(
    url: str, tool: str, argument: str, value: Any, said: str
) -> None:
    """An unknown name, and a value that is none of those allowed: nothing is ignored."""
    async with Client(f"{url}{PATH}") as client:
        result = await client.call_tool(tool, {argument: value})
    assert result.is_error and said in result.content[0].text  # type: ignore[union-attr]


async def test_days_of_a_condition_without_days_are_refused(url: str) -> None:
    """As the API does: nothing is ignored."""
    async with Client(f"{url}{PATH}") as client:
        result = await client.call_tool("list_attention", {"condition": "blocked", "days": 3})
    assert result.is_error and "blocked takes no days" in result.content[0].text  # type: ignore[union-attr]


async def test_a_tool_that_does_not_exist(mirror: Mirror) -> None:
    """It is said so; of a resource that does not exist too."""
    async with asking(mirror) as tools:
        result = await tools.client.call_tool("drop_everything", {})
        assert result.is_error
        assert "Unknown tool" in result.content[0].text  # type: ignore[union-attr]
        with pytest.raises(MCPError, match="Resource not found"):
            await tools.client.read_resource("clickup://nothing")


async def test_a_resource_that_cannot_be_read(mirror: Mirror) -> None:
    """Its error is a sentence as well."""
    async with asking(mirror) as tools:
        mirror.rows("ALTER TABLE tasks RENAME TO moved")
        with pytest.raises(MCPError) as raised:
            await tools.client.read_resource("clickup://tree")
    assert "the database refused" in str(raised.value) and "moved" not in str(raised.value)


async def test_what_makes_no_sense_in_the_mirror(mirror: Mirror) -> None:
    """Statuses and features of a shape that ClickUp never sent before break nothing."""
    mirror.rows("""UPDATE spaces SET statuses = '{"a": 1}', features = '[1]'""")
    space = mirror.value("SELECT min(space_id) FROM spaces")
    async with asking(mirror) as tools:
        assert {one["status_count"] for one in (await tools.ask("get_spaces"))["spaces"]} == {0}
        assert (await tools.ask("get_space", space_id=space))["features"] == {}
        await tools.ask("find_tasks", status=mirror.value("SELECT min(status) FROM tasks WHERE NOT archived"))
