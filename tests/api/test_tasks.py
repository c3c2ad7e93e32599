"""Tasks over HTTP: what people ask for, as the source has it."""

import asyncio
import base64
from collections.abc import AsyncIterator
from random import Random
from typing import Any

import httpx2
import orjson
import pytest

from app.api.task_shapes import Dependencies, Task, TaskPage, Tasks, TasksOfEmployee
from tests.api.door import READER
from tests.api.reading import hold_elsewhere
from tests.engine.mirror import Mirror
from tests.engine.service.running import serving, until

Json = dict[str, Any]


@pytest.fixture
async def client(mirror: Mirror) -> AsyncIterator[httpx2.AsyncClient]:
    hold_elsewhere(mirror)
    async with serving(mirror) as running, httpx2.AsyncClient(base_url=running.url, timeout=20) as client:
        await until(lambda: running.service.workspace_id)
        yield client


async def get(client: httpx2.AsyncClient, path: str, **params: Any) -> Any:
    answer = await client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ids(answer: Json) -> list[str]:
    return [task["clickup_task_id"] for task in answer["tasks"]]


async def write(mirror: Mirror, statement: str, *params: Any) -> None:
    """In a thread: the service may hold the row, and needs this loop to let it go."""
    await asyncio.to_thread(mirror.rows, statement, *params)


def wanted(mirror: Mirror, test: Any) -> set[str]:
    """What the source says passes."""
    return {key for key, task in mirror.world.truth()["tasks"].items() if test(task)}


async def test_a_page_has_the_documented_envelope(client: httpx2.AsyncClient, mirror: Mirror) -> None:
    """count, limit, offset, tasks, newest change first; and the total and a cursor."""
    page = await get(client, "/tasks", limit=7, offset=3)
    assert (page["count"], page["limit"], page["offset"]) == (7, 7, 3)
    assert page["total"] == len(mirror.world.truth()["tasks"])
    stored = mirror.rows(
        "SELECT clickup_task_id AS id FROM tasks WHERE NOT is_deleted"
        " ORDER BY date_updated DESC, clickup_task_id DESC LIMIT 7 OFFSET 3"
    )
    assert ids(page) == [row["id"] for row in stored]
    TaskPage.model_validate(page)


async def test_one_task_is_as_it_is_stored(client: httpx2.AsyncClient, mirror: Mirror) -> None:
    """By ClickUp's id, instants in the mirror's zone; deleted ones are shown as such, others are a 404."""
    task_id = ids(await get(client, "/tasks", limit=1))[0]
    shown = await get(client, f"/tasks/{task_id}")
    assert shown == (await get(client, "/tasks", limit=1))["tasks"][0]
    task = Task.model_validate(shown)
    stored = mirror.task(task_id)
    for name in ("title", "date_updated", "tracked_minutes", "tags", "due_date", "employee_ids"):
        assert getattr(task, name) == stored[name]
    assert task.date_updated is not None
    assert task.date_updated.utcoffset() == stored["date_updated"].astimezone(mirror.zone).utcoffset()
    await write(
        mirror, "UPDATE tasks SET is_deleted = true, deleted_at = now() WHERE clickup_task_id = %s", task_id
    )
    assert (await get(client, f"/tasks/{task_id}"))["is_deleted"] is True
    assert task_id not in ids(await get(client, "/tasks", limit=1_000))
    assert ids(await get(client, "/tasks", deleted="only")) == [task_id]
    missing = await client.get("/tasks/never-heard-of")
    assert missing.status_code == 404
    assert missing.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("name", ["status", "priority", "list_id", "folder_id", "space_id", "parent"])
async def test_each_filter_lets_pass_what_it_says(
    client: httpx2.AsyncClient, mirror: Mirror, name: str
) -> None:
    """One value, and two of them, each as the source has it."""
    values = sorted({task[name] for task in mirror.world.truth()["tasks"].values() if task[name]})
    for chosen in (values[:1], values[:2], ["nothing has this"]):
        page = await get(client, "/tasks", limit=1_000, **{name: chosen})
        assert set(ids(page)) == wanted(mirror, lambda task: task[name] in chosen)  # noqa: B023
        assert page["total"] == page["count"]


