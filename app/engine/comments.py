"""Comments: one read per task once, afterwards only where something may have changed."""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Literal

from app.core.clickup.models import Comment
from app.core.errors import ClickUpError, MalformedObject, NoPermission, NotFound, Unfinished
from app.core.sync.checkpoint import CommentsState
from app.core.sync.comment_proof import MOST_SHORT_READS, KnownComments, Thread
from app.core.sync.position import OrderedWork, Position
from app.core.words import pluralize
from app.engine.concurrency import side_by_side
from app.engine.external_changes import restore_rows
from app.engine.refused_rows import Writer, store
from app.engine.run import Run, raise_if_cancelled
from app.engine.task_comments import Read, Wanted, fetch_comments
from app.sql.connection import as_document, as_json
from app.supabase_db import Row, Transaction

Which = Literal["fresh", "changed", "waiting", "all"]
_BACKLOG_PAGE = 500
_READERS = 24
_COMMIT_SIZE = 50
# What changed longer ago than this and was not read for it is a backlog.
_FRESH = timedelta(hours=1)
_LAST, _EPOCH = datetime(9999, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class ReadStage:
    """One stage of reading comments: its name for people, the tasks that it reads, how far it is, and whether
    threads that seem unchanged are read as well. `page`: tasks that were listed and are not yet begun.
    """

    run: Run
    stage: str
    pages: AsyncIterator[list[Row]]
    state: CommentsState
    every_thread: bool = True
    page: deque[Wanted] = field(default_factory=deque)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    work: OrderedWork = field(init=False)

    def __post_init__(self) -> None:
        self.work = OrderedWork(self.state.position)


async def sync_comments(run: Run, which: Which) -> None:
    """Reads the comments of the live tasks that changed, of those on which a comment waits for
    somebody, or of all; `fresh` are those that changed of late, no more than a minute's budget allows.

    The backlog is a question to the mirror, so a run that was killed leaves the rest to the next.
    """
    stage = "waiting comments" if which == "waiting" else "comments"
    if state := run.state.comments.get(stage):
        state.is_cut = True
        # What is done behind the position the mirror knows itself.
        state.position.beyond.clear()
    # Whoever reads only what is fresh is followed by verification, which takes over what is too much.
    left = (run.allowed_per_minute or _BACKLOG_PAGE) if which == "fresh" else None
    state = run.state.comments.setdefault(stage, CommentsState(left=left))
    await run.once(stage, partial(_read_backlog, run, which, state, stage))


async def _read_backlog(run: Run, which: Which, state: CommentsState, stage: str) -> None:
    """Twice in a pass that was cut: a task that changed meanwhile comes before the position then."""
    await _read_all(ReadStage(run, stage, _backlog(run, which, state), state, which != "waiting"))
    if state.is_cut and not state.is_repeated:
        state.is_repeated, state.position = True, Position()
        await _read_all(ReadStage(run, stage, _backlog(run, which, state), state, which != "waiting"))
    _note_short(run, state)


async def read_comments_of(run: Run, rows: list[Row]) -> None:
    """Reads the comments of these tasks: rows of clickup_task_id, date_updated and total."""

    async def page() -> AsyncIterator[list[Row]]:
        if rows:
            yield rows

    reading = ReadStage(run, "comments", page(), CommentsState())
    await _read_all(reading)
    _note_short(run, reading.state)


async def _read_all(reading: ReadStage) -> None:
    """Raises Unfinished where the run should pause; what was read by then is committed."""
    # Bounded, so that what is read but not yet committed is little to lose.
    read: asyncio.Queue[Read | None] = asyncio.Queue(maxsize=_COMMIT_SIZE)
    async with asyncio.TaskGroup() as group:
        writer = group.create_task(_write(reading, read))
        is_finished = await _read_side_by_side(reading, read)
        await read.put(None)
        await writer
    if not is_finished:
        raise Unfinished


async def _read_side_by_side(reading: ReadStage, read: asyncio.Queue[Read | None]) -> bool:
    readers = (partial(_read, reading, read) for _ in range(_READERS))
    try:
        await side_by_side(*readers)
    except Unfinished:
        return False
    return True


def _note_short(run: Run, state: CommentsState) -> None:
    """Some of the short answers by name: there may be thousands."""
    for sentence in state.short:
        run.note(sentence)
    if state.more_short:
        more = pluralize(state.more_short, "more answer")
        run.note(f"{more} about comments were incomplete; stored comments are kept and read again")


async def _next(reading: ReadStage) -> Wanted | None:
    """The next task of the stage, which is then begun; None after the last."""
    async with reading.turn:
        if not reading.page:
            reading.page = await _next_page(reading)
        if not reading.page:
            return None
        task = reading.page.popleft()
        reading.work.begin(task.task_id, task.changed_at or _EPOCH)
        return task


async def _next_page(reading: ReadStage) -> deque[Wanted]:
    run, rows = reading.run, await anext(reading.pages, None)
    if not rows:
        return deque()
    if reading.stage not in run.progress.seen:
        run.progress.begin(reading.stage, rows[0]["total"], per_minute=run.allowed_per_minute)
    known = await _known(run, [row["clickup_task_id"] for row in rows])
    return deque(
        Wanted(row["clickup_task_id"], row["date_updated"], known[row["clickup_task_id"]]) for row in rows
    )


async def _backlog(run: Run, which: Which, state: CommentsState) -> AsyncIterator[list[Row]]:
    after, left = (state.position.changed_at or _LAST, state.position.after or ""), state.left
    while left is None or left > 0:
        rows = await run.context.database.ask(
            "list_tasks_for_comments",
            workspace_id=run.workspace_id,
            which=which,
            before=run.started_at,
            fresh_since=run.started_at - _FRESH,
            most_short_reads=MOST_SHORT_READS,
            after_change=after[0],
            after_id=after[1],
            limit=min(_BACKLOG_PAGE, left or _BACKLOG_PAGE),
        )
        if not rows:
            return
        if wanted := [row for row in rows if row["clickup_task_id"] not in state.passed_over]:
            yield wanted
        after = (rows[-1]["changed_at"], rows[-1]["clickup_task_id"])
        left = None if left is None else left - len(rows)


async def _known(run: Run, task_ids: list[str]) -> dict[str, KnownComments]:
    """What is stored of each task's comments."""
    ask, threads = run.context.database.fetch, defaultdict[str, dict[str, Thread]](dict)
    for row in await ask("list_threads", ids=task_ids):
        thread = Thread(frozenset(row["reply_ids"]), row["reply_count"], row["waits"])
        threads[row["clickup_task_id"]][row["comment_id"]] = thread
    short = {row["clickup_task_id"]: row for row in await ask("list_short_reads", ids=task_ids)}
    return {
        task_id: KnownComments(threads[task_id], *_short(short[task_id]))
        if task_id in short
        else KnownComments(threads[task_id])
        for task_id in task_ids
    }


def _short(row: Row) -> tuple[dict[str, datetime], int]:
    absent = (row["comments_absent"] or {}).items()
    return {one: datetime.fromisoformat(since) for one, since in absent}, row["comments_short_reads"]


async def _read(reading: ReadStage, read: asyncio.Queue[Read | None]) -> None:
    run = reading.run
    while (task := await _next(reading)) is not None:
        try:
            await read.put(await fetch_comments(run, task, every_thread=reading.every_thread))
        except NotFound:
            run.findings.doubtful.add(task.task_id)
            _pass_over(reading, task)
        except NoPermission as error:
            run.refuse("comments", task.task_id, error)
            _pass_over(reading, task)
        except ClickUpError as error:
            run.skip_unread("comments of task", task.task_id, error)
            _pass_over(reading, task)
        except MalformedObject as error:
            run.skip(error)
            _pass_over(reading, task)
        run.progress.advance(reading.stage)
        run.pause_if_due()


def _pass_over(reading: ReadStage, task: Wanted) -> None:
    reading.state.passed_over.add(task.task_id)
    _finish(reading, task)


def _finish(reading: ReadStage, task: Wanted) -> None:
    reading.work.finish(task.task_id)
    if reading.state.left is not None:
        reading.state.left -= 1


async def _write(reading: ReadStage, read: asyncio.Queue[Read | None]) -> None:
    """Commits what has been read so far, together: small batches at a slow rate, large at a fast one."""
    ended = False
    while not ended:
        batch, ended = await _next_batch(read)
        if batch:
            await _store(reading, batch)


async def _next_batch(read: asyncio.Queue[Read | None]) -> tuple[list[Read], bool]:
    batch: list[Read] = []
    raise_if_cancelled()
    item = await read.get()
    while item is not None:
        batch.append(item)
        if read.empty() or len(batch) >= _COMMIT_SIZE:
            return batch, False
        item = read.get_nowait()
    return batch, True


async def _store(reading: ReadStage, batch: list[Read]) -> None:
    run = reading.run
    asked_at = min(read.asked_at for read in batch)
    tasks = [read.wanted.task_id for read in batch]
    comments = [comment for read in batch for comment in read.comments]
    gone = [comment_id for read in batch for comment_id in read.gone]

    async def write(tx: Transaction, some: list[Comment]) -> list[str]:
        written = await tx.write_returning(
            "upsert_comments", workspace_id=run.workspace_id, rows=as_json(some), asked_at=asked_at
        )
        return [row["clickup_comment_id"] for row in written]

    async def body(writer: Writer) -> tuple[int, int]:
        await restore_rows(run, writer.tx, tasks)
        written, tx = await writer.write("comment", comments, write), writer.tx
        deleted = await tx.write("delete_comments", tasks=tasks, ids=gone, asked_at=asked_at)
        await tx.write("refresh_waiting_comments", ids=tasks)
        await tx.note(
            "mark_comments_read",
            workspace_id=run.workspace_id,
            ids=tasks,
            changed=[read.wanted.changed_at for read in batch],
            short=[read.is_short for read in batch],
            absent=[as_document(read.absent) if read.absent else None for read in batch],
            asked_at=asked_at,
        )
        return written, deleted

    written, deleted = await store(run, body)
    run.findings.counts["comments written"] += written
    run.findings.counts["comments deleted"] += deleted
    run.findings.counts["tasks asked for comments"] += len(batch)
    run.findings.counts["comments kept without proof"] += sum(len(read.absent) for read in batch)
    for one in batch:
        reading.state.add_short(one.short)
        _finish(reading, one.wanted)
    await run.could_read("comments", tasks)
