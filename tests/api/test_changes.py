"""What changed, over HTTP: the list, the feed, and a task's history."""

from collections.abc import Iterator
from csv import DictReader
from datetime import UTC, datetime, timedelta
from io import StringIO
from random import Random
from typing import Any

import pytest

from app.api.changes import ChangePage, TaskHistory
from app.reports.history import ChangeFilter
from app.simulator.random_changes import apply_random_change
from tests.api.plans import Connection, filled, pages_read, plan, read_whole
from tests.api.reading import Json, Reader, reading, typed
from tests.api.test_past import mirror_of_an_hour_ago
from tests.conftest import Server
from tests.engine.conftest import MakeMirror, make_mirror
from tests.engine.mirror import Mirror, Row

__all__ = ["make_mirror"]


async def follow(reader: Reader, after: str, **params: Any) -> tuple[list[Json], str]:
    """Every page of the feed from there on, and where it goes on."""
    changes: list[Json] = []
    while True:
        page = await reader.get("/changes", after=after, limit=7, **params)
        changes, after = changes + page["changes"], page["after"]
        if page["count"] < 7:
            return changes, after


def stored(mirror: Mirror, condition: str = "true") -> list[int]:
    """The changes that are recorded, in the order of the feed."""
    found = mirror.rows(f"SELECT change_id FROM changes WHERE {condition} ORDER BY position")
    return [row["change_id"] for row in found]


def numbers(changes: list[Json]) -> list[int]:
    return [change["change_id"] for change in changes]


async def changed(mirror: Mirror, seed: int, number: int = 25) -> None:
    """Random changes, which the mirror has read."""
    random = Random(seed)
    for _ in range(number):
        apply_random_change(mirror.world, random)
        mirror.world.clock.advance(1)
    await mirror.sync("deep")


async def test_the_feed_tells_each_change_once_and_goes_on_where_it_was(make_mirror: MakeMirror) -> None:
    """Oldest first, page by page; the cursor of an empty page is good for what comes later."""
    mirror = mirror_of_an_hour_ago(make_mirror)
    await mirror.sync("full")
    async with reading(mirror) as reader:
        begun, after = await follow(reader, "beginning")
        assert numbers(begun) == stored(mirror)
        await changed(mirror, 3)
        first, after = await follow(reader, after)
        assert first and numbers(begun + first) == stored(mirror)
        nothing, after = await follow(reader, after)
        assert nothing == []
        mirror.world.clock.advance(5)
        await changed(mirror, 4)
        second, _ = await follow(reader, after)
        assert numbers(begun + first + second) == stored(mirror)
        now = await reader.get("/changes", after="now")
        assert now["changes"] == []
        known_better = second[0]["change_id"]
        mirror.rows(
            "UPDATE changes SET user_id = '1', position = nextval('change_positions') WHERE change_id = %s",
            known_better,
        )
        again, _ = await follow(reader, now["after"])
        assert [(one["change_id"], one["user_id"]) for one in again] == [(known_better, "1")]


async def test_a_copy_that_follows_the_feed_has_what_the_mirror_has(make_mirror: MakeMirror) -> None:
    """Tasks, entries and comments, from the list's `after` on; what was deleted has a tombstone."""
    mirror = mirror_of_an_hour_ago(make_mirror)
    await mirror.sync("full")
    async with reading(mirror) as reader:
        after = (await reader.get("/changes", limit=1))["after"]
        keys = {
            "task": "SELECT clickup_task_id AS id FROM tasks WHERE NOT is_deleted",
            "time_entry": "SELECT clickup_entry_id AS id FROM time_entries",
            "comment": "SELECT clickup_comment_id AS id FROM comments",
        }
        copy = {kind: {row["id"] for row in mirror.rows(query)} for kind, query in keys.items()}
        gone = 0
        for seed in (5, 6, 7):
            await changed(mirror, seed, 40)
            changes, after = await follow(reader, after, object=list(keys))
            for change in changes:
                there = copy[change["object_type"]]
                if change["operation"] == "deleted":
                    there.discard(change["object_id"])
                    gone += 1
                else:
                    there.add(change["object_id"])
            for kind, query in keys.items():
                assert copy[kind] == {row["id"] for row in mirror.rows(query)}, kind
        assert gone


async def changed_mirror(make_mirror: MakeMirror) -> tuple[Mirror, Row]:
    """A mirror that saw many changes, and the person who is known to have made a third of them."""
    mirror = mirror_of_an_hour_ago(make_mirror)
    await mirror.sync("full")
    await changed(mirror, 8, 120)
    person = mirror.rows("SELECT clickup_user_id AS id, name FROM employees ORDER BY name LIMIT 1")[0]
    mirror.rows(
        "UPDATE changes SET user_id = %s, user_name = %s WHERE mod(change_id, 3) = 0",
        person["id"],
        person["name"],
    )
    return mirror, person


