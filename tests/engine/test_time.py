"""Work sessions: right after a full pass, however far back they were touched; a failed window prunes none."""

import asyncio
from typing import Any

import pytest

from app.core.errors import SyncError
from app.simulator.clock import MS_PER_DAY, MS_PER_HOUR
from tests.engine.conftest import MakeMirror, small_world
from tests.engine.mirror import Mirror


def old_entry(mirror: Mirror, days: int = 90) -> str:
    """A finished entry on a live task, of a member, at least so many days old."""
    truth = mirror.world.truth()
    before = mirror.world.clock.now_ms() - days * MS_PER_DAY
    return next(
        entry_id
        for entry_id, entry in truth["entries"].items()
        if entry["task_id"] and not entry["running"] and entry["start"] < before
        and not truth["people"][entry["user_id"]]["left"]
    )  # fmt: skip


def leavers_entry(mirror: Mirror) -> str:
    """A finished entry on a live task of somebody who left."""
    truth = mirror.world.truth()
    return next(
        entry_id
        for entry_id, entry in truth["entries"].items()
        if entry["task_id"] and not entry["running"] and truth["people"][entry["user_id"]]["left"]
    )


def live_task(mirror: Mirror) -> str:
    tasks = mirror.world.truth()["tasks"]
    return next(key for key, task in tasks.items() if not task["put_away"] and not task["archived"])


async def test_an_entry_edited_months_back_is_right_after_a_full_pass(mirror: Mirror) -> None:
    """Its length, its start and who worked: nothing announces it."""
    entry_id = old_entry(mirror)
    entry = mirror.world.entries[entry_id]
    someone = mirror.world.members()[1].id
    mirror.world.edit_time(
        entry_id, start=entry.start - MS_PER_HOUR, user_id=someone, billable=not entry.billable
    )
    await mirror.sync("full")
    assert mirror.differences() == []
    stored = mirror.rows("SELECT * FROM time_entries WHERE clickup_entry_id = %s", entry_id)[0]
    assert stored["billable"] is not entry.billable
    assert stored["user_name"] == mirror.world.people[someone].username


async def test_an_entry_deleted_months_back_is_gone_after_a_full_pass(mirror: Mirror) -> None:
    """Its window was read completely, and the task's total matches without it."""
    entry_id = old_entry(mirror)
    mirror.world.delete_time(entry_id)
    report = await mirror.sync("full")
    assert mirror.differences() == []
    assert report.counts["time entries deleted"] == 1


async def test_an_entry_that_moved_to_another_task_moves_here(mirror: Mirror) -> None:
    """Both tasks' sessions and minutes follow."""
    entry_id = old_entry(mirror)
    former = mirror.world.entries[entry_id].task_id
    other = next(key for key in mirror.world.truth()["tasks"] if key != former)
    mirror.world.edit_time(entry_id, task_id=other)
    await mirror.sync("full")
    assert mirror.differences() == []


async def test_an_entry_that_moved_out_of_every_task_stays_an_entry(mirror: Mirror) -> None:
    """Time without a task is time."""
    entry_id = old_entry(mirror)
    mirror.world.edit_time(entry_id, task_id=None)
    await mirror.sync("full")
    assert mirror.differences() == []
    assert (
        mirror.value("SELECT clickup_task_id FROM time_entries WHERE clickup_entry_id = %s", entry_id) is None
    )


async def test_an_entry_moved_across_windows_is_no_deletion(mirror: Mirror) -> None:
    """Absent from the window it lay in, present in the one it lies in now."""
    entry_id = old_entry(mirror)
    entry = mirror.world.entries[entry_id]
    assert entry.end is not None
    mirror.world.edit_time(entry_id, start=entry.start - 400 * MS_PER_DAY, end=entry.end - 400 * MS_PER_DAY)
    await mirror.sync("full")
    assert mirror.differences() == []


async def test_time_of_people_who_left_is_not_lost(mirror: Mirror) -> None:
    """Nobody may ask for it by person; the task's total sends the mirror to the task itself."""
    assert mirror.value(
        "SELECT count(*) FROM time_entries AS e JOIN employees AS p USING (clickup_user_id) WHERE p.is_active"
    ) < mirror.value("SELECT count(*) FROM time_entries")
    entry_id = leavers_entry(mirror)
    mirror.world.edit_time(entry_id, end=mirror.world.entries[entry_id].start + MS_PER_HOUR)
    await mirror.sync("full")
    assert mirror.differences() == []
    mirror.world.delete_time(leavers_entry(mirror))
    await mirror.sync("full")
    assert mirror.differences() == []


async def test_that_people_left_is_said_as_a_blind_spot(mirror: Mirror) -> None:
    """New time of theirs shows only where a task's total changes: the stream says so."""
    assert "left the workspace" in mirror.value("SELECT blind_spot FROM streams WHERE stream = 'time'")


async def test_a_discarded_timer_of_a_parent_vanishes(mirror: Mirror) -> None:
    """No total speaks of a running timer: that a whole window does not bring it any more is enough."""
    parent = next(task["parent"] for task in mirror.world.truth()["tasks"].values() if task["parent"])
    timer = mirror.world.start_timer(parent)
    await mirror.sync("incremental")
    assert mirror.value("SELECT is_running FROM time_entries WHERE clickup_entry_id = %s", timer.id)
    mirror.world.delete_time(timer.id)
    await mirror.sync("incremental")
    assert mirror.differences() == []


