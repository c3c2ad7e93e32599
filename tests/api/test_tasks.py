"""Tasks over HTTP: what people ask for, as the source has it."""

import asyncio
import base64
from csv import DictReader
from io import StringIO
from random import Random
from typing import Any
from uuid import uuid4

import orjson
import psycopg
import pytest

from app.api.tasks import Dependencies, TaskDetails, TaskPage, Tasks, TasksOfEmployee
from app.core.answers.day import whole_day
from app.reports.tasks import Task
from tests.api.door import READER
from tests.api.reading import Json, Reader, pretend_worker, typed
from tests.campaigns import seeds
from tests.engine.mirror import Mirror
from tests.engine.service.running import client_of, serving, until


def ids(answer: Json) -> list[str]:
    return [task["clickup_task_id"] for task in answer["tasks"]]


async def write(mirror: Mirror, statement: str, *params: Any) -> None:
    """In a thread: the service may hold the row, and needs this loop to let it go."""
    await asyncio.to_thread(mirror.rows, statement, *params)


def wanted(mirror: Mirror, test: Any) -> set[str]:
    """What the source says passes."""
    return {key for key, task in mirror.world.truth()["tasks"].items() if test(task)}


async def test_a_page_has_the_documented_envelope(reader: Reader) -> None:
    """count, limit, offset, tasks, newest change first; and the total and a cursor."""
    page = await reader.get("/tasks", limit=7, offset=3)
    assert (page["count"], page["limit"], page["offset"]) == (7, 7, 3)
    assert page["total"] == len(reader.mirror.world.truth()["tasks"])
    stored = reader.mirror.rows(
        "SELECT clickup_task_id AS id FROM tasks WHERE NOT is_deleted"
        " ORDER BY date_updated DESC, clickup_task_id DESC LIMIT 7 OFFSET 3"
    )
    assert ids(page) == [row["id"] for row in stored]
    typed(TaskPage, page)


async def test_one_task_is_as_it_is_stored(own: Reader) -> None:
    """By ClickUp's id, instants in the mirror's zone; deleted ones are shown as such, others are a 404."""
    task_id = ids(await own.get("/tasks", limit=1))[0]
    shown = await own.get(f"/tasks/{task_id}")
    values = shown.pop("custom_field_values")
    assert shown == (await own.get("/tasks", limit=1))["tasks"][0]
    assert {one["label"]: one["value_text"] for one in values} == shown["custom_fields"]
    task = typed(Task, shown)
    stored = own.mirror.task(task_id)
    for name in ("title", "date_updated", "tracked_minutes", "tags", "due_date", "employee_ids"):
        assert getattr(task, name) == stored[name]
    assert task.date_updated is not None
    assert task.date_updated.utcoffset() == stored["date_updated"].astimezone(own.mirror.zone).utcoffset()
    await write(
        own.mirror,
        "UPDATE tasks SET is_deleted = true, deleted_at = now() WHERE clickup_task_id = %s",
        task_id,
    )
    assert (await own.get(f"/tasks/{task_id}"))["is_deleted"] is True
    assert task_id not in ids(await own.get("/tasks", limit=1_000))
    assert ids(await own.get("/tasks", deleted="only")) == [task_id]
    missing = await own.client.get("/tasks/never-heard-of")
    assert missing.status_code == 404
    assert missing.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("name", ["status", "priority", "list_id", "folder_id", "space_id", "parent"])
async def test_each_filter_lets_pass_what_it_says(reader: Reader, name: str) -> None:
    """One value, and two of them, each as the source has it."""
    values = sorted({task[name] for task in reader.mirror.world.truth()["tasks"].values() if task[name]})
    for chosen in (values[:1], values[:2]):
        known = "place" if name in ("list_id", "folder_id", "space_id") else name
        page = await reader.get("/tasks", limit=1_000, **{known: chosen})
        assert set(ids(page)) == wanted(reader.mirror, lambda task: task[name] in chosen)  # noqa: B023
        assert page["total"] == page["count"]


LISTS = ("/tasks", "/tasks/with-time", "/tasks/with-comments", "/tasks/by-employee")


