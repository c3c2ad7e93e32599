"""Tasks: every listing that shows some, page by page, each page safe before the next is asked for."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from app.clickup import Answer
from app.core.clickup import wire
from app.core.clickup.stamps import to_millis
from app.core.clickup.task_row import Names, task_id_of
from app.core.clickup.values import Json, instant, mapping
from app.core.errors import NoPermission, NotFound, Transient
from app.core.sync.checkpoint import ListingState
from app.core.sync.walk import Seen, Walk, partitions, rows_per_partition
from app.engine.concurrency import map_concurrently, side_by_side
from app.engine.lookup_names import resolve_names
from app.engine.run import Run
from app.engine.task_rows import Watermark, store_page

TASK_STREAMS = ("tasks", "archived tasks")
# Each of these holds a page, and pages are what fills the memory: a hundred tasks are some megabytes.
_STRETCHES, LISTS_AT_ONCE = 6, 3
_STRETCH = "tasks, stretch"


@dataclass(frozen=True, slots=True)
class Listing:
    """One listing of tasks: its name for people, its key in the state of a pass, its requests, the stream of
    which it is a part, and whether a walk without an end moves the watermark of that stream.
    """

    name: str
    key: str
    request: Callable[[Mapping[str, object]], wire.Request]
    stream: str | None = None
    moves_watermark: bool = True


def workspace_listing(workspace_id: str, *, archived: bool, list_id: str | None = None) -> Listing:
    """The workspace's active or archived tasks, or those of one list among them, which move no watermark."""
    stream = TASK_STREAMS[archived]
    return Listing(
        stream if list_id is None else f"tasks of list {list_id}",
        stream if list_id is None else f"{stream} of list {list_id}",
        lambda keyset: wire.workspace_tasks(workspace_id, archived=archived, keyset=keyset, list_id=list_id),
        stream=stream if list_id is None else None,
    )


def list_listing(list_id: str, name: str, *, archived: bool) -> Listing:
    """The tasks of one list, which may be hidden from the workspace's listing."""
    return Listing(
        f"tasks of list {name}",
        f"{'archived' if archived else 'active'} tasks shown by list {list_id}",
        lambda keyset: wire.list_tasks(list_id, archived=archived, keyset=keyset),
    )


async def sync_changed_tasks(run: Run, names: Names) -> None:
    """What changed since the watermark, active and archived; from the beginning where there is none."""
    run.progress.begin("tasks", None)
    listings = [workspace_listing(run.workspace_id, archived=archived) for archived in (False, True)]
    for listing in listings:
        if listing.key not in run.state.listings:
            walk = Walk(after=await _watermark(run, listing))
            run.state.listings[listing.key] = ListingState(walk)
    await side_by_side(*(partial(read_listing, run, names, listing) for listing in listings))


async def sync_all_tasks(run: Run, names: Names) -> None:
    """Everything that the workspace's listings show: active tasks in stretches, and archived ones."""
    active = workspace_listing(run.workspace_id, archived=False)
    archived = workspace_listing(run.workspace_id, archived=True)
    if archived.key not in run.state.listings:
        await _begin_listings(run, active, archived)
    keys = [key for key in run.state.listings if key.startswith(_STRETCH)]
    # Of several walks none knows how far the others are: the watermark moves when all have ended.
    parts = [replace(active, key=key, moves_watermark=len(keys) == 1) for key in keys]
    await side_by_side(*(partial(read_listing, run, names, part) for part in (*parts, archived)))
    states = [run.state.listings[key] for key in keys]
    began = [state.began_at if state.walk.whole else None for state in states]
    if len(keys) > 1 and all(began):
        await _advance(run, active, min(filter(None, began)))


async def _begin_listings(run: Run, active: Listing, archived: Listing) -> None:
    count = await run.context.database.fetch_one("count_live_tasks", workspace_id=run.workspace_id)
    run.progress.begin("tasks", count["total"] if count and count["total"] else None)
    for number, walk in enumerate(await _partitions(run, count["listed"] if count else 0)):
        run.state.listings[f"{_STRETCH} {number}"] = ListingState(walk)
    run.state.listings[archived.key] = ListingState()


async def sync_hidden_tasks(run: Run, names: Names) -> None:
    """Tasks that only their own list shows, because it, or a place above it, is archived."""
    await read_lists(run, names, run.state.hidden_lists)


async def read_lists(run: Run, names: Names, lists: Iterable[tuple[str, str]]) -> None:
    """Reads lists (id and name) for themselves, each once in a pass."""
    left = [place for place in lists if place[0] not in run.state.coverage.lists]
    await map_concurrently(run, left, partial(_read_list, run, names), at_once=LISTS_AT_ONCE)


