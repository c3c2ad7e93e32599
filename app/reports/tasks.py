"""Questions about tasks."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from functools import partial
from typing import Annotated, Any, Literal, get_args
from uuid import UUID

from app.core.answers.fields import (
    Archived,
    Assignees,
    Created,
    DueDate,
    EmployeeIds,
    Estimate,
    FolderId,
    FolderName,
    Instant,
    IsOpen,
    IsOverdue,
    IsUnassigned,
    ListId,
    ListName,
    Number,
    OptionalTitle,
    Priority,
    RowCreated,
    RowUpdated,
    SpaceId,
    SpaceName,
    StartDate,
    Status,
    StatusChanged,
    StatusType,
    TaskId,
    TaskUrl,
    Title,
    Tracked,
    Unreadable,
    Updated,
    WorkspaceId,
    Written,
    narrow,
    said,
)
from app.core.answers.paging import Cursor, digest
from app.core.answers.search import search_query
from app.reports.keyset import LastWrite, Page, Walk, beginning, instant_text
from app.sql.typed_rows import Query
from app.supabase_db import AskedDatabase

Sort = Literal[
    "-updated", "updated", "-created", "created", "-due", "due", "-tracked", "tracked", "-title", "title"
]
SORTS: tuple[Sort, ...] = get_args(Sort)
TaskStatusType = Literal["open", "custom", "done", "closed"]
TaskPriority = Literal["urgent", "high", "normal", "low"]
Deleted = Literal["exclude", "only", "include"]
_NO_DUE = datetime(9999, 12, 31, tzinfo=UTC)
_SEARCHED_TITLE = 200
_LARGEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Task:
    """A task as the mirror has it; deleted ones too."""

    is_open: IsOpen
    is_overdue: IsOverdue
    is_unassigned: IsUnassigned
    id: Annotated[UUID, said("The mirror's own id")]
    workspace_id: WorkspaceId
    clickup_task_id: TaskId
    custom_id: Annotated[str | None, said("ClickUp's custom id", "DEV-12")]
    title: Title
    description: Annotated[str | None, Written.TEXT, said("Plain text")]
    summary: Annotated[str | None, Written.TEXT, said("Custom field of that name")]
    type: Annotated[str, said("Task type: Task, Milestone, or one of the workspace's own", "Task")]
    status: Status
    status_type: StatusType
    priority: Priority
    tags: Annotated[list[str], Written.LINE, said("Tags", ["billing"])]
    assignee_name: Assignees
    assignee_ids: Annotated[str | None, said("Their ClickUp ids, separated by commas", "183,184")]
    employee_id: Annotated[UUID | None, said("The first assignee, as in `/employees`")]
    employee_ids: EmployeeIds
    group_assignees: Annotated[list[str], Written.LINE, said("Groups it is assigned to")]
    assigned_by: Annotated[str | None, said("Who created the task", "Ada Lovelace")]
    followers: Annotated[list[str], Written.LINE, said("Who watches it")]
    space_id: SpaceId
    space_name: SpaceName
    folder_id: FolderId
    folder_name: FolderName
    list_id: ListId
    list_name: ListName
    parent: Annotated[str | None, said("ClickUp's id of the task above")]
    top_level_parent: Annotated[str | None, said("ClickUp's id of the topmost task above")]
    url: TaskUrl
    date_created: Created
    date_updated: Updated
    date_done: Annotated[Instant, said("When it was done; null while it is not")]
    date_closed: Annotated[Instant, said("When it was closed; null while it is not")]
    last_status_change: StatusChanged
    start_date: StartDate
    due_date: DueDate
    start_at: Annotated[Instant, said("The instant at which it is to begin")]
    due_at: Annotated[Instant, said("The due instant")]
    time_estimate_minutes: Estimate
    start_times: Annotated[
        list[str | None],
        said("Starts of its sessions, latest first; one index of both lists is one session"),
    ]
    end_times: Annotated[list[str | None], said("Ends of its sessions; null while one runs")]
    tracked_minutes: Tracked
    sprint_points: Annotated[Number | None, said("Sprint points", 3)]
    points: Annotated[str | None, said("Sprint points as ClickUp writes them")]
    assigned_comment: Annotated[
        str | None,
        Written.TEXT,
        said("Comments that are assigned and not resolved, newest first, separated by ` | `"),
    ]
    dependencies: Annotated[dict[str, list[str]], said("ClickUp ids by waiting_on, blocking, linked")]
    custom_fields: Annotated[
        dict[str, Any],
        Written.LINE,
        said(
            "Custom fields by name, as people read them; two of one name have their ids' beginnings behind",
            {"Budget": "19.99 USD"},
        ),
    ]
    locations: Annotated[list[Any], said("Further lists it was added to")]
    unreadable_fields: Unreadable
    archived: Archived
    is_recurring: Annotated[bool, said("It is created again when it is done")]
    is_deleted: Annotated[
        bool, said("Deleted in ClickUp; found only with `deleted=only` or `deleted=include`")
    ]
    deleted_at: Annotated[Instant, said("When it was found deleted")]
    read_at: Annotated[datetime, said("When ClickUp was asked for what stands here")]
    updated_at: RowUpdated
    created_at: RowCreated


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A custom field that is set, as people read it and as ClickUp sent it."""

    field_id: Annotated[str, said("ClickUp's id of the field")]
    label: Annotated[str, Written.LINE, said("Its name in `custom_fields`", "Budget (0a1b2c3d)")]
    name: Annotated[str, Written.LINE, said("The field's name, which another field may have too", "Budget")]
    type: Annotated[str | None, said("ClickUp's type of the field", "currency")]
    value_text: Annotated[str | None, Written.LINE, said("The value as people read it", "19.99 USD")]
    value_number: Annotated[Number | None, said("The number to add up; null where it is none", 19.99)]
    value: Annotated[
        Any, Written.JSON, said("The value as ClickUp sent it; of an attachment with its address", "19.99")
    ]