@pytest.mark.parametrize("path", LISTS)
async def test_unknown_ids_are_told_from_nothing_found(reader: Reader, path: str) -> None:
    """A 404 that names what is not known; a status or a tag that nothing has is a 422."""
    person = reader.mirror.value("SELECT id FROM employees LIMIT 1")
    known = {"employee_id": person} if path.endswith("by-employee") else {}
    assert "no place 'nowhere'" in await reader.unknown(path, **known, place="nowhere")
    assert "no list 'nowhere'" in await reader.unknown(path, **known, place="list:nowhere")
    assert "no task 'nowhere'" in await reader.unknown(path, **known, parent="nowhere")
    stranger = uuid4()
    whose = "employee_id" if known else "assignee"
    assert f"no person '{stranger}'" in await reader.unknown(path, **{whose: str(stranger)})
    for name in ("status", "tag"):
        assert f"no {name} 'nothing" in await reader.refused(path, name, **known, **{name: "nothing has it"})


async def test_every_parameter_of_a_persons_tasks_has_an_effect(reader: Reader) -> None:
    """So there is no `assignee` among them: whose they are is said already."""
    paths = (await reader.get("/openapi.json"))["paths"]
    names = {one["name"] for one in paths["/tasks/by-employee"]["get"]["parameters"]}
    assert "assignee" not in names and "employee_id" in names
    assert "assignee" in {one["name"] for one in paths["/tasks"]["get"]["parameters"]}


async def test_tags_people_words_and_days_filter(own: Reader) -> None:
    """Any of the tags, any of the people, all of the words; due days include the first and not the last."""
    truth = own.mirror.world.truth()["tasks"]
    tag = next(task["tags"][0] for task in truth.values() if task["tags"])
    assert set(ids(await own.get("/tasks", tag=tag))) == wanted(own.mirror, lambda task: tag in task["tags"])
    person = own.mirror.rows(
        "SELECT e.id, e.clickup_user_id FROM employees AS e JOIN tasks AS t ON e.id = t.employee_id LIMIT 1"
    )[0]
    page = await own.get("/tasks", assignee=str(person["id"]), limit=1_000)
    assert set(ids(page)) == wanted(own.mirror, lambda task: person["clickup_user_id"] in task["assignees"])
    some = next(iter(truth))
    await write(own.mirror, "UPDATE tasks SET title = 'Zwölf große Boxen' WHERE clickup_task_id = %s", some)
    for words in ("zwölf", "GROSSE BOXEN".replace("SS", "ß"), "box zwö"):
        assert ids(await own.get("/tasks", q=words)) == [some]
    await write(own.mirror, "UPDATE tasks SET title = 'a<urgent>b' WHERE clickup_task_id = %s", some)
    assert ids(await own.get("/tasks", q="urgent")) == [some]
    for words in ("zwölf nirgends", "!!!", "' | ''"):
        assert ids(await own.get("/tasks", q=words)) == []
    day = own.mirror.value("SELECT due_date FROM tasks WHERE due_date IS NOT NULL AND NOT is_deleted LIMIT 1")
    on_it = own.mirror.rows(
        "SELECT clickup_task_id AS id FROM tasks WHERE due_date = %s AND NOT is_deleted", day
    )
    after = set(ids(await own.get("/tasks", due_from=str(day), limit=1_000)))
    before = set(ids(await own.get("/tasks", due_to=str(day), limit=1_000)))
    assert {row["id"] for row in on_it} == after & before
    changed = "SELECT clickup_task_id AS id FROM tasks WHERE date_updated >= %s AND NOT is_deleted"
    updated = own.mirror.value(
        "SELECT date_updated FROM tasks WHERE NOT is_deleted ORDER BY 1 OFFSET 9 LIMIT 1"
    )
    day = updated.astimezone(own.mirror.zone).date()
    await write(
        own.mirror,
        "UPDATE tasks SET date_updated = %s WHERE clickup_task_id = %s",
        whole_day(day, own.mirror.zone).start,
        some,
    )
    for since, begin in ((updated.isoformat(), updated), (str(day), whole_day(day, own.mirror.zone).start)):
        found = ids(await own.get("/tasks", updated_since=since, limit=1_000))
        assert set(found) == {row["id"] for row in own.mirror.rows(changed, begin)}


