"""Sync status: what it holds, how fresh each part is, and current problems."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

from app.config import Settings
from app.core.answers.fields import ForAssistants, InWords, said, widen
from app.core.errors import DatabaseDown
from app.core.sync.cadence import round_minutes
from app.core.sync.refusal import objects_of
from app.reports.attention import AttentionReports
from app.reports.comments import CommentReports
from app.reports.daily import DailyReports
from app.reports.digest import DigestReports
from app.reports.flow import FlowReports
from app.reports.history import HistoryReports
from app.reports.lookup import Lookup
from app.reports.people import PeopleReports
from app.reports.places import PlaceReports
from app.reports.progress import ProgressReports
from app.reports.runs import RunReports
from app.reports.sql import SqlReports
from app.reports.status_rows import (
    COUNT_COMMENT_BACKLOG,
    COUNT_JOBS,
    COUNT_MIRROR,
    COUNT_OWN_TIME,
    COUNT_REFUSALS,
    COUNT_WEBHOOK_BACKLOG,
    GET_LAST_COMPARISON,
    GET_LAST_GOOD_SYNC,
    GET_LAST_RESTORATION,
    GET_SERVICE,
    GET_TELLING_TASK,
    LIST_EXTERNAL_CHANGES,
    LIST_FAILED_JOBS,
    LIST_RECENT_RUNS,
    LIST_SKIPPED,
    LIST_STREAMS,
    LIST_WORKSPACES,
    CommentBacklog,
    ExternalChanges,
    FailedJob,
    JobCount,
    LastGoodSync,
    MirrorCounts,
    OwnTimeBacklog,
    RecentRun,
    Restoration,
    ServiceState,
    SkippedObject,
    StreamState,
    TellingTask,
    WebhookBacklog,
    WorkspaceState,
)
from app.reports.structure import StructureReports
from app.reports.sync_status import NOT_ENDED, SyncStatusReports, patience, service_problems
from app.reports.tasks import TaskReports
from app.reports.time import TimeReports
from app.reports.time_edits import TimeEditReports
from app.reports.webhooks import WebhookHealth, WebhookReports, WebhookState
from app.reports.workload import WorkloadReports
from app.supabase_db import AskedDatabase, Database

_PACE_WINDOW_MINUTES = 15


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old the oldest verified row of a stream is, and when all will have been verified again."""

    stream: Annotated[str, said("As in `streams`; also comments, and time read by task", "comments")]
    verified_at: Annotated[
        datetime | None,
        InWords.INSTANT,
        said("When its oldest row was; null where something was never read"),
    ]
    next_full_verification_at: Annotated[
        datetime | None, said("When all will have been verified again; null where nobody is reading")
    ]
    unread: Annotated[int, ForAssistants.NONZERO, said("How many tasks were never read for it", 0)] = 0


@dataclass(frozen=True, slots=True)
class Refused:
    """Objects of one kind that ClickUp refuses this token; what is known of them is kept."""

    kind: Annotated[str, said("What is refused", "comments")]
    what: Annotated[str, said("The same in words, with its number", "the comments of 3 tasks")]
    objects: Annotated[int, said("How many", 3)]
    since: Annotated[datetime, said("When the first of them was refused")]
    retry_at: Annotated[datetime, said("When the next of them is asked for again")]
    reason: Annotated[str, said("What ClickUp said last", "Team not authorized (OAUTH_027)")]
    is_many: Annotated[bool, said("So many at once that it may be an outage")]


@dataclass(frozen=True, slots=True)
class WorkspaceStatus:
    """One workspace as the mirror knows it; `counts` are None where nobody asked for them."""

    workspace: WorkspaceState
    counts: MirrorCounts | None
    streams: list[StreamState]
    freshness: list[Freshness]
    comments: CommentBacklog
    service: Annotated[ServiceState | None, said("null where no worker ever synced the workspace")]
    webhooks: list[WebhookState]
    webhook_health: WebhookHealth
    webhook_backlog: WebhookBacklog
    jobs: Annotated[list[JobCount], said("The job queue, by kind and state; empty where nothing is to do")]
    failed_jobs: Annotated[list[FailedJob], said("Jobs that failed, and succeeded in no attempt since")]
    runs: Annotated[list[RecentRun], said("The latest ones, newest first")]
    skipped: Annotated[list[SkippedObject], said("The latest ones, newest first")]
    refused: Annotated[list[Refused], said("By kind; empty where ClickUp refuses nothing")]
    external_changes: Annotated[
        list[ExternalChanges], said("What others changed; the next full sync restores it")
    ]
    restoration: Annotated[Restoration | None, said("null where nothing ever had to be restored")]
    problems: Annotated[list[str], said("Current problems; empty when the mirror is healthy")]


