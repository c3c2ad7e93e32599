"""A day of each person, and a week of all of them: what to say of them in a few words."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.core.answers.day import Day, day_of, whole_day
from app.core.answers.standup import put_together
from app.core.answers.timesheet import Per
from app.reports.attention import AttentionFilter, AttentionReports, Condition
from app.reports.comments import CommentFilter, CommentReports
from app.reports.progress import ProgressReports
from app.reports.time import By, TimeFilter, TimeReports, TimesheetQuery, Timesheets
from app.supabase_db import Database, Row

_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
_MOST_TIME = 10
_WITHOUT_DELETED = TimeFilter(deleted="exclude")


class DigestReports:
    """What happened on a day or in a week, told in one answer."""

    def __init__(
        self, database: Database, attention: AttentionReports, progress: ProgressReports,
        time: TimeReports, comments: CommentReports,
    ) -> None:  # fmt: skip
        self._database = database
        self._attention = attention
        self._progress = progress
        self._time = time
        self._comments = comments

    async def standup(
        self, workspace_id: str, day: Day, *, now: datetime, people: Sequence[str] | None = None
    ) -> list[Row]:
        """What each person did that day, by name; who has nothing of all that is left out.

        `done`: their tasks that were done that day. `worked`: tasks (None: time of no task) with the
        person's own finished time of that day, the most first; `minutes` is its sum. `running`: their
        timers that run and reach into the day, up to `now`. `due`: their open tasks that are due that day.
        `waiting_comments`: how many wait for their answer now. `people`: only these, by ClickUp's ids.
        """
        known: dict[str, Any] = {"workspace_id": workspace_id, "people": people or None}
        within = {"start": day.start, "end": day.end}
        ask = self._database.ask
        done, worked, due, waiting = await asyncio.gather(
            ask("list_done_by_person", **known, **within),
            ask("list_worked_by_person", **known, **within, now=now, running=None),
            ask("list_due_by_person", **known, day=day.date),
            ask("count_waiting_by_person", **known),
        )
        return put_together(done=done, worked=worked, due=due, waiting=waiting)

    async def week(self, workspace_id: str, monday: date, *, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
        """The seven days from `monday` on, in the zone, beside the seven before them; `overdue`, `blocked`
        and `waiting_comments` are of `now`.

        `created` and `done`: tasks. `tracked`: finished time, not that of deleted tasks. `by_person` and
        `by_space`: sheets with their days, as timesheets are. `most_time`: sheets of the ten tasks with the
        most time.
        """
        figures, previous, time, now_open = await asyncio.gather(
            self._week_figures(workspace_id, monday, zone, now),
            self._week_figures(workspace_id, monday - _WEEK, zone, now),
            self._week_time(workspace_id, monday, zone, now),
            self._waiting_now(workspace_id, zone, now),
        )
        return {**figures, "previous": previous, **time, **now_open}

    async def _week_figures(
        self, workspace_id: str, monday: date, zone: ZoneInfo, now: datetime
    ) -> dict[str, Any]:
        start, end = whole_day(monday, zone).start, whole_day(monday + _WEEK, zone).start
        tasks, time = await asyncio.gather(
            self._progress.created_and_done(workspace_id, start, end),
            self._timesheets(workspace_id, monday, zone, now, "all", "total"),
        )
        tracked = {name: time.total[name] for name in ("minutes", "milliseconds")}
        return {"from": monday, "to": monday + _WEEK - _DAY, **tasks, "tracked": tracked}

    async def _week_time(
        self, workspace_id: str, monday: date, zone: ZoneInfo, now: datetime
    ) -> dict[str, list[Row]]:
        by_person, by_space, by_task = await asyncio.gather(
            self._timesheets(workspace_id, monday, zone, now, "person", "day"),
            self._timesheets(workspace_id, monday, zone, now, "space", "day"),
            self._timesheets(workspace_id, monday, zone, now, "task", "total"),
        )
        return {
            "by_person": by_person.sheets,
            "by_space": by_space.sheets,
            "most_time": _most_time(by_task.sheets),
        }

    async def _timesheets(
        self, workspace_id: str, monday: date, zone: ZoneInfo, now: datetime, by: By, per: Per
    ) -> Timesheets:
        asked = TimesheetQuery(monday, monday + _WEEK - _DAY, zone, by, _WITHOUT_DELETED, per)
        return await self._time.sheets(workspace_id, asked, now)

    async def _waiting_now(self, workspace_id: str, zone: ZoneInfo, now: datetime) -> dict[str, int]:
        overdue, blocked, comments = await asyncio.gather(
            self._count(workspace_id, "overdue", zone, now),
            self._count(workspace_id, "blocked", zone, now),
            self._comments.count_waiting(workspace_id, CommentFilter()),
        )
        return {"overdue": overdue, "blocked": blocked, "waiting_comments": comments}

    async def _count(self, workspace_id: str, condition: Condition, zone: ZoneInfo, now: datetime) -> int:
        wanted = AttentionFilter(condition)
        return await self._attention.count(workspace_id, wanted, day_of(now, zone).date, now)


def _most_time(sheets: list[Row]) -> list[Row]:
    tasks = [sheet for sheet in sheets if sheet["id"] is not None and sheet["milliseconds"]]
    return sorted(tasks, key=lambda sheet: (-sheet["milliseconds"], sheet["id"]))[:_MOST_TIME]
