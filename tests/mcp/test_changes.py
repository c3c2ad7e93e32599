"""What changed, for assistants: the changes of the API, those that belong together as one row."""

import json
from datetime import datetime, timedelta
from typing import Any

from tests.api.reading import reading
from tests.api.test_past import mirror_of_an_hour_ago
from tests.engine.conftest import MakeMirror
from tests.mcp.asking import Json, asking
from tests.mcp.test_past import change

_COMMON = ("object_type", "object_id", "operation", "changed_at", "user_id", "source")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(microsecond=0)


def fields_of(rows: list[Json]) -> list[tuple[Any, ...]]:
    """A line for each changed field, or for what was created, deleted or restored."""
    lines = []
    for row in rows:
        between = row.get("between") or {"earliest": row["changed_at"], "latest": row["changed_at"]}
        own = (*(row.get(name) for name in _COMMON), between["earliest"], between["latest"])
        for one in row.get("fields") or [{}]:
            lines.append((*own, one.get("field")))
    return sorted(map(_comparable, lines))


def of_the_api(rows: list[Json]) -> list[tuple[Any, ...]]:
    names = (*_COMMON, "earliest", "latest", "field")
    return sorted(_comparable(tuple(row[name] for name in names)) for row in rows)


def _comparable(line: tuple[Any, ...]) -> tuple[Any, ...]:
    kind, key, operation, changed_at, user, source, earliest, latest, field = line
    instants = tuple(str(moment(one)) if earliest != latest else "" for one in (earliest, latest))
    return kind, key, operation, str(moment(changed_at)), user or "", source, *instants, field or ""


async def test_changes_are_those_of_the_api(make_mirror: MakeMirror) -> None:
    """By time, person, task, place, field, object and operation, page by page; none is left out."""
    mirror = mirror_of_an_hour_ago(make_mirror)
    await mirror.sync("full")
    await change(mirror, 8, 80)
    person = mirror.rows("SELECT clickup_user_id AS id, name FROM employees ORDER BY name LIMIT 1")[0]
    mirror.rows(
        "UPDATE changes SET user_id = %s, user_name = %s WHERE mod(change_id, 3) = 0", *person.values()
    )
    task_id = mirror.value(
        "SELECT object_id FROM changes WHERE object_type = 'task' AND operation = 'changed'"
        " GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
    )
    place = mirror.value("SELECT list_id FROM tasks WHERE clickup_task_id = %s", task_id)
    middle = mirror.value("SELECT max(changed_at) - interval '30 seconds' FROM changes").isoformat()
    asked: list[dict[str, Any]] = [
        {},
        {"since": middle},
        {"until": middle},
        {"user": [person["name"]]},
        {"task_id": [task_id]},
        {"place": [place], "operation": ["changed"]},
        {"field": ["custom_fields", "status"]},
        {"object": ["comment", "time_entry"], "operation": ["created", "deleted"]},
    ]
    async with asking(mirror) as tools, reading(mirror) as reader:
        for params in asked:
            expected = of_the_api(await reader.walk("/changes", "changes", limit=1_000, **params))
            walked = await tools.walk("list_changes", "changes", limit=20, **params)
            assert expected and fields_of(walked) == expected, params
        history = await reader.walk(f"/tasks/{task_id}/history", "changes", limit=1_000)
        found = await tools.ask("list_changes", task_id=task_id)
        walked = await tools.walk("list_changes", "changes", task_id=task_id)
        assert fields_of(walked) == of_the_api(history)
        assert moment(found["history_since"]) == mirror.value(
            "SELECT date_trunc('second', since) FROM history_states"
        )


async def test_what_changed_together_is_one_row(make_mirror: MakeMirror) -> None:
    """Two fields of one edit, with their values; when exactly it was not seen, two instants."""
    mirror = mirror_of_an_hour_ago(make_mirror)
    await mirror.sync("full")
    mirror.world.clock.advance(10)
    task = next(one for one in mirror.world.tasks.values() if not one.archived)
    mirror.world.edit_task(task.id, name="Final", text="First line\nsecond line" * 40, priority=1)
    await mirror.sync("deep")
    async with asking(mirror) as tools:
        rows = (await tools.ask("list_changes", task_id=task.id, operation="changed"))["changes"]
        (row,) = [one for one in rows if any(two["field"] == "title" for two in one["fields"])]
        values = {one["field"]: one for one in row["fields"]}
        assert {"title", "description", "priority"} <= values.keys()
        assert (values["title"]["after"], values["priority"]["after"]) == ("Final", "urgent")
        assert values["description"]["after"].startswith("<written-")
        assert len(values["description"]["after"]) < 350
        assert (row["object_name"], row["changed_at_text"]) == ("Final", row["changed_at_text"])
        mirror.rows(
            "UPDATE changes SET earliest = changed_at - interval '1 minute', user_name = 'Ada'"
            " WHERE object_id = %s",
            task.id,
        )
        rows = (await tools.ask("list_changes", task_id=task.id, field="title"))["changes"]
        (row,) = [one for one in rows if one["operation"] == "changed"]
        assert row["user_name"] == "Ada"
        early, late = (moment(row["between"][name]) for name in ("earliest", "latest"))
        assert late - early >= timedelta(minutes=1)


async def test_a_hundred_long_changes_are_no_long_answer(make_mirror: MakeMirror) -> None:
    """At most 25,000 tokens, whatever was written, and fifty at once; a text is fenced."""
    mirror = mirror_of_an_hour_ago(make_mirror)
    await mirror.sync("full")
    mirror.rows(
        "INSERT INTO changes (workspace_id, object_type, object_id, task_id, operation, field, before, after,"
        " earliest, changed_at, latest, source, user_id, user_name) SELECT workspace_id, 'task',"
        " clickup_task_id, clickup_task_id, 'changed', 'description', v, v, now() - interval '1 hour',"
        " now() - n * interval '1 second', now(), 'polling', '183', repeat('Ada ', 20)"
        " FROM (SELECT *, to_jsonb(repeat('日本語 ', 5000)) AS v FROM tasks LIMIT 1) AS t"
        " CROSS JOIN generate_series(1, 120) AS n"
    )
    async with asking(mirror) as tools:
        found = await tools.ask("list_changes", field="description", limit=100)
    assert len(found["changes"]) == 50 and "next_cursor" in found
    assert found["changes"][0]["fields"][0]["after"].startswith("<written-")
    assert len(json.dumps(found, ensure_ascii=False).encode()) < 100_000


async def test_what_no_change_can_have_is_refused(make_mirror: MakeMirror) -> None:
    """Fields that do not exist, people nobody knows, instants in the wrong order, and cursors of others."""
    mirror = mirror_of_an_hour_ago(make_mirror)
    await mirror.sync("full")
    await change(mirror, 2, 10)
    async with asking(mirror) as tools:
        assert "due_at" in await tools.refused("list_changes", field="due_att")
        assert "no person" in await tools.refused("list_changes", user="Nobody At All")
        assert "since" in await tools.refused("list_changes", since="today", until="yesterday")
        assert "until" in await tools.refused("list_changes", until="2026-13-01T10:00Z")
        assert "must be one of" in await tools.refused("list_changes", object="tsk")
        cursor = (await tools.ask("list_changes", limit=2))["next_cursor"]
        assert "other filters" in await tools.refused("list_changes", limit=2, cursor=cursor, object="task")
