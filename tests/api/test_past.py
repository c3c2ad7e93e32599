"""Answers about the past: `as_of`, and how exactly it is known."""

import time
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from app.core.answers.day import whole_day
from app.core.clickup.stamps import from_millis
from app.simulator.clock import Clock
from app.simulator.random_changes import apply_random_change
from tests.api.reading import Json, Reader, reading
from tests.engine.conftest import MakeMirror, make_mirror, small_world
from tests.engine.mirror import Mirror

__all__ = ["make_mirror"]

# What the mirror did itself, and what is of the moment: timers that run are counted up to it.
_OWN = {
    "updated_at", "read_at", "created_at", "as_of", "precision", "next_cursor", "running_minutes",
    "running_milliseconds",
}  # fmt: skip
_PLACES = {"space_name", "folder_name", "list_name"}
_ASKED: list[tuple[str, dict[str, Any]]] = [
    ("/tasks", {"limit": 1_000}),
    ("/tasks", {"limit": 1_000, "sort": "title", "archived": False}),
    ("/tasks", {"limit": 1_000, "overdue": True}),
    ("/tasks/with-time", {}),
    ("/tasks/with-comments", {}),
    ("/time-entries", {"limit": 1_000}),
    ("/timesheets", {"from_": "2020-01-01", "to": "2026-12-31", "per": "total", "group_by": "task"}),
    ("/comments/assigned", {"limit": 1_000}),
    ("/progress/statuses", {}),
    ("/progress", {"from_": "2020-01-01", "to": "2026-12-31", "group_by": "space"}),
    ("/progress/completed", {"from_": "2020-01-01", "to": "2026-12-31"}),
    ("/workload", {"days": 60}),
    ("/attention/overdue", {}),
    ("/attention/blocked", {}),
    ("/attention/stale", {"days": 1}),
]


def plain(answer: Any) -> Any:
    """The answer without what is of the mirror or of the moment, and without names of the places of a deleted
    task, which the mirror does not rename.
    """
    if isinstance(answer, dict):
        gone = _PLACES if answer.get("is_task_deleted") else set()
        return {name: plain(value) for name, value in answer.items() if name not in _OWN | gone}
    return [plain(one) for one in answer] if isinstance(answer, list) else answer


def differences(was: Any, now: Any, where: str = "") -> list[str]:
    """Where two answers differ, and how."""
    if isinstance(was, dict) and isinstance(now, dict) and was.keys() == now.keys():
        return [one for name in was for one in differences(was[name], now[name], f"{where}.{name}")]
    if isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        pairs = enumerate(zip(was, now, strict=True))
        return [one for at, (old, new) in pairs for one in differences(old, new, f"{where}[{at}]")]
    return [] if was == now else [f"{where}: {was} is {now}"]


def mirror_of_an_hour_ago(make_mirror: MakeMirror) -> Mirror:
    """ClickUp's clock stands there, so that a test can move it and no instant is in the future."""
    an_hour_ago = time.time_ns() // 1_000_000 - 3_600_000
    clock = Clock(an_hour_ago, running=False)
    return make_mirror(small_world(5, clock=clock, tasks=12, comments=4, entries=6))


async def ask_all(reader: Reader, **params: Any) -> list[Json]:
    return [await reader.get(path, **known, **params) for path, known in _ASKED]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_an_answer_about_each_round_is_the_one_of_then(make_mirror: MakeMirror, seed: int) -> None:
    """Rounds of random changes, each read at once: an answer about a round is the one that was given then."""
    mirror, random = mirror_of_an_hour_ago(make_mirror), Random(seed)
    world = mirror.world
    rounds: list[tuple[datetime, list[Json]]] = []
    await mirror.sync("full")
    async with reading(mirror) as reader:
        for _ in range(3):
            for _ in range(15):
                apply_random_change(world, random)
                world.clock.advance(1)
            await mirror.sync("deep")
            assert mirror.differences() == []
            world.clock.advance(10)
            rounds.append((from_millis(world.clock.now_ms()), await ask_all(reader)))
            world.clock.advance(10)
        for instant, answers in rounds:
            told = await ask_all(reader, as_of=instant.isoformat())
            for (path, _), was, now in zip(_ASKED, answers, told, strict=True):
                assert "precision" not in was
                assert differences(plain(was), plain(now)) == [], (path, instant)
                assert datetime.fromisoformat(now["precision"]["instant"]) == instant


