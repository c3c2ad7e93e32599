"""The days that a question is about: parameters, and what an answer says of them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Query

from app.api.params import Zone
from app.core.answers.day import day_of, whole_day
from app.core.answers.fields import said
from app.core.answers.formats import WeekStart
from app.core.answers.timesheet import Per, count_parts
from app.http.params import Day, fault

_USUAL_DAYS = 7
_MOST_PARTS = 400

First = Annotated[
    Day | None, Query(alias="from", description="The first day; without it, six days before the last one")
]
Last = Annotated[Day | None, Query(alias="to", description="The last day, included; without it, today")]


@dataclass(frozen=True, slots=True)
class Now:
    """The present moment, and the day that it is in the zone."""

    at: datetime
    zone: ZoneInfo
    today: date


def now_in(zone: Zone) -> Now:
    """The zone that is asked for, or the mirror's."""
    now = datetime.now(UTC)
    return Now(now, zone, day_of(now, zone).date)


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
    end = last or now.today
    begin = first or end - timedelta(days=_USUAL_DAYS - 1)
    if begin > end:
        raise fault("from", f"{begin} is after {end}, which is `to` or today")
    return Days(begin, end, now)


Chosen = Annotated[Days, Depends(chosen_days)]


def check_parts(days: Days, per: Per, week_start: WeekStart) -> None:
    """Raises the 422 for more days, weeks or months than may be asked for."""
    number = count_parts(days.first, days.last, per, week_start)
    if number > _MOST_PARTS:
        raise fault("from", f"{days.first} to {days.last} are {number} {per}s; {_MOST_PARTS} are the most")


AsOf = Annotated[datetime, said("When it was so, in `zone`")]
FirstDay = Annotated[date, said("The first day", "2026-01-05", name="from")]
LastDay = Annotated[date, said("The last day, included", "2026-01-11", name="to")]
