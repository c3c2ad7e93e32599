"""Tasks: every listing that shows some, page by page, each page safe before the next is asked for."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from app.clickup import Answer
from app.core.clickup import wire
from app.core.clickup.models import Place
from app.core.clickup.stamps import to_millis
from app.core.clickup.task_row import Names, task_id_of
from app.core.clickup.values import Json, instant, mapping
from app.core.errors import NoPermission, NotFound, Transient
from app.core.sync.coverage import Coverage
from app.core.sync.walk import Seen, Walk, partitions, rows_per_partition
from app.engine.concurrency import map_concurrently
from app.engine.lookup_names import resolve_names
from app.engine.run import Run
from app.engine.task_rows import Watermark, store_page

TASK_STREAMS = ("tasks", "archived tasks")
# Each of these holds a page, and pages are what fills the memory: a hundred tasks are some megabytes.
_STRETCHES, LISTS_AT_ONCE = 6, 3


@dataclass(frozen=True, slots=True)
class Listing:
    """One listing of tasks: its name for people, its requests, the stream of which it is a part, and whether
    a walk without an end moves the watermark of that stream.
    """

    name: str
    request: Callable[[Mapping[str, object]], wire.Request]
    stream: str | None = None
    moves_watermark: bool = True


def workspace_listing(workspace_id: str, *, archived: bool, list_id: str | None = None) -> Listing:
    """The workspace's active or archived tasks, or those of one list among them, which move no watermark."""
    stream = TASK_STREAMS[archived]
    return Listing(
        stream if list_id is None else f"tasks of list {list_id}",
        lambda keyset: wire.workspace_tasks(workspace_id, archived=archived, keyset=keyset, list_id=list_id),
        stream=stream if list_id is None else None,
    )


def list_listing(list_id: str, name: str, *, archived: bool) -> Listing:
    """The tasks of one list, which may be hidden from the workspace's listing."""
    return Listing(
        f"tasks of list {name}",
        lambda keyset: wire.list_tasks(list_id, archived=archived, keyset=keyset),
    )


async def sync_changed_tasks(run: Run, names: Names, coverage: Coverage) -> None:
    """What changed since the watermark, active and archived; from the beginning where there is none."""
    run.progress.begin("tasks", None)
    async with asyncio.TaskGroup() as group:
        for archived in (False, True):
            listing = workspace_listing(run.workspace_id, archived=archived)
            walk = Walk(after=await _watermark(run, listing))
            group.create_task(read_listing(run, names, coverage, listing, walk))


async def sync_all_tasks(run: Run, names: Names, coverage: Coverage) -> None:
    """Everything that the workspace's listings show: active tasks in stretches, and archived ones."""
    count = await run.context.database.fetch_one("count_live_tasks", workspace_id=run.workspace_id)
    run.progress.begin("tasks", count["total"] if count and count["total"] else None)
    active = workspace_listing(run.workspace_id, archived=False)
    archived = workspace_listing(run.workspace_id, archived=True)
    walks = await _partitions(run, count["listed"] if count else 0)
    # Of several walks none knows how far the others are: the watermark moves when all have ended.
    part = active if len(walks) == 1 else replace(active, moves_watermark=False)
    async with asyncio.TaskGroup() as group:
        read = [group.create_task(read_listing(run, names, coverage, part, walk)) for walk in walks]
        group.create_task(read_listing(run, names, coverage, archived, Walk()))
    began = [task.result() for task in read]
    if not part.moves_watermark and all(began):
        await _advance(run, active, min(filter(None, began)))


async def sync_hidden_tasks(run: Run, names: Names, coverage: Coverage, hidden: list[Place]) -> None:
    """Tasks that only their own list shows, because it, or a place above it, is archived."""
    lists = [(place.place_id, place.name) for place in hidden]
    await map_concurrently(lists, partial(read_list, run, names, coverage), at_once=LISTS_AT_ONCE)


async def _partitions(run: Run, listed: int) -> list[Walk]:
    boundaries = await run.context.database.fetch(
        "list_stretch_boundaries",
        workspace_id=run.workspace_id,
        stretch_rows=rows_per_partition(listed, _STRETCHES),
    )
    return partitions([row["date_updated"] for row in boundaries])


