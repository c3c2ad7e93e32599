"""Questions about who has how much to do."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from app.core.answers.day import whole_day
from app.core.answers.fields import InWords, Written, said, widen
from app.reports.places import Within
from app.reports.time import TimeFilter, TimeReports
from app.sql.typed_rows import Query
from app.supabase_db import AskedDatabase

_EVERYWHERE = Within()


@dataclass(frozen=True, slots=True)
class _OpenWork:
    """Open tasks of one person, or of nobody: a task with several assignees is counted for each of them."""

    employee_id: Annotated[UUID | None, said("The person in `/employees`; null for nobody")]
    clickup_user_id: Annotated[str | None, said("ClickUp's id of the person", "183")]
    name: Annotated[str | None, Written.LINE, said("The person's name", "Ada Lovelace")]
    open_tasks: Annotated[int, said("Open tasks that are assigned to the person", 12)]
    overdue: Annotated[int, said("Of them: due before today", 3)]
    due_soon: Annotated[int, said("Of them: due from today to `days` days after it", 2)]
    urgent: Annotated[int, said("Of them: of priority urgent or high", 1)]
    unestimated: Annotated[int, said("Of them: without an estimate", 5)]
    estimate_minutes: Annotated[int, InWords.MINUTES, said("Their estimates together, whole minutes", 600)]
    remaining_minutes: Annotated[
        int, InWords.MINUTES, said("Whole minutes left of them after the tracked time, task by task", 480)
    ]
    waiting_comments: Annotated[int, said("Comments and replies that wait for the person", 4)]
    running_timers: Annotated[int, said("The person's timers that run", 0)]


@dataclass(frozen=True, slots=True)
class PersonWorkload(_OpenWork):
    """What somebody has to do; in the last row the unassigned open tasks."""

    tracked_minutes: Annotated[
        int, InWords.MINUTES, said("The person's own minutes on the last `days` days, today included")
    ]


SUM_WORKLOAD = Query("sum_workload", _OpenWork)


class WorkloadReports:
    """What is open for whom."""

    def __init__(self, database: AskedDatabase, time: TimeReports) -> None:
        self._database = database
        self._time = time

    async def people(
        self, workspace_id: str, *, today: date, now: datetime, zone: ZoneInfo, days: int = 7,
        people: Sequence[str] | None = None, within: Within = _EVERYWHERE,
    ) -> list[PersonWorkload]:  # fmt: skip
        """A row for everybody who is here or is assigned to an open task, by name; the last one, whose
        `clickup_user_id` is None, is of the unassigned ones. With `people` (ClickUp's ids) theirs alone.

        `due_soon`: due from today to `days` days after it. `tracked_minutes`: the person's own finished time
        on today and the days before it, `days` of them together, in the zone; not that of deleted tasks.
        """
        known = within.params() | {"workspace_id": workspace_id, "today": today, "days": days}
        start = whole_day(today - timedelta(days=max(days, 1) - 1), zone).start
        end = whole_day(today, zone).end
        wanted = TimeFilter(within=within, deleted="exclude")
        rows, sheets = await asyncio.gather(
            self._database.rows(SUM_WORKLOAD, **known, people=people or None),
            self._time.totals(workspace_id, wanted, "person", start, end, now),
        )
        spent = {sheet.id: sheet.minutes for sheet in sheets if sheet.id is not None}
        return [
            widen(PersonWorkload, row, tracked_minutes=spent.get(row.clickup_user_id or "", 0))
            for row in rows
        ]