class Reports:
    """Answers from the mirror, never from ClickUp.

    `instant`: which they are about; None for the present. What the mirror itself does, and what names and ids
    mean, is always that of the present.
    """

    def __init__(self, database: Database, instant: datetime | None = None) -> None:
        self._database = database
        past = database.at(instant) if instant else None
        asked: AskedDatabase = past or database
        self.tasks = TaskReports(asked)
        self.people = PeopleReports(asked)
        self.time = TimeReports(asked)
        self.comments = CommentReports(asked)
        self.places = PlaceReports(asked)
        self.structure = StructureReports(asked)
        self.history = HistoryReports(database)
        self.runs = RunReports(database)
        self.daily = DailyReports(database)
        self.sql = SqlReports(database)
        self.sync_status = SyncStatusReports(database)
        self.webhooks = WebhookReports(database)
        self.attention = AttentionReports(asked)
        self.workload = WorkloadReports(asked, self.time)
        self.progress = ProgressReports(asked, self.time)
        self.flow = FlowReports(database)
        self.time_edits = TimeEditReports(database)
        self.lookup = Lookup(
            database, TaskReports(database), PlaceReports(database), StructureReports(database), past
        )
        self.digest = DigestReports(asked, self.attention, self.progress, self.time, self.comments)

    def at(self, instant: datetime) -> "Reports":
        """The same about an instant."""
        return Reports(self._database, instant)

    async def get_status(self, *, runs: int = 5, skipped: int = 10) -> list[WorkspaceStatus]:
        """Last runs, counts, freshness and skipped objects of every workspace in the mirror."""
        return [await self._status(one, runs, skipped) for one in await self.list_workspaces()]

    async def get_status_of(
        self, workspace_id: str, *, runs: int = 5, skipped: int = 10, counted: bool = True
    ) -> WorkspaceStatus | None:
        """The same of one workspace; None while nothing of it is here. `counted`: with how much there is."""
        known = [one for one in await self.list_workspaces() if one.workspace_id == workspace_id]
        return await self._status(known[0], runs, skipped, counted=counted) if known else None

    async def list_workspaces(self) -> list[WorkspaceState]:
        """Every workspace that is mirrored, or that a worker is trying to mirror; by name."""
        return await self._database.rows(LIST_WORKSPACES)

    async def get_freshness(self, workspace_id: str) -> list[Freshness]:
        """How old the oldest verified row of each stream is."""
        rows, row = self._database.rows, self._database.row
        streams, service, last, comments, own_time = await asyncio.gather(
            rows(LIST_STREAMS, workspace_id=workspace_id),
            row(GET_SERVICE, workspace_id=workspace_id),
            row(GET_LAST_COMPARISON, workspace_id=workspace_id),
            self._database.one(COUNT_COMMENT_BACKLOG, workspace_id=workspace_id),
            self._database.one(COUNT_OWN_TIME, workspace_id=workspace_id),
        )
        running = service if service and service.is_running else None
        return [*_compared(streams, running, last), *_swept(comments, own_time, running)]

    async def list_refused(self, workspace_id: str) -> list[Refused]:
        """What ClickUp refuses this token, by kind."""
        rows = await self._database.rows(COUNT_REFUSALS, workspace_id=workspace_id)
        return [widen(Refused, row, what=objects_of(row.kind, row.objects)) for row in rows]

    async def count_mirror(self, workspace_id: str) -> MirrorCounts:
        """How much there is of a workspace."""
        return await self._database.one(COUNT_MIRROR, workspace_id=workspace_id)

    async def get_telling_task(self, workspace_id: str) -> TellingTask | None:
        """A task with sessions, people and a waiting comment, if there is one."""
        return await self._database.row(GET_TELLING_TASK, workspace_id=workspace_id)

    async def list_problems(
        self, workspace_id: str, settings: Settings, *, in_full: bool = True
    ) -> list[str]:
        """All that speaks against relying on the mirror while a service should keep it; `in_full`: with what
        ClickUp says of the token.
        """
        try:
            service = await self._database.row(GET_SERVICE, workspace_id=workspace_id)
            last = await self._database.one(GET_LAST_GOOD_SYNC, workspace_id=workspace_id)
        except DatabaseDown:
            # Everybody may ask this: what the driver says names hosts and users, and stands in the log.
            return ["the database does not answer"]
        return [*service_problems(service, in_full=in_full), *_age_problems(last, patience(settings))]

    async def _status(
        self, workspace: WorkspaceState, runs: int, skipped: int, *, counted: bool = True
    ) -> WorkspaceStatus:
        known = {"workspace_id": workspace.workspace_id}
        rows, row = self._database.rows, self._database.row
        service = await row(GET_SERVICE, **known)
        streams, recent, unread, changes, restoration = await asyncio.gather(
            rows(LIST_STREAMS, **known),
            rows(LIST_RECENT_RUNS, **known, runs=runs),
            rows(LIST_SKIPPED, **known, skipped=skipped),
            rows(LIST_EXTERNAL_CHANGES, **known),
            row(GET_LAST_RESTORATION, **known),
        )
        jobs, failed_jobs, freshness, refused, webhooks, health = await asyncio.gather(
            rows(COUNT_JOBS, **known),
            rows(LIST_FAILED_JOBS, **known),
            self.get_freshness(workspace.workspace_id),
            self.list_refused(workspace.workspace_id),
            self.webhooks.list_webhooks(workspace.workspace_id),
            self.webhooks.get_health(workspace.workspace_id, service.public_url if service else None),
        )
        return WorkspaceStatus(
            workspace=workspace,
            counts=await self.count_mirror(workspace.workspace_id) if counted else None,
            streams=streams,
            freshness=freshness,
            comments=await self._database.one(COUNT_COMMENT_BACKLOG, **known),
            service=service,
            webhooks=webhooks,
            webhook_health=health,
            webhook_backlog=await self._database.one(COUNT_WEBHOOK_BACKLOG, **known),
            jobs=jobs,
            failed_jobs=failed_jobs,
            runs=recent,
            skipped=unread,
            refused=refused,
            external_changes=changes,
            restoration=restoration,
            problems=service_problems(service),
        )


