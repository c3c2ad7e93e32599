"""A cycle in which nothing changed costs two or three requests, whatever happened before."""

from dataclasses import replace
from typing import Any

import pytest

from app.core.errors import SyncError
from app.simulator.clock import Clock
from app.simulator.world import World
from tests.engine.conftest import _SESSION_START_MS, MakeMirror, small_world
from tests.engine.mirror import Mirror

_MOST, _OVERLAP = 3, 60


def still_world(tasks: int = 900, **shape: Any) -> World:
    """Its clock stands until a test moves it; nothing has happened for a while."""
    clock = Clock(_SESSION_START_MS, running=False)
    world = small_world(9, clock=clock, tasks=tasks, comments=0, entries=20, same_instant=0, **shape)
    clock.advance(3_600)
    return world


async def requests_of_a_cycle(mirror: Mirror, kind: Any = "incremental", **overrides: Any) -> int:
    with mirror.counting() as seen:
        await mirror.sync(kind, **overrides)
    return int(seen["total"])


def listed(mirror: Mirror, number: int) -> list[str]:
    """So many tasks that the workspace's listing shows: nothing above them is archived."""
    rows = mirror.rows(
        "SELECT t.clickup_task_id AS id FROM tasks AS t JOIN lists AS l USING (list_id)"
        " JOIN spaces AS s ON s.space_id = l.space_id LEFT JOIN folders AS f ON f.folder_id = l.folder_id"
        " WHERE NOT (t.archived OR t.is_deleted OR l.archived OR s.archived OR coalesce(f.archived, false))"
        " ORDER BY 1 LIMIT %s",
        number,
    )
    assert len(rows) == number
    return [row["id"] for row in rows]


def urgent(mirror: Mirror) -> int:
    return int(mirror.value("SELECT count(*) FROM tasks WHERE priority = 'urgent'"))


@pytest.mark.slow
@pytest.mark.parametrize("within_s", [0, 50], ids=["one time stamp", "within a minute"])
async def test_after_a_mass_edit_a_quiet_cycle_is_cheap_again(make_mirror: MakeMirror, within_s: int) -> None:
    """75 seconds after 600 tasks were edited: the next cycle is the last that reads them again, and each
    later one costs 3 requests at most.
    """
    mirror = make_mirror(still_world(), overlap_seconds=_OVERLAP)
    await mirror.sync("incremental")
    mirror.world.edit_tasks(listed(mirror, 600), within_s=within_s, priority=1)
    assert await requests_of_a_cycle(mirror) > 2 * _MOST
    assert urgent(mirror) >= 600
    mirror.world.clock.advance(75)
    await mirror.sync("incremental")
    for _ in range(3):
        mirror.world.clock.advance(5)
        assert await requests_of_a_cycle(mirror) <= _MOST
    assert [line for line in mirror.differences() if "comment" not in line] == []


async def test_whatever_kind_of_sync_came_before(make_mirror: MakeMirror) -> None:
    """After a first sync, a full and a deep one the next cycle is quiet: they moved the watermark as well."""
    mirror = make_mirror(still_world(tasks=450), overlap_seconds=_OVERLAP)
    mirror.world.edit_tasks(list(mirror.world.truth()["tasks"])[:350], priority=2)
    mirror.world.clock.advance(75)
    for kind in ("incremental", "full", "deep"):
        await mirror.sync(kind)
        assert await requests_of_a_cycle(mirror) <= _MOST, kind
        mirror.world.edit_tasks(list(mirror.world.truth()["tasks"])[:350], priority=1)
        mirror.world.clock.advance(75)


async def test_archived_tasks_come_to_rest_too(make_mirror: MakeMirror) -> None:
    """Their listing has a watermark of its own."""
    world = still_world(tasks=300)
    for task_id in list(world.tasks)[:250]:
        world.archive_task(task_id)
    mirror = make_mirror(world, overlap_seconds=_OVERLAP)
    await mirror.sync("incremental")
    archived = [task.id for task in world.tasks.values() if task.archived and not task.deleted]
    world.edit_tasks(archived, priority=1)
    assert await requests_of_a_cycle(mirror) > _MOST
    world.clock.advance(75)
    await mirror.sync("incremental")
    assert await requests_of_a_cycle(mirror) <= _MOST


