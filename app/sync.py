"""One sync of one workspace, step by step: read, decide, write.

The timer, webhooks and people all start this.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from app.context import Context
from app.core.clickup import wire
from app.core.clickup.task_row import Names
from app.core.sync.checkpoint import Route
from app.core.sync.progress import Progress, Silent
from app.core.sync.run_kind import RunKind
from app.employee_sync import sync_employees
from app.engine.attribution import attribute_changes
from app.engine.comments import Which, sync_comments
from app.engine.concurrency import side_by_side
from app.engine.external_changes import begin_comparison, end_comparison
from app.engine.history import begin_history, end_first_pass
from app.engine.lookup_names import load_names, sync_task_types
from app.engine.members import choose_workspace, list_visible_workspaces
from app.engine.places import sync_places
from app.engine.refetch import refetch_once, resolve_missing_tasks
from app.engine.run import Run, RunOptions, open_run
from app.engine.snapshot import take_snapshot
from app.engine.status_times import sync_status_times
from app.engine.task_time import reread_all_time, reread_unlisted_time
from app.engine.tasks import TASK_STREAMS, sync_all_tasks, sync_changed_tasks, sync_hidden_tasks
from app.engine.time_windows import (
    read_all_windows,
    reconcile_time,
    sync_recent_time,
)
from app.supabase_db import Database

# How long a job works on a pass before it pauses. It ends some seconds later, and below two minutes.
JOB_TIME_LIMIT = timedelta(seconds=100)
# A run that writes more than this makes the tables others than the planner knows them.
_MANY_ROWS = 2_000
# Requests a minute where ClickUp states no limit.
_UNKNOWN_BUDGET = 1_000


@dataclass(frozen=True, slots=True)
class RunReport:
    """How a sync ended: numbers and sentences for people and for scripts.

    `finished`: False where it paused; the numbers are those so far.
    """

    run_id: str
    workspace_id: str
    kind: RunKind
    seconds: float
    requests: int
    rows_written: int
    counts: dict[str, int]
    notes: list[str]
    finished: bool = True


async def sync_here(
    context: Context,
    workspace_id: str,
    options: RunOptions,
    progress: Progress | None = None,
    *,
    time_limit: timedelta | None = None,
) -> RunReport:
    """Brings the mirror of a workspace up to date.

    `first`: everything, the first time. `incremental`: what changed since the watermark. `full`: everything
    that listings show, compared. `deep`: and every task's comments and sessions read again. Raises the
    error that ended the run; whatever was committed until then stands, and the next sync goes on there.

    With a `time_limit` one job does a part of it: where the report says that it is not finished, the same
    call continues it, in whatever process. `JOB_TIME_LIMIT` keeps a job under two minutes.
    """
    async with open_run(context, workspace_id, options, progress or Silent(), time_limit=time_limit) as run:
        await run.bounded(_sync(run))
    if run.is_finished and run.rows_written > _MANY_ROWS:
        await context.database.tidy("vacuum_data")
    return _report(run)


async def _sync(run: Run) -> None:
    if run.kind == "employees":
        await sync_employees(run)
    elif run.kind == "snapshot":
        await take_snapshot(run)
    elif run.kind == "incremental":
        await begin_history(run)
        await _sync_changes(run)
        await attribute_changes(run)
    else:
        await begin_history(run)
        run.state.route = run.state.route or await _new_route(run)
        await _sync_everything(run)
        await end_first_pass(run)
        await attribute_changes(run)


async def _new_route(run: Run) -> Route:
    """Which way a pass over everything goes; once it has begun, it is that one."""
    stream = await run.context.database.fetch_one("get_stream", workspace_id=run.workspace_id, stream="tasks")
    is_begun = stream is not None and stream["watermark"] is not None
    return "rest of the first sync" if run.kind == "first" and is_begun else "everything"


async def find_workspace_id(context: Context) -> str:
    """CLICKUP_TEAM_ID, or the token's only workspace. Raises InvalidRequest, which lists them."""
    if context.settings.clickup_team_id:
        return context.settings.clickup_team_id
    answer = await context.clickup.fetch(wire.workspaces())
    return choose_workspace(list_visible_workspaces(answer.content), None)


async def _sync_changes(run: Run) -> None:
    names = await load_names(run)
    await run.once("tasks", partial(sync_changed_tasks, run, names))
    await refetch_once(run, names, "contradictory tasks", run.state.coverage.prove)
    await run.once("time", partial(sync_recent_time, run, names.zone))
    await sync_comments(run, _changed(run))
    await refetch_once(run, names, "doubtful tasks", run.findings.doubtful)


