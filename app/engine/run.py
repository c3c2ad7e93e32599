"""One run: the row that records it, its counters, and the priority of its requests.

A pass (`incremental`, `full`, `deep`) is one run, and may be several jobs one after the other: each continues
at the checkpoint of the one before it.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

import structlog

from app.clickup import Answer, Caller
from app.context import Context
from app.core.clickup.wire import Request
from app.core.errors import (
    ClickUpError,
    DatabaseDown,
    IncompleteRead,
    MalformedObject,
    NoPermission,
    RunCancelled,
    RunTakenOver,
    TokenRejected,
    Transient,
    Unfinished,
    category_of,
    public_message,
    root_error,
)
from app.core.sync.checkpoint import Checkpoint, Findings, PassState, read_checkpoint, write_checkpoint
from app.core.sync.coverage import SeenTasks
from app.core.sync.progress import Progress, Stages
from app.core.sync.refusal import RefusalKind, Refusals
from app.core.sync.run_kind import RunKind
from app.core.sync.throttle import Priority
from app.core.words import by_table, pluralize
from app.engine.refusals import record_refusals
from app.sql.connection import as_document, as_json
from app.supabase_db import ClickUpTimes, Row, RunFence, Transaction

log = structlog.get_logger()

# Of these, several runs may be under way, and nobody asks for one.
UNREQUESTED: tuple[RunKind, ...] = ("webhook", "verification")
# Passes over many objects, which go on from a checkpoint.
PASSES: tuple[RunKind, ...] = ("incremental", "first", "full", "deep")
_PROGRESS_SECONDS, _CHECKPOINT_SECONDS = 1.0, 30.0
# So long after its time limit a run is cut off wherever it is: what waits for the rate limit may wait longer.
_GRACE = timedelta(seconds=12)
# So many single objects may stay unreadable before ClickUp itself is taken to be out of order.
_MAX_BROKEN_OBJECTS = 25
_MOST_NAMED_ROWS, _MOST_NAMED_FIELDS = 10, 5


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What is to be done, and for whom. `verification_follows`: workers read later what this run leaves out.

    `was_requested`: it is done where its run still waits, and no new run is begun. `is_resumable`: its run
    waits for another worker where it is interrupted.
    """

    kind: RunKind
    trigger: str
    priority: Priority = Priority.REQUESTED
    verification_follows: bool = False
    was_requested: bool = False
    is_resumable: bool = False


@dataclass(slots=True)
class RunClock:
    """How far ClickUp's clock is ahead of this machine's, at the least and at the most: what the answers of a
    run tell. A Date header has whole seconds.
    """

    least: timedelta | None = None
    most: timedelta | None = None

    def note(self, answer: Answer) -> None:
        """What an answer tells that came just now; one without a Date tells nothing."""
        if answer.server_asked_at is None:
            return
        least = answer.server_asked_at - answer.asked_at
        most = answer.server_now + timedelta(seconds=1) - datetime.now(UTC)
        self.least = least if self.least is None else min(self.least, least)
        self.most = most if self.most is None else max(self.most, most)

    def times(self, read_since: datetime) -> ClickUpTimes:
        """For what is written now and was read since then, by this machine's clock."""
        least, most = self.least or timedelta(), self.most or timedelta()
        return ClickUpTimes(datetime.now(UTC) + most, least, read_since + least)


