"""A rename moves no task's `date_updated`, and is right in every row after the next full pass."""

from dataclasses import replace
from typing import Any

import pytest

from app.core.errors import SyncError
from tests.engine.conftest import MakeMirror, small_world
from tests.engine.mirror import Mirror

NEW = "Umbenannt | переименовано <b>"


@pytest.fixture
async def archive(make_mirror: MakeMirror) -> Mirror:
    """One archived task, one in an archived list, one as usual; in a folder, said and done by one person."""
    world = small_world(8, tasks=6, lists=2, comments=0, entries=2)
    space = next(iter(world.spaces.values()))
    folder = world.create_folder(space.id, "folder")
    kept, away = (world.create_list(space.id, folder.id, name) for name in ("kept", "away"))
    who = world.members()[1].id
    for place, details in ((kept, {}), (kept, {"archived": True}), (away, {})):
        task = world.create_task(place.id, creator=who, assignees=(who,), watchers=(who,), **details)
        said = world.post_comment(task.id, "said", who, assignee=who)
        world.reply(said.id, "answered", who)
        world.add_time(task.id, who)
    world.archive_list(away.id)
    mirror = make_mirror(world)
    await mirror.sync("incremental")
    return mirror


def place_named(mirror: Mirror, kind: str, name: str) -> str:
    return next(key for key, one in mirror.world.truth()[f"{kind}s"].items() if one["name"] == name)


@pytest.mark.parametrize(("name", "tasks"), [("kept", 2), ("away", 1)])
async def test_a_renamed_list_is_right_everywhere(archive: Mirror, name: str, tasks: int) -> None:
    """On live and archived tasks, and on those of an archived list."""
    archive.world.rename_list(place_named(archive, "list", name), NEW)
    await archive.sync("full")
    assert archive.value("SELECT count(*) FROM tasks WHERE list_name = %s", NEW) == tasks
    assert archive.value("SELECT count(*) FROM lists WHERE name = %s", NEW) == 1
    assert archive.differences() == []


async def test_a_renamed_folder_is_right_everywhere(archive: Mirror) -> None:
    """On all three tasks below it."""
    archive.world.rename_folder(place_named(archive, "folder", "folder"), NEW)
    await archive.sync("full")
    assert archive.value("SELECT count(*) FROM tasks WHERE folder_name = %s", NEW) == 3
    assert archive.differences() == []


async def test_a_renamed_space_is_right_everywhere(archive: Mirror) -> None:
    """Though a task's payload has no name of its space."""
    task = archive.rows("SELECT space_id FROM tasks WHERE folder_name = 'folder' LIMIT 1")[0]
    archive.world.rename_space(task["space_id"], NEW)
    await archive.sync("full")
    wrong = archive.value(
        "SELECT count(*) FROM tasks WHERE space_id = %s AND space_name <> %s", task["space_id"], NEW
    )
    assert wrong == 0
    assert archive.differences() == []


async def test_a_renamed_space_is_right_on_tasks_that_are_only_proved(archive: Mirror) -> None:
    """Where no listing shows a task, its own answer does, and with it the new name."""
    task = archive.rows("SELECT clickup_task_id AS id, space_id FROM tasks WHERE list_name = 'kept' LIMIT 1")[
        0
    ]
    archive.faults.add("miss_rows", "/team/*/task", times=None, amount=1.0)
    archive.world.rename_space(task["space_id"], NEW)
    await archive.sync("full", max_deleted_percent=100)
    assert archive.task(task["id"])["space_name"] == NEW


async def test_a_list_that_moved_takes_its_tasks_along(archive: Mirror) -> None:
    """Out of its folder: the tasks' folder is empty, live, or archived itself or with its space."""
    for name in ("kept", "away"):
        archive.world.move_list(place_named(archive, "list", name), None)
    await archive.sync("full")
    assert archive.value("SELECT count(*) FROM tasks WHERE folder_name = 'folder'") == 0
    assert archive.differences() == []


IN_TASKS = {
    "tasks.assignee_name": 3,
    "tasks.assigned_by": 3,
    "task_people.name": 9,
    "employees.name": 1,
    "time_entries.user_name": 3,
}
IN_COMMENTS = {"comments.author_name": 6, "comments.assignee_name": 3, "comments.assigned_by_name": 3}


