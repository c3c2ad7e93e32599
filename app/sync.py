"""One sync of one workspace, step by step: read, decide, write.

The timer, webhooks and people all start this.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from app.context import Context
from app.core.clickup import wire
from app.core.clickup.task_row import Names
from app.core.sync.coverage import Coverage
from app.core.sync.progress import Progress, Silent
from app.employee_sync import choose_workspace, sync_employees
from app.engine.comments import Which, sync_comments
from app.engine.external_changes import begin_comparison, end_comparison
from app.engine.lookup_names import load_names, sync_task_types
from app.engine.places import Places, sync_places
from app.engine.refetch import refetch_tasks, resolve_missing_tasks
from app.engine.run import Kind, Order, Run, open_run
from app.engine.snapshot import take_snapshot
from app.engine.status_times import sync_status_times
from app.engine.task_time import reread_all_time, reread_unlisted_time
from app.engine.tasks import TASK_STREAMS, sync_all_tasks, sync_changed_tasks, sync_hidden_tasks
from app.engine.time_windows import (
    TimeCoverage,
    read_all_windows,
    reconcile_time,
    sync_all_time,
    sync_recent_time,
)
from app.supabase_db import Database, Row

# A run that writes more than this makes the tables others than the planner knows them.
_MANY_ROWS = 2_000
# Requests a minute where ClickUp states no limit.
_UNKNOWN_BUDGET = 1_000


@dataclass(frozen=True, slots=True)
class RunReport:
    """How a sync ended: numbers and sentences for people and for scripts."""

    run_id: str
    workspace_id: str
    kind: Kind
    seconds: float
    requests: int
    rows_written: int
    counts: dict[str, int]
    notes: list[str]


async def sync_here(
    context: Context, workspace_id: str, order: Order, progress: Progress | None = None
) -> RunReport:
    """Brings the mirror of a workspace up to date.

    `first`: everything, the first time. `changes`: what changed since the watermark. `full`: everything that
    listings show, compared. `deep`: and every task's comments and sessions read again. Raises the
    error that ended the run; whatever was committed until then stands, and the next sync goes on there.
    """
    async with open_run(context, workspace_id, order, progress or Silent()) as run:
        await _sync(run)
    if run.rows_written > _MANY_ROWS:
        await context.database.tidy("vacuum_data")
    return _report(run)


async def _sync(run: Run) -> None:
    if run.kind == "employees":
        await sync_employees(run)
    elif run.kind == "daily":
        await take_snapshot(run)
    elif run.kind == "changes":
        await _sync_changes(run)
    else:
        await _sync_everything(run)


async def find_workspace_id(context: Context) -> str:
    """CLICKUP_TEAM_ID, or the token's only workspace. Raises SettingsError that lists them."""
    if context.settings.clickup_team_id:
        return context.settings.clickup_team_id
    return choose_workspace((await context.clickup.fetch(wire.workspaces())).content)


async def _sync_changes(run: Run) -> None:
    names, coverage = await load_names(run), Coverage()
    await sync_changed_tasks(run, names, coverage)
    await refetch_tasks(run, names, sorted(coverage.prove))
    await sync_recent_time(run, names.zone)
    await sync_comments(run, _changed(run))
    await refetch_tasks(run, names, sorted(run.doubtful))


async def _sync_everything(run: Run) -> None:
    await begin_comparison(run)
    places = await _sync_surroundings(run)
    await _retry_refused(run)
    names = await load_names(run)
    if await _is_resumed(run) and not await _is_renamed(run):
        await _resume(run, names, places)
    else:
        await _sync_listings(run, names, places)
    if run.kind == "deep":
        await reread_all_time(run, names.zone)
        await sync_status_times(run)
    elif run.unwatched_since:
        await reread_unlisted_time(run, names.zone)
        await sync_status_times(run)
    await sync_comments(run, "all" if run.kind == "deep" else _changed(run))
    await refetch_tasks(run, names, sorted(run.doubtful))
    await end_comparison(run)


async def _retry_refused(run: Run) -> None:
    """What ClickUp refused before is asked for again, as much as a minute allows, or a tenth by the clock."""
    a_minute = run.allowed_per_minute or _UNKNOWN_BUDGET
    await run.context.database.note(
        "retry_oldest_refusals",
        workspace_id=run.workspace_id,
        limit=a_minute // 10 if run.order.trigger == "timer" else a_minute,
    )


