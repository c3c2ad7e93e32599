"""How an installation shows what differs from country to country. Pure."""

from datetime import date, timedelta
from typing import Literal

WeekStart = Literal["monday", "sunday", "saturday"]

_DAY = timedelta(days=1)
_DAYS_BEFORE_MONDAY: dict[WeekStart, int] = {"monday": 0, "sunday": 1, "saturday": 2}


def week_of(day: date, week_start: WeekStart) -> date:
    """The first day of the week in which the day lies."""
    return day - (day.weekday() + _DAYS_BEFORE_MONDAY[week_start]) % 7 * _DAY


def week_in_sql(day: str, week_start: WeekStart) -> str:
    """The same of a date in PostgreSQL, whose `date_trunc` knows weeks from Monday only."""
    before = _DAYS_BEFORE_MONDAY[week_start]
    if not before:
        return f"date_trunc('week', {day})::date"
    return f"date_trunc('week', {day} + {before})::date - {before}"
