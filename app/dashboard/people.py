"""People: who has how much to do, what is overdue, and whose answer is waited for."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, HTTPException, Query
from pydantic import Field
from starlette.responses import HTMLResponse

from app.core.answers.filters import MOST_WORKLOAD_DAYS
from app.core.answers.formats import Formats
from app.core.answers.timesheet import part_dates
from app.dashboard.charts import hour_columns, task_bars
from app.dashboard.links import HOURS, PEOPLE
from app.dashboard.params import Said
from app.dashboard.request_context import Context, PageContext
from app.reports.attention import AttentionFilter, Condition
from app.reports.comments import CommentFilter, WaitingComment
from app.reports.people import Employee
from app.reports.time import TimeFilter, TimesheetQuery
from app.reports.workload import PersonWorkload

router = APIRouter(include_in_schema=False)

_MOST_BARS, _MOST_ROWS, _MOST_COMMENTS = 15, 50, 25
_DAYS_OF_CHART, _HALF = 14, 560


class PeopleSaid(Said):
    """`days`: how far ahead is soon, and how far back tracked time is summed."""

    days: int = Field(7, ge=1, le=MOST_WORKLOAD_DAYS)


@router.get(PEOPLE)
async def show_people(context: Context, said: Annotated[PeopleSaid, Query()]) -> HTMLResponse:
    """Everybody who is here, with what is open for them; and the comments that wait, newest first."""
    clock = context.clock
    everybody = CommentFilter()
    rows, comments, comments_total, teams = await asyncio.gather(
        context.reports.workload.people(
            context.workspace_id, today=clock.today, now=clock.now, zone=clock.zone, days=said.days
        ),
        _waiting(context, everybody),
        context.reports.comments.count_waiting(context.workspace_id, everybody),
        context.reports.comments.count_by_team(context.workspace_id),
    )
    return await context.show(
        "people.html",
        "people",
        days=said.days,
        people=[row for row in rows if row.clickup_user_id],
        nobody=next((row for row in rows if row.clickup_user_id is None and row.open_tasks), None),
        teams=teams,
        chart=_chart(rows, clock.formats),
        ranges=[(days, context.links.to(PEOPLE, days=days)) for days in (7, 14, 31)],
        comments=comments,
        comments_total=comments_total,
    )


@router.get(PEOPLE + "/{employee_id}")
async def show_person(context: Context, employee_id: UUID) -> HTMLResponse:
    """One person; 404 for who was never seen."""
    person = await _known(context, employee_id)
    asked = CommentFilter(people=[person.clickup_user_id])
    load, overdue, at_risk, blocked, comments, comments_total, chart = await asyncio.gather(
        _load(context, person.clickup_user_id),
        _tasks(context, person.clickup_user_id, "overdue"),
        _tasks(context, person.clickup_user_id, "at_risk"),
        _tasks(context, person.clickup_user_id, "blocked"),
        _waiting(context, asked),
        context.reports.comments.count_waiting(context.workspace_id, asked),
        _hours(context, person.clickup_user_id),
    )
    return await context.show(
        "person.html",
        "people",
        person=person,
        load=load,
        overdue=overdue,
        at_risk=at_risk,
        blocked=blocked,
        comments=comments,
        comments_total=comments_total,
        chart=chart,
        hours_link=context.links.to(HOURS, person=[employee_id]),
    )


async def _known(context: PageContext, employee_id: UUID) -> Employee:
    for row in await context.reports.people.employees(context.workspace_id):
        if row.id == employee_id:
            return row
    raise HTTPException(404, f"There is no person {employee_id}.")


async def _load(context: PageContext, clickup_user_id: str) -> PersonWorkload | None:
    """None for somebody who left."""
    clock = context.clock
    rows = await context.reports.workload.people(
        context.workspace_id, today=clock.today, now=clock.now, zone=clock.zone, people=[clickup_user_id]
    )
    return rows[0] if rows else None


async def _tasks(context: PageContext, clickup_user_id: str, condition: Condition) -> dict[str, Any]:
    """The worst of them, and how many there are."""
    wanted, clock = AttentionFilter(condition, [clickup_user_id]), context.clock
    attention, workspace_id = context.reports.attention, context.workspace_id
    rows, total = await asyncio.gather(
        attention.page(workspace_id, wanted, today=clock.today, now=clock.now, limit=_MOST_ROWS),
        attention.count(workspace_id, wanted, clock.today, clock.now),
    )
    return {"rows": rows, "total": total}


async def _waiting(context: PageContext, wanted: CommentFilter) -> list[WaitingComment]:
    page = await context.reports.comments.waiting(
        context.workspace_id, wanted, None, _MOST_COMMENTS, context.clock.now
    )
    return page.rows


def _chart(rows: Sequence[PersonWorkload], formats: Formats) -> Any:
    """Those who have the most to do."""
    busy = sorted((row for row in rows if row.clickup_user_id and row.open_tasks), key=_by_load)
    shown = busy[:_MOST_BARS]
    if not shown:
        return None
    return task_bars(
        [row.name or row.clickup_user_id or "" for row in shown],
        [("open", [row.open_tasks for row in shown]), ("overdue", [row.overdue for row in shown])],
        formats,
    )


def _by_load(row: PersonWorkload) -> tuple[int, str]:
    return -row.open_tasks, row.clickup_user_id or ""


async def _hours(context: PageContext, clickup_user_id: str) -> Any:
    """The last two weeks, by day."""
    last = context.clock.today
    first = last - timedelta(days=_DAYS_OF_CHART - 1)
    wanted = TimeFilter(people=[clickup_user_id], deleted="exclude")
    asked = TimesheetQuery(first, last, context.clock.zone, "all", wanted)
    sheets = (await context.reports.time.sheets(context.workspace_id, asked, context.clock.now)).sheets
    minutes = {part.day: part.minutes for sheet in sheets for part in sheet.parts}
    if not any(minutes.values()):
        return None
    days = part_dates(first, last, "day")
    labels = [context.clock.day(day) for day in days]
    return hour_columns(labels, [minutes.get(day, 0) for day in days], context.clock.formats, width=_HALF)