@dataclass(slots=True)
class Run:
    """A sync under way.

    `max_deleted_percent`: how much of the mirror this run may mark deleted.
    `refused_before`: the objects that ClickUp refused in earlier runs, by kind. `naming` is held
    while names are learnt, so that nobody writes a row without a name that another is asking for.
    `state`: what a pass goes on with, and `seen` the tasks that its listings showed. `deadline` (monotonic
    seconds): when to stop at the next safe place; None lets it run to the end. `is_finished`: False when it
    stopped there.
    """

    context: Context
    options: RunOptions
    fence: RunFence
    progress: Stages
    max_deleted_percent: int
    caller: Caller
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    skipped: list[dict[str, str]] = field(default_factory=list)
    refused_before: dict[str, set[str]] = field(default_factory=dict)
    known_fields: dict[str, Any] = field(default_factory=dict)
    naming: asyncio.Lock = field(default_factory=asyncio.Lock)
    rows_written: int = 0
    findings: Findings = field(default_factory=Findings)
    state: PassState = field(default_factory=PassState)
    seen: SeenTasks = field(default_factory=SeenTasks)
    deadline: float | None = None
    is_finished: bool = True
    clock: RunClock = field(default_factory=RunClock)
    _requests_before: int = 0

    @property
    def kind(self) -> RunKind:
        """What is done."""
        return self.options.kind

    @property
    def workspace_id(self) -> str:
        """The workspace that is synced."""
        return self.fence.workspace_id

    @property
    def run_id(self) -> UUID:
        """The run's row in `runs`."""
        return self.fence.run_id

    @property
    def compares_rows(self) -> bool:
        """Whether rows are compared with what is read, whatever their stored fingerprints say."""
        return self.kind == "deep" or self.findings.unwatched_since is not None

    @property
    def requests(self) -> int:
        """Requests this run sent so far, retries and earlier jobs of its pass included."""
        return self._requests_before + self.caller.traffic.requests

    @property
    def allowed_per_minute(self) -> int | None:
        """Requests that the budget allows in a minute; None where nothing limits."""
        return self.context.clickup.throttle.allowed_per_minute

    @property
    def should_pause(self) -> bool:
        """Whether its time is over, so that it stops at the next safe place."""
        return self.deadline is not None and time.monotonic() >= self.deadline

    def pause_if_due(self) -> None:
        """To be called at a safe place: all that was read is committed, and `state` speaks of it.

        At least one unit of work comes before it, so that each job brings a pass on. Raises Unfinished.
        """
        raise_if_cancelled()
        if self.should_pause:
            raise Unfinished

    async def once(self, stage: str, work: Callable[[], Awaitable[None]]) -> None:
        """Does a stage of a pass, unless an earlier job of it has done that; behind it the pass may pause."""
        if stage in self.state.done:
            return
        await work()
        self.state.done.add(stage)
        self.pause_if_due()

    async def bounded(self, work: Awaitable[None]) -> None:
        """Does the work, and cuts it off a moment after the deadline. Raises Unfinished then."""
        left = None if self.deadline is None else max(self.deadline - time.monotonic(), 0.0)
        try:
            async with asyncio.timeout(None if left is None else left + _GRACE.total_seconds()) as limit:
                await work
        except TimeoutError:
            if limit.expired():
                raise Unfinished from None
            raise

    def checkpoint(self) -> Checkpoint:
        """Where the pass is; not yet a copy, so to be written before anything else happens."""
        return Checkpoint(self.started_at, self.state, self.findings, self.progress.seen)

    def continue_from(self, checkpoint: Checkpoint, *, requests: int, rows_written: int) -> None:
        """Goes on where an earlier job of the pass stopped, which had sent and written so much."""
        self.started_at, self.state = checkpoint.started_at, checkpoint.state
        self.findings = checkpoint.findings
        self.progress.resume(checkpoint.stages)
        self._requests_before, self.rows_written = requests, rows_written

    def now(self) -> datetime:
        """The present, UTC: before a request, so that what is read is at least as new."""
        return datetime.now(UTC)

    async def fetch(self, request: Request, *, confirm: bool = True) -> Answer:
        """One answer from ClickUp; see `ClickUp.fetch`."""
        try:
            answer = await self.context.clickup.fetch(request, self.caller, confirm=confirm)
        except ClickUpError as error:
            # A task that is gone may be all that a run asks for.
            if error.times:
                self.clock.note(Answer(None, *error.times))
            raise
        self.clock.note(answer)
        return answer

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """A transaction whose written rows count for the run. Raises RunTakenOver before it writes."""
        async with self.context.database.run_transaction(self.fence, self.clock.times(self.started_at)) as tx:
            yield tx
        self.rows_written += tx.rows_written
        self.findings.restored.update(tx.restored)

    def note(self, sentence: str) -> None:
        """Something its users should read beside the run."""
        if sentence not in self.findings.notes:
            self.findings.notes.append(sentence)
            log.warning("run.note", run_id=str(self.run_id), note=sentence)

    def note_unreadable(self) -> None:
        """Names the first rows of which fields could not be read, and counts the others."""
        unreadable = self.findings.unreadable
        for row, fields in islice(unreadable.items(), _MOST_NAMED_ROWS):
            named = ", ".join(
                f"{name} ({reason})" for name, reason in islice(fields.items(), _MOST_NAMED_FIELDS)
            )
            self.note(f"{row}: these fields could not be read: {named}")
        if len(unreadable) > _MOST_NAMED_ROWS:
            rows = pluralize(len(unreadable), "row")
            self.note(
                f"{rows} in all have fields that could not be read: see their column `unreadable_fields`"
            )
        if unreadable:
            self.findings.counts["rows with unreadable fields"] = len(unreadable)

    def skip(self, error: MalformedObject) -> None:
        """Passes over one object that cannot be understood."""
        self._skip(error.kind, error.object_id, error.reason)

    def skip_unread(self, kind: str, object_id: str, error: ClickUpError) -> None:
        """Passes over one object that could not be read.

        An error that names itself (`ecode`) is about this object. Without it ClickUp is out of
        order: the run goes on with the rest and fails at its end, or at once when too many fail.
        """
        if isinstance(error, TokenRejected):
            raise error
        self._skip(kind, object_id, error.reason)
        if isinstance(error, Transient) and not error.ecode:
            self.findings.broken.append(str(error))
        if len(self.findings.broken) > _MAX_BROKEN_OBJECTS:
            raise error

    def refuse(self, kind: RefusalKind, object_id: str, error: NoPermission) -> None:
        """ClickUp refuses the token this object; recorded when the run ends."""
        self.findings.refusals.add(kind, object_id, error.reason)

    async def could_read(self, kind: RefusalKind, ids: Collection[str]) -> None:
        """These objects were answered: what was refused of them before is forgotten."""
        self.findings.refusals.read.add(kind)
        if known := self.refused_before.get(kind, set()).intersection(ids):
            self.refused_before[kind] -= known
            await self.context.database.note(
                "delete_refusals", workspace_id=self.workspace_id, kind=kind, ids=list(known)
            )

    async def record_refusals(self) -> None:
        """Writes what was refused so far, and says so."""
        refusals, self.findings.refusals = self.findings.refusals, Refusals()
        many = any("" in self.refused_before.get(kind, ()) for kind in refusals.read)
        if not refusals.reasons and not many:
            return
        for note in await record_refusals(self.context.database, self.workspace_id, refusals):
            self.note(note)

    def skip_optional(self, kind: str, object_id: str, error: ClickUpError) -> None:
        """Passes over what is only nice to know: the run says so, and does not fail."""
        if isinstance(error, TokenRejected):
            raise error
        self._skip(kind, object_id, error.reason)
        self.note(f"not read: {error}")

    def _skip(self, kind: str, object_id: str, reason: str) -> None:
        self.findings.counts["skipped"] += 1
        self.skipped.append({"kind": kind, "object_id": object_id, "reason": reason})
        log.warning("object.skipped", kind=kind, object_id=object_id, reason=reason)


