"""Comments: one read per task once, afterwards only where something may have changed."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from app.core import wire
from app.core.comment import next_page, read_comment
from app.core.errors import BadObject, ClickUpError, NoPermission, NotFound, Transient
from app.core.models import Comment
from app.core.values import identifier, mapping
from app.refused_rows import Writer, store
from app.run import Run
from app.supabase_db import Row, Transaction, as_json

Which = Literal["fresh", "changed", "waiting", "all"]
_BACKLOG_PAGE = 500
_READERS = 24
_COMMIT_SIZE = 50
# What changed longer ago than this and was not read for it is a backlog.
_FRESH = timedelta(hours=1)
_LAST = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A task whose comments are to be read, and its state at the moment that was decided."""

    task_id: str
    changed_at: datetime | None
    threads: dict[str, Row] = field(default_factory=dict)


@dataclass(slots=True)
class Read:
    """One task's comments, read to the end. `ids`: all in the answers, also those not understood."""

    wanted: Wanted
    asked_at: datetime
    comments: list[Comment] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Reading:
    """One stage of reading comments: its name for people, and whether threads that seem unchanged
    are read as well.
    """

    run: Run
    stage: str
    every_thread: bool = True


async def sync_comments(run: Run, which: Which) -> None:
    """Reads the comments of the live tasks that changed, of those on which a comment waits for
    somebody, or of all; `fresh` are those that changed of late, no more than a minute's budget allows.

    The backlog is a question to the mirror, so a run that was killed leaves the rest to the next.
    """
    stage = "waiting comments" if which == "waiting" else "comments"
    await _read_all(Reading(run, stage, every_thread=which != "waiting"), _backlog(run, which))


async def read_comments_of(run: Run, rows: list[Row]) -> None:
    """Reads the comments of these tasks: rows of clickup_task_id, date_updated and total."""

    async def page() -> AsyncIterator[list[Row]]:
        if rows:
            yield rows

    await _read_all(Reading(run, "comments"), page())


async def _read_all(reading: Reading, pages: AsyncIterator[list[Row]]) -> None:
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


async def _list_wanted(
    reading: Reading, wanted: asyncio.Queue[Wanted | None], pages: AsyncIterator[list[Row]]
) -> None:
    run, begun = reading.run, False
    async for rows in pages:
        if not begun:
            run.progress.begin(reading.stage, rows[0]["total"], per_minute=run.allowed_per_minute)
            begun = True
        threads = await _threads(run, [row["clickup_task_id"] for row in rows])
        for row in rows:
            task_id = row["clickup_task_id"]
            await wanted.put(Wanted(task_id, row["date_updated"], threads.get(task_id, {})))
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
            after_change=after[0],
            after_id=after[1],
            limit=min(_BACKLOG_PAGE, left or _BACKLOG_PAGE),
        )
        if not rows:
            return
        yield rows
        after = (rows[-1]["changed_at"], rows[-1]["clickup_task_id"])
        left = None if left is None else left - len(rows)


async def _threads(run: Run, task_ids: list[str]) -> dict[str, dict[str, Row]]:
    by_task: dict[str, dict[str, Row]] = {}
    for row in await run.context.database.fetch("list_threads", ids=task_ids):
        by_task.setdefault(row["clickup_task_id"], {})[row["clickup_comment_id"]] = row
    return by_task


async def _read(
    reading: Reading, wanted: asyncio.Queue[Wanted | None], read: asyncio.Queue[Read | None]
) -> None:
    run = reading.run
    while (task := await wanted.get()) is not None:
        try:
            await read.put(await fetch_comments(run, task, every_thread=reading.every_thread))
        except NotFound:
            run.doubtful.add(task.task_id)
        except NoPermission as error:
            run.refuse("comments", task.task_id, error)
        except ClickUpError as error:
            run.skip_unread("comments of task", task.task_id, error)
        except BadObject as error:
            run.skip(error)
        run.progress.advance(reading.stage)


async def fetch_comments(run: Run, task: Wanted, *, every_thread: bool) -> Read:
    """All comments of one task and the replies that may have changed. Raises ClickUpError, BadObject."""
    found = Read(task, run.now())
    start, start_id, more = None, None, True
    while more:
        answer = await run.fetch(wire.comments(task.task_id, start=start, start_id=start_id))
        rows = _listed(answer.content, f"the comments of task {task.task_id}")
        more = bool(_take(run, found, rows, parent=None)) and len(rows) >= wire.COMMENT_PAGE
        if more:
            start, start_id = _next(task, rows)
    for comment in list(found.comments):
        if _thread_may_differ(comment, task, every_thread):
            await _fetch_replies(run, found, comment)
        elif comment.reply_count:
            found.ids += task.threads[comment.clickup_comment_id]["reply_ids"]
    return found


def _next(task: Wanted, rows: list[Any]) -> tuple[int, str]:
    position = next_page(rows)
    if position is None:
        raise BadObject("comments of task", task.task_id, "a whole page without one row to go on from")
    return position


def _thread_may_differ(comment: Comment, task: Wanted, every_thread: bool) -> bool:
    if not comment.reply_count:
        return False
    known = task.threads.get(comment.clickup_comment_id)
    return every_thread or known is None or known["waits"] or len(known["reply_ids"]) != comment.reply_count


async def _fetch_replies(run: Run, found: Read, comment: Comment) -> None:
    answer = await run.fetch(wire.replies(comment.clickup_comment_id))
    rows = _listed(answer.content, f"the replies to comment {comment.clickup_comment_id}")
    _take(run, found, rows, parent=comment.clickup_comment_id)


def _listed(content: Any, subject: str) -> list[Any]:
    listed = wire.listed(content, "comments")
    if listed is None:
        raise Transient(subject, "ClickUp's answer has no list of comments")
    return listed


def _take(run: Run, found: Read, rows: list[Any], *, parent: str | None) -> int:
    """Takes rows in and counts those that are new."""
    known, fresh = set(found.ids), 0
    for item in rows:
        comment_id = identifier(mapping(item).get("id"))
        if comment_id in known:
            continue
        fresh += 1
        found.ids.append(comment_id or "")
        try:
            found.comments.append(read_comment(found.wanted.task_id, mapping(item), parent=parent))
        except BadObject as error:
            run.skip(error)
    return fresh


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
    # A row without an id in the answer could be any of the stored ones: then nothing is deleted.
    whole = [read.wanted.task_id for read in batch if all(read.ids)]
    comments = [comment for read in batch for comment in read.comments]

    async def write(tx: Transaction, some: list[Comment]) -> list[str]:
        written = await tx.write_returning(
            "upsert_comments", workspace_id=run.workspace_id, rows=as_json(some), asked_at=asked_at
        )
        return [row["clickup_comment_id"] for row in written]

    async def body(writer: Writer) -> tuple[int, int]:
        written, tx = await writer.write("comment", comments, write), writer.tx
        ids = [comment_id for read in batch for comment_id in read.ids]
        deleted = await tx.write("delete_absent_comments", tasks=whole, ids=ids, asked_at=asked_at)
        await tx.write("refresh_waiting_comments", ids=tasks)
        await tx.note(
            "mark_comments_read",
            workspace_id=run.workspace_id,
            ids=tasks,
            changed=[read.wanted.changed_at for read in batch],
            asked_at=asked_at,
        )
        return written, deleted

    written, deleted = await store(run, body)
    run.counts["comments written"] += written
    run.counts["comments deleted"] += deleted
    await run.could_read("comments", tasks)
    run.counts["tasks asked for comments"] += len(batch)
