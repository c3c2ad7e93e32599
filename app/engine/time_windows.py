"""Work sessions: the workspace's in windows, a task's own where the totals differ."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from app.clickup import Answer
from app.core.clickup import wire
from app.core.clickup.models import TimeEntry
from app.core.clickup.stamps import to_millis
from app.core.clickup.time_entry import read_entry
from app.core.clickup.values import identifier, mapping
from app.core.errors import MalformedObject, NoPermission, RequestRejected, Transient
from app.core.sync.checkpoint import TimeCoverage, TimeState
from app.core.sync.plan import KnownEntry, exceeds, plan_prune
from app.core.sync.windows import Window, newest_window, next_window
from app.core.words import pluralize
from app.engine.concurrency import map_concurrently
from app.engine.external_changes import restore_rows
from app.engine.members import reread_members
from app.engine.refused_rows import Writer, store
from app.engine.run import Run
from app.engine.session_columns import chunks, render_sessions
from app.engine.task_time import read_tasks_time
from app.engine.time_rows import delete_entries, fetch_time_totals, write_entries
from app.supabase_db import Row, Transaction

log = structlog.get_logger()

_RECENT = timedelta(days=2)
_LOOK_BACK = timedelta(days=31)
_AHEAD = timedelta(days=31)
_SAFETY = timedelta(days=1)


async def sync_recent_time(run: Run, zone: ZoneInfo) -> None:
    """The newest entries, and the time totals of every task; all entries where they were never read whole."""
    if run.state.time is None:
        stream = await run.context.database.fetch_one(
            "get_stream", workspace_id=run.workspace_id, stream="time"
        )
        if stream is None or stream["complete_at"] is None:
            run.state.time = await _all_time(run)
        else:
            window = await _recent_window(run, stream["read_at"])
            run.state.time = TimeState(run.now(), await _people(run), window, is_recent=True)
    await _read_windows(run, run.state.time, zone)
    await _settle(run, run.state.time, zone)


async def read_all_windows(run: Run, zone: ZoneInfo) -> None:
    """Windows from the newest back to before the first thing that ever happened."""
    if run.state.time is None:
        run.state.time = await _all_time(run)
    await _read_windows(run, run.state.time, zone)


async def reconcile_time(run: Run, zone: ZoneInfo) -> None:
    """After all windows: what is gone goes, the totals are compared, and what cannot be seen is said."""
    if run.state.time:
        await _settle(run, run.state.time, zone)


async def _all_time(run: Run) -> TimeState:
    run.progress.begin("time entries", None)
    asked_at, people = run.now(), await _people(run)
    entries = await run.context.database.fetch_one("count_time_entries", workspace_id=run.workspace_id)
    tasks = await run.context.database.fetch_one("count_live_tasks", workspace_id=run.workspace_id)
    oldest = min((row["oldest"] for row in (entries, tasks) if row and row["oldest"]), default=None)
    window = newest_window(
        asked_at, known=entries["total"] if entries else 0, oldest=entries["oldest"] if entries else None
    )
    return TimeState(asked_at, people, window if people else None, oldest)


async def _read_windows(run: Run, state: TimeState, zone: ZoneInfo) -> None:
    """The window of the state, and those that follow it."""
    while window := state.window:
        await _read_window(run, state, window, zone)
        # Only now, and all at once: a checkpoint may be taken at any await, and speaks of committed rows.
        rows, state.rows, state.asked, state.read = state.rows, 0, [], set()
        state.window = None if state.is_recent else next_window(window, rows, oldest=state.oldest)
        if state.window:
            run.pause_if_due()


async def _people(run: Run) -> list[str]:
    rows = await run.context.database.ask("list_people_for_time", workspace_id=run.workspace_id)
    return [row["clickup_user_id"] for row in rows]


async def _recent_window(run: Run, last_read: datetime | None) -> Window:
    """What a quiet cycle reads: two days, more after a pause, and back to a running timer's start."""
    now = run.now()
    row = await run.context.database.fetch_one("count_time_entries", workspace_id=run.workspace_id)
    starts = [now - _RECENT]
    if last_read:
        starts.append(last_read - _SAFETY)
    if row and row["oldest_running"]:
        starts.append(row["oldest_running"])
    return Window(max(min(starts), now - _LOOK_BACK), now + _AHEAD)


async def _read_window(run: Run, state: TimeState, window: Window, zone: ZoneInfo) -> None:
    """One window for all people at once, or person by person where the token may not."""
    coverage = state.coverage
    state.asked = state.asked or _still_asked(coverage, state.people)
    if not state.asked:
        return
    if not state.read and not coverage.singly:
        await _read_together(run, state, window, _still_asked(coverage, state.asked), zone)
    if state.read != set(_still_asked(coverage, state.asked)):
        await _read_singly(run, state, window, zone)
    await run.could_read("person_time", _still_asked(coverage, state.asked))
    await run.record_refusals()


