"""One run: the lease on the workspace, the row that records it, and what it counts."""

import asyncio
import os
import socket
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import structlog

from app.clickup import Answer
from app.context import Context
from app.core.errors import (
    BadObject,
    ClickUpError,
    DatabaseDown,
    LeaseBusy,
    SyncError,
    TokenDead,
    Transient,
    leading_error,
)
from app.core.progress import Progress
from app.core.wire import Request
from app.supabase_db import Lease, Transaction, as_document, as_json

log = structlog.get_logger()

Kind = Literal["changes", "full", "deep", "employees"]
LEASE_TTL = timedelta(seconds=30)
_HEARTBEAT_SECONDS = 8
_PATIENCE = timedelta(seconds=45)
# So many single objects may stay unreadable before ClickUp itself is taken to be out of order.
_MAX_BROKEN_OBJECTS = 25


@dataclass(slots=True)
class Run:
    """A sync under way. `counts` are numbers for people, `notes` sentences for them.

    `doubtful`: tasks that seem gone, to be asked for themselves before the run ends.
    `withholds_deletions`: the listings are doubted, so that no 404 marks a task deleted. `naming` is held
    while names are learnt, so that nobody writes a row without a name that another is asking for.
    """

    context: Context
    workspace_id: str
    kind: Kind
    run_id: UUID
    lease: Lease
    progress: Progress
    started_at: datetime
    counts: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    skipped: list[dict[str, str]] = field(default_factory=list)
    broken: list[ClickUpError] = field(default_factory=list)
    doubtful: set[str] = field(default_factory=set)
    withholds_deletions: bool = False
    known_fields: dict[str, Any] = field(default_factory=dict)
    naming: asyncio.Lock = field(default_factory=asyncio.Lock)
    _writing: asyncio.Lock = field(default_factory=asyncio.Lock)
    rows_written: int = 0
    requests_before: int = 0

    @property
    def requests(self) -> int:
        """Requests this run sent so far, retries included."""
        return self.context.clickup.traffic.requests - self.requests_before

    @property
    def allowed_per_minute(self) -> int | None:
        """Requests that the budget allows in a minute; None where nothing limits."""
        return self.context.clickup.throttle.allowed_per_minute

    def now(self) -> datetime:
        """The present, UTC: before a request, so that what is read is at least as new."""
        return datetime.now(UTC)

    async def fetch(self, request: Request) -> Answer:
        """One answer from ClickUp."""
        return await self.context.clickup.fetch(request)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """A transaction under this run's lease, whose written rows count for the run.

        One at a time: two that touch the same rows in another order would wait for each other.
        """
        async with self._writing, self.context.database.transaction(self.lease) as tx:
            yield tx
        self.rows_written += tx.rows_written

    def note(self, sentence: str) -> None:
        """Something its users should read beside the run."""
        if sentence not in self.notes:
            self.notes.append(sentence)
            log.warning("run.note", run_id=str(self.run_id), note=sentence)

    def skip(self, error: BadObject) -> None:
        """Passes over one object that cannot be understood."""
        self._skip(error.kind, error.object_id, error.reason)

    def skip_unread(self, kind: str, object_id: str, error: ClickUpError) -> None:
        """Passes over one object that could not be read.

        An error that names itself (`ecode`) is about this object. Without it ClickUp is out of
        order: the run goes on with the rest and fails at its end, or at once when too many fail.
        """
        if isinstance(error, TokenDead):
            raise error
        self._skip(kind, object_id, error.reason)
        if isinstance(error, Transient) and not error.ecode:
            self.broken.append(error)
        if len(self.broken) > _MAX_BROKEN_OBJECTS:
            raise error

    def _skip(self, kind: str, object_id: str, reason: str) -> None:
        self.counts["skipped"] += 1
        self.skipped.append({"kind": kind, "object_id": object_id, "reason": reason})
        log.warning("object.skipped", kind=kind, object_id=object_id, reason=reason)


