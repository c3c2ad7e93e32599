"""What webhook items tell of changes: when exactly, by whom, and what was in between."""

from datetime import datetime, timedelta
from typing import Any

from app.core.clickup.stamps import from_millis
from tests.engine.conftest import busy_template, make_mirror, mirror
from tests.engine.mirror import Mirror
from tests.engine.service.running import RunningService, until
from tests.engine.service.test_webhooks import rung, some_task

__all__ = ["busy_template", "make_mirror", "mirror", "rung"]


def told(mirror: Mirror, task_id: str, field: str) -> list[tuple[Any, ...]]:
    rows = mirror.rows(
        "SELECT * FROM changes WHERE object_id = %s AND field = %s ORDER BY changed_at, change_id",
        task_id,
        field,
    )
    return [
        (row["before"], row["after"], row["earliest"], row["latest"], row["user_id"], row["source"])
        for row in rows
    ]


def past_status(mirror: Mirror, task_id: str, instant: datetime) -> Any:
    rows = mirror.edit(
        "SELECT status FROM past_tasks WHERE clickup_task_id = %s",
        task_id,
        session=f"SET clickup_sync.as_of = '{instant.isoformat()}'",
    )
    return rows[0]["status"]


async def test_each_of_two_quick_changes_has_its_time_and_person(rung: RunningService) -> None:
    """Both came before the task was read; the value between them was never read."""
    mirror, world = rung.mirror, rung.mirror.world
    task_id, owner = some_task(mirror), str(world.owner().id)
    task = world.tasks[task_id]
    before = task.status.name
    others = [
        one.name for one in world.spaces[world.lists[task.list_id].space_id].statuses if one.name != before
    ]
    world.edit_task(task_id, status=others[0])
    first = from_millis(world.tasks[task_id].date_updated)
    world.clock.advance(1)
    world.edit_task(task_id, status=others[1])
    second = from_millis(world.tasks[task_id].date_updated)
    wanted = [
        (before, others[0], first, first, owner, "webhook"),
        (others[0], others[1], second, second, owner, "webhook"),
    ]
    await until(lambda: told(mirror, task_id, "status") == wanted)
    ms = timedelta(milliseconds=1)
    instants = [first - ms, first, second - ms, second, second + ms]
    assert [past_status(mirror, task_id, one) for one in instants] == [
        before, others[0], others[0], others[1], others[1],
    ]  # fmt: skip
