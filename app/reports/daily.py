"""Questions about the daily snapshots."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from app.core.answers.day import day_of, whole_day
from app.core.answers.fields import (
    DueDate,
    Estimate,
    FolderName,
    ListName,
    Number,
    OptionalTitle,
    Priority,
    SpaceName,
    StartDate,
    Status,
    StatusChanged,
    StatusType,
    TaskId,
    WorkspaceId,
    narrow,
    said,
)
from app.sql.typed_rows import Query
from app.supabase_db import Database, Transaction


@dataclass(frozen=True, slots=True)
class DailyTask:
    """A task as it stood in the snapshot."""

    id: Annotated[UUID, said("The row's own id, another one in each snapshot")]
    workspace_id: WorkspaceId
    clickup_task_id: TaskId
    title: OptionalTitle
    description: Annotated[str | None, said("Plain text")]
    status: Status
    tags: Annotated[list[str] | None, said("Tags", ["billing"])]
    priority: Priority
    start_times: Annotated[
        list[str | None] | None,
        said("Starts of all its sessions, latest first; one index of both lists is one session"),
    ]
    end_times: Annotated[list[str | None] | None, said("Their ends; null while one runs")]
    tracked_minutes: Annotated[int | None, said("Whole minutes of all its finished sessions", 125)]
    status_type: StatusType
    type: Annotated[str | None, said("Task type: Task, Milestone, or one of the workspace's own", "Task")]
    assignee_name: Annotated[list[str] | None, said("Names of all assignees", ["Ada Lovelace"])]
    assigned_by: Annotated[str | None, said("Who created the task", "Ada Lovelace")]
    due_date: DueDate
    assigned_comment: Annotated[
        str | None,
        said("Comments that are assigned and not resolved, newest first, separated by ` | `"),
    ]
    date_created: Annotated[datetime | None, said("When it was created")]
    date_closed: Annotated[datetime | None, said("When it was closed; null while it is not")]
    time_estimate_minutes: Estimate
    start_date: StartDate
    space_name: SpaceName
    folder_name: FolderName
    list_name: ListName
    followers: Annotated[list[str] | None, said("Who watches it")]
    summary: Annotated[str | None, said("Custom field of that name")]
    sprint_points: Annotated[Number | None, said("Sprint points", 3)]
    dependencies: Annotated[dict[str, list[str]] | None, said("ClickUp ids by waiting_on, blocking, linked")]
    last_status_change: StatusChanged
    clickup_user_id: Annotated[
        str | None, said("ClickUp's ids of all assignees, in order, separated by commas")
    ]


@dataclass(frozen=True, slots=True)
class _SnapshotTask(DailyTask):
    snapshot_date: date | None
    taken_at: datetime | None


@dataclass(frozen=True, slots=True)
class SnapshotDate:
    """One day of which a snapshot is kept."""

    day: Annotated[date, said("The day in the zone of the installation", "2026-01-05", name="date")]
    tasks: Annotated[int, said("How many tasks it has", 17)]
    taken_at: Annotated[datetime, said("When it was taken")]


@dataclass(frozen=True, slots=True)
class _DailyRun:
    started_at: datetime
    ended_at: datetime | None


LIST_DAILY_SYNC = Query("list_daily_sync", _SnapshotTask)
LIST_DAILY_SNAPSHOT = Query("list_daily_snapshot", _SnapshotTask)
COUNT_DAILY_SYNC = Query("count_daily_sync", int)
COUNT_DAILY_SNAPSHOT = Query("count_daily_snapshot", int)
GET_LAST_DAILY_RUN = Query("get_last_daily_run", _DailyRun)
LIST_SNAPSHOT_DATES = Query("list_snapshot_dates", SnapshotDate)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Tasks of one snapshot: of which day, and when it was taken; None where none was taken yet."""

    date: date | None
    taken_at: datetime | None
    tasks: list[DailyTask]


class DailyReports:
    """The last snapshot, and the last one of each day; `day` None is the last one of all."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self, workspace_id: str, day: date | None) -> int:
        """How many tasks the snapshot has."""
        query = COUNT_DAILY_SNAPSHOT if day else COUNT_DAILY_SYNC
        return await self._database.one(query, workspace_id=workspace_id, day=day)

    async def parts(
        self, workspace_id: str, day: date | None, zone: ZoneInfo, at_once: int
    ) -> AsyncGenerator[Snapshot, None]:
        """The snapshot, so many tasks at once, whole though another one replaces it meanwhile.

        One part at least, and none for a day that has no snapshot. One in which no task was is known by its
        run, as long as that is kept.
        """
        async with self._database.reading() as tx:
            await tx.note("see_one_state")
            known = {"workspace_id": workspace_id, "day": day, "limit": at_once}
            query = LIST_DAILY_SNAPSHOT if day else LIST_DAILY_SYNC
            rows = await tx.rows(query, **known, after_id=None)
            if not rows and (empty := await _without_tasks(tx, workspace_id, day, zone)):
                yield empty
            while rows:
                yield _snapshot(rows)
                rows = await tx.rows(query, **known, after_id=rows[-1].clickup_task_id)

    async def dates(self, workspace_id: str, before: date | None, limit: int) -> list[SnapshotDate]:
        """The days of which one is kept, latest first."""
        return await self._database.rows(
            LIST_SNAPSHOT_DATES, workspace_id=workspace_id, before=before, limit=limit
        )


async def _without_tasks(
    tx: Transaction, workspace_id: str, day: date | None, zone: ZoneInfo
) -> Snapshot | None:
    """The snapshot that left no row; None for a day that has none."""
    within = whole_day(day, zone) if day else None
    runs = await tx.rows(
        GET_LAST_DAILY_RUN,
        workspace_id=workspace_id,
        start=within.start if within else None,
        end=within.end if within else None,
    )
    if runs:
        return Snapshot(day_of(runs[0].started_at, zone).date, runs[0].ended_at, [])
    return None if day else Snapshot(None, None, [])


def _snapshot(rows: list[_SnapshotTask]) -> Snapshot:
    """The rows without what they all have in common."""
    return Snapshot(rows[0].snapshot_date, rows[0].taken_at, [narrow(DailyTask, row) for row in rows])
