"""What the mirror remembers of the past."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from app.core.clickup.stamps import from_millis
from app.simulator.random_changes import apply_random_change
from tests.engine.mirror import Mirror, Row

_TABLES = {
    "tasks": "clickup_task_id",
    "time_entries": "clickup_entry_id",
    "comments": "clickup_comment_id",
    "spaces": "space_id",
    "folders": "folder_id",
    "lists": "list_id",
}
_OF_TIME = {"start_times", "end_times", "tracked_minutes"}
# What the mirror did itself, not ClickUp.
_OWN = {"updated_at", "fingerprint", "read_at"}


def past(mirror: Mirror, name: str, instant: datetime) -> list[dict]:
    instant_text = instant.isoformat()
    return mirror.edit(f"SELECT * FROM {name}", session=f"SET clickup_sync.as_of = '{instant_text}'")


def differences(stored: list[Row], shown: list[Row], key: str) -> list[tuple[Any, ...]]:
    """Row, column, what it was, what history says."""
    was, told = ({row[key]: row for row in rows} for rows in (stored, shown))
    found: list[tuple[Any, ...]] = [(one, "row", one in was, one in told) for one in was.keys() ^ told.keys()]
    for one in was.keys() & told.keys():
        found += [
            (one, name, was[one][name], told[one].get(name, "no column"))
            for name in was[one].keys() - _OWN
            if was[one][name] != told[one].get(name, "no column")
        ]
    return found


async def test_now_is_as_the_tables_are(silent: Mirror) -> None:
    """Asked about this moment, history answers with the tables' rows."""
    await silent.sync("full")
    now = datetime.now(UTC) + timedelta(days=1)
    for table, key in _TABLES.items():
        stored = silent.rows(f"SELECT * FROM {table}")
        assert differences(stored, past(silent, f"past_{table}", now), key) == [], table


async def test_a_first_sync_finds_no_change(silent: Mirror) -> None:
    """Not even that the time zone of the token's owner became known."""
    assert silent.rows("SELECT * FROM changes") == []


async def test_a_changed_task_has_versions_and_changes(silent: Mirror) -> None:
    """Each change is one row with what was before and after, and the task as it was stays."""
    world = silent.world
    await silent.sync("full")
    place = next(one for one in world.lists.values() if not one.archived)
    task_id = world.create_task(place.id, "Entwurf").id
    await silent.sync("incremental")
    between = datetime.fromtimestamp(world.clock.now_ms() / 1000, UTC)
    world.clock.advance(60)
    world.edit_task(task_id, name="Fertig", priority=1)
    await silent.sync("incremental")
    changes = silent.rows(
        "SELECT field, before, after FROM changes WHERE object_id = %s AND field <> '' ORDER BY field",
        task_id,
    )
    assert [tuple(row.values()) for row in changes] == [
        ("priority", None, "urgent"),
        ("title", "Entwurf", "Fertig"),
    ]
    shown = {row["clickup_task_id"]: row for row in past(silent, "past_tasks", between)}
    assert (shown[task_id]["title"], shown[task_id]["priority"]) == ("Entwurf", None)
    assert past(silent, "past_view_tasks", between)


async def test_a_person_who_left_was_there_before(silent: Mirror) -> None:
    """With the role of then."""
    world = silent.world
    world.clock.advance(3_600)
    await silent.sync("full")
    leaver = next(one.id for one in world.members() if one.id not in world.tokens.values())
    world.clock.advance(600)
    before = from_millis(world.clock.now_ms())
    world.clock.advance(600)
    world.leave(leaver)
    await silent.sync("full")
    after = before + timedelta(days=1)
    for instant, is_active in ((before, True), (after, False)):
        shown = {row["clickup_user_id"]: row for row in past(silent, "past_employees", instant)}
        assert (shown[str(leaver)]["is_active"], shown[str(leaver)]["left_at"] is None) == (is_active,) * 2


async def test_a_comment_may_have_changed_before_a_full_sync(silent: Mirror) -> None:
    """It leaves no trace, so a full sync does not read it: it changed after the last read of its task's."""
    world = silent.world
    world.clock.advance(3_600)
    said = world.post_comment(next(iter(world.truth()["tasks"])), "read")
    await silent.sync("deep")
    world.clock.advance(600)
    changed_at = from_millis(world.clock.now_ms())
    world.edit_comment(said.id, "edited")
    for kind in ("full", "deep"):
        world.clock.advance(600)
        await silent.sync(kind)
    (change,) = silent.rows("SELECT * FROM changes WHERE object_type = 'comment' AND field = 'text'")
    assert change["earliest"] <= changed_at <= change["latest"]
    assert change["latest"] - change["earliest"] < timedelta(minutes=35)


