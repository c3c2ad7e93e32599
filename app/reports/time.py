"""Questions about time: entries one by one, and timesheets."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from app.core.answers.fields import (
    FolderId,
    FolderName,
    ForAssistants,
    InWords,
    ListId,
    ListName,
    RowUpdated,
    SpaceId,
    SpaceName,
    Unreadable,
    Written,
    said,
)
from app.core.answers.formats import WeekStart
from app.core.answers.paging import Cursor, digest
from app.core.answers.timesheet import (
    AnySheet,
    Per,
    SheetTotal,
    TimeSum,
    part_bounds,
    part_dates,
    read_sheets,
)
from app.core.clickup.stamps import to_millis
from app.reports.keyset import LastWrite, Page, beginning, newest_first, place_params
from app.reports.places import Within
from app.reports.tasks import Deleted
from app.sql.typed_rows import Query
from app.supabase_db import AskedDatabase

# What each sheet is of; `all`: one sheet of everybody's time.
By = Literal["person", "task", "list", "space", "all"]


@dataclass(frozen=True, slots=True)
class TimeEntry:
    """A session of work as ClickUp keeps it."""

    clickup_entry_id: Annotated[str, said("ClickUp's id", "3872123456789012345")]
    clickup_user_id: Annotated[
        str | None, said("ClickUp's id of the person; null where it sent nobody", "183")
    ]
    employee_id: Annotated[UUID | None, said("The person in `/employees`; null for who is not there")]
    user_name: Annotated[str | None, Written.LINE, said("The person's name", "Ada Lovelace")]
    clickup_task_id: Annotated[
        str | None, said("ClickUp's id of the task; null for time without one", "86abc1")
    ]
    task_title: Annotated[
        str | None, Written.LINE, said("The task's name; null where the mirror does not know it")
    ]
    task_url: Annotated[str | None, said("Where the task is in ClickUp")]
    is_task_deleted: Annotated[
        bool | None, said("The task was deleted in ClickUp; null where the mirror knows none")
    ]
    list_id: ListId
    list_name: ListName
    folder_id: FolderId
    folder_name: FolderName
    space_id: SpaceId
    space_name: SpaceName
    started_at: Annotated[
        datetime | None, InWords.INSTANT, said("The start; null where time was logged as an amount")
    ]
    ended_at: Annotated[datetime | None, said("The end; null while it runs, or logged as an amount")]
    duration_ms: Annotated[
        int | None, ForAssistants.NEVER, said("Milliseconds; null while it runs or if unreadable", 5_400_123)
    ]
    minutes: Annotated[
        int | None,
        InWords.MINUTES,
        said("Whole minutes of it, cut off; null while it runs or if unreadable", 90),
    ]
    is_running: Annotated[bool, said("The timer runs")]
    billable: Annotated[bool | None, said("Billable; null where ClickUp did not tell")]
    description: Annotated[str | None, Written.LINE, said("What was written beside it")]
    tags: Annotated[
        list[str] | None, Written.LINE, said("Its tags; null where ClickUp did not tell", ["meeting"])
    ]
    entry_updated_at: Annotated[datetime | None, ForAssistants.NEVER, said("When it last changed in ClickUp")]
    unreadable_fields: Unreadable
    updated_at: RowUpdated


LAST_ENTRY_WRITE = Query("get_last_entry_write", LastWrite)
LIST_ENTRIES = Query("list_entries", TimeEntry)
COUNT_ENTRIES = Query("count_entries", int)
SUM_TIME = Query("sum_time", TimeSum)


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

    `per`: what each sheet is divided into. Weeks begin on the day of `week_start`, months on their
    first, and both are cut at the first and last day.
    """

    first: date
    last: date
    zone: ZoneInfo
    by: By
    wanted: TimeFilter
    per: Per = "day"
    week_start: WeekStart = "monday"

    @property
    def dates(self) -> list[date]:
        """The first day of each part."""
        return part_dates(self.first, self.last, self.per, self.week_start)


@dataclass(frozen=True, slots=True)
class Timesheets:
    """Timers that run are counted up to `as_of`."""

    as_of: datetime
    total: SheetTotal
    sheets: list[AnySheet]


class TimeReports:
    """Time, entry by entry and day by day."""

    def __init__(self, database: AskedDatabase) -> None:
        self._database = database

    async def count(self, workspace_id: str, wanted: TimeFilter) -> int:
        """How many entries pass the filter."""
        return await self._database.one(COUNT_ENTRIES, **wanted.params(workspace_id))

    async def page(
        self, workspace_id: str, wanted: TimeFilter, cursor: Cursor | None, limit: int
    ) -> Page[TimeEntry]:
        """Entries, newest start first, those without one last: the first page, or that at the cursor."""

        async def list_rows(place: Cursor, most: int) -> list[TimeEntry]:
            known = wanted.params(workspace_id) | place_params(place, most)
            return await self._database.rows(LIST_ENTRIES, **known)

        walk = newest_first(
            lambda entry: entry.clickup_entry_id,
            lambda entry: entry.started_at,
            lambda entry: entry.updated_at,
            list_rows,
        )
        begin = cursor or await beginning(self._database, LAST_ENTRY_WRITE, workspace_id, wanted.question)
        return await walk.page(begin, limit)

    async def sheets(self, workspace_id: str, asked: TimesheetQuery, now: datetime) -> Timesheets:
        """Time by day, week or month; an entry that reaches over a bound stands on both sides, cut there."""
        bounds = part_bounds(asked.first, asked.last, asked.zone, asked.per, asked.week_start)
        rows = await self._sum(workspace_id, asked.wanted, asked.by, bounds, now)
        return Timesheets(now, *read_sheets(rows, asked.dates, asked.per))

    async def totals(
        self, workspace_id: str, wanted: TimeFilter, by: By, start: datetime, end: datetime, now: datetime
    ) -> list[AnySheet]:
        """The sheets' sums alone, of the time in [start, end), whatever bounds `wanted` has."""
        rows = await self._sum(workspace_id, wanted, by, [start, end], now)
        return read_sheets(rows, [], "total")[1]

    async def _sum(
        self, workspace_id: str, wanted: TimeFilter, by: By, bounds: list[datetime], now: datetime
    ) -> list[TimeSum]:
        params = wanted.params(workspace_id) | {"start": bounds[0], "end": bounds[-1]}
        in_millis = [to_millis(bound) for bound in bounds]
        return await self._database.rows(SUM_TIME, **params, by=by, bounds=in_millis, now_ms=to_millis(now))
