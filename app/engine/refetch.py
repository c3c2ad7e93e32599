"""Tasks that no listing showed: asked for one by one, because only a 404 for the task itself is proof."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from functools import partial

from app.core.clickup import wire
from app.core.clickup.task_row import Names, ReadTask, read_task
from app.core.clickup.values import Json, identifier, mapping
from app.core.errors import ClickUpError, MalformedObject, NoPermission, NotFound
from app.core.sync.checkpoint import RefetchState
from app.core.sync.coverage import SeenTasks
from app.core.sync.plan import deletions_blocked_sentence, exceeds, plan_missing
from app.engine.concurrency import map_in_order
from app.engine.external_changes import restore_rows
from app.engine.lookup_names import resolve_names
from app.engine.run import Run
from app.engine.task_rows import stored_tasks, write_tasks
from app.engine.tasks import read_lists
from app.supabase_db import Row

# From so many missing tasks on, asking their list (two requests) is cheaper than asking for each.
_WORTH_A_LISTING = 3


async def resolve_missing_tasks(run: Run, names: Names) -> None:
    """Asks for each task that no listing showed, and for each that should not have been shown."""
    await run.once("unlisted", partial(_read_unlisted, run, names))
    if "missing" not in run.state.refetches:
        run.state.refetches["missing"] = RefetchState(await _plan_missing(run))
    await _refetch(run, names, run.state.refetches["missing"])
    # What listings showed has been compared: from here on nothing asks for it.
    run.seen, run.state.listings = SeenTasks(), {}


async def _plan_missing(run: Run) -> list[str]:
    coverage = run.state.coverage
    plan = plan_missing(
        [row["clickup_task_id"] for row in await _missing(run)],
        await _count_live(run),
        unread=coverage.unread,
        max_deleted_percent=run.max_deleted_percent,
    )
    if plan.withheld:
        run.findings.withholds_deletions = True
        run.note(plan.withheld)
    return [*plan.ask, *coverage.prove]


async def _missing(run: Run) -> list[Row]:
    return await run.context.database.ask(
        "list_missing_tasks",
        workspace_id=run.workspace_id,
        seen=list(run.seen.ids),
        before=run.started_at,
    )


async def _count_live(run: Run) -> int:
    count = await run.context.database.fetch_one("count_live_tasks", workspace_id=run.workspace_id)
    return int(count["total"]) if count else 0


async def _read_unlisted(run: Run, names: Names) -> None:
    """Lists that the hierarchy does not show may be archived all the same: they show their tasks."""
    if run.state.unlisted is None:
        crowds = Counter(
            (row["list_id"], row["list_name"] or row["list_id"])
            for row in await _missing(run)
            if row["list_id"]
        )
        run.state.unlisted = [place for place, count in crowds.items() if count >= _WORTH_A_LISTING]
    await read_lists(run, names, run.state.unlisted)


async def refetch_once(run: Run, names: Names, stage: str, task_ids: Iterable[str]) -> None:
    """As `refetch_tasks`, for a stage of a pass: those that it begins with are asked for, each once."""
    state = run.state.refetches.setdefault(stage, RefetchState(sorted(task_ids)))
    await run.once(stage, partial(_refetch, run, names, state))


async def refetch_tasks(run: Run, names: Names, task_ids: list[str]) -> None:
    """Asks for tasks one by one: 200 is written, 404 is the tombstone, anything else changes nothing.

    The tombstones are set together at the end: when they are too many, none is.
    """
    await _refetch(run, names, RefetchState(task_ids))


async def _refetch(run: Run, names: Names, state: RefetchState) -> None:
    left = state.position.behind(state.task_ids)
    if left:
        run.progress.begin("doubtful tasks", len(left))
    await map_in_order(run, state.position, left, partial(_refetch_task, run, names, state))
    await _mark_deleted(run, state)


async def _refetch_task(run: Run, names: Names, state: RefetchState, task_id: str) -> None:
    asked_at = run.now()
    try:
        answer = await run.fetch(wire.task(task_id))
        _refuse_foreign(run, task_id, mapping(answer.content))
        await resolve_names(run, names, [answer.content])
        task = read_task(mapping(answer.content), names)
    except NotFound:
        state.gone[task_id] = asked_at
    except NoPermission as error:
        run.refuse("task", task_id, error)
    except ClickUpError as error:
        run.skip_unread("task", task_id, error)
    except MalformedObject as error:
        run.skip(error)
    else:
        await _store_refetched(run, task, answer.asked_at)
    run.progress.advance("doubtful tasks")


def _refuse_foreign(run: Run, task_id: str, content: Json) -> None:
    """A task of another workspace that the token sees is not this run's to write. Raises MalformedObject."""
    if identifier(content.get("team_id")) not in (None, run.workspace_id):
        raise MalformedObject("task", task_id, "it belongs to another workspace")


async def _store_refetched(run: Run, task: ReadTask, asked_at: datetime) -> None:
    known = (await stored_tasks(run, [task.row.clickup_task_id])).get(task.row.clickup_task_id)
    if run.compares_rows or known is None or known.is_deleted or known.fingerprint != task.row.fingerprint:
        await write_tasks(run, [task], asked_at, is_own_answer=run.compares_rows)
    await run.could_read("task", [task.row.clickup_task_id])


async def _mark_deleted(run: Run, state: RefetchState) -> None:
    gone = state.gone
    if not gone or run.findings.withholds_deletions:
        return
    deleted, limit = run.findings.counts["tasks deleted"], run.max_deleted_percent
    known = await _count_live(run) + deleted
    if exceeds(deleted + len(gone), known, limit):
        run.findings.withholds_deletions = True
        run.note(
            deletions_blocked_sentence(
                f"ClickUp answers 404 for {deleted + len(gone)} of {known} tasks", limit
            )
        )
        return
    async with run.transaction() as tx:
        await restore_rows(run, tx, list(gone))
        deleted = await tx.write("mark_tasks_deleted", ids=list(gone), asked=list(gone.values()))
        await tx.note("delete_obsolete_refusals", workspace_id=run.workspace_id)
    run.findings.counts["tasks deleted"] += deleted
    state.gone = {}
