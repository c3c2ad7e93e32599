"""What came, what was done and how well it was estimated, over HTTP."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from app.api.day_params import AsOf, Chosen, FirstDay, LastDay, Present
from app.api.json_encoding import JSON, to_json
from app.api.page_fields import Count, PageLimit, PageOffset, Total, ZoneName
from app.api.params import UNKNOWN, Limit, Offset
from app.api.past import AS_OF, AnswerPrecision
from app.api.people import Assignees, People
from app.api.places import Place
from app.api.request_context import Context
from app.core.answers.fields import said
from app.core.answers.filters import describe
from app.core.answers.sums import Progress
from app.http.problems import PROBLEMS
from app.reports.progress import Accuracy, CompletedTask, Of, StatusCount

router = APIRouter(tags=["work"], responses=PROBLEMS)

Group = Annotated[Of, Query(description=describe("group_by"))]
RowsOf = Annotated[Of, said("What each row is of", "all")]


@dataclass(frozen=True, slots=True)
class ProgressAnswer:
    """Progress in one row, or in one for each person, list or space; by name."""

    as_of: AsOf
    zone: ZoneName
    first: FirstDay
    last: LastDay
    count: Count
    group_by: RowsOf
    progress: list[Progress]
    precision: AnswerPrecision = None


@dataclass(frozen=True, slots=True)
class AccuracyAnswer:
    """Accuracy in one row, or in one for each person, list or space; by name."""

    as_of: AsOf
    zone: ZoneName
    first: FirstDay
    last: LastDay
    count: Count
    group_by: RowsOf
    accuracy: list[Accuracy]
    precision: AnswerPrecision = None


@dataclass(frozen=True, slots=True)
class CompletedTasks:
    """One page of them, the latest first."""

    as_of: AsOf
    zone: ZoneName
    first: FirstDay
    last: LastDay
    count: Count
    limit: PageLimit
    offset: PageOffset
    total: Total
    tasks: list[CompletedTask]
    precision: AnswerPrecision = None


@dataclass(frozen=True, slots=True)
class StatusCounts:
    """Statuses, open ones first."""

    as_of: AsOf
    zone: ZoneName
    count: Count
    statuses: list[StatusCount]
    precision: AnswerPrecision = None


@router.get("/progress", dependencies=[AS_OF], responses={200: {"model": ProgressAnswer}, **UNKNOWN})
async def get_progress(
    context: Context, days: Chosen, people: People, place: Place, group_by: Group = "all"
) -> Response:
    """Tasks created, done, changed and deleted on these days, the time spent on them, and what is open now.

    A task with several assignees is in the row of each.
    """
    rows = await context.reports.progress.since(
        context.workspace_id, days.start, days.end, by=group_by, within=place, people=people
    )
    now, precision = days.now, await context.precision("tasks")
    answer = ProgressAnswer(now.at, now.zone.key, days.first, days.last, len(rows), group_by, rows, precision)
    # What is open moves by itself: no answer from memory, here and below.
    return Response(to_json(answer, now.zone), media_type=JSON)


@router.get("/progress/accuracy", dependencies=[AS_OF], responses={200: {"model": AccuracyAnswer}, **UNKNOWN})
async def get_accuracy(
    context: Context, days: Chosen, assignees: Assignees, place: Place, group_by: Group = "all"
) -> Response:
    """How the time of tasks that were done on these days compares with their estimates."""
    rows = await context.reports.progress.accuracy(
        context.workspace_id, days.start, days.end, by=group_by, within=place, people=assignees
    )
    now, precision = days.now, await context.precision("tasks")
    answer = AccuracyAnswer(now.at, now.zone.key, days.first, days.last, len(rows), group_by, rows, precision)
    return Response(to_json(answer, now.zone), media_type=JSON)


@router.get(
    "/progress/completed", dependencies=[AS_OF], responses={200: {"model": CompletedTasks}, **UNKNOWN}
)
async def list_completed_tasks(
    context: Context,
    days: Chosen,
    assignees: Assignees,
    place: Place,
    limit: Limit = 100,
    offset: Offset = 0,
) -> Response:
    """The tasks that were done on these days, the latest first."""
    questions, which = context.reports.progress, (context.workspace_id, days.start, days.end)
    whose: dict[str, Any] = {"within": place, "people": assignees}
    rows = await questions.completed(*which, **whose, limit=limit, offset=offset)
    total = await questions.count_completed(*which, **whose)
    now, precision = days.now, await context.precision("tasks", [row.clickup_task_id for row in rows])
    answer = CompletedTasks(
        now.at, now.zone.key, days.first, days.last, len(rows), limit, offset, total, rows, precision
    )
    return Response(to_json(answer, now.zone), media_type=JSON)


@router.get("/progress/statuses", dependencies=[AS_OF], responses={200: {"model": StatusCounts}, **UNKNOWN})
async def count_statuses(context: Context, now: Present, assignees: Assignees, place: Place) -> Response:
    """How many tasks are in each status now, open ones first; without archived ones."""
    rows = await context.reports.progress.count_statuses(
        context.workspace_id, today=now.today, within=place, people=assignees
    )
    answer = StatusCounts(now.at, now.zone.key, len(rows), rows, await context.precision("tasks"))
    return Response(to_json(answer, now.zone), media_type=JSON)