def _compared(
    streams: list[StreamState], running: ServiceState | None, last: datetime | None
) -> list[Freshness]:
    """What every full pass compares whole: verified when the last one began, again at the next."""
    next_at = last + timedelta(seconds=running.full_interval_seconds) if running and last else None
    return [Freshness(row.stream, row.complete_at, next_at) for row in streams]


def _swept(
    comments: CommentBacklog, own_time: OwnTimeBacklog, running: ServiceState | None
) -> list[Freshness]:
    """What is read task by task, at the pace of late."""
    backlogs: tuple[tuple[str, CommentBacklog | OwnTimeBacklog], ...] = (
        ("comments", comments),
        ("time read by task", own_time),
    )
    return [
        Freshness(
            stream=stream,
            verified_at=None if row.never_read else row.oldest_read_at,
            next_full_verification_at=_round_at(row, running) if running else None,
            unread=row.never_read,
        )
        for stream, row in backlogs
        if row.tasks
    ]


def _round_at(row: CommentBacklog | OwnTimeBacklog, service: ServiceState) -> datetime | None:
    """When all will have been read: of a round just made, after a pause; else as the pace of late tells."""
    now, oldest = datetime.now(UTC), row.oldest_read_at
    if row.read_recently == row.tasks:
        pause = timedelta(seconds=service.full_interval_seconds)
        return max(oldest + pause, now) if oldest else None
    at_work = min((now - service.started_at).total_seconds() / 60, _PACE_WINDOW_MINUTES)
    minutes = round_minutes(row.never_read or row.tasks, row.read_recently / max(at_work, 0.1))
    return None if minutes is None else now + timedelta(minutes=minutes)


def _age_problems(last: LastGoodSync, longest: timedelta) -> list[str]:
    if not last.is_complete:
        return [NOT_ENDED]
    if last.started_at is None:
        return ["no sync succeeded"]
    age = datetime.now(UTC) - last.started_at
    return [f"no sync succeeded for {age.total_seconds() / 60:.0f} minutes"] if age > longest else []
