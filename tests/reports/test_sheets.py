"""Timesheets by task and of everybody, per week and as a whole: the same milliseconds, put elsewhere."""

from collections import defaultdict
from datetime import date
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.answers.fields import narrow
from app.core.answers.formats import WeekStart, week_in_sql, week_of
from app.core.answers.timesheet import Per, Sheet, list_lines, part_bounds
from app.reports import Reports
from app.reports.time import By, TimeFilter, TimesheetQuery, Timesheets
from app.supabase_db import Database
from tests.engine.mirror import Mirror
from tests.reports.facts import Facts, midnight
from tests.reports.ground import BERLIN, DAY, NOW, TODAY, Ground

Row = dict[str, Any]
ALL: list[By] = ["person", "task", "list", "space", "all"]
# From a Wednesday to a Monday, over the change of Berlin's clocks.
FIRST, LAST = date(2026, 3, 4), TODAY
WITHOUT_DELETED = TimeFilter(deleted="exclude")


async def sheets(
    reports: Reports, by: By, per: Per, zone: ZoneInfo = BERLIN, wanted: TimeFilter = WITHOUT_DELETED
) -> Timesheets:
    return await reports.time.sheets("w", TimesheetQuery(FIRST, LAST, zone, by, wanted, per), NOW)


def owner(facts: Facts, entry: Row, by: By) -> str | None:
    keys = {"person": "clickup_user_id", "task": "clickup_task_id"}
    if by in keys:
        return entry[keys[by]]
    task = facts.tasks.get(entry["clickup_task_id"], {})
    return task.get(f"{by}_id") if by != "all" else None


def begins(per: Per) -> list[date]:
    """The first days of the parts."""
    days = [FIRST + number * DAY for number in range((LAST - FIRST).days + 1)]
    return {
        "day": days,
        "week": [day for day in days if day in (FIRST,) or day.weekday() == 0],
        "total": [FIRST],
    }[per]


def truth(facts: Facts, by: By, per: Per, zone: ZoneInfo) -> dict[tuple[str | None, date], list[int]]:
    """Milliseconds and entries of finished time, by whose and part."""
    found: dict[tuple[str | None, date], list[int]] = defaultdict(lambda: [0, 0])
    firsts = begins(per)
    for first, after in zip(firsts, [*firsts[1:], LAST + DAY], strict=True):
        for entry, ms in facts.spent(midnight(first, zone), midnight(after, zone)):
            if ms:
                found[owner(facts, entry, by), first][0] += ms
                found[owner(facts, entry, by), first][1] += 1
    return dict(found)


