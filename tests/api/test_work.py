"""What needs somebody, who has how much to do, and what was done: over HTTP, with the figures of the reports.

That the figures are right is shown in `tests/reports`; here, that each parameter reaches them.
"""

import csv
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel

from app.api.attention import AttentionTasks, Workload
from app.api.digest import Standup
from app.api.progress import AccuracyAnswer, CompletedTasks, ProgressAnswer, StatusCounts
from app.api.time import TimesheetAnswer
from app.reports.attention import CONDITIONS
from app.reports.digest import Week
from tests.api.reading import Json, Reader, reading, typed
from tests.engine.mirror import Mirror

LONG_AGO = "2010-01-01"
SHAPES: dict[str, type[BaseModel]] = {
    **{f"/attention/{condition}": AttentionTasks for condition in CONDITIONS},
    "/workload": Workload,
    "/progress": ProgressAnswer,
    "/progress/accuracy": AccuracyAnswer,
    "/progress/completed": CompletedTasks,
    "/progress/statuses": StatusCounts,
    "/standup": Standup,
    "/digest/week": Week,
}
BY_PERSON = [path for path in SHAPES if path != "/digest/week"]
BY_PLACE = [path for path in BY_PERSON if path != "/standup"]


def somebody(reader: Reader) -> Json:
    """Who has open tasks."""
    return reader.mirror.rows(
        "SELECT id, clickup_user_id FROM employees AS e WHERE is_active AND EXISTS (SELECT FROM tasks"
        " WHERE e.id = ANY(employee_ids) AND status_type IN ('open', 'custom')) ORDER BY name LIMIT 1"
    )[0]


def name_of(path: str) -> str:
    """The filter by person: where only tasks are counted, by who is assigned."""
    return "person" if path in ("/workload", "/progress", "/standup") else "assignee"


def rows_of(answer: Json) -> list[Json]:
    """The rows, whatever they are called."""
    return next(value for value in answer.values() if isinstance(value, list))


@pytest.mark.parametrize("path", SHAPES)
async def test_an_answer_has_its_shape_and_says_when_it_was_so(reader: Reader, path: str) -> None:
    """Nothing beyond it, instants in the chosen zone; and it is not kept, for days pass by themselves."""
    zone = ZoneInfo("Asia/Kolkata")
    answer = await reader.ask(path, zone=zone.key)
    told = answer.json()
    typed(SHAPES[path], told)
    as_of = datetime.fromisoformat(told["as_of"])
    assert (told["zone"], as_of.utcoffset()) == (zone.key, timedelta(hours=5, minutes=30))
    assert abs(datetime.now(UTC) - as_of) < timedelta(seconds=30)
    assert "etag" not in answer.headers
    if "count" in told:
        assert told["count"] == len(rows_of(told))


@pytest.mark.parametrize("path", SHAPES)
async def test_today_is_that_of_the_zone(reader: Reader, path: str) -> None:
    """Around the world it is never the same day everywhere."""
    days = set()
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        told = await reader.get(path, zone=zone)
        days.add(told.get("to", told.get("date", told["as_of"][:10])))
        assert told["as_of"][:10] == datetime.now(ZoneInfo(zone)).date().isoformat()
    assert len(days) == (1 if path == "/digest/week" and len(days) == 1 else 2)


@pytest.mark.parametrize("path", BY_PERSON)
async def test_people_filter_by_either_id(reader: Reader, path: str) -> None:
    """Only theirs; who is not known is a 404 that names them."""
    person, name = somebody(reader), name_of(path)
    wanted = {"from_": LONG_AGO} if path.startswith("/progress") and path != "/progress/statuses" else {}
    answers = [
        await reader.get(path, **{name: key}, **wanted)
        for key in (str(person["id"]), str(person["id"]).upper(), person["clickup_user_id"])
    ]
    assert rows_of(answers[0]) == rows_of(answers[1]) == rows_of(answers[2])
    for row in rows_of(answers[0]):
        assert str(person["id"]) in row.get("employee_ids", [str(person["id"])])
        assert row.get("employee_id") in (str(person["id"]), None)
    assert rows_of(answers[0]) != rows_of(await reader.get(path, **wanted)) or not rows_of(answers[0])
    stranger = str(uuid4())
    asked = [person["clickup_user_id"], stranger]
    assert f"no person '{stranger}'" in await reader.unknown(path, **{name: asked})


