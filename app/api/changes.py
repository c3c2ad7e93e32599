"""What changed, over HTTP: for people newest first, for programs as a feed, and of one task."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from app.api.csv import AS_CSV, WantsCsv, begun, csv_response
from app.api.json_encoding import to_json
from app.api.page_fields import Count, NextCursor, PageLimit
from app.api.params import LARGEST_PAGE, UNCHANGED, UNKNOWN, CursorText, Limit, ids, unknown
from app.api.places import Place
from app.api.request_context import ApiContext, Context
from app.core.answers.day import beginning_of, end_of
from app.core.answers.fields import WhereNone, said
from app.core.answers.filters import describe
from app.core.answers.paging import Cursor, read_cursor, write_cursor
from app.http.params import Id, Since, fault, given_cursor
from app.http.problems import PROBLEMS
from app.reports.history import (
    Change,
    ChangeFilter,
    ObjectType,
    Operation,
    check_place,
    cursor_at,
    position_of,
    question_of_task,
)

router = APIRouter(tags=["history"], responses=PROBLEMS)

_PAGE = 100
# Where a feed begins without the cursor of an answer.
_BEGINNING, _NOW = "beginning", "now"
# A position is one whatever the filters are.
_FEED = "changes, as they became known"


@dataclass(frozen=True, slots=True)
class ChangePage:
    """One page of changes."""

    count: Count
    limit: PageLimit
    next_cursor: NextCursor
    after: Annotated[
        str | None,
        WhereNone.LEFT_OUT,
        said("Send it as `after`, now or at any later time, for what became known since; not with `cursor`"),
    ]
    changes: list[Change]


async def change_filter(
    context: Context,
    place: Place,
    since: Annotated[Since | None, Query(description=describe("since", "without an offset in UTC"))] = None,
    until: Annotated[Since | None, Query(description=describe("until"))] = None,
    user: Annotated[list[Id] | None, ids("user")] = None,
    field: Annotated[list[Id] | None, ids("field")] = None,
    object: Annotated[list[ObjectType] | None, ids("object")] = None,
    operation: Annotated[list[Operation] | None, ids("operation")] = None,
) -> ChangeFilter:
    """Which changes. Several values of one filter mean any of them, several filters all of them."""
    if field:
        await context.reports.history.check_fields(field)
    begin = beginning_of(since, context.zone) if since else None
    end = end_of(until, context.zone) if until else None
    if begin and end and begin >= end:
        raise fault("since", f"{since} is not before {until}, which is `until`")
    users = await context.reports.lookup.user_ids(context.workspace_id, user)
    return ChangeFilter(begin, end, users, field, object, operation, place)


@router.get("/changes", responses=UNCHANGED | UNKNOWN | {200: {"model": ChangePage, **AS_CSV}})
async def list_changes(
    request: Request,
    context: Context,
    wanted: Annotated[ChangeFilter, Depends(change_filter)],
    as_csv: WantsCsv,
    limit: Annotated[
        int | None,
        Query(ge=1, le=LARGEST_PAGE, description="Rows on a page, 100 without it; CSV without it has all"),
    ] = None,
    cursor: CursorText = None,
    after: Annotated[str | None, Query(description=describe("after"), max_length=2_000)] = None,
) -> Response:
    """What changed, newest first; with `after`, what became known since, oldest first.

    A change that becomes known better, as by a webhook that says who did it, comes again in the feed, with
    the same `change_id`. `operation=deleted` has what was deleted.
    """
    if cursor is not None and after is not None:
        raise fault("after", "not together with `cursor`: that is of a list, newest first")
    place = given_cursor(cursor, wanted.question, context.workspace_id, check_place)
    start = await _start(context, after)
    if as_csv:
        return csv_response(
            "changes", Change, await begun(_pages(context, wanted, place, start, limit)), context.zone
        )

    async def make() -> bytes:
        if start is None:
            answer = await _newest(context, wanted, place, limit or _PAGE)
        else:
            answer = await _feed(context, wanted, start, limit or _PAGE)
        return to_json(answer, context.zone)

    answer = await context.answers.answer(request, make, by_address=False, of_internal_tables=True)
    answer.headers["Vary"] = "Accept"
    return answer


@dataclass(frozen=True, slots=True)
class TaskHistory:
    """One page of the changes of a task, its time entries and its comments."""

    task_id: Annotated[str, said("ClickUp's id of the task", "86abc1")]
    count: Count
    limit: PageLimit
    next_cursor: NextCursor
    changes: list[Change]


@router.get("/tasks/{task_id}/history", responses=UNCHANGED | UNKNOWN | {200: {"model": TaskHistory}})
async def get_task_history(
    request: Request,
    context: Context,
    task_id: Id,
    sort: Annotated[
        Literal["-changed", "changed"],
        Query(description=describe("sort", "newest first, or with `changed` oldest first")),
    ] = "-changed",
    limit: Limit = _PAGE,
    cursor: CursorText = None,
) -> Response:
    """Changes of a task, its time entries and its comments, by ClickUp's id; also of a deleted one."""
    oldest_first = sort == "changed"
    question = question_of_task(task_id, oldest_first=oldest_first)
    place = given_cursor(cursor, question, context.workspace_id, check_place)

    async def make() -> bytes:
        if await context.reports.tasks.get(context.workspace_id, task_id) is None:
            raise unknown("task", task_id)
        page = await context.reports.history.of_task(
            context.workspace_id, task_id, place, limit, oldest_first=oldest_first
        )
        following = write_cursor(page.cursor, context.workspace_id) if page.cursor else None
        return to_json(TaskHistory(task_id, len(page.rows), limit, following, page.rows), context.zone)

    return await context.answers.answer(request, make, of_internal_tables=True)


