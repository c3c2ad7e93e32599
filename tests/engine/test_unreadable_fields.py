"""One bad field costs one field: the row is written, the field is named; a good value takes the name away."""

from typing import Any

import pytest

from app.simulator.model import Task
from tests.engine.conftest import MakeMirror, small_world
from tests.engine.mirror import Mirror, fingerprint_of


def live(mirror: Mirror) -> list[Task]:
    """Tasks that the listing of a quiet cycle shows."""
    told = mirror.world.truth()["tasks"]
    shown = (key for key, task in told.items() if not task["put_away"] and not task["archived"])
    return [mirror.world.tasks[key] for key in shown]


def nested(levels: int) -> Any:
    value: Any = "deep"
    for level in range(levels):
        value = [value] if level % 2 else {"in": value}
    return value


def field_of(**more: Any) -> dict[str, Any]:
    return {"id": "f-1", "name": "Odd", "type": "text", "type_config": {}, "value": "x"} | more


@pytest.mark.parametrize(
    ("odd", "column"),
    [
        ({"due_date": "tomorrow"}, "due_date"),
        ({"due_date": 253_402_214_400_000}, "due_at"),
        ({"time_estimate": 1_000_000_000_000_000}, "time_estimate_minutes"),
        ({"time_estimate": -1}, "time_estimate_minutes"),
        ({"custom_fields": [field_of(value=nested(300))]}, "summary"),
        ({"custom_fields": [field_of(value=nested(800))]}, "summary"),
    ],
)
async def test_a_task_with_a_bad_field_is_written(mirror: Mirror, odd: dict[str, Any], column: str) -> None:
    """Its title changed at the same time: that is here; the field is NULL, and row and run name it."""
    task = live(mirror)[0]
    mirror.world.edit_task(task.id, name="Renamed meanwhile")
    mirror.world.send_odd(task.id, **odd)
    report = await mirror.sync("incremental")
    row = mirror.task(task.id)
    assert (row["title"], row[column]) == ("Renamed meanwhile", None)
    [field] = odd
    assert [note for note in report.notes if f"task {task.id}: " in note and field in note]
    assert mirror.differences() == []
    assert mirror.value("SELECT count(*) FROM skipped_objects") == 0


async def test_a_good_value_takes_the_name_away(mirror: Mirror) -> None:
    """When ClickUp sends what can be read, the row names nothing; read again, nothing is written."""
    task = live(mirror)[0]
    mirror.world.send_odd(task.id, due_date="tomorrow", points=[])
    await mirror.sync("full")
    assert set(mirror.task(task.id)["unreadable_fields"]) == {"due_date", "points"}
    before = fingerprint_of(mirror)
    report = await mirror.sync("full")
    assert fingerprint_of(mirror) == before
    assert not [note for note in report.notes if task.id in note]
    mirror.world.send_odd(task.id)
    await mirror.sync("full")
    assert mirror.task(task.id)["unreadable_fields"] == {}
    assert mirror.differences() == []


async def test_an_unreadable_total_leaves_the_known_one(mirror: Mirror) -> None:
    """What is proved of a task's entries hangs on its total: none of them goes."""
    task_id = mirror.value(
        "SELECT clickup_task_id FROM tasks WHERE time_spent_ms > 0 AND NOT archived LIMIT 1"
    )
    known = mirror.task(task_id)
    entries = mirror.value("SELECT count(*) FROM time_entries")
    mirror.world.send_odd(task_id, time_spent="a while")
    await mirror.sync("full")
    row = mirror.task(task_id)
    assert list(row["unreadable_fields"]) == ["time_spent"]
    assert (row["time_spent_ms"], row["tracked_minutes"]) == (
        known["time_spent_ms"],
        known["tracked_minutes"],
    )
    assert mirror.value("SELECT count(*) FROM time_entries") == entries


