"""Rows that somebody else changed in the database: restored as the sync had written them.

Triggers remember each such row as it was before (`external_changes`). Whatever is restored is then as
old as the sync's last write of it; what ClickUp changed since, the sync reads as it always does.
"""

from collections.abc import Sequence

import structlog

from app.core.errors import DatabaseRefused
from app.core.words import by_table, pluralize
from app.engine.lookup_names import find_zone
from app.engine.run import Run
from app.engine.session_columns import chunks, render_sessions
from app.supabase_db import Transaction

log = structlog.get_logger()


async def restore_rows(run: Run, tx: Transaction, task_ids: Sequence[str] | None = None) -> None:
    """Restores what others changed of these tasks, without `task_ids` of the whole workspace.

    To be called in a transaction before it writes rows of these tasks: a changed row could keep it from
    writing (a `read_at` in the future), and what is remembered of it would be older than what is written.
    """
    if not tx.has_external_changes:
        return
    tasks = None if task_ids is None else list(task_ids)
    await tx.note("forget_reads_of_added_comments", workspace_id=run.workspace_id, tasks=tasks)
    # What is restored is as history has it already.
    await tx.note("set_history", records_history=False)
    changes = await tx.fetch("restore_external_changes", workspace_id=run.workspace_id, tasks=tasks)
    await tx.note("set_history", records_history=run.fence.records_history)
    touched: set[str] = set()
    for change in changes:
        tx.restored[change["changed_table"]] += change["changed_rows"]
        tx.rows_written += change["changed_rows"]
        touched.update(change["changed_tasks"])
    await _derive(run, tx, touched)


async def _derive(run: Run, tx: Transaction, task_ids: set[str]) -> None:
    """What restored tasks show of their entries and comments, which may have been written meanwhile."""
    if not task_ids:
        return
    workspace = await tx.fetch("get_workspace", workspace_id=run.workspace_id)
    zone = find_zone(run.context.settings, workspace[0] if workspace else None)
    for chunk in chunks(task_ids):
        rendered = await tx.fetch("list_rendered_tasks", ids=chunk)
        await render_sessions(tx, [row["clickup_task_id"] for row in rendered], zone)
        await tx.write("refresh_waiting_comments", ids=chunk)


async def begin_comparison(run: Run) -> None:
    """Before everything is read: restores what others changed, and finds out whether rows may be trusted.

    Where triggers are missing, changes went unnoticed: they are installed again, and the run compares
    every row with what it reads, as a deep sync does.
    """
    await _watch(run)
    async with run.transaction() as tx:
        await restore_rows(run, tx)
        rows = await tx.fetch("get_unwatched_since", workspace_id=run.workspace_id)
        run.findings.unwatched_since = rows[0]["unwatched_since"] if rows else None
        if run.compares_rows:
            for query in _LIMIT_READ_TIMES:
                await tx.write(query, workspace_id=run.workspace_id, now=run.started_at)
            await tx.write("delete_rows_without_task", workspace_id=run.workspace_id)


_LIMIT_READ_TIMES = (
    "limit_read_times_of_tasks",
    "limit_read_times_of_time_entries",
    "limit_read_times_of_comments",
)


async def _watch(run: Run) -> None:
    """Installs the triggers again where some are missing or were disabled."""
    missing = await run.context.database.ask("list_missing_triggers")
    tables = [row["table_name"] for row in missing]
    if not tables:
        return
    names = ", ".join(tables)
    async with run.transaction() as tx:
        await tx.note("mark_unwatched")
        if "comments" in tables:
            await tx.note("forget_comment_reads")
    try:
        async with run.transaction() as tx:
            await tx.note("install_change_triggers")
    except DatabaseRefused as error:
        run.note(
            f"triggers on {names} are missing and cannot be installed: {error}. Changes by other programs "
            "are found only because each full sync compares every row"
        )
    else:
        run.note(
            f"triggers on {names} were missing or disabled, so changes by other programs were not "
            "recorded. They are installed again, and this sync compares every row with ClickUp"
        )


async def end_comparison(run: Run) -> None:
    """After everything was read: derived columns are compared too, and rows may be trusted again."""
    async with run.transaction() as tx:
        await tx.write("refresh_all_waiting_comments", workspace_id=run.workspace_id)
        if run.findings.unwatched_since:
            await tx.note(
                "mark_watched", workspace_id=run.workspace_id, unwatched_since=run.findings.unwatched_since
            )
    if +run.findings.differing:
        total = pluralize(run.findings.differing.total(), "row")
        run.note(
            f"{total} differed from ClickUp although nothing had changed there, and were written again: "
            f"{by_table(+run.findings.differing)}"
        )