async def _start(context: ApiContext, after: str | None) -> int | None:
    """The position that a feed goes on from; None where no feed is asked for."""
    if after is None:
        return None
    if after == _BEGINNING:
        return 0
    if after == _NOW:
        return await context.reports.history.last_position(context.workspace_id)
    try:
        return position_of(read_cursor(after, _FEED, context.workspace_id))
    except ValueError:
        raise fault("after", "it is no `after` of an answer; use one, `beginning` or `now`") from None


async def _newest(context: ApiContext, wanted: ChangeFilter, place: Cursor | None, limit: int) -> ChangePage:
    # The position first: what comes meanwhile is in the feed again, and nothing is left out.
    reports = context.reports.history
    position = await reports.last_position(context.workspace_id) if place is None else None
    page = await reports.changes(context.workspace_id, wanted, place, limit)
    following = write_cursor(page.cursor, context.workspace_id) if page.cursor else None
    after = None if position is None else _after(context, position)
    return ChangePage(len(page.rows), limit, following, after, page.rows)


async def _feed(context: ApiContext, wanted: ChangeFilter, start: int, limit: int) -> ChangePage:
    rows, position = await context.reports.history.changes_after(context.workspace_id, wanted, start, limit)
    return ChangePage(len(rows), limit, None, _after(context, position), rows)


def _after(context: ApiContext, position: int) -> str:
    return write_cursor(cursor_at(_FEED, position), context.workspace_id)


async def _pages(
    context: ApiContext, wanted: ChangeFilter, place: Cursor | None, start: int | None, most: int | None
) -> AsyncIterator[list[Change]]:
    """Page by page, newest first, or from a position on; at most so many."""
    reports, told = context.reports.history, 0
    while True:
        limit = LARGEST_PAGE if most is None else min(LARGEST_PAGE, most - told)
        if start is None:
            page = await reports.changes(context.workspace_id, wanted, place, limit)
            rows, place = page.rows, page.cursor
        else:
            rows, start = await reports.changes_after(context.workspace_id, wanted, start, limit)
        yield rows
        told += len(rows)
        if len(rows) < limit or told == most:
            return
