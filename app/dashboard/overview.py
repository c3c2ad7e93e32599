"""The overview: is the mirror level with ClickUp, and what keeps it so."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from app.core.answers.access import Limits
from app.core.answers.day import day_of
from app.core.errors import SyncError
from app.dashboard.clock import Clock
from app.http.problems import status_and_message
from app.http.workspace import zone_of
from app.jobs.service import Service
from app.reports import Refused, Reports, WorkspaceStatus
from app.reports.attention import AttentionFilter
from app.reports.comments import CommentFilter
from app.reports.runs import Run, RunFilter
from app.reports.status_rows import FailedJob, JobCount, Restoration, SkippedObject, StreamState
from app.reports.sync_status import NOT_ENDED
from app.reports.tasks import TaskFilter
from app.reports.time import TimeFilter
from app.reports.webhooks import WebhookHealth, WebhookState

Level = Literal["good", "mind", "bad"]
_PATIENCE_SECONDS = 5.0
_STATUS_KEPT_SECONDS = 10.0
_UNDER_WAY, _ENDED = ["running", "waiting"], ["succeeded", "failed", "interrupted"]
_RUNS, _SKIPPED = 10, 10
# Background checks and webhook events follow each other all day; a line for each would hide everything else.
_TOLD_ONE_BY_ONE = ["incremental", "first", "full", "deep", "employees", "snapshot"]
_RUNNING = TimeFilter(running=True, deleted="exclude")
_SENTENCES: dict[Level, str] = {
    "good": "In sync with ClickUp.",
    "mind": "In sync with ClickUp, with known gaps.",
    "bad": "Not in sync: data may be out of date.",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the mirror can be relied upon, in a sentence."""

    level: Level
    sentence: str


@dataclass(frozen=True, slots=True)
class Totals:
    """How much there is, and how much of it waits for somebody."""

    tasks: int
    overdue: int
    waiting_comments: int
    running_timers: int


@dataclass(frozen=True, slots=True)
class Work:
    """Runs that wait or are running, and how often the service looks by itself."""

    runs: list[Run]
    incremental_interval: timedelta | None


@dataclass(frozen=True, slots=True)
class Budget:
    """Requests of this minute; None where no request was answered yet."""

    a_minute: int | None
    left: int | None
    full_interval: timedelta
    full_interval_reason: str | None


@dataclass(frozen=True, slots=True)
class Jobs:
    """The job queue by kind and state, and jobs that failed and succeeded in no attempt since."""

    queued: list[JobCount]
    failed: list[FailedJob]


@dataclass(frozen=True, slots=True)
class StreamAge:
    """A stream: when it was last asked for, and how old the oldest verified row of it is."""

    stream: str
    read_at: datetime | None
    verified_at: datetime | None
    next_full_verification_at: datetime | None
    unread: int


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Where ClickUp rings, what keeps it from arriving, and what rang and was not read yet."""

    hooks: list[WebhookState]
    objects_waiting: int
    health: WebhookHealth


@dataclass(frozen=True, slots=True)
class Unseen:
    """What the token cannot see of each stream, what ClickUp refuses it, what could not be understood, and
    when rows that others had changed in the database were last restored.
    """

    blind_spots: list[StreamState]
    refused: list[Refused]
    skipped: list[SkippedObject]
    restoration: Restoration | None


@dataclass(frozen=True, slots=True)
class Overview:
    """Each part is shown by the template of its name; a part is None where it is not known.

    `reasons`: why the verdict is no better. `level_since`: when ClickUp was asked for what the latest good
    sync brought. `changes`: the last position of the feed, which the page of changes waits for.
    """

    verdict: Verdict
    reasons: Sequence[str] = ()
    level_since: datetime | None = None
    totals: Totals | None = None
    work: Work | None = None
    budget: Budget | None = None
    jobs: Jobs | None = None
    streams: list[StreamAge] | None = None
    runs: list[Run] | None = None
    webhooks: Webhooks | None = None
    unseen: Unseen | None = None
    changes: int | None = None

    def parts(self) -> dict[str, Any]:
        """By name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