@asynccontextmanager
async def open_run(
    context: Context,
    workspace_id: str,
    options: RunOptions,
    progress: Progress,
    *,
    time_limit: timedelta | None = None,
) -> AsyncIterator[Run]:
    """A run whose row says how it ended, whatever happens. Raises the error that ended it.

    The run of this kind that waits, or that another worker left; a new one where there is none. A pass goes
    on from the last checkpoint in its row. After `time_limit` it stops at the next safe place, stores a
    checkpoint, and `is_finished` is False: the row stays `running`, and the next job takes it from there.
    Without a limit it goes on to its end.
    """
    row = await _begin(context, workspace_id, options)
    max_deleted_percent = row["max_deleted_percent"]
    if max_deleted_percent is None:
        max_deleted_percent = context.settings.max_deleted_percent
    fence = RunFence(workspace_id, row["run_id"], row["fence"], context.settings.history == "on")
    run = Run(
        context, options, fence, Stages(progress), max_deleted_percent, Caller(options.priority),
        started_at=row["started_at"],
    )  # fmt: skip
    if time_limit is not None:
        run.deadline = time.monotonic() + time_limit.total_seconds()
    async with _recorded(run):
        for refused in await context.database.ask("list_refused", workspace_id=workspace_id):
            run.refused_before.setdefault(refused["kind"], set()).add(refused["object_id"])
        if row["checkpoint"]:
            await _continue(run, row)
        yield run


