"""Tasks over HTTP."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request, Response

from app.api.csv import AS_CSV, begun, csv_response
from app.api.json_encoding import JSON, to_json
from app.api.page_fields import Count, NextCursor, PageLimit, PageOffset, Total
from app.api.params import (
    LARGEST_PAGE,
    UNCHANGED,
    UNKNOWN,
    CursorText,
    Offset,
    ids,
    unknown,
)
from app.api.past import AS_OF, AnswerPrecision
from app.api.people import AssigneeNames
from app.api.places import PlaceNames
from app.api.request_context import ApiContext, Context
from app.core.answers.day import beginning_of
from app.core.answers.fields import said, widen
from app.core.answers.filters import LONGEST_SEARCH
from app.core.answers.paging import Cursor, write_cursor
from app.http.long_answers import LongResponse
from app.http.params import Day, Id, Since, given_cursor
from app.http.problems import PROBLEMS
from app.reports.history import Precision
from app.reports.tasks import (
    Deleted,
    FieldValue,
    Relations,
    Sort,
    Task,
    TaskFilter,
    TaskPriority,
    TaskStatusType,
    check_place,
    question,
)

router = APIRouter(tags=["tasks"], responses=PROBLEMS)

_PAGE = 100
_IdList = list[Id] | None


@dataclass(frozen=True, slots=True)
class Tasks:
    """Tasks that pass the filters."""

    count: Count
    tasks: list[Task]
    precision: AnswerPrecision = None


@dataclass(frozen=True, slots=True)
class TaskPage:
    """One page of them."""

    count: Count
    limit: PageLimit
    offset: PageOffset
    total: Total
    next_cursor: NextCursor
    tasks: list[Task]
    precision: AnswerPrecision = None


@dataclass(frozen=True, slots=True)
class TasksOfEmployee:
    """Those assigned to one person."""

    employee_id: Annotated[UUID | None, said("The person, as in `/employees`; null for who is not there")]
    count: Count
    tasks: list[Task]
    precision: AnswerPrecision = None


@dataclass(frozen=True, slots=True)
class TaskDetails(Task):
    """One task, with the values behind its custom fields."""

    custom_field_values: Annotated[list[FieldValue], said("Its custom fields, by name")]
    precision: AnswerPrecision = None


@dataclass(frozen=True, slots=True)
class Dependencies:
    """The relations of one task."""

    task_id: Annotated[str, said("ClickUp's id of the task", "86abc1")]
    dependencies: Relations
    precision: AnswerPrecision = None


def anybodys_filter(
    context: Context,
    status: Annotated[_IdList, ids("Status as named in ClickUp")] = None,
    status_type: Annotated[
        list[TaskStatusType] | None, ids("open: not started; custom: in progress; done; closed")
    ] = None,
    priority: Annotated[list[TaskPriority] | None, ids("Priority")] = None,
    parent: Annotated[_IdList, ids("The task above, by ClickUp's id, custom id or address")] = None,
    tag: Annotated[_IdList, ids("Tag")] = None,
    due_from: Annotated[Day | None, Query(description="Due on this day or later")] = None,
    due_to: Annotated[Day | None, Query(description="Due on this day or earlier")] = None,
    updated_since: Annotated[
        Since | None,
        Query(description="Changed in ClickUp since this day or instant; without an offset in UTC"),
    ] = None,
    open: Annotated[bool | None, Query(description="Only open tasks, or only others")] = None,
    overdue: Annotated[
        bool | None, Query(description="Only open tasks due before today, or only others")
    ] = None,
    unassigned: Annotated[
        bool | None, Query(description="Only tasks without any assignee, person or team, or only others")
    ] = None,
    archived: Annotated[bool | None, Query(description="Only archived ones, or none")] = None,
    deleted: Deleted = "exclude",
    q: Annotated[
        str | None,
        Query(description="Words, or their beginnings, in titles or descriptions", max_length=LONGEST_SEARCH),
    ] = None,
) -> TaskFilter:
    """Which tasks. Several values of one filter mean any of them, several filters all of them."""
    return TaskFilter(
        statuses=status,
        status_types=status_type,
        priorities=priority,
        parents=parent,
        tags=tag,
        due_from=due_from,
        due_to=due_to,
        updated_since=beginning_of(updated_since, context.zone) if updated_since else None,
        open=open,
        overdue=overdue,
        unassigned=unassigned,
        archived=archived,
        deleted=deleted,
        words=q,
    )


# Whoever they are assigned to; names are not looked up yet.
AnybodysFilter = Annotated[TaskFilter, Depends(anybodys_filter)]


async def task_filter(
    context: Context, asked: AnybodysFilter, assignee: AssigneeNames = None, place: PlaceNames = None
) -> TaskFilter:
    """The same, whose and where. Raises UnknownName for a name or an id that does not exist."""
    wanted = replace(asked, assignees=assignee)
    return await context.reports.lookup.task_filter(context.workspace_id, wanted, place)


Filter = Annotated[TaskFilter, Depends(task_filter)]


@router.get(
    "/tasks", dependencies=[AS_OF], responses=UNCHANGED | UNKNOWN | {200: {"model": TaskPage, **AS_CSV}}
)
async def list_tasks(
    request: Request,
    context: Context,
    wanted: Filter,
    sort: Annotated[Sort, Query(description="A leading - is descending")] = "-updated",
    format: Annotated[
        Literal["json", "csv"], Query(description="CSV has all tasks without `limit`")
    ] = "json",
    limit: Annotated[
        int | None,
        Query(ge=1, le=LARGEST_PAGE, description="Rows on a page, 100 without it; CSV has all then"),
    ] = None,
    offset: Offset = 0,
    cursor: CursorText = None,
) -> Response:
    """Tasks, newest change first.

    With `cursor` a walk goes through all of them at a cost that does not grow; rows that change
    meanwhile come again at its end, so that none is left out.
    """
    asked = question(wanted, sort)
    place = given_cursor(cursor, asked, context.workspace_id, partial(check_place, sort=sort))
    if format == "csv":
        pages = _pages(context, wanted, sort, place, limit, 0 if place else offset)
        precision = await context.precision("tasks")
        return csv_response("tasks", Task, await begun(pages), context.zone, precision)

    async def make() -> bytes:
        page, total = await asyncio.gather(
            context.reports.tasks.page(
                context.workspace_id,
                wanted,
                sort,
                limit=limit or _PAGE,
                offset=0 if place else offset,
                cursor=place,
            ),
            context.remember(
                asked,
                partial(context.reports.tasks.count, context.workspace_id, wanted),
            ),
        )
        is_whole = place is None and offset == 0 and len(page.rows) == total
        following = write_cursor(page.cursor, context.workspace_id) if page.cursor and not is_whole else None
        precision = await context.precision("tasks", _ids(page.rows))
        answer = TaskPage(len(page.rows), limit or _PAGE, offset, total, following, page.rows, precision)
        return to_json(answer, context.zone)

    return await context.answer(request, make)


@router.get(
    "/tasks/by-employee",
    dependencies=[AS_OF],
    responses=UNCHANGED | UNKNOWN | {200: {"model": TasksOfEmployee}},
)
async def list_tasks_of_employee(
    request: Request,
    context: Context,
    asked: AnybodysFilter,
    employee_id: Annotated[
        Id, Query(description="`id` of `/employees`, ClickUp's id, e-mail address or name of the person")
    ],
    place: PlaceNames = None,
) -> Response:
    """All tasks assigned to one person, newest change first."""
    lookup, workspace_id = context.reports.lookup, context.workspace_id
    person = await lookup.person(workspace_id, employee_id)
    whose = replace(asked, assignees=[person.clickup_user_id])
    wanted = await lookup.task_filter(workspace_id, whose, place)
    return await _all(request, context, wanted, "-updated", partial(TasksOfEmployee, person.employee_id))


@router.get("/tasks/with-time", dependencies=[AS_OF], responses=UNCHANGED | UNKNOWN | {200: {"model": Tasks}})
async def list_tasks_with_time(request: Request, context: Context, wanted: Filter) -> Response:
    """All tasks with tracked time, most time first."""
    return await _all(request, context, replace(wanted, with_time=True), "-tracked", Tasks)


@router.get(
    "/tasks/with-comments", dependencies=[AS_OF], responses=UNCHANGED | UNKNOWN | {200: {"model": Tasks}}
)
async def list_tasks_with_comments(request: Request, context: Context, wanted: Filter) -> Response:
    """All tasks on which a comment waits for somebody, newest change first."""
    return await _all(request, context, replace(wanted, with_comments=True), "-updated", Tasks)


@router.get(
    "/tasks/{task_id}", dependencies=[AS_OF], responses=UNCHANGED | UNKNOWN | {200: {"model": TaskDetails}}
)
async def get_task(request: Request, context: Context, task_id: Id) -> Response:
    """One task by ClickUp's id, also a deleted one; 404 when the mirror never saw it."""

    async def make() -> bytes:
        task = await _known(context, task_id)
        values = await context.reports.tasks.field_values(task_id)
        precision = await context.precision("tasks", [task_id])
        answer = widen(TaskDetails, task, custom_field_values=values, precision=precision)
        return to_json(answer, context.zone)

    return await context.answer(request, make)


