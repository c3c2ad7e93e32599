"""Requests a sync and follows it; `clickup-sync sync` also does its own job.

Of a workspace and kind one run waits or is under way: a second request joins it.
"""

import asyncio
import os
import socket
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any
from uuid import UUID

from app.core.errors import SyncError
from app.core.sync.progress import Progress
from app.core.sync.run_kind import RequestableKind
from app.jobs.kinds import Job
from app.jobs.queue import JobQueue
from app.supabase_db import Database, Row
from app.sync import RunReport, initial_sync_done

_LOOK_SECONDS = 0.25
_RESCUE_EVERY = 20
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class SyncRequest:
    """The sync that is asked for. `max_deleted_percent` None leaves it to the settings of who does it."""

    workspace_id: str
    kind: RequestableKind
    trigger: str
    max_deleted_percent: int | None = None


@dataclass(frozen=True, slots=True)
class RequestedRun:
    """The run that does it: a new one, or the one of this kind that waits or is under way."""

    run_id: UUID
    kind: RequestableKind
    status: str
    max_deleted_percent: int | None
    is_new: bool

    def fulfils(self, request: SyncRequest) -> bool:
        """Whether this run is as it was asked for."""
        return request.max_deleted_percent in (None, self.max_deleted_percent)


async def request_run(jobs: JobQueue, request: SyncRequest, queue: str | None = None) -> RequestedRun:
    """Has a sync made, or joins the one of this kind that waits or is under way. Raises DatabaseDown.

    Before the end of its first sync, nothing less than that is done for what changed. `queue`: for its job,
    instead of that of its kind.
    """
    kind = request.kind
    if kind == "incremental" and await _first_sync_is_left(jobs.database, request.workspace_id):
        kind = "first"
    what = {"workspace_id": request.workspace_id, "kind": kind}
    while True:
        async with jobs.database.transaction() as tx:
            how = {"trigger": request.trigger, "max_deleted_percent": request.max_deleted_percent}
            made = await tx.fetch("request_run", **what, **how)
            rows = made or await tx.fetch("get_unended_run", **what)
            if rows and rows[0]["status"] == "waiting":
                await jobs.defer_now(Job(kind, request.workspace_id, request.trigger), tx, queue)
        if rows:
            row = rows[0]
            return RequestedRun(
                row["run_id"], kind, row["status"], row["max_deleted_percent"], is_new=bool(made)
            )


async def _first_sync_is_left(database: Database, workspace_id: str) -> bool:
    """Also where all but the comments is read, and a run that a process left waits for whoever goes on."""
    if not await initial_sync_done(database, workspace_id):
        return True
    unended = await database.ask("get_unended_run", workspace_id=workspace_id, kind="first")
    return any(run["status"] == "waiting" for run in unended)


async def cancel_run(jobs: JobQueue, run: RequestedRun) -> None:
    """Nobody needs the run any more, if it still waits."""
    await jobs.database.note("cancel_run", run_id=run.run_id)


def command_queue() -> str:
    """A queue for the jobs of one command, which no other worker reads."""
    return f"command {socket.gethostname()[:60]}:{os.getpid()}:{next(_numbers)}"


@dataclass(slots=True)
class Following:
    """Follows a requested sync to its end, and does its job here where it is no other worker's.

    `outcomes`: how jobs ended that were done here.
    """

    jobs: JobQueue
    request: SyncRequest
    progress: Progress
    outcomes: list[RunReport | BaseException]
    queue: str = field(default_factory=command_queue)
    run: RequestedRun | None = None
    _shown: dict[str, int] = field(default_factory=dict)

    async def until_done(self) -> RunReport:
        """The report of the run that did it. Raises SyncError with why it failed."""
        try:
            for looks in count():
                if looks % _RESCUE_EVERY == 0:
                    await self.jobs.rescue()
                if self.run is None:
                    await self._request()
                await self._work()
                if report := self._outcome() or await self._look():
                    return report
                await asyncio.sleep(_LOOK_SECONDS)
        finally:
            await self._leave()
        raise AssertionError("it ends by itself")

    async def _request(self) -> None:
        run = await request_run(self.jobs, self.request, self.queue)
        if run.fulfils(self.request):
            self.run = run
        else:
            self.progress.begin(f"waiting for another {run.kind} sync", None)

    async def _leave(self) -> None:
        """What waits in this queue is done by workers; what nobody else asked for is not done."""
        if self.run and self.run.is_new:
            job = Job(self.run.kind, self.request.workspace_id)
            await cancel_run(self.jobs, self.run)
            await self.jobs.database.note(
                "delete_waiting_job", queue=self.queue, queueing_lock=job.queueing_lock
            )
        await self.jobs.return_waiting(self.queue)

    async def _work(self) -> None:
        """Does the job here. Jobs that wait for workers are taken over where there is no worker."""
        if self.run is None or self.run.status == "running":
            return
        if not await self.jobs.has_worker():
            job = Job(self.run.kind, self.request.workspace_id)
            await self.jobs.database.note("move_waiting_jobs", queue=self.queue, lock=job.lock)
        await self.jobs.work_off(self.queue)

    def _outcome(self) -> RunReport | None:
        """How the job ended that was done here. Raises what it failed with."""
        if not self.outcomes:
            return None
        outcome = self.outcomes.pop()
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    async def _look(self) -> RunReport | None:
        """The report of the run, once it has ended."""
        if self.run is None:
            return None
        row = await self.jobs.database.fetch_one("get_run", run_id=self.run.run_id)
        if row is None or row["status"] == "interrupted":
            self.run = None  # it was cancelled by who asked for it first
            return None
        self.run = replace(self.run, status=row["status"])
        if row["status"] == "failed":
            raise SyncError(row["error"])
        self._show(row["progress"])
        return _report(row) if row["status"] == "succeeded" else None

    def _show(self, stages: dict[str, Any]) -> None:
        for stage, (done, total) in stages.items():
            if stage not in self._shown:
                self.progress.begin(stage, total)
            self.progress.advance(stage, done - self._shown.get(stage, 0))
            self._shown[stage] = done


def _report(row: Row) -> RunReport:
    return RunReport(
        run_id=str(row["run_id"]),
        workspace_id=row["workspace_id"],
        kind=row["kind"],
        seconds=round((row["ended_at"] - row["started_at"]).total_seconds(), 3),
        requests=row["requests"],
        rows_written=row["rows_written"],
        counts=row["counts"],
        notes=row["notes"],
    )
