"""Tools: the workspaces, and how they are set up."""

from collections.abc import Iterable
from typing import Annotated, Any, cast

from fastmcp.exceptions import ToolError

from app.core.answers.matching import Candidate, fold
from app.core.answers.paging import digest
from app.core.clickup.models import PlaceKind
from app.mcp.answer_schemas import line, maybe_line
from app.mcp.params import CursorText, Limit, Word, of, take_page
from app.mcp.request_context import Asked, Known, Mirror, mirror_of
from app.mcp.structure_schemas import (
    Folder,
    FolderRow,
    FoundPlace,
    FoundPlaces,
    ListRow,
    Space,
    SpaceRow,
    Spaces,
    Status,
    TaskList,
    Workspace,
    Workspaces,
)
from app.reports.places import PlaceFilter, Within
from app.supabase_db import Row

_MOST_ROWS = 100
_KINDS = ("space", "folder", "list")


async def get_workspaces(known: Known) -> Workspaces:
    """Every ClickUp workspace that the token can see: id, name, color, avatar, plan and number of members.

    Ask this first only when it is unclear which workspace is meant; all other tools answer for the default
    one. Only workspaces with is_mirrored can be asked about further.
    """
    rows = await known.reports.structure.workspaces()
    workspaces = [
        Workspace(
            workspace_id=row["workspace_id"],
            name=line(row["name"]),
            color=row["color"],
            avatar=row["avatar"],
            plan=row["plan_name"],
            members_count=row["members_count"],
            is_mirrored=row["is_mirrored"],
        )
        for row in rows
    ]
    try:
        mirror = await mirror_of(known, known.settings.clickup_team_id)
    except ToolError as error:
        # Of none, or of several, there is no single instant to speak of.
        return Workspaces(
            as_of=None, age="never", is_fresh=False, is_complete=False, gaps=[str(error)], zone="UTC",
            workspaces=workspaces,
        )  # fmt: skip
    return Workspaces.of(mirror, workspaces=workspaces)


async def get_spaces(
    known: Known,
    workspace_id: Annotated[
        Word | None, of("ClickUp's id of the workspace; the default one when left out", "9000003")
    ] = None,
) -> Spaces:
    """The spaces of a workspace: id, name, number of statuses, multiple_assignees, archived, color.

    For one space with its statuses, features, folders and lists ask get_space. To find a folder or a list by
    a part of its name ask find_places.
    """
    mirror = await mirror_of(known, workspace_id or known.settings.clickup_team_id)
    rows = await mirror.reports.structure.spaces(mirror.workspace_id)
    spaces = [_space_row(row) for row in rows[:_MOST_ROWS]]
    return Spaces.of(
        mirror, workspace_id=mirror.workspace_id, spaces=spaces, left_out=_left_out(len(rows) - len(spaces))
    )


async def get_space(
    mirror: Asked, space_id: Annotated[Word, of("The space, by ClickUp's id or by name")]
) -> Space:
    """One space with its statuses, its features, its folders and its lists."""
    thing = await _meant(mirror, space_id, "space")
    row = await mirror.reports.structure.space(mirror.workspace_id, thing.key)
    if row is None:
        raise ToolError(f"the token has no access to space {thing.key}: it is known only from its tasks")
    within = PlaceFilter(Within(spaces=[thing.key]))
    folders = await mirror.reports.places.folders(mirror.workspace_id, within)
    lists = await mirror.reports.places.lists(mirror.workspace_id, within)
    left_out = max(len(folders) - _MOST_ROWS, 0) + max(len(lists) - _MOST_ROWS, 0)
    return Space.of(
        mirror,
        **_space_row(row).model_dump(),
        private=row["private"],
        is_deleted=row["is_deleted"],
        tasks=row["tasks"],
        statuses=_statuses(row["statuses"]),
        features=_features(row["features"]),
        folders=[_folder_row(folder) for folder in folders[:_MOST_ROWS]],
        lists=[_list_row(one) for one in lists[:_MOST_ROWS]],
        left_out=_left_out(left_out),
    )


async def get_folder(
    mirror: Asked, folder_id: Annotated[Word, of("The folder, by ClickUp's id or by name")]
) -> Folder:
    """One folder with its lists and the statuses that its tasks may have."""
    thing = await _meant(mirror, folder_id, "folder")
    within = PlaceFilter(Within(), deleted="include")
    folders = await mirror.reports.places.folders(mirror.workspace_id, within)
    row = _found(folders, "folder_id", thing)
    within = PlaceFilter(Within(folders=[thing.key]))
    lists = await mirror.reports.places.lists(mirror.workspace_id, within)
    details = await mirror.reports.structure.details(mirror.workspace_id, thing.key)
    return Folder.of(
        mirror,
        folder_id=thing.key,
        **_inner(row, thing, details),
        lists=[_list_row(one) for one in lists[:_MOST_ROWS]],
        left_out=_left_out(len(lists) - _MOST_ROWS),
    )