@pytest.mark.parametrize("path", BY_PLACE)
async def test_places_filter(reader: Reader, path: str) -> None:
    """Tasks of one list; an unknown one is a 404 that names it."""
    for name, kind in (("task_id", "task"), ("place", "place")):
        assert f"no {kind} 'nowhere'" in await reader.unknown(path, **{name: "nowhere"})
    list_id = reader.mirror.value(
        "SELECT list_id FROM tasks GROUP BY list_id ORDER BY count(*) DESC, list_id LIMIT 1"
    )
    for row in rows_of(await reader.get(path, place=list_id)):
        assert row.get("list_id", list_id) == list_id


async def test_what_is_overdue_is_worst_first_and_comes_in_pages(reader: Reader) -> None:
    """As SQL has it; by offset, with the total, and days of being late."""
    today = datetime.now(reader.mirror.zone).date()
    stored = reader.mirror.rows(
        "SELECT t.clickup_task_id AS id, t.due_date FROM tasks AS t JOIN lists AS l USING (list_id)"
        " WHERE t.due_date < %s AND t.status_type NOT IN ('done', 'closed') AND NOT t.archived"
        " AND NOT l.archived AND NOT t.is_deleted",
        today,
    )
    whole = typed(AttentionTasks, await reader.get("/attention/overdue", limit=1_000))
    assert {task.clickup_task_id for task in whole.tasks} == {row["id"] for row in stored} != set()
    late = [task.days_overdue or 0 for task in whole.tasks]
    assert late == sorted(late, reverse=True) == [(today - (t.due_date or today)).days for t in whole.tasks]
    assert all("overdue" in task.reasons for task in whole.tasks)
    paged = [
        (await reader.get("/attention/overdue", limit=2, offset=offset))
        for offset in range(0, whole.total, 2)
    ]
    assert [task["clickup_task_id"] for page in paged for task in page["tasks"]] == [
        task.clickup_task_id for task in whole.tasks
    ]
    assert {page["total"] for page in paged} == {whole.total}


async def test_days_are_those_of_the_condition(reader: Reader) -> None:
    """More days find more, or fewer; where a condition has none, they are refused."""
    for condition, usual in (("at_risk", 3), ("stale", 14), ("untracked", 30)):
        assert (await reader.get(f"/attention/{condition}"))["days"] == usual
        few, many = [(await reader.get(f"/attention/{condition}", days=days))["total"] for days in (0, 3_650)]
        assert (
            (few > many) if condition == "stale" else (few < many or (condition == "at_risk" and few == many))
        )
        assert await reader.refused(f"/attention/{condition}", "days", days=3_651)
    for condition in ("overdue", "blocked"):
        assert (await reader.get(f"/attention/{condition}"))["days"] is None
        assert "takes no days" in await reader.refused(f"/attention/{condition}", "days", days=3)
    assert await reader.refused("/attention/lost", "condition")


async def test_everybody_has_a_row_of_workload_and_nobody_the_last(reader: Reader) -> None:
    """Also who left and is assigned to an open task; with `person` the row of nobody is left out."""
    load = typed(Workload, await reader.get("/workload"))
    here = reader.mirror.rows("SELECT name FROM employees WHERE is_active ORDER BY lower(name)")
    assert {row["name"] for row in here} <= {one.name for one in load.people}
    others = [one for one in load.people[:-1] if one.name not in {row["name"] for row in here}]
    assert load.people[-1].name is None and all(one.open_tasks for one in others)
    mine = typed(Workload, await reader.get("/workload", person=str(somebody(reader)["id"])))
    assert (mine.count, mine.people[0].open_tasks > 0) == (1, True)
    wide = typed(Workload, await reader.get("/workload", days=366))
    assert wide.days == 366
    assert sum(one.tracked_minutes for one in wide.people) > sum(one.tracked_minutes for one in load.people)
    for days in (0, 367):
        assert await reader.refused("/workload", "days", days=days)