async def test_a_change_that_the_index_shows_late_is_not_passed_over(make_mirror: MakeMirror) -> None:
    """The listing lags by less than OVERLAP_SECONDS: the cycle after the next one has it."""
    mirror = make_mirror(still_world(tasks=30), overlap_seconds=_OVERLAP)
    await mirror.sync("incremental")
    task_id = next(iter(mirror.world.truth()["tasks"]))
    mirror.world.clock.advance(10)
    mirror.world.edit_task(task_id, name="late in the index")
    mirror.world.clock.advance(20)
    lag = mirror.faults.add("lag", "/team/*/task", times=None, amount=40)
    await mirror.sync("incremental")
    assert mirror.task(task_id)["title"] != "late in the index"
    lag.times = 0
    mirror.world.clock.advance(20)
    await mirror.sync("incremental")
    assert mirror.task(task_id)["title"] == "late in the index"


async def test_the_watermark_never_passes_what_failed(make_mirror: MakeMirror) -> None:
    """A walk that breaks off leaves it at the last page that is safe; the next sync brings the rest."""
    mirror = make_mirror(still_world(tasks=500), overlap_seconds=_OVERLAP)
    await mirror.sync("incremental")
    stamp = "SELECT watermark FROM streams WHERE stream = 'tasks'"
    before = mirror.value(stamp)
    mirror.world.clock.advance(120)
    mirror.world.edit_tasks(listed(mirror, 300), within_s=50, priority=1)
    mirror.faults.add("error", "/team/*/task", after=3, times=None)
    for kind in ("incremental", "full"):
        with pytest.raises(SyncError):
            await mirror.sync(kind, request_attempts=1)
        newest = mirror.value("SELECT max(date_updated) FROM tasks")
        assert before <= mirror.value(stamp) <= newest
    mirror.faults.clear()
    mirror.world.clock.advance(600)
    await mirror.sync("incremental")
    assert urgent(mirror) >= 300


async def test_a_full_pass_that_breaks_off_in_the_middle_moves_no_watermark(make_mirror: MakeMirror) -> None:
    """Its walks go side by side: the newest end may be read while an older part is not."""
    mirror = make_mirror(still_world(tasks=700), overlap_seconds=_OVERLAP)
    await mirror.sync("incremental")
    stamp = "SELECT watermark FROM streams WHERE stream = 'tasks'"
    before = mirror.value(stamp)
    mirror.world.clock.advance(3_600)
    # The first walk has no lower bound: it alone breaks off.
    mirror.faults.add("slow", "/team/*/task", times=None, amount=0.05)
    broken = mirror.world.edit_task(next(iter(mirror.world.truth()["tasks"])), name="moved to the end")
    mirror.faults.add("error", "/team/*/task", query={"page": "0"}, after=6, times=None)
    with pytest.raises(SyncError):
        await mirror.sync("full", request_attempts=1)
    assert mirror.value(stamp) == before
    mirror.faults.clear()
    await mirror.sync("incremental")
    assert mirror.task(broken.id)["title"] == "moved to the end"


async def test_without_a_date_the_watermark_stands_at_the_newest_change(make_mirror: MakeMirror) -> None:
    """An answer that does not say what time it is at ClickUp moves it no further than its rows."""
    mirror = make_mirror(still_world(tasks=30), overlap_seconds=_OVERLAP)
    mirror.sim.desk.dated = False
    await mirror.sync("incremental")
    newest = mirror.value("SELECT max(date_updated) FROM tasks WHERE NOT archived")
    assert mirror.value("SELECT watermark FROM streams WHERE stream = 'tasks'") == newest


async def test_reads_that_follow_a_mass_edit_come_to_rest(make_mirror: MakeMirror) -> None:
    """Comments, time and times in status of edited tasks are read once, not in each cycle."""
    world = small_world(9, clock=Clock(_SESSION_START_MS, running=False), tasks=200, comments=40, entries=40)
    world.clock.advance(3_600)
    mirror = make_mirror(world, overlap_seconds=_OVERLAP)
    await mirror.sync("deep")
    for task_id in list(world.truth()["tasks"]):
        space = world.spaces[world.tasks[task_id].space_id]
        world.put_task(replace(world.tasks[task_id], status=space.statuses[-1]))
    world.edit_tasks(list(world.truth()["tasks"]), priority=1)
    world.clock.advance(75)
    await mirror.sync("incremental")
    assert await requests_of_a_cycle(mirror) <= _MOST
