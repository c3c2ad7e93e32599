"""Reads the objects that webhook events name, one by one, and writes them."""

from collections.abc import Sequence

from app.core.clickup.delivery import Doorbell
from app.engine.comments import read_comments_of
from app.engine.lookup_names import load_names
from app.engine.places import refresh_places
from app.engine.refetch import refetch_tasks
from app.engine.run import Run
from app.engine.task_time import read_tasks_time
from app.sql.connection import as_json
from app.supabase_db import Row


async def answer_doorbells(run: Run, bells: Sequence[Doorbell]) -> None:
    """Reads each object once, whatever number of deliveries named it, and notes that they are answered.

    What cannot be read now is answered all the same: polling makes it true. Raises what ends a run;
    then the deliveries stay unanswered.
    """
    names = await load_names(run)
    ids = [bell.subject_id for bell in bells]
    await run.context.database.note("retry_refusals_of", workspace_id=run.workspace_id, ids=ids)
    places = [(bell.kind, bell.subject_id) for bell in bells if bell.kind != "task"]
    if places:
        await refresh_places(run, places)
        names = await load_names(run)
        await refetch_tasks(run, names, await _orphans(run))
    await refetch_tasks(run, names, [bell.subject_id for bell in bells if bell.kind == "task"])
    await read_comments_of(run, await _live(run, [bell for bell in bells if bell.rings_for_comments]))
    timed = await _live(run, [bell for bell in bells if bell.rings_for_time])
    await read_tasks_time(run, {row["clickup_task_id"] for row in timed}, names.zone)
    await note_answered(run, bells)


async def _orphans(run: Run) -> list[str]:
    """Tasks of lists that are gone: each is asked for itself, and may have moved."""
    rows = await run.context.database.fetch("list_orphaned_tasks", workspace_id=run.workspace_id)
    return [row["clickup_task_id"] for row in rows]


async def _live(run: Run, bells: Sequence[Doorbell]) -> list[Row]:
    ids = [bell.subject_id for bell in bells]
    return await run.context.database.fetch("list_tasks_by_id", ids=ids) if ids else []


async def note_answered(run: Run, bells: Sequence[Doorbell]) -> None:
    """Marks the deliveries of these doorbells as handled, with what came of it."""
    unread = {item["object_id"]: item["reason"] for item in run.skipped}
    rows = [
        {
            "kind": bell.kind,
            "id": bell.subject_id,
            "last": bell.last_delivery,
            "outcome": f"not read: {unread[bell.subject_id]}" if bell.subject_id in unread else "read",
        }
        for bell in bells
    ]
    await run.context.database.note(
        "mark_deliveries_handled", workspace_id=run.workspace_id, rows=as_json(rows)
    )
    run.counts["doorbells"] += len(bells)