@dataclass(frozen=True, slots=True)
class NamedTask:
    """What a task is called."""

    clickup_task_id: TaskId
    title: Title


@dataclass(frozen=True, slots=True)
class RelatedTask:
    """A task that another one waits on, blocks, or is linked to; null where the mirror does not know it."""

    clickup_task_id: TaskId
    title: OptionalTitle
    status: Status
    status_type: StatusType
    assignee_name: Assignees
    due_date: DueDate
    is_overdue: Annotated[bool | None, said("Open, and due before today in the mirror's zone")]
    list_name: ListName
    is_deleted: Annotated[bool | None, said("Deleted in ClickUp")]


@dataclass(frozen=True, slots=True)
class _Relation(RelatedTask):
    relation: Literal["waiting_on", "blocking", "linked"]


@dataclass(frozen=True, slots=True)
class Relations:
    """What a task waits on, blocks, and is linked to."""

    waiting_on: Annotated[list[RelatedTask], said("Tasks that must be done before it")]
    blocking: Annotated[list[RelatedTask], said("Tasks that wait on it")]
    linked: Annotated[list[RelatedTask], said("Tasks it is linked to")]


LAST_TASK_WRITE = Query("get_last_task_write", LastWrite)
LIST_TASKS = Query("list_tasks", Task)
GET_TASK = Query("get_task", Task)
LIST_TASK_TITLES = Query("list_task_titles", NamedTask)
COUNT_TASKS = Query("count_tasks", int)
LIST_FIELD_VALUES = Query("list_field_values", FieldValue)
LIST_RELATED_TASKS = Query("list_related_tasks", _Relation)


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """Which tasks; what is None lets everything pass, several values of one filter mean any of them.

    `due_from` and `due_to` are days in the mirror's zone, both included. `assignees`: ClickUp's ids. `words`
    finds tasks with all these words, or beginnings of words, in title or description. `open`, `overdue` and
    `unassigned` are as the view `tasks` says. `lists`, `folders` and `spaces` are together: what
    stands in one of them passes.
    """

    tasks: Sequence[str] | None = None
    statuses: Sequence[str] | None = None
    status_types: Sequence[TaskStatusType] | None = None
    priorities: Sequence[TaskPriority] | None = None
    lists: Sequence[str] | None = None
    folders: Sequence[str] | None = None
    spaces: Sequence[str] | None = None
    parents: Sequence[str] | None = None
    assignees: Sequence[str] | None = None
    tags: Sequence[str] | None = None
    due_from: date | None = None
    due_to: date | None = None
    updated_since: datetime | None = None
    open: bool | None = None
    overdue: bool | None = None
    unassigned: bool | None = None
    archived: bool | None = None
    deleted: Deleted = "exclude"
    with_time: bool = False
    with_comments: bool = False
    words: str | None = None

    def params(self, workspace_id: str) -> dict[str, Any]:
        """As the queries take them."""
        values = {name: getattr(self, name) for name in _FILTERS}
        # An empty list means "not filtered".
        lists = {
            name: list(value) or None if isinstance(value, tuple | list) else value
            for name, value in values.items()
        }
        words = search_query(self.words) if self.words is not None else None
        return lists | {"workspace_id": workspace_id, "words": words}

    @property
    def finds_nothing(self) -> bool:
        """Whether the words searched for are none."""
        return self.words is not None and search_query(self.words) is None


