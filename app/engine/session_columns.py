"""The session columns of tasks, filled from their time entries."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from app.sql.connection import as_json
from app.supabase_db import Transaction
from app.time_tracking import Session, summarize_tasks

_TASKS_PER_STATEMENT = 500


async def render_sessions(tx: Transaction, task_ids: Iterable[str], zone: ZoneInfo) -> None:
    """Fills the session columns of these tasks from their entries."""
    for chunk in chunks(task_ids):
        rows = await tx.fetch("list_sessions", ids=chunk)
        summaries = summarize_tasks(chunk, (Session(**row) for row in rows), zone)
        await tx.write("refresh_sessions", rows=as_json(summaries.values()))


def chunks(ids: Iterable[str]) -> Iterable[list[str]]:
    """The ids in order, so many as one statement takes."""
    ordered = sorted(ids)
    return (ordered[at : at + _TASKS_PER_STATEMENT] for at in range(0, len(ordered), _TASKS_PER_STATEMENT))
