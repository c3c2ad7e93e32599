"""The job queue: Procrastinate on the mirror's own database, in a schema of its own.

A job waits, runs and ends in Procrastinate's tables; this module says which job is which.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import procrastinate
import psycopg
import structlog
from procrastinate import exceptions
from procrastinate.jobs import Job as QueuedJob
from procrastinate.jobs import Status
from procrastinate.manager import JobManager

from app.core.errors import DatabaseDown
from app.core.sync.run_kind import JobName
from app.jobs.kinds import KINDS, REMOVALS, Job
from app.sql.connection import to_sync_error
from app.supabase_db import Database, Row, Transaction

log = structlog.get_logger()

Execute = Callable[[Job], Awaitable[None]]
# A worker that was not heard of for so long has ended, or is paused: its jobs are given to another.
HEARTBEAT_SECONDS, STALLED_SECONDS = 5.0, 30.0
# Seconds until a job is done again whose worker ended, by how often that happened. The first time it may have
# been a restart, so the job does not wait.
_KILLED_RETRY_SECONDS = (0, 60, 300)
_FINISH_AGAIN_SECONDS = 1.0
_KILLED = "the worker process ended while it did this job: it was killed, paused, or had no memory left"


class _JobManager(JobManager):
    """The library's own, for workers that may have been paused."""

    async def finish_job(self, job: QueuedJob, status: Status, delete_job: bool) -> None:
        """A job that was given to another worker meanwhile is that one's to end.

        Tried until the database takes it: the job would stay under way for as long as this worker lives.
        """
        while True:
            try:
                return await super().finish_job(job, status, delete_job)
            except exceptions.ConnectorException as error:
                # The library's function raises it for a job that is not there any more.
                if isinstance(error.__cause__, psycopg.errors.RaiseException):
                    log.info("job.not_done", kind=job.task_name, reason="it was given to another worker")
                    return
                if not isinstance(error.__cause__, psycopg.OperationalError):
                    raise
                log.warning("job.end_not_stored", kind=job.task_name, error=str(error.__cause__))
            await asyncio.sleep(_FINISH_AGAIN_SECONDS)