@pytest.mark.parametrize("path", ["/progress", "/progress/accuracy"])
async def test_progress_is_by_person_list_or_space_or_of_all(reader: Reader, path: str) -> None:
    """Lists and spaces add up to all of it."""
    name = path.rpartition("/")[2]
    figure = "created" if name == "progress" else "tasks"
    whole = await reader.get(path, from_=LONG_AGO)
    assert (whole["group_by"], whole["count"], whole["from"]) == ("all", 1, LONG_AGO)
    for group in ("list", "space"):
        parts = await reader.get(path, from_=LONG_AGO, group_by=group)
        assert sum(row[figure] for row in parts[name]) == whole[name][0][figure] > 0
    people = await reader.get(path, from_=LONG_AGO, group_by="person")
    assert somebody(reader)["clickup_user_id"] in {row["id"] for row in people[name]}
    assert await reader.refused(path, "group_by", group_by="moon")


async def test_completed_tasks_are_those_that_progress_counts(reader: Reader) -> None:
    """The latest first, page by page; on days that end before anything began there are none."""
    done = (await reader.get("/progress", from_=LONG_AGO))["progress"][0]["done"]
    page = typed(CompletedTasks, await reader.get("/progress/completed", from_=LONG_AGO, limit=3))
    assert (page.total, page.count) == (done, 3)
    dates = [task.done_at for task in page.tasks if task.done_at]
    assert dates == sorted(dates, reverse=True)
    rest = await reader.get("/progress/completed", from_=LONG_AGO, limit=1_000, offset=3)
    assert rest["count"] == done - 3
    assert (await reader.get("/progress/completed", from_="2009-01-01", to="2009-12-31"))["total"] == 0


async def test_statuses_are_counted_as_they_stand(reader: Reader) -> None:
    """Each once, open ones first."""
    statuses = typed(StatusCounts, await reader.get("/progress/statuses")).statuses
    stored = reader.mirror.value(
        "SELECT count(*) FROM tasks AS t JOIN lists AS l USING (list_id) WHERE NOT t.is_deleted"
        " AND NOT t.archived AND NOT l.archived"
    )
    assert sum(one.tasks for one in statuses) == stored
    types = [one.status_type or "" for one in statuses]
    assert types == sorted(types, key=["open", "custom", "done", "closed", ""].index)


async def test_a_day_that_is_asked_for_is_the_one_that_is_told(reader: Reader) -> None:
    """Who worked then, with the time of that day; a day without anything has nobody."""
    entry = reader.mirror.rows(
        "SELECT started_at, duration_ms, clickup_user_id FROM time_entries WHERE NOT is_running"
        " AND started_at IS NOT NULL ORDER BY duration_ms DESC LIMIT 1"
    )[0]
    day = entry["started_at"].astimezone(reader.mirror.zone).date()
    told = typed(Standup, await reader.get("/standup", date=str(day)))
    assert told.day == day
    person = next(one for one in told.people if one.clickup_user_id == entry["clickup_user_id"])
    assert person.worked and person.milliseconds == sum(one.milliseconds for one in person.worked) > 0
    empty = typed(Standup, await reader.get("/standup", date="1999-01-01"))
    assert not any(one.worked or one.done or one.due for one in empty.people)


async def test_a_week_is_that_of_the_day(reader: Reader) -> None:
    """From Monday to Sunday, beside the one before; without a day the present one."""
    week = typed(Week, await reader.get("/digest/week", date="2026-01-08"))
    assert (week.first, week.last) == (date(2026, 1, 5), date(2026, 1, 11))
    assert (week.previous.first, week.previous.last) == (date(2025, 12, 29), date(2026, 1, 4))
    present = typed(Week, await reader.get("/digest/week"))
    assert present.first <= datetime.now(reader.mirror.zone).date() <= present.last
    assert present.overdue == (await reader.get("/attention/overdue"))["total"]
    assert present.waiting_comments == (await reader.get("/comments/assigned"))["total"]


