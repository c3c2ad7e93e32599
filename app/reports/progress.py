"""Questions about what came, what was done, and how well it was estimated."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal

from app.core.answers.sums import beside_time
from app.reports.places import Within
from app.reports.time import TimeFilter, TimeReports
from app.supabase_db import Database, Row

# Whose or what each row's figures are; `all`: one row.
Of = Literal["all", "space", "list", "person"]
_EVERYWHERE = Within()
_NOTHING = dict.fromkeys(("created", "done", "deleted", "changed", "open_now"), 0)


class ProgressReports:
    """What happened in a stretch of time [start, end), of two instants.

    `people`: by ClickUp's ids; tasks that one of them is assigned to, and their own time. Rows by person have
    ClickUp's id in `id` and `employees.id` in `employee_id`; a task with several assignees is in the row of
    each, one without any in that of nobody, whose `id` is None.
    """

    def __init__(self, database: Database, time: TimeReports) -> None:
        self._database = database
        self._time = time

    async def count_statuses(
        self, workspace_id: str, *, today: date, within: Within = _EVERYWHERE,
        people: Sequence[str] | None = None,
    ) -> list[Row]:  # fmt: skip
        """Tasks in each status, and how many of them are overdue; without archived ones."""
        known = _params(workspace_id, within, people)
        return await self._database.ask("count_statuses", **known, today=today)

    async def since(
        self, workspace_id: str, start: datetime, end: datetime, *, by: Of, within: Within = _EVERYWHERE,
        people: Sequence[str] | None = None,
    ) -> list[Row]:  # fmt: skip
        """Tasks created, done, deleted, and last changed then; time that was finished then; and tasks that
        are open now. By name; a row for whoever or whatever has any of them, and by `all` always one.
        """
        known = _params(workspace_id, within, people)
        wanted = TimeFilter(people, within, deleted="exclude")
        rows, sheets = await asyncio.gather(
            self._database.ask("sum_progress", **known, by=by, start=start, end=end),
            self._time.totals(workspace_id, wanted, by, start, end, end),
        )
        if by == "all":
            rows = rows or [{"id": None, "employee_id": None, "name": None, **_NOTHING}]
        return beside_time(rows, sheets, _NOTHING)

    async def created_and_done(self, workspace_id: str, start: datetime, end: datetime) -> Row:
        """How many tasks were `created`, and how many `done`, then."""
        span = {"workspace_id": workspace_id, "start": start, "end": end}
        return (await self._database.ask("count_created_and_done", **span))[0]

    async def count_completed(
        self, workspace_id: str, start: datetime, end: datetime, *, within: Within = _EVERYWHERE,
        people: Sequence[str] | None = None,
    ) -> int:  # fmt: skip
        """How many tasks were done then."""
        known = _params(workspace_id, within, people)
        rows = await self._database.ask("count_completed", **known, start=start, end=end)
        return int(rows[0]["total"])

    async def completed(
        self, workspace_id: str, start: datetime, end: datetime, *, within: Within = _EVERYWHERE,
        people: Sequence[str] | None = None, limit: int, offset: int = 0,
    ) -> list[Row]:  # fmt: skip
        """Those from an offset on, the latest first."""
        known = _params(workspace_id, within, people) | {"limit": limit, "offset": offset}
        return await self._database.ask("list_completed", **known, start=start, end=end)

    async def accuracy(
        self, workspace_id: str, start: datetime, end: datetime, *, by: Of, within: Within = _EVERYWHERE,
        people: Sequence[str] | None = None,
    ) -> list[Row]:  # fmt: skip
        """How the time of tasks that were done then compares with their estimates.

        `estimated_minutes`, `tracked_minutes` and `percent` (whole, cut off; None without an estimate) are of
        tasks that have both. They are `over`, `under` or `close`: within 20 % of their estimate. Each
        other task is `without_estimate`, or has one and is `without_time`. By person the whole time of
        their tasks is compared, whoever spent it.
        """
        known = _params(workspace_id, within, people)
        return await self._database.ask("sum_accuracy", **known, by=by, start=start, end=end)


def _params(workspace_id: str, within: Within, people: Sequence[str] | None) -> dict[str, Any]:
    return within.params() | {"workspace_id": workspace_id, "people": people or None}