@router.get(
    "/dependencies/{task_id}",
    dependencies=[AS_OF],
    responses=UNCHANGED | UNKNOWN | {200: {"model": Dependencies}},
)
async def get_dependencies(request: Request, context: Context, task_id: Id) -> Response:
    """What a task waits on, blocks and is linked to, with titles and states."""

    async def make() -> bytes:
        await _known(context, task_id)
        related = await context.reports.tasks.related(task_id)
        precision = await context.precision("tasks", [task_id])
        return to_json(Dependencies(task_id, related, precision), context.zone)

    return await context.answer(request, make)


async def _known(context: ApiContext, task_id: str) -> Task:
    task = await context.reports.tasks.get(context.workspace_id, task_id)
    if task is None:
        raise unknown("task", task_id)
    return task


def _ids(tasks: list[Task]) -> list[str]:
    return [task.clickup_task_id for task in tasks]


# Makes an answer of the count, the tasks, and how exactly they are known.
MakeAnswer = Callable[[int, list[Task], Precision | None], Tasks | TasksOfEmployee]


async def _all(
    request: Request, context: ApiContext, wanted: TaskFilter, sort: Sort, make_answer: MakeAnswer
) -> Response:
    """All that pass; from memory where they are few, as a stream where they are many."""
    total = await context.reports.tasks.count(context.workspace_id, wanted)
    if total > LARGEST_PAGE:
        return LongResponse(_stream(context, wanted, sort, make_answer), media_type=JSON)

    async def make() -> bytes:
        page = await context.reports.tasks.page(context.workspace_id, wanted, sort, limit=2 * LARGEST_PAGE)
        precision = await context.precision("tasks", _ids(page.rows))
        return to_json(make_answer(len(page.rows), page.rows, precision), context.zone)

    return await context.answer(request, make)