@dataclass(frozen=True, slots=True)
class JobQueue:
    """Defers jobs, and has workers execute them."""

    database: Database
    app: procrastinate.App

    @classmethod
    async def open(cls, database: Database, execute: Execute | None = None) -> "JobQueue":
        """The queue of this database, on its connections. `execute`: what a worker does with a job."""
        app = procrastinate.App(connector=procrastinate.PsycopgConnector())
        app.job_manager = _JobManager(app.connector)
        await app.open_async(database.job_connections)
        if execute:
            for kind in KINDS:
                app.task(name=kind)(_task(kind, execute))
        return cls(database, app)

    async def defer(
        self,
        job: Job,
        *,
        queue: str | None = None,
        after: timedelta = timedelta(0),
        tx: Transaction | None = None,
    ) -> bool:
        """Has the job done, in the transaction where one is given; False where one like it waits already.

        `queue`: instead of that of its kind. Raises DatabaseDown.
        """
        queued = _queued(job, queue, after)
        try:
            if tx is None:
                await self.app.job_manager.defer_job_async(queued)
            else:
                async with tx.savepoint() as connection:
                    await self.app.job_manager.defer_job_async(queued, connection)
        except exceptions.AlreadyEnqueued:
            return False
        except exceptions.ConnectorException as error:
            raise _sync_error(error) from error
        return True

    async def defer_all(self, jobs: Sequence[Job], tx: Transaction) -> None:
        """Has these jobs done, in a transaction; those of which one like it waits already are left out."""
        waiting = {row["queueing_lock"] for row in await tx.fetch(
            "list_waiting_jobs", queueing_locks=[job.queueing_lock for job in jobs])}  # fmt: skip
        # In one order, or two processes that defer the same ones would wait for each other.
        new = sorted(
            (job for job in jobs if job.queueing_lock not in waiting), key=lambda job: job.queueing_lock
        )
        if not new:
            return
        try:
            async with tx.savepoint() as connection:
                await self.app.job_manager.batch_defer_jobs_async([_queued(job) for job in new], connection)
        except exceptions.AlreadyEnqueued:
            # Another process was as quick with one of them.
            for job in new:
                await self.defer(job, tx=tx)
        except exceptions.ConnectorException as error:
            raise _sync_error(error) from error

    async def list_workers(self) -> list[Row]:
        """Worker processes that were heard of lately, the oldest first."""
        return await self.database.ask("list_live_workers", seconds=STALLED_SECONDS)

    async def has_worker(self) -> bool:
        """Whether what is deferred is done sometime."""
        return bool(await self.list_workers())

    async def work_off(self, queue: str) -> None:
        """Does here what waits in a queue, and returns. Cancelled, it cancels what is under way."""
        try:
            await self.app.run_worker_async(
                queues=[queue], wait=False, listen_notify=False, install_signal_handlers=False,
                delete_jobs="always", shutdown_graceful_timeout=0,
                update_heartbeat_interval=HEARTBEAT_SECONDS, stalled_worker_timeout=STALLED_SECONDS,
            )  # fmt: skip
        except exceptions.ConnectorException as error:
            raise _sync_error(error) from error

    async def defer_now(self, job: Job, tx: Transaction, queue: str | None = None) -> None:
        """The same, but one like it that waits for its time, as for another attempt, waits no longer."""
        if not await self.defer(job, queue=queue, tx=tx):
            await tx.note("make_job_due", queueing_lock=job.queueing_lock)

    async def retry(self, workspace_id: str, kind: JobName) -> Row | None:
        """Has a failed job tried again now; its row of `failed_jobs`, None where none of this kind failed.

        Raises DatabaseDown.
        """
        async with self.database.transaction() as tx:
            failed = await tx.fetch("retry_failed_job", workspace_id=workspace_id, kind=kind)
            if not failed:
                return None
            await self.defer_now(Job(kind, workspace_id, "retry"), tx)
        return failed[0]

    async def return_waiting(self, queue: str | None = None) -> None:
        """Gives jobs that wait in the queue of a command to workers; without a queue, of commands that were
        killed.
        """
        await self.database.note(
            "return_waiting_jobs",
            queue=queue,
            kinds=list(KINDS),
            queues=[kind.queue for kind in KINDS.values()],
        )

    async def rescue(self) -> list[Job]:
        """Gives the jobs of workers that ended or are paused to others; which jobs these were.

        The old job ends and a new one waits, so that a worker that goes on later ends no job of another one.
        What it still writes is refused, because its run has passed to the new job. After the last attempt no
        job follows, and the run has failed. Raises DatabaseDown.
        """
        try:
            stalled = await self.app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS)
        except exceptions.ConnectorException as error:
            raise _sync_error(error) from error
        return [job for queued in stalled if (job := await self._replace(queued))]

    async def _replace(self, queued: QueuedJob) -> Job | None:
        job = read_job(queued)
        async with self.database.transaction() as tx:
            if not await tx.fetch("end_stalled_job", job_id=queued.id, seconds=STALLED_SECONDS):
                return None  # another process was as quick, or the worker is heard of again
            if job.kind not in KINDS:
                return None  # deferred by a process of another version; the schedule brings what it was for
            follows = job.attempt <= len(_KILLED_RETRY_SECONDS)
            pause = _KILLED_RETRY_SECONDS[job.attempt - 1] if follows else None
            await tx.note(
                "give_up_runs",
                workspace_id=job.workspace_id,
                kind=job.run_kind,
                error=None if follows else _KILLED,
            )
            await tx.note(
                "upsert_failed_job",
                workspace_id=job.workspace_id,
                kind=job.kind,
                error=_KILLED,
                attempts=job.attempt,
                retry_seconds=pause,
                is_connected=job.kind not in REMOVALS,
            )
            again = await self._defer_attempt(job, pause, tx) if pause is not None else None
        log.warning("job.failed", kind=job.kind, workspace_id=job.workspace_id, error=_KILLED)
        return again

    async def _defer_attempt(self, job: Job, pause: int, tx: Transaction) -> Job:
        """The next attempt, so many seconds from now; one that the clock deferred meanwhile counts as it."""
        again = replace(job, attempt=job.attempt + 1)
        if not await self.defer(again, after=timedelta(seconds=pause), tx=tx):
            await tx.note(
                "set_attempt",
                queueing_lock=again.queueing_lock,
                attempt=again.attempt,
                pause_seconds=pause,
            )
        return again


def read_job(queued: QueuedJob) -> Job:
    """The job that the queue stores."""
    args: dict[str, Any] = dict(queued.task_kwargs)
    kind: JobName = queued.task_name  # type: ignore[assignment]  # only those of KINDS are deferred
    return Job(kind, args["workspace_id"], args["trigger"], args["attempt"])


def _queued(job: Job, queue: str | None = None, after: timedelta = timedelta(0)) -> QueuedJob:
    return QueuedJob(
        id=None,
        status=Status.TODO.value,
        queue=queue or KINDS[job.kind].queue,
        lock=job.lock,
        queueing_lock=job.queueing_lock,
        task_name=job.kind,
        priority=job.priority,
        task_kwargs=job.args(),
        scheduled_at=datetime.now(UTC) + after if after else None,
    )


def _task(kind: JobName, execute: Execute) -> Callable[..., Awaitable[None]]:
    async def task(workspace_id: str, trigger: str, attempt: int) -> None:
        await execute(Job(kind, workspace_id, trigger, attempt))

    return task


def _sync_error(error: exceptions.ConnectorException) -> Exception:
    cause = error.__cause__
    return to_sync_error(cause) if isinstance(cause, psycopg.Error) else DatabaseDown(str(error))