async def test_a_title_of_any_length_is_stored_and_found(mirror: Mirror) -> None:
    """1.6 MB in long words: the search index takes its beginning."""
    task = live(mirror)[0]
    title = "wildebeest " + " ".join(f"{number:06}{'word' * 30}" for number in range(12_700))
    mirror.world.edit_task(task.id, name=title)
    await mirror.sync("incremental")
    assert mirror.task(task.id)["title"] == title
    assert mirror.differences() == []


@pytest.mark.parametrize("letter", ["x", "\u0416", "\U0001f600"])
async def test_long_names_fit_every_index(mirror: Mirror, letter: str) -> None:
    """A tag, a status or a priority longer than an index row keeps its beginning, and is named."""
    task, long = live(mirror)[0], "".join(f"{number}{letter}" for number in range(4_000))
    odd = {"tags": [{"name": long}], "status": {"status": long, "type": long}, "priority": {"priority": long}}
    mirror.world.edit_task(task.id, text="changed")
    mirror.world.send_odd(task.id, **odd)
    await mirror.sync("incremental")
    row = mirror.task(task.id)
    assert set(row["unreadable_fields"]) == {"tags", "status", "status.type", "priority"}
    for kept in (row["tags"][0], row["status"], row["status_type"], row["priority"]):
        assert len(kept) > 10
        assert long.startswith(kept)
    assert mirror.value("SELECT count(*) FROM skipped_objects") == 0


ENTRIES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"description": ["x"]}, {"description": None}),
    ({"duration": "long"}, {}),
    ({"start": "soon"}, {"started_at": None}),
    ({"duration": "long", "end": "late"}, {"duration_ms": None, "ended_at": None, "is_running": False}),
    ({"duration": 10**15, "start": "soon"}, {"duration_ms": None, "started_at": None, "is_running": False}),
]


@pytest.mark.parametrize(("odd", "left"), ENTRIES)
async def test_an_entry_with_a_bad_field_is_kept(
    mirror: Mirror, odd: dict[str, Any], left: dict[str, Any]
) -> None:
    """An hour that nobody knows is in no total; all others are as they were, and none is asked for again."""
    truth = mirror.world.truth()
    entry_id = next(
        key
        for key, one in truth["entries"].items()
        if one["task_id"] and not one["running"] and not truth["people"][one["user_id"]]["left"]
    )
    mirror.world.send_odd(entry_id, **odd)
    report = await mirror.sync("full")
    row = mirror.rows("SELECT * FROM time_entries WHERE clickup_entry_id = %s", entry_id)[0]
    assert {name: row[name] for name in left} == left
    assert set(row["unreadable_fields"]) == set(odd)
    assert [note for note in report.notes if f"time entry {entry_id}: " in note]
    assert mirror.differences() == []
    with mirror.counting() as seen:
        await mirror.sync("incremental")
    assert seen.get("GET /task/{task_id}/time", 0) == 0


async def test_a_comment_with_a_bad_field_is_kept(silent: Mirror) -> None:
    """It waits for whom it waits; the comments beside it are written too."""
    task, who = live(silent)[0], silent.world.owner().id
    bad = silent.world.post_comment(task.id, "please answer", assignee=who)
    silent.world.post_comment(task.id, "another")
    silent.world.send_odd(bad.id, date="yesterday", reply_count="many")
    await silent.sync("incremental")
    assert silent.task(task.id)["assigned_comment"] == "please answer"
    assert silent.differences() == []


async def test_people_and_places_keep_what_can_be_read(mirror: Mirror) -> None:
    """A role, a colour or a feature that makes no sense is named in its row."""
    truth = mirror.world.truth()
    space_id = next(key for key, one in truth["spaces"].items() if one["walked"])
    list_id = next(key for key, one in truth["lists"].items() if one["space_id"] == space_id)
    person = next(key for key, one in truth["people"].items() if not one["left"])
    mirror.world.send_odd(space_id, color=["red"], features=nested(300))
    mirror.world.send_odd(list_id, statuses=nested(200), archived="perhaps")
    mirror.world.send_odd(person, role={"of": "honour"})
    await mirror.sync("full")
    named = {
        "spaces": ("space_id", space_id, {"color", "features"}),
        "lists": ("list_id", list_id, {"archived"}),
        "employees": ("clickup_user_id", person, {"role"}),
    }
    for table, (key, object_id, wanted) in named.items():
        [row] = mirror.rows(f"SELECT unreadable_fields FROM {table} WHERE {key} = %s", object_id)
        assert set(row["unreadable_fields"]) == wanted
    assert mirror.value("SELECT count(*) FROM skipped_objects") == 0


