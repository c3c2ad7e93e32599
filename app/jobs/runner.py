"""Does one job: a sync, a read of what webhooks named, a look after a webhook, and so on.

A job that fails is deferred again where waiting may heal it; what went wrong is recorded for those who ask.
"""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import assert_never, get_args

import structlog

from app.context import Context
from app.core.clickup import wire
from app.core.clickup.delivery import UNLISTED
from app.core.errors import (
    ClickUpError,
    DatabaseDown,
    IncompleteRead,
    RunCancelled,
    RunTakenOver,
    SyncError,
    Transient,
    public_message,
    root_error,
)
from app.core.sync.progress import Progress, Silent
from app.core.sync.run_kind import MaintenanceKind, RequestableKind
from app.core.sync.throttle import Priority
from app.engine.retention import MANY_PORTIONS, delete_history
from app.engine.run import RunOptions, open_run
from app.engine.verification import Due, list_due, verify
from app.jobs.kinds import REMOVALS, Job
from app.jobs.queue import JobQueue
from app.jobs.requests import Following, SyncRequest, request_run
from app.jobs.webhook_refetch import list_pending, refetch_pending
from app.jobs.webhook_registration import tend_webhook
from app.jobs.workspace_removal import PAUSE, continue_removal
from app.jobs.workspaces import Workspace, Workspaces
from app.sync import JOB_TIME_LIMIT, RunReport, initial_sync_done, sync_here

log = structlog.get_logger()

# Seconds until a job is tried again, by how often it failed already; then it is left to the schedule.
_RETRY_SECONDS: dict[type[SyncError], tuple[int, ...]] = {
    DatabaseDown: (2, 5, 15, 60),
    Transient: (15, 60, 300),
    IncompleteRead: (15, 60, 300),
}
_ELSE_RETRY_SECONDS = (60,)
# A job that goes on in another one does so after about this time.
_WORK_SECONDS = 90.0
_SETTLE_SECONDS = 5.0
_VERIFIED_AT_ONCE_LEAST, _VERIFIED_AT_ONCE_MOST = 20, 500


