"""What answers about workspaces, spaces, folders and lists look like."""

from typing import Annotated

from app.core.clickup.models import PlaceKind
from app.mcp.answer_schemas import Page, Shape, TextAnswer, maybe, said

Id = Annotated[str, said("ClickUp's id", "790")]
Name = Annotated[str, said("Its name in ClickUp", "Agency")]
Archived = Annotated[bool, said("Archived in ClickUp, itself or its folder or space")]
Tasks = Annotated[int, said("How many tasks stand in it that are not deleted, archived ones too", 120)]


class Workspace(Shape):
    """One workspace."""

    workspace_id: Annotated[str, said("ClickUp's id of the workspace", "9000003")]
    name: Name
    color: Annotated[str | None, said("Its colour as ClickUp writes it; null where it has none", "#7B68EE")]
    avatar: Annotated[str | None, said("Address of its picture; null where it has none")]
    plan: Annotated[str | None, said("Its ClickUp plan; null where the token may not know it", "Business")]
    members_count: Annotated[int, said("How many people it has, guests too", 42)]
    is_mirrored: Annotated[bool, said("It can be asked about here; of others no more than this is known")]


class Workspaces(TextAnswer):
    """Every workspace that the token can see."""

    workspaces: Annotated[list[Workspace], said("By name")]


class SpaceRow(Shape):
    """One space in a list."""

    space_id: Id
    name: Name
    status_count: Annotated[int, said("How many statuses its tasks may have", 5)]
    multiple_assignees: Annotated[
        bool | None, said("A task may have several assignees; null where ClickUp did not say")
    ]
    archived: Archived
    color: Annotated[str | None, said("Its colour as ClickUp writes it; null where it has none", "#7B68EE")]


class Spaces(TextAnswer):
    """The spaces of a workspace."""

    workspace_id: Annotated[str, said("ClickUp's id of the workspace", "9000003")]
    spaces: Annotated[list[SpaceRow], said("By name; deleted ones are left out")]
    left_out: Annotated[int | None, maybe("How many more there are; find_places finds them", 3)] = None


class Status(Shape):
    """One status that a task may have."""

    status: Annotated[str, said("Its name", "in progress")]
    type: Annotated[
        str | None, said("open, custom, done or closed; null where ClickUp did not say", "custom")
    ]
    color: Annotated[str | None, maybe("Its colour as ClickUp writes it", "#5f55ee")] = None


class FolderRow(Shape):
    """One folder in a list."""

    folder_id: Id
    name: Name
    archived: Archived
    lists: Annotated[int, said("How many lists stand in it", 4)]
    tasks: Tasks


class ListRow(Shape):
    """One list in a list."""

    list_id: Id
    name: Name
    folder: Annotated[
        str | None, maybe("The folder it stands in; left out where it stands in the space itself")
    ] = None
    archived: Archived
    tasks: Tasks


class Space(SpaceRow, TextAnswer):
    """One space, and what it is made of."""

    private: Annotated[
        bool | None, said("Not for everybody of the workspace; null where ClickUp did not say")
    ]
    is_deleted: Annotated[bool, maybe("Deleted in ClickUp; left out where it is not")] = False
    tasks: Tasks
    statuses: Annotated[list[Status], said("The statuses of its tasks, in their order")]
    features: Annotated[
        dict[str, bool],
        said("ClickUp's features by name, and whether each is switched on", {"time_tracking": True}),
    ]
    folders: Annotated[list[FolderRow], said("Its folders, by name")]
    lists: Annotated[list[ListRow], said("Its lists, also those within folders, by folder and name")]
    left_out: Annotated[int | None, maybe("How many more folders and lists there are", 3)] = None


class _Inner(TextAnswer):
    name: Name
    space_id: Annotated[str | None, said("ClickUp's id of its space; null where that is not known")]
    space: Annotated[str | None, said("Its space", "Agency")]
    archived: Archived
    is_deleted: Annotated[bool, maybe("Deleted in ClickUp; left out where it is not")] = False
    tasks: Tasks
    statuses: Annotated[list[Status], said("The statuses that its tasks may have, in their order")]


class Folder(_Inner):
    """One folder, and its lists."""

    folder_id: Id
    lists: Annotated[list[ListRow], said("Its lists, by name")]
    left_out: Annotated[int | None, maybe("How many more lists there are", 3)] = None


class TaskList(_Inner):
    """One list."""

    list_id: Id
    folder_id: Annotated[str | None, maybe("ClickUp's id of its folder")] = None
    folder: Annotated[str | None, maybe("Its folder; left out where it stands in the space itself")] = None


class FoundPlace(Shape):
    """One place whose name fits."""

    kind: Annotated[PlaceKind, said("What it is")]
    place_id: Id
    path: Annotated[str, said("Space, folder and list, as far as it goes", "Agency / Clients / Sprint 12")]
    archived: Archived


class FoundPlaces(Page):
    """Places whose names fit."""

    places: Annotated[list[FoundPlace], said("Spaces before folders before lists, by path")]