def parts(found: Timesheets, per: Per) -> dict[tuple[str | None, date], int]:
    if per == "total":
        return {(sheet.id, FIRST): sheet.milliseconds for sheet in found.sheets if sheet.milliseconds}
    return {
        (sheet.id, part.day): part.milliseconds
        for sheet in found.sheets
        for part in sheet.parts
        if part.milliseconds
    }


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kolkata"])
@pytest.mark.parametrize("per", ["day", "week", "total"])
@pytest.mark.parametrize("by", ALL)
async def test_every_millisecond_is_in_its_part(
    reports: Reports, facts: Facts, by: By, per: Per, zone: str
) -> None:
    """By whatever and per whatever, in whole and half-hour zones."""
    found = await sheets(reports, by, per, ZoneInfo(zone))
    wanted = truth(facts, by, per, ZoneInfo(zone))
    assert parts(found, per) == {key: ms for key, (ms, _) in wanted.items()}
    spent = sum(ms for ms, _ in wanted.values())
    assert (found.total.milliseconds, found.total.minutes) == (spent, spent // 60_000)
    assert spent > 0


@pytest.mark.parametrize("by", ALL)
async def test_all_parts_say_the_same_in_all(reports: Reports, facts: Facts, by: By) -> None:
    """Days, weeks and the whole add up alike, timers and time without a start among them."""
    whole = await sheets(reports, by, "total")
    for per in ("day", "week"):
        found = await sheets(reports, by, per)
        alike = [narrow(Sheet, sheet) for sheet in found.sheets]
        assert (alike, found.total) == (whole.sheets, whole.total)
        for sheet in found.sheets:
            sums = [part.milliseconds + part.running_milliseconds for part in sheet.parts]
            assert sum(sums) == sheet.milliseconds + sheet.running_milliseconds
            assert sheet.milliseconds // 60_000 == sheet.minutes
    assert any(sheet.running for sheet in whole.sheets)
    assert any(sheet.undated for sheet in whole.sheets)


async def test_sheets_are_called_by_what_they_are_of(reports: Reports, facts: Facts) -> None:
    """A task's title, a place's and a person's name; what is not known has none, and is last."""
    found = {by: (await sheets(reports, by, "total")).sheets for by in ALL}
    titles = {task_id: task["title"] for task_id, task in facts.tasks.items()}
    assert {sheet.id: sheet.name for sheet in found["task"]} == {
        sheet.id: titles.get(sheet.id or "") for sheet in found["task"]
    }
    assert all(sheet.name == sheet.id.removeprefix("w-") for sheet in found["list"] if sheet.id)
    for sheet in found["person"]:
        person = facts.people.get(sheet.id, {"id": None, "name": sheet.id and f"name of {sheet.id}"})
        assert (sheet.name, sheet.employee_id) == (person["name"], person["id"])
    assert [(sheet.id, sheet.name) for sheet in found["all"]] == [(None, None)]
    for kind in found.values():
        names = [sheet.name for sheet in kind]
        assert names == sorted(names, key=lambda name: (name is None, (name or "").lower()))


async def test_a_place_of_deleted_tasks_alone_has_a_name(ground: Ground, asked: Reports) -> None:
    """Also where no table of places has it, and where their time is asked for."""
    ground.task(clickup_task_id="t", is_deleted=True)
    ground.rows(
        "UPDATE tasks SET list_id = 'l', list_name = 'Old list', space_id = 's', space_name = 'Old space'"
    )
    ground.entry("t", "p", NOW - DAY, 60_000)
    for by, name in (("list", "Old list"), ("space", "Old space"), ("task", "Task t")):
        found = await sheets(asked, by, "total", wanted=TimeFilter(deleted="only"))
        assert [(sheet.name, sheet.minutes) for sheet in found.sheets] == [(name, 1)]
        assert (await sheets(asked, by, "total")).sheets == []


@pytest.mark.parametrize("by", ["task", "all"])
async def test_sheets_are_those_of_the_source(mirror: Mirror, by: By) -> None:
    """What a sync brought adds up, task by task, to what the source says was spent."""
    spent: dict[str | None, int] = defaultdict(int)
    known = {row["id"] for row in mirror.rows("SELECT clickup_entry_id AS id FROM time_entries")}
    for entry_id, entry in mirror.world.truth()["entries"].items():
        if entry_id in known and not entry["running"] and entry["start"]:
            spent[entry["task_id"] if by == "task" else None] += entry["duration_ms"]
    last = max(row["at"] for row in mirror.rows("SELECT max(started_at) AS at FROM time_entries")).date()
    wanted = TimesheetQuery(last - 1500 * DAY, last + 400 * DAY, mirror.zone, by, TimeFilter(), "total")
    async with Database.open(mirror.database_url) as database:
        found = await Reports(database).time.sheets(mirror.sim.team_id, wanted, NOW)
    assert {sheet.id: sheet.milliseconds for sheet in found.sheets if sheet.milliseconds} == {
        whose: ms for whose, ms in spent.items() if ms
    }


@pytest.mark.parametrize(
    ("first", "last", "begins_on"),
    [
        ("2026-03-30", "2026-04-05", ["2026-03-30"]),
        ("2026-03-29", "2026-03-30", ["2026-03-29", "2026-03-30"]),
        ("2026-03-25", "2026-04-08", ["2026-03-25", "2026-03-30", "2026-04-06"]),
        ("2026-04-01", "2026-04-01", ["2026-04-01"]),
        ("2025-12-29", "2026-01-05", ["2025-12-29", "2026-01-05"]),
    ],
)
def test_weeks_begin_on_monday_and_are_cut_at_the_ends(first: str, last: str, begins_on: list[str]) -> None:
    """In the zone's midnights, one bound more than weeks."""
    days = [date.fromisoformat(first), date.fromisoformat(last)]
    bounds = part_bounds(*days, BERLIN, "week")
    wanted = [*map(date.fromisoformat, begins_on), days[1] + DAY]
    assert bounds == [midnight(day, BERLIN) for day in wanted]
    assert part_bounds(*days, BERLIN, "total") == [bounds[0], bounds[-1]]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    days=st.lists(st.dates(date(1900, 1, 1), date(2199, 12, 31)), min_size=1, max_size=50),
    week_start=st.sampled_from(get_args(WeekStart)),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/Sao_Paulo", "Asia/Kolkata", "Pacific/Apia"]),
)
def test_sql_has_the_same_weeks(ground: Ground, days: list[date], week_start: WeekStart, zone: str) -> None:
    """The expression that the documents and the resource of the schema give, in any zone of a session."""
    ground.rows("SELECT set_config('timezone', %s, false)", zone)
    week = week_in_sql("day", week_start)
    rows = ground.rows(f"SELECT day, {week} AS week FROM unnest(%s::date[]) AS day", days)
    assert [row["week"] for row in rows] == [week_of(row["day"], week_start) for row in rows]


