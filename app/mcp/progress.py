"""Tools: a day, a week, and what happened since."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.core.answers.day import whole_day
from app.core.answers.fields import (
    ForAssistants,
    InWords,
    OptionalTitle,
    Status,
    Written,
    narrow,
    said,
    widen,
)
from app.core.answers.filters import describe
from app.core.answers.paging import digest
from app.core.answers.standup import PersonDay, RunningTask, WorkedTask
from app.core.answers.sums import Progress
from app.core.answers.timesheet import AnySheet, Sheet
from app.mcp.answers import LeftOut, Page, TextAnswer, left_out
from app.mcp.params import (
    NEAR_DAYS,
    AssigneeNames,
    CursorText,
    DayText,
    FirstDay,
    From,
    LastDay,
    Limit,
    People,
    PlaceNames,
    To,
    of,
    read_day,
    read_days,
    read_week,
    take_page,
)
from app.mcp.request_context import ToolContext
from app.reports.comments import TeamWorkload
from app.reports.digest import WeekFigures
from app.reports.progress import Accuracy, CompletedTask, Of

_MOST_OF_A_DAY, _MOST_SHARES, _MOST_DONE = 8, 20, 10
By = Annotated[Of, of(describe("group_by"))]


@dataclass(frozen=True, slots=True)
class DayTask:
    """A task of somebody's day, and the person's time on it; without an id: time of no task."""

    clickup_task_id: Annotated[str | None, said("ClickUp's id; left out for time of no task", "86abc1")]
    title: OptionalTitle
    status: Status
    list_name: Annotated[str | None, Written.LINE, said("List", "Sprint 12")]


@dataclass(frozen=True, slots=True)
class DayWork(DayTask):
    """The same, and the person's time on it that day."""

    minutes: Annotated[int, InWords.MINUTES, said("Whole minutes of the person's time that day", 125)]


