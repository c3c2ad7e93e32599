"""Sums of tasks and sums of time, which come from two questions, put side by side."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from app.core.answers.fields import InWords, Written, said, widen
from app.core.answers.timesheet import AnySheet, Milliseconds

GroupId = Annotated[
    str | None, said("ClickUp's id of the person, list or space; null for nobody, and for all", "183")
]
GroupEmployee = Annotated[UUID | None, said("The person in `/employees`; null for lists, spaces and others")]
GroupName = Annotated[str | None, Written.LINE, said("Name of the person, list or space", "Ada Lovelace")]


@dataclass(frozen=True, slots=True)
class TaskSums:
    """What happened to the tasks of a person, list or space, or to all."""

    id: GroupId
    employee_id: GroupEmployee
    name: GroupName
    created: Annotated[int, said("Tasks created then", 12)]
    done: Annotated[int, said("Tasks done then", 9)]
    deleted: Annotated[int, said("Tasks that were found deleted then", 1)]
    changed: Annotated[int, said("Tasks that last changed then", 31)]
    open_now: Annotated[int, said("Tasks that are open now, whenever they were created", 140)]


@dataclass(frozen=True, slots=True)
class Progress(TaskSums):
    """The same, and the time that was spent then."""

    tracked_minutes: Annotated[
        int, InWords.MINUTES, said("Whole minutes of finished time on these days", 2_410)
    ]
    tracked_milliseconds: Milliseconds


def beside_time(rows: Iterable[TaskSums], sheets: Iterable[AnySheet]) -> list[Progress]:
    """Each row with the tracked time of the sheet that has its id; sheets without a row become rows without
    tasks. By name, those without a name last.
    """
    known = {row.id: row for row in rows}
    spent = {sheet.id: sheet for sheet in sheets if sheet.milliseconds or sheet.id in known}
    for sheet in spent.values():
        if sheet.id not in known:
            known[sheet.id] = TaskSums(sheet.id, sheet.employee_id, sheet.name, 0, 0, 0, 0, 0)
    return sorted((_beside(row, spent.get(row.id)) for row in known.values()), key=_by_name)


def _beside(row: TaskSums, sheet: AnySheet | None) -> Progress:
    minutes, milliseconds = (sheet.minutes, sheet.milliseconds) if sheet else (0, 0)
    return widen(Progress, row, tracked_minutes=minutes, tracked_milliseconds=milliseconds)


def _by_name(row: Progress) -> tuple[bool, str, bool, str]:
    return row.name is None, (row.name or "").lower(), row.id is None, row.id or ""
