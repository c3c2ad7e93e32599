"""The daily snapshot: a report of the tasks that changed today, and each day's last one kept."""

from app.core.answers.day import Day, day_of
from app.engine.lookup_names import load_names
from app.engine.run import Run


async def take_snapshot(run: Run) -> int:
    """Replaces the report by the live tasks that changed on the day the run began; how many they are.

    The mirror is asked, not ClickUp: the report is as fresh as the last sync. In one transaction, so that
    readers have the old report until the new one is whole, and keep it when this fails.
    """
    run.progress.begin("snapshot", None)
    day = day_of(run.started_at, (await load_names(run)).zone)
    await _note_what_it_lacks(run, day)
    workspace = {"workspace_id": run.workspace_id}
    async with run.transaction() as tx:
        await tx.write("delete_daily_sync", **workspace)
        taken = await tx.write("insert_daily_sync", **workspace, start=day.start, end=day.end)
        await tx.write("delete_daily_snapshot", **workspace, day=day.date)
        await tx.write("insert_daily_snapshot", **workspace, day=day.date)
    run.findings.counts["snapshot tasks"] += taken
    run.progress.advance("snapshot", taken)
    return taken


async def _note_what_it_lacks(run: Run, day: Day) -> None:
    last = await run.context.database.fetch_one("get_last_good_sync", workspace_id=run.workspace_id)
    if not last or not last["is_complete"]:
        run.note("the snapshot is incomplete: the first sync is not finished")
    elif last["started_at"] is None or last["started_at"] < day.start:
        run.note(f"the snapshot is missing changes of today: no sync has succeeded on {day.date}")
