"""Lists come in pages: each row once, none left out, and a cursor is good for its own question only."""

from typing import Any

import pytest

from tests.engine.mirror import Mirror
from tests.mcp.asking import asking

PAGED: list[tuple[str, str, str, dict[str, Any]]] = [
    ("find_tasks", "tasks", "clickup_task_id", {}),
    ("find_tasks", "tasks", "clickup_task_id", {"sort": "title", "detail": "full"}),
    ("find_tasks", "tasks", "clickup_task_id", {"sort": "-due"}),
    ("find_time_entries", "time_entries", "clickup_entry_id", {}),
    ("list_waiting_comments", "comments", "clickup_comment_id", {}),
    ("list_attention", "tasks", "clickup_task_id", {"condition": "overdue"}),
    ("find_people", "people", "id", {"active": None}),
    ("find_places", "places", "place_id", {"name": " "}),
    ("get_workload", "people", "clickup_user_id", {}),
    ("get_time_report", "timesheets", "id", {"group_by": "task", "from": "2020-01-01"}),
    ("get_progress", "progress", "id", {"from": "2020-01-01", "group_by": "list"}),
    ("get_estimate_accuracy", "accuracy", "id", {"from": "2020-01-01", "group_by": "person"}),
]


@pytest.mark.parametrize(("tool", "name", "key", "arguments"), PAGED)
async def test_pages_join(mirror: Mirror, tool: str, name: str, key: str, arguments: dict[str, Any]) -> None:
    """Three rows at a time give the same rows as all at once, in the same order."""
    mirror.rows("UPDATE lists SET name = 'A ' || name")
    async with asking(mirror) as tools:
        whole = await tools.ask(tool, **arguments, limit=100)
        rows = await tools.walk(tool, name, **arguments, limit=3)
    ids = [row.get(key) for row in whole[name]]
    assert [row.get(key) for row in rows] == ids
    assert len(set(ids)) == len(ids) == whole["total"]
    assert "next_cursor" not in whole


async def test_what_is_written_meanwhile_comes_again(mirror: Mirror) -> None:
    """A task that moves to where a walk has been is met at its end, and none is left out."""
    keys = [row["id"] for row in mirror.rows("SELECT clickup_task_id AS id FROM tasks WHERE NOT is_deleted")]
    async with asking(mirror) as tools:
        first = await tools.ask("find_tasks", limit=3)
        moved = (set(keys) - {one["clickup_task_id"] for one in first["tasks"]}).pop()
        mirror.rows(
            "UPDATE tasks SET date_updated = now(), updated_at = now() WHERE clickup_task_id = %s", moved
        )
        rest = await tools.walk("find_tasks", "tasks", limit=3, cursor=first["next_cursor"])
    met = [one["clickup_task_id"] for one in (*first["tasks"], *rest)]
    assert met[-1] == moved
    assert sorted(met) == sorted(keys)


@pytest.mark.parametrize(("tool", "name", "key", "arguments"), [PAGED[0], PAGED[3], PAGED[5]])
async def test_a_cursor_of_another_question(
    mirror: Mirror, tool: str, name: str, key: str, arguments: dict[str, Any]
) -> None:
    """It is refused, as is one that was made up."""
    async with asking(mirror) as tools:
        cursor = (await tools.ask(tool, **arguments, limit=2))["next_cursor"]
        somebody = mirror.value("SELECT clickup_user_id FROM employees ORDER BY 1 LIMIT 1")
        whose = {"person": [somebody]} if tool == "find_time_entries" else {"assignee": [somebody]}
        assert "other filters" in await tools.refused(tool, **arguments, **whose, cursor=cursor)
        for made_up in ("", "x", "e30", cursor[:-3], cursor + "A", "\u00e4"):
            assert "cursor" in await tools.refused(tool, **arguments, cursor=made_up)


@pytest.mark.parametrize("limit", [0, -1, 101, 10**30, "many", 1.5, None])
async def test_a_page_has_bounds(mirror: Mirror, limit: Any) -> None:
    """From 1 to 100 rows; anything else is refused by name."""
    async with asking(mirror) as tools:
        assert "limit" in await tools.refused("find_tasks", limit=limit)


async def test_a_page_is_small_by_itself(mirror: Mirror) -> None:
    """Twenty rows where nobody asks for more, and how many there are in all."""
    async with asking(mirror) as tools:
        found = await tools.ask("find_tasks")
        assert len(found["tasks"]) == 20 < found["total"]
        assert "description" not in found["tasks"][0] and "tags" not in found["tasks"][0]
