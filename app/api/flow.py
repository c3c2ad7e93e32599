"""Flow over time, over HTTP: tasks in each status, burn-up, cycle times, and due dates that moved."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from app.api.day_params import AsOf, Chosen, Days, FirstDay, LastDay, check_parts
from app.api.json_encoding import JSON, to_json
from app.api.known_history import HistoryOffSince, HistorySince, Known, stretch_of
from app.api.page_fields import Count, PageLimit, PageOffset, Total, ZoneName
from app.api.params import UNKNOWN, Limit, Offset, ids
from app.api.people import Assignees, People
from app.api.places import Place, PlaceNames
from app.api.request_context import ApiContext, Context
from app.core.answers.fields import said
from app.core.answers.filters import LONGEST_FIELD_VALUE, describe
from app.core.answers.timesheet import Per
from app.http.params import Id, fault
from app.http.problems import PROBLEMS
from app.reports.flow import (
    BurnupPart,
    ChosenTasks,
    CycleFigures,
    CyclePart,
    CycleTask,
    DueDateChange,
    DueDateMoves,
    FlowCount,
    FlowOf,
    MovesOf,
    Parts,
    ScopeFilter,
    StatusTime,
    Unit,
)
from app.reports.tasks import TaskPriority, TaskStatusType

router = APIRouter(tags=["work"], responses=PROBLEMS)

PartsOf = Annotated[Per, said("How the days are divided", "day")]
Tags = Annotated[list[Id] | None, ids("tag")]
DividedBy = Annotated[Per, Query(description=describe("per"))]


async def chosen_tasks(
    context: Context,
    assignees: Assignees,
    place: Place,
    tag: Tags = None,
    priority: Annotated[list[TaskPriority] | None, ids("priority")] = None,
) -> ChosenTasks:
    """Which tasks, by what they are now. Several values of one filter mean any of them."""
    tags = await context.reports.lookup.tags(context.workspace_id, tag)
    return ChosenTasks(place, assignees, tags, priority)


Tasks = Annotated[ChosenTasks, Depends(chosen_tasks)]


@dataclass(frozen=True, slots=True)
class FlowAnswer:
    """Tasks in each status at the end of each day, week or month; the present one's: now."""

    as_of: AsOf
    zone: ZoneName
    first: FirstDay
    last: LastDay
    per: PartsOf
    group_by: Annotated[FlowOf, said("What each row is of", "status")]
    history_since: HistorySince
    history_off_since: HistoryOffSince
    imprecise: Annotated[int, said("Changes whose day, week or month is not certain", 2)]
    count: Count
    flow: list[FlowCount]


@dataclass(frozen=True, slots=True)
class BurnupAnswer:
    """Scope and done at the end of each day, week or month; the present one's: now."""

    as_of: AsOf
    zone: ZoneName
    first: FirstDay
    last: LastDay
    per: PartsOf
    unit: Annotated[Unit, said("What is summed; estimate: in minutes", "tasks")]
    history_since: HistorySince
    history_off_since: HistoryOffSince
    count: Count
    burnup: list[BurnupPart]


@dataclass(frozen=True, slots=True)
class CycleTimesAnswer:
    """Lead and cycle times of tasks that were done on these days, and one page of these tasks."""

    as_of: AsOf
    zone: ZoneName
    first: FirstDay
    last: LastDay
    per: PartsOf
    history_since: HistorySince
    history_off_since: HistoryOffSince
    total: CycleFigures
    parts: Annotated[list[CyclePart], said("Those with tasks, by day, week or month of completion")]
    statuses: Annotated[list[StatusTime], said("Time per status")]
    count: Count
    limit: PageLimit
    offset: PageOffset
    tasks: Annotated[list[CycleTask], said("The latest done first")]


@dataclass(frozen=True, slots=True)
class DueDateChangesAnswer:
    """Due dates that moved, in sums and one by one, the latest first."""

    as_of: AsOf
    zone: ZoneName
    first: FirstDay
    last: LastDay
    group_by: Annotated[MovesOf, said("What each row of `moves` is of", "all")]
    history_since: HistorySince
    history_off_since: HistoryOffSince
    moves: Annotated[list[DueDateMoves], said("Most often first; at most `limit`")]
    count: Count
    limit: PageLimit
    offset: PageOffset
    total: Total
    changes: list[DueDateChange]