async def get_list(
    mirror: Asked, list_id: Annotated[Word, of("The list, by ClickUp's id or by name")]
) -> TaskList:
    """One list: where it stands, how many tasks it has, and the statuses that they may have.

    Its tasks themselves: find_tasks with this list in `places`.
    """
    thing = await _meant(mirror, list_id, "list")
    within = PlaceFilter(Within(), deleted="include")
    row = _found(await mirror.reports.places.lists(mirror.workspace_id, within), "list_id", thing)
    details = await mirror.reports.structure.details(mirror.workspace_id, thing.key)
    return TaskList.of(
        mirror,
        list_id=thing.key,
        folder_id=row["folder_id"],
        folder=row["folder_name"],
        **_inner(row, thing, details),
    )


async def find_places(
    mirror: Asked,
    name: Annotated[
        Word, of("A part of the name of a space, folder or list; case and accents do not count", "sprint")
    ],
    limit: Limit = 20,
    cursor: CursorText = None,
) -> FoundPlaces:
    """Spaces, folders and lists with this in their names: kind, id and path. For ids to give other tools."""
    plain = fold(name)
    things = await mirror.reports.lookup.place_candidates(mirror.workspace_id)
    found = [thing for thing in things if plain in fold(thing.name) and not thing.is_deleted]
    found.sort(key=lambda thing: (_KINDS.index(thing.kind), thing.path.casefold(), thing.key))
    question = digest({"list": "places", "name": plain})
    shown, paged = take_page(found, question, limit, cursor)
    return FoundPlaces.of(mirror, **paged, places=[_found_place(thing) for thing in shown])


async def _meant(mirror: Mirror, asked: str, kind: str) -> Candidate:
    lookup = mirror.reports.lookup
    candidates = await lookup.place_candidates(mirror.workspace_id)
    return await lookup.place(mirror.workspace_id, asked, candidates, kind)


def _found(rows: Iterable[Row], key: str, thing: Candidate) -> Row:
    for row in rows:
        if row[key] == thing.key:
            return row
    raise ToolError(f"the token has no access to {thing.kind} {thing.key}: it is known only from its tasks")


def _space_row(row: Row) -> SpaceRow:
    return SpaceRow(
        space_id=row["space_id"],
        name=line(row["name"]),
        status_count=len(_known_statuses(row["statuses"])),
        multiple_assignees=row["multiple_assignees"],
        archived=row["archived"],
        color=row["color"],
    )


def _folder_row(row: Row) -> FolderRow:
    return FolderRow(
        folder_id=row["folder_id"],
        name=line(row["name"]),
        archived=row["archived"],
        lists=row["lists"],
        tasks=row["tasks"],
    )


def _list_row(row: Row) -> ListRow:
    folder = maybe_line(row["folder_name"])
    return ListRow(
        list_id=row["list_id"],
        name=line(row["name"]),
        folder=folder,
        archived=row["is_put_away"],
        tasks=row["tasks"],
    )


def _inner(row: Row, thing: Candidate, details: Row) -> dict[str, Any]:
    return {
        "name": line(row["name"]),
        "space_id": row["space_id"],
        "space": row["space_name"],
        "archived": row["archived"] or (thing.is_gone and not thing.is_deleted),
        "is_deleted": row["is_deleted"],
        "tasks": row["tasks"],
        "statuses": _statuses(details["statuses"]),
    }


def _found_place(thing: Candidate) -> FoundPlace:
    return FoundPlace(
        kind=cast(PlaceKind, thing.kind), place_id=thing.key, path=line(thing.path), archived=thing.is_gone
    )


def _statuses(kept: Any) -> list[Status]:
    """As ClickUp sent them, without what makes no sense."""
    return [
        Status(status=line(one["status"]), type=_text(one.get("type")), color=_text(one.get("color")))
        for one in _known_statuses(kept)[:_MOST_ROWS]
    ]


def _known_statuses(kept: Any) -> list[dict[str, Any]]:
    """Without what makes no sense."""
    found = kept if isinstance(kept, list) else []
    return [one for one in found if isinstance(one, dict) and isinstance(one.get("status"), str)]


def _features(kept: Any) -> dict[str, bool]:
    return {
        str(name): bool(feature.get("enabled"))
        for name, feature in (kept.items() if isinstance(kept, dict) else ())
        if isinstance(feature, dict)
    }


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _left_out(number: int) -> int | None:
    return number if number > 0 else None