class OverviewReader:
    """Looks how the mirror of one workspace is, for the page and for all who watch it.

    `workspace_id`: None for the one that the service answers for, once that is known. `reader`: what those
    who watch may see.
    """

    def __init__(self, service: Service, reports: Reports, workspace_id: str | None, reader: Limits) -> None:
        self._service, self._reader = service, reader
        self._asked_for = workspace_id
        self._reports = reports
        self._asking = asyncio.Lock()
        self._status: WorkspaceStatus | None = None
        self._status_until = float("-inf")

    async def look(self) -> Overview:
        """Sync status now. A database that does not answer is told as such, and is no error."""
        workspace_id = self._workspace_id
        if workspace_id is None:
            return _unknown(self._service.blocked_for(self._reader))
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await self._look(workspace_id)
        except TimeoutError:
            return _silent(f"the database did not answer within {_PATIENCE_SECONDS:.0f} seconds")
        except SyncError as error:
            return _silent(status_and_message(error)[1])

    async def clock(self) -> Clock:
        """In the zone that the page shows, as far as it is known."""
        return Clock(await self._zone(), datetime.now(UTC), self._service.settings.formats)

    async def _zone(self) -> ZoneInfo:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                workspace_id = self._workspace_id
                return await zone_of(self._service, workspace_id) if workspace_id else ZoneInfo("UTC")
        except (TimeoutError, SyncError):
            return ZoneInfo("UTC")

    @property
    def _workspace_id(self) -> str | None:
        return self._asked_for or self._service.workspace_id

    async def _look(self, workspace_id: str) -> Overview:
        reports, settings = self._reports, self._service.settings
        status, problems, sync_status, totals, under_way, ended = await asyncio.gather(
            self._recent_status(workspace_id),
            self._service.list_problems(self._reader, workspace_id),
            reports.sync_status.get(workspace_id, settings),
            self._count_totals(workspace_id),
            self._list_runs(workspace_id, statuses=_UNDER_WAY),
            self._list_runs(workspace_id, statuses=_ENDED, kinds=_TOLD_ONE_BY_ONE),
        )
        reasons = list(dict.fromkeys([*problems, *sync_status.gaps]))
        return Overview(
            verdict=_judge(problems, reasons),
            reasons=[reason for reason in reasons if reason != NOT_ENDED],
            level_since=sync_status.as_of,
            totals=totals,
            work=_work(under_way, status),
            budget=_budget(status),
            jobs=Jobs(status.jobs, status.failed_jobs) if status else None,
            streams=_ages(status),
            runs=ended,
            webhooks=_webhooks(status),
            unseen=_unseen(status),
            changes=await reports.history.last_position(workspace_id),
        )

    async def _recent_status(self, workspace_id: str) -> WorkspaceStatus | None:
        """How the service keeps the mirror, as it was a few seconds ago: it is dear to ask."""
        async with self._asking:
            if time.monotonic() >= self._status_until:
                self._status = await self._reports.get_status_of(
                    workspace_id, runs=0, skipped=_SKIPPED, counted=False
                )
                self._status_until = time.monotonic() + _STATUS_KEPT_SECONDS
            return self._status

    async def _count_totals(self, workspace_id: str) -> Totals:
        reports, now = self._reports, datetime.now(UTC)
        today = day_of(now, await zone_of(self._service, workspace_id)).date
        tasks, overdue, waiting_comments, running_timers = await asyncio.gather(
            reports.tasks.count(workspace_id, TaskFilter()),
            reports.attention.count(workspace_id, AttentionFilter("overdue"), today, now),
            reports.comments.count_waiting(workspace_id, CommentFilter()),
            reports.time.count(workspace_id, _RUNNING),
        )
        return Totals(tasks, overdue, waiting_comments, running_timers)

    async def _list_runs(self, workspace_id: str, **wanted: Any) -> list[Run]:
        return (await self._reports.runs.page(workspace_id, RunFilter(**wanted), None, _RUNS)).rows


def _judge(problems: Sequence[str], reasons: Sequence[str]) -> Verdict:
    if list(problems) == [NOT_ENDED]:
        return Verdict("mind", "The first sync is running: data is not complete yet.")
    level: Level = "bad" if problems else "mind" if reasons else "good"
    return Verdict(level, _SENTENCES[level])


def _unknown(blocked_by: str | None) -> Overview:
    level: Level = "bad" if blocked_by else "mind"
    verdict = Verdict(level, "The workspace is not known yet.")
    return Overview(verdict, [blocked_by] if blocked_by else [])


def _silent(reason: str) -> Overview:
    return Overview(Verdict("bad", "The database cannot be read."), [reason])


def _work(runs: list[Run], status: WorkspaceStatus | None) -> Work:
    service = status.service if status else None
    return Work(runs, _span(service.incremental_interval_seconds) if service and service.is_running else None)


def _span(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def _budget(status: WorkspaceStatus | None) -> Budget | None:
    service = status.service if status else None
    if service is None or not service.is_running:
        return None
    return Budget(
        service.requests_per_minute,
        service.requests_left,
        _span(service.full_interval_seconds),
        service.full_interval_reason,
    )


def _ages(status: WorkspaceStatus | None) -> list[StreamAge] | None:
    if status is None:
        return None
    read = {row.stream: row.read_at for row in status.streams}
    return [
        StreamAge(
            age.stream, read.get(age.stream), age.verified_at, age.next_full_verification_at, age.unread
        )
        for age in status.freshness
    ]


def _webhooks(status: WorkspaceStatus | None) -> Webhooks | None:
    if status is None:
        return None
    return Webhooks(status.webhooks, status.webhook_backlog.waiting, status.webhook_health)


def _unseen(status: WorkspaceStatus | None) -> Unseen | None:
    if status is None:
        return None
    blind_spots = [row for row in status.streams if row.blind_spot]
    return Unseen(blind_spots, status.refused, status.skipped, status.restoration)
