"""Tools: what and who needs a look."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

from pydantic import Field

from app.core.answers.paging import digest
from app.mcp.answer_schemas import fenced, instant, instant_said, line, maybe_line, time_said
from app.mcp.attention_schemas import (
    AttentionTask,
    AttentionTasks,
    Load,
    PersonLoad,
    TeamLoad,
    Waiting,
    WaitingComment,
    WaitingComments,
    Workload,
)
from app.mcp.params import (
    CursorText,
    Limit,
    People,
    Places,
    Words,
    of,
    read_offset,
    read_place,
    take_page,
    write_offset,
    write_place,
)
from app.mcp.request_context import Asked, Mirror
from app.mcp.task_rows import task_ref, where
from app.reports.attention import USUAL_DAYS, AttentionFilter, Condition
from app.reports.comments import CommentFilter
from app.supabase_db import Row

_MOST_DAYS = 3_660
_COMMENT, _MOST_WAITING = 500, 10


async def list_attention(
    mirror: Asked,
    condition: Annotated[
        Condition,
        of(
            "overdue: open and due before today. at_risk: open, due within `days` (3), and unassigned, not "
            "started, over its estimate, or blocked. stale: open, not changed and not worked on for `days` "
            "(14). blocked: open, waits on an open task. untracked: done within the last `days` (30), "
            "without any time"
        ),
    ],
    assignees: People = None,
    places: Places = None,
    days: Annotated[
        int | None,
        Field(ge=0, le=_MOST_DAYS, description="For at_risk, stale and untracked; as usual when left out"),
    ] = None,
    limit: Limit = 20,
    cursor: CursorText = None,
) -> AttentionTasks:
    """Tasks that need attention, worst first: overdue, at risk, stale, blocked, or done without time.

    How many each person has of them is in get_workload.
    """
    wanted = AttentionFilter(
        condition,
        await mirror.reports.lookup.user_ids(mirror.workspace_id, assignees),
        await mirror.reports.lookup.places(mirror.workspace_id, places),
        days,
    )
    question = digest({"list": "attention", **asdict(wanted)})
    offset = read_offset(cursor, question)
    questions = mirror.reports.attention
    rows, total = await asyncio.gather(
        questions.page(
            mirror.workspace_id, wanted, today=mirror.today, now=mirror.now, limit=limit, offset=offset
        ),
        questions.count(mirror.workspace_id, wanted, mirror.today, mirror.now),
    )
    return AttentionTasks.of(
        mirror,
        total=total,
        next_cursor=write_offset(question, offset + limit, total),
        condition=condition,
        days=USUAL_DAYS[condition] if days is None else days,
        tasks=[_attention(row, mirror) for row in rows],
    )


async def get_workload(
    mirror: Asked,
    people: People = None,
    places: Places = None,
    days: Annotated[
        int, Field(ge=1, le=_MOST_DAYS, description="How far due_soon looks ahead and tracked time back")
    ] = 7,
    limit: Limit = 20,
    cursor: CursorText = None,
) -> Workload:
    """Who has how much to do: open, overdue and urgent tasks, estimates left, time of late, comments, timers.

    One row for each person who is here, by name, what nobody is assigned to, and the teams that comments wait
    for. The tasks themselves: find_tasks with `assignees`, or list_attention.
    """
    asked = await mirror.reports.lookup.user_ids(mirror.workspace_id, people)
    within = await mirror.reports.lookup.places(mirror.workspace_id, places)
    rows = await mirror.reports.workload.people(
        mirror.workspace_id,
        today=mirror.today,
        now=mirror.now,
        zone=mirror.zone,
        days=days,
        people=asked,
        within=within,
    )
    here = [row for row in rows if row["clickup_user_id"] is not None]
    nobody = [row for row in rows if row["clickup_user_id"] is None]
    question = digest({"list": "workload", "people": asked, "days": days, **within.params()})
    teams = await mirror.reports.comments.count_by_team(mirror.workspace_id, within) if asked is None else []
    shown, paged = take_page(here, question, limit, cursor)
    return Workload.of(
        mirror,
        **paged,
        days=days,
        people=[_person_load(row) for row in shown],
        nobody=Load(**_load(nobody[0])) if nobody else None,
        teams=team_loads(teams),
    )


async def list_waiting_comments(
    mirror: Asked,
    people: Annotated[
        People, of("Only comments assigned to these people; all when left out", ["Ada Lovelace"])
    ] = None,
    teams: Annotated[
        Words | None, of("Only comments assigned to these teams, by exact name or id", ["Team A"])
    ] = None,
    places: Places = None,
    limit: Limit = 20,
    cursor: CursorText = None,
) -> WaitingComments:
    """Comments and replies that are assigned to a person or a team and not resolved, newest first.

    What waits for a team is in no person's own list. All comments of one task are in get_task.
    """
    wanted = CommentFilter(
        await mirror.reports.lookup.user_ids(mirror.workspace_id, people),
        teams,
        await mirror.reports.lookup.places(mirror.workspace_id, places),
    )
    place = read_place(cursor, wanted.question)
    page, total = await asyncio.gather(
        mirror.reports.comments.waiting(mirror.workspace_id, wanted, place, limit, mirror.now),
        mirror.reports.comments.count_waiting(mirror.workspace_id, wanted),
    )
    return WaitingComments.of(
        mirror,
        total=total,
        next_cursor=write_place(page, place, total),
        comments=[_comment(row, mirror) for row in page.rows],
    )


def _attention(row: Row, mirror: Mirror) -> AttentionTask:
    return AttentionTask(
        **task_ref(row, mirror).model_dump(),
        reasons=row["reasons"],
        days_overdue=row["days_overdue"],
        days_untouched=row["days_untouched"],
        done_at=instant(row["done_at"], mirror),
        estimate_minutes=row["time_estimate_minutes"],
        estimate=time_said(row["time_estimate_minutes"]),
        tracked_minutes=row["tracked_minutes"],
        tracked=time_said(row["tracked_minutes"]),
        waiting_on=_waiting_on(row["waiting_on"]),
    )


def _waiting_on(rows: Sequence[Row]) -> list[Waiting]:
    return [
        Waiting(
            task_id=row["clickup_task_id"],
            title=maybe_line(row["title"]),
            status=row["status"],
            assignees=maybe_line(row["assignee_name"]),
        )
        for row in rows[:_MOST_WAITING]
    ]


def _person_load(row: Row) -> PersonLoad:
    tracked = {"tracked_minutes": row["tracked_minutes"], "tracked": time_said(row["tracked_minutes"])}
    return PersonLoad(employee_id=row["employee_id"], name=line(row["name"]), **_load(row), **tracked)


def team_loads(rows: Sequence[Row]) -> list[TeamLoad]:
    """What waits for teams."""
    return [
        TeamLoad(team_id=row["team_id"], name=line(row["name"]), waiting_comments=row["waiting_comments"])
        for row in rows
    ]


def _load(row: Row) -> dict[str, Any]:
    counted = (
        "open_tasks",
        "overdue",
        "due_soon",
        "urgent",
        "unestimated",
        "waiting_comments",
        "running_timers",
    )
    spent = {
        name: value
        for kind in ("estimate", "remaining")
        for name, value in (
            (f"{kind}_minutes", row[f"{kind}_minutes"]),
            (kind, time_said(row[f"{kind}_minutes"])),
        )
    }
    return {name: row[name] for name in counted} | spent


def _comment(row: Row, mirror: Mirror) -> WaitingComment:
    return WaitingComment(
        comment_id=row["clickup_comment_id"],
        waits_for=maybe_line(row["waits_for"]),
        author=row["author_name"],
        text=fenced(row["text"], _COMMENT),
        commented_at=instant(row["commented_at"], mirror),
        commented=instant_said(row["commented_at"], mirror),
        age_days=row["age_days"],
        reactions=row["reaction_counts"] or None,
        task_id=row["clickup_task_id"],
        task=maybe_line(row["task_title"]),
        where=where(row),
        url=row["task_url"],
    )
