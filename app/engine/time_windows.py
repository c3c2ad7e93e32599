"""Work sessions: the workspace's in windows, a task's own where the books do not balance."""

import asyncio
from dataclasses import dataclass, field
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
from app.core.sync.plan import KnownEntry, exceeds, plan_prune
from app.core.sync.windows import Window, newest_window, next_window
from app.core.words import pluralize
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


@dataclass(slots=True)
class TimeCoverage:
    """`absent`: stored entries that a window read whole did not bring. `denied`: whose time is hidden.

    `singly`: the token may ask for each person, but for no list of them (observed with OAuth). `left`: who
    turned out to be no member any more; None before that was asked.
    """

    absent: list[KnownEntry] = field(default_factory=list)
    denied: set[str] = field(default_factory=set)
    singly: bool = False
    left: set[str] | None = None


async def sync_recent_time(run: Run, zone: ZoneInfo) -> None:
    """The newest entries, and the books of every task; all entries where they were never read whole."""
    stream = await run.context.database.fetch_one("get_stream", workspace_id=run.workspace_id, stream="time")
    if stream is None or stream["complete_at"] is None:
        return await sync_all_time(run, zone)
    asked_at, coverage = run.now(), TimeCoverage()
    people = await _people(run)
    await _read_window(run, coverage, await _recent_window(run, stream["read_at"]), people, zone)
    await _settle(run, coverage, zone)
    blind_spot = await _blind_spot(run)
    async with run.transaction() as tx:
        await tx.note(
            "advance_stream", workspace_id=run.workspace_id, stream="time", watermark=None, read_at=asked_at
        )
        await tx.note("set_blind_spot", workspace_id=run.workspace_id, stream="time", blind_spot=blind_spot)


async def sync_all_time(run: Run, zone: ZoneInfo) -> None:
    """Every entry of everybody who can be asked for, and the books of every task."""
    asked_at, coverage = run.now(), TimeCoverage()
    await read_all_windows(run, coverage, zone)
    await reconcile_time(run, coverage, zone, asked_at)


async def read_all_windows(run: Run, coverage: TimeCoverage, zone: ZoneInfo) -> None:
    """Windows from the newest back to before the first thing that ever happened."""
    run.progress.begin("time entries", None)
    people = await _people(run)
    entries = await run.context.database.fetch_one("count_time_entries", workspace_id=run.workspace_id)
    tasks = await run.context.database.fetch_one("count_live_tasks", workspace_id=run.workspace_id)
    oldest = min((row["oldest"] for row in (entries, tasks) if row and row["oldest"]), default=None)
    window: Window | None = newest_window(
        run.now(), known=entries["total"] if entries else 0, oldest=entries["oldest"] if entries else None
    )
    while window and people:
        rows = await _read_window(run, coverage, window, people, zone)
        window = next_window(window, rows, oldest=oldest)


async def reconcile_time(run: Run, coverage: TimeCoverage, zone: ZoneInfo, asked_at: datetime) -> None:
    """After all windows: what is gone goes, the books are balanced, and what cannot be seen is said."""
    await _settle(run, coverage, zone)
    blind_spot = await _blind_spot(run)
    async with run.transaction() as tx:
        await tx.note(
            "complete_stream",
            workspace_id=run.workspace_id,
            stream="time",
            read_at=asked_at,
            blind_spot=blind_spot,
        )


async def _people(run: Run) -> list[str]:
    rows = await run.context.database.fetch("list_people_for_time", workspace_id=run.workspace_id)
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


async def _read_window(
    run: Run, coverage: TimeCoverage, window: Window, people: list[str], zone: ZoneInfo
) -> int:
    """One window for all people at once, or person by person where the token may not; rows brought."""
    asked = _still_asked(coverage, people)
    if not asked:
        return 0
    rows = None if coverage.singly else await _read_together(run, coverage, window, asked, zone)
    if rows is None:
        rows = await _read_singly(run, coverage, window, _still_asked(coverage, asked), zone)
    await run.could_read("person_time", _still_asked(coverage, asked))
    await run.record_refusals()
    return rows


def _still_asked(coverage: TimeCoverage, people: list[str]) -> list[str]:
    return [one for one in people if one not in coverage.denied and one not in (coverage.left or ())]


