"""Tools: what and who needs a look."""

import asyncio
from dataclasses import asdict, dataclass
from typing import Annotated

from fastmcp.exceptions import ToolError
from pydantic import Field

from app.core.answers.fields import said
from app.core.answers.filters import (
    DAYS_OF_ATTENTION,
    DAYS_OF_WORKLOAD,
    MOST_ATTENTION_DAYS,
    MOST_WORKLOAD_DAYS,
    describe,
)
from app.core.answers.paging import digest
from app.mcp.answers import Page
from app.mcp.params import (
    AssigneeNames,
    CursorText,
    Limit,
    People,
    PlaceNames,
    Words,
    of,
    read_offset,
    read_place,
    take_page,
    write_offset,
    write_place,
)
from app.mcp.past import AnswerPrecision, AsOf, at, precision
from app.mcp.request_context import ToolContext
from app.reports.attention import AttentionFilter, AttentionTask, Condition, check_days
from app.reports.comments import CommentFilter, TeamWorkload, WaitingComment
from app.reports.workload import PersonWorkload


@dataclass(frozen=True, slots=True, kw_only=True)
class AttentionTasks(Page):
    """Tasks that the condition is true of."""

    condition: Annotated[Condition, said("What was asked for")]
    days: Annotated[int, said("The days that it was asked with; 0 where it needs none", 14)]
    tasks: Annotated[list[AttentionTask], said("Worst first")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload(Page):
    """Who has how much to do."""

    days: Annotated[int, said("For `due_soon` and `tracked_minutes`", 7)]
    people: Annotated[list[PersonWorkload], said("Everybody who is here, by name")]
    nobody: Annotated[
        PersonWorkload | None,
        said("Unassigned open tasks; only where all are asked for"),
    ] = None
    teams: Annotated[
        list[TeamWorkload], said("Teams that comments wait for; none where only some people are asked for")
    ]
    precision: AnswerPrecision = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingComments(Page):
    """Comments that wait for somebody."""

    comments: Annotated[list[WaitingComment], said("Newest first")]
    precision: AnswerPrecision = None


async def list_attention(
    context: ToolContext,
    condition: Annotated[
        Condition,
        of(
            f"{describe('condition')}. overdue: open and due before today. at_risk: open, due within "
            "`days` (3), and unassigned, not started, over its estimate, or blocked. stale: open, not "
            "changed and not worked on for `days` (14). blocked: open, waits on an open task. untracked: "
            "done within the last `days` (30), without any time"
        ),
    ],
    assignee: AssigneeNames = None,
    place: PlaceNames = None,
    days: Annotated[
        int | None,
        Field(
            ge=0,
            le=MOST_ATTENTION_DAYS,
            description=describe("days", DAYS_OF_ATTENTION),
        ),
    ] = None,
    limit: Limit = 20,
    cursor: CursorText = None,
) -> AttentionTasks:
    """Tasks that need attention, worst first: overdue, at risk, stale, blocked, or done without time.

    How many each person has of them is in get_workload.
    """
    try:
        asked_days = check_days(condition, days)
    except ValueError as error:
        raise ToolError(f"days: {error}") from None
    wanted = AttentionFilter(
        condition,
        await context.reports.lookup.user_ids(context.workspace_id, assignee),
        await context.reports.lookup.within(context.workspace_id, place),
        asked_days,
    )
    question = digest({"list": "attention", **asdict(wanted)})
    offset = read_offset(cursor, question, context.workspace_id)
    questions = context.reports.attention
    rows, total = await asyncio.gather(
        questions.page(
            context.workspace_id, wanted, today=context.today, now=context.now, limit=limit, offset=offset
        ),
        questions.count(context.workspace_id, wanted, context.today, context.now),
    )
    return AttentionTasks.of(
        context,
        total=total,
        next_cursor=write_offset(question, context, offset + limit, total),
        condition=condition,
        days=asked_days or 0,
        tasks=rows,
    )


async def get_workload(
    context: ToolContext,
    person: People = None,
    place: PlaceNames = None,
    days: Annotated[
        int,
        Field(ge=1, le=MOST_WORKLOAD_DAYS, description=describe("days", DAYS_OF_WORKLOAD)),
    ] = 7,
    as_of: AsOf = None,
    limit: Limit = 20,
    cursor: CursorText = None,
) -> Workload:
    """Who has how much to do: open, overdue and urgent tasks, estimates left, time of late, comments, timers.

    One row for each person who is here, by name, what nobody is assigned to, and the teams that comments wait
    for. The tasks themselves: find_tasks with `assignee`, or list_attention.
    """
    context = at(context, as_of, cursor)
    asked = await context.reports.lookup.user_ids(context.workspace_id, person)
    within = await context.reports.lookup.within(context.workspace_id, place)
    rows = await context.reports.workload.people(
        context.workspace_id,
        today=context.today,
        now=context.now,
        zone=context.zone,
        days=days,
        people=asked,
        within=within,
    )
    here = [row for row in rows if row.clickup_user_id is not None]
    question = digest({"list": "workload", "people": asked, "days": days, **within.params()})
    teams = (
        await context.reports.comments.count_by_team(context.workspace_id, within) if asked is None else []
    )
    shown, paged = take_page(here, question, context, limit, cursor)
    return Workload.of(
        context,
        **paged,
        days=days,
        people=list(shown),
        nobody=next((row for row in rows if row.clickup_user_id is None), None),
        teams=teams,
        precision=await precision(context, "tasks"),
    )


async def list_waiting_comments(
    context: ToolContext,
    person: People = None,
    team: Annotated[Words | None, of(describe("team"), ["Team A"])] = None,
    place: PlaceNames = None,
    as_of: AsOf = None,
    limit: Limit = 20,
    cursor: CursorText = None,
) -> WaitingComments:
    """Comments and replies that are assigned to a person or a team and not resolved, newest first.

    What waits for a team is in no person's own list. All comments of one task are in get_task.
    """
    context = at(context, as_of, cursor)
    wanted = CommentFilter(
        await context.reports.lookup.user_ids(context.workspace_id, person),
        team,
        await context.reports.lookup.within(context.workspace_id, place),
    )
    begin = read_place(cursor, wanted.question, context.workspace_id)
    page, total = await asyncio.gather(
        context.reports.comments.waiting(context.workspace_id, wanted, begin, limit, context.now),
        context.reports.comments.count_waiting(context.workspace_id, wanted),
    )
    return WaitingComments.of(
        context,
        total=total,
        next_cursor=write_place(page, begin, total, context.workspace_id),
        comments=page.rows,
        precision=await precision(context, "comments", [one.clickup_comment_id for one in page.rows]),
    )
