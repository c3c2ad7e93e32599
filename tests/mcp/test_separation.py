"""No tool, resource or query about one workspace tells anything of another one in the same database."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from app.mcp.registry import TEMPLATES, TOOLS
from tests.engine.conftest import MakeMirror
from tests.engine.mirror import Mirror
from tests.engine.separation import Detector, Separated, make_separated
from tests.mcp.asking import READER, Tools, served

VIEWS = (
    "tasks", "task_assignees", "task_tags", "task_dependencies", "custom_field_values", "employees",
    "memberships", "time_entries", "comments", "spaces", "folders", "lists", "workspaces", "daily_snapshots",
    "runs", "freshness", "changes", "status_periods", "tasks_at(now())", "time_entries_at(now())",
)  # fmt: skip


@pytest.fixture
async def two(make_mirror: MakeMirror) -> Separated:
    return await make_separated(make_mirror)


@asynccontextmanager
async def asking_as(two: Separated, key: str, **settings: Any) -> AsyncIterator[Tools]:
    """The server over HTTP, asked by who has this key."""
    known = two.first.settings(
        **{"clickup_team_id": None, "api_keys": f"all:read:{READER}", "log_level": "error", **settings}
    )
    async with (
        served(known) as url,
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {key}"}, timeout=120) as sender,
        Client(streamable_http_client(f"{url}/mcp", http_client=sender)) as client,
    ):
        listed = (await client.list_tools()).tools
        yield Tools(two.first, client, {tool.name: tool.output_schema or {} for tool in listed})


def calls(mirror: Mirror) -> list[tuple[str, dict[str, Any]]]:
    """Every tool but `get_workspaces`, asked for as much as it gives of this workspace."""
    team = mirror.sim.team_id
    task = mirror.value("SELECT clickup_task_id FROM tasks WHERE workspace_id = %s LIMIT 1", team)
    person = mirror.value("SELECT clickup_user_id FROM memberships WHERE workspace_id = %s LIMIT 1", team)
    space = mirror.value("SELECT space_id FROM spaces WHERE workspace_id = %s LIMIT 1", team)
    folder = mirror.value("SELECT folder_id FROM folders WHERE workspace_id = %s LIMIT 1", team)
    found = mirror.value("SELECT list_id FROM lists WHERE workspace_id = %s LIMIT 1", team)
    days = {"from": "2000-01-01"}
    made: list[tuple[str, dict[str, Any]]] = [
        ("get_spaces", {}), ("get_space", {"space_id": space}), ("get_list", {"list_id": found}),
        ("find_places", {"name": "e", "limit": 100}), ("find_people", {"active": None, "limit": 100}),
        ("find_tasks", {"limit": 100, "deleted": "include", "detail": "full"}),
        ("get_task", {"task_id": task, "whole_texts": True}), ("count_tasks_by_status", {}),
        ("find_time_entries", {"limit": 100, **days}), ("list_changes", {"limit": 100}),
        *((tool, {"as_of": "today", "limit": 100}) for tool in
          ("find_tasks", "find_time_entries", "get_time_report", "get_workload", "list_waiting_comments")),
        ("get_task", {"task_id": task, "as_of": "today"}), ("list_changes", {"task_id": task, "limit": 100}),
        ("get_time_report", {"group_by": "task", "limit": 100}),
        ("get_timesheet", {"person": person}), ("get_running_timers", {}),
        *(("list_attention", {"condition": one} | ({} if one in ("overdue", "blocked") else {"days": 3_000}))
          for one in ("at_risk", "stale", "blocked", "untracked")),
        ("list_attention", {"condition": "overdue"}), ("get_workload", {}), ("list_waiting_comments", {}),
        ("get_standup", {}), ("get_weekly_digest", {}), ("get_progress", {"from": "2000-01-01"}),
        ("get_estimate_accuracy", {}), ("get_sync_status", {"detail": "full"}),
        *(("query", {"sql": f"SELECT * FROM {view}", "limit": 1_000}) for view in VIEWS),
        ("query", {"sql": "SELECT w.workspace_id, w.name, t.title FROM workspaces w LEFT JOIN LATERAL "
                          "(SELECT title FROM tasks WHERE workspace_id = w.workspace_id) t ON true"}),
    ]  # fmt: skip
    if folder:
        made.append(("get_folder", {"folder_id": folder}))
    return made


async def tell(tools: Tools, tool: str, **arguments: Any) -> str:
    """All that is answered, or the sentence of the refusal."""
    result = await tools.client.call_tool(tool, arguments)
    assert not result.is_error or "not" in str(result.content), result.content
    return f"{json.dumps(result.structured_content, ensure_ascii=False)} {result.content}"


async def test_no_tool_tells_of_the_other_workspace(two: Separated) -> None:
    """Each tool is asked for each of the two, by one who may see both; own rows are told."""
    async with asking_as(two, READER) as tools:
        for own, other in two.both:
            detector, mine = Detector.of(other, own), Detector.of(own, other)
            asked, told = set(), 0
            for tool, arguments in calls(own):
                asked.add(tool)
                text = await tell(tools, tool, **arguments, workspace_id=own.sim.team_id)
                assert detector.found(text) == [], (tool, arguments)
                told += bool(mine.found(text))
            assert asked >= {tool.__name__ for tool in TOOLS} - {"get_workspaces", "get_folder"}
            assert told > 20


async def test_a_limited_key_sees_its_own_alone(two: Separated) -> None:
    """It names no workspace and gets its own; it names the other one and is told that there is none."""
    for own, other in two.both:
        key, detector = await two.make_key(own), Detector.of(other, own)
        async with asking_as(two, key, clickup_team_id=other.sim.team_id) as tools:
            listed = await tools.ask("get_workspaces")
            assert [row["workspace_id"] for row in listed["workspaces"]] == [own.sim.team_id]
            assert detector.found(json.dumps(listed)) == []
            for tool, arguments in calls(own):
                text = await tell(tools, tool, **arguments)
                assert detector.found(text) == [], (tool, arguments)
            for tool, arguments in calls(other):
                said = await tools.refused(tool, **arguments, workspace_id=other.sim.team_id)
                assert f"workspace {other.sim.team_id} is not mirrored" in said
                assert detector.found(said.replace(other.sim.team_id, "")) == []


async def test_resources_are_of_one_workspace(two: Separated) -> None:
    """By the address that names it, or of the only one that the key may see; else an error lists both."""
    key = await two.make_key(two.first)
    async with asking_as(two, READER) as tools:
        listed = (await tools.client.list_resource_templates()).resource_templates
        assert {one.uri_template for one in listed} == set(TEMPLATES)
        with pytest.raises(Exception, match="there are several workspaces"):
            await tools.client.read_resource("clickup://tree")
        for own, other in two.both:
            for template in TEMPLATES:
                read = await tools.client.read_resource(template.format(workspace_id=own.sim.team_id))
                assert Detector.of(other, own).found(str(read)) == []
            tree = await tools.client.read_resource(f"clickup://workspaces/{own.sim.team_id}/tree")
            assert Detector.of(own, other).found(str(tree))
    async with asking_as(two, key) as tools:
        tree = await tools.client.read_resource("clickup://tree")
        assert Detector.of(two.first, two.second).found(str(tree))
        assert Detector.of(two.second, two.first).found(str(tree)) == []
        with pytest.raises(Exception, match="is not mirrored"):
            await tools.client.read_resource(f"clickup://workspaces/{two.second.sim.team_id}/tree")


async def test_the_error_lists_what_the_caller_may_see(two: Separated) -> None:
    """Id and name of each workspace, and what to do; those that the key may not see are not in it."""
    ids = [mirror.sim.team_id for mirror in (two.first, two.second)]
    two.first.rows("INSERT INTO workspaces (workspace_id, name, members_count) VALUES ('77', 'Hidden', 3)")
    key = await two.make_key(two.first, two.second)
    async with asking_as(two, key, clickup_team_id="77") as tools:
        for tool, arguments in calls(two.first):
            said = await tools.refused(tool, **arguments)
            assert f"{ids[0]} (Birch & Sons)" in said and f"{ids[1]} (Maple Works)" in said
            assert "`workspace_id`" in said and "Hidden" not in said
        listed = await tools.ask("get_workspaces")
        assert {row["workspace_id"] for row in listed["workspaces"]} == set(ids)


async def test_names_mean_what_they_mean_in_the_workspace(two: Separated) -> None:
    """A person, a place or a task of the other workspace is unknown here, by id and by name."""
    async with asking_as(two, READER) as tools:
        for own, other in two.both:
            team, within = other.sim.team_id, {"workspace_id": own.sim.team_id}
            task = other.value("SELECT clickup_task_id FROM tasks WHERE workspace_id = %s LIMIT 1", team)
            space = other.value("SELECT space_id FROM spaces WHERE workspace_id = %s LIMIT 1", team)
            person = other.value(
                "SELECT employee_id::text FROM memberships WHERE workspace_id = %s LIMIT 1", team
            )
            await tools.refused("get_task", task_id=task, **within)
            await tools.refused("get_space", space_id=space, **within)
            await tools.refused("find_tasks", place=[space], **within)
            await tools.refused("find_tasks", assignee=[person], **within)
            await tools.refused("get_timesheet", person=person, **within)


async def test_a_limited_key_learns_nothing_by_an_error_of_a_query(two: Separated) -> None:
    """A condition that would fail on a row of the other workspace is never asked about that row."""
    title = two.second.value(
        "SELECT title FROM tasks WHERE workspace_id = %s AND title NOT IN"
        " (SELECT title FROM tasks WHERE workspace_id = %s) LIMIT 1",
        two.second.sim.team_id, two.first.sim.team_id,
    )  # fmt: skip
    quoted = title.replace("'", "''")
    sql = f"SELECT count(*) FROM tasks WHERE 1 / (CASE WHEN title = '{quoted}' THEN 0 ELSE 1 END) = 1"
    async with asking_as(two, await two.make_key(two.second)) as tools:
        assert "division by zero" in await tools.refused("query", sql=sql)
    async with asking_as(two, await two.make_key(two.first)) as tools:
        own = two.first.value("SELECT count(*) FROM tasks WHERE workspace_id = %s", two.first.sim.team_id)
        assert (await tools.ask("query", sql=sql))["rows"] == [[own]]


async def test_people_of_both_workspaces_are_what_they_are_in_this_one(two: Separated) -> None:
    """`employees` has the members of the workspace, with their role there, whichever was read last."""
    first, second = two.first.sim.team_id, two.second.sim.team_id
    person = two.first.rows(
        "SELECT employee_id, clickup_user_id FROM memberships WHERE workspace_id = %s LIMIT 1", first
    )[0]
    two.first.rows(
        "INSERT INTO memberships (workspace_id, employee_id, clickup_user_id, role, is_active)"
        " VALUES (%s, %s, %s, 'guest', true)", second, person["employee_id"], person["clickup_user_id"],
    )  # fmt: skip
    sql = f"SELECT workspace_id, role FROM employees WHERE clickup_user_id = '{person['clickup_user_id']}'"
    async with asking_as(two, READER) as tools:
        there = (await tools.ask("query", sql=sql, workspace_id=second))["rows"]
        assert there == [[second, "guest"]]
        here = (await tools.ask("query", sql=sql, workspace_id=first))["rows"]
        assert [row[0] for row in here] == [first] and here[0][1] != "guest"


async def test_a_prompt_passes_the_workspace_on(two: Separated) -> None:
    """The model is told to name it to each tool."""
    async with asking_as(two, READER) as tools:
        for name, more in (("stand_up", {}), ("weekly_review", {}), ("timesheet_check", {"person": "Ada"})):
            asked = await tools.client.get_prompt(name, {"workspace_id": "9", **more})
            assert "workspace_id='9'" in str(asked.messages)
            assert "workspace_id" not in str((await tools.client.get_prompt(name, more)).messages)
