"""Time over HTTP: entries one by one, and timesheets; both also as CSV."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from app.api.csv import AS_CSV, WantsCsv, begun, csv_response
from app.api.day_params import AsOf, Chosen, FirstDay, LastDay, check_parts
from app.api.json_encoding import JSON, to_json
from app.api.known_history import HistoryOffSince, HistorySince, Known, stretch_of
from app.api.page_fields import Count, NextCursor, PageLimit, PageOffset, Total, ZoneName
from app.api.params import LARGEST_PAGE, UNCHANGED, UNKNOWN, CursorText, Limit, Offset, Zone
from app.api.past import AS_OF, AnswerPrecision
from app.api.people import People
from app.api.places import Place
from app.api.request_context import ApiContext, Context
from app.core.answers.day import beginning_of, check_order, whole_day
from app.core.answers.fields import said
from app.core.answers.filters import FROM_OF_ENTRIES, TO_OF_ENTRIES, describe
from app.core.answers.paging import Cursor, write_cursor
from app.core.answers.timesheet import AnySheet, Per, SheetLine, SheetTotal, list_lines
from app.http.params import Day, Since, fault, given_cursor
from app.http.problems import PROBLEMS
from app.reports.tasks import Deleted
from app.reports.time import By, TimeEntry, TimeFilter, TimesheetQuery
from app.reports.time_edits import TimeEdit, TimeEditFilter, TimeEditSums

router = APIRouter(tags=["time"], responses=PROBLEMS)

_PAGE = 100
_ROWS_AT_ONCE = 500
From = Annotated[Day | None, Query(alias="from", description=describe(FROM_OF_ENTRIES))]
To = Annotated[
    Day | None,
    Query(alias="to", description=describe(TO_OF_ENTRIES, "with it or `from` no entries without a start")),
]


def entry_filter(
    people: People,
    place: Place,
    zone: Zone,
    first: From = None,
    last: To = None,
    running: Annotated[bool | None, Query(description=describe("running"))] = None,
    deleted: Annotated[Deleted, Query(description=describe("deleted"))] = "include",
) -> TimeFilter:
    """Which entries. Several values of one filter mean any of them, several filters all of them."""
    try:
        if first and last:
            check_order(first, last)
    except ValueError as error:
        raise fault("from", str(error)) from None
    start = whole_day(first, zone).start if first else None
    end = whole_day(last, zone).end if last else None
    return TimeFilter(people, place, start, end, running, deleted)


@dataclass(frozen=True, slots=True)
class EntryPage:
    """One page of time entries, newest start first."""

    count: Count
    limit: PageLimit
    total: Total
    next_cursor: NextCursor
    zone: ZoneName
    time_entries: list[TimeEntry]
    precision: AnswerPrecision = None


@router.get(
    "/time-entries",
    dependencies=[AS_OF],
    responses={200: {"model": EntryPage, **AS_CSV}, **UNCHANGED, **UNKNOWN},
)
async def list_time_entries(
    request: Request,
    context: Context,
    wanted: Annotated[TimeFilter, Depends(entry_filter)],
    zone: Zone,
    as_csv: WantsCsv,
    limit: Annotated[
        int | None,
        Query(ge=1, le=LARGEST_PAGE, description=describe("limit", "default: 100, as CSV all")),
    ] = None,
    cursor: CursorText = None,
) -> Response:
    """Time entries, newest start first, those without a start last.

    `from` and `to` are days of the zone; with either of them none without a start is shown. Instants are
    in the zone. Entries of deleted tasks are marked.
    """
    place = given_cursor(cursor, wanted.question, context.workspace_id)
    if as_csv:
        pages, precision = _pages(context, wanted, place, limit), await context.precision("time_entries")
        return csv_response("time-entries", TimeEntry, await begun(pages), zone, precision)

    async def make() -> bytes:
        page = await context.reports.time.page(context.workspace_id, wanted, place, limit or _PAGE)
        total = await context.reports.time.count(context.workspace_id, wanted)
        following = write_cursor(page.cursor, context.workspace_id) if page.cursor else None
        shown = [entry.clickup_entry_id for entry in page.rows]
        precision = await context.precision("time_entries", shown)
        answer = EntryPage(len(page.rows), limit or _PAGE, total, following, zone.key, page.rows, precision)
        return to_json(answer, zone)

    answer = await context.answer(request, make, by_address=False)
    answer.headers["Vary"] = "Accept"
    return answer


@dataclass(frozen=True, slots=True)
class TimeEdits:
    """Entries of these days that were edited afterwards, the latest edit first."""

    as_of: AsOf
    zone: ZoneName
    first: FirstDay
    last: LastDay
    edited_since: Annotated[datetime, said("Edits after it are shown; not before history began")]
    history_since: HistorySince
    history_off_since: HistoryOffSince
    sums: Annotated[TimeEditSums, said("Of all of them")]
    count: Count
    limit: PageLimit
    offset: PageOffset
    time_entries: list[TimeEdit]


@router.get("/time-entries/edits", responses={200: {"model": TimeEdits}, **UNKNOWN})
async def list_time_edits(
    context: Context,
    days: Chosen,
    people: People,
    place: Place,
    known: Known,
    edited_since: Annotated[
        Since | None,
        Query(description=describe("edited_since")),
    ] = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> Response:
    """Time of these days that was created, changed or deleted after they had ended.

    An entry is of the day on which it begins, before or after the edit. What it was at `edited_since` is
    compared with what it is now: start, end, duration, task, person and billable.
    """
    since = beginning_of(edited_since, days.now.zone) if edited_since else days.end
    if known:
        since = max(since, known.since)
    wanted = TimeEditFilter(days.start, days.end, since, people, place)
    sums, rows = await context.reports.time_edits.edits(
        context.workspace_id, wanted, limit=limit, offset=offset
    )
    now = days.now
    answer = TimeEdits(
        now.at, now.zone.key, days.first, days.last, since, *stretch_of(known), sums, len(rows),
        limit, offset, rows,
    )  # fmt: skip
    return Response(to_json(answer, now.zone), media_type=JSON)


def sheet_question(
    context: Context,
    people: People,
    place: Place,
    days: Chosen,
    group_by: Annotated[By, Query(description=describe("group_by"))] = "person",
    per: Annotated[Per, Query(description=describe("per"))] = "day",
    deleted: Annotated[Deleted, Query(description=describe("deleted"))] = "exclude",
) -> TimesheetQuery:
    """Which days, in which zone, by what, and whose time. Raises the 422 for more than may be asked for."""
    check_parts(days, per, context.settings.week_start)
    wanted = TimeFilter(people, place, deleted=deleted)
    return TimesheetQuery(
        days.first, days.last, days.now.zone, group_by, wanted, per, context.settings.week_start
    )


@dataclass(frozen=True, slots=True)
class TimesheetAnswer:
    """A sheet for each person, task, list or space with time on these days or on none, by name; or one."""

    first: FirstDay
    last: LastDay
    zone: ZoneName
    group_by: Annotated[By, said("What each sheet is of", "person")]
    per: Annotated[Per, said("How each timesheet is divided; total: not at all", "day")]
    as_of: Annotated[datetime, said("Up to when timers that run are counted")]
    count: Annotated[int, said("How many sheets there are", 12)]
    total: SheetTotal
    timesheets: Annotated[list[AnySheet], said("With `days`, `weeks` or `months`, or with none of them")]
    precision: AnswerPrecision = None


@router.get(
    "/timesheets", dependencies=[AS_OF], responses={200: {"model": TimesheetAnswer, **AS_CSV}, **UNKNOWN}
)
async def get_timesheets(
    context: Context, asked: Annotated[TimesheetQuery, Depends(sheet_question)], as_csv: WantsCsv
) -> Response:
    """Time by person, task, list, space or in all, and by day, week or month of the zone.

    A session that crosses a midnight between two of them stands on both, cut there. Timers that run
    are counted up to now, apart from what is finished. Entries without a start are on no day: they are
    summed apart, whatever days are asked for. Minutes are whole ones, cut off, each of the milliseconds
    beside it; so sums are exact in milliseconds, and the minutes of a sum may be more than its days'
    together. Days, weeks and months without time are left out.
    """
    found = await context.reports.time.sheets(context.workspace_id, asked, context.now)
    precision = await context.precision("time_entries")
    if as_csv:
        lines = _in_parts(list(list_lines(found.sheets)))
        return csv_response(f"timesheets-{asked.first}-{asked.last}", SheetLine, lines, asked.zone, precision)
    answer = TimesheetAnswer(
        asked.first, asked.last, asked.zone.key, asked.by, asked.per, found.as_of, len(found.sheets),
        found.total, found.sheets, precision,
    )  # fmt: skip
    return Response(to_json(answer, asked.zone), media_type=JSON, headers={"Vary": "Accept"})


async def _in_parts(lines: list[SheetLine]) -> AsyncIterator[Iterable[SheetLine]]:
    for at in range(0, len(lines), _ROWS_AT_ONCE):
        yield lines[at : at + _ROWS_AT_ONCE]


async def _pages(
    context: ApiContext, wanted: TimeFilter, cursor: Cursor | None, most: int | None
) -> AsyncIterator[Iterable[TimeEntry]]:
    """Page by page, each entry once, as it was when it was first met; at most so many."""
    seen: set[str] = set()
    while True:
        limit = LARGEST_PAGE if most is None else min(LARGEST_PAGE, most - len(seen))
        page = await context.reports.time.page(context.workspace_id, wanted, cursor, limit)
        entries = [entry for entry in page.rows if entry.clickup_entry_id not in seen]
        seen |= {entry.clickup_entry_id for entry in entries}
        yield entries
        cursor = page.cursor
        if cursor is None or len(seen) == most:
            return
