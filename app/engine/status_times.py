"""When each task's status last changed: asked for a hundred tasks at once, where the workspace has it."""

from app.core.clickup import wire
from app.core.clickup.status_time import read_status_times
from app.core.errors import ClickUpError, NoPermission, NotFound, RequestRejected
from app.engine.run import Run
from app.sql.connection import as_json


async def sync_status_times(run: Run, most: int | None = None) -> None:
    """Reads it for live tasks whose status changed since it was last read; `most` requests at most.

    Without it `last_status_change` is what was observed, or the best that is known.
    """
    sent = 0
    while most is None or sent < most:
        rows = await run.context.database.ask(
            "list_status_due",
            workspace_id=run.workspace_id,
            limit=wire.STATUS_TIMES_AT_ONCE,
        )
        if not rows or not await _read(run, {row["clickup_task_id"]: row["status"] for row in rows}):
            return
        sent += 1
        run.pause_if_due()


async def _read(run: Run, asked: dict[str, str | None]) -> bool:
    """Whether the workspace has it."""
    try:
        answer = await run.fetch(wire.status_times(asked))
    except ClickUpError as error:
        if isinstance(error, NoPermission | NotFound | RequestRejected) and error.ecode:
            run.findings.refusals.add("status_times", run.workspace_id, error.reason)
        else:
            run.skip_optional("times of status changes", run.workspace_id, error)
        return False
    times = as_json(read_status_times(answer.content))
    async with run.transaction() as tx:
        run.findings.counts["status changes dated"] += await tx.write("set_status_changes", rows=times)
        await tx.note("mark_status_read", ids=list(asked), statuses=list(asked.values()))
    await run.could_read("status_times", [run.workspace_id])
    return True
