"""A task's own time: everyone's, of all times, where the windows do not suffice."""

from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from app.clickup import Answer
from app.core.clickup import wire
from app.core.clickup.models import TimeEntry
from app.core.clickup.time_entry import read_intervals
from app.core.errors import ClickUpError, MalformedObject, NoPermission, NotFound, Transient
from app.core.sync.plan import KnownEntry, plan_task_prune
from app.core.sync.position import Position
from app.engine.concurrency import map_in_order
from app.engine.external_changes import restore_rows
from app.engine.refused_rows import Writer, store
from app.engine.run import Run
from app.engine.time_rows import delete_entries, fetch_time_totals, write_entries
from app.supabase_db import Transaction


async def reread_all_time(run: Run, zone: ZoneInfo) -> None:
    """Reads the own time of every task that has some, or once had; of all where the token is half blind."""
    hidden = await run.context.database.ask("list_hidden_time", workspace_id=run.workspace_id)
    rows = await run.context.database.ask(
        "list_tasks_for_time", workspace_id=run.workspace_id, blind=bool(hidden)
    )
    task_ids = {row["clickup_task_id"] for row in rows}
    await read_tasks_time(run, task_ids, zone, run.state.position("all time"))


async def reread_unlisted_time(run: Run, zone: ZoneInfo) -> None:
    """Reads the own time of tasks that have some that no window shows."""
    rows = await run.context.database.ask(
        "list_time_due", workspace_id=run.workspace_id, due_before=run.started_at, excluded_ids=[], limit=None
    )
    task_ids = {row["clickup_task_id"] for row in rows}
    await read_tasks_time(run, task_ids, zone, run.state.position("unlisted time"))


async def read_tasks_time(
    run: Run, task_ids: set[str], zone: ZoneInfo, position: Position | None = None
) -> None:
    """Reads each task's own time: everyone's, also of people who left, without a window.

    `position`: how far an earlier job of the pass came.
    """
    position = position or Position()
    if left := position.behind(task_ids):
        run.progress.begin("tasks' own time", len(left), per_minute=run.allowed_per_minute)
    await map_in_order(run, position, left, partial(_read_task_time, run, zone))


async def _read_task_time(run: Run, zone: ZoneInfo, task_id: str) -> None:
    try:
        answer = await run.fetch(wire.task_time(task_id))
        if wire.listed(answer.content, "data") is None:
            raise Transient(f"the time of task {task_id}", "ClickUp's answer has no list of people")
    except NoPermission as error:
        run.refuse("task_time", task_id, error)
    except NotFound:
        run.findings.doubtful.add(task_id)
    except ClickUpError as error:
        run.skip_unread("time of task", task_id, error)
    else:
        await _store_task_time(run, task_id, answer, zone)
    run.progress.advance("tasks' own time")


async def _store_task_time(run: Run, task_id: str, answer: Answer, zone: ZoneInfo) -> None:
    read = list(read_intervals(task_id, answer.content))
    entries = [entry for entry in read if isinstance(entry, TimeEntry)]
    broken = [entry for entry in read if isinstance(entry, MalformedObject)]
    for error in broken:
        run.skip(error)
    ids = [entry.clickup_entry_id for entry in entries] + [error.object_id for error in broken]

    async def body(writer: Writer) -> tuple[int, int]:
        await restore_rows(run, writer.tx, [task_id])
        write = partial(write_entries, run, answer.asked_at, zone)
        written, tx = await writer.write("time entry", entries, write), writer.tx
        # A row without an id could be any of the stored ones: then nothing is deleted.
        gone = await _gone_from_task(tx, task_id, answer.asked_at, ids) if all(ids) else []
        deleted = await delete_entries(tx, gone, zone)
        await tx.note("mark_time_read", task_id=task_id, asked_at=answer.asked_at)
        return written, deleted

    written, deleted = await store(run, body)
    run.findings.counts["time entries written"] += written
    run.findings.counts["time entries deleted"] += deleted
    await run.could_read("task_time", [task_id])


async def _gone_from_task(tx: Transaction, task_id: str, asked_at: datetime, ids: list[str]) -> list[str]:
    rows = await tx.fetch("list_absent_task_entries", task_id=task_id, asked_at=asked_at, ids=ids)
    totals = await fetch_time_totals(tx, [task_id])
    return plan_task_prune([KnownEntry(**row) for row in rows], totals.get(task_id))
