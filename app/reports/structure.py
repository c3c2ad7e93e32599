"""Questions about workspaces and what they are made of, and about what a name or an id may mean."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from app.core.answers.fields import ForAssistants, InWords, TaskId, Title, Unreadable, Written, said
from app.core.clickup.models import PlaceKind
from app.sql.typed_rows import Query
from app.supabase_db import AskedDatabase


@dataclass(frozen=True, slots=True)
class MirroredWorkspace:
    """A workspace of which something is mirrored, with the zone of the token's owner."""

    workspace_id: str
    name: str
    owner_time_zone: str | None


@dataclass(frozen=True, slots=True)
class Workspace:
    """One workspace that the token can see."""

    workspace_id: Annotated[str, ForAssistants.ALWAYS, said("ClickUp's id of the workspace", "9000003")]
    name: Annotated[str, Written.LINE, ForAssistants.ALWAYS, said("Its name in ClickUp", "Agency")]
    color: Annotated[
        str | None,
        ForAssistants.ALWAYS,
        said("Its colour as ClickUp writes it; null where it has none", "#7B68EE"),
    ]
    avatar: Annotated[
        str | None, ForAssistants.ALWAYS, said("Address of its picture; null where it has none")
    ]
    plan: Annotated[
        str | None,
        ForAssistants.ALWAYS,
        said("Its ClickUp plan; null where the token may not know it", "Business"),
    ]
    members_count: Annotated[int, said("How many people it has, guests too", 42)]
    is_mirrored: Annotated[
        bool, ForAssistants.ALWAYS, said("It can be asked about here; of others no more than this is known")
    ]


@dataclass(frozen=True, slots=True)
class SpaceStructure:
    """A space with its statuses and features as ClickUp sent them."""

    space_id: str
    name: str
    archived: bool
    color: str | None
    private: bool | None
    multiple_assignees: bool | None
    statuses: Any
    features: Any
    is_deleted: bool
    folders: int
    lists: int
    tasks: int


@dataclass(frozen=True, slots=True)
class PlaceDetails:
    """What ClickUp says of a folder or list beyond its name, and the statuses that its tasks may have."""

    details: Any
    statuses: Any


@dataclass(frozen=True, slots=True)
class PlacePath:
    """A space, folder or list, with what it stands in."""

    kind: PlaceKind
    place_id: str
    name: str
    space_id: str | None
    space_name: str | None
    folder_id: str | None
    folder_name: str | None
    archived: bool
    is_deleted: bool


@dataclass(frozen=True, slots=True)
class FoundTask:
    """A task whose id is asked for (`is_exact`), or one whose id is next to it."""

    clickup_task_id: TaskId
    title: Title
    is_exact: bool


@dataclass(frozen=True, slots=True)
class TaskComment:
    """A comment or reply on a task."""

    clickup_comment_id: Annotated[str, said("ClickUp's id", "90110012345678")]
    parent_comment_id: Annotated[str | None, said("The comment it replies to; null where it is no reply")]
    text: Annotated[str, Written.TEXT, said("The text")]
    author_name: Annotated[
        str | None, Written.LINE, said("The author; null where ClickUp sent nobody", "Grace Hopper")
    ]
    commented_at: Annotated[
        datetime | None, InWords.INSTANT, said("When it was posted; null where ClickUp sent nothing")
    ]
    waits_for: Annotated[
        str | None,
        Written.LINE,
        said("Who should answer: the person and the team; null where nobody has to", "Ada Lovelace, Team A"),
    ]
    resolved: Annotated[bool, said("It was assigned and is resolved")]
    is_waiting: Annotated[bool, said("It is assigned to a person or a team and not resolved")]
    reaction_counts: Annotated[dict[str, int], said("How often each reaction was given", {"👍": 2})]
    unreadable_fields: Unreadable


LIST_MIRRORED_WORKSPACES = Query("list_mirrored_workspaces", MirroredWorkspace)
LIST_KNOWN_WORKSPACES = Query("list_known_workspaces", Workspace)
LIST_SPACE_STRUCTURES = Query("list_space_structures", SpaceStructure)
GET_PLACE_DETAILS = Query("get_place_details", PlaceDetails)
LIST_PLACE_NAMES = Query("list_place_names", PlacePath)
LIST_TAGS = Query("list_tags", str)
LIST_STATUSES = Query("list_statuses", str)
FIND_TASK_IDS = Query("find_task_ids", FoundTask)
LIST_TASK_COMMENTS = Query("list_task_comments", TaskComment)
COUNT_TASK_COMMENTS = Query("count_task_comments", int)


class StructureReports:
    """Workspaces, spaces, folders and lists as they are set up, and the names of things."""

    def __init__(self, database: AskedDatabase) -> None:
        self._database = database

    async def mirrored(self) -> list[MirroredWorkspace]:
        """The workspaces of which something is mirrored."""
        return await self._database.rows(LIST_MIRRORED_WORKSPACES)

    async def workspaces(self) -> list[Workspace]:
        """Those, and all others that a mirrored one's token can see, by name."""
        return await self._database.rows(LIST_KNOWN_WORKSPACES)

    async def spaces(self, workspace_id: str) -> list[SpaceStructure]:
        """Spaces that are not deleted, by name."""
        return await self._database.rows(LIST_SPACE_STRUCTURES, workspace_id=workspace_id, space_id=None)

    async def space(self, workspace_id: str, space_id: str) -> SpaceStructure | None:
        """One of them, a deleted one too; None for a space that is in no table of its own."""
        return await self._database.row(LIST_SPACE_STRUCTURES, workspace_id=workspace_id, space_id=space_id)

    async def details(self, workspace_id: str, place_id: str) -> PlaceDetails:
        """Of a folder or list; empty for one that is in no table of its own."""
        found = await self._database.row(GET_PLACE_DETAILS, workspace_id=workspace_id, place_id=place_id)
        return found or PlaceDetails({}, [])

    async def place_names(self, workspace_id: str) -> list[PlacePath]:
        """Every space, folder and list, deleted ones too; by name."""
        return await self._database.rows(LIST_PLACE_NAMES, workspace_id=workspace_id)

    async def tags(self, workspace_id: str) -> list[str]:
        """Every tag, in order."""
        return await self._database.rows(LIST_TAGS, workspace_id=workspace_id)

    async def statuses(self, workspace_id: str) -> list[str]:
        """Every status that a live task has, those that can be worked on first."""
        return await self._database.rows(LIST_STATUSES, workspace_id=workspace_id)

    async def task_ids(self, workspace_id: str, asked: str) -> list[FoundTask]:
        """The task with this custom id, and those whose ids are next to it."""
        return await self._database.rows(FIND_TASK_IDS, workspace_id=workspace_id, asked=asked)

    async def comments(self, workspace_id: str, task_id: str, limit: int) -> list[TaskComment]:
        """The latest comments and replies of a task, newest first."""
        return await self._database.rows(
            LIST_TASK_COMMENTS, workspace_id=workspace_id, task_id=task_id, limit=limit
        )

    async def count_comments(self, workspace_id: str, task_id: str) -> int:
        """How many comments and replies a task has."""
        return await self._database.one(COUNT_TASK_COMMENTS, workspace_id=workspace_id, task_id=task_id)
