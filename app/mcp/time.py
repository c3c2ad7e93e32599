"""Tools: time, entry by entry and summed."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, TypeVar

from pydantic import Field

from app.core.answers.fields import ForAssistants, InWords, Written, said, widen
from app.core.answers.filters import FROM_OF_ENTRIES, MOST_PARTS, ONE_PERSON, TO_OF_ENTRIES, describe
from app.core.answers.paging import digest
from app.core.answers.timesheet import (
    AnySheet,
    Minutes,
    Per,
    RunningMinutes,
    SheetPart,
    SheetTotal,
    UndatedMinutes,
)
from app.mcp.answers import LeftOut, Page, left_out
from app.mcp.params import (
    NEAR_DAYS,
    CursorText,
    DayText,
    FirstDay,
    From,
    LastDay,
    Limit,
    People,
    PlaceNames,
    To,
    Word,
    Words,
    of,
    read_bounds,
    read_days,
    read_offset,
    read_place,
    write_offset,
    write_place,
)
from app.mcp.past import AnswerPrecision, AsOf, at, precision
from app.mcp.request_context import ToolContext
from app.reports.places import Within
from app.reports.time import By, TimeEntry, TimeFilter, TimesheetQuery

# Of one answer: days, weeks and months of all rows together; tasks of all days together, and of one day.
_MOST_PARTS_SHOWN, _MOST_TASKS_SHOWN, _MOST_TASKS = 1_000, 600, 20


Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundEntries(Page):
    """Time entries that pass the filters."""

    time_entries: Annotated[list[TimeEntry], said("Newest start first, those without a start last")]
    precision: AnswerPrecision = None


@dataclass(frozen=True, slots=True)
class RunningTimer(TimeEntry):
    """A timer that runs."""

    running_minutes: Annotated[
        int | None, InWords.MINUTES, said("Whole minutes since its start, up to now", 125)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timers(Page):
    """Timers that run."""

    timers: Annotated[list[RunningTimer], said("Latest start first")]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeReport(Page):
    """Tracked time, summed."""

    first: FirstDay
    last: LastDay
    group_by: Annotated[By, said("What each row is of")]
    sum: Annotated[SheetTotal, said("Everything together, on every page")]
    timesheets: Annotated[list[AnySheet], said("Most time first")]
    precision: AnswerPrecision = None


@dataclass(frozen=True, slots=True)
class TaskTime:
    """Time on one task; without an id: time of no task."""

    clickup_task_id: Annotated[str | None, said("ClickUp's id of the task", "86abc1")]
    title: Annotated[str | None, Written.LINE, ForAssistants.ALWAYS, said("Its name")]
    minutes: Minutes
    running_minutes: RunningMinutes


@dataclass(frozen=True, slots=True)
class TimesheetDay(SheetPart):
    """One day of a timesheet."""

    tasks: Annotated[list[TaskTime], said("Where the time went, most first")]
    left_out: LeftOut


@dataclass(frozen=True, slots=True, kw_only=True)
class Timesheet(Page):
    """One person's time, day by day."""

    clickup_user_id: Annotated[str, said("ClickUp's id of the person", "183")]
    name: Annotated[str, Written.LINE, said("The person's name", "Ada Lovelace")]
    first: FirstDay
    last: LastDay
    minutes: Minutes
    running_minutes: RunningMinutes
    undated_minutes: UndatedMinutes
    days: Annotated[list[TimesheetDay], said("Days with time, in order; the others have none")]
    precision: AnswerPrecision = None


