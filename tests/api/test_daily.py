"""The daily snapshots over HTTP: the last one, and last Tuesday's."""

import asyncio
import threading
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.api.daily import DailyReport, SnapshotDates
from app.reports.daily import DailyReports, DailyTask
from app.supabase_db import Database
from tests.api.reading import Json, Reader, reading, typed
from tests.database import connect
from tests.engine.mirror import Mirror
from tests.engine.test_daily import NOON, edit_some, snapshot

DAY = timedelta(days=1)
TUESDAY = date(2026, 1, 6)


@pytest.fixture
async def own(mirror: Mirror) -> AsyncIterator[Reader]:
    """Of a mirror whose zone has noon now, with a snapshot of three tasks."""
    await edit_some(mirror, 3)
    await snapshot(mirror)
    async with reading(mirror, timezone=NOON) as own:
        yield own


def keep(own: Reader, day: date, taken_at: datetime, tasks: int) -> None:
    """A snapshot of another day, in the mirror alone."""
    own.mirror.rows(
        "INSERT INTO daily_snapshots (id, workspace_id, snapshot_date, taken_at, clickup_task_id, title,"
        " type, tags, start_times, end_times, assignee_name, followers, dependencies) SELECT"
        " gen_random_uuid(), %s, %s, %s, 't' || n, 'Task ' || n, 'Task', '{}', '{}', '{}', '{}', '{}', '{}'"
        " FROM generate_series(1, %s) AS n",
        own.mirror.sim.team_id, day, taken_at, tasks,
    )  # fmt: skip


def stored(own: Reader, table: str) -> list[Json]:
    return own.mirror.rows(f"SELECT * FROM {table} ORDER BY clickup_task_id")


async def test_the_last_snapshot_is_as_it_is_stored(own: Reader) -> None:
    """The documented envelope, every column of the table, and when it was taken."""
    answer = await own.get("/daily-sync")
    report, rows = typed(DailyReport, answer), stored(own, "daily_syncs")
    assert answer["count"] == len(rows) > 0
    assert report.tasks == [typed(DailyTask, row) for row in rows]
    assert set(answer["tasks"][0]) == set(rows[0])
    kept = stored(own, "daily_snapshots")[0]
    assert (report.day, report.taken_at) == (kept["snapshot_date"], kept["taken_at"])
    assert report.taken_at and report.day == report.taken_at.date()


async def test_a_days_snapshot_is_the_one_that_was_kept(own: Reader) -> None:
    """Also when the present one is another."""
    today = typed(DailyReport, await own.get("/daily-sync"))
    keep(own, date(2026, 1, 6), datetime(2026, 1, 6, 22, 55, tzinfo=UTC), 2)
    tuesday = typed(DailyReport, await own.get("/daily-sync", date="2026-01-06"))
    assert (tuesday.count, [task.title for task in tuesday.tasks]) == (2, ["Task 1", "Task 2"])
    assert tuesday.taken_at == datetime(2026, 1, 6, 22, 55, tzinfo=UTC)
    assert (await own.get("/daily-sync", date=str(today.day)))["tasks"] == (await own.get("/daily-sync"))[
        "tasks"
    ]


async def test_a_day_without_a_snapshot_is_a_404(own: Reader) -> None:
    """It says where the days are that have one."""
    assert "/daily-sync/dates" in await own.unknown("/daily-sync", date="2019-01-01")


async def test_a_snapshot_without_tasks_is_told_from_none(own: Reader) -> None:
    """It left no row, but its run is known: an empty answer with its day, and not a 404."""
    own.mirror.rows("DELETE FROM daily_syncs; DELETE FROM daily_snapshots")
    run = own.mirror.rows("SELECT started_at, ended_at FROM runs WHERE kind = 'snapshot'")[0]
    answer = typed(DailyReport, await own.get("/daily-sync"))
    assert (answer.count, answer.tasks, answer.taken_at) == (0, [], run["ended_at"])
    assert answer.day
    same = await own.get("/daily-sync", date=str(answer.day))
    assert (same["count"], same["tasks"]) == (0, [])
    assert await own.unknown("/daily-sync", date=str(answer.day - DAY))
    own.mirror.rows("DELETE FROM runs")
    assert await own.get("/daily-sync") == {"count": 0, "date": None, "taken_at": None, "tasks": []}
    assert await own.unknown("/daily-sync", date=str(answer.day))