async def _read_together(
    run: Run, coverage: TimeCoverage, window: Window, people: list[str], zone: ZoneInfo
) -> int | None:
    """Rows brought; None where the token may not ask for these people in a list.

    A list is refused also when one of them has just left (observed): then it is asked again without them.
    Who keeps to the letter of ClickUp's document takes a list for no number.
    """
    try:
        return await _read_share(run, coverage, window, people, zone, confirm=False)
    except (NoPermission, RequestRejected) as error:
        log.info("time.refused_together", people=len(people), reason=error.reason)
    if coverage.left is None:
        coverage.left = set(people).difference(await reread_members(run))
        if coverage.left:
            return await _read_together(run, coverage, window, _still_asked(coverage, people), zone)
    return None


async def _read_singly(
    run: Run, coverage: TimeCoverage, window: Window, people: list[str], zone: ZoneInfo
) -> int:
    async with asyncio.TaskGroup() as group:
        shares = [group.create_task(_read_own(run, coverage, window, person, zone)) for person in people]
    coverage.singly = coverage.denied.isdisjoint(people)
    return sum(share.result() for share in shares)


async def _read_own(run: Run, coverage: TimeCoverage, window: Window, person: str, zone: ZoneInfo) -> int:
    try:
        return await _read_share(run, coverage, window, [person], zone)
    except NoPermission as error:
        run.refuse("person_time", person, error)
        coverage.denied.add(person)
        return 0


async def _read_share(
    run: Run,
    coverage: TimeCoverage,
    window: Window,
    people: list[str],
    zone: ZoneInfo,
    *,
    confirm: bool = True,
) -> int:
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
    run.counts["time entries written"] += written
    coverage.absent += absent
    run.progress.advance("time entries", len(listed))
    run.counts["time entries read"] += len(listed)
    return sum(window.holds(entry.started_at) for entry in entries)


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


async def _settle(run: Run, coverage: TimeCoverage, zone: ZoneInfo) -> None:
    reread = await _prune(run, coverage, zone)
    unbalanced = await run.context.database.fetch("list_unbalanced_tasks", workspace_id=run.workspace_id)
    await read_tasks_time(run, reread | {row["clickup_task_id"] for row in unbalanced}, zone)
    await _render_unfilled(run, zone)


async def _prune(run: Run, coverage: TimeCoverage, zone: ZoneInfo) -> set[str]:
    """Deletes what is proved gone; the tasks whose own time must be read first."""
    if not coverage.absent:
        return set()
    tasks = {entry.clickup_task_id for entry in coverage.absent if entry.clickup_task_id}
    async with run.context.database.transaction() as tx:
        plan = plan_prune(coverage.absent, await fetch_time_totals(tx, tasks))
    if plan.unwitnessed and await _is_doubted(run, coverage):
        plan.unwitnessed.clear()
    async with run.transaction() as tx:
        deleted = await delete_entries(tx, plan.delete + plan.unwitnessed, zone)
    run.counts["time entries deleted"] += deleted
    return plan.reread


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
    rows = await run.context.database.fetch(
        "list_tasks_to_render",
        workspace_id=run.workspace_id,
        # A workspace that somebody had changed may have lent another zone to a sync.
        everything=rezoned or run.compares_rows or bool(run.restored["workspaces"]),
    )
    for chunk in chunks(row["clickup_task_id"] for row in rows):
        async with run.transaction() as tx:
            await render_sessions(tx, chunk, zone)
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
            f"the token may not ask for the time of {members}: only an owner's or admin's token "
            f"sees all time entries; tasks are read one by one instead"
        )
    return (
        f"ClickUp refuses the time of {members} to this {role}'s token: {hidden[-1]['reason']}; "
        f"tasks are read one by one instead"
    )


async def _blind_spot(run: Run) -> str | None:
    """What of the time the token cannot see, in words."""
    hidden = await run.context.database.fetch("list_hidden_time", workspace_id=run.workspace_id)
    left = await run.context.database.fetch_one("count_unlisted_time", workspace_id=run.workspace_id)
    spots = []
    if hidden:
        spots.append(await _hidden_time(run, hidden))
    if left and left["people"]:
        people = pluralize(left["people"], "person", "people")
        spots.append(
            f"{people} with time entries left the workspace: new or edited entries of theirs show only where "
            f"a task's total changes"
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