async def find_time_entries(
    context: ToolContext,
    person: People = None,
    place: PlaceNames = None,
    task_id: Annotated[Words | None, of(describe("task_id"), ["86abc1"])] = None,
    from_day: Annotated[
        DayText | None, Field(alias="from", description=describe(FROM_OF_ENTRIES, NEAR_DAYS))
    ] = None,
    to_day: Annotated[
        DayText | None, Field(alias="to", description=describe(TO_OF_ENTRIES, NEAR_DAYS))
    ] = None,
    as_of: AsOf = None,
    limit: Limit = 20,
    cursor: CursorText = None,
) -> FoundEntries:
    """Single time entries, newest first: whose, on which task, from when to when, and what was noted.

    For sums ask get_time_report, for one person's days get_timesheet, for what runs now get_running_timers.
    Time of deleted tasks is among them, and marked.
    """
    context = at(context, as_of, cursor)
    within = await context.reports.lookup.within(context.workspace_id, place, task_id)
    start, end = read_bounds(from_day, to_day, context)
    wanted = TimeFilter(
        people=await context.reports.lookup.user_ids(context.workspace_id, person),
        within=within,
        start=start,
        end=end,
    )
    total, cursor, rows = await _entries(context, wanted, limit, cursor)
    return FoundEntries.of(
        context,
        total=total,
        next_cursor=cursor,
        time_entries=rows,
        precision=await precision(context, "time_entries", [row.clickup_entry_id for row in rows]),
    )


async def get_running_timers(
    context: ToolContext,
    person: People = None,
    place: PlaceNames = None,
    limit: Limit = 20,
    cursor: CursorText = None,
) -> Timers:
    """Running timers: whose, on which task, since when."""
    wanted = TimeFilter(
        people=await context.reports.lookup.user_ids(context.workspace_id, person),
        within=await context.reports.lookup.within(context.workspace_id, place),
        running=True,
    )
    total, cursor, rows = await _entries(context, wanted, limit, cursor)
    return Timers.of(context, total=total, next_cursor=cursor, timers=[_timer(row, context) for row in rows])


async def get_time_report(
    context: ToolContext,
    group_by: Annotated[By, of(describe("group_by"))] = "person",
    per: Annotated[Per, of(describe("per"))] = "total",
    from_day: From = None,
    to_day: To = None,
    person: People = None,
    place: PlaceNames = None,
    as_of: AsOf = None,
    limit: Limit = 20,
    cursor: CursorText = None,
) -> TimeReport:
    """Tracked time summed by person, task, list or space, in all, by day, week or month.

    The last seven days where no days are given. A session that crosses midnight is cut there. Time of deleted
    tasks does not count. One person's days with their tasks are in get_timesheet.
    """
    context = at(context, as_of, cursor)
    first, last = read_days(from_day, to_day, context, per)
    wanted = _wanted(
        await context.reports.lookup.user_ids(context.workspace_id, person),
        await context.reports.lookup.within(context.workspace_id, place),
    )
    asked = TimesheetQuery(first, last, context.zone, group_by, wanted, per, context.settings.week_start)
    found = await context.reports.time.sheets(context.workspace_id, asked, context.now)
    sheets = sorted(found.sheets, key=_most_first)
    question = digest(
        {"list": "time report", "by": group_by, "per": per, "days": [first, last], "of": wanted.question}
    )
    offset = read_offset(cursor, question, context.workspace_id)
    shown = _no_more_than(_MOST_PARTS_SHOWN, sheets[offset : offset + limit], lambda sheet: len(sheet.parts))
    return TimeReport.of(
        context,
        total=len(sheets),
        next_cursor=write_offset(question, context, offset + len(shown), len(sheets)),
        first=first,
        last=last,
        group_by=group_by,
        sum=found.total,
        timesheets=list(shown),
        precision=await precision(context, "time_entries"),
    )


