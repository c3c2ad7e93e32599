"""`last_status_change` is ClickUp's, where the workspace has time-in-status; else the best that is known."""

from app.core.clickup.stamps import from_millis
from tests.engine.mirror import Mirror


def since(mirror: Mirror, task_id: str) -> int:
    log = mirror.world.tasks[task_id].status_log
    return log[-1][1] if log else mirror.world.tasks[task_id].date_created


async def test_a_deep_sync_dates_every_status(mirror: Mirror) -> None:
    """A hundred tasks a request; the second time nothing is asked and nothing written."""
    with mirror.counting() as seen:
        await mirror.sync("deep")
    assert seen["GET /task/bulk_time_in_status/task_ids"] == 1
    for row in mirror.rows(
        "SELECT clickup_task_id AS id, last_status_change AS at FROM tasks WHERE NOT is_deleted"
    ):
        assert row["at"] == from_millis(since(mirror, row["id"]))
    with mirror.counting() as seen:
        report = await mirror.sync("deep")
    assert seen.get("GET /task/bulk_time_in_status/task_ids", 0) == 0
    assert report.rows_written == 0


async def test_a_status_that_changed_is_asked_for_again(mirror: Mirror) -> None:
    """Until then its change is dated by what was observed."""
    await mirror.sync("deep")
    task_id = next(key for key, task in mirror.world.truth()["tasks"].items() if not task["put_away"])
    space = mirror.world.tasks[task_id].space_id
    other = next(
        status.name for status in mirror.world.spaces[space].statuses
        if status.name != mirror.world.tasks[task_id].status.name
    )  # fmt: skip
    mirror.world.edit_task(task_id, status=other)
    await mirror.sync("incremental")
    assert mirror.task(task_id)["last_status_change"] == mirror.task(task_id)["date_updated"]
    await mirror.sync("deep")
    assert mirror.task(task_id)["last_status_change"] == from_millis(since(mirror, task_id))


async def test_a_workspace_without_it_is_said_and_tried_again(mirror: Mirror) -> None:
    """The run says so, nothing is lost, and nothing fails."""
    before = mirror.rows("SELECT clickup_task_id, last_status_change FROM tasks ORDER BY 1")
    mirror.faults.add("no_permission", "/task/bulk_time_in_status/*", times=None)
    report = await mirror.sync("deep")
    assert any("refuses this token the times of status changes" in note for note in report.notes)
    with mirror.counting() as seen:
        await mirror.sync("deep")
    assert seen["GET /task/bulk_time_in_status/task_ids"] == 1
    assert mirror.value("SELECT times FROM refusals WHERE kind = 'status_times'") == 2
    assert mirror.rows("SELECT clickup_task_id, last_status_change FROM tasks ORDER BY 1") == before


async def test_a_status_that_came_back_is_asked_for_again(mirror: Mirror) -> None:
    """Away and back, both observed and neither asked for in between."""
    await mirror.sync("deep")
    task_id = next(key for key, task in mirror.world.truth()["tasks"].items() if not task["put_away"])
    task = mirror.world.tasks[task_id]
    other = next(
        one.name for one in mirror.world.spaces[task.space_id].statuses if one.name != task.status.name
    )
    for status in (other, task.status.name):
        mirror.world.edit_task(task_id, status=status)
        await mirror.sync("incremental")
    await mirror.sync("deep")
    assert mirror.task(task_id)["last_status_change"] == from_millis(since(mirror, task_id))
