"""The list of tasks: filters, search, order, page by page; all of it stands in the address."""

import asyncio
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.core.answers.paging import write_cursor
from app.dashboard.links import TASKS, Links
from app.dashboard.past import about, as_of
from app.dashboard.request_context import Context, PageContext
from app.dashboard.task_filters import TasksSaid, list_chips, list_menus, look_up
from app.dashboard.templating import html
from app.http.params import given_cursor
from app.reports.tasks import TaskFilter, check_place, question

router = APIRouter(include_in_schema=False)

# Words are found in an index and counted in the tasks: nobody waits for a word that all of them have.
_MOST_COUNTED = 10_000
# Column, the order it can be put in, and whether the most or latest comes first then.
_COLUMNS = (
    ("Task", "title", False),
    ("Status", None, False),
    ("Assignees", None, False),
    ("Priority", None, False),
    ("Due", "due", False),
    ("Changed", "updated", True),
    ("Tracked", "tracked", True),
)


@router.get(TASKS)
async def list_tasks(request: Request, context: Context, said: Annotated[TasksSaid, Query()]) -> Response:
    """One page of them; of a browser that changes a filter, only what changes is sent."""
    said, wanted, places = await look_up(context, said)
    asked = about(context, said.as_of, said.cursor)
    sort = said.sort
    place = given_cursor(
        said.cursor, question(wanted, sort), context.workspace_id, partial(check_place, sort=sort)
    )
    tasks, workspace_id = asked.reports.tasks, context.workspace_id
    page, (total, are_more), menus = await asyncio.gather(
        tasks.page(workspace_id, wanted, sort, limit=said.limit, cursor=place),
        _count(asked, wanted),
        list_menus(context, said, places),
    )
    state, links = said.state(), context.links
    is_whole = place is None and len(page.rows) == total
    now = links.to(TASKS, state, as_of=None)
    known: dict[str, Any] = {
        "tasks": page.rows,
        "as_of": await as_of(asked, now, "tasks", [task.clickup_task_id for task in page.rows]),
        "all_tasks": links.to(TASKS, as_of=said.as_of),
        "total": total,
        "are_more": are_more,
        "columns": [_column(links, state, *column) for column in _COLUMNS],
        "chips": list_chips(links, said, menus, context.clock),
        "first": links.to(TASKS, state) if place else None,
        "next": None
        if is_whole or page.cursor is None
        else links.to(TASKS, state, cursor=write_cursor(page.cursor, workspace_id)),
    }
    if request.headers.get("hx-target") == "results":
        answer: Response = html("tasks_found.html", clock=asked.clock, links=links, **known)
        answer.headers["HX-Push-Url"] = links.to(TASKS, state, cursor=said.cursor)
        return answer
    return await asked.show("tasks.html", "tasks", said=said, menus=menus, **known)


async def _count(context: PageContext, wanted: TaskFilter) -> tuple[int, bool]:
    """How many there are, and whether there are more than that."""
    most = _MOST_COUNTED + 1 if wanted.words else None
    total = await context.reports.tasks.count(context.workspace_id, wanted, most)
    return (_MOST_COUNTED, True) if total == most else (total, False)


def _column(
    links: Links, state: dict[str, Any], label: str, by: str | None, most_first: bool
) -> dict[str, Any]:
    """A column's head: how it is sorted now, and the address that sorts by it, or the other way round."""
    now = state.get("sort", "-updated")
    if by is None:
        return {"label": label, "order": None, "address": None}
    order = {by: "ascending", f"-{by}": "descending"}.get(now)
    usual = f"-{by}" if most_first else by
    other = by if now == usual and most_first else f"-{by}" if now == usual else usual
    sort = None if other == "-updated" else other
    return {"label": label, "order": order, "address": links.to(TASKS, state, sort=sort)}
