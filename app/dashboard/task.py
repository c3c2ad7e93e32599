"""The page of one task: what it is, who worked on it when, what was said, and what it hangs together with."""

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path
from starlette.responses import HTMLResponse

from app.core.answers.day import WRITTEN_DAY
from app.dashboard import timeline
from app.dashboard.clock import Clock
from app.dashboard.links import TASKS
from app.dashboard.request_context import Context, PageContext
from app.http.params import Id
from app.reports.places import Within
from app.reports.tasks import FieldValue, Task, TaskFilter
from app.reports.time import TimeFilter

router = APIRouter(include_in_schema=False)

_AMOUNT = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_MOST_SESSIONS, _MOST_COMMENTS, _MOST_SUBTASKS = 200, 100, 100


@router.get(TASKS + "/{task_id}")
async def show_task(context: Context, task_id: Annotated[Id, Path()]) -> HTMLResponse:
    """A task by ClickUp's id, also a deleted one; 404 when the mirror never saw it."""
    task = await context.reports.tasks.get(context.workspace_id, task_id)
    if task is None:
        raise HTTPException(404, f"Task {task_id} not found.")
    return await context.show("task.html", "tasks", task=task, **await _beside(context, task))


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
