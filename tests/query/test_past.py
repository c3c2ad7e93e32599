"""Questions in SQL about the past: functions that give a view as it was, changes, and periods of a status."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from app.core.answers.sql_text import NotOffered, RowBounds, read_question
from app.core.clickup.stamps import from_millis
from tests.api.test_past import mirror_of_an_hour_ago
from tests.engine.conftest import MakeMirror
from tests.query.conftest import questions

Ask = Callable[..., Any]
VIEWS = {
    "tasks": {"workspace_id": "text", "title": "text", "description": "text"},
    "time_entries": {"workspace_id": "text", "minutes": "integer"},
}


def test_a_function_has_the_columns_and_the_workspace_of_its_view() -> None:
    """What may be long is checked, and with bounds only rows of the workspace are read."""
    text = "SELECT upper(t.description) FROM mirror.tasks_at(now() - interval '1 day') AS t"
    bounded = read_question(text, VIEWS, within=RowBounds("it's", hides_others=True)).bounded
    assert "\"workspace_id\" = 'it''s' OFFSET 0) AS \"t\"" in bounded
    assert "at_most" in bounded and '"mirror".TASKS_AT' not in bounded
    assert "workspace_id" not in read_question(text, VIEWS).bounded


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("SELECT tasks_at(now())", "written in FROM"),
        ("SELECT * FROM tasks_at(now()) WITH ORDINALITY", "written in FROM"),
        ("SELECT * FROM LATERAL tasks_at(now()) AS t", "written in FROM"),
        ("SELECT * FROM tasks_at()", "one instant"),
        ("SELECT * FROM tasks AS t, tasks_at(t.title::timestamptz) AS x", "not a column"),
        ("SELECT * FROM tasks_at((SELECT now())) AS x", "not a column"),
        ("SELECT t.pg_read_file FROM tasks_at(now()) AS t", "no column pg_read_file"),
        ("SELECT * FROM other.tasks_at(now())", "without a schema"),
        ("SELECT * FROM past_tasks", "no view past_tasks"),
        ("SELECT past_instant()", "past_instant is not supported"),
    ],
)
def test_it_stands_in_from_and_takes_one_instant(text: str, reason: str) -> None:
    """Nothing else of the past can be called."""
    with pytest.raises(NotOffered, match=reason):
        read_question(text, VIEWS)


async def test_the_views_are_as_they_were_at_an_instant(make_mirror: MakeMirror) -> None:
    """Of two instants at once; with what changed between them, and for how long a task was in its status."""
    mirror = mirror_of_an_hour_ago(make_mirror)
    world = mirror.world

    def now() -> datetime:
        world.clock.advance(10)
        instant = from_millis(world.clock.now_ms())
        world.clock.advance(10)
        return instant

    await mirror.sync("full")
    place = next(one for one in world.lists.values() if not one.archived)
    task_id = world.create_task(place.id, "Draft").id
    await mirror.sync()
    first = now()
    world.edit_task(task_id, name="Final")
    await mirror.sync()
    second = now()
    task = world.tasks[task_id]
    was = task.status.name
    target = next(one.name for one in world.spaces[task.space_id].statuses if one.name != was)
    world.edit_task(task_id, status=target)
    await mirror.sync()
    async with questions(mirror.database_url) as ask:
        titles = await ask(
            f"SELECT a.title, b.title FROM tasks_at('{first.isoformat()}') AS a"
            f" JOIN tasks_at('{second.isoformat()}') AS b ON b.clickup_task_id = a.clickup_task_id"
            f" WHERE a.clickup_task_id = '{task_id}'"
        )
        assert titles.rows == [["Draft", "Final"]]
        entries = await ask(f"SELECT count(*) FROM time_entries_at('{first.isoformat()}')")
        assert entries.rows == [[mirror.value("SELECT count(*) FROM time_entries")]]
        changes = await ask(
            "SELECT before, after FROM changes WHERE field IN ('title', 'status')"
            f" AND object_id = '{task_id}' ORDER BY change_id"
        )
        assert changes.rows == [["Draft", "Final"], [was, target]]
        periods = await ask(
            f"SELECT status, ended_at IS NULL FROM status_periods WHERE clickup_task_id = '{task_id}'"
            " ORDER BY started_at"
        )
        assert periods.rows == [[was, False], [target, True]]
        wrong = await ask(
            "SELECT count(*) FROM status_periods"
            " WHERE started_at NOT BETWEEN started_earliest AND started_latest OR ended_at < started_at"
        )
        assert wrong.rows == [[0]]