async def _begin(context: Context, workspace_id: str, options: RunOptions) -> Row:
    what = {"workspace_id": workspace_id, "kind": options.kind}
    async with context.database.transaction() as tx:
        rows = [] if options.kind in UNREQUESTED else await tx.fetch("start_run", **what)
        if not rows and options.was_requested:
            raise RunCancelled(f"the requested {options.kind} sync of workspace {workspace_id} was cancelled")
        return (rows or await tx.fetch("insert_run", **what, trigger=options.trigger))[0]


async def _continue(run: Run, row: Row) -> None:
    """What the checkpoint in the row says; a pass begins anew where another version wrote it."""
    checkpoint = read_checkpoint(row["checkpoint"])
    if checkpoint is None:
        log.warning("run.begins_anew", run_id=str(run.run_id), kind=run.kind)
        async with run.transaction() as tx:
            await tx.note("delete_seen_tasks", run_id=run.run_id)
        return
    run.continue_from(checkpoint, requests=row["requests"], rows_written=row["rows_written"])
    if run.state.needs_seen_tasks:
        for part in await run.context.database.ask("list_seen_tasks", run_id=run.run_id):
            run.seen.ids.update(part["task_ids"])
    log.info("run.continued", run_id=str(run.run_id), kind=run.kind, requests=run.requests)


@asynccontextmanager
async def _recorded(run: Run) -> AsyncIterator[None]:
    telling = asyncio.create_task(_tell_progress(run))
    try:
        yield
        await run.record_refusals()
        if run.findings.broken:
            raise IncompleteRead(_broken_sentence(run))
    except BaseException as error:
        cause = root_error(error)
        if isinstance(cause, Unfinished):
            await _store_checkpoint(run)
            run.is_finished = False
            return
        interrupted = isinstance(cause, asyncio.CancelledError | KeyboardInterrupt)
        with suppress(DatabaseDown):
            if interrupted and run.options.is_resumable:
                if run.kind in PASSES:
                    await _store_checkpoint(run)
                await run.context.database.note(
                    "give_up_runs", workspace_id=run.workspace_id, kind=run.kind, error=None
                )
            else:
                await (_finish(run, "interrupted") if interrupted else _finish(run, "failed", cause))
        raise cause from cause.__cause__
    else:
        await _finish(run, "succeeded")
    finally:
        telling.cancel()


def raise_if_cancelled() -> None:
    """Raises CancelledError where the task was told to end and goes on.

    `asyncio.wait_for` of Python 3.11 loses a cancellation that comes as it ends, and the pool of connections
    waits by it. Nobody cancels the tasks of a TaskGroup twice.
    """
    task = asyncio.current_task()
    if task and task.cancelling():
        raise asyncio.CancelledError


async def _tell_progress(run: Run) -> None:
    """Says how far the run is, and stores checkpoints: a process may be killed at any moment."""
    stored_at = time.monotonic()
    while True:
        raise_if_cancelled()
        await asyncio.sleep(_PROGRESS_SECONDS)
        with suppress(DatabaseDown, RunTakenOver):
            if run.kind in PASSES and time.monotonic() - stored_at >= _CHECKPOINT_SECONDS:
                stored_at = time.monotonic()
                await _store_checkpoint(run)
            await run.context.database.note(
                "note_progress",
                run_id=run.run_id,
                fence=run.fence.fence,
                progress=as_document(run.progress.seen),
                requests=run.requests,
                rows_written=run.rows_written,
            )


