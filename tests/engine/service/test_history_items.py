"""What deliveries tell of changes is stored with them, and only where ClickUp signed them."""

from random import Random
from typing import Any

import orjson
import pytest

from app.core.clickup.stamps import from_millis
from tests.engine.conftest import busy_template, make_mirror, mirror
from tests.engine.mirror import Mirror
from tests.engine.service.running import RunningService, serving, until
from tests.engine.service.test_webhooks import deliver, rung, some_task

__all__ = ["busy_template", "make_mirror", "mirror", "rung"]

ESTIMATE = "time_estimate_minutes"


def told(mirror: Mirror, task_id: str) -> list[tuple[Any, ...]]:
    rows = mirror.rows("SELECT * FROM history_items WHERE object_id = %s ORDER BY field", task_id)
    return [(row["field"], row["before"], row["after"], row["user_id"]) for row in rows]


async def test_a_change_in_clickup_is_stored_once(rung: RunningService) -> None:
    """It comes in two events, each of them twice."""
    mirror, world = rung.mirror, rung.mirror.world
    mirror.sim.webhooks.duplicates = 1.0
    task_id, owner = some_task(mirror), str(world.owner().id)
    before = world.tasks[task_id].name
    world.edit_task(task_id, name="by webhook", priority=1)
    await until(lambda: mirror.value("SELECT count(*) >= 6 FROM deliveries"))
    priority = ("priority", mirror_priority(mirror, task_id), "urgent", owner)
    assert told(mirror, task_id) == [priority, ("title", before, "by webhook", owner)]


def mirror_priority(mirror: Mirror, task_id: str) -> Any:
    """The one before the change, from the state of some seconds ago."""
    then = {task.id: task for task in mirror.world.tasks_as_of(mirror.world.tasks[task_id].date_updated - 1)}
    return {None: None, 1: "urgent", 2: "high", 3: "normal", 4: "low"}[then[task_id].priority]


async def test_what_is_stored_is_what_was_changed(rung: RunningService) -> None:
    """Each change has one row with its instant, person and values, though deliveries repeat and are late."""
    mirror, world, random = rung.mirror, rung.mirror.world, Random(4)
    mirror.sim.webhooks.duplicates, mirror.sim.webhooks.shuffled = 0.5, 0.5
    world.remember()
    kinds = {"rename_task": "title", "status": "status", "priority": "priority", "estimate": ESTIMATE}
    for _ in range(60):
        with world.acting(random.choice(world.members()).id):
            world.mutate(random, 1, frozenset(kinds))
    true = sorted(
        (one.object_id, one.field, from_millis(one.at), str(one.user_id), one.before, one.after)
        for one in world.changes()
        if one.field in kinds.values()
    )
    columns = ("object_id", "field", "changed_at", "user_id", "before", "after")
    query = "SELECT * FROM history_items WHERE field = ANY(%s) ORDER BY object_id, field, changed_at"

    def stored() -> list[tuple[Any, ...]]:
        rows = mirror.rows(query, list(kinds.values()))
        return [tuple(row[column] for column in columns) for row in rows]

    await until(lambda: len(stored()) >= len(true))
    assert len(true) > 30 and stored() == true


async def test_what_clickup_did_not_sign_tells_nothing(rung: RunningService) -> None:
    """Neither a body with a wrong signature, nor one that was changed on its way."""
    item = {"date": "1642736073330", "field": "name", "before": "a", "after": "b"}
    body = {"event": "taskUpdated", "task_id": "t1", "history_items": [item]}
    assert (await rung.post(orjson.dumps(body), "0" * 64)).status_code == 403
    assert told(rung.mirror, "t1") == []
    assert await deliver(rung, body) == 200
    assert told(rung.mirror, "t1") == [("title", "a", "b", None)]


@pytest.mark.parametrize("history", ["on", "off"])
async def test_history_may_be_off(mirror: Mirror, history: str) -> None:
    """Deliveries are stored as before."""
    async with serving(mirror, webhooks=True, history=history) as rung:
        await until(lambda: mirror.value("SELECT true FROM webhooks"))
        item = {"date": "1642736073330", "field": "name", "before": "a", "after": "b"}
        assert await deliver(rung, {"event": "taskUpdated", "task_id": "t1", "history_items": [item]}) == 200
    assert mirror.value("SELECT count(*) FROM deliveries WHERE subject_id = 't1'") == 1
    assert len(told(mirror, "t1")) == (history == "on")