async def test_tags_people_words_and_days_filter(client: httpx2.AsyncClient, mirror: Mirror) -> None:
    """Any of the tags, any of the people, all of the words; due days include the first and not the last."""
    truth = mirror.world.truth()["tasks"]
    tag = next(task["tags"][0] for task in truth.values() if task["tags"])
    assert set(ids(await get(client, "/tasks", tag=tag))) == wanted(mirror, lambda task: tag in task["tags"])
    person = mirror.rows(
        "SELECT e.id, e.clickup_user_id FROM employees AS e JOIN tasks AS t ON e.id = t.employee_id LIMIT 1"
    )[0]
    page = await get(client, "/tasks", assignee=str(person["id"]), limit=1_000)
    assert set(ids(page)) == wanted(mirror, lambda task: person["clickup_user_id"] in task["assignees"])
    some = next(iter(truth))
    await write(mirror, "UPDATE tasks SET title = 'Zwölf große Boxen' WHERE clickup_task_id = %s", some)
    for words in ("zwölf", "GROSSE BOXEN".replace("SS", "ß"), "box zwö"):
        assert ids(await get(client, "/tasks", q=words)) == [some]
    for words in ("zwölf nirgends", "!!!", "' | ''"):
        assert ids(await get(client, "/tasks", q=words)) == []
    day = mirror.value("SELECT due_date FROM tasks WHERE due_date IS NOT NULL AND NOT is_deleted LIMIT 1")
    on_it = mirror.rows("SELECT clickup_task_id AS id FROM tasks WHERE due_date = %s AND NOT is_deleted", day)
    after = set(ids(await get(client, "/tasks", due_after=str(day), limit=1_000)))
    before = set(ids(await get(client, "/tasks", due_before=str(day), limit=1_000)))
    assert {row["id"] for row in on_it} <= after and not after & before


@pytest.mark.parametrize(
    "sort", ["updated", "-created", "due", "-due", "-tracked", "tracked", "title", "-title"]
)
async def test_a_walk_sees_each_task_once_in_order(client: httpx2.AsyncClient, sort: str) -> None:
    """In every order, page by page, nothing twice and nothing left out while nothing changes."""
    whole = await get(client, "/tasks", sort=sort, limit=1_000)
    walked: list[str] = []
    cursor = None
    while True:
        page = await get(client, "/tasks", sort=sort, limit=6, **({"cursor": cursor} if cursor else {}))
        walked += ids(page)
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert walked[: len(whole["tasks"])] == ids(whole)
    assert set(walked) == set(ids(whole))


@pytest.mark.parametrize("seed", range(4))
async def test_a_walk_leaves_nothing_out_while_rows_change(
    client: httpx2.AsyncClient, mirror: Mirror, seed: int
) -> None:
    """Tasks move to where the walk has been, and new ones appear: all are seen, some twice."""
    random, walked, cursor = Random(seed), set[str](), None
    while True:
        page = await get(client, "/tasks", limit=4, **({"cursor": cursor} if cursor else {}))
        walked |= set(ids(page))
        cursor = page["next_cursor"]
        if cursor is None:
            break
        await asyncio.to_thread(_change_some, mirror, random)
    present = mirror.rows("SELECT clickup_task_id AS id FROM tasks WHERE NOT is_deleted")
    assert {row["id"] for row in present} - walked == set()


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


async def test_lists_by_person_time_and_comments(client: httpx2.AsyncClient, mirror: Mirror) -> None:
    """The documented three: newest change first, most time first, newest change first."""
    person = mirror.value("SELECT employee_id FROM tasks WHERE employee_id IS NOT NULL LIMIT 1")
    mine = TasksOfEmployee.model_validate(await get(client, "/tasks/by-employee", employee_id=str(person)))
    assert mine.count == len(mine.tasks) > 0
    assert all(person in task.employee_ids for task in mine.tasks)
    timed = Tasks.model_validate(await get(client, "/tasks/with-time"))
    minutes = [task.tracked_minutes or 0 for task in timed.tasks]
    assert minutes == sorted(minutes, reverse=True) and minutes[-1] > 0
    waiting = await get(client, "/tasks/with-comments")
    assert set(ids(waiting)) == wanted(mirror, lambda task: task["assigned_comments"])


async def test_dependencies_come_with_titles_and_states(client: httpx2.AsyncClient, mirror: Mirror) -> None:
    """Waiting on, blocking, linked; an unknown task is a 404, not an empty answer."""
    first, second = list(mirror.world.truth()["tasks"])[:2]
    await write(
        mirror,
        "INSERT INTO task_dependencies (workspace_id, clickup_task_id, relation, other_task_id)"
        " VALUES ('w', %s, 'waiting_on', %s), ('w', %s, 'linked', 'unknown here')",
        first,
        second,
        first,
    )
    answer = await get(client, f"/dependencies/{first}")
    relations = Dependencies.model_validate(answer).dependencies
    assert second in [one.clickup_task_id for one in relations.waiting_on if one.title and one.status]
    assert ("unknown here", None) in [(one.clickup_task_id, one.title) for one in relations.linked]
    assert (await client.get("/dependencies/never-heard-of")).status_code == 404


