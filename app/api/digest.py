"""A day of each person and a week of all of them, over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.api.day_params import Present
from app.api.digest_schemas import Standup, WeekDigest
from app.api.params import UNKNOWN, Mirror
from app.api.people import People
from app.api.response_cache import JSON, to_json
from app.core.answers.day import whole_day
from app.core.answers.timesheet import monday_of
from app.http.params import Day
from app.http.problems import PROBLEMS

router = APIRouter(tags=["work"], responses=PROBLEMS)


@router.get("/standup", responses={200: {"model": Standup}, **UNKNOWN})
async def get_standup(
    mirror: Mirror,
    now: Present,
    people: People,
    day: Annotated[Day | None, Query(alias="date", description="Which day; without it, today")] = None,
) -> Response:
    """What each person did on a day, what was due then, and what runs and waits now; by name.

    Who has nothing of all that is left out.
    """
    of = whole_day(day or now.today, now.zone)
    by_team = mirror.reports.comments.count_by_team
    rows = await mirror.reports.digest.standup(mirror.workspace_id, of, now=now.at, people=people)
    document = {
        "as_of": now.at,
        "zone": now.zone.key,
        "date": of.date,
        "count": len(rows),
        "people": rows,
        "teams": await by_team(mirror.workspace_id) if people is None else [],
    }
    return Response(to_json(document, now.zone), media_type=JSON)


@router.get("/digest/week", responses={200: {"model": WeekDigest}})
async def get_week_digest(
    mirror: Mirror,
    now: Present,
    day: Annotated[
        Day | None, Query(alias="date", description="A day of the week; without it, today")
    ] = None,
) -> Response:
    """A week from Monday to Sunday beside the one before it.

    What is overdue, blocked and waited for is counted now: the mirror keeps no past states.
    """
    monday = monday_of(day or now.today)
    week = await mirror.reports.digest.week(mirror.workspace_id, monday, zone=now.zone, now=now.at)
    return Response(to_json({"as_of": now.at, "zone": now.zone.key} | week, now.zone), media_type=JSON)
