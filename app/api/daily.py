"""The daily snapshots over HTTP."""

from contextlib import aclosing
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from zlib import compress, decompress
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Query, Request, Response

from app.api.json_encoding import JSON, to_json
from app.api.page_fields import Count
from app.api.params import LARGEST_PAGE, UNCHANGED, UNKNOWN, Limit
from app.api.request_context import ApiContext, Context
from app.core.answers.fields import said
from app.http.long_answers import LongResponse
from app.http.params import Day
from app.http.problems import PROBLEMS
from app.reports.daily import DailyTask, Snapshot, SnapshotDate

router = APIRouter(tags=["daily"], responses=PROBLEMS)

_ROWS_AT_ONCE = 500
_QUICKLY = 1


@dataclass(frozen=True, slots=True)
class DailyReport:
    """One snapshot."""

    day: Annotated[
        date | None,
        said("Its day in the zone of the installation; null where none was taken yet", name="date"),
    ]
    taken_at: Annotated[datetime | None, said("When it was taken; null where none was taken yet")]
    tasks: Annotated[list[DailyTask], said("By ClickUp's id")]
    count: Annotated[int, said("How many tasks it has", 17)]


@dataclass(frozen=True, slots=True)
class SnapshotDates:
    """Days, latest first."""

    count: Count
    dates: list[SnapshotDate]


@router.get("/daily-sync", responses={200: {"model": DailyReport}, **UNCHANGED, **UNKNOWN})
async def get_daily_sync(
    request: Request,
    context: Context,
    day: Annotated[
        Day | None, Query(alias="date", description="That day's last snapshot; without it, the last of all")
    ] = None,
) -> Response:
    """The tasks that had changed on the day of the snapshot, as the mirror held them then.

    404 for a day that has none; `/daily-sync/dates` lists those that have one.
    """
    if await context.reports.daily.count(context.workspace_id, day) > LARGEST_PAGE:
        packed = await _packed(context, day)
        return LongResponse(map(decompress, packed), media_type=JSON)

    async def make() -> bytes:
        return b"".join(map(decompress, await _packed(context, day)))

    return await context.answers.answer(request, make, of_internal_tables=True)


@router.get("/daily-sync/dates", responses={200: {"model": SnapshotDates}, **UNCHANGED})
async def list_snapshot_dates(
    request: Request,
    context: Context,
    before: Annotated[Day | None, Query(description="Only days before this one")] = None,
    limit: Limit = 100,
) -> Response:
    """The days of which a snapshot with tasks is kept, latest first."""

    async def make() -> bytes:
        rows = await context.reports.daily.dates(context.workspace_id, before, limit)
        return to_json(SnapshotDates(len(rows), rows), context.zone)

    return await context.answers.answer(request, make, of_internal_tables=True)


async def _packed(context: ApiContext, day: date | None) -> list[bytes]:
    """The answer in parts, each compressed. Raises the 404 for a day that has no snapshot.

    It is read in one go, so that no caller, however slow, holds a transaction open.
    """
    parts = context.reports.daily.parts(context.workspace_id, day, context.zone, _ROWS_AT_ONCE)
    packed, count = list[bytes](), 0
    async with aclosing(parts):
        async for part in parts:
            begin = _head(part, context.zone) if not packed else b","
            packed.append(compress(begin + to_json(part.tasks, context.zone)[1:-1], _QUICKLY))
            count += len(part.tasks)
    if not packed:
        raise HTTPException(404, f"there is no snapshot of {day}; /daily-sync/dates lists those there are")
    return [*packed, compress(b'],"count":%d}' % count)]


def _head(part: Snapshot, zone: ZoneInfo) -> bytes:
    """The report up to its first task."""
    return to_json(DailyReport(part.date, part.taken_at, [], 0), zone).removesuffix(b'],"count":0}')