def lacking(mirror: Mirror, name: str, wanted: dict[str, int]) -> dict[str, int]:
    """The columns in which the name stands less often than wanted."""
    found = {}
    for place in wanted:
        table, column = place.split(".")
        found[place] = mirror.value(f"SELECT count(*) FROM {table} WHERE {column} = %s", name)
    return {place: count for place, count in found.items() if count < wanted[place]}


NEW_NAMES = pytest.mark.parametrize(
    "change", [{"username": NEW}, {"username": None, "email": NEW}], ids=["name", "email"]
)


@NEW_NAMES
async def test_a_renamed_person_is_right_on_tasks_and_in_time(
    archive: Mirror, change: dict[str, Any]
) -> None:
    """As assignee, watcher, creator and worker, on archived tasks and in archived lists too."""
    archive.world.edit_person(archive.world.members()[1].id, **change)
    await archive.sync("full")
    assert lacking(archive, NEW, IN_TASKS) == {}
    assert archive.value("SELECT count(*) FROM tasks WHERE %s = ANY(followers)", NEW) >= 3
    assert archive.differences() == []


@NEW_NAMES
async def test_a_renamed_person_is_right_in_comments(archive: Mirror, change: dict[str, Any]) -> None:
    """As author, assignee and assigner, in comments and replies, whether they wait or not."""
    for row in archive.rows("SELECT clickup_comment_id AS id FROM comments WHERE assignee_id IS NOT NULL"):
        archive.world.resolve_comment(row["id"])
    await archive.sync("full")
    archive.world.edit_person(archive.world.members()[1].id, **change)
    await archive.sync("full")
    assert lacking(archive, NEW, IN_COMMENTS) == {}


async def test_a_renamed_person_is_right_in_time_of_long_ago(mirror: Mirror) -> None:
    """Every entry of theirs, through the whole past."""
    who = mirror.world.members()[1].id
    mirror.world.edit_person(who, username=NEW)
    await mirror.sync("full")
    names = mirror.rows("SELECT DISTINCT user_name FROM time_entries WHERE clickup_user_id = %s", str(who))
    assert [row["user_name"] for row in names] == [NEW]


async def test_somebody_without_a_name_goes_by_the_email(mirror: Mirror) -> None:
    """An invited person is a person, and gets a name on the day they come."""
    person = mirror.world.join(None, email="invited@example.com")
    task_id = next(iter(mirror.world.truth()["tasks"]))
    mirror.world.edit_task(task_id, assignees=(person.id,))
    await mirror.sync("full")
    assert mirror.task(task_id)["assignee_name"] == "invited@example.com"
    mirror.world.edit_person(person.id, username="Here I am")
    await mirror.sync("full")
    assert mirror.task(task_id)["assignee_name"] == "Here I am"
    assert mirror.differences() == []


async def test_a_renamed_custom_field_and_option_is_right_everywhere(mirror: Mirror) -> None:
    """The definition and the values that people read."""
    world = mirror.world
    field = next(one for one in world.fields.values() if one.type == "drop_down")
    options = tuple(replace(option, name=f"new {option.name}") for option in field.options)
    with world.lock:
        world.fields[field.id] = replace(field, name=NEW, options=options)
        world.reframe()
    await mirror.sync("full")
    assert mirror.value("SELECT name FROM custom_fields WHERE field_id = %s", field.id) == NEW
    values = mirror.rows("SELECT name, value_text FROM task_custom_fields WHERE field_id = %s", field.id)
    assert values
    assert {row["name"] for row in values} == {NEW}
    assert all(row["value_text"].startswith("new ") for row in values)


async def test_a_first_sync_that_is_completed_later_has_the_names_of_today(make_mirror: MakeMirror) -> None:
    """It was cut off after some pages; meanwhile places and people got other names."""
    world = small_world(4, tasks=260, lists=4, comments=0, entries=0, same_instant=0)
    mirror = make_mirror(world)
    mirror.faults.add("error", "/team/*/task", after=2, times=None, amount=500)
    with pytest.raises(SyncError):
        await mirror.sync("incremental", request_attempts=1)
    mirror.faults.clear()
    assert 0 < mirror.value("SELECT count(*) FROM tasks") < 260
    for space in list(world.spaces.values()):
        world.rename_space(space.id, f"{space.name} {NEW}")
    for place in list(world.lists.values()):
        world.rename_list(place.id, f"{place.name} {NEW}")
    for person in list(world.members()):
        world.edit_person(person.id, username=f"{person.username} {NEW}")
    await mirror.sync("incremental")
    assert mirror.differences() == []
