"""Tasks over HTTP."""

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from app.api.csv import AS_CSV, begun, csv_response
from app.api.params import (
    LARGEST_PAGE,
    UNCHANGED,
    UNKNOWN,
    CursorText,
    Mirror,
    Offset,
    ids,
    unknown,
)
from app.api.people import PersonNames
from app.api.request_context import Asked
from app.api.response_cache import JSON, to_json
from app.api.task_schemas import Dependencies, Task, TaskPage, Tasks, TasksOfEmployee, WholeTask
from app.core.answers.paging import Cursor, write_cursor
from app.http.long_answers import LongResponse
from app.http.params import Day, Id, Moment, given_cursor
from app.http.problems import PROBLEMS
from app.reports.tasks import Deleted, Priority, Sort, StatusType, TaskFilter, check_place, question
from app.supabase_db import Row

router = APIRouter(tags=["tasks"], responses=PROBLEMS)

_PAGE = 100
_Ids = list[Id] | None


def anybodys_filter(
    status: Annotated[_Ids, ids("Status as named in ClickUp")] = None,
    status_type: Annotated[
        list[StatusType] | None, ids("open: not started; custom: in progress; done; closed")
    ] = None,
    priority: Annotated[list[Priority] | None, ids("Priority")] = None,
    list_id: Annotated[_Ids, ids("A list, by ClickUp's id or name")] = None,
    folder_id: Annotated[_Ids, ids("A folder, by ClickUp's id or name")] = None,
    space_id: Annotated[_Ids, ids("A space, by ClickUp's id or name")] = None,
    parent: Annotated[_Ids, ids("ClickUp's id of the task above")] = None,
    tag: Annotated[_Ids, ids("Tag")] = None,
    due_after: Annotated[Day | None, Query(description="Due on this day or later")] = None,
    due_before: Annotated[Day | None, Query(description="Due before this day")] = None,
    updated_since: Annotated[
        Moment | None, Query(description="Changed in ClickUp since; without an offset in UTC")
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
        str | None, Query(description="Words, or their beginnings, in titles or descriptions", max_length=500)
    ] = None,
) -> TaskFilter:
    """Which tasks. Several values of one filter mean any of them, several filters all of them."""
    return TaskFilter(
        statuses=status,
        status_types=status_type,
        priorities=priority,
        list_ids=list_id,
        folder_ids=folder_id,
        space_ids=space_id,
        parents=parent,
        tags=tag,
        due_after=due_after,
        due_before=due_before,
        updated_since=updated_since,
        open=open,
        overdue=overdue,
        unassigned=unassigned,
        archived=archived,
        deleted=deleted,
        words=q,
    )


# Whoever they are assigned to; names are not looked up yet.
AnybodysFilter = Annotated[TaskFilter, Depends(anybodys_filter)]


async def task_filter(mirror: Mirror, asked: AnybodysFilter, assignee: PersonNames = None) -> TaskFilter:
    """The same, and whose. Raises UnknownName for a name or an id that does not exist."""
    return await mirror.reports.lookup.task_filter(mirror.workspace_id, replace(asked, assignees=assignee))


Filter = Annotated[TaskFilter, Depends(task_filter)]


