"""No answer is longer than a model should have to read, on a workspace of three thousand tasks."""

import json

import pytest

from app.simulator.world import World
from tests.engine.conftest import MakeMirror
from tests.mcp.asking import asking
from tests.mcp.test_clients import NAMES, required

# At four bytes a token these are 25,000.
_MOST_BYTES = 100_000


@pytest.mark.slow
async def test_no_answer_is_too_long(make_mirror: MakeMirror) -> None:
    """Each tool as it is by default; tasks with all details; a hundred rows; a year of days."""
    mirror = make_mirror(World.generate(3, tasks=3_000, people=40))
    await mirror.sync()
    person = mirror.value("SELECT user_name FROM time_entries GROUP BY 1 ORDER BY count(*) DESC LIMIT 1")
    busiest = mirror.value("SELECT clickup_task_id FROM comments GROUP BY 1 ORDER BY count(*) DESC LIMIT 1")
    mirror.rows("UPDATE tasks SET description = repeat('日本語 ', 20000) WHERE clickup_task_id = %s", busiest)
    cases = [(name, required(mirror).get(name, {})) for name in sorted(NAMES)]
    cases += [
        ("find_tasks", {"detail": "full"}),
        ("find_tasks", {"detail": "full", "limit": 100}),
        ("find_tasks", {"limit": 100}),
        ("find_time_entries", {"limit": 100}),
        ("list_waiting_comments", {"limit": 100}),
        *(
            ("list_attention", {"condition": condition, "limit": 100})
            for condition in ("overdue", "stale", "blocked")
        ),
        ("get_task", {"task_id": busiest}),
        (
            "get_time_report",
            {"group_by": "task", "per": "day", "from": "2026-01-01", "to": "2026-03-01"},
        ),
        ("get_time_report", {"group_by": "task", "per": "week", "from": "2025-12-01", "limit": 100}),
        ("get_time_report", {"group_by": "person", "per": "week", "from": "2025-12-01", "limit": 100}),
        ("get_workload", {"limit": 100}),
        ("get_standup", {"limit": 100}),
        ("get_progress", {"from": "2020-01-01", "group_by": "list", "limit": 100}),
        ("get_timesheet", {"person": str(person), "from": "2025-11-01", "to": "2026-11-30", "limit": 100}),
    ]
    long = {}
    async with asking(mirror) as tools:
        for name, arguments in cases:
            size = len(json.dumps(await tools.ask(name, **arguments), ensure_ascii=False).encode())
            if size > _MOST_BYTES:
                long[name, str(arguments)] = size
        tree = (await tools.client.read_resource("clickup://tree")).contents[0].text  # type: ignore[union-attr]
    assert long == {}
    assert len(tree.encode()) < _MOST_BYTES
