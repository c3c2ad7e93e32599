"""Tools: time, entry by entry and summed."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated, Any

from app.core.answers.day import whole_day
from app.core.answers.paging import digest
from app.core.answers.timesheet import Figures, Per
from app.mcp.answer_schemas import instant, instant_said, line, maybe_line, spent, time_said
from app.mcp.humanize import elapsed_said, plain_day
from app.mcp.params import (
    CursorText,
    From,
    Limit,
    People,
    Places,
    To,
    Word,
    of,
    read_day,
    read_days,
    read_offset,
    read_place,
    write_offset,
    write_place,
)
from app.mcp.request_context import Asked, Mirror
from app.mcp.task_rows import unreadable, where
from app.mcp.time_schemas import (
    Entry,
    FoundEntries,
    Part,
    Sheet,
    TaskTime,
    Timer,
    TimeReport,
    Timers,
    Timesheet,
    TimesheetDay,
)
from app.reports.places import Within
from app.reports.time import By, TimeFilter, TimesheetQuery
from app.supabase_db import Row

_USUAL_DAYS = 7
_MOST_DAYS: dict[Per, int] = {"day": 62, "week": 400, "month": 3_660, "total": 3_660}
_MOST_PARTS, _MOST_TASKS = 1_000, 20


async def find_time_entries(
    mirror: Asked,
    people: People = None,
    places: Places = None,
    task: Annotated[Word | None, of("Only time of this task, by id", "86abc1")] = None,
    from_day: From = None,
    to_day: To = None,
    limit: Limit = 20,
    cursor: CursorText = None,
) -> FoundEntries:
    """Single time entries, newest first: whose, on which task, from when to when, and what was noted.

    For sums ask get_time_report, for one person's days get_timesheet, for what runs now get_running_timers.
    Time of deleted tasks is among them, and marked.
    """
    within = await mirror.reports.lookup.places(mirror.workspace_id, places)
    if task:
        found = await mirror.reports.lookup.task(mirror.workspace_id, task)
        within = Within([found["clickup_task_id"]], within.lists, within.folders, within.spaces)
    wanted = TimeFilter(
        people=await mirror.reports.lookup.user_ids(mirror.workspace_id, people),
        within=within,
        start=whole_day(read_day(from_day, mirror), mirror.zone).start if from_day else None,
        end=whole_day(read_day(to_day, mirror), mirror.zone).end if to_day else None,
    )
    total, cursor, rows = await _entries(mirror, wanted, limit, cursor)
    return FoundEntries.of(
        mirror, total=total, next_cursor=cursor, entries=[_entry(row, mirror) for row in rows]
    )


async def get_running_timers(
    mirror: Asked, people: People = None, places: Places = None, limit: Limit = 20, cursor: CursorText = None
) -> Timers:
    """Running timers: whose, on which task, since when."""
    wanted = TimeFilter(
        people=await mirror.reports.lookup.user_ids(mirror.workspace_id, people),
        within=await mirror.reports.lookup.places(mirror.workspace_id, places),
        running=True,
    )
    total, cursor, rows = await _entries(mirror, wanted, limit, cursor)
    return Timers.of(mirror, total=total, next_cursor=cursor, timers=[_timer(row, mirror) for row in rows])


async def get_time_report(
    mirror: Asked,
    by: Annotated[By, of("What each row is of: a person, task, list or space; all: one row")] = "person",
    per: Annotated[Per, of("Divided by day, by week (from Monday), by month, or not at all")] = "total",
    from_day: From = None,
    to_day: To = None,
    people: People = None,
    places: Places = None,
    limit: Limit = 20,
    cursor: CursorText = None,
) -> TimeReport:
    """Tracked time summed by person, task, list or space, in all, by day, week or month.

    The last seven days where no days are given; up to 62 days by day, 400 by week, 3,660 by month or in all.
    A session that crosses midnight is cut there. Time of deleted tasks does not count. One person's days with
    their tasks are in get_timesheet.
    """
    first, last = read_days(from_day, to_day, mirror, usual=_USUAL_DAYS, most=_MOST_DAYS[per])
    wanted = _wanted(
        await mirror.reports.lookup.user_ids(mirror.workspace_id, people),
        await mirror.reports.lookup.places(mirror.workspace_id, places),
    )
    asked = TimesheetQuery(first, last, mirror.zone, by, wanted, per)
    found = await mirror.reports.time.sheets(mirror.workspace_id, asked, mirror.now)
    sheets = sorted(found.sheets, key=_most_first)
    question = digest(
        {"list": "time report", "by": by, "per": per, "days": [first, last], "of": wanted.question}
    )
    offset = read_offset(cursor, question)
    shown = _no_more_parts(sheets[offset : offset + limit], per)
    return TimeReport.of(
        mirror,
        total=len(sheets),
        next_cursor=write_offset(question, offset + len(shown), len(sheets)),
        from_day=first,
        to_day=last,
        by=by,
        sum=_sheet({"id": None, "name": None, **found.total}, mirror),
        rows=[_sheet(sheet, mirror) for sheet in shown],
    )


async def get_timesheet(
    mirror: Asked,
    person: Annotated[Word, of("Whose, by name or id", "Ada Lovelace")],
    from_day: From = None,
    to_day: To = None,
) -> Timesheet:
    """One person's time day by day, with the tasks of each day; the last seven days where none are given.

    Up to 62 days. Days without time are left out. For several people, or sums alone, ask get_time_report.
    """
    whose = await mirror.reports.lookup.person(mirror.workspace_id, person)
    first, last = read_days(from_day, to_day, mirror, usual=_USUAL_DAYS, most=_MOST_DAYS["day"])
    wanted = _wanted([whose.clickup_user_id], Within())
    by_task, by_person = await asyncio.gather(
        _sheets(mirror, first, last, "task", wanted), _sheets(mirror, first, last, "person", wanted)
    )
    own: Figures = (
        by_person[0] if by_person else {"minutes": 0, "running_minutes": 0, "undated_minutes": 0, "days": []}
    )
    return Timesheet.of(
        mirror,
        person=whose.name,
        clickup_user_id=whose.clickup_user_id,
        from_day=first,
        to_day=last,
        sum=spent(own["minutes"]),
        **_apart(own, "running"),
        **_apart(own, "undated"),
        days=[_timesheet_day(day, by_task, mirror) for day in own["days"]],
    )


async def _entries(
    mirror: Mirror, wanted: TimeFilter, limit: int, cursor: str | None
) -> tuple[int, str | None, list[Row]]:
    """How many there are, the next cursor, and a page of them."""
    place = read_place(cursor, wanted.question)
    page, total = await asyncio.gather(
        mirror.reports.time.page(mirror.workspace_id, wanted, place, limit),
        mirror.reports.time.count(mirror.workspace_id, wanted),
    )
    return total, write_place(page, place, total), page.rows


async def _sheets(mirror: Mirror, first: date, last: date, by: By, wanted: TimeFilter) -> list[Figures]:
    asked = TimesheetQuery(first, last, mirror.zone, by, wanted)
    return (await mirror.reports.time.sheets(mirror.workspace_id, asked, mirror.now)).sheets


def _wanted(people: Sequence[str] | None, within: Within) -> TimeFilter:
    return TimeFilter(people=people, within=within, deleted="exclude")


def _most_first(sheet: Figures) -> tuple[int, int, str, str]:
    return -sheet["milliseconds"], -sheet["running_milliseconds"], sheet["name"] or "", sheet["id"] or ""


def _no_more_parts(sheets: Sequence[Figures], per: Per) -> Sequence[Figures]:
    """As many as have no more days, weeks or months together than an answer should; one at the least."""
    parts = 0
    for number, sheet in enumerate(sheets):
        parts += len(sheet.get(f"{per}s", ()))
        if number and parts > _MOST_PARTS:
            return sheets[:number]
    return sheets


def _entry(row: Row, mirror: Mirror) -> Entry:
    return Entry(
        entry_id=row["clickup_entry_id"],
        person=row["user_name"],
        **_task_of(row),
        started_at=instant(row["started_at"], mirror),
        started=instant_said(row["started_at"], mirror),
        ended_at=instant(row["ended_at"], mirror),
        minutes=row["minutes"],
        time=time_said(row["minutes"]),
        is_running=row["is_running"],
        billable=row["billable"],
        description=maybe_line(row["description"]),
        tags=[line(tag) for tag in row["tags"] or []],
        unreadable_fields=unreadable(row),
        is_task_deleted=bool(row["is_task_deleted"]),
    )


def _timer(row: Row, mirror: Mirror) -> Timer:
    return Timer(
        person=row["user_name"],
        **_task_of(row),
        started_at=instant(row["started_at"], mirror),
        running_for=elapsed_said(row["started_at"], mirror.now) if row["started_at"] else None,
        description=maybe_line(row["description"]),
    )


def _task_of(row: Row) -> dict[str, Any]:
    return {
        "task_id": row["clickup_task_id"],
        "task": maybe_line(row["task_title"]),
        "where": where(row),
    }


def _sheet(sheet: Figures, mirror: Mirror) -> Sheet:
    return Sheet(
        id=sheet["id"],
        name=maybe_line(sheet["name"]),
        **_spent(sheet),
        entries=sheet["entries"],
        **_apart(sheet, "running"),
        **_apart(sheet, "undated"),
        days=_parts(sheet.get("days", ()), mirror),
        weeks=_parts(sheet.get("weeks", ()), mirror),
        months=_parts(sheet.get("months", ()), mirror),
    )


def _parts(parts: Iterable[Figures], mirror: Mirror) -> list[Part]:
    return [Part(**_part(part, mirror)) for part in parts]


def _part(part: Figures, mirror: Mirror) -> dict[str, Any]:
    day = {"date": part["date"], "day": plain_day(part["date"], mirror.today)}
    return day | _spent(part) | _apart(part, "running")


def _timesheet_day(day: Figures, by_task: Iterable[Figures], mirror: Mirror) -> TimesheetDay:
    """The day, and what each task has of it."""
    parts = [(sheet, part) for sheet in by_task for part in sheet["days"] if part["date"] == day["date"]]
    parts.sort(key=lambda pair: (-pair[1]["milliseconds"], pair[0]["id"] or ""))
    return TimesheetDay(
        **_part(day, mirror),
        tasks=[_task_time(sheet, part) for sheet, part in parts[:_MOST_TASKS]],
        left_out=max(len(parts) - _MOST_TASKS, 0) or None,
    )


def _task_time(sheet: Figures, part: Figures) -> TaskTime:
    name = maybe_line(sheet["name"])
    return TaskTime(task_id=sheet["id"], task=name, **_spent(part), **_apart(part, "running"))


def _spent(figures: Figures) -> dict[str, Any]:
    return spent(figures["minutes"]).model_dump()


def _apart(figures: Figures, kind: str) -> dict[str, Any]:
    """Time of this kind, which stands apart from the rest; nothing where there is none."""
    minutes = figures[f"{kind}_minutes"] or None
    return {f"{kind}_minutes": minutes, kind: time_said(minutes)}
