"""Tasks: every listing that shows some, page by page, each page safe before the next is asked for."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from app.clickup import Answer
from app.core import wire
from app.core.errors import BadObject, ClickUpError, DataRejected, NoPermission, NotFound, Transient
from app.core.harvest import Harvest
from app.core.models import FieldDefinition, Place
from app.core.plan import StoredTask, exceeds, plan_missing, plan_tasks, withheld_sentence
from app.core.stamps import to_millis
from app.core.task_row import Names, ReadTask, read_task, task_id_of
from app.core.values import Json, clean_json, instant, mapping
from app.core.walk import Seen, Walk, lanes, rows_per_lane
from app.crew import for_each
from app.names import learn_names
from app.run import Run
from app.supabase_db import Row, Transaction, as_json

TASK_STREAMS = ("tasks", "archived tasks")
_LANES = 8
_DENIAL_LASTS = timedelta(days=1)
# From so many missing tasks on, asking their list (two requests) is cheaper than asking for each.
_WORTH_A_LISTING = 3
_CHILD_QUERIES = (
    "delete_task_people",
    "upsert_task_people",
    "delete_task_tags",
    "insert_task_tags",
    "delete_task_dependencies",
    "insert_task_dependencies",
    "delete_task_custom_fields",
    "upsert_task_custom_fields",
)


@dataclass(frozen=True, slots=True)
class Listing:
    """One listing of tasks: its name for people, its requests, and the stream its watermark moves."""

    name: str
    request: Callable[[Mapping[str, object]], wire.Request]
    stream: str | None = None


@dataclass(frozen=True, slots=True)
class Watermark:
    """How far a stream is known, as of an answer asked for at `asked_at`."""

    stream: str
    changed_at: datetime | None
    asked_at: datetime


def workspace_listing(workspace_id: str, *, archived: bool) -> Listing:
    """The workspace's active or archived tasks."""
    name = TASK_STREAMS[archived]
    return Listing(
        name,
        lambda keyset: wire.workspace_tasks(workspace_id, archived=archived, keyset=keyset),
        stream=name,
    )


def filtered_listing(workspace_id: str, list_id: str, *, archived: bool) -> Listing:
    """What the workspace's listing shows of one list."""
    return Listing(
        f"tasks of list {list_id}",
        lambda keyset: wire.workspace_tasks(workspace_id, archived=archived, keyset=keyset, list_id=list_id),
    )


def list_listing(list_id: str, name: str, *, archived: bool) -> Listing:
    """The tasks of one list, which may be hidden from the workspace's listing."""
    return Listing(
        f"tasks of list {name}",
        lambda keyset: wire.list_tasks(list_id, archived=archived, keyset=keyset),
    )


async def sync_changed_tasks(run: Run, names: Names, harvest: Harvest) -> None:
    """What changed since the watermark, active and archived; from the beginning where there is none."""
    run.progress.begin("tasks", None)
    async with asyncio.TaskGroup() as group:
        for archived in (False, True):
            listing = workspace_listing(run.workspace_id, archived=archived)
            walk = Walk(after=await _watermark(run, listing))
            group.create_task(read_listing(run, names, harvest, listing, walk))


async def sync_all_tasks(run: Run, names: Names, harvest: Harvest) -> None:
    """Everything that the workspace's listings show: active tasks in lanes, and archived ones."""
    count = await run.context.database.fetch_one("count_live_tasks", workspace_id=run.workspace_id)
    run.progress.begin("tasks", count["total"] if count and count["total"] else None)
    active = workspace_listing(run.workspace_id, archived=False)
    archived = workspace_listing(run.workspace_id, archived=True)
    async with asyncio.TaskGroup() as group:
        for walk in await _lanes(run, count["listed"] if count else 0):
            group.create_task(read_listing(run, names, harvest, active, walk))
        group.create_task(read_listing(run, names, harvest, archived, Walk()))


