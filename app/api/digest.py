"""A day of each person and a week of all of them, over HTTP."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.api.day_params import AsOf, Present
from app.api.json_encoding import JSON, to_json
from app.api.page_fields import Count, ZoneName
from app.api.params import UNKNOWN
from app.api.people import People
from app.api.request_context import Context
from app.core.answers.day import whole_day
from app.core.answers.fields import said
from app.core.answers.filters import describe
from app.core.answers.formats import week_of
from app.core.answers.standup import PersonDay
from app.http.params import Day
from app.http.problems import PROBLEMS
from app.reports.comments import TeamWorkload
from app.reports.digest import Week

router = APIRouter(tags=["work"], responses=PROBLEMS)


@dataclass(frozen=True, slots=True)
class Standup:
    """A day of each person who has anything to say of it, by name."""

    as_of: AsOf
    zone: ZoneName
    day: Annotated[date, said("Which day", "2026-01-05", name="date")]
    count: Count
    people: list[PersonDay]
    teams: Annotated[
        list[TeamWorkload],
        said("Teams that comments wait for now, by name; none where only some people are asked for"),
    ]


@router.get("/standup", responses={200: {"model": Standup}, **UNKNOWN})
async def get_standup(
    context: Context,
    now: Present,
    people: People,
    day: Annotated[Day | None, Query(alias="date", description=describe("date"))] = None,
) -> Response:
    """What each person did on a day, what was due then, and what runs and waits now; by name.

    Who has nothing of all that is left out.
    """
    of = whole_day(day or now.today, now.zone)
    by_team = context.reports.comments.count_by_team
    rows = await context.reports.digest.standup(context.workspace_id, of, now=now.at, people=people)
    teams = await by_team(context.workspace_id) if people is None else []
    answer = Standup(now.at, now.zone.key, of.date, len(rows), rows, teams)
    return Response(to_json(answer, now.zone), media_type=JSON)


@router.get("/digest/week", responses={200: {"model": Week}})
async def get_week_digest(
    context: Context,
    now: Present,
    day: Annotated[Day | None, Query(alias="date", description=describe("date"))] = None,
) -> Response:
    """A week beside the one before it; weeks begin on the day of `WEEK_START`.

    What is overdue, blocked and waited for is counted now: the mirror keeps no past states.
    """
    first = week_of(day or now.today, context.settings.week_start)
    week = await context.reports.digest.week(context.workspace_id, first, zone=now.zone, now=now.at)
    return Response(to_json(week, now.zone), media_type=JSON)
