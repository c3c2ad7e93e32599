"""Which workspace is asked: the one that is set, the only one, or an error that names those there are."""

from pathlib import Path

import pytest

from tests.cli import command
from tests.engine.mirror import Mirror
from tests.mcp.asking import asking


@pytest.fixture
def two(mirror: Mirror) -> Mirror:
    """A second workspace is mirrored in the same database, and a third one can be seen."""
    mirror.rows("INSERT INTO workspaces (workspace_id, name, members_count) VALUES ('77', 'Other', 3)")
    mirror.rows(
        "INSERT INTO spaces (space_id, workspace_id, name, archived, fingerprint)"
        " VALUES ('771', '77', 'Elsewhere', false, 'f')"
    )
    mirror.rows(
        "INSERT INTO visible_workspaces (workspace_id, visible_id, name, members_count)"
        " VALUES (%s, '88', 'Seen', 5)"
        " ON CONFLICT DO NOTHING", mirror.sim.team_id
    )  # fmt: skip
    return mirror


async def test_the_one_that_is_set(two: Mirror) -> None:
    """CLICKUP_TEAM_ID decides; another one is asked for its spaces by its id."""
    async with asking(two, clickup_team_id=two.sim.team_id) as tools:
        spaces = await tools.ask("get_spaces")
        assert spaces["workspace_id"] == two.sim.team_id
        assert "Elsewhere" not in {one["name"] for one in spaces["spaces"]}
        other = await tools.ask("get_spaces", workspace_id="77")
        assert [one["name"] for one in other["spaces"]] == ["Elsewhere"]
        assert (other["is_complete"], other["as_of"]) == (False, None)


async def test_a_cursor_is_of_one_workspace(two: Mirror) -> None:
    """In another workspace it would go on at a place that is none of its lists."""
    async with asking(two, clickup_team_id=two.sim.team_id) as tools:
        for tool in ("find_tasks", "find_people"):
            cursor = (await tools.ask(tool, limit=1))["next_cursor"]
            said = await tools.refused(tool, limit=1, cursor=cursor, workspace_id="77")
            assert "belongs to another query" in said


async def test_several_and_none_set(two: Mirror) -> None:
    """Each tool says so, with their names; get_workspaces lists them all, and those that are only seen."""
    async with asking(two, clickup_team_id=None) as tools:
        said = await tools.refused("find_tasks")
        assert "several workspaces" in said and "77 (Other)" in said and "CLICKUP_TEAM_ID" in said
        found = await tools.ask("get_workspaces")
        assert {one["workspace_id"]: one["is_mirrored"] for one in found["workspaces"]} == {
            two.sim.team_id: True, "77": True, "88": False,
        }  # fmt: skip
        assert found["gaps"] == [said] and found["as_of"] is None
        assert (await tools.ask("get_spaces", workspace_id="77"))["spaces"]


async def test_the_only_one(mirror: Mirror) -> None:
    """Without a setting the only workspace is meant."""
    async with asking(mirror, clickup_team_id=None) as tools:
        assert (await tools.ask("get_spaces"))["workspace_id"] == mirror.sim.team_id


@pytest.mark.parametrize("workspace_id", ["88", "nonsense"])
async def test_one_that_is_not_mirrored(two: Mirror, workspace_id: str) -> None:
    """The error names those that are."""
    async with asking(two) as tools:
        said = await tools.refused("get_spaces", workspace_id=workspace_id)
        assert f"workspace {workspace_id} is not mirrored" in said and "77 (Other)" in said


async def test_nothing_is_mirrored_yet(make_mirror: "object") -> None:
    """It is said what fills the mirror; the list of workspaces is empty and says so too."""
    mirror: Mirror = make_mirror()  # type: ignore[operator]
    async with asking(mirror, clickup_team_id=None) as tools:
        assert "clickup-sync sync" in await tools.refused("find_tasks")
        found = await tools.ask("get_workspaces")
        assert found["workspaces"] == [] and "nothing is mirrored yet" in found["gaps"][0]


async def test_no_tool_asks_clickup(mirror: Mirror) -> None:
    """Whatever is asked, the source sees no request."""
    async with asking(mirror) as tools:
        with mirror.counting() as seen:
            for tool in (
                "get_workspaces",
                "get_spaces",
                "find_tasks",
                "get_sync_status",
                "get_weekly_digest",
            ):
                await tools.ask(tool)
    assert seen["total"] == 0


def test_a_database_that_is_away_hinders_the_start(tmp_path: Path) -> None:
    """One sentence and exit code 1, over HTTP and on standard input alike; no password."""
    for words in ((), ("--stdio",)):
        done = command.run(
            tmp_path, "mcp", *words, "--port", "0", database_url="postgresql://me:HUNTER2@127.0.0.1:1/none"
        )
        assert done.returncode == 1, done.stderr
        assert "Failed: the database cannot be reached" in done.stderr
        assert "HUNTER2" not in done.stderr and "Traceback" not in done.stderr
