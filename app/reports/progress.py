"""Questions about what came, what was done, and how well it was estimated."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal

from app.core.answers.fields import (
    Archived,
    Assignees,
    Created,
    DueDate,
    EmployeeIds,
    Estimate,
    FolderId,
    FolderName,
    InWords,
    ListId,
    ListName,
    Priority,
    SpaceId,
    SpaceName,
    Status,
    StatusChanged,
    StatusType,
    TaskId,
    TaskUrl,
    Title,
    Tracked,
    Updated,
    said,
)
from app.core.answers.sums import GroupEmployee, GroupId, GroupName, Progress, TaskSums, beside_time
from app.reports.places import Within
from app.reports.time import TimeFilter, TimeReports
from app.sql.typed_rows import Query
from app.supabase_db import AskedDatabase

# Whose or what each row's figures are; `all`: one row.
Of = Literal["all", "space", "list", "person"]
_EVERYWHERE = Within()


@dataclass(frozen=True, slots=True)
class StatusCount:
    """How many tasks are in a status; without those that are deleted or archived, or in an archived place."""

    status: Status
    status_type: StatusType
    tasks: Annotated[int, said("How many tasks are in it", 31)]
    overdue: Annotated[int, said("Of them: open, and due before today", 4)]


@dataclass(frozen=True, slots=True)
class CreatedAndDone:
    """How many tasks were created, and how many done."""

    created: int
    done: int


@dataclass(frozen=True, slots=True)
class CompletedTask:
    """A task that was done."""

    clickup_task_id: TaskId
    title: Title
    status: Status
    status_type: StatusType
    priority: Priority
    assignee_name: Assignees
    employee_ids: EmployeeIds
    space_id: SpaceId
    space_name: SpaceName
    folder_id: FolderId
    folder_name: FolderName
    list_id: ListId
    list_name: ListName
    url: TaskUrl
    due_date: DueDate
    done_at: Annotated[datetime | None, InWords.INSTANT, said("When it was done")]
    date_created: Created
    date_updated: Updated
    last_status_change: StatusChanged
    time_estimate_minutes: Estimate
    tracked_minutes: Tracked
    archived: Archived


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How the time of tasks that were done compares with their estimates.

    `over`, `under` and `close` (within 20 % of the estimate) are of tasks that have both.
    """

    id: GroupId
    employee_id: GroupEmployee
    name: GroupName
    tasks: Annotated[int, said("Tasks that were done then", 9)]
    estimated_minutes: Annotated[
        int, InWords.MINUTES, said("Of those with estimate and time: the estimates, whole minutes", 600)
    ]
    tracked_minutes: Annotated[
        int, InWords.MINUTES, said("Of those with estimate and time: the time, whole minutes", 750)
    ]
    percent: Annotated[
        int | None, said("The time in percent of the estimates, cut off; null without any", 125)
    ]
    over: Annotated[int, said("More than 120 % of their estimate", 2)]
    under: Annotated[int, said("Less than 80 % of it", 1)]
    close: Annotated[int, said("Between the two", 3)]
    without_estimate: Annotated[int, said("Without an estimate", 2)]
    without_time: Annotated[int, said("With an estimate and without time", 1)]


COUNT_STATUSES = Query("count_statuses", StatusCount)
SUM_PROGRESS = Query("sum_progress", TaskSums)
COUNT_CREATED_AND_DONE = Query("count_created_and_done", CreatedAndDone)
COUNT_COMPLETED = Query("count_completed", int)
LIST_COMPLETED = Query("list_completed", CompletedTask)
SUM_ACCURACY = Query("sum_accuracy", Accuracy)


class ProgressReports:
    """What happened in a stretch of time [start, end), of two instants.

    `people`: by ClickUp's ids; tasks that one of them is assigned to, and their own time. Rows by person have
    ClickUp's id in `id` and `employees.id` in `employee_id`; a task with several assignees is in the row of
    each, one without any in that of nobody, whose `id` is None.
    """

    def __init__(self, database: AskedDatabase, time: TimeReports) -> None:
        self._database = database
        self._time = time

    async def count_statuses(
        self, workspace_id: str, *, today: date, within: Within = _EVERYWHERE,
        people: Sequence[str] | None = None,
    ) -> list[StatusCount]:  # fmt: skip
        """Tasks in each status, and how many of them are overdue; without archived ones."""
        known = _params(workspace_id, within, people)
        return await self._database.rows(COUNT_STATUSES, **known, today=today)

    async def since(
        self, workspace_id: str, start: datetime, end: datetime, *, by: Of, within: Within = _EVERYWHERE,
        people: Sequence[str] | None = None,
    ) -> list[Progress]:  # fmt: skip
        """Tasks created, done, deleted, and last changed then; time that was finished then; and tasks that
        are open now. By name; a row for whoever or whatever has any of them, and by `all` always one.
        """
        known = _params(workspace_id, within, people)
        wanted = TimeFilter(people, within, deleted="exclude")
        rows, sheets = await asyncio.gather(
            self._database.rows(SUM_PROGRESS, **known, by=by, start=start, end=end),
            self._time.totals(workspace_id, wanted, by, start, end, end),
        )
        if by == "all":
            rows = rows or [TaskSums(None, None, None, 0, 0, 0, 0, 0)]
        return beside_time(rows, sheets)

    async def created_and_done(self, workspace_id: str, start: datetime, end: datetime) -> CreatedAndDone:
        """How many tasks were `created`, and how many `done`, then."""
        span = {"workspace_id": workspace_id, "start": start, "end": end}
        return await self._database.one(COUNT_CREATED_AND_DONE, **span)

    async def count_completed(
        self, workspace_id: str, start: datetime, end: datetime, *, within: Within = _EVERYWHERE,
        people: Sequence[str] | None = None,
    ) -> int:  # fmt: skip
        """How many tasks were done then."""
        known = _params(workspace_id, within, people)
        return await self._database.one(COUNT_COMPLETED, **known, start=start, end=end)

    async def completed(
        self, workspace_id: str, start: datetime, end: datetime, *, within: Within = _EVERYWHERE,
        people: Sequence[str] | None = None, limit: int, offset: int = 0,
    ) -> list[CompletedTask]:  # fmt: skip
        """Those from an offset on, the latest first."""
        known = _params(workspace_id, within, people) | {"limit": limit, "offset": offset}
        return await self._database.rows(LIST_COMPLETED, **known, start=start, end=end)

    async def accuracy(
        self, workspace_id: str, start: datetime, end: datetime, *, by: Of, within: Within = _EVERYWHERE,
        people: Sequence[str] | None = None,
    ) -> list[Accuracy]:  # fmt: skip
        """How the time of tasks that were done then compares with their estimates; by person the whole time
        of their tasks is compared, whoever spent it.
        """
        known = _params(workspace_id, within, people)
        return await self._database.rows(SUM_ACCURACY, **known, by=by, start=start, end=end)


def _params(workspace_id: str, within: Within, people: Sequence[str] | None) -> dict[str, Any]:
    return within.params() | {"workspace_id": workspace_id, "people": people or None}
