"""Tools: find tasks, read one, count them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Literal

from fastmcp.exceptions import ToolError
from pydantic import BeforeValidator, Field

from app.core.answers.fields import (
    Archived,
    Assignees,
    DueDate,
    FolderName,
    IsOpen,
    IsOverdue,
    ListId,
    ListName,
    Priority,
    SpaceName,
    Status,
    StatusType,
    TaskId,
    TaskUrl,
    Title,
    Tracked,
    Updated,
    narrow,
    said,
)
from app.core.answers.filters import MOST_VALUES, ONE_TASK, describe
from app.mcp.answers import LeftOut, Page, TextAnswer, left_out
from app.mcp.params import (
    NEAR_DAYS,
    AssigneeNames,
    CursorText,
    DayText,
    Limit,
    PlaceNames,
    SinceText,
    Text,
    Word,
    Words,
    as_list,
    of,
    read_day,
    read_place,
    read_since,
    write_place,
)
from app.mcp.past import AnswerPrecision, AsOf, at, precision
from app.mcp.rendering import TextLimit
from app.mcp.request_context import ToolContext
from app.reports.places import Within
from app.reports.progress import StatusCount
from app.reports.structure import TaskComment
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
from app.reports.time import TimeEntry, TimeFilter

_MOST_FULL = 40
_MOST_SESSIONS, _MOST_COMMENTS, _MOST_SUBTASKS, _MOST_RELATED, _MOST_STATUSES = 20, 20, 50, 30, 100
_MOST_FIELDS = 20
_EXCERPT, _DESCRIPTION, _COMMENT, _WHOLE = 300, 6_000, 500, 50_000

Detail = Literal["brief", "full"]


@dataclass(frozen=True, slots=True)
class TaskBrief:
    """The main fields of a task."""

    clickup_task_id: TaskId
    title: Title
    status: Status
    status_type: StatusType
    priority: Priority
    assignee_name: Assignees
    space_name: SpaceName
    folder_name: FolderName
    list_id: ListId
    list_name: ListName
    due_date: DueDate
    date_updated: Updated
    tracked_minutes: Tracked
    is_open: IsOpen
    is_overdue: IsOverdue
    archived: Archived
    is_deleted: Annotated[bool, said("Deleted in ClickUp")]
    url: TaskUrl


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTasks(Page):
    """Tasks that pass the filters: with all their fields where `detail` is full."""

    tasks: Annotated[
        list[TaskBrief] | list[Task], TextLimit(_EXCERPT), said("In the order that was asked for")
    ]
    precision: AnswerPrecision = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDetails(TextAnswer):
    """One task, with its latest sessions and comments, its subtasks and dependencies."""

    task: Annotated[Task, TextLimit(_DESCRIPTION), said("The task")]
    custom_field_values: Annotated[
        list[FieldValue], said("The first 20 of its custom fields, with what ClickUp sent")
    ]
    sessions_total: Annotated[int, said("How many sessions of work it has in all")]
    sessions: Annotated[list[TimeEntry], said("The latest of them, newest first")]
    comments_total: Annotated[int, said("How many comments and replies it has in all")]
    comments: Annotated[list[TaskComment], TextLimit(_COMMENT), said("The latest of them, newest first")]
    subtasks_total: Annotated[int, said("How many tasks stand directly below it, deleted ones not counted")]
    subtasks: Annotated[list[TaskBrief], said("The first of them")]
    dependencies: Annotated[Relations, said("What it waits on, blocks and is linked to")]
    dependencies_left_out: LeftOut = None
    precision: AnswerPrecision = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeTask(TaskDetails):
    """The same with whole texts."""

    task: Annotated[Task, TextLimit(_WHOLE), said("The task")]
    comments: Annotated[list[TaskComment], TextLimit(_WHOLE), said("The latest of them, newest first")]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusCounts(TextAnswer):
    """Tasks by status."""

    statuses: Annotated[list[StatusCount], said("Open ones first, then those in progress, done and closed")]
    left_out: LeftOut = None
    precision: AnswerPrecision = None


async def find_tasks(
    context: ToolContext,
    q: Annotated[
        Text | None,
        of(describe("q"), "invoice reminder"),
    ] = None,
    place: PlaceNames = None,
    assignee: AssigneeNames = None,
    status: Annotated[Words | None, of(describe("status"), ["in progress"])] = None,
    status_type: Annotated[
        list[TaskStatusType] | None,
        BeforeValidator(as_list),
        Field(
            max_length=MOST_VALUES,
            description=describe("status_type"),
        ),
    ] = None,
    priority: Annotated[
        list[TaskPriority] | None,
        BeforeValidator(as_list),
        Field(max_length=MOST_VALUES, description=describe("priority")),
    ] = None,
    tag: Annotated[Words | None, of(describe("tag"), ["billing"])] = None,
    parent: Annotated[Words | None, of(describe("parent"), ["86abc1"])] = None,
    due_from: Annotated[DayText | None, of(describe("due_from", NEAR_DAYS))] = None,
    due_to: Annotated[DayText | None, of(describe("due_to", NEAR_DAYS))] = None,
    updated_since: Annotated[
        SinceText | None, of(describe("updated_since"), "2026-11-27T09:00:00+01:00")
    ] = None,
    with_comments: Annotated[bool, of(describe("with_comments"))] = False,
    with_time: Annotated[bool, of(describe("with_time"))] = False,
    open: Annotated[bool | None, of(describe("open"))] = None,
    overdue: Annotated[bool | None, of(describe("overdue"))] = None,
    unassigned: Annotated[bool | None, of(describe("unassigned"))] = None,
    archived: Annotated[bool | None, of(describe("archived"))] = None,
    deleted: Annotated[Deleted, of(describe("deleted"))] = "exclude",
    sort: Annotated[Sort, of(describe("sort"))] = "-updated",
    detail: Annotated[
        Detail, of("full: with dates, estimate, tags, custom fields and the beginning of the description")
    ] = "brief",
    as_of: AsOf = None,
    limit: Limit = 20,
    cursor: CursorText = None,
) -> FoundTasks:
    """Tasks by words, place, person, status, priority, tag or dates. All filters must be true of a task.

    For one task with its comments, sessions and subtasks ask get_task. For what is overdue, at risk, stale,
    blocked or done without time ask list_attention. For mere numbers by status ask count_tasks_by_status.
    What changed, when and by whom: list_changes. With detail=full a page has at most 40 tasks.
    """
    context = at(context, as_of, cursor)
    wanted = TaskFilter(
        statuses=status,
        status_types=status_type,
        priorities=priority,
        parents=parent,
        assignees=assignee,
        tags=tag,
        due_from=read_day(due_from, context) if due_from else None,
        due_to=read_day(due_to, context) if due_to else None,
        updated_since=read_since(updated_since, context, "updated_since") if updated_since else None,
        open=open,
        overdue=overdue,
        unassigned=unassigned,
        archived=archived,
        deleted=deleted,
        with_time=with_time,
        with_comments=with_comments,
        words=q,
    )
    wanted = await context.reports.lookup.task_filter(context.workspace_id, wanted, place)
    most = min(limit, _MOST_FULL) if detail == "full" else limit
    begin = read_place(cursor, question(wanted, sort), context.workspace_id, partial(check_place, sort=sort))
    page, total = await asyncio.gather(
        context.reports.tasks.page(context.workspace_id, wanted, sort, limit=most, cursor=begin),
        context.reports.tasks.count(context.workspace_id, wanted),
    )
    return FoundTasks.of(
        context,
        total=total,
        next_cursor=write_place(page, begin, total, context.workspace_id),
        tasks=page.rows if detail == "full" else _briefly(page.rows),
        precision=await precision(context, "tasks", [one.clickup_task_id for one in page.rows]),
    )


async def get_task(
    context: ToolContext,
    task_id: Annotated[Word, of(describe(ONE_TASK), "86abc1")],
    whole_texts: Annotated[
        bool, of("The description and each comment uncut; else the first 6,000 and 500 characters")
    ] = False,
    as_of: AsOf = None,
) -> TaskDetails:
    """One task with everything: description, dates, estimate, sessions, comments, subtasks, dependencies.

    Also for deleted tasks. To find its id by words in its title ask find_tasks; its history: list_changes.
    """
    context = at(context, as_of)
    workspace_id, reports = context.workspace_id, context.reports
    task = await _as_it_was(await reports.lookup.task(workspace_id, task_id), context)
    key = task.clickup_task_id
    worked, below = TimeFilter(within=Within(tasks=[key])), TaskFilter(parents=[key])
    related = await reports.tasks.related(key)
    return (WholeTask if whole_texts else TaskDetails).of(
        context,
        task=task,
        custom_field_values=(await reports.tasks.field_values(key))[:_MOST_FIELDS],
        sessions_total=await reports.time.count(workspace_id, worked),
        sessions=(await reports.time.page(workspace_id, worked, None, _MOST_SESSIONS)).rows,
        comments_total=await reports.structure.count_comments(workspace_id, key),
        comments=await reports.structure.comments(workspace_id, key, _MOST_COMMENTS),
        subtasks_total=await reports.tasks.count(workspace_id, below),
        subtasks=_briefly(
            (await reports.tasks.page(workspace_id, below, "created", limit=_MOST_SUBTASKS)).rows
        ),
        dependencies=Relations(
            related.waiting_on[:_MOST_RELATED],
            related.blocking[:_MOST_RELATED],
            related.linked[:_MOST_RELATED],
        ),
        dependencies_left_out=left_out(
            sum(
                max(len(tasks) - _MOST_RELATED, 0)
                for tasks in (related.waiting_on, related.blocking, related.linked)
            )
        ),
        precision=await precision(context, "tasks", [key]),
    )


async def count_tasks_by_status(
    context: ToolContext, place: PlaceNames = None, assignee: AssigneeNames = None, as_of: AsOf = None
) -> StatusCounts:
    """How many tasks are in each status, and how many of them are overdue; without deleted and archived ones.

    Numbers only. For the tasks themselves ask find_tasks with `status`.
    """
    context = at(context, as_of)
    rows = await context.reports.progress.count_statuses(
        context.workspace_id,
        today=context.today,
        within=await context.reports.lookup.within(context.workspace_id, place),
        people=await context.reports.lookup.user_ids(context.workspace_id, assignee),
    )
    return StatusCounts.of(
        context,
        statuses=rows[:_MOST_STATUSES],
        left_out=left_out(len(rows) - _MOST_STATUSES),
        precision=await precision(context, "tasks"),
    )


async def _as_it_was(found: Task, context: ToolContext) -> Task:
    """The task at the instant that is asked about. Raises the ToolError where it was not there yet."""
    if context.as_of is None:
        return found
    key = found.clickup_task_id
    if task := await context.reports.tasks.get(context.workspace_id, key):
        return task
    raise ToolError(f"as_of: task {key} was not there yet")


def _briefly(tasks: Sequence[Task]) -> list[TaskBrief]:
    return [narrow(TaskBrief, task) for task in tasks]
