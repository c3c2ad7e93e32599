"""Comments: one read per task once, afterwards only where something may have changed."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from app.core.clickup.models import Comment
from app.core.errors import ClickUpError, MalformedObject, NoPermission, NotFound
from app.core.sync.comment_proof import MOST_SHORT_READS, KnownComments, Thread
from app.core.words import pluralize
from app.engine.external_changes import restore_rows
from app.engine.refused_rows import Writer, store
from app.engine.run import Run
from app.engine.task_comments import Read, Wanted, fetch_comments
from app.sql.connection import as_document, as_json
from app.supabase_db import Row, Transaction

Which = Literal["fresh", "changed", "waiting", "all"]
_BACKLOG_PAGE = 500
_READERS = 24
_COMMIT_SIZE = 50
_MOST_NOTES = 3
# What changed longer ago than this and was not read for it is a backlog.
_FRESH = timedelta(hours=1)
_LAST = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class ReadStage:
    """One stage of reading comments: its name for people, and whether threads that seem unchanged
    are read as well. `short`: sentences about all short answers.
    """

    run: Run
    stage: str
    every_thread: bool = True
    short: list[str] = field(default_factory=list)


async def sync_comments(run: Run, which: Which) -> None:
    """Reads the comments of the live tasks that changed, of those on which a comment waits for
    somebody, or of all; `fresh` are those that changed of late, no more than a minute's budget allows.

    The backlog is a question to the mirror, so a run that was killed leaves the rest to the next.
    """
    stage = "waiting comments" if which == "waiting" else "comments"
    await _read_all(ReadStage(run, stage, every_thread=which != "waiting"), _backlog(run, which))


async def read_comments_of(run: Run, rows: list[Row]) -> None:
    """Reads the comments of these tasks: rows of clickup_task_id, date_updated and total."""

    async def page() -> AsyncIterator[list[Row]]:
        if rows:
            yield rows

    await _read_all(ReadStage(run, "comments"), page())


async def _read_all(reading: ReadStage, pages: AsyncIterator[list[Row]]) -> None:
    wanted: asyncio.Queue[Wanted | None] = asyncio.Queue(maxsize=_READERS)
    # Bounded, so that what is read but not yet committed is little to lose.
    read: asyncio.Queue[Read | None] = asyncio.Queue(maxsize=_COMMIT_SIZE)
    async with asyncio.TaskGroup() as group:
        group.create_task(_list_wanted(reading, wanted, pages))
        writer = group.create_task(_write(reading.run, read))
        async with asyncio.TaskGroup() as readers:
            for _ in range(_READERS):
                readers.create_task(_read(reading, wanted, read))
        await read.put(None)
        await writer
    _note_short(reading)


def _note_short(reading: ReadStage) -> None:
    """Some of the short answers by name: there may be thousands."""
    for sentence in reading.short[:_MOST_NOTES]:
        reading.run.note(sentence)
    if len(reading.short) > _MOST_NOTES:
        more = pluralize(len(reading.short) - _MOST_NOTES, "more answer")
        reading.run.note(f"{more} about comments showed too little; what is known is kept and read again")


async def _list_wanted(
    reading: ReadStage, wanted: asyncio.Queue[Wanted | None], pages: AsyncIterator[list[Row]]
) -> None:
    run, begun = reading.run, False
    async for rows in pages:
        if not begun:
            run.progress.begin(reading.stage, rows[0]["total"], per_minute=run.allowed_per_minute)
            begun = True
        known = await _known(run, [row["clickup_task_id"] for row in rows])
        for row in rows:
            task_id = row["clickup_task_id"]
            await wanted.put(Wanted(task_id, row["date_updated"], known[task_id]))
    for _ in range(_READERS):
        await wanted.put(None)


async def _backlog(run: Run, which: Which) -> AsyncIterator[list[Row]]:
    after: tuple[datetime, str] = (_LAST, "")
    # Whoever reads only what is fresh has a sweep behind it, which takes over what is too much.
    left = (run.allowed_per_minute or _BACKLOG_PAGE) if which == "fresh" else None
    while left is None or left > 0:
        rows = await run.context.database.fetch(
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
        yield rows
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


async def _read(
    reading: ReadStage, wanted: asyncio.Queue[Wanted | None], read: asyncio.Queue[Read | None]
) -> None:
    run = reading.run
    while (task := await wanted.get()) is not None:
        try:
            found = await fetch_comments(run, task, every_thread=reading.every_thread)
            reading.short += found.short
            await read.put(found)
        except NotFound:
            run.doubtful.add(task.task_id)
        except NoPermission as error:
            run.refuse("comments", task.task_id, error)
        except ClickUpError as error:
            run.skip_unread("comments of task", task.task_id, error)
        except MalformedObject as error:
            run.skip(error)
        run.progress.advance(reading.stage)


async def _write(run: Run, read: asyncio.Queue[Read | None]) -> None:
    """Commits what has been read so far, together: small batches at a slow rate, large at a fast one."""
    ended = False
    while not ended:
        batch, ended = await _next_batch(read)
        if batch:
            await _store(run, batch)


async def _next_batch(read: asyncio.Queue[Read | None]) -> tuple[list[Read], bool]:
    batch: list[Read] = []
    item = await read.get()
    while item is not None:
        batch.append(item)
        if read.empty() or len(batch) >= _COMMIT_SIZE:
            return batch, False
        item = read.get_nowait()
    return batch, True


async def _store(run: Run, batch: list[Read]) -> None:
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
    run.counts["comments written"] += written
    run.counts["comments deleted"] += deleted
    await run.could_read("comments", tasks)
    run.counts["tasks asked for comments"] += len(batch)
    run.counts["comments kept without proof"] += sum(len(read.absent) for read in batch)