async def get_timesheet(
    context: ToolContext,
    person: Annotated[Word, of(describe(ONE_PERSON), "Ada Lovelace")],
    from_day: Annotated[
        DayText | None,
        Field(alias="from", description=describe("from", NEAR_DAYS, f"up to {MOST_PARTS} days")),
    ] = None,
    to_day: To = None,
    as_of: AsOf = None,
    limit: Limit = 31,
    cursor: CursorText = None,
) -> Timesheet:
    """One person's time day by day, with the tasks of each day; the last seven days where none are given.

    Days without time are left out. For several people, or sums alone, ask get_time_report.
    """
    context = at(context, as_of, cursor)
    whose = await context.reports.lookup.person(context.workspace_id, person)
    first, last = read_days(from_day, to_day, context, "day")
    wanted = _wanted([whose.clickup_user_id], Within())
    by_task, by_person = await asyncio.gather(
        _sheets(context, first, last, "task", wanted), _sheets(context, first, last, "person", wanted)
    )
    own = by_person[0] if by_person else None
    parts = own.parts if own else []
    question = digest({"list": "timesheet", "days": [first, last], "of": wanted.question})
    offset = read_offset(cursor, question, context.workspace_id)
    days = [_timesheet_day(part, by_task) for part in parts[offset : offset + limit]]
    shown = _no_more_than(_MOST_TASKS_SHOWN, days, lambda day: len(day.tasks))
    return Timesheet.of(
        context,
        total=len(parts),
        next_cursor=write_offset(question, context, offset + len(shown), len(parts)),
        clickup_user_id=whose.clickup_user_id,
        name=whose.name,
        first=first,
        last=last,
        minutes=own.minutes if own else 0,
        running_minutes=own.running_minutes if own else 0,
        undated_minutes=own.undated_minutes if own else 0,
        days=list(shown),
        precision=await precision(context, "time_entries"),
    )


async def _entries(
    context: ToolContext, wanted: TimeFilter, limit: int, cursor: str | None
) -> tuple[int, str | None, list[TimeEntry]]:
    """How many there are, the next cursor, and a page of them."""
    begin = read_place(cursor, wanted.question, context.workspace_id)
    page, total = await asyncio.gather(
        context.reports.time.page(context.workspace_id, wanted, begin, limit),
        context.reports.time.count(context.workspace_id, wanted),
    )
    return total, write_place(page, begin, total, context.workspace_id), page.rows


async def _sheets(
    context: ToolContext, first: date, last: date, by: By, wanted: TimeFilter
) -> list[AnySheet]:
    asked = TimesheetQuery(first, last, context.zone, by, wanted)
    return (await context.reports.time.sheets(context.workspace_id, asked, context.now)).sheets


def _wanted(people: Sequence[str] | None, within: Within) -> TimeFilter:
    return TimeFilter(people=people, within=within, deleted="exclude")


def _most_first(sheet: AnySheet) -> tuple[int, int, str, str]:
    return -sheet.milliseconds, -sheet.running_milliseconds, sheet.name or "", sheet.id or ""


def _no_more_than(most: int, rows: Sequence[Row], size: Callable[[Row], int]) -> Sequence[Row]:
    """As many as are no larger together than an answer should be; one at the least."""
    together = 0
    for number, row in enumerate(rows):
        together += size(row)
        if number and together > most:
            return rows[:number]
    return rows


def _timer(entry: TimeEntry, context: ToolContext) -> RunningTimer:
    seconds = (context.now - entry.started_at).total_seconds() if entry.started_at else None
    return widen(RunningTimer, entry, running_minutes=None if seconds is None else max(int(seconds // 60), 0))


def _timesheet_day(day: SheetPart, by_task: Iterable[AnySheet]) -> TimesheetDay:
    """The day, and what each task has of it."""
    parts = [(sheet, part) for sheet in by_task for part in sheet.parts if part.day == day.day]
    parts.sort(key=lambda pair: (-pair[1].milliseconds, pair[0].id or ""))
    tasks = [TaskTime(sheet.id, sheet.name, part.minutes, part.running_minutes) for sheet, part in parts]
    return widen(TimesheetDay, day, tasks=tasks[:_MOST_TASKS], left_out=left_out(len(tasks) - _MOST_TASKS))
