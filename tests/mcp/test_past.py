"""Tools about the past: `as_of`, and what it says of its precision."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from app.core.clickup.stamps import from_millis
from app.simulator.random_changes import apply_random_change
from tests.api.reading import reading
from tests.api.test_past import differences, mirror_of_an_hour_ago, plain
from tests.engine.conftest import MakeMirror
from tests.engine.mirror import Mirror
from tests.mcp.asking import Json, Tools, asking

_ALL_DAYS = {"from": "2020-01-01", "to": "2026-12-31"}
_ASKED: list[tuple[str, dict[str, Any]]] = [
    ("find_tasks", {"limit": 100, "deleted": "include"}),
    ("find_tasks", {"detail": "full", "limit": 40, "sort": "title"}),
    ("find_tasks", {"open": True, "overdue": True, "limit": 100}),
    ("find_time_entries", {"limit": 100}),
    ("get_time_report", {"group_by": "task", "limit": 100, **_ALL_DAYS}),
    ("list_waiting_comments", {"limit": 100}),
    ("count_tasks_by_status", {}),
    ("get_workload", {"limit": 100}),
]
# Of the mirror and of the moment, beside what answers over HTTP have.
_OWN = {"age", "is_fresh", "gaps", "age_days"}


def told(answer: Any) -> Any:
    """The answer without what is of the mirror or of the moment, and without words for figures; without
    people who are no employees, whose names the past does not have.
    """
    if isinstance(answer, dict):
        if "people" in answer:
            answer = answer | {"people": [one for one in answer["people"] if "employee_id" in one]}
        kept = {name: told(value) for name, value in answer.items() if name not in _OWN}
        return plain({name: value for name, value in kept.items() if not name.endswith("_text")})
    return [told(one) for one in answer] if isinstance(answer, list) else answer


async def ask_all(tools: Tools, task_ids: list[str], **params: Any) -> list[Json]:
    asked = _ASKED + [("get_task", {"task_id": one}) for one in task_ids]
    return [await tools.ask(tool, **known, **params) for tool, known in asked]


async def change(mirror: Mirror, seed: int, number: int = 20) -> None:
    """Random changes, which the mirror has read; ClickUp's clock stands between them and the next ones."""
    random = Random(seed)
    for _ in range(number):
        apply_random_change(mirror.world, random)
        mirror.world.clock.advance(1)
    await mirror.sync("deep")
    mirror.world.clock.advance(10)


async def test_an_answer_about_a_round_is_the_one_of_then(make_mirror: MakeMirror) -> None:
    """Rounds of random changes: with as_of each tool answers as it did then, with the figures of the API."""
    mirror = mirror_of_an_hour_ago(make_mirror)
    await mirror.sync("full")
    task_ids = [
        row["id"] for row in mirror.rows("SELECT clickup_task_id AS id FROM tasks ORDER BY 1 LIMIT 3")
    ]
    rounds: list[tuple[datetime, list[Json]]] = []
    async with asking(mirror) as tools, reading(mirror) as reader:
        for seed in (1, 2):
            await change(mirror, seed)
            rounds.append((from_millis(mirror.world.clock.now_ms()), await ask_all(tools, task_ids)))
            mirror.world.clock.advance(10)
        await change(mirror, 3)
        for instant, answers in rounds:
            as_of = instant.isoformat()
            found = await ask_all(tools, task_ids, as_of=as_of)
            for was, now in zip(answers, found, strict=True):
                assert "precision" not in was
                assert differences(told(was), told(now)) == []
            assert datetime.fromisoformat(found[0]["as_of"]) == instant.replace(microsecond=0)
            for answer, path in zip(
                (found[3], found[5], found[6], found[7]),
                ("/time-entries", "/comments/assigned", "/progress/statuses", "/workload"),
                strict=True,
            ):
                known = (await reader.get(path, as_of=as_of))["precision"]
                own = answer["precision"]
                assert (own["exact"], own["uncertain_rows"]) == (known["exact"], known["uncertain_rows"]), (
                    path
                )
                assert datetime.fromisoformat(own["instant"]) == instant.replace(microsecond=0)
            statuses = (await reader.get("/progress/statuses", as_of=as_of))["statuses"]
            assert [(one["status"], one["tasks"]) for one in found[6]["statuses"]] == [
                (one["status"], one["tasks"]) for one in statuses
            ]


async def test_a_person_s_days_are_those_of_then(make_mirror: MakeMirror) -> None:
    """A timesheet has the time that was there, and not what was entered later."""
    mirror = mirror_of_an_hour_ago(make_mirror)
    await mirror.sync("full")
    user_id = mirror.value("SELECT clickup_user_id FROM time_entries WHERE NOT is_running LIMIT 1")
    asked = {"person": user_id, "from": "yesterday"}
    then = from_millis(mirror.world.clock.now_ms())
    async with asking(mirror) as tools:
        before = await tools.ask("get_timesheet", **asked)
        mirror.rows(
            "INSERT INTO time_entries (clickup_entry_id, workspace_id, clickup_user_id, started_at, ended_at,"
            " duration_ms, is_running, read_at) SELECT 'later', %s, %s, s, s + interval '1 minute', 60000,"
            " false, now() FROM (SELECT now() - interval '2 minutes') AS t (s)",
            mirror.sim.team_id,
            user_id,
        )
        assert (await tools.ask("get_timesheet", **asked))["minutes"] == before["minutes"] + 1
        now = await tools.ask("get_timesheet", **asked, as_of=then.isoformat())
        assert now["minutes"] == before["minutes"] and "precision" in now