async def _partitions(run: Run, listed: int) -> list[Walk]:
    boundaries = await run.context.database.ask(
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


async def _read_list(run: Run, names: Names, place: tuple[str, str]) -> None:
    """Active and archived tasks of one list."""
    list_id, name = place
    listings = [list_listing(list_id, name, archived=archived) for archived in (False, True)]
    try:
        for listing in listings:
            await read_listing(run, names, listing)
        await run.could_read("list_tasks", [list_id])
    except NoPermission as error:
        run.refuse("list_tasks", list_id, error)
    except NotFound as error:
        run.note(f"not visible to this token: {error}")
    run.state.coverage.lists.add(list_id)
    for listing in listings:
        run.state.listings.pop(listing.key, None)


async def read_listing(run: Run, names: Names, listing: Listing) -> None:
    """Walks one listing to its end. A page's rows and the watermark stand in one transaction.

    The watermark moves only in a walk without an end, and only as far as all that is older was seen: to the
    newest change of a page, and at the end to the moment, by ClickUp's clock, when the walk began: all that
    changed before was shown. Raises Unfinished behind a page; where the pass is, is stored in its state.
    """
    state = run.state.listings.setdefault(listing.key, ListingState())
    if state.is_ended:
        return
    while not state.walk.ended:
        await _read_page(run, names, listing, state)
        if not state.walk.ended:
            run.pause_if_due()
    if not state.walk.whole:
        await _fill_gaps(run, names, listing, state)
    if not state.is_whole:
        run.state.coverage.unread.append(listing.name)
        run.note(f"{listing.name}: ClickUp's pages repeat or shift, so that not all rows of it were seen")
    state.is_ended = True


async def _read_page(run: Run, names: Names, listing: Listing, state: ListingState) -> None:
    answer = await run.fetch(listing.request(state.walk.keyset()))
    page = wire.listed(answer.content, "tasks")
    if page is None:
        raise Transient(listing.name, "ClickUp's answer has no list of tasks")
    await resolve_names(run, names, page)
    seen = [Seen(task_id, _changed_at(item)) for item in page if (task_id := task_id_of(item))]
    walk, newest = state.walk.copy(), _newest(state.newest, seen, answer)
    walk.take(seen, last_page=mapping(answer.content).get("last_page") is True)
    began_at = state.began_at if state.is_begun else answer.server_asked_at
    if walk.ended and walk.whole and began_at:
        newest = max(newest or began_at, began_at)
    moves_watermark = listing.moves_watermark and walk.before is None and listing.stream is not None
    is_safe = moves_watermark and (walk.in_order or walk.ended)
    mark = Watermark(listing.stream or "", newest, answer.asked_at) if is_safe else None
    await store_page(run, names, page, answer.asked_at, mark)
    await run.could_read("task", [row.task_id for row in seen])
    # Only now, and all at once: a checkpoint may be taken at any await, and speaks of committed rows.
    state.walk, state.newest, state.began_at, state.is_begun = walk, newest, began_at, True
    if run.state.route == "everything":
        run.seen.add(row.task_id for row in seen)
    run.progress.advance("tasks", len(page))


async def _fill_gaps(run: Run, names: Names, listing: Listing, state: ListingState) -> None:
    """Asks list by list for the instants whose rows the pages hold back."""
    if listing.stream is None or not state.walk.gaps:
        return
    if state.gap_lists is None:
        known = await run.context.database.ask("list_known_lists", workspace_id=run.workspace_id)
        state.gap_lists = [row["list_id"] for row in known]
    archived = listing.stream == TASK_STREAMS[True]

    async def ask(list_id: str) -> None:
        of_list = workspace_listing(run.workspace_id, archived=archived, list_id=list_id)
        for instant_ms in state.walk.gaps:
            part = replace(of_list, key=f"{of_list.key} at {instant_ms}")
            walk = Walk(after=instant_ms - 1, before=instant_ms + 1)
            run.state.listings.setdefault(part.key, ListingState(walk))
            await read_listing(run, names, part)
            state.gaps_filled &= run.state.listings.pop(part.key).walk.whole
        state.gap_lists = [one for one in state.gap_lists or () if one != list_id]

    await map_concurrently(run, list(state.gap_lists), ask, at_once=LISTS_AT_ONCE)


def _changed_at(item: Json) -> datetime | None:
    try:
        return instant(item.get("date_updated"))
    except ValueError:
        return None


def _newest(known: datetime | None, seen: list[Seen], answer: Answer) -> datetime | None:
    # A stamp from the future would carry the watermark past changes still to come.
    stamps = [row.changed_at for row in seen if row.changed_at and row.changed_at <= answer.server_now]
    return max([known, *stamps] if known else stamps, default=None)