async def test_changes_are_told_newest_first_and_filtered(make_mirror: MakeMirror) -> None:
    """By time, field, object, operation, task, place and user; a walk has each once; CSV has all."""
    mirror, person = await changed_mirror(make_mirror)
    async with reading(mirror) as reader:
        page = await reader.get("/changes", limit=5)
        typed(ChangePage, page)
        walked = await reader.walk("/changes", "changes", limit=7)
        newest = mirror.rows("SELECT change_id AS id FROM changes ORDER BY changed_at DESC, change_id DESC")
        assert numbers(walked) == [row["id"] for row in newest]
        middle = walked[len(walked) // 2]

        async def passing(**params: Any) -> set[int]:
            return set(numbers(await reader.walk("/changes", "changes", limit=100, **params)))

        def having(test: Any) -> set[int]:
            return {one["change_id"] for one in walked if test(one)}

        at = middle["changed_at"]
        assert await passing(since=at) == having(lambda one: one["changed_at"] >= at)
        assert await passing(until=at) == having(lambda one: one["changed_at"] < at)
        field = next(one["field"] for one in walked if one["field"])
        assert len({one["field"] for one in walked}) > 5
        assert {one["operation"] for one in walked} >= {"created", "changed", "deleted"}
        assert await passing(field=field) == having(lambda one: one["field"] == field)
        assert await passing(object=["comment", "time_entry"]) == having(
            lambda one: one["object_type"] in ("comment", "time_entry")
        )
        assert await passing(operation="deleted") == having(lambda one: one["operation"] == "deleted")
        assert await passing(user=person["name"]) == having(lambda one: one["user_id"] == person["id"])
        task_id = next(one["task_id"] for one in walked if one["object_type"] == "task")
        assert await passing(task_id=task_id) == having(lambda one: one["task_id"] == task_id)
        place = mirror.value("SELECT list_id FROM tasks WHERE clickup_task_id = %s", task_id)
        tasks = {
            row["id"]
            for row in mirror.rows("SELECT clickup_task_id AS id FROM tasks WHERE list_id = %s", place)
        }
        assert await passing(place=place) == having(
            lambda one: one["task_id"] in tasks or (one["object_type"], one["object_id"]) == ("list", place)
        )
        table = list(DictReader(StringIO((await reader.ask("/changes", format="csv")).text)))
        assert [int(row["change_id"]) for row in table] == numbers(walked)


async def test_a_tasks_history_has_its_time_and_comments(make_mirror: MakeMirror) -> None:
    """Newest or oldest first, page by page; a deleted task has one, an unknown one is a 404."""
    mirror = mirror_of_an_hour_ago(make_mirror)
    await mirror.sync("full")
    await changed(mirror, 9, 80)
    task_id = mirror.value(
        "SELECT task_id FROM changes WHERE task_id IS NOT NULL"
        " GROUP BY task_id ORDER BY count(*) DESC LIMIT 1"
    )
    async with reading(mirror) as reader:
        expected = stored(mirror, f"task_id = '{task_id}'")
        newest = await reader.walk(f"/tasks/{task_id}/history", "changes", limit=3)
        oldest = await reader.walk(f"/tasks/{task_id}/history", "changes", limit=3, sort="changed")
        assert numbers(newest) == numbers(oldest)[::-1]
        assert set(numbers(newest)) == set(expected) and len(newest) == len(expected)
        typed(TaskHistory, await reader.get(f"/tasks/{task_id}/history"))
        await reader.unknown("/tasks/never/history")


async def test_what_is_wrong_is_told(make_mirror: MakeMirror) -> None:
    """Fields and cursors that are none, days in the wrong order, and a feed's cursor with other filters."""
    mirror = mirror_of_an_hour_ago(make_mirror)
    await mirror.sync("full")
    async with reading(mirror) as reader:
        page = await reader.get("/changes")
        unchanged = await reader.ask("/changes", headers={"If-None-Match": '"x"'})
        assert unchanged.status_code == 200 and "etag" in unchanged.headers
        unknown = (await reader.client.get("/changes", params={"field": "due"})).json()
        assert unknown["type"] == "/problems/unknown-value" and "due_at" in unknown["detail"]
        assert "beginning" in await reader.refused("/changes", "after", after="0")
        assert "beginning" in await reader.refused("/changes", "after", after=page["after"][:-3])
        tomorrow = (datetime.now(UTC) + timedelta(days=1)).date()
        assert await reader.refused("/changes", "since", since=tomorrow, until=datetime.now(UTC).date())
        together = {"after": page["after"], "cursor": page["after"]}
        assert "together" in await reader.refused("/changes", "after", **together)


MANY = """
INSERT INTO changes (workspace_id, object_type, object_id, task_id, operation, field, earliest, changed_at,
    latest, source)
SELECT CASE WHEN n % 3 = 0 THEN 'other' ELSE 'own' END, kind, left(kind, 1) || n % 997, 't' || n % 997,
    'changed', 'status', at, at, at, 'polling'
FROM generate_series(1, 60000) AS n
CROSS JOIN LATERAL (
    SELECT now() - n * interval '1 minute', CASE WHEN n % 5 = 0 THEN 'comment' ELSE 'task' END
) AS made (at, kind)
"""


@pytest.fixture(scope="module")
def many(server: Server, template: str) -> Iterator[Connection]:
    with filled(server, template, MANY, "ANALYZE changes") as connection:
        yield connection


_FIRST = {"after_time": None, "after_id": None, "limit": 100}


@pytest.mark.parametrize(
    ("query", "more"),
    [
        ("list_changes", _FIRST),
        ("list_changes", _FIRST | {"tasks": ["t7"]}),
        ("list_changes_in_order", {"after": 30_000, "upto": 50_000, "limit": 100}),
        ("list_task_changes", _FIRST | {"task_id": "t7", "oldest_first": False}),
        ("get_last_position", {}),
    ],
)
def test_a_page_of_changes_is_read_by_an_index(many: Connection, query: str, more: Json) -> None:
    """However many changes there are: the list, the feed, and the history of one task."""
    found = plan(many, query, ChangeFilter().params("own") | more)
    assert read_whole(found) <= {"tasks"}
    assert pages_read(found) < 700
