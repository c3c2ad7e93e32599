"""What the mirror holds, in the words of the glossary.

Field names are the column names of the tables: a row travels to PostgreSQL as JSON and is unpacked
there by name. Instants are aware and in UTC, minutes and milliseconds are integers.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

Json = dict[str, Any]
PlaceKind = Literal["space", "folder", "list"]


@dataclass(slots=True)
class Member:
    """Somebody ClickUp counts among the workspace's people. `role`: owner, admin, member, guest."""

    clickup_user_id: str
    name: str
    email: str | None
    role: str | None
    unreadable_fields: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class TaskPerson:
    """Somebody's part in one task. `relation`: assignee, watcher or creator."""

    clickup_user_id: str
    relation: str
    position: int
    name: str
    email: str | None


@dataclass(slots=True)
class FieldValue:
    """A custom field's value on one task: as people read it, as a number, and as ClickUp sent it.

    `label` is the name, with the beginning of the field's id where two fields of the task have that name.
    """

    field_id: str
    name: str
    label: str
    value_text: str | None
    value_number: Decimal | None
    value: Any


@dataclass(slots=True)
class FieldDefinition:
    """A custom field of the workspace."""

    field_id: str
    name: str
    type: str
    type_config: Json
    unreadable_fields: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class TaskRow:
    """One task as it will be written.

    What only the mirror knows (sessions, waiting comments, employees' UUIDs) is not here: it is
    derived from the facts after they are written.
    """

    clickup_task_id: str
    title: str
    description: str | None
    type: str
    status: str | None
    status_type: str | None
    priority: str | None
    tags: list[str]
    summary: str | None
    sprint_points: Decimal | None
    points: str | None
    assignee_name: str | None
    assignee_ids: str | None
    group_assignees: list[str]
    assigned_by: str | None
    followers: list[str]
    space_id: str | None
    space_name: str | None
    folder_id: str | None
    folder_name: str | None
    list_id: str | None
    list_name: str | None
    date_created: datetime | None
    date_updated: datetime | None
    date_done: datetime | None
    date_closed: datetime | None
    start_date: date | None
    due_date: date | None
    start_at: datetime | None
    due_at: datetime | None
    time_estimate_minutes: int | None
    time_spent_ms: int
    archived: bool
    is_recurring: bool
    dependencies: Json
    custom_id: str | None
    parent: str | None
    top_level_parent: str | None
    url: str | None
    custom_fields: Json
    locations: list[Json]
    people: list[TaskPerson] = field(default_factory=list)
    field_values: list[FieldValue] = field(default_factory=list)
    unreadable_fields: dict[str, str] = field(default_factory=dict)
    fingerprint: str = ""


@dataclass(slots=True)
class Place:
    """A space, folder or list. Ids of places above it are soft: they may not be mirrored yet."""

    kind: PlaceKind
    place_id: str
    name: str
    archived: bool
    space_id: str | None = None
    folder_id: str | None = None
    parent_folder_id: str | None = None
    details: Json = field(default_factory=dict)
    unreadable_fields: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class TimeEntry:
    """One work session. A running timer has neither end nor duration; a duration is in ms.

    `started_at` is None for time that was logged as a mere amount. What `unreadable_fields` names is not
    known: a duration then is None though no timer runs.
    """

    clickup_entry_id: str
    clickup_task_id: str | None
    clickup_user_id: str | None
    user_name: str | None
    started_at: datetime | None
    ended_at: datetime | None
    duration_ms: int | None
    is_running: bool
    billable: bool | None
    description: str | None
    tags: list[str] | None
    entry_updated_at: datetime | None
    unreadable_fields: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Comment:
    """A comment of a task, or a reply (`parent_comment_id`) to one.

    It may wait for a person (`assignee_id`), for a team (`assignee_group_id`), or for both. `blocks` and
    `reactions` are ClickUp's, as they came; `reaction_counts` says how often each reaction was given.
    `reply_count` is None where ClickUp's answer has no count that can be understood.
    """

    clickup_comment_id: str
    clickup_task_id: str
    parent_comment_id: str | None
    text: str
    author_id: str | None
    author_name: str | None
    assignee_id: str | None
    assignee_name: str | None
    assigned_by_id: str | None
    assigned_by_name: str | None
    resolved: bool
    commented_at: datetime | None
    reply_count: int | None
    assignee_group_id: str | None = None
    assignee_group_name: str | None = None
    blocks: list[Any] = field(default_factory=list)
    reactions: list[Any] = field(default_factory=list)
    reaction_counts: dict[str, int] = field(default_factory=dict)
    unreadable_fields: dict[str, str] = field(default_factory=dict)
