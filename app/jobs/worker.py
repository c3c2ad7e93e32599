"""A worker process: takes jobs from the queue, and has the clock defer them.

Any number of processes may work on one database. What one of them leaves when it ends, others go on with.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial

import structlog
from procrastinate import exceptions

from app.config import Settings
from app.core.errors import SyncError, public_message, root_error
from app.jobs.queue import HEARTBEAT_SECONDS, STALLED_SECONDS, JobQueue
from app.jobs.queues import Queue
from app.jobs.runner import JobRunner
from app.jobs.schedule import Schedule
from app.jobs.workspaces import Workspaces
from app.scheduler import Work, ticking
from app.sql.connection import is_pooled_by_transaction
from app.supabase_db import Database

log = structlog.get_logger()

_AGAIN_SECONDS = 2.0
_LEAST_POOL_TO_LISTEN = 4
_POLL_SECONDS = 0.5
_DUE_SECONDS, _LEFT_SECONDS = 0.5, 5.0
# How long jobs may go on when the process is told to end; then others go on with them.
_GRACE_SECONDS = 1.5
_CANCEL_AGAIN_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """`concurrency`: jobs at a time; half as many of them may be long ones."""

    concurrency: int = 8
    queues: Sequence[Queue] = tuple(Queue)

    def groups(self) -> list[tuple[list[Queue], int]]:
        """Queues that share places, and how many: long jobs never take those of short ones."""
        short: list[Queue] = [queue for queue in self.queues if queue is not Queue.LONG]
        groups: list[tuple[list[Queue], int]] = [(short, self.concurrency)] if short else []
        if Queue.LONG in self.queues:
            groups.append(([Queue.LONG], max(self.concurrency // 2, 1)))
        return groups


def worker_name() -> str:
    """How a worker process is named for people: host and process id."""
    return f"{socket.gethostname()}:{os.getpid()}"


@dataclass(slots=True)
class Worker:
    """One process at work. `error`: what keeps it from working, None while it works."""

    settings: Settings
    jobs: JobQueue
    schedule: Schedule
    options: WorkerOptions
    error: str | None = None
    name: str = field(default_factory=worker_name)

    @classmethod
    @asynccontextmanager
    async def running(
        cls,
        settings: Settings,
        database: Database,
        options: WorkerOptions,
        load_settings: Callable[[], Settings] | None = None,
    ) -> AsyncIterator[None]:
        """Works until the end; then what is under way is left to others.

        `load_settings`: the settings as they are now, of which a token may change meanwhile.
        """
        async with Workspaces.open(settings, database, load_settings) as workspaces:
            runner = JobRunner(workspaces)
            runner.jobs = await JobQueue.open(database, runner.execute)
            worker = cls(settings, runner.jobs, Schedule(runner.jobs, workspaces, settings), options)
            async with worker._working():
                yield

    @asynccontextmanager
    async def _working(self) -> AsyncIterator[None]:
        listens = await self._may_listen()
        works: list[Callable[[], Awaitable[None]]] = [self._keep_schedule, self._keep_alive]
        for queues, concurrency in self.options.groups():
            # Long jobs may begin half a second late: it saves a connection.
            works.append(partial(self._work, queues, concurrency, listens and Queue.LONG not in queues))
        tasks = [asyncio.create_task(self._persist(work)) for work in works]
        try:
            yield
        finally:
            await cancel_until_done(tasks)
            with suppress(SyncError):
                await self.jobs.database.note("delete_worker", worker=self.name)

    async def _may_listen(self) -> bool:
        """Whether jobs are heard of at once: not through a pooler, nor where connections are few."""
        if self.settings.database_pool_size < _LEAST_POOL_TO_LISTEN:
            return False
        try:
            return not await is_pooled_by_transaction(self.jobs.database.url)
        except SyncError as error:
            log.warning("worker.polls", reason=str(error))
            return False

    async def _persist(self, work: Callable[[], Awaitable[None]]) -> None:
        """Does the work again whenever it ended with an error."""
        while True:
            try:
                await work()
            except Exception as error:
                cause = root_error(error)
                self.error = public_message(cause)
                is_foreseen = isinstance(cause, SyncError | exceptions.ProcrastinateException)
                log.warning("worker.error", error=str(cause), exc_info=None if is_foreseen else error)
            await asyncio.sleep(_AGAIN_SECONDS)

    async def _work(self, queues: list[Queue], concurrency: int, listens: bool) -> None:
        await self.jobs.app.run_worker_async(
            queues=queues,
            concurrency=concurrency,
            name="-".join(queues),
            listen_notify=listens,
            fetch_job_polling_interval=_POLL_SECONDS,
            delete_jobs="always",
            shutdown_graceful_timeout=_GRACE_SECONDS,
            install_signal_handlers=False,
            update_heartbeat_interval=HEARTBEAT_SECONDS,
            stalled_worker_timeout=STALLED_SECONDS,
        )

    async def _keep_schedule(self) -> None:
        await self.schedule.begin()
        self.error = None
        await self._say_alive()
        schedule = self.schedule
        works: dict[Work, float] = {schedule.defer_due: _DUE_SECONDS, schedule.defer_left: _LEFT_SECONDS}
        async with ticking(works):
            await asyncio.Event().wait()

    async def _keep_alive(self) -> None:
        """Says that this process is alive, and looks for jobs of processes that are not."""
        while True:
            await self._say_alive()
            await self.jobs.rescue()
            await self.jobs.return_waiting()
            await self.jobs.database.note("delete_old_workers")
            await asyncio.sleep(HEARTBEAT_SECONDS)

    async def _say_alive(self) -> None:
        await self.jobs.database.note(
            "upsert_worker",
            worker=self.name,
            queues=list(self.options.queues),
            concurrency=self.options.concurrency,
            error=self.error,
        )


async def cancel_until_done(
    tasks: Sequence[asyncio.Task[None]], again_seconds: float = _CANCEL_AGAIN_SECONDS
) -> None:
    """Again after a while: `asyncio.wait_for` of Python 3.11 loses a cancellation that comes as it ends."""
    while pending := [task for task in tasks if not task.done()]:
        for task in pending:
            task.cancel()
        await asyncio.wait(pending, timeout=again_seconds)
