"""Tools: find tasks, read one, count them."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Annotated

from pydantic import BeforeValidator, Field

from app.core.answers.day import whole_day
from app.mcp.answer_schemas import fenced, instant, instant_said, maybe_line, time_said
from app.mcp.params import (
    CursorText,
    DayText,
    Limit,
    People,
    Places,
    Word,
    Words,
    of,
    read_day,
    read_place,
    write_place,
)
from app.mcp.request_context import Asked, Mirror
from app.mcp.task_rows import MOST_FIELDS, Detail, field_value, task_ref, task_row, unreadable
from app.mcp.task_schemas import (
    Comment,
    FoundTasks,
    Related,
    Session,
    StatusCount,
    StatusCounts,
    TaskRef,
    WholeTask,
)
from app.reports.places import Within
from app.reports.tasks import Deleted, Priority, Sort, StatusType, TaskFilter, check_place, question
from app.reports.time import TimeFilter
from app.supabase_db import Row

_MOST_FULL = 40
_MOST_SESSIONS, _MOST_COMMENTS, _MOST_SUBTASKS, _MOST_RELATED, _MOST_STATUSES = 20, 20, 50, 30, 100
_DESCRIPTION, _COMMENT, _WHOLE = 6_000, 500, 50_000
_DAY = timedelta(days=1)


async def find_tasks(
    mirror: Asked,
    words: Annotated[
        Word | None,
        of("Words, or beginnings of words, that must all be in the title or description", "invoice reminder"),
    ] = None,
    places: Places = None,
    assignees: People = None,
    statuses: Annotated[
        Words | None, of("Statuses by name; several mean any of them", ["in progress"])
    ] = None,
    status_types: Annotated[
        list[StatusType] | None,
        BeforeValidator(lambda given: [given] if isinstance(given, str) else given),
        Field(
            max_length=4,
            description="open: not started, custom: in progress, done, closed. Unfinished: open and custom",
        ),
    ] = None,
    priorities: Annotated[
        list[Priority] | None,
        BeforeValidator(lambda given: [given] if isinstance(given, str) else given),
        Field(max_length=4, description="Priorities; several mean any of them"),
    ] = None,
    tags: Annotated[Words | None, of("Tags; several mean any of them", ["billing"])] = None,
    parent: Annotated[Word | None, of("Only subtasks of this task, by id")] = None,
    due_from: Annotated[
        DayText | None, of("Due on this day or later; 2026-11-27, `today`, `tomorrow`")
    ] = None,
    due_to: Annotated[DayText | None, of("Due on this day or earlier")] = None,
    updated_from: Annotated[DayText | None, of("Changed in ClickUp on this day or later")] = None,
    with_waiting_comments: Annotated[bool, of("Only tasks with a comment to answer")] = False,
    with_time: Annotated[bool, of("Only tasks with tracked time")] = False,
    open: Annotated[bool | None, of("Only open tasks, or only others")] = None,
    overdue: Annotated[bool | None, of("Only open tasks due before today, or only others")] = None,
    unassigned: Annotated[
        bool | None, of("Only tasks without any assignee, person or team, or only others")
    ] = None,
    archived: Annotated[bool | None, of("Only archived ones, or none of them; all when left out")] = None,
    deleted: Annotated[Deleted, of("Tasks deleted in ClickUp: without, only, or with them")] = "exclude",
    sort: Annotated[Sort, of("The order; a leading - is descending")] = "-updated",
    detail: Annotated[
        Detail, of("full: with dates, estimate, tags, custom fields and the beginning of the description")
    ] = "brief",
    limit: Limit = 20,
    cursor: CursorText = None,
) -> FoundTasks:
    """Tasks by words, place, person, status, priority, tag or dates. All filters must be true of a task.

    For one task with its comments, sessions and subtasks ask get_task. For what is overdue, at risk, stale,
    blocked or done without time ask list_attention. For mere numbers by status ask count_tasks_by_status.
    With detail=full a page has at most 40 tasks.
    """
    wanted = TaskFilter(
        statuses=statuses,
        status_types=status_types,
        priorities=priorities,
        parents=[(await mirror.reports.lookup.task(mirror.workspace_id, parent))["clickup_task_id"]]
        if parent
        else None,
        assignees=assignees,
        tags=tags,
        due_after=read_day(due_from, mirror) if due_from else None,
        due_before=read_day(due_to, mirror) + _DAY if due_to else None,
        updated_since=whole_day(read_day(updated_from, mirror), mirror.zone).start if updated_from else None,
        open=open,
        overdue=overdue,
        unassigned=unassigned,
        archived=archived,
        deleted=deleted,
        with_time=with_time,
        with_comments=with_waiting_comments,
        words=words,
    )
    within = await mirror.reports.lookup.places(mirror.workspace_id, places)
    wanted = await mirror.reports.lookup.task_filter(mirror.workspace_id, _within(wanted, within))
    most = min(limit, _MOST_FULL) if detail == "full" else limit
    place = read_place(cursor, question(wanted, sort), partial(check_place, sort=sort))
    page, total = await asyncio.gather(
        mirror.reports.tasks.page(mirror.workspace_id, wanted, sort, limit=most, cursor=place),
        mirror.reports.tasks.count(mirror.workspace_id, wanted),
    )
    return FoundTasks.of(
        mirror,
        total=total,
        next_cursor=write_place(page, place, total),
        tasks=[task_row(row, mirror, detail) for row in page.rows],
    )


async def get_task(
    mirror: Asked,
    task_id: Annotated[Word, of("ClickUp's id, custom id or address of the task", "86abc1")],
    whole_texts: Annotated[
        bool, of("The description and each comment uncut; else the first 6,000 and 500 characters")
    ] = False,
) -> WholeTask:
    """One task with everything: description, dates, estimate, sessions, comments, subtasks, dependencies.

    Also for deleted tasks. To find its id by words in its title ask find_tasks.
    """
    row = await mirror.reports.lookup.task(mirror.workspace_id, task_id)
    key = row["clickup_task_id"]
    sessions = TimeFilter(within=Within(tasks=[key]))
    worked = await mirror.reports.time.page(mirror.workspace_id, sessions, None, _MOST_SESSIONS)
    comments = await mirror.reports.structure.comments(mirror.workspace_id, key, _MOST_COMMENTS)
    below = TaskFilter(parents=[key])
    subtasks = await mirror.reports.tasks.page(mirror.workspace_id, below, "created", limit=_MOST_SUBTASKS)
    related = await mirror.reports.tasks.related(key)
    values = await mirror.reports.tasks.field_values(key)
    return WholeTask.of(
        mirror,
        task=task_row(row, mirror, "full", excerpt=_WHOLE if whole_texts else _DESCRIPTION),
        custom_field_values=[field_value(one) for one in values[:MOST_FIELDS]],
        sessions_total=await mirror.reports.time.count(mirror.workspace_id, sessions),
        sessions=[_session(one, mirror) for one in worked.rows],
        comments_total=comments[0]["total"] if comments else 0,
        comments=[_comment(one, mirror, _WHOLE if whole_texts else _COMMENT) for one in comments],
        subtasks_total=await mirror.reports.tasks.count(mirror.workspace_id, below),
        subtasks=[task_ref(one, mirror) for one in subtasks.rows],
        dependencies=Related(
            **{relation: _refs(rows[:_MOST_RELATED], mirror) for relation, rows in related.items()}
        ),
        dependencies_left_out=sum(max(len(rows) - _MOST_RELATED, 0) for rows in related.values()) or None,
    )


async def count_tasks_by_status(
    mirror: Asked, places: Places = None, assignees: People = None
) -> StatusCounts:
    """How many tasks are in each status, and how many of them are overdue; without deleted and archived ones.

    Numbers only. For the tasks themselves ask find_tasks with `statuses`.
    """
    rows = await mirror.reports.progress.count_statuses(
        mirror.workspace_id,
        today=mirror.today,
        within=await mirror.reports.lookup.places(mirror.workspace_id, places),
        people=await mirror.reports.lookup.user_ids(mirror.workspace_id, assignees),
    )
    shown = [StatusCount(**row) for row in rows[:_MOST_STATUSES]]
    return StatusCounts.of(
        mirror,
        statuses=shown,
        left_out=max(len(rows) - _MOST_STATUSES, 0) or None,
    )


def _within(wanted: TaskFilter, within: Within) -> TaskFilter:
    return replace(wanted, list_ids=within.lists, folder_ids=within.folders, space_ids=within.spaces)


def _refs(rows: list[Row], mirror: Mirror) -> list[TaskRef]:
    return [task_ref(row, mirror) for row in rows]


def _session(row: Row, mirror: Mirror) -> Session:
    return Session(
        person=row["user_name"],
        started_at=instant(row["started_at"], mirror),
        started=instant_said(row["started_at"], mirror),
        ended_at=instant(row["ended_at"], mirror),
        minutes=row["minutes"],
        time=time_said(row["minutes"]),
        is_running=row["is_running"],
        description=maybe_line(row["description"]),
        unreadable_fields=unreadable(row),
    )


def _comment(row: Row, mirror: Mirror, most: int) -> Comment:
    return Comment(
        comment_id=row["clickup_comment_id"],
        reply_to=row["parent_comment_id"],
        author=row["author_name"],
        commented_at=instant(row["commented_at"], mirror),
        commented=instant_said(row["commented_at"], mirror),
        text=fenced(row["text"], most),
        unreadable_fields=unreadable(row),
        is_waiting=row["is_waiting"],
        waits_for=maybe_line(row["waits_for"]) if row["is_waiting"] else None,
        reactions=row["reaction_counts"] or None,
    )