async def _advance(run: Run, listing: Listing, to: datetime) -> None:
    async with run.transaction() as tx:
        await tx.note(
            "advance_stream",
            workspace_id=run.workspace_id,
            stream=listing.stream,
            watermark=to,
            read_at=run.started_at,
        )


async def _watermark(run: Run, listing: Listing) -> int | None:
    row = await run.context.database.fetch_one(
        "get_stream", workspace_id=run.workspace_id, stream=listing.stream
    )
    if row is None or row["watermark"] is None:
        return None
    return to_millis(row["watermark"]) - run.context.settings.overlap_seconds * 1000


async def read_list(run: Run, names: Names, coverage: Coverage, place: tuple[str, str]) -> None:
    """Reads one list (id and name) for itself, active and archived tasks."""
    list_id, name = place
    coverage.lists.add(list_id)
    try:
        for archived in (False, True):
            listing = list_listing(list_id, name, archived=archived)
            await read_listing(run, names, coverage, listing, Walk())
        await run.could_read("list_tasks", [list_id])
    except NoPermission as error:
        run.refuse("list_tasks", list_id, error)
    except NotFound as error:
        run.note(f"not visible to this token: {error}")


async def read_listing(
    run: Run, names: Names, coverage: Coverage, listing: Listing, walk: Walk
) -> datetime | None:
    """Walks one listing to its end. A page's rows and the watermark stand in one transaction.

    The watermark moves only in a walk without an end, and only as far as all that is older was seen: to the
    newest change of a page, and at the end to the moment, by ClickUp's clock, when the walk began: all that
    changed before was shown. That moment is returned; None where rows may be missing, or ClickUp told no
    time.
    """
    moves_watermark = listing.moves_watermark and walk.before is None and listing.stream is not None
    newest, began_at, is_first = None, None, True
    while not walk.ended:
        answer = await run.fetch(listing.request(walk.keyset()))
        if is_first:
            began_at, is_first = answer.server_asked_at, False
        page = wire.listed(answer.content, "tasks")
        if page is None:
            raise Transient(listing.name, "ClickUp's answer has no list of tasks")
        await resolve_names(run, names, page)
        seen = [Seen(task_id, _changed_at(item)) for item in page if (task_id := task_id_of(item))]
        walk.take(seen, last_page=mapping(answer.content).get("last_page") is True)
        newest = _newest(newest, seen, answer)
        if walk.ended and walk.whole and began_at:
            newest = max(newest or began_at, began_at)
        is_safe = moves_watermark and (walk.in_order or walk.ended)
        mark = Watermark(listing.stream or "", newest, answer.asked_at) if is_safe else None
        await store_page(run, names, coverage, page, answer.asked_at, mark)
        coverage.seen.update(row.task_id for row in seen)
        await run.could_read("task", [row.task_id for row in seen])
        run.progress.advance("tasks", len(page))
    if not walk.whole and not await _fill_gaps(run, names, coverage, listing, walk):
        coverage.unread.append(listing.name)
        run.note(f"{listing.name}: ClickUp's pages repeat or shift, so that not all rows of it were seen")
    return began_at if walk.whole else None


async def _fill_gaps(run: Run, names: Names, coverage: Coverage, listing: Listing, walk: Walk) -> bool:
    """Asks list by list for the instants whose rows the pages hold back; whether that was all."""
    if listing.stream is None or not walk.gaps:
        return False
    known = await run.context.database.fetch("list_known_lists", workspace_id=run.workspace_id)
    archived, walks = listing.stream == TASK_STREAMS[True], list[Walk]()

    async def ask(list_id: str) -> None:
        part = workspace_listing(run.workspace_id, archived=archived, list_id=list_id)
        for instant_ms in walk.gaps:
            walks.append(Walk(after=instant_ms - 1, before=instant_ms + 1))
            await read_listing(run, names, coverage, part, walks[-1])

    await map_concurrently([row["list_id"] for row in known], ask, at_once=LISTS_AT_ONCE)
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
