"""Hours: who worked when, on what; any days, in the zone of the faces."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import HTMLResponse

from app.core.answers.day import days_between
from app.core.answers.formats import WeekStart, week_of
from app.core.answers.matching import Candidate
from app.core.answers.timesheet import AnySheet, Per, check_parts, next_month, part_dates
from app.dashboard.charts import hour_columns
from app.dashboard.clock import Clock
from app.dashboard.heat import Line, map_sheets
from app.dashboard.links import HOURS
from app.dashboard.params import AsOfText, Ids, Said
from app.dashboard.past import about, as_of
from app.dashboard.request_context import Context, PageContext
from app.http.params import Day, fault
from app.reports.lookup import within
from app.reports.structure import PlacePath
from app.reports.time import By, TimeFilter, TimesheetQuery, Timesheets

router = APIRouter(include_in_schema=False)

Group = Literal["person", "list", "space", "task"]
_GROUPS: dict[Group, str] = {"person": "Person", "space": "Space", "list": "List", "task": "Task"}
# More columns than these nobody reads: weeks take the place of days, and months that of weeks.
_MOST_DAYS_ACROSS, _MOST_DAYS_IN_WEEKS = 31, 13 * 7
_MOST_LINES, _MOST_TIMERS = 100, 50


class HoursSaid(Said):
    """As `/timesheets` of the API has them."""

    from_: Day | None = Field(None, alias="from")
    to: Day | None = None
    group_by: Group = "person"
    person: Ids = ()
    place: Ids = ()
    as_of: AsOfText | None = None

    def state(self) -> dict[str, Any]:
        """What stands in the address of this question."""
        return {
            "from": self.from_, "to": self.to,
            "group_by": None if self.group_by == "person" else self.group_by,
            "person": self.person, "place": self.place, "as_of": self.as_of,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Range:
    """The days that are asked for, both included; `per`: what each column is."""

    first: date
    last: date
    per: Per
    week_start: WeekStart

    @property
    def dates(self) -> list[date]:
        """The first day of each column."""
        return part_dates(self.first, self.last, self.per, self.week_start)

    def across(self, group: Group) -> Per | None:
        """What the map has across; None where it would be too large, or each row has little time."""
        has_columns = group in ("person", "space") or (group == "list" and self.per == "day")
        return self.per if has_columns else None


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A range that people often want."""

    label: str
    address: str
    is_shown: bool


@router.get(HOURS)
async def show_hours(context: Context, said: Annotated[HoursSaid, Query()]) -> HTMLResponse:
    """The sheets of those days as a map, their sum by day as a chart, and the timers that run now."""
    asked = about(context, said.as_of)
    days = _days(said, asked.today, context.settings.week_start)
    lookup, workspace_id = context.reports.lookup, context.workspace_id
    people = await lookup.user_ids(workspace_id, said.person or None)
    chosen = await lookup.places(workspace_id, said.place)
    wanted = TimeFilter(people, within(chosen), deleted="exclude")
    running = replace(wanted, running=True)
    sheets, by_day, timers, timers_total, employees, places = await asyncio.gather(
        _ask(asked, days, said.group_by, days.across(said.group_by) or "total", wanted),
        _ask(asked, days, "all", days.per, wanted),
        asked.reports.time.page(workspace_id, running, None, _MOST_TIMERS),
        asked.reports.time.count(workspace_id, running),
        context.reports.people.employees(workspace_id),
        context.reports.structure.place_names(workspace_id),
    )
    lines, heads = _lines(sheets, days, said.group_by)
    now = context.links.to(HOURS, said.state(), as_of=None)
    return await asked.show(
        "hours.html",
        "hours",
        said=said,
        as_of=await as_of(asked, now, "time_entries"),
        days=days,
        groups=_GROUPS,
        shortcuts=_shortcuts(said, days, asked),
        group_links={group: context.links.to(HOURS, said.state(), group_by=group) for group in _GROUPS},
        csv=_csv_address(said, days, context),
        total=sheets.total,
        lines=lines[:_MOST_LINES],
        more=max(len(lines) - _MOST_LINES, 0),
        columns=heads,
        chart=_chart(by_day.sheets, days, asked.clock),
        timers=timers.rows,
        timers_total=timers_total,
        people=employees,
        places=offered_places(places, chosen),
    )


def _days(said: HoursSaid, today: date, week_start: WeekStart) -> Range:
    """Raises the 422 for days that do not go together."""
    try:
        first, last = days_between(said.from_, said.to, today)
        per = _per((last - first).days + 1)
        check_parts(first, last, per, week_start)
    except ValueError as error:
        raise fault("from", str(error)) from None
    return Range(first, last, per, week_start)


def _per(days: int) -> Per:
    if days <= _MOST_DAYS_ACROSS:
        return "day"
    return "week" if days <= _MOST_DAYS_IN_WEEKS else "month"


def offered_places(places: Sequence[PlacePath], chosen: Sequence[Candidate]) -> list[tuple[str, str, bool]]:
    """The spaces, and what is chosen: id, name, and whether it is chosen."""
    offered = {row.place_id: row.name for row in places if row.kind == "space" and not row.is_deleted}
    offered |= {one.key: one.name for one in chosen}
    keys = {one.key for one in chosen}
    return [(key, name or key, key in keys) for key, name in offered.items()]


async def _ask(context: PageContext, days: Range, by: By, per: Per, wanted: TimeFilter) -> Timesheets:
    asked = TimesheetQuery(days.first, days.last, context.clock.zone, by, wanted, per, days.week_start)
    return await context.reports.time.sheets(context.workspace_id, asked, context.clock.now)


def _lines(sheets: Timesheets, days: Range, group: Group) -> tuple[list[Line], list[date]]:
    """People by name; of what there may be thousands, the most time first."""
    per = days.across(group)
    heads = days.dates if per else []
    lines = map_sheets(sheets.sheets, heads)
    if group != "person":
        lines.sort(key=lambda line: -line.minutes)
    return lines, heads


def _chart(sheets: Sequence[AnySheet], days: Range, clock: Clock) -> Any:
    minutes = {part.day: part.minutes for sheet in sheets for part in sheet.parts}
    if not any(minutes.values()):
        return None
    labels = [clock.part(day, days.per) for day in days.dates]
    return hour_columns(labels, [minutes.get(day, 0) for day in days.dates], clock.formats)


def _shortcuts(said: HoursSaid, days: Range, context: PageContext) -> list[Shortcut]:
    today, links = context.clock.today, context.links
    week, first = week_of(today, days.week_start), today.replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    ranges = [
        ("Last 7 days", today - timedelta(days=6), today),
        ("This week", week, week + timedelta(days=6)),
        ("Last week", week - timedelta(days=7), week - timedelta(days=1)),
        ("This month", first, next_month(first) - timedelta(days=1)),
        ("Last month", before, first - timedelta(days=1)),
        ("Last 12 weeks", week - timedelta(weeks=11), today),
        ("This year", today.replace(month=1, day=1), today.replace(month=12, day=31)),
    ]
    shown = days.first, days.last
    return [
        Shortcut(label, links.to(HOURS, said.state(), **{"from": begin, "to": end}), (begin, end) == shown)
        for label, begin, end in ranges
    ]


def _csv_address(said: HoursSaid, days: Range, context: PageContext) -> str:
    """The same question, asked of the API."""
    state = said.state() | {
        "from": days.first,
        "to": days.last,
        "zone": context.clock.zone.key,
        "format": "csv",
    }
    return context.links.to("/timesheets", state)
