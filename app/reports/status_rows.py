"""What a status is made of, row by row."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from app.core.answers.fields import InWords, Written, said
from app.core.sync.refusal import RefusalKind
from app.core.sync.run_kind import JobName
from app.reports.runs import (
    Counts,
    EndedAt,
    ErrorOfRun,
    FaultOfRun,
    KindOfRun,
    Notes,
    ProgressOfRun,
    Requests,
    RowsWritten,
    RunId,
    StatusOfRun,
    Trigger,
)
from app.sql.typed_rows import Query

JobState = Literal["scheduled", "waiting", "running", "stalled"]


@dataclass(frozen=True, slots=True)
class WorkspaceState:
    """A workspace that is mirrored, or that a worker is trying to mirror."""

    workspace_id: Annotated[str, said("ClickUp's id", "9000003")]
    name: Annotated[str, Written.LINE, said("Its name; the id while it is not known")]
    token_user_name: Annotated[str | None, said("Whose token synced last")]
    token_role: Annotated[str | None, said("That person's role here", "owner")]
    rendered_zone: Annotated[str | None, said("The zone in which session texts are written", "Europe/Berlin")]


@dataclass(frozen=True, slots=True)
class MirrorCounts:
    """How much the mirror holds; time and comments of deleted tasks do not count."""

    tasks: Annotated[int, said("Tasks that are not deleted")]
    archived_tasks: Annotated[int, said("Those of them that are archived")]
    deleted_tasks: Annotated[int, said("Tasks deleted in ClickUp")]
    subtasks: Annotated[int, said("Tasks that stand below another one")]
    employees: Annotated[int, said("People who are here")]
    spaces: Annotated[int, said("Spaces that are not deleted")]
    folders: Annotated[int, said("Folders that are not deleted")]
    lists: Annotated[int, said("Lists that are not deleted")]
    time_entries: Annotated[int, said("Time entries")]
    running_timers: Annotated[int, said("Those of them that run")]
    tracked_minutes: Annotated[int, InWords.MINUTES, said("Whole minutes of all finished ones")]
    comments: Annotated[int, said("Comments and replies")]
    waiting_comments: Annotated[int, said("Those of them that wait for somebody")]
    unreadable_rows: Annotated[int, said("Rows of any kind with fields that could not be read")]


@dataclass(frozen=True, slots=True)
class StreamState:
    """How far one kind of data is known that is kept fresh."""

    stream: Annotated[str, said("tasks, archived tasks, time, places or people", "tasks")]
    watermark: Annotated[datetime | None, said("Up to when, by ClickUp's clock, all changes are safely here")]
    read_at: Annotated[datetime | None, said("When it was last asked for")]
    complete_at: Annotated[datetime | None, said("When it was last read whole")]
    blind_spot: Annotated[str | None, said("What of it the token cannot see")]


@dataclass(frozen=True, slots=True)
class CommentBacklog:
    """Of how many tasks the comments were read."""

    tasks: Annotated[int, said("Live tasks whose comments may be read")]
    never_read: Annotated[int, said("Those of them that never were")]
    read_recently: Annotated[int, said("Those read within the last quarter of an hour")]
    oldest_read_at: Annotated[datetime | None, said("When the longest unread ones were read last")]
    short: Annotated[
        int, said("Those of which ClickUp shows fewer comments than it counts or the mirror knows", 0)
    ]


@dataclass(frozen=True, slots=True)
class OwnTimeBacklog:
    """Of how many tasks the time was read that no full sync can compare."""

    tasks: int
    never_read: int
    read_recently: int
    oldest_read_at: datetime | None


@dataclass(frozen=True, slots=True)
class ServiceState:
    """What workers said of the workspace after their last job."""

    started_at: Annotated[datetime, said("Since when workers sync this workspace")]
    seen_at: Annotated[datetime, said("When the last of these jobs ended")]
    token_rejected_at: Annotated[
        datetime | None, said("Since when ClickUp rejects the token; null: it is valid")
    ]
    token_error: Annotated[str | None, said("What ClickUp said then")]
    requests_per_minute: Annotated[int | None, said("What it allows itself of the rate limit", 80)]
    requests_left: Annotated[int | None, said("What of it is left in this minute", 75)]
    incremental_interval_seconds: Annotated[float, said("How often it looks for changes", 45)]
    full_interval_seconds: Annotated[float, said("How often it makes full passes", 420)]
    full_interval_reason: Annotated[str | None, said("Why that is less often than asked for")]
    public_url: Annotated[str | None, said("Where ClickUp reaches it; null where it asks by the clock alone")]
    requests_answered: Annotated[int, said("Requests that ClickUp answered, in all", 1200)]
    requests_rate_limited: Annotated[int, said("Requests that the rate limit refused, in all", 0)]
    requests_failed: Annotated[int, said("Requests without a usable answer, in all", 0)]
    is_running: Annotated[bool, said("A worker process was heard of in the last 30 seconds")]


@dataclass(frozen=True, slots=True)
class WebhookBacklog:
    """Objects named by webhook events that are not read yet."""

    waiting: Annotated[int, said("How many", 0)]
    oldest: Annotated[datetime | None, said("Since when the first of them waits")]


@dataclass(frozen=True, slots=True)
class JobCount:
    """Jobs of one kind in the queue."""

    workspace_id: Annotated[str, said("ClickUp's id of the workspace", "9000003")]
    kind: Annotated[JobName, said("What they do", "full")]
    state: Annotated[
        JobState,
        said("`scheduled`: waits for its time; `stalled`: its worker ended, another one takes it over"),
    ]
    jobs: Annotated[int, said("How many", 1)]
    since: Annotated[datetime, said("Since when the first of them is in this state, or when it is due")]


@dataclass(frozen=True, slots=True)
class FailedJob:
    """A job that failed. It is listed until a job of its kind succeeds."""

    workspace_id: Annotated[str, said("ClickUp's id of the workspace", "9000003")]
    kind: Annotated[JobName, said("What it does", "full")]
    error: Annotated[str, said("Why the last attempt failed")]
    attempts: Annotated[int, said("Attempts so far", 2)]
    failed_at: Annotated[datetime, said("When the last attempt failed")]
    retry_at: Annotated[
        datetime | None, said("When the next attempt begins; null: at its next scheduled time, or on request")
    ]


@dataclass(frozen=True, slots=True)
class RecentRun:
    """One of the latest runs."""

    run_id: RunId
    kind: KindOfRun
    trigger: Trigger
    status: StatusOfRun
    started_at: Annotated[datetime, said("When it began; while it waits, since when")]
    ended_at: EndedAt
    requests: Requests
    rows_written: RowsWritten
    counts: Counts
    notes: Notes
    progress: ProgressOfRun
    error: ErrorOfRun
    fault: FaultOfRun


@dataclass(frozen=True, slots=True)
class SkippedObject:
    """An object of ClickUp's that could not be read."""

    kind: Annotated[str, said("What it is", "task")]
    object_id: Annotated[str, said("ClickUp's id; empty when it has none")]
    reason: Annotated[str, said("What made no sense, or what ClickUp answered")]
    skipped_at: Annotated[datetime, said("When that was")]