async def _sync_everything(run: Run) -> None:
    await run.once("restored rows", partial(begin_comparison, run))
    await side_by_side(partial(sync_places, run), partial(run.once, "people", partial(_sync_people, run)))
    await run.once("old refusals", partial(_retry_refused, run))
    await run.once("route", partial(_choose_listings, run))
    names = await load_names(run)
    if run.state.route == "rest of the first sync":
        await _resume(run, names)
    else:
        await _sync_listings(run, names)
    if run.kind == "deep":
        await run.once("tasks' own time", partial(reread_all_time, run, names.zone))
        await run.once("status times", partial(sync_status_times, run))
    elif run.findings.unwatched_since:
        await run.once("tasks' own time", partial(reread_unlisted_time, run, names.zone))
        await run.once("status times", partial(sync_status_times, run))
    await sync_comments(run, "all" if run.kind == "deep" else _changed(run))
    await refetch_once(run, names, "doubtful tasks", run.findings.doubtful)
    await run.once("compared rows", partial(end_comparison, run))


async def _retry_refused(run: Run) -> None:
    """What ClickUp refused before is asked for again, as much as a minute allows, or a tenth by the clock."""
    a_minute = run.allowed_per_minute or _UNKNOWN_BUDGET
    await run.context.database.note(
        "retry_oldest_refusals",
        workspace_id=run.workspace_id,
        limit=a_minute // 10 if run.options.trigger == "timer" else a_minute,
    )


async def _sync_people(run: Run) -> None:
    await sync_employees(run)
    await sync_task_types(run)


async def _choose_listings(run: Run) -> None:
    """Names that changed since the first task was written stand in every row: then all are read again."""
    if await _is_renamed(run):
        run.state.route = "everything"
    known = await run.context.database.fetch_one("count_live_tasks", workspace_id=run.workspace_id)
    run.state.tasks_known = bool(known and known["total"])
    run.state.listings_asked_at = run.now()


async def _sync_listings(run: Run, names: Names) -> None:
    """Tasks, and what does not depend on them, side by side.

    Time comes afterwards where no task is known yet: the oldest tells how far back it goes.
    """
    zone = names.zone
    windows = partial(run.once, "time windows", partial(read_all_windows, run, zone))
    works = [
        partial(run.once, "tasks", partial(sync_all_tasks, run, names)),
        partial(run.once, "hidden tasks", partial(sync_hidden_tasks, run, names)),
    ]
    if run.state.tasks_known:
        works.append(windows)
    if run.kind != "deep" and not run.options.verification_follows:
        works.append(partial(sync_comments, run, "waiting"))
    await side_by_side(*works)
    await run.once("missing tasks", partial(resolve_missing_tasks, run, names))
    await run.once("completed tasks", partial(_complete_tasks, run))
    await windows()
    await run.once("time", partial(reconcile_time, run, zone))


async def _resume(run: Run, names: Names) -> None:
    """The rest of a first sync that was cut off; it saw too little to find anything missing."""
    await run.once("tasks", partial(sync_changed_tasks, run, names))
    await run.once("hidden tasks", partial(sync_hidden_tasks, run, names))
    await refetch_once(run, names, "contradictory tasks", run.state.coverage.prove)
    await run.once("completed tasks", partial(_complete_tasks, run))
    await run.once("time", partial(sync_recent_time, run, names.zone))


def _changed(run: Run) -> Which:
    return "fresh" if run.options.verification_follows else "changed"


async def initial_sync_done(database: Database, workspace_id: str) -> bool:
    """Whether the first sync has read every task and all time; comments may still be to come."""
    return await _are_complete(database, workspace_id, *TASK_STREAMS, "time")


async def people_synced(database: Database, workspace_id: str) -> bool:
    """Whether the workspace and its people are known, whose zone and names the rows take."""
    return await _are_complete(database, workspace_id, "people")


async def _are_complete(database: Database, workspace_id: str, *streams: str) -> bool:
    rows = await database.ask("list_streams", workspace_id=workspace_id)
    return {row["stream"] for row in rows if row["complete_at"]}.issuperset(streams)


async def _is_renamed(run: Run) -> bool:
    """Whether names of places, people or task types changed since the first task was written."""
    row = await run.context.database.fetch_one("get_renaming", workspace_id=run.workspace_id)
    return bool(row and row["is_renamed"])


async def _complete_tasks(run: Run) -> None:
    async with run.transaction() as tx:
        for stream in TASK_STREAMS:
            await tx.note(
                "complete_stream",
                workspace_id=run.workspace_id,
                stream=stream,
                read_at=run.state.listings_asked_at,
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
        counts=dict(run.findings.counts),
        notes=run.findings.notes,
        finished=run.is_finished,
    )
