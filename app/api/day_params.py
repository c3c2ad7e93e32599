"""The days that a question is about: parameters, and what an answer says of them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Query

from app.api.params import Zone
from app.api.request_context import Context
from app.core.answers.day import day_of, days_between, whole_day
from app.core.answers.fields import said
from app.core.answers.filters import describe
from app.core.answers.formats import WeekStart
from app.core.answers.timesheet import Per
from app.core.answers.timesheet import check_parts as check_number_of_parts
from app.http.params import Day, fault

First = Annotated[Day | None, Query(alias="from", description=describe("from"))]
Last = Annotated[Day | None, Query(alias="to", description=describe("to"))]


@dataclass(frozen=True, slots=True)
class Now:
    """The present moment, and the day that it is in the zone."""

    at: datetime
    zone: ZoneInfo
    today: date


def now_in(context: Context, zone: Zone) -> Now:
    """In the zone that is asked for, or the mirror's; of a question about the past its instant."""
    return Now(context.now, zone, day_of(context.now, zone).date)


Present = Annotated[Now, Depends(now_in)]


@dataclass(frozen=True, slots=True)
class Days:
    """Days, both included, and the instants [start, end) of them."""

    first: date
    last: date
    now: Now

    @property
    def start(self) -> datetime:
        """When the first one begins."""
        return whole_day(self.first, self.now.zone).start

    @property
    def end(self) -> datetime:
        """When the last one ends."""
        return whole_day(self.last, self.now.zone).end


def chosen_days(now: Present, first: First = None, last: Last = None) -> Days:
    """Raises the 422 for days that do not go together."""
    try:
        return Days(*days_between(first, last, now.today), now)
    except ValueError as error:
        raise fault("from", str(error)) from None


Chosen = Annotated[Days, Depends(chosen_days)]


def check_parts(days: Days, per: Per, week_start: WeekStart) -> None:
    """Raises the 422 for more days, weeks or months than may be asked for."""
    try:
        check_number_of_parts(days.first, days.last, per, week_start)
    except ValueError as error:
        raise fault("from", str(error)) from None


AsOf = Annotated[datetime, said("When it was so, in `zone`")]
FirstDay = Annotated[date, said("The first day", "2026-01-05", name="from")]
LastDay = Annotated[date, said("The last day, included", "2026-01-11", name="to")]
