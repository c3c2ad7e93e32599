"""Spaces, folders and lists: one walk from the top, twice at each level because of the archived."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from hashlib import blake2b
from typing import Any

import orjson

from app.core.clickup import wire
from app.core.clickup.models import Place, PlaceKind
from app.core.clickup.place import is_hidden_folder, read_place
from app.core.clickup.values import Json, identifier, mapping, objects
from app.core.errors import ClickUpError, MalformedObject, NoPermission, NotFound
from app.core.sync.found_places import PlaceLevel, PlaceListing, Places, key_of
from app.core.sync.position import Position
from app.engine.concurrency import map_concurrently, map_in_order
from app.engine.refused_rows import Writer, store
from app.engine.run import Run
from app.sql.connection import as_json
from app.supabase_db import Row, Transaction


async def sync_places(run: Run) -> None:
    """Walks the hierarchy, writes what changed, and marks deleted what answers 404 for itself.

    The pass then knows the lists whose tasks the workspace's listing leaves out.
    """
    await run.once("places", partial(_walk_hierarchy, run))
    await run.once("missing places", partial(_resolve_missing, run))


async def _walk_hierarchy(run: Run) -> None:
    if run.state.places is None:
        run.progress.begin("places", None)
        top = [PlaceListing("spaces", archived) for archived in (False, True)]
        run.state.places = Places(pending=top, asked_at=run.now())
    places = run.state.places
    await _walk(run, places)
    await _store(run, places)
    await _forget_refusals(run, places)
    run.findings.counts["places"] = len(places.by_key)
    run.state.hidden_lists = [(place.place_id, place.name) for place in places.hidden_lists()]


async def _walk(run: Run, places: Places) -> None:
    """Asks for what is pending, and for what that brings."""
    while places.pending:
        await map_concurrently(run, list(places.pending), partial(_read_listing, run, places))


async def _read_listing(run: Run, places: Places, listing: PlaceListing) -> None:
    items = await _fetch(run, places, listing)
    # No await from here on: a checkpoint has what the answer brought, or asks for it again.
    places.pending.remove(listing)
    for item in items:
        match listing.level:
            case "spaces":
                _take_space(run, places, item, listing.archived)
            case "folders":
                _take_folder(run, places, item, listing)
            case _:
                _take_list(run, places, item, listing)


def _take_space(run: Run, places: Places, item: Json, archived: bool) -> None:
    if space := _take(run, places, "space", item, archived):
        places.pending += _within_space(space.place_id)


def _within_space(space_id: str) -> list[PlaceListing]:
    levels: tuple[PlaceLevel, ...] = ("folders", "folderless lists")
    return [PlaceListing(level, archived, space_id) for archived in (False, True) for level in levels]


def _take_folder(run: Run, places: Places, item: Json, listing: PlaceListing) -> None:
    folder = _take(run, places, "folder", item, listing.archived, space_id=listing.space_id)
    if folder is None or is_hidden_folder(item):
        return
    lists = PlaceListing("lists", archived=False, space_id=listing.space_id, folder_id=folder.place_id)
    inlined = item.get("lists")
    for wire_list in objects(inlined):
        _take_list(run, places, wire_list, lists)
    places.pending.append(replace(lists, archived=True))
    if not isinstance(inlined, list) or (listing.archived and not inlined):
        # Whether an archived folder's answer inlines its lists is not known: ask.
        places.pending.append(lists)


def _request(run: Run, listing: PlaceListing) -> tuple[wire.Request, tuple[PlaceKind, str] | None]:
    """What is asked, and within which place."""
    archived, space, folder = listing.archived, listing.space_id or "", listing.folder_id or ""
    match listing.level:
        case "spaces":
            return wire.spaces(run.workspace_id, archived=archived), None
        case "folders":
            return wire.folders(space, archived=archived), ("space", space)
        case "folderless lists":
            return wire.folderless_lists(space, archived=archived), ("space", space)
        case "lists":
            return wire.folder_lists(folder, archived=archived), ("folder", folder)


async def _fetch(run: Run, places: Places, listing: PlaceListing) -> list[Json]:
    """The places of a listing; none where it is refused."""
    request, within = _request(run, listing)
    try:
        answer = await run.fetch(request)
    except (NoPermission, NotFound) as error:
        places.whole = False
        if isinstance(error, NoPermission) and within:
            run.refuse(*within, error)
        run.note(f"not visible to this token: {error}")
        return []
    listed = wire.listed(answer.content, listing.level.removeprefix("folderless "))
    places.whole = places.whole and listed is not None
    return list(objects(listed))


async def _forget_refusals(run: Run, places: Places) -> None:
    """What was shown, itself or by what stands in it, and was not refused in this run."""
    for kind in _UPSERTS:
        refused = run.findings.refusals.reasons.get(kind, {})
        shown = [place.place_id for place in places.of(kind) if place.place_id not in refused]
        await run.could_read(kind, shown)


def _take_list(run: Run, places: Places, item: Json, listing: PlaceListing) -> None:
    above = {"space_id": listing.space_id, "folder_id": listing.folder_id}
    _take(run, places, "list", item, listing.archived, **above)


def _take(
    run: Run, places: Places, kind: PlaceKind, item: Json, asked_archived: bool, **above: str | None
) -> Place | None:
    if kind == "folder" and is_hidden_folder(item):
        return None
    try:
        place = read_place(kind, item, **above)
    except MalformedObject as error:
        places.whole = False
        run.skip(error)
        return None
    # A place without the field is what was asked for.
    place.archived = place.archived or (asked_archived and "archived" not in item)
    places.add(place)
    run.progress.advance("places")
    return place


async def _store(run: Run, places: Places) -> None:
    async def body(writer: Writer) -> None:
        for kind in _UPSERTS:
            await writer.write(kind, places.of(kind), partial(_write, run, kind))
        if places.whole:
            await writer.tx.note(
                "complete_stream",
                workspace_id=run.workspace_id,
                stream="places",
                read_at=places.asked_at,
                blind_spot=None,
            )

    await store(run, body)


async def _write(run: Run, kind: PlaceKind, tx: Transaction, places: list[Place]) -> list[str]:
    rows = as_json(map(_row, places))
    written = await tx.write_returning(_UPSERTS[kind], workspace_id=run.workspace_id, rows=rows)
    return [row["place_id"] for row in written]


_UPSERTS: dict[PlaceKind, str] = {
    "space": "upsert_spaces",
    "folder": "upsert_folders",
    "list": "upsert_lists",
}
_TOMBSTONES: dict[PlaceKind, str] = {
    "space": "mark_space_deleted",
    "folder": "mark_folder_deleted",
    "list": "mark_list_deleted",
}


def _row(place: Place) -> dict[str, Any]:
    digest = blake2b(orjson.dumps(place), digest_size=16).hexdigest()
    return {
        "place_id": place.place_id,
        "name": place.name,
        "archived": place.archived,
        "space_id": place.space_id,
        "folder_id": place.folder_id,
        "parent_folder_id": place.parent_folder_id,
        "details": place.details,
        "unreadable_fields": place.unreadable_fields,
        "fingerprint": digest,
    }


async def _resolve_missing(run: Run) -> None:
    places = run.state.places
    if places and places.whole:
        known = await run.context.database.ask("list_live_places", workspace_id=run.workspace_id)
        await _confirm_missing(run, places, known, run.state.position("missing places"))
    run.state.places = None


async def _confirm_missing(run: Run, places: Places, known: list[Row], position: Position) -> None:
    missing: dict[str, tuple[PlaceKind, str]] = {}
    for row in known:
        if (key := key_of(row["kind"], row["place_id"])) not in places.by_key:
            missing[key] = (row["kind"], row["place_id"])

    async def confirm(key: str) -> None:
        await _prove(run, *missing[key])

    await map_in_order(run, position, missing, confirm)


async def _prove(run: Run, kind: PlaceKind, place_id: str) -> Place | None:
    """Asks for one place itself: 404 is its tombstone, 200 is written, anything else changes nothing."""
    try:
        content = mapping((await run.fetch(wire.place(kind, place_id))).content)
        place = read_place(kind, content, **_above(kind, content))
    except NotFound:
        async with run.transaction() as tx:
            await tx.write(_TOMBSTONES[kind], place_id=place_id)
    except NoPermission as error:
        run.refuse(kind, place_id, error)
    except ClickUpError as error:
        run.skip_unread(kind, place_id, error)
    except MalformedObject as error:
        run.skip(error)
    else:
        await store(run, lambda writer: writer.write(kind, [place], partial(_write, run, kind)))
        await run.could_read(kind, [place_id])
        return place
    return None


async def refresh_places(run: Run, touched: Sequence[tuple[PlaceKind, str]]) -> None:
    """Reads single places and what stands in them; the tasks in them take over their names.

    A place that is gone takes with it only what is asked for and gone as well.
    """
    for kind, place_id in touched:
        await _refresh(run, kind, place_id)
    async with run.transaction() as tx:
        ids = [place_id for _, place_id in touched]
        await tx.write("refresh_places_of_tasks", workspace_id=run.workspace_id, ids=ids)


async def _refresh(run: Run, kind: PlaceKind, place_id: str) -> None:
    place, within = await _prove(run, kind, place_id), Places()
    if place and kind != "list":
        await _walk_within(run, within, place)

        async def body(writer: Writer) -> None:
            for below in _UPSERTS:
                await writer.write(below, within.of(below), partial(_write, run, below))

        await store(run, body)
    if within.whole:
        known = await run.context.database.ask(
            "list_places_within", workspace_id=run.workspace_id, kind=kind, place_id=place_id
        )
        await _confirm_missing(run, within, known, Position())


async def _walk_within(run: Run, places: Places, place: Place) -> None:
    if place.kind == "space":
        places.pending += _within_space(place.place_id)
    else:
        lists = PlaceListing("lists", archived=False, space_id=place.space_id, folder_id=place.place_id)
        places.pending += [lists, replace(lists, archived=True)]
    await _walk(run, places)


def _above(kind: str, content: Json) -> dict[str, str | None]:
    folder, space = mapping(content.get("folder")), mapping(content.get("space"))
    above = {
        "space_id": identifier(space.get("id")),
        "folder_id": None if is_hidden_folder(folder) else identifier(folder.get("id")),
    }
    return {} if kind == "space" else above if kind == "list" else {"space_id": above["space_id"]}