async def sync_hidden_tasks(run: Run, names: Names, harvest: Harvest, hidden: list[Place]) -> None:
    """Tasks that only their own list shows, because it, or a place above it, is archived."""
    lists = [(place.place_id, place.name) for place in hidden]
    await for_each(lists, partial(_read_list, run, names, harvest))


async def _lanes(run: Run, listed: int) -> list[Walk]:
    boundaries = await run.context.database.fetch(
        "list_lane_boundaries", workspace_id=run.workspace_id, lane_rows=rows_per_lane(listed, _LANES)
    )
    return lanes([row["date_updated"] for row in boundaries])


async def _watermark(run: Run, listing: Listing) -> int | None:
    row = await run.context.database.fetch_one(
        "get_stream", workspace_id=run.workspace_id, stream=listing.stream
    )
    if row is None or row["watermark"] is None:
        return None
    return to_millis(row["watermark"]) - run.context.settings.overlap_seconds * 1000


async def _read_list(run: Run, names: Names, harvest: Harvest, place: tuple[str, str]) -> None:
    list_id, name = place
    harvest.lists.add(list_id)
    try:
        for archived in (False, True):
            listing = list_listing(list_id, name, archived=archived)
            await read_listing(run, names, harvest, listing, Walk())
    except (NoPermission, NotFound) as error:
        run.note(f"not visible to this token: {error}")


async def read_listing(run: Run, names: Names, harvest: Harvest, listing: Listing, walk: Walk) -> None:
    """Walks one listing to its end. A page's rows and the watermark stand in one transaction.

    The watermark moves only in a walk without an end, and only as far as all that is older was seen.
    """
    moves_watermark, newest = walk.before is None and listing.stream is not None, None
    while not walk.ended:
        answer = await run.fetch(listing.request(walk.keyset()))
        page = wire.listed(answer.content, "tasks")
        if page is None:
            raise Transient(listing.name, "ClickUp's answer has no list of tasks")
        await learn_names(run, names, page)
        seen = [Seen(task_id, _changed_at(item)) for item in page if (task_id := task_id_of(item))]
        walk.take(seen, last_page=mapping(answer.content).get("last_page") is True)
        newest = _newest(newest, seen, answer)
        is_safe = moves_watermark and (walk.in_order or walk.ended)
        mark = Watermark(listing.stream or "", newest, answer.asked_at) if is_safe else None
        await _store_page(run, names, harvest, page, answer.asked_at, mark)
        harvest.seen.update(row.task_id for row in seen)
        run.progress.advance("tasks", len(page))
    if not walk.whole and not await _fill_gaps(run, names, harvest, listing, walk):
        harvest.unread.append(listing.name)
        run.note(f"{listing.name}: ClickUp's pages repeat or shift, so that not all rows of it were seen")


async def _fill_gaps(run: Run, names: Names, harvest: Harvest, listing: Listing, walk: Walk) -> bool:
    """Asks list by list for the instants whose rows the pages hold back; whether that was all."""
    if listing.stream is None or not walk.gaps:
        return False
    known = await run.context.database.fetch("list_known_lists", workspace_id=run.workspace_id)
    archived, walks = listing.stream == TASK_STREAMS[True], list[Walk]()

    async def ask(list_id: str) -> None:
        part = filtered_listing(run.workspace_id, list_id, archived=archived)
        for instant_ms in walk.gaps:
            walks.append(Walk(after=instant_ms - 1, before=instant_ms + 1))
            await read_listing(run, names, harvest, part, walks[-1])

    await for_each([row["list_id"] for row in known], ask)
    return all(part.whole for part in walks)


def _changed_at(item: Json) -> datetime | None:
    try:
        return instant(item.get("date_updated"))
    except ValueError:
        return None


def _newest(known: datetime | None, seen: list[Seen], answer: Answer) -> datetime | None:
    # A stamp from the future would carry the watermark past changes still to come.
    stamps = [row.changed_at for row in seen if row.changed_at and row.changed_at <= answer.server_now]
    return max([known, *stamps] if known else stamps, default=None)


