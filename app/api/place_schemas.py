"""What an answer about spaces, folders and lists looks like."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict

from app.api.task_schemas import Text, said

LiveTasks = Annotated[int, said("Tasks that stand in it and are not deleted, archived ones too", 120)]
Archived = Annotated[bool, said("It is archived itself; what it stands in may be archived too")]
Gone = Annotated[bool, said("Deleted in ClickUp; found only with `deleted=only` or `include`")]
Written = Annotated[datetime, said("When the row was last written, in the mirror's zone")]
SpaceId = Annotated[Text, said("ClickUp's id of the space it stands in; null where that is not known", "790")]
SpaceName = Annotated[Text, said("That space's name", "Agency")]


class _Place(BaseModel):
    model_config = ConfigDict(extra="forbid")

    workspace_id: Annotated[str, said("ClickUp's workspace", "9000003")]
    name: Annotated[str, said("Its name", "Sprint 12")]
    archived: Archived
    is_deleted: Gone
    tasks: LiveTasks
    updated_at: Written


class Space(_Place):
    """One space."""

    space_id: Annotated[str, said("ClickUp's id", "790")]
    color: Annotated[Text, said("Its colour as ClickUp writes it", "#7B68EE")]
    private: Annotated[bool | None, said("Not for everybody here; null where ClickUp sent nothing")]
    multiple_assignees: Annotated[
        bool | None, said("Tasks may have several; null where ClickUp sent nothing")
    ]
    folders: Annotated[int, said("Folders that stand in it and are not deleted", 3)]
    lists: Annotated[int, said("Lists that stand in it or its folders and are not deleted", 12)]


class Folder(_Place):
    """One folder."""

    folder_id: Annotated[str, said("ClickUp's id", "457")]
    space_id: SpaceId
    space_name: SpaceName
    parent_folder_id: Annotated[Text, said("ClickUp's id of the folder above; null where there is none")]
    lists: Annotated[int, said("Lists that stand in it and are not deleted", 4)]


class TaskList(_Place):
    """One list."""

    list_id: Annotated[str, said("ClickUp's id", "124")]
    space_id: SpaceId
    space_name: SpaceName
    folder_id: Annotated[Text, said("ClickUp's id of its folder; null where it stands in the space itself")]
    folder_name: Annotated[Text, said("That folder's name", "Clients")]
    is_put_away: Annotated[bool, said("Archived itself, or in a folder or space that is")]


class Spaces(BaseModel):
    """Spaces, by name."""

    model_config = ConfigDict(extra="forbid")

    count: Annotated[int, said("How many are in this answer", 5)]
    spaces: list[Space]


class Folders(BaseModel):
    """Folders, by space and name."""

    model_config = ConfigDict(extra="forbid")

    count: Annotated[int, said("How many are in this answer", 20)]
    folders: list[Folder]


class Lists(BaseModel):
    """Lists, by space, folder and name."""

    model_config = ConfigDict(extra="forbid")

    count: Annotated[int, said("How many are in this answer", 80)]
    lists: list[TaskList]