@dataclass(frozen=True, slots=True)
class RefusalCount:
    """Objects of one kind that ClickUp refuses this token."""

    kind: Annotated[RefusalKind, said("What is refused", "comments")]
    objects: Annotated[int, said("How many", 3)]
    since: Annotated[datetime, said("When the first of them was refused")]
    retry_at: Annotated[datetime, said("When the next of them is asked for again")]
    reason: Annotated[str, said("What ClickUp said last", "Team not authorized (OAUTH_027)")]
    is_many: Annotated[bool, said("So many at once that it may be an outage")]


@dataclass(frozen=True, slots=True)
class ExternalChanges:
    """Rows of a table that somebody else changed in the database, and that no sync restored yet."""

    table_name: Annotated[str, said("The table", "comments")]
    total: Annotated[int, said("How many rows of it", 2)]
    since: Annotated[datetime, said("When the first of them was changed")]


@dataclass(frozen=True, slots=True)
class Restoration:
    """The latest sync that restored rows that somebody else had changed in the database."""

    run_id: Annotated[UUID, said("Its run, whose notes say in which tables")]
    kind: Annotated[str, said("Its kind", "full")]
    started_at: Annotated[datetime, said("When it began")]
    total: Annotated[int, said("How many rows it restored", 7)]


@dataclass(frozen=True, slots=True)
class LastGoodSync:
    """When the latest sync began that succeeded; `is_complete`: the first one has ended."""

    started_at: datetime | None
    is_complete: bool


@dataclass(frozen=True, slots=True)
class TellingTask:
    """A task that has much to show, and fits on a screen."""

    clickup_task_id: str
    title: str
    status: str | None
    list_name: str | None
    space_name: str | None
    assignee_name: str | None
    tags: list[str]
    due_date: date | None
    priority: str | None
    start_times: list[str | None]
    end_times: list[str | None]
    tracked_minutes: int | None
    assigned_comment: str | None


LIST_WORKSPACES = Query("list_workspaces", WorkspaceState)
COUNT_MIRROR = Query("count_mirror", MirrorCounts)
LIST_STREAMS = Query("list_streams", StreamState)
COUNT_COMMENT_BACKLOG = Query("count_comment_backlog", CommentBacklog)
COUNT_OWN_TIME = Query("count_own_time", OwnTimeBacklog)
GET_SERVICE = Query("get_workspace_status", ServiceState)
COUNT_WEBHOOK_BACKLOG = Query("count_pending_objects", WebhookBacklog)
COUNT_JOBS = Query("count_jobs", JobCount)
LIST_FAILED_JOBS = Query("list_failed_jobs", FailedJob)
LIST_RECENT_RUNS = Query("list_recent_runs", RecentRun)
LIST_SKIPPED = Query("list_skipped", SkippedObject)
COUNT_REFUSALS = Query("count_refusals", RefusalCount)
LIST_EXTERNAL_CHANGES = Query("list_external_changes", ExternalChanges)
GET_LAST_RESTORATION = Query("get_last_restoration", Restoration)
GET_LAST_GOOD_SYNC = Query("get_last_good_sync", LastGoodSync)
# No row while the first sync has not come to its end.
GET_LAST_COMPARISON = Query("get_last_comparison", datetime)
GET_TELLING_TASK = Query("get_telling_task", TellingTask)
