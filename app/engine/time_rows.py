"""Rows of time entries, and the session columns that they fill."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from app.core.clickup.models import TimeEntry
from app.core.sync.plan import TaskTime
from app.engine.run import Run
from app.engine.session_columns import render_sessions
from app.sql.connection import as_json
from app.supabase_db import Transaction


async def write_entries(
    run: Run, asked_at: datetime, zone: ZoneInfo, tx: Transaction, entries: list[TimeEntry]
) -> list[str]:
    """Writes the entries that changed, and what their tasks show of them; the ids of what was written."""
    written = await tx.write_returning(
        "upsert_time_entries", workspace_id=run.workspace_id, rows=as_json(entries), asked_at=asked_at
    )
    touched = {row["clickup_task_id"] for row in written} | {row["former_task_id"] for row in written}
    await render_sessions(tx, touched - {None}, zone)
    return [row["clickup_entry_id"] for row in written]


async def delete_entries(
    tx: Transaction, ids: list[str], zone: ZoneInfo, *, read_before: datetime | None = None
) -> int:
    """Deletes entries that are proved gone, also from what their tasks show; how many there were.

    `read_before`: when the proof began. What another run wrote since then is kept: it may have moved into a
    window that had been read already.
    """
    if not ids:
        return 0
    deleted = await tx.write_returning("delete_time_entries", ids=ids, read_before=read_before)
    await render_sessions(tx, {row["clickup_task_id"] for row in deleted} - {None}, zone)
    return len(deleted)


async def fetch_time_totals(tx: Transaction, task_ids: Iterable[str]) -> dict[str, TaskTime]:
    """What ClickUp says was spent on these tasks, and what the mirror has of it."""
    totals = await tx.fetch("list_time_totals", ids=list(task_ids))
    return {row.pop("clickup_task_id"): TaskTime(**row) for row in totals}