@pytest.mark.parametrize("path", ["/progress", "/progress/accuracy", "/progress/completed"])
async def test_days_have_to_go_together(reader: Reader, path: str) -> None:
    """The last seven by themselves, the first not after the last, none before 1900."""
    told = await reader.get(path, to="2026-01-11")
    assert (told["from"], told["to"]) == ("2026-01-05", "2026-01-11")
    assert "after" in await reader.refused(path, "from", from_="2026-01-12", to="2026-01-11")
    assert await reader.refused(path, "to", to="2200-01-01")
    for day in ("tomorrow", "2026-02-30", "\x00"):
        assert await reader.refused(path, "from", from_=day)
        assert await reader.refused("/standup", "date", date=day)
        assert await reader.refused("/digest/week", "date", date=day)


@pytest.mark.parametrize("group", ["person", "task", "list", "space", "all"])
async def test_timesheets_add_up_however_they_are_divided(reader: Reader, group: str) -> None:
    """By day, week, month, or not at all, also as a table: the sums are the same, and so is the total."""
    last = date.today()
    days: dict[str, Any] = {"from_": str(last - timedelta(days=399)), "to": str(last), "group_by": group}
    sums = []
    for per, name in (("day", "days"), ("week", "weeks"), ("month", "months"), ("total", None)):
        told = await reader.get("/timesheets", per=per, **days)
        typed(TimesheetAnswer, told)
        assert (told["group_by"], told["per"]) == (group, per)
        for sheet in told["timesheets"]:
            assert [key for key in ("days", "weeks", "months") if key in sheet] == ([name] if name else [])
            if name:
                assert sum(part["milliseconds"] for part in sheet[name]) == sheet["milliseconds"]
        sums.append({sheet["id"]: sheet["milliseconds"] for sheet in told["timesheets"]})
        rows = csv.DictReader(StringIO((await reader.ask("/timesheets", format="csv", per=per, **days)).text))
        assert sum(int(row["milliseconds"] or 0) for row in rows) == told["total"]["milliseconds"] > 0
    assert all(sums[0] == other for other in sums[1:])
    assert (group != "all") or list(sums[0]) == [None]


async def test_weeks_begin_on_the_day_of_the_setting(mirror: Mirror) -> None:
    """WEEK_START: in the digest and in timesheets, of which the first week has the date of the first day."""
    async with reading(mirror, week_start="sunday") as reader:
        week = typed(Week, await reader.get("/digest/week", date="2026-01-11"))
        assert (week.first, week.last) == (date(2026, 1, 11), date(2026, 1, 17))
        assert week.previous.first == date(2026, 1, 4)
        told = await reader.get("/timesheets", per="week", from_="2025-12-03", to="2026-11-20")
        weeks = {part["date"] for sheet in told["timesheets"] for part in sheet["weeks"]} - {"2025-12-03"}
        assert {date.fromisoformat(day).strftime("%A") for day in weeks} == {"Sunday"}


async def test_weeks_begin_on_monday_and_are_bounded(reader: Reader) -> None:
    """The first one has the date of the first day; 400 days or weeks at once, and any days as one."""
    told = await reader.get("/timesheets", per="week", from_="2025-12-03", to="2026-11-20")
    for sheet in told["timesheets"]:
        for week in sheet["weeks"]:
            assert date.fromisoformat(week["date"]).weekday() == 0 or week["date"] == "2025-12-03"
    assert (await reader.get("/timesheets", per="week", from_="2018-01-01", to="2025-08-31"))["count"] >= 0
    assert "400" in await reader.refused(
        "/timesheets", "from", per="week", from_="2018-01-01", to="2025-09-01"
    )
    assert (await reader.get("/timesheets", per="total", from_="1900-01-01", to="2199-12-31"))["count"] > 0
    assert await reader.refused("/timesheets", "per", per="moon")
