"""What an answer about tasks looks like."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

Text = str | None
Instant = datetime | None


UNREADABLE = (
    "Fields that could not be read, by ClickUp's name of the field, with the reason; they are empty here"
)


def said(description: str, *examples: Any) -> Any:
    """A field with its meaning."""
    return Field(description=description, examples=list(examples) or None)


class Task(BaseModel):
    """A task as the mirror holds it. Instants are ISO 8601 in the mirror's zone, with the offset."""

    model_config = ConfigDict(extra="forbid")

    is_open: Annotated[
        bool, said("Not deleted, done or closed, and neither it nor its list, folder or space archived")
    ]
    is_overdue: Annotated[bool, said("Open, and due before today in the mirror's zone")]
    is_unassigned: Annotated[bool, said("Nobody is assigned: no person, also none who left, and no team")]
    id: Annotated[UUID, said("The mirror's own id")]
    workspace_id: Annotated[str, said("ClickUp's workspace", "9000003")]
    clickup_task_id: Annotated[str, said("ClickUp's id", "86abc1")]
    custom_id: Annotated[Text, said("ClickUp's custom id", "DEV-12")]
    title: Annotated[str, said("Its name", "Write the offer")]
    description: Annotated[Text, said("Plain text")]
    summary: Annotated[Text, said("Custom field of that name")]
    type: Annotated[str, said("Task type: Task, Milestone, or one of the workspace's own", "Task")]
    status: Annotated[Text, said("Status as named in ClickUp", "in progress")]
    status_type: Annotated[Text, said("open, custom, done or closed", "custom")]
    priority: Annotated[Text, said("urgent, high, normal, low, or none", "high")]
    tags: Annotated[list[str], said("Tags", ["billing"])]
    assignee_name: Annotated[Text, said("All assignees, separated by commas", "Ada Lovelace, Grace Hopper")]
    assignee_ids: Annotated[Text, said("Their ClickUp ids, separated by commas", "183,184")]
    employee_id: Annotated[UUID | None, said("The first assignee, as in `/employees`")]
    employee_ids: Annotated[list[UUID], said("All assignees, as in `/employees`")]
    group_assignees: Annotated[list[str], said("Groups it is assigned to")]
    assigned_by: Annotated[Text, said("Who made the task", "Ada Lovelace")]
    followers: Annotated[list[str], said("Who watches it")]
    space_id: Text
    space_name: Annotated[Text, said("Space", "Agency")]
    folder_id: Text
    folder_name: Annotated[Text, said("Folder; none for a list that stands in a space itself")]
    list_id: Text
    list_name: Annotated[Text, said("List", "Sprint 12")]
    parent: Annotated[Text, said("ClickUp's id of the task above")]
    top_level_parent: Annotated[Text, said("ClickUp's id of the topmost task above")]
    url: Annotated[Text, said("Where it is in ClickUp")]
    date_created: Instant
    date_updated: Annotated[Instant, said("When it last changed in ClickUp")]
    date_done: Instant
    date_closed: Instant
    last_status_change: Annotated[Instant, said("When the status last changed, as well as is known")]
    start_date: date | None
    due_date: Annotated[date | None, said("The due day in the mirror's zone")]
    start_at: Instant
    due_at: Annotated[Instant, said("The due instant")]
    time_estimate_minutes: Annotated[int | None, said("Estimate, whole minutes", 90)]
    start_times: Annotated[
        list[str | None], said("Starts of its sessions, latest first; one index of both lists is one session")
    ]
    end_times: Annotated[list[str | None], said("Ends of its sessions; null while one runs")]
    tracked_minutes: Annotated[
        int | None, said("Whole minutes of all finished sessions; null where ClickUp hides them", 125)
    ]
    sprint_points: Annotated[float | None, said("Sprint points", 3)]
    points: Annotated[Text, said("Sprint points as ClickUp writes them")]
    assigned_comment: Annotated[
        Text, said("Comments that are assigned and not resolved, newest first, separated by ` | `")
    ]
    dependencies: Annotated[dict[str, list[str]], said("ClickUp ids by waiting_on, blocking, linked")]
    custom_fields: Annotated[
        dict[str, Any],
        said(
            "Custom fields by name, as people read them; two of one name have their ids' beginnings behind",
            {"Budget": "19.99 USD"},
        ),
    ]
    locations: Annotated[list[Any], said("Further lists it was added to")]
    unreadable_fields: Annotated[
        dict[str, str], said(UNREADABLE, {"due_date": "expected a number, found 'tomorrow'"})
    ]
    archived: bool
    is_recurring: bool
    is_deleted: Annotated[bool, said("Deleted in ClickUp; found only with `deleted=only` or `include`")]
    deleted_at: Instant
    read_at: Annotated[datetime, said("When ClickUp was asked for what stands here")]
    updated_at: Annotated[datetime, said("When the row was last written")]
    created_at: Annotated[datetime, said("When the row was first written")]


class FieldValue(BaseModel):
    """A custom field that is set, as people read it and as ClickUp sent it."""

    model_config = ConfigDict(extra="forbid")

    field_id: Annotated[str, said("ClickUp's id of the field")]
    label: Annotated[str, said("Its name in `custom_fields`", "Budget (0a1b2c3d)")]
    name: Annotated[str, said("The field's name, which another field may have too", "Budget")]
    type: Annotated[Text, said("ClickUp's type of the field", "currency")]
    value_text: Annotated[Text, said("The value as people read it", "19.99 USD")]
    value_number: Annotated[float | None, said("The number to add up; null where it is none", 19.99)]
    value: Annotated[Any, said("The value as ClickUp sent it; of an attachment with its address", "19.99")]


class WholeTask(Task):
    """One task, with the values behind its custom fields."""

    custom_field_values: Annotated[list[FieldValue], said("Its custom fields, by name")]


class Tasks(BaseModel):
    """Tasks that pass the filters."""

    count: Annotated[int, said("How many are in this answer", 100)]
    tasks: list[Task]


class TaskPage(Tasks):
    """One page of them."""

    limit: Annotated[int, said("How many were asked for", 100)]
    offset: Annotated[int, said("How many were passed over", 0)]
    total: Annotated[int, said("How many pass the filters in all", 3000)]
    next_cursor: Annotated[Text, said("`cursor` of the next page; null at the end")]


class TasksOfEmployee(Tasks):
    """The tasks of one person."""

    employee_id: UUID | None


class RelatedTask(BaseModel):
    """A task at the other end of a relation; what is null is not known to the mirror."""

    clickup_task_id: str
    title: Text
    status: Text
    status_type: Text
    assignee_name: Text
    due_date: date | None
    list_name: Text
    is_deleted: bool | None


class Relations(BaseModel):
    """What a task waits on, blocks, and is linked to."""

    waiting_on: list[RelatedTask]
    blocking: list[RelatedTask]
    linked: list[RelatedTask]


class Dependencies(BaseModel):
    """The relations of one task."""

    task_id: str
    dependencies: Relations