@pytest.mark.parametrize(
    "sort", ["updated", "-created", "due", "-due", "-tracked", "tracked", "title", "-title"]
)
async def test_a_walk_sees_each_task_once_in_order(reader: Reader, sort: str) -> None:
    """In every order, page by page, nothing twice and nothing left out while nothing changes."""
    whole = await reader.get("/tasks", sort=sort, limit=1_000)
    walked: list[str] = []
    cursor = None
    while True:
        page = await reader.get("/tasks", sort=sort, limit=6, **({"cursor": cursor} if cursor else {}))
        walked += ids(page)
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert walked == ids(whole)


@pytest.mark.parametrize("seed", seeds())
async def test_a_walk_leaves_nothing_out_while_rows_change(own: Reader, seed: int) -> None:
    """Tasks move to where the walk has been, and new ones appear: all are seen, some twice."""
    random, walked, cursor = Random(seed), set[str](), None
    while True:
        page = await own.get("/tasks", limit=4, **({"cursor": cursor} if cursor else {}))
        walked |= set(ids(page))
        cursor = page["next_cursor"]
        if cursor is None:
            break
        await asyncio.to_thread(_change_some, own.mirror, random)
    present = own.mirror.rows("SELECT clickup_task_id AS id FROM tasks WHERE NOT is_deleted")
    assert {row["id"] for row in present} - walked == set()


async def test_a_walk_sees_what_was_being_written_when_it_began(own: Reader) -> None:
    """Dated before another row that was there already, and seen only later: it comes at the end."""
    row = (
        "INSERT INTO tasks (workspace_id, clickup_task_id, title, type, date_updated, read_at, fingerprint)"
        " VALUES (%s, %s, 'x', 'Task', now() + interval '1 day', now(), 'f')"
    )
    async with await psycopg.AsyncConnection.connect(own.mirror.database_url) as writing:
        await writing.execute(row.encode(), [own.mirror.sim.team_id, "slow"])
        own.mirror.rows(row, own.mirror.sim.team_id, "quick")
        page = await own.get("/tasks", limit=20)
        assert ids(page)[0] == "quick" and "slow" not in ids(page)
        await writing.commit()
    walked = ids(page)
    while cursor := page["next_cursor"]:
        page = await own.get("/tasks", limit=20, cursor=cursor)
        walked += ids(page)
    assert walked.count("slow") == 1


def _change_some(mirror: Mirror, random: Random) -> None:
    mirror.rows(
        "UPDATE tasks SET date_updated = now(), updated_at = now() WHERE clickup_task_id IN"
        " (SELECT clickup_task_id FROM tasks ORDER BY md5(clickup_task_id || %s) LIMIT 2)",
        str(random.random()),
    )
    mirror.rows(
        "INSERT INTO tasks (workspace_id, clickup_task_id, title, type, date_updated, read_at, fingerprint)"
        " SELECT %s, 'new' || %s, 'x', 'Task', now() - interval '1 day' * %s, now(), 'f'"
        " WHERE (SELECT count(*) FROM tasks) < 60",
        mirror.sim.team_id,
        str(random.random()),
        random.randint(0, 300),
    )


async def test_lists_by_person_time_and_comments(reader: Reader) -> None:
    """The documented three: newest change first, most time first, newest change first."""
    person = reader.mirror.value("SELECT employee_id FROM tasks WHERE employee_id IS NOT NULL LIMIT 1")
    mine = typed(TasksOfEmployee, await reader.get("/tasks/by-employee", employee_id=str(person)))
    assert mine.count == len(mine.tasks) > 0
    assert all(person in task.employee_ids for task in mine.tasks)
    timed = typed(Tasks, await reader.get("/tasks/with-time"))
    minutes = [task.tracked_minutes or 0 for task in timed.tasks]
    assert minutes == sorted(minutes, reverse=True) and minutes[-1] > 0
    waiting = await reader.get("/tasks/with-comments")
    assert set(ids(waiting)) == wanted(reader.mirror, lambda task: task["assigned_comments"])


async def test_dependencies_come_with_titles_and_states(own: Reader) -> None:
    """Waiting on, blocking, linked; an unknown task is a 404, not an empty answer."""
    first, second = list(own.mirror.world.truth()["tasks"])[:2]
    await write(
        own.mirror,
        "INSERT INTO task_dependencies (workspace_id, clickup_task_id, relation, other_task_id)"
        " VALUES (%s, %s, 'waiting_on', %s), (%s, %s, 'linked', 'unknown here')",
        own.mirror.sim.team_id,
        first,
        second,
        own.mirror.sim.team_id,
        first,
    )
    answer = await own.get(f"/dependencies/{first}")
    relations = typed(Dependencies, answer).dependencies
    assert second in [one.clickup_task_id for one in relations.waiting_on if one.title and one.status]
    assert ("unknown here", None) in [(one.clickup_task_id, one.title) for one in relations.linked]
    assert (await own.client.get("/dependencies/never-heard-of")).status_code == 404


