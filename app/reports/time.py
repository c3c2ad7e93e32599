"""Questions about time: entries one by one, and timesheets."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from app.core.paging import Cursor, digest
from app.core.stamps import to_millis
from app.core.timesheet import Figures, day_bounds, read_sheets
from app.reports.places import Within
from app.reports.tasks import Deleted
from app.reports.walks import Page, beginning, newest_first, place_params
from app.supabase_db import Database, Row

By = Literal["person", "list", "space"]


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
        own = {name: getattr(self, name) for name in ("people", "start", "end", "running", "deleted")}
        return own | self.within.params() | {"workspace_id": workspace_id}

    @property
    def question(self) -> str:
        """What a cursor is good for."""
        return digest(asdict(self) | {"list": "time entries"})


@dataclass(frozen=True, slots=True)
class SheetQuestion:
    """The days of a timesheet, both included, in which zone, by what, and whose time."""

    first: date
    last: date
    zone: ZoneInfo
    by: By
    wanted: TimeFilter


@dataclass(frozen=True, slots=True)
class Timesheets:
    """Timers that run are counted up to `as_of`."""

    as_of: datetime
    total: Figures
    sheets: list[Figures]


class TimeQuestions:
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
        return await walk.page(cursor or beginning(wanted.question), limit)

    async def sheets(self, workspace_id: str, asked: SheetQuestion, now: datetime) -> Timesheets:
        """Time by day; an entry that crosses midnight stands on both days."""
        bounds = day_bounds(asked.first, asked.last, asked.zone)
        params = asked.wanted.params(workspace_id) | {"start": bounds[0], "end": bounds[-1]}
        rows = await self._database.ask(
            "sum_time",
            **params,
            by=asked.by,
            bounds=[to_millis(bound) for bound in bounds],
            now_ms=to_millis(now),
        )
        return Timesheets(now, *read_sheets(rows, asked.first))