async def _pages(
    context: ApiContext, wanted: TaskFilter, sort: Sort, cursor: Cursor | None, most: int | None, offset: int
) -> AsyncIterator[list[Task]]:
    """Page by page, each task once; at most so many."""
    seen: set[str] = set()
    while True:
        limit = LARGEST_PAGE if most is None else most - len(seen)
        page = await context.reports.tasks.page(
            context.workspace_id, wanted, sort, limit=limit, offset=0 if cursor else offset, cursor=cursor
        )
        tasks = [task for task in page.rows if task.clickup_task_id not in seen]
        seen |= {task.clickup_task_id for task in tasks}
        yield tasks
        cursor = page.cursor
        if cursor is None or len(seen) == most:
            return


async def _stream(
    context: ApiContext, wanted: TaskFilter, sort: Sort, make_answer: MakeAnswer
) -> AsyncIterator[bytes]:
    """Page by page, each task once; the count comes last, when it is known."""
    seen: set[str] = set()
    yield _head(make_answer, context.zone)
    cursor: Cursor | None = None
    while True:
        page = await context.reports.tasks.page(
            context.workspace_id, wanted, sort, limit=LARGEST_PAGE, cursor=cursor
        )
        for task in page.rows:
            if task.clickup_task_id not in seen:
                yield (b"," if seen else b"") + to_json(task, context.zone)
                seen.add(task.clickup_task_id)
        cursor = page.cursor
        if cursor is None:
            break
    yield b'],"count":%d' % len(seen)
    if precision := await context.precision("tasks"):
        yield b',"precision":' + to_json(precision, context.zone)
    yield b"}"


def _head(make_answer: MakeAnswer, zone: ZoneInfo) -> bytes:
    """The answer up to its first task, without the count."""
    return to_json(make_answer(0, [], None), zone).replace(b'"count":0,', b"").removesuffix(b"]}")
