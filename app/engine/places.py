"""Spaces, folders and lists: one walk from the top, twice at each level because of the archived."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from hashlib import blake2b
from typing import Any

import orjson

from app.core.clickup import wire
from app.core.clickup.models import Place, PlaceKind
from app.core.clickup.place import is_hidden_folder, read_place
from app.core.clickup.values import Json, identifier, mapping, objects
from app.core.errors import ClickUpError, MalformedObject, NoPermission, NotFound
from app.engine.concurrency import map_concurrently
from app.engine.refused_rows import Writer, store
from app.engine.run import Run
from app.sql.connection import as_json
from app.supabase_db import Row, Transaction


@dataclass(slots=True)
class Places:
    """What a walk found. `whole`: nothing on the way was denied."""

    by_key: dict[tuple[str, str], Place] = field(default_factory=dict)
    whole: bool = True

    def add(self, place: Place) -> None:
        """Takes a place in; seen twice, the archived reading stays."""
        key = (place.kind, place.place_id)
        known = self.by_key.get(key)
        if known is None or (place.archived and not known.archived):
            self.by_key[key] = place

    def of(self, kind: PlaceKind) -> list[Place]:
        """All places of one kind."""
        return [place for place in self.by_key.values() if place.kind == kind]

    def hidden_lists(self) -> list[Place]:
        """Lists whose tasks the workspace's listing leaves out: archived, or in something archived."""
        return [place for place in self.of("list") if self._is_hidden(place)]

    def _is_hidden(self, place: Place) -> bool:
        above = [
            self.by_key.get(("folder", place.folder_id or "")),
            self.by_key.get(("space", place.space_id or "")),
        ]
        return place.archived or any(higher.archived for higher in above if higher)


async def sync_places(run: Run) -> Places:
    """Walks the hierarchy, writes what changed, and marks deleted what answers 404 for itself."""
    run.progress.begin("places", None)
    asked_at = datetime.now(UTC)
    places = Places()
    async with asyncio.TaskGroup() as group:
        for archived in (False, True):
            group.create_task(_walk_spaces(run, places, group, archived))
    await _store(run, places, asked_at)
    await _forget_refusals(run, places)
    if places.whole:
        await _resolve_missing(run, places)
    run.counts["places"] = len(places.by_key)
    return places


async def _walk_spaces(run: Run, places: Places, group: asyncio.TaskGroup, archived: bool) -> None:
    for item in await _fetch(run, places, wire.spaces(run.workspace_id, archived=archived), "spaces"):
        space = _take(run, places, "space", item, archived)
        if space is None:
            continue
        for below_archived in (False, True):
            group.create_task(_walk_folders(run, places, group, space, below_archived))
            group.create_task(_walk_folderless(run, places, space, below_archived))


async def _walk_folders(
    run: Run, places: Places, group: asyncio.TaskGroup, space: Place, archived: bool
) -> None:
    request = wire.folders(space.place_id, archived=archived)
    for item in await _fetch(run, places, request, "folders", ("space", space.place_id)):
        folder = _take(run, places, "folder", item, archived, space_id=space.place_id)
        if folder is None or is_hidden_folder(item):
            continue
        inlined = item.get("lists")
        for wire_list in objects(inlined):
            _take_list(run, places, wire_list, False, space.place_id, folder.place_id)
        group.create_task(_walk_lists(run, places, space.place_id, folder, archived=True))
        if not isinstance(inlined, list) or (archived and not inlined):
            # Whether an archived folder's answer inlines its lists is not known: ask.
            group.create_task(_walk_lists(run, places, space.place_id, folder, archived=False))


async def _walk_lists(
    run: Run, places: Places, space_id: str | None, folder: Place, *, archived: bool
) -> None:
    request = wire.folder_lists(folder.place_id, archived=archived)
    for item in await _fetch(run, places, request, "lists", ("folder", folder.place_id)):
        _take_list(run, places, item, archived, space_id, folder.place_id)


async def _walk_folderless(run: Run, places: Places, space: Place, archived: bool) -> None:
    request = wire.folderless_lists(space.place_id, archived=archived)
    for item in await _fetch(run, places, request, "lists", ("space", space.place_id)):
        _take_list(run, places, item, archived, space.place_id, None)


async def _fetch(
    run: Run, places: Places, request: wire.Request, key: str, within: tuple[PlaceKind, str] | None = None
) -> list[Json]:
    """What stands under `key`, of the workspace or `within` a place; nothing where that is refused."""
    try:
        answer = await run.fetch(request)
    except (NoPermission, NotFound) as error:
        places.whole = False
        if isinstance(error, NoPermission) and within:
            run.refuse(*within, error)
        run.note(f"not visible to this token: {error}")
        return []
    listed = wire.listed(answer.content, key)
    places.whole = places.whole and listed is not None
    return list(objects(listed))


async def _forget_refusals(run: Run, places: Places) -> None:
    """What was shown, itself or by what stands in it, and was not refused in this run."""
    for kind in _UPSERTS:
        refused = run.refusals.reasons.get(kind, {})
        shown = [place.place_id for place in places.of(kind) if place.place_id not in refused]
        await run.could_read(kind, shown)


def _take_list(
    run: Run, places: Places, item: Json, archived: bool, space_id: str | None, folder_id: str | None
) -> None:
    _take(run, places, "list", item, archived, space_id=space_id, folder_id=folder_id)


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


async def _store(run: Run, places: Places, asked_at: datetime) -> None:
    async def body(writer: Writer) -> None:
        for kind in _UPSERTS:
            await writer.write(kind, places.of(kind), partial(_write, run, kind))
        if places.whole:
            await writer.tx.note(
                "complete_stream",
                workspace_id=run.workspace_id,
                stream="places",
                read_at=asked_at,
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


async def _resolve_missing(run: Run, places: Places) -> None:
    known = await run.context.database.fetch("list_live_places", workspace_id=run.workspace_id)
    await _confirm_missing(run, places, known)


async def _confirm_missing(run: Run, places: Places, known: list[Row]) -> None:
    missing = [(row["kind"], row["place_id"]) for row in known]
    await map_concurrently([key for key in missing if key not in places.by_key], partial(_confirm_one, run))


async def _confirm_one(run: Run, key: tuple[PlaceKind, str]) -> None:
    await _prove(run, *key)


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
        known = await run.context.database.fetch(
            "list_places_within", workspace_id=run.workspace_id, kind=kind, place_id=place_id
        )
        await _confirm_missing(run, within, known)


async def _walk_within(run: Run, places: Places, place: Place) -> None:
    async with asyncio.TaskGroup() as group:
        for archived in (False, True):
            if place.kind == "space":
                group.create_task(_walk_folders(run, places, group, place, archived))
                group.create_task(_walk_folderless(run, places, place, archived))
            else:
                group.create_task(_walk_lists(run, places, place.space_id, place, archived=archived))


def _above(kind: str, content: Json) -> dict[str, str | None]:
    folder, space = mapping(content.get("folder")), mapping(content.get("space"))
    above = {
        "space_id": identifier(space.get("id")),
        "folder_id": None if is_hidden_folder(folder) else identifier(folder.get("id")),
    }
    return {} if kind == "space" else above if kind == "list" else {"space_id": above["space_id"]}