REFUSED = [
    ("tasks", "url", "url IS NULL"),
    ("task_custom_fields", "custom_fields", "value_text IS NULL OR value_text NOT LIKE '%%a%%'"),
    ("time_entries", "description", "description IS NULL OR description NOT LIKE '%%e%%'"),
    ("employees", "email", "email IS NULL"),
    ("lists", "details", "details = '{}'"),
    ("spaces", "details", "color IS NULL"),
]


@pytest.mark.parametrize(("table", "part", "rule"), REFUSED, ids=[table for table, *_ in REFUSED])
async def test_what_postgresql_refuses_costs_its_value(
    make_mirror: MakeMirror, table: str, part: str, rule: str
) -> None:
    """Each row that has such a value is written without it, which is named; all others are whole."""
    mirror = make_mirror(small_world(3, tasks=12, comments=4, entries=10))
    mirror.rows(f"ALTER TABLE {table} ADD CHECK ({rule})")
    report = await mirror.sync("full")
    assert report.counts["tasks written"] == mirror.value("SELECT count(*) FROM tasks")
    assert mirror.value("SELECT count(*) FROM skipped_objects") == 0
    named_in = "tasks" if table == "task_custom_fields" else table
    rows = mirror.rows(f"SELECT unreadable_fields FROM {named_in} WHERE unreadable_fields <> '{{}}'")
    names = {name.partition(".")[0] for row in rows for name in row["unreadable_fields"]}
    assert names == {part}
    missing = [line for line in mirror.differences() if "missing" in line or "should be gone" in line]
    assert missing == []


async def test_a_refused_comment_loses_its_text_alone(silent: Mirror) -> None:
    """Those of other tasks in the same batch are written, and it still waits."""
    silent.rows("ALTER TABLE comments ADD CHECK (text NOT LIKE '%%forbidden%%')")
    first, other = live(silent)[:2]
    who = silent.world.owner().id
    bad = silent.world.post_comment(first.id, "forbidden", assignee=who)
    silent.world.post_comment(other.id, "fine")
    await silent.sync("incremental")
    rows = silent.rows("SELECT * FROM comments ORDER BY text")
    assert [(row["text"], row["assignee_id"]) for row in rows] == [("", str(who)), ("fine", None)]
    assert rows[0]["unreadable_fields"] == {"text": "PostgreSQL cannot store the value"}
    assert rows[0]["clickup_comment_id"] == bad.id


async def test_a_row_that_is_refused_whatever_it_holds_is_skipped(silent: Mirror) -> None:
    """It is named among the skipped objects, and costs no other row."""
    first, other = live(silent)[:2]
    silent.rows(f"ALTER TABLE tasks ADD CHECK (clickup_task_id <> '{first.id}' OR title = 'x') NOT VALID")
    silent.world.edit_task(first.id, name="refused")
    silent.world.edit_task(other.id, name="written")
    await silent.sync("incremental")
    assert silent.task(other.id)["title"] == "written"
    assert silent.task(first.id)["title"] != "refused"
    assert silent.value("SELECT object_id FROM skipped_objects WHERE kind = 'task'") == first.id


async def test_many_bad_rows_are_counted_and_the_first_are_named(mirror: Mirror) -> None:
    """A run has room for ten of them; `status` counts all."""
    tasks = live(mirror)[:14]
    for task in tasks:
        mirror.world.send_odd(task.id, due_date="tomorrow")
    report = await mirror.sync("full")
    assert len([note for note in report.notes if "could not be read" in note and "task " in note]) == 10
    assert "14 rows in all have fields that could not be read" in "\n".join(report.notes)
    assert report.counts["rows with unreadable fields"] == 14