async def test_what_has_not_changed_is_not_sent_again(client: httpx2.AsyncClient, mirror: Mirror) -> None:
    """ETag and 304, and a new answer as soon as a row has changed, whoever changed it."""
    first = await client.get("/tasks", params={"limit": 5})
    tag = first.headers["etag"]
    again = await client.get("/tasks", params={"limit": 5}, headers={"If-None-Match": f'W/"x", {tag}'})
    assert (again.status_code, again.content) == (304, b"")
    changed = ids(first.json())[0]
    await write(mirror, "UPDATE tasks SET title = 'changed by hand' WHERE clickup_task_id = %s", changed)
    later = await client.get("/tasks", params={"limit": 5}, headers={"If-None-Match": tag})
    assert later.status_code == 200
    assert later.json()["tasks"][0]["title"] == "changed by hand"


async def test_what_is_remembered_is_for_those_who_may_ask(mirror: Mirror, keys: str) -> None:
    """A key fills the memory; without one nobody is answered from it, and the log names the route."""
    hold_elsewhere(mirror)
    async with (
        serving(mirror, api_keys=keys) as running,
        httpx2.AsyncClient(base_url=running.url, timeout=20) as client,
    ):
        await until(lambda: running.service.workspace_id)
        known = {"Authorization": f"Bearer {READER}"}
        bodies = {(await client.get("/tasks?limit=3", headers=known)).content for _ in range(3)}
        assert len(bodies) == 1
        for headers in ({}, {"X-API-Key": "wrong-wrong-wrong-wrong"}):
            assert (await client.get("/tasks?limit=3", headers=headers)).status_code == 401
        told = (await client.get("/metrics", headers=known)).text
        assert 'api_request_seconds_count{route="/tasks",status="200"} 3.0' in told


async def test_very_many_come_as_a_stream(client: httpx2.AsyncClient, mirror: Mirror) -> None:
    """Well-formed, each once, and the count is right."""
    await write(
        mirror,
        "INSERT INTO tasks (workspace_id, clickup_task_id, title, type, tracked_minutes, date_updated,"
        " read_at, fingerprint) SELECT %s, 'many' || n, 'x', 'Task', n %% 7 + 1, now(), now(), 'f'"
        " FROM generate_series(1, 2500) AS n",
        mirror.sim.team_id,
    )
    answer = await get(client, "/tasks/with-time")
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
        ({"assignee": "me"}, "assignee"),
        ({"due_after": "soon"}, "due_after"),
        ({"updated_since": "x"}, "updated_since"),
        ({"archived": "x"}, "archived"),
        ({"deleted": "x"}, "deleted"),
        ({"cursor": "x"}, "cursor"),
        ({"cursor": "e30"}, "cursor"),
        ({"q": "x" * 501}, "q"),
    ],
)
async def test_bad_input_is_told_by_its_field(client: httpx2.AsyncClient, params: Json, field: str) -> None:
    """422, with the field and the reason."""
    answer = await client.get("/tasks", params=params)
    assert answer.status_code == 422
    assert any(field in error["field"] for error in answer.json()["errors"])


@pytest.mark.parametrize("sort", ["-updated", "title", "tracked"])
@pytest.mark.parametrize("key", ["noon", "9" * 30, "2026-01-01T00:00:00", "nul\x00", ""])
async def test_a_forged_place_is_refused_or_harmless(client: httpx2.AsyncClient, sort: str, key: str) -> None:
    """Well-formed, with the right digest, and a key that nobody handed out: never a 500."""
    handed_out = (await get(client, "/tasks", limit=2, sort=sort))["next_cursor"]
    cursor = orjson.loads(base64.urlsafe_b64decode(handed_out + "=" * (-len(handed_out) % 4)))
    forged = base64.urlsafe_b64encode(orjson.dumps(cursor | {"key": key})).decode().rstrip("=")
    answer = await client.get("/tasks", params={"cursor": forged, "sort": sort, "limit": 2})
    assert answer.status_code in (200, 422), answer.text


async def test_a_cursor_fits_its_own_question_only(client: httpx2.AsyncClient) -> None:
    """With other filters, or tampered with, it is refused."""
    cursor = (await get(client, "/tasks", limit=2))["next_cursor"]
    assert (await client.get("/tasks", params={"cursor": cursor, "sort": "title"})).status_code == 422
    assert (await client.get("/tasks", params={"cursor": cursor[:-3]})).status_code == 422
