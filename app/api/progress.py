"""What came, what was done and how well it was estimated, over HTTP."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from app.api.day_params import Chosen, Days, Now, Present
from app.api.params import UNKNOWN, Limit, Mirror, Offset
from app.api.people import People
from app.api.places import Place
from app.api.progress_schemas import AccuracyAnswer, CompletedTasks, ProgressAnswer, StatusCounts
from app.api.response_cache import JSON, to_json
from app.http.problems import PROBLEMS
from app.reports.progress import Of

router = APIRouter(tags=["work"], responses=PROBLEMS)

Group = Annotated[Of, Query(description="What each row is about")]


@router.get("/progress", responses={200: {"model": ProgressAnswer}, **UNKNOWN})
async def get_progress(
    mirror: Mirror, days: Chosen, people: People, place: Place, group: Group = "all"
) -> Response:
    """Tasks created, done, changed and deleted on these days, the time spent on them, and what is open now.

    A task with several assignees is in the row of each.
    """
    rows = await mirror.reports.progress.since(
        mirror.workspace_id, days.start, days.end, by=group, within=place, people=people
    )
    return _answer(days.now, _head(days, rows), {"group": group, "progress": rows})


@router.get("/progress/accuracy", responses={200: {"model": AccuracyAnswer}, **UNKNOWN})
async def get_accuracy(
    mirror: Mirror, days: Chosen, people: People, place: Place, group: Group = "all"
) -> Response:
    """How the time of tasks that were done on these days compares with their estimates."""
    rows = await mirror.reports.progress.accuracy(
        mirror.workspace_id, days.start, days.end, by=group, within=place, people=people
    )
    return _answer(days.now, _head(days, rows), {"group": group, "accuracy": rows})


@router.get("/progress/completed", responses={200: {"model": CompletedTasks}, **UNKNOWN})
async def list_completed_tasks(
    mirror: Mirror,
    days: Chosen,
    people: People,
    place: Place,
    limit: Limit = 100,
    offset: Offset = 0,
) -> Response:
    """The tasks that were done on these days, the latest first."""
    questions, which = mirror.reports.progress, (mirror.workspace_id, days.start, days.end)
    whose: dict[str, Any] = {"within": place, "people": people}
    rows = await questions.completed(*which, **whose, limit=limit, offset=offset)
    total = await questions.count_completed(*which, **whose)
    page = {"limit": limit, "offset": offset, "total": total, "tasks": rows}
    return _answer(days.now, _head(days, rows), page)


@router.get("/progress/statuses", responses={200: {"model": StatusCounts}, **UNKNOWN})
async def count_statuses(mirror: Mirror, now: Present, people: People, place: Place) -> Response:
    """How many tasks are in each status now, open ones first; without archived ones."""
    rows = await mirror.reports.progress.count_statuses(
        mirror.workspace_id, today=now.today, within=place, people=people
    )
    return _answer(now, {"count": len(rows)}, {"statuses": rows})


def _head(days: Days, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"from": days.first, "to": days.last, "count": len(rows)}


def _answer(now: Now, *parts: Mapping[str, Any]) -> Response:
    """What is open moves by itself: no answer from memory."""
    document: dict[str, Any] = {"as_of": now.at, "zone": now.zone.key}
    for part in parts:
        document |= part
    return Response(to_json(document, now.zone), media_type=JSON)
