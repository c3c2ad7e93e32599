"""Time that was edited after its period had ended: as the simulated ClickUp had it then and has it now."""

from datetime import UTC, datetime, timedelta

from app.core.clickup.stamps import from_millis
from app.reports import Reports
from app.reports.places import Within
from app.reports.time_edits import TimeEdit, TimeEditFilter, TimeEditSums
from app.simulator.clock import MS_PER_MINUTE
from app.supabase_db import Database
from tests.engine.conftest import silent, silent_template
from tests.engine.mirror import Mirror

__all__ = ["silent", "silent_template"]

HOUR = 3_600
HOUR_MS = HOUR * 1_000


async def ask(mirror: Mirror, wanted: TimeEditFilter) -> tuple[TimeEditSums, dict[str, TimeEdit]]:
    async with Database.open(mirror.database_url) as database:
        found = await Reports(database).time_edits.edits(mirror.sim.team_id, wanted, limit=100)
    return found[0], {row.clickup_entry_id: row for row in found[1]}


async def test_time_that_was_edited_later_is_told_with_what_it_was(silent: Mirror) -> None:
    """Created, changed, moved out of the period, given to another task, and deleted; what was not edited, was
    edited before, or is of other days, is not.
    """
    world = silent.world
    world.clock.advance(48 * HOUR)
    tasks = [task.id for task in world.tasks.values() if not task.deleted][:2]
    start = world.clock.now_ms()
    stays, longer, leaves, other_task, gone = (
        world.add_time(tasks[0], start=start + number * HOUR_MS, duration=HOUR_MS).id for number in range(5)
    )
    world.clock.advance(12 * HOUR)
    await silent.sync("full")
    end = world.clock.now_ms()
    world.clock.advance(24 * HOUR)
    world.edit_time(longer, end=world.entries[longer].end + 30 * MS_PER_MINUTE)
    world.edit_time(leaves, start=end + HOUR_MS, end=end + 2 * HOUR_MS)
    world.edit_time(other_task, task_id=tasks[1])
    world.delete_time(gone)
    late = world.add_time(tasks[0], start=start + 10 * HOUR_MS, duration=HOUR_MS).id
    unrelated = world.add_time(tasks[0], start=end + HOUR_MS, duration=HOUR_MS).id
    world.clock.advance(HOUR)
    await silent.sync("full")
    wanted = TimeEditFilter(from_millis(start), from_millis(end), from_millis(end))
    sums, rows = await ask(silent, wanted)
    assert rows.keys() == {longer, leaves, other_task, gone, late}
    assert stays not in rows
    assert unrelated not in rows
    assert {key: (row.change, row.minutes_before, row.minutes_after) for key, row in rows.items()} == {
        longer: ("changed", 60, 90),
        leaves: ("changed", 60, 0),
        other_task: ("changed", 60, 60),
        gone: ("deleted", 60, 0),
        late: ("created", 0, 60),
    }
    assert (rows[other_task].task_before, rows[other_task].task_after) == (tasks[0], tasks[1])
    assert rows[late].started_before is None
    assert rows[gone].started_after is None
    assert (sums.entries, sums.created, sums.changed, sums.deleted) == (5, 1, 3, 1)
    assert (sums.minutes_before, sums.minutes_after) == (240, 210)
    edited_at = from_millis(end) + timedelta(hours=24)
    for row in rows.values():
        assert row.edits == 1
        assert row.earliest is not None and row.latest is not None
        # ClickUp's stamps are a few ms apart, and a deletion is found by the next read.
        assert row.earliest <= edited_at + timedelta(seconds=1)
        assert row.latest >= edited_at
    everybody = {entry.user_id for entry in world.entries.values()}
    theirs = TimeEditFilter(wanted.start, wanted.end, wanted.edited_since, [str(one) for one in everybody])
    assert (await ask(silent, theirs))[1].keys() == rows.keys()
    nobodys = TimeEditFilter(wanted.start, wanted.end, wanted.edited_since, ["1"])
    assert (await ask(silent, nobodys))[1] == {}
    of_task = TimeEditFilter(wanted.start, wanted.end, wanted.edited_since, None, Within(tasks=[tasks[1]]))
    assert (await ask(silent, of_task))[1].keys() == {other_task}
    # Edits before the given instant are none.
    later = TimeEditFilter(wanted.start, wanted.end, datetime.now(UTC) + timedelta(days=30))
    assert (await ask(silent, later)) == (TimeEditSums(0, 0, 0, 0, 0, 0, 0, 0), {})
