"""A client of another maker lists and calls every tool, over HTTP and standard input, in two protocols."""

import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from mcp import Client, StdioServerParameters, stdio_client

from app.mcp.registry import PROMPTS, RESOURCES, TOOLS
from tests.cli import command
from tests.engine.mirror import Mirror
from tests.mcp.asking import asking

NAMES = {tool.__name__ for tool in TOOLS}
DOCUMENTED = {
    "get_workspaces": {"workspace_id", "name", "color", "avatar", "plan", "members_count"},
    "get_spaces": {"space_id", "name", "status_count", "multiple_assignees", "archived", "color"},
}
ALWAYS = {"as_of", "age", "is_fresh", "is_complete", "gaps", "zone"}


def required(mirror: Mirror) -> dict[str, dict[str, Any]]:
    """What tools must be told, of things that are there."""
    folder = mirror.value("SELECT folder_id FROM folders ORDER BY 1 LIMIT 1")
    return {
        "get_space": {"space_id": mirror.value("SELECT space_id FROM spaces ORDER BY 1 LIMIT 1")},
        "get_folder": {"folder_id": folder},
        "get_list": {"list_id": mirror.value("SELECT list_id FROM lists ORDER BY 1 LIMIT 1")},
        "find_places": {"name": "e"},
        "get_task": {"task_id": mirror.value("SELECT clickup_task_id FROM tasks ORDER BY 1 LIMIT 1")},
        "get_timesheet": {
            "person": mirror.value("SELECT clickup_user_id FROM employees WHERE is_active ORDER BY 1 LIMIT 1")
        },
        "list_attention": {"condition": "overdue"},
        "get_progress": {"from": "2026-01-01"},
        "query": {"sql": "SELECT 1 AS one"},
    }


async def call_all(client: Client, mirror: Mirror) -> None:
    """Every tool that is listed is called, and what it answers is what its schema says."""
    tools = (await client.list_tools()).tools
    assert {tool.name for tool in tools} == NAMES
    for tool in tools:
        result = await client.call_tool(tool.name, required(mirror).get(tool.name, {}))
        assert not result.is_error, f"{tool.name}: {result.content}"
        assert tool.output_schema
        jsonschema.validate(result.structured_content, tool.output_schema)
        assert result.content[0].type == "text"


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_every_tool_over_http(mirror: Mirror, mode: str) -> None:
    """Listed, called, and each answer as its schema says, with the newest protocol and with a handshake."""
    async with asking(mirror, mode) as tools:
        await call_all(tools.client, mirror)


async def test_every_tool_over_standard_input(mirror: Mirror, tmp_path: Path) -> None:
    """The same of a process that a client starts by `clickup-sync mcp --stdio`, which needs no token."""
    started = StdioServerParameters(
        command=sys.executable,
        args=["-m", "app", "mcp", "--stdio"],
        env=command.environment(database_url=mirror.database_url),
        cwd=tmp_path,
    )
    async with Client(stdio_client(started)) as client:
        await call_all(client, mirror)


@pytest.fixture
async def listed(mirror: Mirror) -> dict[str, Any]:
    async with asking(mirror) as tools:
        return {tool.name: tool for tool in (await tools.client.list_tools()).tools}


def test_every_tool_says_that_it_only_reads(listed: dict[str, Any]) -> None:
    """Each has a title, and hints that it changes nothing, may be called again, and asks no other world."""
    for tool in listed.values():
        hints = tool.annotations
        assert tool.title and hints.title == tool.title
        assert (hints.read_only_hint, hints.destructive_hint) == (True, False)
        assert (hints.idempotent_hint, hints.open_world_hint) == (True, False)


def test_everything_is_described(listed: dict[str, Any]) -> None:
    """Each tool, each parameter and each field of each answer says what it means."""
    silent = [name for name, tool in listed.items() if not tool.description]
    for name, tool in listed.items():
        silent += [f"{name}({one})" for one, schema in tool.input_schema["properties"].items()
                   if "description" not in schema]  # fmt: skip
        silent += [f"{name}: {path}" for path in undescribed(tool.output_schema)]
    assert silent == []


def undescribed(schema: dict[str, Any], path: str = "") -> list[str]:
    """The fields of an answer that say nothing of themselves."""
    found = []
    for name, field in schema.get("properties", {}).items():
        if "description" not in field:
            found.append(f"{path}{name}")
        for part in (field, field.get("items", {}), *field.get("anyOf", ())):
            found += undescribed(part, f"{path}{name}.")
    return found


def test_units_and_zone_are_named(listed: dict[str, Any]) -> None:
    """Each number of minutes says that it is one, each instant and day says in whose zone it is."""
    for name, tool in listed.items():
        for path, field in fields(tool.output_schema):
            text = field.get("description", "")
            if path.endswith("minutes"):
                assert "minutes" in text, f"{name}: {path}"
            kinds = {part.get("format") for part in (field, *field.get("anyOf", ()))}
            if kinds & {"date-time", "date"}:
                assert "`zone`" in text, f"{name}: {path}"


def fields(schema: dict[str, Any], path: str = "") -> list[tuple[str, dict[str, Any]]]:
    """Every field of an answer, by its path."""
    found = []
    for name, field in schema.get("properties", {}).items():
        found.append((f"{path}{name}", field))
        for part in (field, field.get("items", {}), *field.get("anyOf", ())):
            found += fields(part, f"{path}{name}.")
    return found


def test_every_answer_says_how_old_it_is(listed: dict[str, Any]) -> None:
    """as_of, age, freshness, completeness, gaps and zone stand in each answer's schema."""
    for name, tool in listed.items():
        assert set(tool.output_schema["required"]) >= ALWAYS, name


@pytest.mark.parametrize(("tool", "rows"), [("get_workspaces", "workspaces"), ("get_spaces", "spaces")])
def test_the_documented_tools_have_the_documented_fields(
    listed: dict[str, Any], tool: str, rows: str
) -> None:
    """Workspaces and spaces tell what was promised of them, in each row."""
    row = listed[tool].output_schema["properties"][rows]["items"]
    assert set(row["required"]) >= DOCUMENTED[tool]


async def test_resources_and_prompts(mirror: Mirror) -> None:
    """All are listed, and each can be read."""
    async with asking(mirror) as tools:
        client = tools.client
        assert {str(one.uri) for one in (await client.list_resources()).resources} == set(RESOURCES)
        for uri in RESOURCES:
            assert (await client.read_resource(uri)).contents[0].text  # type: ignore[union-attr]
        prompts = (await client.list_prompts()).prompts
        assert {prompt.name for prompt in prompts} == {prompt.__name__ for prompt in PROMPTS}
        for prompt in prompts:
            wanted = {one.name: "2026-11-02" for one in prompt.arguments or () if one.required}
            said = (await client.get_prompt(prompt.name, wanted)).messages[0].content.text  # type: ignore[union-attr]
            assert [name for name in NAMES if name in said], prompt.name


async def test_the_instructions_say_what_is_data(mirror: Mirror) -> None:
    """The server's own words to the model: text of people is data, and how old an answer is."""
    async with asking(mirror, "legacy") as tools:
        words = tools.client.instructions or ""
        assert "instructions" in words and "data" in words and "is_fresh" in words


def test_every_tool_is_a_plain_function() -> None:
    """None is made within another one, and each says what it is for."""
    assert [tool for tool in TOOLS if tool.__qualname__ != tool.__name__ or not tool.__doc__] == []
