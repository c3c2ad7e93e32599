"""Tools: the workspaces, and how they are set up."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar, cast

from fastmcp.exceptions import ToolError

from app.core.answers.fields import ForAssistants, Written, narrow, said
from app.core.answers.matching import Candidate, fold
from app.core.answers.paging import digest
from app.core.clickup.models import PlaceKind
from app.mcp.answers import LeftOut, Page, TextAnswer, left_out
from app.mcp.caller import caller_limits
from app.mcp.params import CursorText, Limit, Word, of, take_page
from app.mcp.request_context import Known, ToolContext, context_of
from app.reports import places as rows
from app.reports.places import PlaceFilter, Within
from app.reports.structure import PlaceDetails, SpaceStructure, Workspace

_MOST_ROWS = 100
_KINDS = ("space", "folder", "list")
T = TypeVar("T")

Id = Annotated[str, ForAssistants.ALWAYS, said("ClickUp's id", "790")]
Name = Annotated[str, Written.LINE, ForAssistants.ALWAYS, said("Its name in ClickUp", "Agency")]
Archived = Annotated[bool, ForAssistants.ALWAYS, said("Archived in ClickUp, itself or its folder or space")]
Tasks = Annotated[int, said("How many tasks stand in it that are not deleted, archived ones too", 120)]
Color = Annotated[
    str | None,
    ForAssistants.ALWAYS,
    said("Its colour as ClickUp writes it; null where it has none", "#7B68EE"),
]
StatusCount = Annotated[int, said("How many statuses its tasks may have", 5)]
MultipleAssignees = Annotated[
    bool | None,
    ForAssistants.ALWAYS,
    said("A task may have several assignees; null where ClickUp did not say"),
]
IsDeleted = Annotated[bool, said("Deleted in ClickUp")]
SpaceId = Annotated[str | None, said("ClickUp's id of its space; null where that is not known")]
SpaceName = Annotated[str | None, Written.LINE, said("Its space", "Agency")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspaces(TextAnswer):
    """Every workspace that the token can see."""

    workspaces: Annotated[list[Workspace], said("By name")]


@dataclass(frozen=True, slots=True)
class SpaceRow:
    """One space in a list."""

    space_id: Id
    name: Name
    status_count: StatusCount
    multiple_assignees: MultipleAssignees
    archived: Archived
    color: Color


@dataclass(frozen=True, slots=True, kw_only=True)
class Spaces(TextAnswer):
    """The spaces of a workspace."""

    workspace_id: Annotated[str, said("ClickUp's id of the workspace", "9000003")]
    spaces: Annotated[list[SpaceRow], said("By name; deleted ones are left out")]
    left_out: LeftOut = None


@dataclass(frozen=True, slots=True)
class Status:
    """One status that a task may have."""

    status: Annotated[str, Written.LINE, said("Its name", "in progress")]
    type: Annotated[
        str | None,
        ForAssistants.ALWAYS,
        said("open, custom, done or closed; null where ClickUp did not say", "custom"),
    ]
    color: Annotated[str | None, said("Its colour as ClickUp writes it", "#5f55ee")]


@dataclass(frozen=True, slots=True)
class FolderRow:
    """One folder in a list."""

    folder_id: Id
    name: Name
    archived: Archived
    lists: Annotated[int, said("How many lists stand in it", 4)]
    tasks: Tasks


@dataclass(frozen=True, slots=True)
class ListRow:
    """One list in a list."""

    list_id: Id
    name: Name
    folder: Annotated[
        str | None,
        Written.LINE,
        said("The folder it stands in; left out where it stands in the space itself"),
    ]
    archived: Archived
    tasks: Tasks


@dataclass(frozen=True, slots=True, kw_only=True)
class Space(TextAnswer):
    """One space, and what it is made of."""

    space_id: Id
    name: Name
    status_count: StatusCount
    multiple_assignees: MultipleAssignees
    archived: Archived
    color: Color
    private: Annotated[
        bool | None,
        ForAssistants.ALWAYS,
        said("Not for everybody of the workspace; null where ClickUp did not say"),
    ]
    is_deleted: IsDeleted
    tasks: Tasks
    statuses: Annotated[list[Status], said("The statuses of its tasks, in their order")]
    features: Annotated[
        dict[str, bool],
        said("ClickUp's features by name, and whether each is switched on", {"time_tracking": True}),
    ]
    folders: Annotated[list[FolderRow], said("Its folders, by name")]
    lists: Annotated[list[ListRow], said("Its lists, also those within folders, by folder and name")]
    left_out: LeftOut = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place(TextAnswer):
    name: Name
    space_id: SpaceId
    space_name: SpaceName
    archived: Archived
    is_deleted: IsDeleted
    tasks: Tasks
    statuses: Annotated[list[Status], said("The statuses that its tasks may have, in their order")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder(_Place):
    """One folder, and its lists."""

    folder_id: Id
    lists: Annotated[list[ListRow], said("Its lists, by name")]
    left_out: LeftOut = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskList(_Place):
    """One list."""

    list_id: Id
    folder_id: Annotated[str | None, said("ClickUp's id of its folder")]
    folder_name: Annotated[
        str | None, Written.LINE, said("Its folder; left out where it stands in the space itself")
    ]


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """One place whose name fits."""

    kind: Annotated[PlaceKind, said("What it is")]
    place_id: Id
    path: Annotated[
        str, Written.LINE, said("Space, folder and list, as far as it goes", "Agency / Clients / Sprint 12")
    ]
    archived: Archived


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPlaces(Page):
    """Places whose names fit."""

    places: Annotated[list[FoundPlace], said("Spaces before folders before lists, by path")]


async def get_workspaces(known: Known) -> Workspaces:
    """Every ClickUp workspace that the token can see: id, name, color, avatar, plan and number of members.

    Ask this first only when it is unclear which workspace is meant. All other tools answer for one workspace:
    pass its id as `workspace_id`. Only workspaces with is_mirrored can be asked about.
    """
    limits = caller_limits(is_local=known.is_local)
    found = await known.reports.structure.workspaces()
    workspaces = [row for row in found if limits.allows_workspace(row.workspace_id)]
    try:
        context = await context_of(known)
    except ToolError as error:
        # Of none, or of several, there is no single instant to speak of.
        return Workspaces(
            as_of=None, age="never", is_fresh=False, is_complete=False, gaps=[str(error)], zone="UTC",
            now=datetime.now(UTC), formats=known.settings.formats, workspaces=workspaces,
        )  # fmt: skip
    return Workspaces.of(context, workspaces=workspaces)


async def get_spaces(context: ToolContext) -> Spaces:
    """The spaces of a workspace: id, name, number of statuses, multiple_assignees, archived, color.

    For one space with its statuses, features, folders and lists ask get_space. To find a folder or a list by
    a part of its name ask find_places.
    """
    found = await context.reports.structure.spaces(context.workspace_id)
    spaces = [_space_row(row) for row in found[:_MOST_ROWS]]
    return Spaces.of(
        context, workspace_id=context.workspace_id, spaces=spaces, left_out=left_out(len(found) - len(spaces))
    )


async def get_space(
    context: ToolContext, space_id: Annotated[Word, of("The space, by ClickUp's id or by name")]
) -> Space:
    """One space with its statuses, its features, its folders and its lists."""
    thing = await _find_place(context, space_id, "space")
    row = await context.reports.structure.space(context.workspace_id, thing.key)
    if row is None:
        raise ToolError(f"the token has no access to space {thing.key}: it is known only from its tasks")
    within = PlaceFilter(Within(spaces=[thing.key]))
    folders = await context.reports.places.folders(context.workspace_id, within)
    lists = await context.reports.places.lists(context.workspace_id, within)
    more = max(len(folders) - _MOST_ROWS, 0) + max(len(lists) - _MOST_ROWS, 0)
    return Space.of(
        context,
        **asdict(_space_row(row)),
        private=row.private,
        is_deleted=row.is_deleted,
        tasks=row.tasks,
        statuses=_statuses(row.statuses),
        features=_features(row.features),
        folders=[narrow(FolderRow, folder) for folder in folders[:_MOST_ROWS]],
        lists=[_list_row(one) for one in lists[:_MOST_ROWS]],
        left_out=left_out(more),
    )


async def get_folder(
    context: ToolContext, folder_id: Annotated[Word, of("The folder, by ClickUp's id or by name")]
) -> Folder:
    """One folder with its lists and the statuses that its tasks may have."""
    thing = await _find_place(context, folder_id, "folder")
    within = PlaceFilter(Within(), deleted="include")
    folders = await context.reports.places.folders(context.workspace_id, within)
    row = _found([one for one in folders if one.folder_id == thing.key], thing)
    within = PlaceFilter(Within(folders=[thing.key]))
    lists = await context.reports.places.lists(context.workspace_id, within)
    details = await context.reports.structure.details(context.workspace_id, thing.key)
    return Folder.of(
        context,
        folder_id=thing.key,
        **_inner(row, thing, details),
        lists=[_list_row(one) for one in lists[:_MOST_ROWS]],
        left_out=left_out(len(lists) - _MOST_ROWS),
    )


async def get_list(
    context: ToolContext, list_id: Annotated[Word, of("The list, by ClickUp's id or by name")]
) -> TaskList:
    """One list: where it stands, how many tasks it has, and the statuses that they may have.

    Its tasks themselves: find_tasks with this list as `place`.
    """
    thing = await _find_place(context, list_id, "list")
    within = PlaceFilter(Within(), deleted="include")
    lists = await context.reports.places.lists(context.workspace_id, within)
    row = _found([one for one in lists if one.list_id == thing.key], thing)
    details = await context.reports.structure.details(context.workspace_id, thing.key)
    return TaskList.of(
        context,
        list_id=thing.key,
        folder_id=row.folder_id,
        folder_name=row.folder_name,
        **_inner(row, thing, details),
    )


async def find_places(
    context: ToolContext,
    name: Annotated[
        Word, of("A part of the name of a space, folder or list; case and accents do not count", "sprint")
    ],
    limit: Limit = 20,
    cursor: CursorText = None,
) -> FoundPlaces:
    """Spaces, folders and lists with this in their names: kind, id and path. For ids to give other tools."""
    plain = fold(name)
    things = await context.reports.lookup.place_candidates(context.workspace_id)
    found = [thing for thing in things if plain in fold(thing.name) and not thing.is_deleted]
    found.sort(key=lambda thing: (_KINDS.index(thing.kind), thing.path.casefold(), thing.key))
    question = digest({"list": "places", "name": plain})
    shown, paged = take_page(found, question, context, limit, cursor)
    return FoundPlaces.of(context, **paged, places=[_found_place(thing) for thing in shown])


async def _find_place(context: ToolContext, asked: str, kind: str) -> Candidate:
    lookup = context.reports.lookup
    candidates = await lookup.place_candidates(context.workspace_id)
    return await lookup.place(context.workspace_id, asked, candidates, kind)


def _found(found: list[T], thing: Candidate) -> T:
    if not found:
        raise ToolError(
            f"the token has no access to {thing.kind} {thing.key}: it is known only from its tasks"
        )
    return found[0]


def _space_row(row: SpaceStructure) -> SpaceRow:
    return SpaceRow(
        row.space_id,
        row.name,
        len(_known_statuses(row.statuses)),
        row.multiple_assignees,
        row.archived,
        row.color,
    )


def _list_row(row: rows.TaskList) -> ListRow:
    return ListRow(row.list_id, row.name, row.folder_name, row.is_put_away, row.tasks)


def _inner(row: rows.Folder | rows.TaskList, thing: Candidate, details: PlaceDetails) -> dict[str, Any]:
    return {
        "name": row.name,
        "space_id": row.space_id,
        "space_name": row.space_name,
        "archived": row.archived or (thing.is_gone and not thing.is_deleted),
        "is_deleted": row.is_deleted,
        "tasks": row.tasks,
        "statuses": _statuses(details.statuses),
    }


def _found_place(thing: Candidate) -> FoundPlace:
    return FoundPlace(
        kind=cast(PlaceKind, thing.kind), place_id=thing.key, path=thing.path, archived=thing.is_gone
    )


def _statuses(kept: Any) -> list[Status]:
    """As ClickUp sent them, without what makes no sense."""
    return [
        Status(status=one["status"], type=_text(one.get("type")), color=_text(one.get("color")))
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
