"""Questions about flow over time: tasks in each status, scope and done, how long it took, moved due dates."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from app.core.answers.fields import (
    Assignees,
    Created,
    DueDate,
    ForAssistants,
    InWords,
    ListId,
    ListName,
    Number,
    Status,
    StatusType,
    TaskId,
    TaskUrl,
    Title,
    Written,
    narrow,
    said,
    widen,
)
from app.core.answers.formats import WeekStart
from app.core.answers.timesheet import PartDate, Per, part_bounds, part_dates
from app.reports.places import Within
from app.reports.tasks import TaskPriority, TaskStatusType
from app.sql.typed_rows import Query
from app.supabase_db import Database

FlowOf = Literal["status", "status_type"]
Unit = Literal["tasks", "points", "estimate"]
# Of whom or what moved due dates are; `person`: who moved them.
MovesOf = Literal["all", "person", "task", "list", "space"]

_P50 = "Half of the tasks took no longer; null where none is known"
_P85 = "85 % of the tasks took no longer; null where none is known"
_Time = Annotated[int | None, InWords.MINUTES, said(_P50, 2_880)]
_LongTime = Annotated[int | None, InWords.MINUTES, said(_P85, 14_400)]
Earliest = Annotated[datetime, said("The change happened then or later")]
Latest = Annotated[datetime, said("The change happened then or earlier")]
ChangedAt = Annotated[datetime, InWords.INSTANT, said("The instant that is reckoned with, between the two")]
ChangedBy = Annotated[str | None, said("ClickUp's id of who changed it; null where that is unknown", "183")]
ChangedByEmployee = Annotated[UUID | None, ForAssistants.NEVER, said("The same person in `/employees`")]
ChangedByName = Annotated[str | None, Written.LINE, said("That person's name", "Ada Lovelace")]


@dataclass(frozen=True, slots=True)
class Parts:
    """Days, both included, in a zone, and what they are divided into, up to `now`."""

    first: date
    last: date
    zone: ZoneInfo
    now: datetime
    per: Per = "day"
    week_start: WeekStart = "monday"

    @property
    def dates(self) -> list[date]:
        """The first day of each part."""
        return part_dates(self.first, self.last, self.per, self.week_start)

    @property
    def bounds(self) -> list[datetime]:
        """When each part begins, and when the last one ends."""
        return part_bounds(self.first, self.last, self.zone, self.per, self.week_start)

    def params(self, since: datetime) -> dict[str, Any]:
        """As the queries take them; nothing is known before `since`."""
        bounds = self.bounds
        return {
            "bounds": bounds, "start": max(bounds[0], since), "end": bounds[-1], "since": since,
            "now": self.now,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class ChosenTasks:
    """Which tasks, by what they are now; None lets everything pass. `assignees`: ClickUp's ids."""

    within: Within = field(default_factory=Within)
    assignees: Sequence[str] | None = None
    tags: Sequence[str] | None = None
    priorities: Sequence[TaskPriority] | None = None

    def params(self, workspace_id: str) -> dict[str, Any]:
        """As the queries take them; an empty list means "not filtered"."""
        own = {name: list(getattr(self, name) or ()) or None for name in ("assignees", "tags", "priorities")}
        return own | self.within.params() | {"workspace_id": workspace_id}


@dataclass(frozen=True, slots=True)
class FlowCount:
    """How many tasks were in a status, or in those of a type, at the end of a day, week or month."""

    day: PartDate
    status: Annotated[str | None, said("Status; null where rows are of types", "in progress")]
    status_type: StatusType
    tasks: Annotated[int, said("Tasks in it then; without rows of 0", 31)]


@dataclass(frozen=True, slots=True)
class _FlowPart:
    number: int
    status: str | None
    status_type: str | None
    tasks: int


@dataclass(frozen=True, slots=True)
class _FlowSums:
    counts: list[_FlowPart]
    imprecise: int


@dataclass(frozen=True, slots=True)
class Flow:
    """The counts, by day, and how many changes are among them whose day is not certain."""

    counts: list[FlowCount]
    imprecise: int


@dataclass(frozen=True, slots=True)
class ScopeFilter:
    """What is in scope, as it was then: tasks of these lists (or of those that are in these places now), with
    one of these tags, and with this value of the custom field.
    """

    within: Within = field(default_factory=Within)
    tags: Sequence[str] | None = None
    custom_field: tuple[str, str] | None = None

    def params(self, workspace_id: str) -> dict[str, Any]:
        """As the query takes them."""
        name, value = self.custom_field or (None, None)
        own = {"tags": list(self.tags or ()) or None, "field": name, "value": value}
        places = replace(self.within, tasks=None).params()
        return places | own | {"workspace_id": workspace_id}


