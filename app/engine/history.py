"""History of a workspace: from when on it is recorded, and what was written while it was not.

Triggers make versions and changes of what the sync writes (`sql/migrations/versions/0035_history.sql`).
"""

from datetime import datetime

from app.engine.run import Run


async def begin_history(run: Run) -> None:
    """Before a pass: with HISTORY off nothing is recorded; on again, the tables are compared first."""
    state = await run.context.database.fetch_one("get_history_state", workspace_id=run.workspace_id)
    if state is None:
        return
    if not run.fence.records_history and state["off_since"] is None:
        await run.context.database.note("interrupt_history", workspace_id=run.workspace_id)
    elif run.fence.records_history and state["off_since"]:
        await _catch_up(run, state["off_since"])


async def _catch_up(run: Run, off_since: datetime) -> None:
    async with run.transaction() as tx:
        await tx.fetch("refresh_history", workspace_id=run.workspace_id)
    run.note(
        f"HISTORY was off since {off_since:%Y-%m-%d %H:%M} UTC: of changes since then only the last state "
        "is known"
    )


async def end_first_pass(run: Run) -> None:
    """What a workspace has at the end of the first pass over everything is where its history begins."""
    if run.fence.records_history:
        async with run.transaction() as tx:
            await tx.note("begin_history", workspace_id=run.workspace_id, since=run.started_at)