async def _store_checkpoint(run: Run) -> None:
    async with run.transaction() as tx:
        stored = await _write_checkpoint(run, tx)
    _forget(run, stored)


async def _write_checkpoint(run: Run, tx: Transaction) -> tuple[int, int]:
    """Stores where the pass is; how many of the seen tasks and of the skipped objects no longer wait for it.

    Of the ids that listings showed only those are written that no earlier checkpoint has.
    """
    # All of it must speak of the same moment: no await before it is taken.
    document, progress = write_checkpoint(run.checkpoint()), as_document(run.progress.seen)
    seen, skipped = list(run.seen.unstored), list(run.skipped)
    of = {"run_id": run.run_id, "fence": run.fence.fence}
    if seen:
        await tx.note("insert_seen_tasks", **of, seen_before=run.seen.stored, task_ids=seen)
    await _write_skipped(run, tx, skipped)
    await tx.note(
        "store_checkpoint",
        **of,
        checkpoint=document,
        progress=progress,
        requests=run.requests,
        rows_written=run.rows_written,
    )
    return len(seen), len(skipped)


def _forget(run: Run, stored: tuple[int, int]) -> None:
    seen, skipped = stored
    del run.seen.unstored[:seen], run.skipped[:skipped]


async def _write_skipped(run: Run, tx: Transaction, skipped: list[dict[str, str]]) -> None:
    if skipped:
        await tx.note(
            "upsert_skipped", workspace_id=run.workspace_id, run_id=run.run_id, rows=as_json(skipped)
        )


def _broken_sentence(run: Run) -> str:
    count, first = pluralize(len(run.findings.broken), "object"), run.findings.broken[0]
    return f"{count} could not be read, the first: {first}. The next sync tries again"


async def _finish(run: Run, status: str, error: BaseException | None = None) -> None:
    """Writes what may be said of it; the log has the error itself.

    Of a pass that did not come to its end the row keeps a checkpoint, from which another job may continue. Of
    one that failed that is the last one: what is out of order may have spoilt what was read shortly before.
    """
    is_over = status == "succeeded" or isinstance(error, IncompleteRead)
    async with run.context.database.transaction() as tx:
        if status == "interrupted" and run.kind in PASSES:
            _forget(run, await _write_checkpoint(run, tx))
        _sum_up(run)
        await _write_skipped(run, tx, run.skipped)
        if status == "succeeded" and run.kind in ("full", "deep"):
            await tx.note("forget_skipped", workspace_id=run.workspace_id, run_id=run.run_id)
        await tx.note(
            "finish_run",
            run_id=run.run_id,
            fence=run.fence.fence,
            status=status,
            requests=run.requests,
            rows_written=run.rows_written,
            clock_ahead_ms=(run.clock.least or timedelta()) // timedelta(milliseconds=1),
            counts=as_document(run.findings.counts),
            notes=as_document(run.findings.notes),
            error=public_message(error) if error else None,
            fault=category_of(error) if error else None,
            is_over=is_over,
        )
    log.info(
        "run.finished",
        run_id=str(run.run_id),
        kind=run.kind,
        status=status,
        requests=run.requests,
        rows_written=run.rows_written,
        error=(str(error) or type(error).__name__) if error else None,
        **run.findings.counts,
    )


def _sum_up(run: Run) -> None:
    """Says what only the end of a run tells; a checkpoint has none of it."""
    run.note_unreadable()
    if restored := run.findings.restored:
        run.findings.counts["rows restored"] = restored.total()
        run.note(
            f"another program had changed {pluralize(restored.total(), 'row')} in the database; this "
            f"sync restored them: {by_table(restored)}. To change data, change it in ClickUp"
        )
