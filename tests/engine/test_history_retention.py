"""HISTORY_KEEP_DAYS: older history is one version a day, and then none."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.engine import retention
from tests.engine.mirror import Mirror

TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
# Morning, noon and evening of days so long ago, in UTC: the title of the task since then.
STEPS = {
    (9, 6): "a", (9, 12): "b", (9, 18): "c", (5, 6): "d", (5, 12): "e", (5, 18): "c", (3, 6): "f",
    (3, 12): "g", (3, 18): "h", (1, 6): "i", (1, 12): "j",
}  # fmt: skip


def at(days: int, hour: int) -> datetime:
    return TODAY - timedelta(days=days) + timedelta(hours=hour)


@pytest.fixture
def old(mirror: Mirror) -> tuple[Mirror, str]:
    """A task whose title changed several times a day, and the same of another workspace."""
    mirror.rows("UPDATE workspaces SET rendered_zone = 'UTC'")
    task_id = mirror.value("SELECT min(clickup_task_id) FROM tasks")
    mirror.rows("UPDATE tasks SET title = 'j' WHERE clickup_task_id = %s", task_id)
    mirror.rows("DELETE FROM task_versions WHERE clickup_task_id = %s", task_id)
    steps = [(at(*moment), title) for moment, title in STEPS.items()]
    ends = [moment for moment, _ in steps[1:]] + ["infinity"]
    for (since, title), until in zip(steps, ends, strict=True):
        mirror.rows(
            "INSERT INTO task_versions (clickup_task_id, workspace_id, title, archived, is_deleted,"
            " is_recurring, valid_from_earliest, valid_from, known_from, seen_at, valid_to_earliest,"
            " valid_to) VALUES (%s, %s, %s, false, false, false, %s, %s, %s, %s, %s, %s)",
            task_id, mirror.sim.team_id, title, *[since] * 4, *[until] * 2,
        )  # fmt: skip
    for (since, after), (_, before) in zip(steps[1:], steps, strict=False):
        mirror.rows(
            "INSERT INTO changes (workspace_id, object_type, object_id, task_id, operation, field, user_id,"
            " source, before, after, earliest, changed_at, latest) VALUES (%s, 'task', %s, %s, 'changed',"
            " 'title', '1', 'webhook', to_jsonb(%s::text), to_jsonb(%s::text), %s, %s, %s)",
            mirror.sim.team_id, task_id, task_id, before, after, *[since] * 3,
        )  # fmt: skip
    mirror.rows(
        "INSERT INTO changes (workspace_id, object_type, object_id, operation, earliest, changed_at, latest,"
        " source) VALUES ('another', 'task', 't', 'created', %s, %s, %s, 'polling')", *[at(9, 6)] * 3
    )  # fmt: skip
    return mirror, task_id


def titles(mirror: Mirror, task_id: str) -> list[tuple[Any, ...]]:
    rows = mirror.rows(
        "SELECT title, valid_from, known_from FROM task_versions"
        " WHERE clickup_task_id = %s ORDER BY valid_from",
        task_id,
    )
    return [(row["title"], row["valid_from"], row["known_from"]) for row in rows]


def told(mirror: Mirror, task_id: str) -> list[tuple[Any, ...]]:
    query = "SELECT * FROM changes WHERE object_id = %s AND field = 'title' ORDER BY changed_at"
    rows = mirror.rows(query, task_id)
    return [(row["before"], row["after"], row["changed_at"], row["latest"]) for row in rows]


@pytest.mark.parametrize("portion", [1, 1_000])
async def test_older_history_is_one_version_a_day(
    old: tuple[Mirror, str], monkeypatch: pytest.MonkeyPatch, portion: int
) -> None:
    """Of days before the last two the last version stays, of days before the last four none that ended."""
    mirror, task_id = old
    monkeypatch.setattr(retention, "_PORTION", portion)
    await mirror.sync("employees", history_keep_days=2)
    assert titles(mirror, task_id) == [
        ("c", at(5, 18), at(5, 18)),
        ("h", at(3, 6), at(3, 18)),
        ("i", at(1, 6), at(1, 6)),
        ("j", at(1, 12), at(1, 12)),
    ]
    assert told(mirror, task_id) == [
        ("c", "h", at(3, 6), at(3, 18)),
        ("h", "i", at(1, 6), at(1, 6)),
        ("i", "j", at(1, 12), at(1, 12)),
    ]
    assert mirror.value("SELECT count(*) FROM changes WHERE workspace_id = 'another'") == 1


async def test_a_day_that_ended_as_it_began_has_no_change(old: tuple[Mirror, str]) -> None:
    """The version of its end begins with the day's first, and is certain from its own beginning on."""
    mirror, task_id = old
    await mirror.sync("employees", history_keep_days=4)
    assert titles(mirror, task_id)[:3] == [
        ("c", at(9, 18), at(9, 18)),
        ("c", at(5, 6), at(5, 18)),
        ("f", at(3, 6), at(3, 6)),
    ]
    assert told(mirror, task_id)[0] == ("c", "f", at(3, 6), at(3, 6))


async def test_history_is_kept_for_ever(old: tuple[Mirror, str]) -> None:
    """As long as nobody sets HISTORY_KEEP_DAYS."""
    mirror, task_id = old
    await mirror.sync("employees")
    assert len(titles(mirror, task_id)) == len(STEPS)
    assert len(told(mirror, task_id)) == len(STEPS) - 1


async def test_history_begins_later_then(old: tuple[Mirror, str]) -> None:
    """Who asks about earlier times is told that nothing is known."""
    mirror, _ = old
    mirror.rows("UPDATE history_states SET since = %s", at(9, 6))
    await mirror.sync("employees", history_keep_days=2)
    assert mirror.value("SELECT since FROM history_states") == at(4, 0)