@asynccontextmanager
async def open_run(
    context: Context, workspace_id: str, kind: Kind, trigger: str, progress: Progress
) -> AsyncIterator[Run]:
    """A run under a lease of its own; its row says how it ended, whatever happens.

    Raises LeaseBusy when another process keeps the workspace, and the error that ended the run.
    """
    lease = await _take_lease(context, workspace_id, progress)
    heartbeat = asyncio.create_task(_keep_lease(context, lease))
    try:
        run = await _begin(context, workspace_id, kind, trigger, lease, progress)
        async with _recorded(run):
            yield run
    finally:
        heartbeat.cancel()
        with suppress(DatabaseDown):
            await context.database.note("release_lease", workspace_id=workspace_id, fence=lease.fence)


async def _begin(
    context: Context, workspace_id: str, kind: Kind, trigger: str, lease: Lease, progress: Progress
) -> Run:
    async with context.database.transaction(lease) as tx:
        await tx.note("interrupt_runs", workspace_id=workspace_id, fence=lease.fence)
        rows = await tx.fetch(
            "insert_run", workspace_id=workspace_id, kind=kind, trigger=trigger, fence=lease.fence
        )
    return Run(
        context=context,
        workspace_id=workspace_id,
        kind=kind,
        run_id=rows[0]["run_id"],
        lease=lease,
        progress=progress,
        started_at=datetime.now(UTC),
        requests_before=context.clickup.traffic.requests,
    )


@asynccontextmanager
async def _recorded(run: Run) -> AsyncIterator[None]:
    try:
        yield
        if run.broken:
            raise SyncError(_broken_sentence(run))
    except BaseException as error:
        cause = leading_error(error)
        interrupted = isinstance(cause, asyncio.CancelledError | KeyboardInterrupt)
        with suppress(DatabaseDown):
            await _finish(
                run, "interrupted" if interrupted else "failed", None if interrupted else str(cause)
            )
        raise cause from cause.__cause__
    await _finish(run, "succeeded", None)


def _broken_sentence(run: Run) -> str:
    count, first = len(run.broken), run.broken[0]
    return f"{count} object(s) could not be read, the first: {first}. The next sync asks for them again"


async def _finish(run: Run, status: str, error: str | None) -> None:
    async with run.context.database.transaction() as tx:
        if run.skipped:
            await tx.note(
                "upsert_skipped", workspace_id=run.workspace_id, run_id=run.run_id, rows=as_json(run.skipped)
            )
        if status == "succeeded" and run.kind in ("full", "deep"):
            await tx.note("forget_skipped", workspace_id=run.workspace_id, run_id=run.run_id)
        await tx.note(
            "finish_run",
            run_id=run.run_id,
            status=status,
            requests=run.requests,
            rows_written=run.rows_written,
            counts=as_document(run.counts),
            notes=as_document(run.notes),
            error=error or (None if status != "failed" else "unknown"),
        )
    log.info(
        "run.finished",
        run_id=str(run.run_id),
        kind=run.kind,
        status=status,
        requests=run.requests,
        rows_written=run.rows_written,
        error=error,
        **run.counts,
    )


async def _take_lease(context: Context, workspace_id: str, progress: Progress) -> Lease:
    holder = f"{socket.gethostname()}:{os.getpid()}"
    give_up_at, waits = datetime.now(UTC) + _PATIENCE, False
    while True:
        lease = await context.database.take_lease(workspace_id, holder, LEASE_TTL)
        if lease:
            return lease
        if datetime.now(UTC) > give_up_at:
            raise LeaseBusy(await _busy_sentence(context, workspace_id))
        if not waits:
            progress.begin("waiting for another sync, or for the lease of a killed one, to end", None)
            waits = True
        await asyncio.sleep(1)


async def _busy_sentence(context: Context, workspace_id: str) -> str:
    held = await context.database.fetch_one("get_lease", workspace_id=workspace_id)
    holder = held["holder"] if held else "another process"
    return f"workspace {workspace_id} is being synced by {holder}; `clickup-sync status` shows how far it is"


async def _keep_lease(context: Context, lease: Lease) -> None:
    while True:
        await asyncio.sleep(_HEARTBEAT_SECONDS)
        with suppress(DatabaseDown):
            kept = await context.database.fetch(
                "keep_lease", workspace_id=lease.workspace_id, fence=lease.fence, ttl=LEASE_TTL
            )
            if not kept:
                log.warning("lease.lost", workspace_id=lease.workspace_id)
                return
