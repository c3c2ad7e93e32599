"""Questions about time: entries one by one, and timesheets."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from app.core.answers.paging import Cursor, digest
from app.core.answers.timesheet import Figures, Per, part_bounds, part_dates, read_sheets
from app.core.clickup.stamps import to_millis
from app.reports.keyset import Page, beginning, newest_first, place_params
from app.reports.places import Within
from app.reports.tasks import Deleted
from app.supabase_db import Database, Row

# What each sheet is of; `all`: one sheet of everybody's time.
By = Literal["person", "task", "list", "space", "all"]


@dataclass(frozen=True, slots=True)
class TimeFilter:
    """Which entries; what is None lets everything pass, several values of one filter mean any of them.

    `people`: ClickUp's ids. Entries that begin in [start, end) or reach into it; with either of them none
    without a start. `deleted`: whether the entry's task is.
    """

    people: Sequence[str] | None = None
    within: Within = field(default_factory=Within)
    start: datetime | None = None
    end: datetime | None = None
    running: bool | None = None
    deleted: Deleted = "include"

    def params(self, workspace_id: str) -> dict[str, Any]:
        """As the queries take them."""
        own = {name: getattr(self, name) for name in ("start", "end", "running", "deleted")}
        return own | {"people": self.people or None} | self.within.params() | {"workspace_id": workspace_id}

    @property
    def question(self) -> str:
        """What a cursor is good for."""
        return digest(asdict(self) | {"list": "time entries"})


@dataclass(frozen=True, slots=True)
class TimesheetQuery:
    """The days of a timesheet, both included, in which zone, by what, and whose time.

    `per`: what each sheet is divided into. Weeks begin on Monday, months on their
    first, and both are cut at the first and last day.
    """

    first: date
    last: date
    zone: ZoneInfo
    by: By
    wanted: TimeFilter
    per: Per = "day"


@dataclass(frozen=True, slots=True)
class Timesheets:
    """Timers that run are counted up to `as_of`."""

    as_of: datetime
    total: Figures
    sheets: list[Figures]


class TimeReports:
    """Time, entry by entry and day by day."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self, workspace_id: str, wanted: TimeFilter) -> int:
        """How many entries pass the filter."""
        rows = await self._database.ask("count_entries", **wanted.params(workspace_id))
        return int(rows[0]["total"])

    async def page(self, workspace_id: str, wanted: TimeFilter, cursor: Cursor | None, limit: int) -> Page:
        """Entries, newest start first, those without one last: the first page, or that at the cursor."""

        async def list_rows(place: Cursor, most: int) -> list[Row]:
            known = wanted.params(workspace_id) | place_params(place, most)
            return await self._database.ask("list_entries", **known)

        walk = newest_first("clickup_entry_id", "started_at", "updated_at", list_rows)
        begin = cursor or await beginning(
            self._database, "get_last_entry_write", workspace_id, wanted.question
        )
        return await walk.page(begin, limit)

    async def sheets(self, workspace_id: str, asked: TimesheetQuery, now: datetime) -> Timesheets:
        """Time by day, week or month; an entry that reaches over a bound stands on both sides, cut there."""
        bounds = part_bounds(asked.first, asked.last, asked.zone, asked.per)
        rows = await self._sum(workspace_id, asked.wanted, asked.by, bounds, now)
        return Timesheets(now, *read_sheets(rows, part_dates(asked.first, asked.last, asked.per), asked.per))

    async def totals(
        self, workspace_id: str, wanted: TimeFilter, by: By, start: datetime, end: datetime, now: datetime
    ) -> list[Figures]:
        """The sheets' sums alone, of the time in [start, end), whatever bounds `wanted` has."""
        rows = await self._sum(workspace_id, wanted, by, [start, end], now)
        return read_sheets(rows, [], "total")[1]

    async def _sum(
        self, workspace_id: str, wanted: TimeFilter, by: By, bounds: list[datetime], now: datetime
    ) -> list[Row]:
        params = wanted.params(workspace_id) | {"start": bounds[0], "end": bounds[-1]}
        in_millis = [to_millis(bound) for bound in bounds]
        return await self._database.ask("sum_time", **params, by=by, bounds=in_millis, now_ms=to_millis(now))