@dataclass(frozen=True, slots=True)
class StandupPerson:
    """One person's day; of each list the first eight."""

    employee_id: Annotated[UUID | None, said("The person in `find_people`; left out for who is not there")]
    name: Annotated[str | None, Written.LINE, ForAssistants.ALWAYS, said("The person's name", "Ada Lovelace")]
    minutes: Annotated[int, InWords.MINUTES, said("Whole minutes of all finished time of that day", 412)]
    done: Annotated[list[DayTask], said("Tasks of theirs that were done that day")]
    done_left_out: LeftOut
    worked: Annotated[list[DayWork], said("Where their finished time of that day went, most first")]
    worked_left_out: LeftOut
    running: Annotated[list[DayWork], said("Timers of theirs that run, with their time up to now")]
    due: Annotated[list[DayTask], said("Open tasks of theirs that are due that day")]
    due_left_out: LeftOut
    waiting_comments: Annotated[int, said("Comments that wait for their answer now", 2)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standup(Page):
    """A day of everybody."""

    day: Annotated[date, InWords.DAY, said("The day, in `zone`", "2026-11-27", name="date")]
    people: Annotated[list[StandupPerson], said("By name; who has nothing that day is left out")]
    teams: Annotated[
        list[TeamWorkload],
        said("Teams that comments wait for now; none where only some people are asked for"),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest(TextAnswer):
    """A week in a few words."""

    week: Annotated[WeekFigures, said("The week")]
    previous: Annotated[WeekFigures, said("The week before it")]
    by_person: Annotated[list[Sheet], said("Time by person, most first")]
    by_person_left_out: LeftOut = None
    by_space: Annotated[list[Sheet], said("Time by space, most first")]
    by_space_left_out: LeftOut = None
    most_time: Annotated[list[Sheet], said("The ten tasks with the most time")]
    overdue: Annotated[int, said("Open tasks that are overdue now", 12)]
    blocked: Annotated[int, said("Open tasks that wait on an open task now", 3)]
    waiting_comments: Annotated[int, said("Comments that wait for an answer now", 8)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressAnswer(Page):
    """What happened since a day."""

    first: FirstDay
    last: LastDay
    group_by: Annotated[Of, said("What each row is of")]
    progress: Annotated[list[Progress], said("By name; whoever or whatever has nothing is left out")]
    done_total: Annotated[int, said("How many tasks were done then", 35)]
    done: Annotated[list[CompletedTask], said("The latest ten of them; on the first page only")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccuracyAnswer(Page):
    """Estimates beside what it took."""

    first: FirstDay
    last: LastDay
    group_by: Annotated[Of, said("What each row is of")]
    accuracy: Annotated[list[Accuracy], said("By name")]


async def get_standup(
    context: ToolContext,
    day: Annotated[
        DayText,
        Field(alias="date", description=describe("date", NEAR_DAYS)),
    ] = "today",
    person: People = None,
    limit: Limit = 20,
    cursor: CursorText = None,
) -> Standup:
    """What each person did on a day: tasks done, where the time went, timers that run, what was due that day.

    For a stand-up ask for yesterday and for today. Of each list the first eight are told. Hours of several
    days are in get_timesheet, a week of everybody in get_weekly_digest.
    """
    on = read_day(day, context)
    user_ids = await context.reports.lookup.user_ids(context.workspace_id, person)
    rows = await context.reports.digest.standup(
        context.workspace_id, whole_day(on, context.zone), now=context.now, people=user_ids
    )
    by_team = context.reports.comments.count_by_team
    teams = await by_team(context.workspace_id) if user_ids is None else []
    question = digest({"list": "standup", "day": on, "people": user_ids})
    shown, paged = take_page(rows, question, context, limit, cursor)
    return Standup.of(
        context,
        **paged,
        day=on,
        people=[_person_day(person) for person in shown],
        teams=teams,
    )


async def get_weekly_digest(
    context: ToolContext,
    day: Annotated[
        DayText, Field(alias="date", description=describe("date", "2026-11-27, `this week` or `last week`"))
    ] = "today",
) -> Digest:
    """A week beside the week before: tasks created and done, time by person and space, tasks with most time.

    Also how many tasks are overdue and blocked, and how many comments wait, now. For other stretches of time
    ask get_progress and get_time_report.
    """
    first = read_week(day, context)
    found = await context.reports.digest.week(context.workspace_id, first, zone=context.zone, now=context.now)
    people, spaces = _with_time(found.by_person), _with_time(found.by_space)
    return Digest.of(
        context,
        week=narrow(WeekFigures, found),
        previous=found.previous,
        by_person=people[:_MOST_SHARES],
        by_person_left_out=left_out(len(people) - _MOST_SHARES),
        by_space=spaces[:_MOST_SHARES],
        by_space_left_out=left_out(len(spaces) - _MOST_SHARES),
        most_time=found.most_time,
        overdue=found.overdue,
        blocked=found.blocked,
        waiting_comments=found.waiting_comments,
    )


async def get_progress(
    context: ToolContext,
    from_day: From = None,
    to_day: To = None,
    group_by: By = "all",
    person: People = None,
    place: PlaceNames = None,
    limit: Limit = 20,
    cursor: CursorText = None,
) -> ProgressAnswer:
    """What happened on some days: tasks created, done, deleted, changed; time tracked; what is open now.

    In all, or by space, list or person; and the tasks that were done last. How many tasks are in which status
    is in count_tasks_by_status.
    """
    first, last = read_days(from_day, to_day, context)
    start, end = _bounds(first, last, context)
    whose = await _asked_for(context, person, place)
    rows = await context.reports.progress.since(context.workspace_id, start, end, by=group_by, **whose)
    question = digest({"list": "progress", "days": [first, last], "by": group_by, **_plain(whose)})
    shown, paged = take_page(rows, question, context, limit, cursor)
    completed = [] if cursor else await context.reports.progress.completed(
        context.workspace_id, start, end, **whose, limit=_MOST_DONE
    )  # fmt: skip
    return ProgressAnswer.of(
        context,
        **paged,
        first=first,
        last=last,
        group_by=group_by,
        progress=list(shown),
        done_total=await context.reports.progress.count_completed(context.workspace_id, start, end, **whose),
        done=completed,
    )


async def get_estimate_accuracy(
    context: ToolContext,
    group_by: By = "all",
    from_day: From = None,
    to_day: To = None,
    assignee: AssigneeNames = None,
    place: PlaceNames = None,
    limit: Limit = 20,
    cursor: CursorText = None,
) -> AccuracyAnswer:
    """How the time that finished tasks took compares with their estimates; the last seven days by default.

    In all, or by person, list or space.
    """
    first, last = read_days(from_day, to_day, context)
    start, end = _bounds(first, last, context)
    whose = await _asked_for(context, assignee, place)
    rows = await context.reports.progress.accuracy(context.workspace_id, start, end, by=group_by, **whose)
    question = digest({"list": "accuracy", "days": [first, last], "by": group_by, **_plain(whose)})
    shown, paged = take_page(rows, question, context, limit, cursor)
    return AccuracyAnswer.of(
        context,
        **paged,
        first=first,
        last=last,
        group_by=group_by,
        accuracy=list(shown),
    )


async def _asked_for(
    context: ToolContext, people: Sequence[str] | None, places: Sequence[str] | None
) -> dict[str, Any]:
    """Whose tasks, and where, as the questions take them."""
    lookup, workspace_id = context.reports.lookup, context.workspace_id
    return {
        "people": await lookup.user_ids(workspace_id, people),
        "within": await lookup.within(workspace_id, places),
    }


def _plain(whose: dict[str, Any]) -> dict[str, Any]:
    """The same, as a cursor remembers it."""
    return {"of": whose["people"], **whose["within"].params()}


def _bounds(first: date, last: date, context: ToolContext) -> tuple[datetime, datetime]:
    return whole_day(first, context.zone).start, whole_day(last, context.zone).end


def _person_day(person: PersonDay) -> StandupPerson:
    most = _MOST_OF_A_DAY
    return StandupPerson(
        employee_id=person.employee_id,
        name=person.name,
        minutes=person.minutes,
        done=[narrow(DayTask, task) for task in person.done[:most]],
        done_left_out=left_out(len(person.done) - most),
        worked=[_work(work) for work in person.worked[:most]],
        worked_left_out=left_out(len(person.worked) - most),
        running=[_work(work) for work in person.running[:most]],
        due=[narrow(DayTask, task) for task in person.due[:most]],
        due_left_out=left_out(len(person.due) - most),
        waiting_comments=person.waiting_comments,
    )


def _work(work: WorkedTask | RunningTask) -> DayWork:
    task = narrow(DayTask, work.task) if work.task else DayTask(None, None, None, None)
    return widen(DayWork, task, minutes=work.minutes)


def _with_time(sheets: Iterable[AnySheet]) -> list[Sheet]:
    """Those with finished time, most first, without their days."""
    kept = [narrow(Sheet, sheet) for sheet in sheets if sheet.milliseconds]
    return sorted(kept, key=lambda sheet: (-sheet.milliseconds, sheet.id or ""))
