"""Questions about who has how much to do."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.core.answers.day import whole_day
from app.reports.places import Within
from app.reports.time import TimeFilter, TimeReports
from app.supabase_db import Database, Row

_EVERYWHERE = Within()


class WorkloadReports:
    """What is open for whom."""

    def __init__(self, database: Database, time: TimeReports) -> None:
        self._database = database
        self._time = time

    async def people(
        self, workspace_id: str, *, today: date, now: datetime, zone: ZoneInfo, days: int = 7,
        people: Sequence[str] | None = None, within: Within = _EVERYWHERE,
    ) -> list[Row]:  # fmt: skip
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
            self._database.ask("sum_workload", **known, people=people or None),
            self._time.totals(workspace_id, wanted, "person", start, end, now),
        )
        spent = {sheet["id"]: sheet["minutes"] for sheet in sheets if sheet["id"] is not None}
        return [row | {"tracked_minutes": spent.get(row["clickup_user_id"], 0)} for row in rows]