async def _store_page(
    run: Run,
    names: Names,
    harvest: Harvest,
    page: list[Any],
    asked_at: datetime,
    mark: Watermark | None,
) -> None:
    tasks = _read_page(run, names, page)
    stored = await _stored(run, [task.row.clickup_task_id for task in tasks])
    plan = plan_tasks(stored, (task.row for task in tasks))
    changed = {row.clickup_task_id for row in plan.write}
    await _write_page(run, [task for task in tasks if task.row.clickup_task_id in changed], asked_at, mark)
    harvest.prove.update(plan.prove)
    run.counts["tasks read"] += len(tasks)


def _read_page(run: Run, names: Names, page: list[Any]) -> list[ReadTask]:
    tasks: dict[str, ReadTask] = {}
    for item in page:
        try:
            task = read_task(mapping(item), names)
        except BadObject as error:
            run.skip(error)
        else:
            tasks[task.row.clickup_task_id] = task
    return list(tasks.values())


async def _stored(run: Run, ids: list[str]) -> dict[str, StoredTask]:
    rows = await run.context.database.fetch("list_stored_tasks", ids=ids)
    return {row["clickup_task_id"]: StoredTask(**row) for row in rows}


async def _write_page(run: Run, tasks: list[ReadTask], asked_at: datetime, mark: Watermark | None) -> None:
    if not tasks and mark is None:
        return
    try:
        await _write_together(run, tasks, asked_at, mark)
    except DataRejected:
        run.known_fields.clear()
        for task in tasks:
            await _write_alone(run, task, asked_at)
        await _write_together(run, [], asked_at, mark)


async def _write_alone(run: Run, task: ReadTask, asked_at: datetime) -> None:
    try:
        await _write_together(run, [task], asked_at, None)
    except DataRejected as error:
        run.skip(BadObject("task", task.row.clickup_task_id, str(error)))


async def _write_together(
    run: Run, tasks: list[ReadTask], asked_at: datetime, mark: Watermark | None
) -> None:
    async with run.transaction() as tx:
        written = await _write_tasks(run, tx, tasks, asked_at) if tasks else 0
        if mark:
            await tx.note(
                "advance_stream",
                workspace_id=run.workspace_id,
                stream=mark.stream,
                watermark=mark.changed_at,
                read_at=mark.asked_at,
            )
    run.counts["tasks written"] += written


async def _write_tasks(run: Run, tx: Transaction, tasks: list[ReadTask], asked_at: datetime) -> int:
    """Writes rows and the facts they are made of; a row that is older than the stored one stays out."""
    await _write_definitions(run, tx, tasks)
    rows = as_json(task.row for task in tasks)
    written = await tx.write_returning(
        "upsert_tasks", workspace_id=run.workspace_id, rows=rows, asked_at=asked_at
    )
    ids = [row["clickup_task_id"] for row in written]
    for query in _CHILD_QUERIES:
        await tx.write(query, workspace_id=run.workspace_id, rows=rows, ids=ids)
    return len(ids)


async def _write_definitions(run: Run, tx: Transaction, tasks: list[ReadTask]) -> None:
    fresh: dict[str, FieldDefinition] = {}
    for definition in (definition for task in tasks for definition in task.definitions):
        if run.known_fields.get(definition.field_id) != definition:
            fresh[definition.field_id] = run.known_fields[definition.field_id] = definition
    if fresh:
        await tx.write(
            "upsert_custom_fields", workspace_id=run.workspace_id, rows=as_json(clean_json(_plain(fresh)))
        )


def _plain(definitions: dict[str, FieldDefinition]) -> list[Json]:
    return [
        {"field_id": item.field_id, "name": item.name, "type": item.type, "type_config": item.type_config}
        for item in definitions.values()
    ]