def _still_asked(coverage: TimeCoverage, people: list[str]) -> list[str]:
    return [one for one in people if one not in coverage.denied and one not in (coverage.left or ())]


async def _read_together(
    run: Run, state: TimeState, window: Window, people: list[str], zone: ZoneInfo
) -> None:
    """Reads nothing where the token may not ask for these people in a list.

    A list is refused also when one of them has just left (observed): then it is asked again without them.
    Who keeps to the letter of ClickUp's document takes a list for no number.
    """
    coverage = state.coverage
    try:
        return await _read_share(run, state, window, people, zone, confirm=False)
    except (NoPermission, RequestRejected) as error:
        log.info("time.refused_together", people=len(people), reason=error.reason)
    if coverage.left is None:
        coverage.left = set(people).difference(await reread_members(run))
        if coverage.left:
            await _read_together(run, state, window, _still_asked(coverage, people), zone)


async def _read_singly(run: Run, state: TimeState, window: Window, zone: ZoneInfo) -> None:
    async def read_own(person: str) -> None:
        try:
            await _read_share(run, state, window, [person], zone)
        except NoPermission as error:
            run.refuse("person_time", person, error)
            state.coverage.denied.add(person)

    left = [one for one in _still_asked(state.coverage, state.asked) if one not in state.read]
    await map_concurrently(run, left, read_own)
    state.coverage.singly = state.coverage.denied.isdisjoint(state.asked)


async def _read_share(
    run: Run, state: TimeState, window: Window, people: list[str], zone: ZoneInfo, *, confirm: bool = True
) -> None:
    start_ms, end_ms = to_millis(window.start), to_millis(window.end)
    request = wire.time_entries(run.workspace_id, start_ms, end_ms, people)
    answer = await run.fetch(request, confirm=confirm)
    listed = wire.listed(answer.content, "data")
    if listed is None:
        raise Transient("the time entries", "ClickUp's answer has no list of entries")
    entries, ids, whole = _read_entries(run, listed)

    tasks = sorted({entry.clickup_task_id for entry in entries if entry.clickup_task_id})

    async def body(writer: Writer) -> tuple[int, list[KnownEntry]]:
        await restore_rows(run, writer.tx, tasks)
        write = partial(write_entries, run, answer.asked_at, zone)
        written = await writer.write("time entry", entries, write)
        return written, await _absent(run, writer.tx, window, people, answer, ids) if whole else []

    written, absent = await store(run, body)
    run.findings.counts["time entries written"] += written
    state.coverage.absent += absent
    state.read.update(people)
    state.rows += sum(window.holds(entry.started_at) for entry in entries)
    run.progress.advance("time entries", len(listed))
    run.findings.counts["time entries read"] += len(listed)


def _read_entries(run: Run, listed: list[Any]) -> tuple[list[TimeEntry], list[str], bool]:
    """Entries, all ids in the answer, and whether every row had one: else absence proves nothing."""
    entries = []
    for item in listed:
        try:
            entries.append(read_entry(mapping(item)))
        except MalformedObject as error:
            run.skip(error)
    ids = [entry_id for item in listed if (entry_id := identifier(mapping(item).get("id")))]
    return entries, ids, len(ids) == len(listed)


async def _absent(
    run: Run, tx: Transaction, window: Window, people: list[str], answer: Answer, ids: list[str]
) -> list[KnownEntry]:
    rows = await tx.fetch(
        "list_absent_entries",
        workspace_id=run.workspace_id,
        window_start=window.start,
        window_end=window.end,
        people=people,
        asked_at=answer.asked_at,
        ids=ids,
    )
    return [KnownEntry(**row) for row in rows]


async def _settle(run: Run, state: TimeState, zone: ZoneInfo) -> None:
    await run.once("absent time entries", partial(_prune, run, state, zone))
    await run.once("unbalanced time", partial(_read_unbalanced, run, state, zone))
    await _render_unfilled(run, zone)
    await _complete(run, state)


async def _read_unbalanced(run: Run, state: TimeState, zone: ZoneInfo) -> None:
    unbalanced = await run.context.database.ask("list_unbalanced_tasks", workspace_id=run.workspace_id)
    wanted = {*state.reread, *(row["clickup_task_id"] for row in unbalanced)}
    await read_tasks_time(run, wanted, zone, run.state.position("unbalanced time"))


