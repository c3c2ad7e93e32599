"""The page of one task: what it is, who worked on it when, what was said, and what it hangs together with."""

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Path, Query
from starlette.responses import HTMLResponse

from app.core.answers.day import WRITTEN_DAY
from app.core.answers.paging import write_cursor
from app.dashboard import timeline
from app.dashboard.changes import Told, tell
from app.dashboard.clock import Clock
from app.dashboard.links import TASKS
from app.dashboard.params import CursorText
from app.dashboard.request_context import Context, PageContext
from app.http.params import Id, given_cursor
from app.reports.history import check_place, question_of_task
from app.reports.places import Within
from app.reports.tasks import FieldValue, Task, TaskFilter
from app.reports.time import TimeFilter

router = APIRouter(include_in_schema=False)

_AMOUNT = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_MOST_SESSIONS, _MOST_COMMENTS, _MOST_SUBTASKS = 200, 100, 100
_CHANGES = 20


@router.get(TASKS + "/{task_id}")
async def show_task(
    context: Context, task_id: Annotated[Id, Path()], cursor: Annotated[CursorText | None, Query()] = None
) -> HTMLResponse:
    """A task by ClickUp's id, also a deleted one; 404 when the mirror never saw it.

    `cursor`: where its history goes on.
    """
    task = await context.reports.tasks.get(context.workspace_id, task_id)
    if task is None:
        raise HTTPException(404, f"Task {task_id} not found.")
    history = await _history(context, task_id, cursor)
    return await context.show(
        "task.html", "tasks", task=task, history=history, **await _beside(context, task)
    )


@dataclass(frozen=True, slots=True)
class Field:
    """A custom field: `links` are what it leads to, by name; `raw` what ClickUp sent, if that says more."""

    label: str
    text: str
    links: list[tuple[str, str]]
    raw: str | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the task's row; a list or a document is several texts, so that none turns another round."""

    name: str
    texts: list[str]


def _columns(task: Task, clock: Clock) -> list[Column]:
    """Every column that has a value, also those that the page shows nowhere else."""
    values = {field.name: getattr(task, field.name) for field in fields(task)}
    known = {name: value for name, value in values.items() if value not in (None, "", [], {})}
    return [Column(name, list(_texts(value, clock))) for name, value in known.items()]


def _texts(value: Any, clock: Clock) -> Iterator[str]:
    if isinstance(value, dict):
        value = [part for pair in value.items() for part in pair]
    if isinstance(value, list):
        for part in value:
            yield from _texts(part, clock)
    else:
        yield clock.full(value) if isinstance(value, datetime) else str(value)


def _field(row: FieldValue, clock: Clock) -> Field:
    text = row.value_text if row.value_text is not None else "–"
    value = row.value
    raw = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
    return Field(row.label, _spoken(row.type, text, clock), _links(row), raw if raw != text else None)


def _spoken(kind: str | None, text: str, clock: Clock) -> str:
    """A date or an amount as people write it; other numbers may be years or numbers of invoices."""
    if kind == "date" and WRITTEN_DAY.fullmatch(text):
        return clock.formats.day(date.fromisoformat(text))
    if kind == "date" and WRITTEN_DAY.match(text):
        return clock.full(datetime.fromisoformat(text))
    amount, _, code = text.partition(" ")
    if kind == "currency" and _AMOUNT.fullmatch(amount):
        return f"{clock.formats.number(Decimal(amount))} {code}".strip()
    return text


def _links(row: FieldValue) -> list[tuple[str, str]]:
    """The files of an attachment, or the address of a url field; none that would be no web page."""
    value = row.value
    if row.type == "attachment" and isinstance(value, list):
        files = [file for file in value if isinstance(file, dict)]
        named = [(str(file.get("title") or file.get("url")), str(file.get("url"))) for file in files]
    else:
        named = [(value, value)] if row.type == "url" and isinstance(value, str) else []
    is_safe = all(address.startswith(("https://", "http://")) for _, address in named)
    return named if is_safe else []


@dataclass(frozen=True, slots=True)
class History:
    """Some changes, newest first; `newest`: the address of the first ones, None where these are shown."""

    changes: list[Told]
    newest: str | None
    earlier: str | None


async def _history(context: PageContext, task_id: str, cursor: str | None) -> History:
    """Raises the 422 for a cursor that is none of this task."""
    workspace_id, here = context.workspace_id, f"{TASKS}/{quote(task_id, safe='')}"
    place = given_cursor(cursor, question_of_task(task_id, oldest_first=False), workspace_id, check_place)
    page = await context.reports.history.of_task(workspace_id, task_id, place, _CHANGES, oldest_first=False)
    earlier = context.links.to(here, cursor=write_cursor(page.cursor, workspace_id)) if page.cursor else None
    return History(await tell(context, page.rows), context.links.to(here) if place else None, earlier)


async def _beside(context: PageContext, task: Task) -> dict[str, Any]:
    reports, workspace_id, task_id = context.reports, context.workspace_id, task.clickup_task_id
    worked = TimeFilter(within=Within(tasks=[task_id]))
    below = TaskFilter(parents=[task_id], deleted="include")
    worked_on, sessions_total, comments, comments_total, subtasks, subtasks_total = await asyncio.gather(
        reports.time.page(workspace_id, worked, None, _MOST_SESSIONS),
        reports.time.count(workspace_id, worked),
        reports.structure.comments(workspace_id, task_id, _MOST_COMMENTS),
        reports.structure.count_comments(workspace_id, task_id),
        reports.tasks.page(workspace_id, below, "created", limit=_MOST_SUBTASKS),
        reports.tasks.count(workspace_id, below),
    )
    return {
        "sessions": worked_on.rows,
        "sessions_total": sessions_total,
        "timeline": timeline.draw(worked_on.rows, context.clock),
        "comments": comments,
        "comments_total": comments_total,
        "subtasks": subtasks.rows,
        "subtasks_total": subtasks_total,
        "related": await reports.tasks.related(task_id),
        "columns": _columns(task, context.clock),
        "fields": [_field(value, context.clock) for value in await reports.tasks.field_values(task_id)],
        "parent": await reports.tasks.get(workspace_id, task.parent) if task.parent else None,
    }