@router.get("/tasks", responses=UNCHANGED | UNKNOWN | {200: {"model": TaskPage, **AS_CSV}})
async def list_tasks(
    request: Request,
    mirror: Mirror,
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
    place = given_cursor(cursor, question(wanted, sort), partial(check_place, sort=sort))
    if format == "csv":
        pages = _pages(mirror, wanted, sort, place, limit, 0 if place else offset)
        return csv_response("tasks", list(Task.model_fields), await begun(pages), mirror.zone)

    async def make() -> bytes:
        page = await mirror.reports.tasks.page(
            mirror.workspace_id,
            wanted,
            sort,
            limit=limit or _PAGE,
            offset=0 if place else offset,
            cursor=place,
        )
        total = await mirror.reports.tasks.count(mirror.workspace_id, wanted)
        is_whole = place is None and offset == 0 and len(page.rows) == total
        return to_json(
            {
                "count": len(page.rows),
                "limit": limit or _PAGE,
                "offset": offset,
                "total": total,
                "next_cursor": write_cursor(page.cursor) if page.cursor and not is_whole else None,
                "tasks": page.rows,
            },
            mirror.zone,
        )

    return await mirror.answers.answer(request, make)


@router.get("/tasks/by-employee", responses=UNCHANGED | UNKNOWN | {200: {"model": TasksOfEmployee}})
async def list_tasks_of_employee(
    request: Request,
    mirror: Mirror,
    asked: AnybodysFilter,
    employee_id: Annotated[
        Id, Query(description="`id` of `/employees`, ClickUp's id, e-mail address or name of the person")
    ],
) -> Response:
    """All tasks assigned to one person, newest change first."""
    lookup, workspace_id = mirror.reports.lookup, mirror.workspace_id
    person = await lookup.person(workspace_id, employee_id)
    wanted = await lookup.task_filter(workspace_id, replace(asked, assignees=[person.clickup_user_id]))
    return await _all(request, mirror, wanted, "-updated", {"employee_id": person.employee_id})


@router.get("/tasks/with-time", responses=UNCHANGED | UNKNOWN | {200: {"model": Tasks}})
async def list_tasks_with_time(request: Request, mirror: Mirror, wanted: Filter) -> Response:
    """All tasks with tracked time, most time first."""
    return await _all(request, mirror, replace(wanted, with_time=True), "-tracked", {})


@router.get("/tasks/with-comments", responses=UNCHANGED | UNKNOWN | {200: {"model": Tasks}})
async def list_tasks_with_comments(request: Request, mirror: Mirror, wanted: Filter) -> Response:
    """All tasks on which a comment waits for somebody, newest change first."""
    return await _all(request, mirror, replace(wanted, with_comments=True), "-updated", {})


@router.get("/tasks/{task_id}", responses=UNCHANGED | UNKNOWN | {200: {"model": WholeTask}})
async def get_task(request: Request, mirror: Mirror, task_id: Id) -> Response:
    """One task by ClickUp's id, also a deleted one; 404 when the mirror never saw it."""

    async def make() -> bytes:
        task = await _known(mirror, task_id)
        values = await mirror.reports.tasks.field_values(task_id)
        return to_json(task | {"custom_field_values": values}, mirror.zone)

    return await mirror.answers.answer(request, make)


@router.get("/dependencies/{task_id}", responses=UNCHANGED | UNKNOWN | {200: {"model": Dependencies}})
async def get_dependencies(request: Request, mirror: Mirror, task_id: Id) -> Response:
    """What a task waits on, blocks and is linked to, with titles and states."""

    async def make() -> bytes:
        await _known(mirror, task_id)
        related = await mirror.reports.tasks.related(task_id)
        return to_json({"task_id": task_id, "dependencies": related}, mirror.zone)

    return await mirror.answers.answer(request, make)


async def _known(mirror: Asked, task_id: str) -> dict[str, Any]:
    task = await mirror.reports.tasks.get(mirror.workspace_id, task_id)
    if task is None:
        raise unknown("task", task_id)
    return task


async def _all(
    request: Request, mirror: Asked, wanted: TaskFilter, sort: Sort, head: dict[str, Any]
) -> Response:
    """All that pass; from memory where they are few, as a stream where they are many."""
    total = await mirror.reports.tasks.count(mirror.workspace_id, wanted)
    if total > LARGEST_PAGE:
        return LongResponse(_stream(mirror, wanted, sort, head), media_type=JSON)

    async def make() -> bytes:
        page = await mirror.reports.tasks.page(mirror.workspace_id, wanted, sort, limit=2 * LARGEST_PAGE)
        return to_json(head | {"count": len(page.rows), "tasks": page.rows}, mirror.zone)

    return await mirror.answers.answer(request, make)


async def _pages(
    mirror: Asked, wanted: TaskFilter, sort: Sort, cursor: Cursor | None, most: int | None, offset: int
) -> AsyncIterator[list[Row]]:
    """Page by page, each task once; at most so many."""
    seen: set[str] = set()
    while True:
        limit = LARGEST_PAGE if most is None else most - len(seen)
        page = await mirror.reports.tasks.page(
            mirror.workspace_id, wanted, sort, limit=limit, offset=0 if cursor else offset, cursor=cursor
        )
        rows = [row for row in page.rows if row["clickup_task_id"] not in seen]
        seen |= {row["clickup_task_id"] for row in rows}
        yield rows
        cursor = page.cursor
        if cursor is None or len(seen) == most:
            return


async def _stream(
    mirror: Asked, wanted: TaskFilter, sort: Sort, head: dict[str, Any]
) -> AsyncIterator[bytes]:
    """Page by page, each task once; the count comes last, when it is known."""
    seen: set[str] = set()
    yield to_json(head, mirror.zone)[:-1] + (b"," if head else b"") + b'"tasks":['
    cursor: Cursor | None = None
    while True:
        page = await mirror.reports.tasks.page(
            mirror.workspace_id, wanted, sort, limit=LARGEST_PAGE, cursor=cursor
        )
        for row in page.rows:
            if row["clickup_task_id"] not in seen:
                yield (b"," if seen else b"") + to_json(row, mirror.zone)
                seen.add(row["clickup_task_id"])
        cursor = page.cursor
        if cursor is None:
            break
    yield b'],"count":%d}' % len(seen)