async def test_pages_stay_at_their_instant(make_mirror: MakeMirror) -> None:
    """Pages join, whatever changes meanwhile; a cursor of another instant or of the present is refused."""
    mirror = mirror_of_an_hour_ago(make_mirror)
    await mirror.sync("full")
    as_of = from_millis(mirror.world.clock.now_ms()).isoformat()
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("find_tasks", "tasks", {}),
        ("get_time_report", "timesheets", {"group_by": "task", **_ALL_DAYS}),
        ("get_workload", "people", {}),
    ]
    mirror.world.clock.advance(10)
    async with asking(mirror) as tools:
        whole = [await tools.ask(tool, **known, as_of=as_of, limit=100) for tool, _, known in asked]
        await change(mirror, 4)
        for (tool, rows, known), first in zip(asked, whole, strict=True):
            assert told(await tools.walk(tool, rows, **known, as_of=as_of, limit=2)) == told(first[rows])
            cursor = (await tools.ask(tool, **known, as_of="today", limit=2))["next_cursor"]
            assert await tools.ask(tool, **known, as_of="today", limit=2, cursor=cursor)
            said = await tools.refused(tool, **known, as_of=as_of, limit=2, cursor=cursor)
            assert "another `as_of`" in said
            present = (await tools.ask(tool, **known, limit=2))["next_cursor"]
            said = await tools.refused(tool, **known, as_of=as_of, limit=2, cursor=present)
            assert "another `as_of`" in said


async def test_an_answer_says_in_words_how_exactly_the_past_is_known(make_mirror: MakeMirror) -> None:
    """Exactly, about, before history began, and while none is recorded."""
    mirror = mirror_of_an_hour_ago(make_mirror)
    await mirror.sync("full")
    mirror.rows("UPDATE history_states SET since = now() - interval '50 minutes'")
    mirror.rows(
        "UPDATE task_versions SET valid_from = now() - interval '90 minutes',"
        " valid_from_earliest = now() - interval '90 minutes', known_from = now() - interval '80 minutes'"
    )
    mirror.rows(
        "UPDATE task_versions SET valid_to = now() - interval '5 minutes',"
        " valid_to_earliest = now() - interval '15 minutes'"
        " WHERE clickup_task_id = (SELECT min(clickup_task_id) FROM tasks WHERE NOT is_deleted)"
    )
    async with asking(mirror) as tools:

        async def precision(minutes: int) -> Json:
            as_of = (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()
            found: Json = (await tools.ask("count_tasks_by_status", as_of=as_of))["precision"]
            return found

        certain = await precision(20)
        assert (certain["exact"], certain["meaning"]) == (True, "exactly as it was")
        about = await precision(10)
        assert about["exact"] is False and about["meaning"].startswith(
            "1 row may have changed shortly before"
        )
        assert "history is recorded since" in (await precision(60))["meaning"]
        mirror.rows("UPDATE history_states SET off_since = now() - interval '30 minutes'")
        assert "switched off" in (await precision(20))["meaning"]
        mirror.rows("DELETE FROM history_states")
        assert "no history is recorded" in (await precision(20))["meaning"]


async def test_what_is_no_instant_of_the_past_is_refused(make_mirror: MakeMirror) -> None:
    """Days in words are days; the future, an instant without an offset, and a task that was not there yet."""
    mirror = mirror_of_an_hour_ago(make_mirror)
    await mirror.sync("full")
    before = from_millis(mirror.world.clock.now_ms())
    mirror.world.clock.advance(10)
    place = next(one for one in mirror.world.lists.values() if not one.archived)
    task_id = mirror.world.create_task(place.id, "Draft").id
    await mirror.sync()
    async with asking(mirror) as tools:
        for day in ("yesterday", "2026-01-01"):
            assert "precision" in await tools.ask("find_tasks", as_of=day)
        for day in ("tomorrow", "2199-01-01"):
            assert "in the future" in await tools.refused("find_tasks", as_of=day)
        for wrong in ("", "2026-11-20T10:00:00", "last week", "1764000000", "0001-01-01T00:00Z"):
            assert "as_of" in await tools.refused("find_tasks", as_of=wrong), wrong
        assert "2026-02-30" in await tools.refused("find_tasks", as_of="2026-02-30")
        said = await tools.refused("get_task", task_id=task_id, as_of=before.isoformat())
        assert "not there yet" in said