async def test_time_is_put_on_weeks_from_sunday(ground: Ground, asked: Reports) -> None:
    """A Saturday's time and a Sunday's are in two weeks, which a week from Monday has in one."""
    for day in (date(2026, 3, 21), date(2026, 3, 22)):
        ground.entry(None, "p", midnight(day, BERLIN), 60_000)
    for week_start, weeks in (("monday", [16]), ("sunday", [15, 22]), ("saturday", [21])):
        wanted = TimesheetQuery(FIRST, LAST, BERLIN, "all", WITHOUT_DELETED, "week", week_start)
        found = (await asked.time.sheets("w", wanted, NOW)).sheets[0]
        assert [part.day for part in found.parts] == [date(2026, 3, day) for day in weeks]


async def test_a_week_with_a_change_of_clocks_is_an_hour_shorter(ground: Ground, asked: Reports) -> None:
    """167 hours, for a timer that never stopped; weeks have the date of their Monday."""
    ground.entry(None, "p", midnight(date(2026, 3, 16), BERLIN), 14 * 86_400_000 - 3_600_000)
    found = await sheets(asked, "all", "week")
    assert [(week.day, week.minutes / 60) for week in found.sheets[0].parts] == [
        (date(2026, 3, 16), 168),
        (date(2026, 3, 23), 167),
    ]


async def test_a_table_has_a_row_for_each_part(ground: Ground, asked: Reports) -> None:
    """Of weeks as of days; of sheets without parts one row each, with all its figures."""
    ground.entry(None, "p", NOW - 8 * DAY, 60_000)
    ground.entry(None, "p", NOW - DAY, 120_000)
    ground.entry(None, "p", None, 180_000)
    weeks = list(list_lines((await sheets(asked, "all", "week")).sheets))
    assert [(line.day, line.minutes, line.undated_minutes) for line in weeks] == [
        (date(2026, 3, 16), 1, None),
        (date(2026, 3, 23), 2, None),
        (None, None, 3),
    ]
    whole = list(list_lines((await sheets(asked, "all", "total")).sheets))
    assert [(line.day, line.minutes, line.undated_minutes) for line in whole] == [(None, 3, 3)]