async def test_values_stand_beside_what_was_read_of_them(own: Reader) -> None:
    """One task tells its custom fields as people read them, as numbers, and as ClickUp sent them."""
    task_id = ids(await own.get("/tasks", limit=1))[0]
    await write(
        own.mirror,
        "INSERT INTO task_custom_fields"
        " (workspace_id, clickup_task_id, field_id, name, label, value_text, value_number, value)"
        " SELECT workspace_id, clickup_task_id, v.id, 'Levy', 'Levy (' || v.id || ')', shown, amount, raw"
        " FROM tasks, (VALUES ('f1', '100.00 EUR', 100, '\"100\"'::jsonb), ('f2', '900.00 EUR', 900, '900'))"
        " AS v (id, shown, amount, raw) WHERE clickup_task_id = %s",
        task_id,
    )
    shown = typed(TaskDetails, await own.get(f"/tasks/{task_id}"))
    budgets = [one for one in shown.custom_field_values if one.name == "Levy"]
    assert [(one.label, one.value_text, one.value_number, one.value) for one in budgets] == [
        ("Levy (f1)", "100.00 EUR", 100.0, "100"),
        ("Levy (f2)", "900.00 EUR", 900.0, 900),
    ]


async def test_fields_that_could_not_be_read_are_told(own: Reader) -> None:
    """Of a task, an entry and a comment, with the reason; the status counts the rows."""
    reasons = {"due_date": "expected a number, found 'tomorrow'"}
    task_id = ids(await own.get("/tasks", limit=1))[0]
    before = (await own.get("/status"))["counts"]["unreadable_rows"]
    one = {"tasks": f"clickup_task_id = '{task_id}'"}
    for table in ("tasks", "time_entries", "comments"):
        which = one.get(table, f"ctid = (SELECT min(ctid) FROM {table})")
        await write(
            own.mirror,
            f"UPDATE {table} SET unreadable_fields = %s::jsonb WHERE {which}",
            orjson.dumps(reasons).decode(),
        )
    await write(own.mirror, "UPDATE comments SET assignee_id = '1', resolved = false")
    assert (await own.get(f"/tasks/{task_id}"))["unreadable_fields"] == reasons
    entries = (await own.get("/time-entries", limit=1_000))["time_entries"]
    comments = (await own.get("/comments/assigned", limit=1_000))["comments"]
    for rows in (entries, comments):
        assert [row["unreadable_fields"] for row in rows if row["unreadable_fields"]] == [reasons]
    assert (await own.get("/status"))["counts"]["unreadable_rows"] == before + 3


async def test_what_has_not_changed_is_not_sent_again(own: Reader) -> None:
    """ETag and 304, and a new answer as soon as a row has changed, whoever changed it."""
    first = await own.client.get("/tasks", params={"limit": 5})
    tag = first.headers["etag"]
    again = await own.client.get("/tasks", params={"limit": 5}, headers={"If-None-Match": f'W/"x", {tag}'})
    assert (again.status_code, again.content) == (304, b"")
    changed = ids(first.json())[0]
    await write(own.mirror, "UPDATE tasks SET title = 'changed by hand' WHERE clickup_task_id = %s", changed)
    later = await own.client.get("/tasks", params={"limit": 5}, headers={"If-None-Match": tag})
    assert later.status_code == 200
    assert later.json()["tasks"][0]["title"] == "changed by hand"


async def test_what_is_remembered_is_for_those_who_may_ask(mirror: Mirror, keys: str) -> None:
    """A key fills the memory; without one nobody is answered from it, and the log names the route."""
    pretend_worker(mirror)
    async with (
        serving(mirror, api_keys=keys) as running,
        client_of(running.url) as client,
    ):
        await until(lambda: running.service.workspace_id)
        known = {"Authorization": f"Bearer {READER}"}
        bodies = {(await client.get("/tasks?limit=3", headers=known)).content for _ in range(3)}
        assert len(bodies) == 1
        for headers in ({}, {"X-API-Key": "wrong-wrong-wrong-wrong"}):
            assert (await client.get("/tasks?limit=3", headers=headers)).status_code == 401
        told = (await client.get("/metrics", headers=known)).text
        assert 'api_request_seconds_count{route="/tasks",status="200"} 3.0' in told


