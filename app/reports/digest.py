"""A day of each person, and a week of all of them: what to say of them in a few words."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.core.day import Day, day_of, whole_day
from app.core.standup import put_together
from app.reports.attention import AttentionFilter, AttentionQuestions, Condition
from app.reports.comments import CommentFilter, CommentQuestions
from app.reports.progress import ProgressQuestions
from app.reports.time import By, SheetQuestion, TimeFilter, TimeQuestions
from app.supabase_db import Database, Row

_WEEK = timedelta(days=7)
_MOST_TIME = 10
_WITHOUT_DELETED = TimeFilter(deleted="exclude")


class DigestQuestions:
    """What happened on a day or in a week, told in one answer."""

    def __init__(
        self, database: Database, attention: AttentionQuestions, progress: ProgressQuestions,
        time: TimeQuestions, comments: CommentQuestions,
    ) -> None:  # fmt: skip
        self._database = database
        self._attention = attention
        self._progress = progress
        self._time = time
        self._comments = comments

    async def standup(
        self, workspace_id: str, day: Day, *, now: datetime, employees: Sequence[UUID] | None = None
    ) -> list[Row]:
        """What each person did that day, by name; who has nothing of all that is left out.

        `done`: their tasks that were done that day. `worked`: tasks (None: time of no task) with the
        person's own finished time of that day, the most first; `minutes` is its sum. `running`: their
        timers that run and reach into the day, up to `now`. `due`: their open tasks that are due that day.
        `waiting_comments`: how many wait for their answer now.
        """
        known: dict[str, Any] = {
            "workspace_id": workspace_id,
            "employees": None if employees is None else list(employees),
        }
        within = {"start": day.start, "end": day.end}
        return put_together(
            done=await self._database.ask("list_done_by_person", **known, **within),
            worked=await self._database.ask(
                "list_worked_by_person", **known, **within, now=now, running=None
            ),
            due=await self._database.ask("list_due_by_person", **known, day=day.date),
            waiting=await self._database.ask("count_waiting_by_person", **known),
        )

    async def week(self, workspace_id: str, monday: date, *, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
        """The seven days from `monday` on, in the zone, beside the seven before them; `overdue`, `blocked`
        and `waiting_comments` are of `now`.

        `created` and `done`: tasks. `tracked`: finished time, not that of deleted tasks. `by_person` and
        `by_space`: sheets with their days, as timesheets are. `most_time`: sheets of the ten tasks with the
        most time.
        """
        before = await self._week_figures(workspace_id, monday - _WEEK, zone)
        by_task = await self._sheets(workspace_id, monday, zone, now, "task")
        tasks = [sheet for sheet in by_task if sheet["id"] is not None and sheet["milliseconds"]]
        return {
            **await self._week_figures(workspace_id, monday, zone),
            "previous": before,
            "by_person": await self._sheets(workspace_id, monday, zone, now, "person"),
            "by_space": await self._sheets(workspace_id, monday, zone, now, "space"),
            "most_time": sorted(tasks, key=lambda sheet: (-sheet["milliseconds"], sheet["id"]))[:_MOST_TIME],
            "overdue": await self._count(workspace_id, "overdue", zone, now),
            "blocked": await self._count(workspace_id, "blocked", zone, now),
            "waiting_comments": await self._comments.count_waiting(workspace_id, CommentFilter()),
        }

    async def _week_figures(self, workspace_id: str, monday: date, zone: ZoneInfo) -> dict[str, Any]:
        start, end = whole_day(monday, zone).start, whole_day(monday + _WEEK, zone).start
        row = (await self._progress.since(workspace_id, start, end, by="all"))[0]
        tracked = {"minutes": row["tracked_minutes"], "milliseconds": row["tracked_milliseconds"]}
        last = monday + _WEEK - timedelta(days=1)
        return {
            "from": monday,
            "to": last,
            "created": row["created"],
            "done": row["done"],
            "tracked": tracked,
        }

    async def _sheets(
        self, workspace_id: str, monday: date, zone: ZoneInfo, now: datetime, by: By
    ) -> list[Row]:
        last = monday + _WEEK - timedelta(days=1)
        asked = SheetQuestion(monday, last, zone, by, _WITHOUT_DELETED, "total" if by == "task" else "day")
        return (await self._time.sheets(workspace_id, asked, now)).sheets

    async def _count(self, workspace_id: str, condition: Condition, zone: ZoneInfo, now: datetime) -> int:
        wanted = AttentionFilter(condition)
        return await self._attention.count(workspace_id, wanted, day_of(now, zone).date, now)