_FILTERS = tuple(one.name for one in fields(TaskFilter))


class TaskReports:
    """Tasks, by themselves and in lists."""

    def __init__(self, database: AskedDatabase) -> None:
        self._database = database

    async def get(self, workspace_id: str, task_id: str) -> Task | None:
        """One task, a deleted one too; None where it was never seen."""
        return await self._database.row(GET_TASK, workspace_id=workspace_id, task_id=task_id)

    async def titles(self, workspace_id: str, ids: list[str]) -> dict[str, str]:
        """What these tasks are called, by id; without those that the mirror does not know."""
        rows = await self._database.rows(LIST_TASK_TITLES, workspace_id=workspace_id, ids=ids)
        return {row.clickup_task_id: row.title for row in rows}

    async def related(self, task_id: str) -> Relations:
        """What it waits on, blocks and is linked to."""
        found = Relations([], [], [])
        for row in await self._database.rows(LIST_RELATED_TASKS, task_id=task_id):
            getattr(found, row.relation).append(narrow(RelatedTask, row))
        return found

    async def field_values(self, task_id: str) -> list[FieldValue]:
        """Its custom fields that are set, as people read them and as ClickUp sent them."""
        return await self._database.rows(LIST_FIELD_VALUES, task_id=task_id)

    async def count(self, workspace_id: str, wanted: TaskFilter, most: int | None = None) -> int:
        """How many tasks pass the filter; `most` where there are as many or more."""
        if wanted.finds_nothing:
            return 0
        return await self._database.one(COUNT_TASKS, **wanted.params(workspace_id), most=most)

    async def page(
        self, workspace_id: str, wanted: TaskFilter, sort: Sort, *, limit: int, offset: int = 0,
        cursor: Cursor | None = None,
    ) -> Page[Task]:  # fmt: skip
        """One page: at an offset, or where the cursor of the last page stands."""
        if wanted.finds_nothing:
            return Page([], None)

        async def list_rows(place: Cursor, most: int) -> list[Task]:
            order = "written" if place.again else sort
            return await self._database.rows(
                LIST_TASKS,
                **wanted.params(workspace_id),
                **_place(order, place),
                sort=order,
                written_since=place.written_since,
                limit=most,
                offset=0 if place.again else offset,
            )

        walk = Walk(_id, partial(_key, sort.lstrip("-")), _written_at, list_rows)
        asked = question(wanted, sort)
        begin = cursor or await beginning(self._database, LAST_TASK_WRITE, workspace_id, asked)
        return await walk.page(begin, limit)


def question(wanted: TaskFilter, sort: Sort) -> str:
    """What a cursor is good for."""
    return digest({name: getattr(wanted, name) for name in _FILTERS} | {"sort": sort})


def check_place(cursor: Cursor, sort: Sort) -> Cursor:
    """The cursor, if its place is one of this order. Raises ValueError for a place that is none."""
    place = _place("written" if cursor.again else sort, cursor)
    number, time, text = place["after_number"], place["after_time"], place["after_text"]
    if (number is not None and abs(number) > _LARGEST) or (time and time.tzinfo is None):
        raise ValueError("invalid cursor: it was changed, or is from another query")
    if any("\x00" in part for part in (text, cursor.row_id) if part):
        raise ValueError("invalid cursor: it was changed, or is from another query")
    return cursor


def _place(sort: str, walk: Cursor | None) -> dict[str, Any]:
    """The last row seen, in the type that the order compares."""
    place: dict[str, Any] = {"after_id": None, "after_time": None, "after_number": None, "after_text": None}
    if walk is None or walk.key is None:
        return place
    by = sort.lstrip("-")
    if by == "title":
        place["after_text"] = walk.key
    elif by == "tracked":
        place["after_number"] = int(walk.key)
    else:
        place["after_time"] = datetime.fromisoformat(walk.key)
    return place | {"after_id": walk.row_id}


def _id(task: Task) -> str:
    return task.clickup_task_id


def _written_at(task: Task) -> datetime:
    return task.updated_at


def _key(by: str, task: Task) -> str:
    """What the order compares, as the query has it where a value is missing."""
    match by:
        case "title":
            return task.title[:_SEARCHED_TITLE]
        case "tracked":
            return str(task.tracked_minutes or 0)
        case "due":
            return instant_text(task.due_at, _NO_DUE)
        case "created":
            return instant_text(task.date_created)
        case _:
            return instant_text(task.date_updated)
