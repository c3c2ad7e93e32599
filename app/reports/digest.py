"""A day of each person, and a week of all of them: what to say of them in a few words."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from app.core.answers.day import Day, day_of, whole_day
from app.core.answers.fields import said, widen
from app.core.answers.standup import (
    DoneByPerson,
    DueByPerson,
    PersonDay,
    WaitingByPerson,
    WorkedByPerson,
    put_together,
)
from app.core.answers.timesheet import AnySheet, DailySheet, Milliseconds, Minutes, Per, Sheet
from app.reports.attention import AttentionFilter, AttentionReports, Condition
from app.reports.comments import CommentFilter, CommentReports
from app.reports.progress import ProgressReports
from app.reports.time import By, TimeFilter, TimeReports, TimesheetQuery, Timesheets
from app.sql.typed_rows import Query
from app.supabase_db import AskedDatabase

_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
_MOST_TIME = 10
_WITHOUT_DELETED = TimeFilter(deleted="exclude")

FirstDay = Annotated[date, said("Its first day", "2026-01-05", name="from")]
LastDay = Annotated[date, said("Its last day", "2026-01-11", name="to")]
CreatedTasks = Annotated[int, said("Tasks created then", 12)]
DoneTasks = Annotated[int, said("Tasks done then", 9)]


@dataclass(frozen=True, slots=True)
class Spent:
    """Finished time."""

    minutes: Minutes
    milliseconds: Milliseconds


@dataclass(frozen=True, slots=True)
class WeekFigures:
    """What came and what was done in a week."""

    first: FirstDay
    last: LastDay
    created: CreatedTasks
    done: DoneTasks
    tracked: Annotated[Spent, said("Finished time, not that of deleted tasks")]


@dataclass(frozen=True, slots=True)
class Week:
    """A week beside the one before; what is overdue, blocked and waited for is of now."""

    as_of: Annotated[datetime, said("When it was so, in `zone`")]
    zone: Annotated[str, said("The zone of dates and times", "Europe/Berlin")]
    first: FirstDay
    last: LastDay
    created: CreatedTasks
    done: DoneTasks
    tracked: Annotated[Spent, said("Finished time, not that of deleted tasks")]
    previous: Annotated[WeekFigures, said("The week before")]
    by_person: Annotated[list[DailySheet], said("A sheet for each person with time, by name")]
    by_space: Annotated[list[DailySheet], said("A sheet for each space with time, by name")]
    most_time: Annotated[list[Sheet], said("The ten tasks with the most time")]
    overdue: Annotated[int, said("Open tasks that are overdue now", 31)]
    blocked: Annotated[int, said("Open tasks that wait on open ones now", 4)]
    waiting_comments: Annotated[int, said("Comments that wait for somebody now", 12)]


LIST_DONE_BY_PERSON = Query("list_done_by_person", DoneByPerson)
LIST_WORKED_BY_PERSON = Query("list_worked_by_person", WorkedByPerson)
LIST_DUE_BY_PERSON = Query("list_due_by_person", DueByPerson)
COUNT_WAITING_BY_PERSON = Query("count_waiting_by_person", WaitingByPerson)


class DigestReports:
    """What happened on a day or in a week, told in one answer."""

    def __init__(
        self, database: AskedDatabase, attention: AttentionReports, progress: ProgressReports,
        time: TimeReports, comments: CommentReports,
    ) -> None:  # fmt: skip
        self._database = database
        self._attention = attention
        self._progress = progress
        self._time = time
        self._comments = comments

    async def standup(
        self, workspace_id: str, day: Day, *, now: datetime, people: Sequence[str] | None = None
    ) -> list[PersonDay]:
        """What each person did that day, by name; who has nothing of all that is left out.

        `people`: only these, by ClickUp's ids.
        """
        known: dict[str, Any] = {"workspace_id": workspace_id, "people": people or None}
        within = {"start": day.start, "end": day.end}
        rows = self._database.rows
        done, worked, due, waiting = await asyncio.gather(
            rows(LIST_DONE_BY_PERSON, **known, **within),
            rows(LIST_WORKED_BY_PERSON, **known, **within, now=now, running=None),
            rows(LIST_DUE_BY_PERSON, **known, day=day.date),
            rows(COUNT_WAITING_BY_PERSON, **known),
        )
        return put_together(done=done, worked=worked, due=due, waiting=waiting)

    async def week(self, workspace_id: str, first: date, *, zone: ZoneInfo, now: datetime) -> Week:
        """The seven days from `first` on, in the zone, beside the seven before them; `overdue`, `blocked`
        and `waiting_comments` are of `now`.
        """
        figures, previous, comments = await asyncio.gather(
            self._week_figures(workspace_id, first, zone, now),
            self._week_figures(workspace_id, first - _WEEK, zone, now),
            self._comments.count_waiting(workspace_id, CommentFilter()),
        )
        by_person, by_space, by_task, overdue, blocked = await asyncio.gather(
            self._timesheets(workspace_id, first, zone, now, "person", "day"),
            self._timesheets(workspace_id, first, zone, now, "space", "day"),
            self._timesheets(workspace_id, first, zone, now, "task", "total"),
            self._count(workspace_id, "overdue", zone, now),
            self._count(workspace_id, "blocked", zone, now),
        )
        return widen(
            Week,
            figures,
            as_of=now,
            zone=zone.key,
            previous=previous,
            by_person=by_person.sheets,
            by_space=by_space.sheets,
            most_time=_most_time(by_task.sheets),
            overdue=overdue,
            blocked=blocked,
            waiting_comments=comments,
        )

    async def _week_figures(
        self, workspace_id: str, first: date, zone: ZoneInfo, now: datetime
    ) -> WeekFigures:
        start, end = whole_day(first, zone).start, whole_day(first + _WEEK, zone).start
        tasks, time = await asyncio.gather(
            self._progress.created_and_done(workspace_id, start, end),
            self._timesheets(workspace_id, first, zone, now, "all", "total"),
        )
        tracked = Spent(time.total.minutes, time.total.milliseconds)
        return WeekFigures(first, first + _WEEK - _DAY, tasks.created, tasks.done, tracked)

    async def _timesheets(
        self, workspace_id: str, first: date, zone: ZoneInfo, now: datetime, by: By, per: Per
    ) -> Timesheets:
        asked = TimesheetQuery(first, first + _WEEK - _DAY, zone, by, _WITHOUT_DELETED, per)
        return await self._time.sheets(workspace_id, asked, now)

    async def _count(self, workspace_id: str, condition: Condition, zone: ZoneInfo, now: datetime) -> int:
        wanted = AttentionFilter(condition)
        return await self._attention.count(workspace_id, wanted, day_of(now, zone).date, now)


def _most_time(sheets: list[AnySheet]) -> list[AnySheet]:
    tasks = [sheet for sheet in sheets if sheet.id is not None and sheet.milliseconds]
    return sorted(tasks, key=lambda sheet: (-sheet.milliseconds, sheet.id or ""))[:_MOST_TIME]
