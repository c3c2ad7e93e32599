"""A day of each person, put together from lists of several people's."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Protocol
from uuid import UUID

from app.core.answers.fields import (
    DueDate,
    FolderId,
    FolderName,
    InWords,
    ListId,
    ListName,
    Priority,
    SpaceId,
    SpaceName,
    Status,
    StatusType,
    TaskId,
    TaskUrl,
    Title,
    Written,
    narrow,
    said,
)
from app.core.answers.timesheet import Milliseconds, Minutes

_MS_PER_MINUTE = 60_000


@dataclass(frozen=True, slots=True)
class TaskSummary:
    """What is told of a task in lists of several people's."""

    clickup_task_id: TaskId
    title: Title
    status: Status
    status_type: StatusType
    priority: Priority
    url: TaskUrl
    due_date: DueDate
    list_id: ListId
    list_name: ListName
    folder_id: FolderId
    folder_name: FolderName
    space_id: SpaceId
    space_name: SpaceName


@dataclass(frozen=True, slots=True)
class DoneTask(TaskSummary):
    """A task that was done that day."""

    done_at: Annotated[datetime | None, said("When it was done")]


class _Whose(Protocol):
    """A row of somebody's."""

    @property
    def clickup_user_id(self) -> str | None: ...
    @property
    def employee_id(self) -> UUID | None: ...
    @property
    def person_name(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class DoneByPerson(DoneTask):
    """A task that was done, for one of its assignees."""

    clickup_user_id: str
    employee_id: UUID | None
    person_name: str | None


@dataclass(frozen=True, slots=True)
class DueByPerson(TaskSummary):
    """An open task that is due, for one of its assignees."""

    clickup_user_id: str
    employee_id: UUID | None
    person_name: str | None


@dataclass(frozen=True, slots=True)
class WorkedByPerson:
    """Time of one person on one task, finished or of a timer that runs; without a task all of it is None."""

    clickup_user_id: str | None
    employee_id: UUID | None
    person_name: str | None
    is_running: bool
    started_at: datetime | None
    milliseconds: int
    clickup_task_id: str | None
    title: str | None
    status: Status
    status_type: StatusType
    priority: Priority
    url: TaskUrl
    due_date: DueDate
    list_id: ListId
    list_name: ListName
    folder_id: FolderId
    folder_name: FolderName
    space_id: SpaceId
    space_name: SpaceName


@dataclass(frozen=True, slots=True)
class WaitingByPerson:
    """How many comments wait for one person."""

    clickup_user_id: str
    employee_id: UUID | None
    person_name: str | None
    waiting_comments: int


@dataclass(frozen=True, slots=True)
class WorkedTask:
    """Time of one person on one task."""

    task: Annotated[TaskSummary | None, said("The task; null for time of no task")]
    minutes: Minutes
    milliseconds: Milliseconds


@dataclass(frozen=True, slots=True)
class RunningTask:
    """A timer that runs; its part of that day, up to now."""

    started_at: Annotated[datetime | None, InWords.INSTANT, said("When it was started")]
    task: Annotated[TaskSummary | None, said("The task; null for time of no task")]
    minutes: Minutes
    milliseconds: Milliseconds


@dataclass(frozen=True, slots=True)
class PersonDay:
    """What one person did on a day, and what was due."""

    clickup_user_id: Annotated[
        str | None, said("ClickUp's id of the person; null where it sent nobody", "183")
    ]
    employee_id: Annotated[UUID | None, said("The person in `/employees`; null for who is not there")]
    name: Annotated[str | None, Written.LINE, said("The person's name", "Ada Lovelace")]
    done: Annotated[list[DoneTask], said("The person's tasks that were done that day")]
    worked: Annotated[list[WorkedTask], said("Where the finished time of that day went, the most first")]
    minutes: Annotated[int, InWords.MINUTES, said("Whole minutes of all of it", 412)]
    milliseconds: Milliseconds
    running: Annotated[list[RunningTask], said("Timers that run now and reach into that day")]
    due: Annotated[list[TaskSummary], said("The person's open tasks that are due that day")]
    waiting_comments: Annotated[int, said("Comments that wait for the person now", 2)]


def put_together(
    done: Iterable[DoneByPerson],
    worked: Iterable[WorkedByPerson],
    due: Iterable[DueByPerson],
    waiting: Iterable[WaitingByPerson],
) -> list[PersonDay]:
    """One row for each person who is in any of the lists, by name; people without an id together, last.

    Minutes are whole ones, cut off, of the milliseconds beside them.
    """
    people: dict[str | None, PersonDay] = {}
    for task in done:
        _of(people, task).done.append(narrow(DoneTask, task))
    for work in worked:
        _add_work(people, work)
    for task_due in due:
        _of(people, task_due).due.append(narrow(TaskSummary, task_due))
    for row in waiting:
        people[row.clickup_user_id] = replace(_of(people, row), waiting_comments=row.waiting_comments)
    return sorted(people.values(), key=_by_name)


def _of(people: dict[str | None, PersonDay], row: _Whose) -> PersonDay:
    """The person's own row, empty at first."""
    blank = PersonDay(row.clickup_user_id, row.employee_id, row.person_name, [], [], 0, 0, [], [], 0)
    return people.setdefault(row.clickup_user_id, blank)


def _add_work(people: dict[str | None, PersonDay], work: WorkedByPerson) -> None:
    person, spent = _of(people, work), work.milliseconds
    task = narrow(TaskSummary, work) if work.clickup_task_id is not None else None
    if work.is_running:
        person.running.append(RunningTask(work.started_at, task, spent // _MS_PER_MINUTE, spent))
        return
    person.worked.append(WorkedTask(task, spent // _MS_PER_MINUTE, spent))
    total = person.milliseconds + spent
    people[work.clickup_user_id] = replace(person, minutes=total // _MS_PER_MINUTE, milliseconds=total)


def _by_name(person: PersonDay) -> tuple[bool, str, str]:
    return person.clickup_user_id is None, (person.name or "").lower(), person.clickup_user_id or ""