async def test_days_are_listed_latest_first(own: Reader) -> None:
    """With how many tasks each has, and when it was taken; a page of them, and what is before a day."""
    taken = datetime(2026, 1, 6, 22, tzinfo=UTC)
    for number in range(3):
        keep(own, date(2026, 1, 6) - number * DAY, taken - number * DAY, number + 1)
    days = typed(SnapshotDates, await own.get("/daily-sync/dates")).dates
    assert [(one.day, one.tasks, one.taken_at) for one in days[1:]] == [
        (date(2026, 1, 6), 1, taken),
        (date(2026, 1, 5), 2, taken - DAY),
        (date(2026, 1, 4), 3, taken - 2 * DAY),
    ]
    few = await own.get("/daily-sync/dates", before="2026-01-06", limit=1)
    assert [one["date"] for one in few["dates"]] == ["2026-01-05"]
    assert (await own.get("/daily-sync/dates", before="2000-01-01")) == {"count": 0, "dates": []}


async def test_a_large_snapshot_comes_as_a_stream(own: Reader) -> None:
    """More tasks than a page has: whole, each once, with the count at the end."""
    keep(own, date(2026, 1, 6), datetime(2026, 1, 6, 22, tzinfo=UTC), 2_345)
    answer = await own.ask("/daily-sync", date="2026-01-06")
    assert "content-length" not in answer.headers
    report = typed(DailyReport, answer.json())
    assert report.count == len(report.tasks) == len({task.clickup_task_id for task in report.tasks}) == 2_345


@pytest.mark.parametrize("tasks", [900, 2_345])
async def test_an_answer_is_of_one_snapshot_whatever_replaces_it(own: Reader, tasks: int) -> None:
    """Others are taken again and again meanwhile: each answer is whole, and none breaks off."""
    keep(own, TUESDAY, datetime(2026, 1, 6, 22, tzinfo=UTC), tasks)
    ended, seen = threading.Event(), set[datetime]()
    replacing = asyncio.create_task(asyncio.to_thread(_replace_until, own.mirror, ended))
    try:
        for _ in range(10):
            report = typed(DailyReport, await own.get("/daily-sync", date=str(TUESDAY)))
            assert report.count == len(report.tasks) == tasks
            assert report.taken_at
            assert {task.title for task in report.tasks} == {report.taken_at.astimezone(UTC).isoformat()}
            seen.add(report.taken_at)
    finally:
        ended.set()
        await replacing
    assert len(seen) > 3


def _replace_until(mirror: Mirror, ended: threading.Event) -> None:
    """Each time all rows in one transaction, as a snapshot does it, with the time in each row's title."""
    with connect(mirror.database_url, autocommit=True) as connection:
        while not ended.is_set():
            taken = datetime.now(UTC)
            connection.execute(
                "UPDATE daily_snapshots SET taken_at = %s, title = %s WHERE snapshot_date = %s",
                [taken, taken.isoformat(), TUESDAY],
            )


async def test_parts_are_of_one_snapshot(own: Reader) -> None:
    """Those that were read before it was replaced, and those that are read after."""
    keep(own, TUESDAY, datetime(2026, 1, 6, 22, tzinfo=UTC), 25)
    async with Database.open(own.mirror.database_url) as database:
        parts = DailyReports(database).parts(own.mirror.sim.team_id, TUESDAY, own.mirror.zone, 10)
        first = await anext(parts)
        own.mirror.rows("DELETE FROM daily_snapshots")
        rest = [part async for part in parts]
    assert [len(part.tasks) for part in (first, *rest)] == [10, 10, 5]
    assert {part.taken_at for part in rest} == {first.taken_at}


async def test_a_snapshot_that_did_not_change_is_a_304(own: Reader) -> None:
    """Until another one is taken."""
    tag = {"If-None-Match": (await own.ask("/daily-sync")).headers["etag"]}
    assert (await own.ask("/daily-sync", tag)).status_code == 304
    own.mirror.rows("UPDATE daily_syncs SET title = 'another'")
    assert (await own.ask("/daily-sync", tag)).status_code == 200


@pytest.mark.parametrize(
    "day", ["0001-01-01", "9999-12-31", "0", "yesterday", "2026-02-30", "\x00", "2200-01-01"]
)
async def test_what_is_no_day_is_named(reader: Reader, day: Any) -> None:
    """With the reason."""
    assert await reader.refused("/daily-sync", "date", date=day)
    assert await reader.refused("/daily-sync/dates", "before", before=day)
