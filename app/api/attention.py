"""What somebody should look at, and who has how much to do, over HTTP."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from app.api.day_params import AsOf, Present
from app.api.json_encoding import JSON, to_json
from app.api.page_fields import Count, PageLimit, PageOffset, Total, ZoneName
from app.api.params import UNKNOWN, Limit, Offset
from app.api.past import AS_OF, AnswerPrecision
from app.api.people import Assignees, People
from app.api.places import Place
from app.api.request_context import Context
from app.core.answers.fields import said
from app.core.answers.filters import MOST_ATTENTION_DAYS, MOST_WORKLOAD_DAYS
from app.http.params import fault
from app.http.problems import PROBLEMS
from app.reports.attention import AttentionFilter, AttentionTask, Condition, check_days
from app.reports.comments import TeamWorkload
from app.reports.workload import PersonWorkload

router = APIRouter(tags=["work"], responses=PROBLEMS)


@dataclass(frozen=True, slots=True)
class AttentionTasks:
    """One page of them, worst first."""

    as_of: AsOf
    zone: ZoneName
    condition: Annotated[Condition, said("What was asked for", "overdue")]
    days: Annotated[int | None, said("With how many days; null where the condition has none", 14)]
    count: Count
    limit: PageLimit
    offset: PageOffset
    total: Total
    tasks: list[AttentionTask]
    precision: AnswerPrecision = None


@dataclass(frozen=True, slots=True)
class Workload:
    """Who has how much to do, by name."""

    as_of: AsOf
    zone: ZoneName
    days: Annotated[int, said("For `due_soon` and `tracked_minutes`", 7)]
    count: Count
    people: list[PersonWorkload]
    teams: Annotated[
        list[TeamWorkload],
        said("Teams that comments wait for, by name; none where only some people are asked for"),
    ]
    precision: AnswerPrecision = None


def attention_filter(
    condition: Condition,
    assignees: Assignees,
    place: Place,
    days: Annotated[
        int | None,
        Query(
            ge=0,
            le=MOST_ATTENTION_DAYS,
            description="at_risk: due within so many days (3); stale: untouched for so many (14); untracked: "
            "done within the last so many (30)",
        ),
    ] = None,
) -> AttentionFilter:
    """Whose, where, and within how many days. Raises the 422 for days of a condition that has none."""
    try:
        return AttentionFilter(condition, assignees, place, check_days(condition, days))
    except ValueError as error:
        raise fault("days", str(error)) from None


@router.get(
    "/attention/{condition}", dependencies=[AS_OF], responses={200: {"model": AttentionTasks}, **UNKNOWN}
)
async def list_attention_tasks(
    context: Context,
    wanted: Annotated[AttentionFilter, Depends(attention_filter)],
    now: Present,
    limit: Limit = 100,
    offset: Offset = 0,
) -> Response:
    """Tasks that are overdue, at risk, stale, blocked, or were done without time; worst first.

    `reasons` has all that speaks against an open task, whatever was asked for.
    """
    questions, workspace_id = context.reports.attention, context.workspace_id
    rows = await questions.page(workspace_id, wanted, today=now.today, now=now.at, limit=limit, offset=offset)
    total = await questions.count(workspace_id, wanted, now.today, now.at)
    precision = await context.precision("tasks", [row.clickup_task_id for row in rows])
    answer = AttentionTasks(
        now.at, now.zone.key, wanted.condition, wanted.days, len(rows), limit, offset, total, rows, precision
    )
    # Days pass by themselves: no answer from memory.
    return Response(to_json(answer, now.zone), media_type=JSON)


@router.get("/workload", dependencies=[AS_OF], responses={200: {"model": Workload}, **UNKNOWN})
async def get_workload(
    context: Context,
    people: People,
    place: Place,
    now: Present,
    days: Annotated[
        int,
        Query(ge=1, le=MOST_WORKLOAD_DAYS, description="Due within so many days; worked in the last so many"),
    ] = 7,
) -> Response:
    """Who has how much to do: everybody who is here, by name, and at last what nobody is assigned to.

    A task with several assignees is counted for each. Where only some people are asked for, the row of
    nobody is left out.
    """
    rows = await context.reports.workload.people(
        context.workspace_id, today=now.today, now=now.at, zone=now.zone, days=days, people=people,
        within=place,
    )  # fmt: skip
    by_team = context.reports.comments.count_by_team
    teams = await by_team(context.workspace_id, place) if people is None else []
    answer = Workload(now.at, now.zone.key, days, len(rows), rows, teams, await context.precision("tasks"))
    return Response(to_json(answer, now.zone), media_type=JSON)
