"""Questions about spaces, folders and lists."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal

from app.core.answers.fields import RowUpdated, WorkspaceId, Written, said
from app.reports.tasks import Deleted
from app.sql.typed_rows import Query
from app.supabase_db import AskedDatabase

PlaceName = Annotated[str, Written.LINE, said("Its name", "Sprint 12")]
PlaceArchived = Annotated[bool, said("It is archived itself; what it stands in may be archived too")]
PlaceDeleted = Annotated[bool, said("Deleted in ClickUp; found only with `deleted=only` or `include`")]
PlaceTasks = Annotated[int, said("Tasks that stand in it and are not deleted, archived ones too", 120)]
PlaceSpaceId = Annotated[
    str | None, said("ClickUp's id of the space it stands in; null where that is not known", "790")
]
PlaceSpaceName = Annotated[str | None, Written.LINE, said("That space's name", "Agency")]


@dataclass(frozen=True, slots=True)
class Space:
    """One space."""

    space_id: Annotated[str, said("ClickUp's id", "790")]
    workspace_id: WorkspaceId
    name: PlaceName
    archived: PlaceArchived
    is_deleted: PlaceDeleted
    color: Annotated[str | None, said("Its colour as ClickUp writes it", "#7B68EE")]
    private: Annotated[bool | None, said("Not for everybody here; null where ClickUp sent nothing")]
    multiple_assignees: Annotated[
        bool | None, said("Tasks may have several; null where ClickUp sent nothing")
    ]
    updated_at: RowUpdated
    folders: Annotated[int, said("Folders that stand in it and are not deleted", 3)]
    lists: Annotated[int, said("Lists that stand in it or its folders and are not deleted", 12)]
    tasks: PlaceTasks


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder."""

    folder_id: Annotated[str, said("ClickUp's id", "457")]
    workspace_id: WorkspaceId
    space_id: PlaceSpaceId
    space_name: PlaceSpaceName
    parent_folder_id: Annotated[
        str | None, said("ClickUp's id of the folder above; null where there is none")
    ]
    name: PlaceName
    archived: PlaceArchived
    is_deleted: PlaceDeleted
    updated_at: RowUpdated
    lists: Annotated[int, said("Lists that stand in it and are not deleted", 4)]
    tasks: PlaceTasks


@dataclass(frozen=True, slots=True)
class TaskList:
    """One list."""

    list_id: Annotated[str, said("ClickUp's id", "124")]
    workspace_id: WorkspaceId
    space_id: PlaceSpaceId
    space_name: PlaceSpaceName
    folder_id: Annotated[
        str | None, said("ClickUp's id of its folder; null where it stands in the space itself")
    ]
    folder_name: Annotated[str | None, Written.LINE, said("That folder's name", "Clients")]
    name: PlaceName
    archived: PlaceArchived
    is_put_away: Annotated[bool, said("Archived itself, or in a folder or space that is")]
    is_deleted: PlaceDeleted
    updated_at: RowUpdated
    tasks: PlaceTasks


@dataclass(frozen=True, slots=True)
class UnknownObject:
    """A task or place that the mirror never heard of."""

    kind: Literal["space", "folder", "list", "task"]
    id: str


LIST_SPACES = Query("list_spaces", Space)
LIST_FOLDERS = Query("list_folders", Folder)
LIST_LISTS = Query("list_lists", TaskList)
LIST_UNKNOWN = Query("list_unknown", UnknownObject)


@dataclass(frozen=True, slots=True)
class Within:
    """Where something is to stand, by ClickUp's ids: in one of these places; None lets every place pass."""

    tasks: Sequence[str] | None = None
    lists: Sequence[str] | None = None
    folders: Sequence[str] | None = None
    spaces: Sequence[str] | None = None

    def params(self) -> dict[str, Any]:
        """As the queries take them; an empty list means "not filtered"."""
        return {name: list(ids) if ids else None for name, ids in asdict(self).items()}

    def __bool__(self) -> bool:
        return any((self.tasks, self.lists, self.folders, self.spaces))


@dataclass(frozen=True, slots=True)
class PlaceFilter:
    """Which places; what is None lets everything pass."""

    within: Within
    archived: bool | None = None
    deleted: Deleted = "exclude"

    def params(self, workspace_id: str) -> dict[str, Any]:
        """As the queries take them."""
        own = {"workspace_id": workspace_id, "archived": self.archived, "deleted": self.deleted}
        return own | self.within.params()


class PlaceReports:
    """Where tasks stand, and how many in each place."""

    def __init__(self, database: AskedDatabase) -> None:
        self._database = database

    async def spaces(self, workspace_id: str, wanted: PlaceFilter) -> list[Space]:
        """By name."""
        return await self._database.rows(LIST_SPACES, **wanted.params(workspace_id))

    async def folders(self, workspace_id: str, wanted: PlaceFilter) -> list[Folder]:
        """By their space's name and their own."""
        return await self._database.rows(LIST_FOLDERS, **wanted.params(workspace_id))

    async def lists(self, workspace_id: str, wanted: PlaceFilter) -> list[TaskList]:
        """By the names of their space, their folder and their own."""
        return await self._database.rows(LIST_LISTS, **wanted.params(workspace_id))

    async def unknown(self, workspace_id: str, within: Within) -> list[UnknownObject]:
        """Each task or place of these that the mirror never heard of."""
        return await self._database.rows(LIST_UNKNOWN, workspace_id=workspace_id, **within.params())