@dataclass(frozen=True, slots=True)
class _ScopeFigures:
    scope: Annotated[Number, said("In scope at the end of it: tasks, points, or minutes of estimates", 40)]
    done: Annotated[Number, said("Of that: done or closed", 12)]
    added: Annotated[Number, said("What came into scope, or grew, in it", 3)]
    removed: Annotated[Number, said("What left the scope, or shrank, in it", 1)]
    imprecise: Annotated[int, said("Tasks that moved one of these, perhaps on an earlier day", 0)]


@dataclass(frozen=True, slots=True)
class _BurnupSum(_ScopeFigures):
    number: int


@dataclass(frozen=True, slots=True)
class BurnupPart(_ScopeFigures):
    """One day, week or month of a burn-up."""

    day: PartDate


@dataclass(frozen=True, slots=True)
class CycleFigures:
    """How long tasks took that were done in a stretch of time. Minutes are whole ones, cut off."""

    tasks: Annotated[int, said("Tasks that were done then", 9)]
    lead_minutes_p50: _Time
    lead_minutes_p85: _LongTime
    cycle_minutes_p50: _Time
    cycle_minutes_p85: _LongTime
    without_cycle: Annotated[int, said("Tasks that were in no active status, as far as is known", 1)]
    imprecise: Annotated[int, said("Tasks whose first activity is not known to the minute", 2)]


@dataclass(frozen=True, slots=True)
class _CycleSum(CycleFigures):
    number: int | None


@dataclass(frozen=True, slots=True)
class CyclePart(CycleFigures):
    """Of one day, week or month of completion."""

    day: PartDate


@dataclass(frozen=True, slots=True)
class StatusTime:
    """How long the tasks were in a status before they were done."""

    status: Status
    status_type: StatusType
    tasks: Annotated[int, said("Tasks that were in it", 9)]
    minutes_p50: _Time
    minutes_p85: _LongTime
    minutes: Annotated[int, InWords.MINUTES, said("All their minutes in it", 40_000)]
    imprecise: Annotated[int, said("Tasks that entered it at a time not known to the minute", 2)]


@dataclass(frozen=True, slots=True)
class CycleTask:
    """A task that was done, and how long it took."""

    clickup_task_id: TaskId
    title: Title
    url: TaskUrl
    assignee_name: Assignees
    list_id: ListId
    list_name: ListName
    date_created: Created
    active_at: Annotated[datetime | None, said("When it first was neither open nor done, as far as is known")]
    active_earliest: Annotated[datetime | None, said("That happened then or later; null where unknown")]
    active_latest: Annotated[datetime | None, said("That happened then or earlier")]
    done_at: Annotated[datetime, InWords.INSTANT, said("When it was done")]
    lead_minutes: Annotated[int | None, InWords.MINUTES, said("From creation to done", 2_880)]
    cycle_minutes: Annotated[int | None, InWords.MINUTES, said("From the first activity to done", 1_440)]


@dataclass(frozen=True, slots=True)
class CycleTimes:
    """In all, by day, week or month, by status, and the latest tasks one by one."""

    total: CycleFigures
    parts: list[CyclePart]
    statuses: list[StatusTime]
    tasks: list[CycleTask]


@dataclass(frozen=True, slots=True)
class DueDateMoves:
    """How often due dates were moved or removed, by whom or of what."""

    id: Annotated[
        str | None, said("ClickUp's id of the person, task, list or space; null for unknown, and all", "183")
    ]
    employee_id: Annotated[UUID | None, said("The person in `/employees`; null for all others")]
    name: Annotated[str | None, Written.LINE, said("Name of the person, task, list or space", "Ada Lovelace")]
    tasks: Annotated[int, said("Tasks whose due date was moved", 4)]
    changes: Annotated[int, said("How often", 7)]
    later: Annotated[int, said("Of these changes: to a later day", 5)]
    earlier: Annotated[int, said("To an earlier day", 1)]
    removed: Annotated[int, said("Removed", 1)]
    days: Annotated[int, said("Days later, less days earlier", 23)]
    imprecise: Annotated[int, said("Changes whose time is not known to the minute", 0)]