async def test_a_running_timer_has_no_end_and_counts_nothing(mirror: Mirror) -> None:
    """A session with a start, a NULL end and no minute; stopped, it counts."""
    task_id = mirror.world.create_task(mirror.world.tasks[live_task(mirror)].list_id).id
    mirror.world.start_timer(task_id)
    await mirror.sync("incremental")
    row = mirror.task(task_id)
    assert (len(row["start_times"]), row["end_times"], row["tracked_minutes"]) == (1, [None], 0)
    mirror.world.clock.advance(1_800)
    mirror.world.stop_timer()
    await mirror.sync("incremental")
    row = mirror.task(task_id)
    assert (len(row["end_times"]), row["tracked_minutes"]) == (1, 30)
    assert row["end_times"][0] is not None
    assert mirror.differences() == []


async def test_sessions_stand_latest_first_in_the_owners_zone(make_mirror: MakeMirror) -> None:
    """ISO 8601 with the zone's offset, and TIMEZONE overrules the owner's zone, also later."""
    world = small_world(entries=0)
    task_id = next(key for key, task in world.truth()["tasks"].items() if not task["put_away"])
    for day in (3, 1, 2):
        world.add_time(task_id, start=1_768_280_400_000 + day * MS_PER_DAY, duration=90_000)
    mirror = make_mirror(world)
    await mirror.sync("incremental")
    assert [start[:10] for start in mirror.task(task_id)["start_times"]] == [
        "2026-01-16",
        "2026-01-15",
        "2026-01-14",
    ]
    assert mirror.task(task_id)["tracked_minutes"] == 4
    await mirror.sync("full", timezone="Asia/Kolkata")
    assert mirror.task(task_id)["start_times"][0] == "2026-01-16T10:30:00+05:30"
    assert mirror.task(task_id)["end_times"][0] == "2026-01-16T10:31:30+05:30"


async def test_a_task_without_time_says_zero(mirror: Mirror) -> None:
    """Zero is known here, not assumed."""
    task_id = mirror.world.create_task(mirror.world.tasks[live_task(mirror)].list_id).id
    await mirror.sync("incremental")
    assert mirror.task(task_id)["tracked_minutes"] == 0


@pytest.mark.parametrize("action", ["error", "cut", "reset", "ok_with_error"])
async def test_a_window_that_fails_prunes_nothing(mirror: Mirror, action: Any) -> None:
    """The run fails, everything that was there is there, and the next pass puts it right."""
    entries = mirror.value("SELECT count(*) FROM time_entries")
    mirror.world.delete_time(old_entry(mirror))
    mirror.faults.add(action, "/team/*/time_entries", after=1, times=None)
    with pytest.raises(SyncError):
        await mirror.sync("full", request_attempts=1)
    assert mirror.value("SELECT count(*) FROM time_entries") == entries
    mirror.faults.clear()
    await mirror.sync("full")
    assert mirror.differences() == []


async def test_a_window_with_missing_rows_prunes_nothing(mirror: Mirror) -> None:
    """The tasks' totals are checked too: entries that they count are not even touched."""
    rows = (
        "SELECT clickup_entry_id, xmin::text FROM time_entries"
        " WHERE clickup_task_id IS NOT NULL AND NOT is_running ORDER BY 1"
    )
    before = mirror.rows(rows)
    mirror.faults.add("miss_rows", "/team/*/time_entries", times=None, amount=0.15)
    await mirror.sync("full")
    assert mirror.rows(rows) == before
    mirror.faults.clear()
    await mirror.sync("full")
    assert mirror.differences() == []


async def test_windows_that_come_empty_prune_nothing(mirror: Mirror) -> None:
    """More than MAX_DELETED_PERCENT of the entries absent at once: none goes, and the run says why."""
    entries = mirror.value("SELECT count(*) FROM time_entries")
    mirror.faults.add("miss_rows", "/team/*/time_entries", times=None, amount=1.0)
    report = await mirror.sync("full")
    assert mirror.value("SELECT count(*) FROM time_entries") == entries
    assert any("time entries are missing" in note for note in report.notes)


async def test_garbage_among_entries_prunes_nothing(mirror: Mirror) -> None:
    """A row without an id could be any of the stored ones, also of those that no total counts."""
    loose = mirror.value("SELECT count(*) FROM time_entries WHERE clickup_task_id IS NULL")
    assert loose > 0
    for action in ("miss_rows", "garbage"):
        mirror.faults.add(action, "/team/*/time_entries", times=3, amount=1.0)
    await mirror.sync("full", max_deleted_percent=100)
    assert mirror.value("SELECT count(*) FROM time_entries WHERE clickup_task_id IS NULL") == loose
    mirror.faults.clear()
    await mirror.sync("full")
    assert mirror.differences() == []


async def test_garbage_in_every_window_comes_to_an_end(mirror: Mirror) -> None:
    """Windows end though each of them brings rows that are none."""
    mirror.faults.add("garbage", "/team/*/time_entries", times=None)
    async with asyncio.timeout(120):
        await mirror.sync("full")


async def test_what_one_call_does_not_say_another_keeps(mirror: Mirror) -> None:
    """A task's own time speaks of no description and no tags: a deep sync blanks neither."""
    entry = mirror.world.add_time(live_task(mirror), description="what I did", billable=True)
    await mirror.sync("incremental")
    await mirror.sync("deep")
    row = mirror.rows("SELECT * FROM time_entries WHERE clickup_entry_id = %s", entry.id)[0]
    assert (row["description"], row["billable"]) == ("what I did", True)