async def _complete(run: Run, state: TimeState) -> None:
    of, blind_spot = {"workspace_id": run.workspace_id, "stream": "time"}, await _blind_spot(run)
    async with run.transaction() as tx:
        if state.is_recent:
            await tx.note("advance_stream", **of, watermark=None, read_at=state.asked_at)
            await tx.note("set_blind_spot", **of, blind_spot=blind_spot)
        else:
            await tx.note("complete_stream", **of, read_at=state.asked_at, blind_spot=blind_spot)


async def _prune(run: Run, state: TimeState, zone: ZoneInfo) -> None:
    """Deletes what is proved gone; the tasks whose own time must be read first are kept in the state."""
    absent = state.coverage.absent
    if not absent:
        return
    tasks = {entry.clickup_task_id for entry in absent if entry.clickup_task_id}
    async with run.context.database.transaction() as tx:
        plan = plan_prune(absent, await fetch_time_totals(tx, tasks))
    if plan.unverifiable and await _is_doubted(run, state.coverage):
        plan.unverifiable.clear()
    async with run.transaction() as tx:
        deleted = await delete_entries(tx, plan.delete + plan.unverifiable, zone, read_before=state.asked_at)
    run.findings.counts["time entries deleted"] += deleted
    state.reread, state.coverage.absent = sorted(plan.reread), []


async def _is_doubted(run: Run, coverage: TimeCoverage) -> bool:
    """So many entries are missing from the windows that these are doubted, and not the entries."""
    total = await run.context.database.fetch_one("count_time_entries", workspace_id=run.workspace_id)
    known, limit = total["total"] if total else 0, run.max_deleted_percent
    doubted = exceeds(len(coverage.absent), known, limit)
    if doubted:
        run.note(
            f"{len(coverage.absent)} of {known} time entries are missing from ClickUp's answers, more than "
            f"the {limit} % that MAX_DELETED_PERCENT allows: running timers and those without a task are kept"
        )
    return doubted


async def _render_unfilled(run: Run, zone: ZoneInfo) -> None:
    """Session columns of new tasks, and of all where the zone is another than before."""
    workspace = await run.context.database.fetch_one("get_workspace", workspace_id=run.workspace_id)
    rezoned = bool(workspace and workspace["rendered_zone"] not in (None, zone.key))
    rows = await run.context.database.ask(
        "list_tasks_to_render",
        workspace_id=run.workspace_id,
        # A workspace that somebody had changed may have lent another zone to a sync.
        everything=rezoned or run.compares_rows or bool(run.findings.restored["workspaces"]),
    )
    position = run.state.position("session columns")
    for chunk in chunks(position.behind(row["clickup_task_id"] for row in rows)):
        async with run.transaction() as tx:
            await render_sessions(tx, chunk, zone)
        position.after = chunk[-1]
        run.pause_if_due()
    async with run.transaction() as tx:
        await tx.note("set_rendered_zone", workspace_id=run.workspace_id, zone=zone.key)


async def _hidden_time(run: Run, hidden: list[Row]) -> str:
    """Whose time is refused; why, in ClickUp's words where the token's role does not explain it."""
    names = ", ".join(row["name"] for row in hidden[:5]) + (" and others" if len(hidden) > 5 else "")
    members = f"{pluralize(len(hidden), 'member')} ({names})"
    workspace = await run.context.database.fetch_one("get_workspace", workspace_id=run.workspace_id)
    role = workspace["token_role"] if workspace else None
    if role not in ("owner", "admin"):
        return (
            f"the token may not read the time of {members}: only the token of an owner or admin can; their "
            "time is read task by task"
        )
    return (
        f"ClickUp refuses the time of {members} to this {role}'s token: {hidden[-1]['reason']}; their time "
        "is read task by task"
    )


async def _blind_spot(run: Run) -> str | None:
    """What of the time the token cannot see, in words."""
    hidden = await run.context.database.ask("list_hidden_time", workspace_id=run.workspace_id)
    left = await run.context.database.fetch_one("count_unlisted_time", workspace_id=run.workspace_id)
    spots = []
    if hidden:
        spots.append(await _hidden_time(run, hidden))
    if left and left["people"]:
        people = pluralize(left["people"], "person", "people")
        spots.append(
            f"{people} with time entries left the workspace: their new or edited entries are found only if "
            "a task's total changes"
        )
    unexplained = await run.context.database.fetch_one(
        "count_unexplained_time", workspace_id=run.workspace_id
    )
    if unexplained and unexplained["tasks"]:
        spots.append(
            f"the sessions that this token sees of {pluralize(unexplained['tasks'], 'task')} do not add up "
            f"to ClickUp's total"
        )
    return "; ".join(spots) or None