async def settle_missing(run: Run, names: Names, harvest: Harvest) -> None:
    """Asks for each task that no listing showed, and for each that should not have been shown."""
    await _read_missing_lists(run, names, harvest, await _missing(run, harvest))
    missing = [row["clickup_task_id"] for row in await _missing(run, harvest)]
    plan = plan_missing(
        missing,
        await _count_live(run),
        unread=harvest.unread,
        max_deleted_percent=run.context.settings.max_deleted_percent,
    )
    if plan.withheld:
        run.withholds_deletions = True
        run.note(plan.withheld)
    await run.context.database.note("forget_denials", workspace_id=run.workspace_id, seen=list(harvest.seen))
    await prove_tasks(run, names, [*plan.ask, *harvest.prove])


async def _missing(run: Run, harvest: Harvest) -> list[Row]:
    return await run.context.database.fetch(
        "list_missing_tasks",
        workspace_id=run.workspace_id,
        seen=list(harvest.seen),
        before=run.started_at,
        denied_before=run.started_at - _DENIAL_LASTS,
    )


async def _count_live(run: Run) -> int:
    count = await run.context.database.fetch_one("count_live_tasks", workspace_id=run.workspace_id)
    return int(count["total"]) if count else 0


async def _read_missing_lists(run: Run, names: Names, harvest: Harvest, missing: list[Row]) -> None:
    """Lists that the hierarchy does not show may be archived all the same: they show their tasks."""
    crowds = Counter(
        (row["list_id"], row["list_name"] or row["list_id"]) for row in missing if row["list_id"]
    )
    wanted = [
        place
        for place, count in crowds.items()
        if count >= _WORTH_A_LISTING and place[0] not in harvest.lists
    ]
    await for_each(wanted, partial(_read_list, run, names, harvest))


async def prove_tasks(run: Run, names: Names, task_ids: list[str]) -> None:
    """Asks for tasks one by one: 200 is written, 404 is the tombstone, anything else changes nothing.

    The tombstones are set together at the end: when they are too many, none is.
    """
    if not task_ids:
        return
    run.progress.begin("doubtful tasks", len(task_ids))
    gone: dict[str, datetime] = {}
    await for_each(task_ids, partial(_prove_task, run, names, gone))
    await _bury(run, gone)


async def _prove_task(run: Run, names: Names, gone: dict[str, datetime], task_id: str) -> None:
    asked_at = run.now()
    try:
        answer = await run.fetch(wire.task(task_id))
        task = read_task(mapping(answer.content), names)
    except NotFound:
        gone[task_id] = asked_at
    except NoPermission:
        await run.context.database.note(
            "mark_task_denied", workspace_id=run.workspace_id, task_id=task_id, asked_at=asked_at
        )
    except ClickUpError as error:
        run.skip_unread("task", task_id, error)
    except BadObject as error:
        run.skip(error)
    else:
        await _store_proved(run, task, answer.asked_at)
    run.progress.advance("doubtful tasks")


async def _store_proved(run: Run, task: ReadTask, asked_at: datetime) -> None:
    known = (await _stored(run, [task.row.clickup_task_id])).get(task.row.clickup_task_id)
    if known is None or known.is_deleted or known.fingerprint != task.row.fingerprint:
        await _write_alone(run, task, asked_at)


async def _bury(run: Run, gone: dict[str, datetime]) -> None:
    if not gone or run.withholds_deletions:
        return
    deleted, limit = run.counts["tasks deleted"], run.context.settings.max_deleted_percent
    known = await _count_live(run) + deleted
    if exceeds(deleted + len(gone), known, limit):
        run.withholds_deletions = True
        run.note(withheld_sentence(f"ClickUp answers 404 for {deleted + len(gone)} of {known} tasks", limit))
        return
    async with run.transaction() as tx:
        deleted = await tx.write("mark_tasks_deleted", ids=list(gone), asked=list(gone.values()))
    run.counts["tasks deleted"] += deleted