@dataclass(frozen=True, slots=True)
class DueDateChange:
    """One due date that was moved or removed."""

    clickup_task_id: TaskId
    title: Title
    url: TaskUrl
    list_id: ListId
    list_name: ListName
    due_date: DueDate
    before: Annotated[date, said("The due day before", "2026-11-20")]
    after: Annotated[date | None, said("The due day after; null where it was removed", "2026-11-27")]
    days: Annotated[int | None, said("Days later; negative: earlier; null where it was removed", 7)]
    changed_at: ChangedAt
    earliest: Earliest
    latest: Latest
    user_id: ChangedBy
    employee_id: ChangedByEmployee
    user_name: ChangedByName


@dataclass(frozen=True, slots=True)
class DueDateChanges:
    """Moved due dates: by whom or of what, the single ones, and how many these are."""

    moves: list[DueDateMoves]
    changes: list[DueDateChange]
    total: int


SUM_FLOW = Query("sum_flow", _FlowSums)
SUM_BURNUP = Query("sum_burnup", _BurnupSum)
SUM_CYCLE_TIMES = Query("sum_cycle_times", _CycleSum)
SUM_STATUS_TIMES = Query("sum_status_times", StatusTime)
LIST_CYCLE_TIMES = Query("list_cycle_times", CycleTask)
SUM_DUE_DATE_CHANGES = Query("sum_due_date_changes", DueDateMoves)
LIST_DUE_DATE_CHANGES = Query("list_due_date_changes", DueDateChange)
COUNT_DUE_DATE_CHANGES = Query("count_due_date_changes", int)


class FlowReports:
    """Flow over time, from what history has recorded: days before it began have no rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def flow(
        self, workspace_id: str, parts: Parts, since: datetime, *, by: FlowOf = "status",
        chosen: ChosenTasks | None = None, statuses: Sequence[str] | None = None,
        status_types: Sequence[TaskStatusType] | None = None,
    ) -> Flow:  # fmt: skip
        """How many of the tasks were in each of the statuses at the end of each part; of the present: now."""
        found, *_ = await self._database.rows_of_many(
            SUM_FLOW,
            **(chosen or ChosenTasks()).params(workspace_id),
            **parts.params(since),
            by=by,
            statuses=list(statuses or ()) or None,
            status_types=list(status_types or ()) or None,
        )
        dates = parts.dates
        counts = [
            FlowCount(dates[row.number - 1], row.status, row.status_type, row.tasks) for row in found.counts
        ]
        return Flow(counts, found.imprecise)

    async def burnup(
        self, workspace_id: str, parts: Parts, since: datetime, scope: ScopeFilter, unit: Unit = "tasks"
    ) -> list[BurnupPart]:
        """What was in scope and done at the end of each part."""
        rows = await self._database.rows_of_many(
            SUM_BURNUP, **scope.params(workspace_id), **parts.params(since), unit=unit
        )
        dates = parts.dates
        return [widen(BurnupPart, narrow(_ScopeFigures, row), day=dates[row.number - 1]) for row in rows]

    async def cycle_times(
        self, workspace_id: str, parts: Parts, chosen: ChosenTasks, *, limit: int, offset: int = 0
    ) -> CycleTimes:
        """How long the tasks took that were done then."""
        rows, bounds = self._database.rows, parts.bounds
        known = chosen.params(workspace_id) | {"start": bounds[0], "end": bounds[-1]}
        sums, statuses, tasks = await asyncio.gather(
            rows(SUM_CYCLE_TIMES, **known, bounds=bounds),
            rows(SUM_STATUS_TIMES, **known),
            rows(LIST_CYCLE_TIMES, **known, limit=limit, offset=offset),
        )
        dates = parts.dates
        by_part = [
            widen(CyclePart, narrow(CycleFigures, row), day=dates[row.number - 1])
            for row in sums
            if row.number is not None
        ]
        return CycleTimes(narrow(CycleFigures, sums[0]), by_part, statuses, tasks)

    async def due_date_changes(
        self, workspace_id: str, start: datetime, end: datetime, *, by: MovesOf, chosen: ChosenTasks,
        people: Sequence[str] | None = None, limit: int, offset: int = 0,
    ) -> DueDateChanges:  # fmt: skip
        """Due dates that were moved or removed in [start, end), by one of these people."""
        known = chosen.params(workspace_id) | {
            "start": start,
            "end": end,
            "people": list(people or ()) or None,
        }
        moves, changes, total = await asyncio.gather(
            self._database.rows(SUM_DUE_DATE_CHANGES, **known, by=by, limit=limit),
            self._database.rows(LIST_DUE_DATE_CHANGES, **known, limit=limit, offset=offset),
            self._database.one(COUNT_DUE_DATE_CHANGES, **known),
        )
        return DueDateChanges(moves, changes, total)