async def _sync_surroundings(run: Run) -> Places:
    """People before tasks, whose rows name them; places before tasks, which leave out their names."""
    async with asyncio.TaskGroup() as group:
        places = group.create_task(sync_places(run))
        group.create_task(_sync_people_and_types(run))
    return places.result()


async def _sync_people_and_types(run: Run) -> None:
    await sync_employees(run)
    await sync_task_types(run)


async def _sync_listings(run: Run, names: Names, places: Places) -> None:
    """Tasks, and what does not depend on them, side by side.

    Time comes afterwards where no task is known yet: the oldest tells how far back it goes.
    """
    asked_at, coverage, time = run.now(), Coverage(), TimeCoverage()
    known = await run.context.database.fetch_one("count_live_tasks", workspace_id=run.workspace_id)
    beside = bool(known and known["total"])
    async with asyncio.TaskGroup() as group:
        group.create_task(sync_all_tasks(run, names, coverage))
        group.create_task(sync_hidden_tasks(run, names, coverage, places.hidden_lists()))
        if beside:
            group.create_task(read_all_windows(run, time, names.zone))
        if run.kind != "deep" and not run.order.sweeps_follow:
            group.create_task(sync_comments(run, "waiting"))
    await resolve_missing_tasks(run, names, coverage)
    await _complete_tasks(run, asked_at)
    if not beside:
        await read_all_windows(run, time, names.zone)
    await reconcile_time(run, time, names.zone, asked_at)


async def _resume(run: Run, names: Names, places: Places) -> None:
    """The rest of a first sync that was cut off; it saw too little to find anything missing."""
    asked_at, coverage = run.now(), Coverage()
    await sync_changed_tasks(run, names, coverage)
    await sync_hidden_tasks(run, names, coverage, places.hidden_lists())
    await refetch_tasks(run, names, sorted(coverage.prove))
    await _complete_tasks(run, asked_at)
    await sync_all_time(run, names.zone)


async def _tasks_stream(run: Run) -> Row:
    row = await run.context.database.fetch_one("get_stream", workspace_id=run.workspace_id, stream="tasks")
    return row or {"complete_at": None, "watermark": None}


def _changed(run: Run) -> Which:
    return "fresh" if run.order.sweeps_follow else "changed"


async def initial_sync_done(database: Database, workspace_id: str) -> bool:
    """Whether the first sync has read every task and all time; comments may still be to come."""
    return await _are_complete(database, workspace_id, *TASK_STREAMS, "time")


async def people_synced(database: Database, workspace_id: str) -> bool:
    """Whether the workspace and its people are known, whose zone and names the rows take."""
    return await _are_complete(database, workspace_id, "people")


async def _are_complete(database: Database, workspace_id: str, *streams: str) -> bool:
    rows = await database.ask("list_streams", workspace_id=workspace_id)
    return {row["stream"] for row in rows if row["complete_at"]}.issuperset(streams)


async def _is_resumed(run: Run) -> bool:
    stream = await _tasks_stream(run)
    return run.kind == "first" and stream["complete_at"] is None and stream["watermark"] is not None


async def _is_renamed(run: Run) -> bool:
    """Whether names of places, people or task types changed since the first task was written."""
    row = await run.context.database.fetch_one("get_renaming", workspace_id=run.workspace_id)
    return bool(row and row["is_renamed"])


async def _complete_tasks(run: Run, asked_at: datetime) -> None:
    async with run.transaction() as tx:
        for stream in TASK_STREAMS:
            await tx.note(
                "complete_stream",
                workspace_id=run.workspace_id,
                stream=stream,
                read_at=asked_at,
                blind_spot=None,
            )


def _report(run: Run) -> RunReport:
    return RunReport(
        run_id=str(run.run_id),
        workspace_id=run.workspace_id,
        kind=run.kind,
        seconds=round((run.now() - run.started_at).total_seconds(), 3),
        requests=run.requests,
        rows_written=run.rows_written,
        counts=dict(run.counts),
        notes=run.notes,
    )