async def test_what_others_changed_leaves_no_trace(silent: Mirror) -> None:
    """Neither their change nor its repair, also where ClickUp's own change is written in between."""
    world = silent.world
    await silent.sync("full")
    task_id = next(iter(world.truth()["tasks"]))
    count = (
        "SELECT (SELECT count(*) FROM changes) AS changes, (SELECT count(*) FROM task_versions) AS versions"
    )
    before = silent.rows(count)[0]
    others = "UPDATE tasks SET title = 'others', description = 'others', status = 'others', tags = '{others}'"
    silent.edit(others)
    silent.edit("DELETE FROM time_entries")
    silent.edit("UPDATE employees SET name = 'others'")
    await silent.sync("full")
    assert silent.differences() == []
    assert silent.rows(count)[0] == before
    silent.edit(f"{others} WHERE clickup_task_id = '{task_id}'")
    world.clock.advance(60)
    world.edit_task(task_id, priority=1 if world.tasks[task_id].priority != 1 else 2)
    await silent.sync("incremental")
    assert silent.differences() == []
    assert silent.rows(count)[0] == {"changes": before["changes"] + 1, "versions": before["versions"] + 1}
    assert silent.value("SELECT count(*) FROM changes WHERE to_jsonb(changes)::text LIKE '%%others%%'") == 0


@pytest.mark.parametrize(
    "broken",
    ["ALTER TABLE tasks DISABLE TRIGGER history_updated", "DROP TRIGGER history_updated ON tasks", "off"],
)
async def test_what_was_not_recorded_is_known_to_lie_before(silent: Mirror, broken: str) -> None:
    """Triggers that are missing are installed again, and what was missed is found: once, as an interval."""
    world, off = silent.world, broken == "off"
    world.clock.advance(3_600)
    await silent.sync("full")
    task_id = next(iter(world.truth()["tasks"]))
    if not off:
        silent.rows(broken)
    world.edit_task(task_id, name="missed")
    changed_at = from_millis(world.tasks[task_id].date_updated)
    await silent.sync("incremental", history="off" if off else "on")
    told = "SELECT * FROM changes WHERE field = 'title' AND object_id = %s ORDER BY changed_at"
    assert silent.rows(told, task_id) == []
    await silent.sync("full")
    (missed,) = silent.rows(told, task_id)
    assert missed["after"] == "missed" and missed["earliest"] <= changed_at <= missed["latest"]
    world.clock.advance(600)
    world.edit_task(task_id, name="recorded")
    await silent.sync("incremental")
    assert [row["after"] for row in silent.rows(told, task_id)] == ["missed", "recorded"]
    now = datetime.now(UTC) + timedelta(days=1)
    assert (
        differences(silent.rows("SELECT * FROM tasks"), past(silent, "past_tasks", now), _TABLES["tasks"])
        == []
    )


@pytest.mark.parametrize("seed", range(1, 13))
async def test_every_round_is_found_again(silent: Mirror, seed: int) -> None:
    """What the tables showed after each round of random changes is what history tells of it later."""
    world, random, rounds = silent.world, Random(seed), []
    await silent.sync("full")
    for _ in range(5):
        for _ in range(25):
            apply_random_change(world, random)
            world.clock.advance(1)
        await silent.sync("deep", max_deleted=100)
        assert silent.differences() == []
        # A clock that stands still seems to have gone on as long as the sync took.
        world.clock.advance(600)
        instant = from_millis(world.clock.now_ms())
        rounds.append((instant, {table: silent.rows(f"SELECT * FROM {table}") for table in _TABLES}))
        world.clock.advance(10)
    for instant, tables in rounds:
        for table, key in _TABLES.items():
            shown = past(silent, f"past_{table}", instant)
            found = differences(tables[table], shown, key)
            # The mirror reads no time of a deleted task; once it is restored, history knows that too.
            gone = {row["clickup_task_id"] for row in tables["tasks"] if row["is_deleted"]}
            of_gone = {row[key] for row in shown if row.get("clickup_task_id") in gone}
            beside = {*_OF_TIME, "row"}
            assert [one for one in found if one[0] not in of_gone or one[1] not in beside] == [], table
