"""History of a workspace: from when on it is recorded, and what was written while it was not.

Triggers make versions and changes of what the sync writes (`sql/migrations/versions/0035_history.sql`).
"""

from datetime import datetime

from app.core.clickup import wire
from app.core.errors import DatabaseRefused
from app.engine.run import Run


async def begin_history(run: Run) -> None:
    """Before a pass: with HISTORY off nothing is recorded; on again, the tables are compared first, as where
    triggers were missing.
    """
    if run.kind in ("full", "deep") and run.fence.records_history:
        await _install_missing(run)
    state = await run.context.database.fetch_one("get_history_state", workspace_id=run.workspace_id)
    if state is None:
        return
    if not run.fence.records_history and state["off_since"] is None:
        await run.context.database.note("interrupt_history", workspace_id=run.workspace_id)
    elif run.fence.records_history and state["off_since"]:
        await _catch_up(run, state["off_since"])


async def _install_missing(run: Run) -> None:
    """Installs the triggers again where some are missing or were disabled: every workspace missed changes."""
    missing = await run.context.database.ask("list_missing_history_triggers")
    if not missing:
        return
    names = ", ".join(row["table_name"] for row in missing)
    async with run.transaction() as tx:
        await tx.note("interrupt_every_history")
    try:
        async with run.transaction() as tx:
            await tx.note("install_history")
    except DatabaseRefused as error:
        run.note(f"triggers of history on {names} are missing and cannot be installed: {error}")
    else:
        run.note(f"triggers of history on {names} were missing or disabled; they are installed again")


async def _catch_up(run: Run, off_since: datetime) -> None:
    # Any answer tells the time of ClickUp's clock, which changes are dated by.
    await run.fetch(wire.workspaces())
    async with run.transaction() as tx:
        await tx.fetch("refresh_history", workspace_id=run.workspace_id)
    run.note(
        f"history was not recorded until now, as was found at {off_since:%Y-%m-%d %H:%M} UTC: of what "
        "changed meanwhile only the last state is known"
    )


async def end_first_pass(run: Run) -> None:
    """What a workspace has at the end of the first pass over everything is where its history begins."""
    if run.fence.records_history:
        async with run.transaction() as tx:
            await tx.note("begin_history", workspace_id=run.workspace_id, since=run.started_at)
