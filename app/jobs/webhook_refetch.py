"""Reads the objects that webhook events name, one by one, and writes them."""

import asyncio
import time
from collections.abc import Sequence

from app.context import Context
from app.core.clickup.delivery import UNLISTED, PendingObject
from app.core.sync.progress import Silent
from app.core.sync.throttle import Priority
from app.engine.attribution import attribute_changes
from app.engine.comments import read_comments_of
from app.engine.lookup_names import load_names
from app.engine.places import refresh_places
from app.engine.refetch import refetch_tasks
from app.engine.run import Run, RunOptions, open_run
from app.engine.task_time import read_tasks_time
from app.jobs.queue import JobQueue
from app.jobs.requests import SyncRequest, request_run
from app.sql.connection import as_json
from app.supabase_db import Database, Row
from app.sync import people_synced

# One change sends several deliveries: so long they are waited for, to be answered by one read.
_DEBOUNCE_SECONDS = 0.05
_MOST_AT_ONCE = 25
_WORK_SECONDS = 60.0


async def refetch_pending(context: Context, jobs: JobQueue, workspace_id: str) -> bool:
    """Reads what deliveries name until nothing is pending; whether something was left for another job.

    Many tasks at once are read from the listing of changed ones, by a sync, which costs less than each alone.
    Raises what ended a run; then the deliveries stay pending.
    """
    until = time.monotonic() + _WORK_SECONDS
    await asyncio.sleep(_DEBOUNCE_SECONDS)
    if not await people_synced(jobs.database, workspace_id):
        return False  # the first sync reads everything, and then these
    bulk_requested = False
    while time.monotonic() < until:
        pending = await list_pending(jobs.database, workspace_id, unlisted_only=bulk_requested)
        if not pending:
            return False
        if not bulk_requested and sum(one.is_listed for one in pending) > _MOST_AT_ONCE:
            await request_run(jobs, SyncRequest(workspace_id, "incremental", "webhook"))
            bulk_requested = True
            continue
        for priority, part in _parts(pending[:_MOST_AT_ONCE]):
            options = RunOptions("webhook", "webhook", priority, is_resumable=True)
            async with open_run(context, workspace_id, options, Silent()) as run:
                await _refetch(run, part)
    return True


async def list_pending(
    database: Database, workspace_id: str, *, unlisted_only: bool = False
) -> list[PendingObject]:
    """Objects to read, the longest wait first; so many that it can be told whether they are too many."""
    rows = await database.ask(
        "list_pending_objects",
        workspace_id=workspace_id,
        unlisted_only=unlisted_only,
        unlisted=UNLISTED,
        limit=2 * _MOST_AT_ONCE,
    )
    return [PendingObject(**row | {"events": frozenset(row["events"])}) for row in rows]


def _parts(pending: Sequence[PendingObject]) -> list[tuple[Priority, list[PendingObject]]]:
    """Tasks are few requests each and go first; a place may be many."""
    tasks = [one for one in pending if one.kind == "task"]
    places = [one for one in pending if one.kind != "task"]
    return [
        (priority, part) for priority, part in ((Priority.REQUESTED, tasks), (Priority.FULL, places)) if part
    ]


async def _refetch(run: Run, pending: Sequence[PendingObject]) -> None:
    """Reads each object once, whatever number of deliveries named it, and notes that they are handled.

    What cannot be read now is handled all the same: polling makes it true.
    """
    names = await load_names(run)
    ids = [one.subject_id for one in pending]
    await run.context.database.note("retry_refusals_of", workspace_id=run.workspace_id, ids=ids)
    places = [(one.kind, one.subject_id) for one in pending if one.kind != "task"]
    if places:
        await refresh_places(run, places)
        names = await load_names(run)
        await refetch_tasks(run, names, await _orphans(run))
    await refetch_tasks(run, names, [one.subject_id for one in pending if one.kind == "task"])
    await read_comments_of(run, await _live(run, [one for one in pending if one.concerns_comments]))
    timed = await _live(run, [one for one in pending if one.concerns_time])
    await read_tasks_time(run, {row["clickup_task_id"] for row in timed}, names.zone)
    await attribute_changes(run)
    await _mark_handled(run, pending)


async def _orphans(run: Run) -> list[str]:
    """Tasks of lists that are gone: each is asked for itself, and may have moved."""
    rows = await run.context.database.ask("list_orphaned_tasks", workspace_id=run.workspace_id)
    return [row["clickup_task_id"] for row in rows]


async def _live(run: Run, pending: Sequence[PendingObject]) -> list[Row]:
    ids = [one.subject_id for one in pending]
    return await run.context.database.ask("list_tasks_by_id", ids=ids) if ids else []


async def _mark_handled(run: Run, pending: Sequence[PendingObject]) -> None:
    unread = {item["object_id"]: item["reason"] for item in run.skipped}
    rows = [
        {
            "kind": one.kind,
            "id": one.subject_id,
            "last": one.last_delivery,
            "outcome": f"not read: {unread[one.subject_id]}" if one.subject_id in unread else "read",
        }
        for one in pending
    ]
    await run.context.database.note(
        "mark_deliveries_handled", workspace_id=run.workspace_id, rows=as_json(rows)
    )
    run.findings.counts["webhook objects"] += len(pending)