async def test_very_many_come_as_a_stream(own: Reader) -> None:
    """Well-formed, each once, and the count is right."""
    await write(
        own.mirror,
        "INSERT INTO tasks (workspace_id, clickup_task_id, title, type, tracked_minutes, date_updated,"
        " read_at, fingerprint) SELECT %s, 'many' || n, 'x', 'Task', n %% 7 + 1, now(), now(), 'f'"
        " FROM generate_series(1, 2500) AS n",
        own.mirror.sim.team_id,
    )
    answer = await own.get("/tasks/with-time")
    assert answer["count"] == len(answer["tasks"]) == len(set(ids(answer))) >= 2_500
    minutes = [task["tracked_minutes"] for task in answer["tasks"]]
    assert minutes == sorted(minutes, reverse=True)


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 1_001}, "limit"),
        ({"limit": "x"}, "limit"),
        ({"offset": -1}, "offset"),
        ({"offset": 10**30}, "offset"),
        ({"sort": "colour"}, "sort"),
        ({"assignee": "\x00"}, "assignee"),
        ({"due_from": "soon"}, "due_from"),
        ({"updated_since": "x"}, "updated_since"),
        ({"archived": "x"}, "archived"),
        ({"deleted": "x"}, "deleted"),
        ({"cursor": "x"}, "cursor"),
        ({"cursor": "e30"}, "cursor"),
        ({"q": "x" * 501}, "q"),
    ],
)
async def test_bad_input_is_told_by_its_field(reader: Reader, params: Json, field: str) -> None:
    """422, with the field and the reason."""
    answer = await reader.client.get("/tasks", params=params)
    assert answer.status_code == 422
    assert any(field in error["field"] for error in answer.json()["errors"])


@pytest.mark.parametrize("sort", ["-updated", "title", "tracked"])
@pytest.mark.parametrize("key", ["noon", "9" * 30, "2026-01-01T00:00:00", "nul\x00", ""])
async def test_a_forged_place_is_refused_or_harmless(reader: Reader, sort: str, key: str) -> None:
    """Well-formed, with the right digest, and a key that nobody handed out: never a 500."""
    handed_out = (await reader.get("/tasks", limit=2, sort=sort))["next_cursor"]
    cursor = orjson.loads(base64.urlsafe_b64decode(handed_out + "=" * (-len(handed_out) % 4)))
    forged = base64.urlsafe_b64encode(orjson.dumps(cursor | {"key": key})).decode().rstrip("=")
    answer = await reader.client.get("/tasks", params={"cursor": forged, "sort": sort, "limit": 2})
    assert answer.status_code in (200, 422), answer.text


async def test_a_cursor_fits_its_own_question_only(reader: Reader) -> None:
    """With other filters, or tampered with, it is refused."""
    cursor = (await reader.get("/tasks", limit=2))["next_cursor"]
    assert (await reader.client.get("/tasks", params={"cursor": cursor, "sort": "title"})).status_code == 422
    assert (await reader.client.get("/tasks", params={"cursor": cursor[:-3]})).status_code == 422


async def test_tasks_as_csv(reader: Reader) -> None:
    """All that pass the filters, each once, with the columns of JSON; `limit` bounds them."""
    for params in ({"open": "true"}, {"sort": "title", "limit": 3}, {"q": "nothing has these words"}):
        answer = await reader.ask("/tasks", format="csv", **params)
        assert answer.headers["content-type"].startswith("text/csv"), answer.text
        rows = list(DictReader(StringIO(answer.text)))
        told = (await reader.get("/tasks", **{"limit": 1000} | params))["tasks"]
        assert [row["clickup_task_id"] for row in rows] == [task["clickup_task_id"] for task in told]
        assert all(set(row) == set(task) for row, task in zip(rows, told, strict=True))
        assert all(
            row["is_open"] == str(task["is_open"]).lower() for row, task in zip(rows, told, strict=True)
        )
