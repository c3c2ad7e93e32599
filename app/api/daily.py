"""The daily snapshots over HTTP."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import StreamingResponse

from app.api.answers import JSON, to_json
from app.api.daily_shapes import DailyReport, SnapshotDates
from app.api.param_shapes import LARGEST_PAGE, UNCHANGED, UNKNOWN, Day, Limit, Mirror
from app.api.state import Asked
from app.entrance.problems import PROBLEMS
from app.reports.daily import Snapshot

router = APIRouter(tags=["daily"], responses=PROBLEMS)

_ROWS_AT_ONCE = 500


@router.get("/daily-sync", responses={200: {"model": DailyReport}, **UNCHANGED, **UNKNOWN})
async def get_daily_sync(
    request: Request,
    mirror: Mirror,
    day: Annotated[
        Day | None, Query(alias="date", description="That day's last snapshot; without it, the last of all")
    ] = None,
) -> Response:
    """The tasks that had changed on the day of the snapshot, as the mirror held them then.

    404 for a day that has none; `/daily-sync/dates` lists those that have one.
    """
    if await mirror.reports.daily.count(mirror.workspace_id, day) > LARGEST_PAGE:
        begin = await _snapshot(mirror, day, _ROWS_AT_ONCE)
        return StreamingResponse(_stream(mirror, day, begin), media_type=JSON)

    async def make() -> bytes:
        found = await _snapshot(mirror, day, 2 * LARGEST_PAGE)
        document = {"count": len(found.tasks), **_head(found), "tasks": found.tasks}
        return to_json(document, mirror.zone)

    return await mirror.answers.answer(request, make, of_books=True)


@router.get("/daily-sync/dates", responses={200: {"model": SnapshotDates}, **UNCHANGED})
async def list_snapshot_dates(
    request: Request,
    mirror: Mirror,
    before: Annotated[Day | None, Query(description="Only days before this one")] = None,
    limit: Limit = 100,
) -> Response:
    """The days of which a snapshot with tasks is kept, latest first."""

    async def make() -> bytes:
        rows = await mirror.reports.daily.dates(mirror.workspace_id, before, limit)
        return to_json({"count": len(rows), "dates": rows}, mirror.zone)

    return await mirror.answers.answer(request, make, of_books=True)


async def _snapshot(mirror: Asked, day: date | None, most: int) -> Snapshot:
    found = await mirror.reports.daily.get(mirror.workspace_id, day, mirror.zone, most)
    if found is None:
        raise HTTPException(404, f"there is no snapshot of {day}; /daily-sync/dates lists those there are")
    return found


def _head(found: Snapshot) -> dict[str, Any]:
    return {"date": found.date, "taken_at": found.taken_at}


async def _stream(mirror: Asked, day: date | None, part: Snapshot) -> AsyncIterator[bytes]:
    """Part by part; the count comes last, when it is known."""
    count = 0
    yield to_json(_head(part), mirror.zone)[:-1] + b',"tasks":['
    while part.tasks:
        rows = to_json(part.tasks, mirror.zone)[1:-1]
        yield (b"," if count else b"") + rows
        count += len(part.tasks)
        rest = await mirror.reports.daily.more(mirror.workspace_id, day, part, _ROWS_AT_ONCE)
        part = replace(part, tasks=rest)
    yield b'],"count":%d}' % count