async def find_due(workspace: Workspace) -> Due:
    """What is verified next, at most what is left of a minute's budget after more urgent requests."""
    context = workspace.context
    interval = timedelta(seconds=context.settings.verify_interval_seconds)
    pause = min((await workspace.get_cadence()).every, interval)
    per_minute = context.clickup.throttle.allowed_per_minute or 0
    most = min(max(per_minute // 4, _VERIFIED_AT_ONCE_LEAST), _VERIFIED_AT_ONCE_MOST)
    return await list_due(context.database, workspace.workspace_id, pause, most)


class JobFailed(Exception):
    """The job ended as failed; why is recorded and logged already."""


def retry_after(error: BaseException, attempt: int) -> timedelta | None:
    """How long to wait for the next attempt; None where waiting heals nothing, or after the last attempt."""
    pauses: tuple[int, ...] = _ELSE_RETRY_SECONDS
    if isinstance(error, SyncError):
        pauses = next((seconds for kind, seconds in _RETRY_SECONDS.items() if isinstance(error, kind)), ())
    return timedelta(seconds=pauses[attempt - 1]) if attempt <= len(pauses) else None


@dataclass(slots=True)
class JobRunner:
    """Does jobs. `jobs` is set before the first one.

    `is_worker`: a job that failed is deferred again, and the state of the workspace is recorded. A command
    that does its own job says by itself how it ended.
    """

    workspaces: Workspaces
    progress: Progress = field(default_factory=Silent)
    is_worker: bool = True
    jobs: JobQueue = field(init=False)

    async def execute(self, job: Job) -> None:
        """Does the job as a worker does it. Raises JobFailed when the failure is recorded."""
        try:
            await self._record_end(job, await self.run(job))
        except (RunCancelled, RunTakenOver) as error:
            log.info("job.not_done", kind=job.kind, workspace_id=job.workspace_id, reason=str(error))
        except asyncio.CancelledError:
            # The worker ends: another one goes on.
            with suppress(DatabaseDown):
                await asyncio.shield(self.jobs.defer(job))
            raise
        except Exception as error:
            await self._record_failure(job, root_error(error))
            raise JobFailed(str(error)) from None

    async def run(self, job: Job) -> RunReport | None:
        """Does the job; the report of the sync, where it was one. Raises what made it fail."""
        if job.kind == "disconnect" or job.kind == "erase":
            await self._remove(job)
            return None
        workspace = await self.workspaces.get(job.workspace_id)
        if workspace is None:
            log.warning("job.unknown_workspace", kind=job.kind, workspace_id=job.workspace_id)
            return None
        match job.kind:
            case "incremental" | "first" | "full" | "deep" | "employees" | "snapshot" as kind:
                return await self._sync(job, kind, workspace)
            case kind:
                await self._maintain(kind, workspace)
        return None

    async def _maintain(self, kind: MaintenanceKind, workspace: Workspace) -> None:
        match kind:
            case "webhook_refetch":
                if await refetch_pending(workspace.context, self.jobs, workspace.workspace_id):
                    await self.jobs.defer(Job("webhook_refetch", workspace.workspace_id))
            case "webhook_check":
                await _check_webhook(workspace)
            case "token_check":
                await self._check_token(workspace)
            case "retention":
                await delete_history(workspace.context, workspace.workspace_id, MANY_PORTIONS)
            case "verification":
                await self._verify(workspace)
            case _:
                assert_never(kind)

    async def _remove(self, job: Job) -> None:
        removal = await continue_removal(self.jobs, self.workspaces.settings, job, self.progress)
        if not removal.is_finished:
            await self.jobs.defer(replace(job, attempt=1), after=PAUSE)

    async def _sync(self, job: Job, kind: RequestableKind, workspace: Workspace) -> RunReport | None:
        database, workspace_id = self.jobs.database, job.workspace_id
        done = kind in ("incremental", "first") and await initial_sync_done(database, workspace_id)
        if kind == "incremental" and not done:
            await request_run(self.jobs, SyncRequest(workspace_id, "first", job.trigger))
            return None
        options = self._options(kind, job.trigger)
        if kind == "first" and done:
            # The clock deferred it while another job did it; what that one left may still be to do.
            options = replace(options, was_requested=True)
        # A command does nothing else meanwhile, and lets nobody wait.
        limit = JOB_TIME_LIMIT if self.is_worker else None
        report = await sync_here(workspace.context, workspace_id, options, self.progress, time_limit=limit)
        if not report.finished:
            await self.jobs.defer(replace(job, attempt=1))
            return None
        if kind in ("incremental", "first", "full", "deep"):
            await self._settle_deliveries(workspace_id, report)
        if kind == "first" and options.verification_follows:
            # The comments, for which nobody should wait until the schedule asks for them.
            await self.jobs.defer(Job("verification", workspace_id))
        return report

    async def _settle_deliveries(self, workspace_id: str, report: RunReport) -> None:
        """Deliveries that this sync answered are handled; a job reads what the others name.

        A sync that has succeeded stays one, and waits no longer for a table that somebody has locked; what is
        left is settled by the next one. Deliveries that come meanwhile have a job of their own.
        """
        database = self.jobs.database
        try:
            async with asyncio.timeout(_SETTLE_SECONDS):
                if not await list_pending(database, workspace_id):
                    return
                await database.note("mark_deliveries_listed", run_id=report.run_id, unlisted=UNLISTED)
                if await list_pending(database, workspace_id):
                    await self.jobs.defer(Job("webhook_refetch", workspace_id))
        except TimeoutError:
            reason = f"the database did not answer within {_SETTLE_SECONDS:.0f} seconds"
            log.warning("deliveries.not_settled", workspace_id=workspace_id, error=reason)
        except SyncError as error:
            log.warning("deliveries.not_settled", workspace_id=workspace_id, error=str(error))

    def _options(self, kind: RequestableKind, trigger: str) -> RunOptions:
        """What takes long goes behind the changes, whoever asks; else webhooks and people go first.

        Only who asks for a whole pass waits for its comments; otherwise they are verified later.
        """
        is_scheduled = trigger in ("timer", "retry")
        priority = Priority.INCREMENTAL if is_scheduled else Priority.REQUESTED
        if kind in ("first", "full", "deep"):
            priority = Priority.FULL
        return RunOptions(
            kind,
            trigger,
            priority,
            verification_follows=self.is_worker and (kind in ("incremental", "first") or is_scheduled),
            was_requested=not is_scheduled,
            is_resumable=self.is_worker,
        )

    async def _verify(self, workspace: Workspace) -> None:
        """Spends what is left of the budget on what was read longest ago, until nothing is due."""
        context, workspace_id = workspace.context, workspace.workspace_id
        interval = timedelta(seconds=context.settings.verify_interval_seconds)
        until = time.monotonic() + _WORK_SECONDS
        while time.monotonic() < until:
            due = await find_due(workspace)
            if not due:
                return
            priority = Priority.FULL if due.is_late(interval) else Priority.VERIFICATION
            options = RunOptions("verification", "timer", priority, is_resumable=True)
            async with open_run(context, workspace_id, options, Silent()) as run:
                await verify(run, due)
        await self.jobs.defer(Job("verification", workspace_id))

    async def _check_token(self, workspace: Workspace) -> None:
        """Asks ClickUp with the present token; when it is valid again, changes are read at once."""
        with suppress(ClickUpError):
            await workspace.context.clickup.fetch(wire.user())
        # An answer that fails otherwise says nothing against the token.
        if workspace.context.clickup.rejected is None:
            log.info("token.accepted", workspace_id=workspace.workspace_id)
            await self.jobs.defer(Job("incremental", workspace.workspace_id))

    async def _record_end(self, job: Job, report: RunReport | None) -> None:
        """A sync without a report has left its work, or the rest of it, to another job."""
        workspace = self.workspaces.find(job.workspace_id)
        if workspace is None:
            return
        if await workspace.record_state() and job.kind != "incremental":
            # What changed meanwhile is read at once, whichever job found the token valid.
            await self.jobs.defer(Job("incremental", job.workspace_id))
        if report or job.kind not in get_args(RequestableKind):
            await self.jobs.database.note("delete_failed_job", workspace_id=job.workspace_id, kind=job.kind)

    async def _record_failure(self, job: Job, error: BaseException) -> None:
        if isinstance(error, SyncError):
            log.warning("job.failed", kind=job.kind, workspace_id=job.workspace_id, error=str(error))
        else:
            where = {"kind": job.kind, "workspace_id": job.workspace_id}
            log.error("job.failed", **where, error=str(error), exc_info=error)
        pause = retry_after(error, job.attempt) if self.is_worker else None
        if pause is not None:
            trigger = "timer" if job.trigger == "timer" else "retry"
            try:
                await self.jobs.defer(replace(job, attempt=job.attempt + 1, trigger=trigger), after=pause)
            except SyncError as second:
                log.warning("job.not_deferred", kind=job.kind, error=str(second))
        try:
            workspace = self.workspaces.find(job.workspace_id)
            if workspace:
                await workspace.record_state()
            if workspace or job.kind in REMOVALS:
                await self.jobs.database.note(
                    "upsert_failed_job",
                    workspace_id=job.workspace_id,
                    kind=job.kind,
                    error=public_message(error),
                    attempts=job.attempt,
                    retry_seconds=pause.total_seconds() if pause else None,
                    is_connected=workspace is not None and workspace.connection is not None,
                )
        except SyncError as second:
            log.warning("job.failure_not_recorded", kind=job.kind, error=str(second))


async def _check_webhook(workspace: Workspace) -> None:
    """Keeps the webhook in force, where ClickUp can reach us."""
    if public_url := workspace.context.settings.public_url:
        await tend_webhook(workspace.context, workspace.workspace_id, public_url)


async def sync_workspace(
    context: Context, request: SyncRequest, progress: Progress | None = None
) -> RunReport:
    """One sync, done here unless a worker has begun it, followed to its end. Raises what ended it."""
    outcomes: list[RunReport | BaseException] = []
    workspaces = Workspaces.of(context, request.workspace_id)
    runner = JobRunner(workspaces, progress or Silent(), is_worker=False)

    async def execute(job: Job) -> None:
        # Without a worker it does also what others asked for and left, of which it is no report.
        is_own = following.run is not None and job.kind == following.run.kind
        try:
            report = await runner.run(job)
        except Exception as error:
            if is_own:
                outcomes.append(root_error(error))
            raise
        await context.database.note("delete_failed_job", workspace_id=job.workspace_id, kind=job.kind)
        if report and is_own:
            outcomes.append(report)

    runner.jobs = await JobQueue.open(context.database, execute)
    following = Following(runner.jobs, request, progress or Silent(), outcomes)
    try:
        return await following.until_done()
    finally:
        # Where no worker runs, nobody else does it; also when no sync succeeds for months.
        await delete_history(context, request.workspace_id)