async def test_one_task_and_its_pages_are_of_that_instant(make_mirror: MakeMirror) -> None:
    """A task as it was; pages whose cursor stays at its instant; 404 before the task was created."""
    mirror = mirror_of_an_hour_ago(make_mirror)
    world = mirror.world
    await mirror.sync("full")
    place = next(one for one in world.lists.values() if not one.archived)
    before = from_millis(world.clock.now_ms())
    world.clock.advance(10)
    task_id = world.create_task(place.id, "Draft").id
    world.tag_task(task_id, "only then")
    await mirror.sync()
    world.clock.advance(10)
    async with reading(mirror) as reader:
        then = from_millis(world.clock.now_ms())
        shown = await reader.get(f"/tasks/{task_id}")
        world.clock.advance(10)
        world.edit_task(task_id, name="Final", priority=1)
        world.tag_task(task_id)
        await mirror.sync()
        told = await reader.get(f"/tasks/{task_id}", as_of=then.isoformat())
        assert plain(told) == plain(shown)
        assert (await reader.get(f"/tasks/{task_id}"))["title"] == "Final"
        tagged = await reader.get("/tasks", as_of=then.isoformat(), tag="only then")
        assert [task["clickup_task_id"] for task in tagged["tasks"]] == [task_id]
        assert "only then" in await reader.refused("/tasks", "tag", tag="only then")
        await reader.unknown(f"/tasks/{task_id}", as_of=before.isoformat())
        known: dict[str, Any] = {"as_of": then.isoformat(), "limit": 5}
        walked = await reader.walk("/tasks", "tasks", **known)
        whole = await reader.get("/tasks", as_of=then.isoformat(), limit=1_000)
        assert [one["clickup_task_id"] for one in walked] == [
            one["clickup_task_id"] for one in whole["tasks"]
        ]
        first = await reader.get("/tasks", **known)
        second = await reader.get("/tasks", limit=5, cursor=first["next_cursor"])
        assert second["tasks"] == walked[5:10] and "precision" in second
        other = (then - timedelta(seconds=1)).isoformat()
        assert "another `as_of`" in await reader.refused(
            "/tasks", "cursor", as_of=other, cursor=first["next_cursor"]
        )


async def test_an_answer_says_how_exactly_the_past_is_known(make_mirror: MakeMirror) -> None:
    """Before history began, and between two reads of a change whose time nobody told, it is not exact."""
    mirror = mirror_of_an_hour_ago(make_mirror)
    await mirror.sync("full")
    async with reading(mirror) as reader:
        mirror.rows("UPDATE history_states SET since = now() - interval '50 minutes'")
        mirror.rows(
            "UPDATE task_versions SET valid_from = now() - interval '90 minutes',"
            " valid_from_earliest = now() - interval '90 minutes', known_from = now() - interval '80 minutes'"
        )
        task_id = mirror.value("SELECT clickup_task_id FROM tasks WHERE NOT is_deleted LIMIT 1")
        versions = mirror.rows("SELECT count(*) AS n FROM tasks WHERE NOT is_deleted")[0]["n"]

        async def precision(minutes: int, path: str = "/tasks", **params: Any) -> Json:
            instant = datetime.now(UTC) - timedelta(minutes=minutes)
            answer = await reader.get(path, as_of=instant.isoformat(), **params)
            told: Json = answer["precision"]
            return told

        assert (await precision(40))["exact"]
        before_history = await precision(60)
        assert (before_history["exact"], before_history["uncertain_rows"]) == (False, 0)
        assert (await precision(85, limit=1_000))["uncertain_rows"] == versions
        mirror.rows(
            "UPDATE task_versions SET valid_to = now() - interval '5 minutes',"
            " valid_to_earliest = now() - interval '15 minutes' WHERE clickup_task_id = %s",
            task_id,
        )
        assert (await precision(20, f"/tasks/{task_id}"))["exact"]
        uncertain = await precision(10, f"/tasks/{task_id}")
        assert (uncertain["exact"], uncertain["uncertain_rows"]) == (False, 1)
        assert (await precision(10, "/progress/statuses"))["uncertain_rows"] == 1
        csv = await reader.ask(
            "/tasks", format="csv", as_of=(datetime.now(UTC) - timedelta(minutes=10)).isoformat()
        )
        assert '"exact":false' in csv.headers["x-precision"]


async def test_instants_are_days_of_the_zone_or_have_an_offset(make_mirror: MakeMirror) -> None:
    """A day is its end, today is now; an instant without an offset, and the future, are a 422."""
    mirror = mirror_of_an_hour_ago(make_mirror)
    await mirror.sync("full")
    async with reading(mirror) as reader:
        now = datetime.now(mirror.zone)
        yesterday = now.date() - timedelta(days=1)
        told = (await reader.get("/tasks", as_of=yesterday))["precision"]["instant"]
        assert datetime.fromisoformat(told) == whole_day(yesterday, mirror.zone).end - timedelta(
            milliseconds=1
        )
        today = (await reader.get("/tasks", as_of=now.date()))["precision"]["instant"]
        assert now <= datetime.fromisoformat(today) <= datetime.now(UTC)
        tomorrow = (now + timedelta(days=1)).date()
        assert "in the future" in await reader.refused("/tasks", "as_of", as_of=tomorrow)
        for wrong in ("yesterday", "2026-11-20T10:00:00", "1764000000", "2026-02-30", ""):
            assert "with its offset" in await reader.refused("/tasks", "as_of", as_of=wrong)
        assert "unknown parameter" in await reader.refused("/employees", "as_of", as_of=yesterday)