@router.get("/progress/flow", responses={200: {"model": FlowAnswer}, **UNKNOWN})
async def get_flow(
    context: Context,
    days: Chosen,
    chosen: Tasks,
    known: Known,
    status: Annotated[list[Id] | None, ids("status")] = None,
    status_type: Annotated[list[TaskStatusType] | None, ids("status_type")] = None,
    group_by: Annotated[FlowOf, Query(description=describe("group_by"))] = "status",
    per: DividedBy = "day",
) -> Response:
    """Cumulative flow: how many tasks were in each status at the end of each day, week or month.

    Tasks are chosen by what they are now, and counted from their creation on, while they are neither
    deleted nor archived.
    """
    parts, counts, imprecise = _parts(context, days, per), list[FlowCount](), 0
    if known:
        statuses = await context.reports.lookup.statuses(context.workspace_id, status)
        found = await context.reports.flow.flow(
            context.workspace_id, parts, known.since, by=group_by, chosen=chosen, statuses=statuses,
            status_types=status_type,
        )  # fmt: skip
        counts, imprecise = found.counts, found.imprecise
    now = days.now
    answer = FlowAnswer(
        now.at, now.zone.key, days.first, days.last, per, group_by, *stretch_of(known), imprecise,
        len(counts), counts,
    )  # fmt: skip
    return Response(to_json(answer, now.zone), media_type=JSON)


@router.get("/progress/burnup", responses={200: {"model": BurnupAnswer}, **UNKNOWN})
async def get_burnup(
    context: Context,
    days: Chosen,
    known: Known,
    place: PlaceNames = None,
    tag: Tags = None,
    custom_field: Annotated[
        str | None, Query(description=describe("custom_field"), max_length=LONGEST_FIELD_VALUE)
    ] = None,
    unit: Annotated[Unit, Query(description=describe("unit", "estimates in minutes"))] = "tasks",
    per: DividedBy = "day",
) -> Response:
    """Burn-up: what was in scope and done at the end of each day, week or month, and how the scope changed.

    Give a place, a tag or a custom field.
    A task is in scope while it is in one of the lists, with one of the tags, and with the value of the
    custom field, as it was then.
    """
    if not (place or tag or custom_field):
        # Of everything, it would read every version of every task.
        raise fault("place", "a burn-up is of a scope: give `place`, `tag` or `custom_field`")
    parts = _parts(context, days, per)
    scope = ScopeFilter(
        await context.reports.lookup.within(context.workspace_id, place),
        await context.reports.lookup.tags(context.workspace_id, tag),
        _name_and_value(custom_field),
    )
    rows = (
        await context.reports.flow.burnup(context.workspace_id, parts, known.since, scope, unit)
        if known
        else []
    )
    now = days.now
    answer = BurnupAnswer(
        now.at, now.zone.key, days.first, days.last, per, unit, *stretch_of(known), len(rows), rows
    )
    return Response(to_json(answer, now.zone), media_type=JSON)


@router.get("/progress/cycle-time", responses={200: {"model": CycleTimesAnswer}, **UNKNOWN})
async def get_cycle_times(
    context: Context,
    days: Chosen,
    chosen: Tasks,
    known: Known,
    per: DividedBy = "week",
    limit: Limit = 100,
    offset: Offset = 0,
) -> Response:
    """How long tasks took that were done on these days: from creation, from first activity, per status."""
    parts = _parts(context, days, per)
    found = await context.reports.flow.cycle_times(
        context.workspace_id, parts, chosen, limit=limit, offset=offset
    )
    now = days.now
    answer = CycleTimesAnswer(
        now.at, now.zone.key, days.first, days.last, per, *stretch_of(known), found.total,
        found.parts, found.statuses, len(found.tasks), limit, offset, found.tasks,
    )  # fmt: skip
    return Response(to_json(answer, now.zone), media_type=JSON)


@router.get("/progress/due-date-changes", responses={200: {"model": DueDateChangesAnswer}, **UNKNOWN})
async def list_due_date_changes(
    context: Context,
    days: Chosen,
    chosen: Tasks,
    people: People,
    known: Known,
    group_by: Annotated[MovesOf, Query(description=describe("group_by", "of `moves`"))] = "all",
    limit: Limit = 100,
    offset: Offset = 0,
) -> Response:
    """Due dates that were moved or removed on these days: how often, by how many days, and by whom.

    `person` is who moved them.
    """
    found = await context.reports.flow.due_date_changes(
        context.workspace_id, days.start, days.end, by=group_by, chosen=chosen, people=people, limit=limit,
        offset=offset,
    )  # fmt: skip
    now = days.now
    answer = DueDateChangesAnswer(
        now.at, now.zone.key, days.first, days.last, group_by, *stretch_of(known), found.moves,
        len(found.changes), limit, offset, found.total, found.changes,
    )  # fmt: skip
    return Response(to_json(answer, now.zone), media_type=JSON)


def _parts(context: ApiContext, days: Days, per: Per) -> Parts:
    week_start = context.settings.week_start
    check_parts(days, per, week_start)
    return Parts(days.first, days.last, days.now.zone, days.now.at, per, week_start)


def _name_and_value(text: str | None) -> tuple[str, str] | None:
    """Raises the 422 for what has no name or no value."""
    if text is None:
        return None
    name, equals, value = text.partition("=")
    if not (name and equals and value) or "\x00" in text:
        raise fault("custom_field", "it is not `Name=value`, such as `Sprint=Sprint 12`")
    return name.strip(), value.strip()
