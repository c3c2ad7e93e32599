"""How an installation shows dates and numbers to people, and on which day its weeks begin.

Programs get ISO 8601 dates and plain numbers, whatever is set.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from app.core.words import noun

WeekStart = Literal["monday", "sunday", "saturday"]
DateFormat = Literal["30 Nov 2026", "2026-11-30", "30.11.2026", "30/11/2026", "11/30/2026"]
NumberFormat = Literal["1,234.5", "1.234,5", "1 234,5", "1'234.5"]

_DAY = timedelta(days=1)
# How many days a week begins before its Monday.
_DAYS_BEFORE_MONDAY: dict[WeekStart, int] = {"monday": 0, "sunday": 1, "saturday": 2}
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# With the year, and without it. Without its year an ISO date is no date that anybody knows.
_DATES: dict[DateFormat, tuple[str, str]] = {
    "30 Nov 2026": ("{day.day} {month} {day.year:04d}", "{day.day} {month}"),
    "2026-11-30": ("{day.year:04d}-{day.month:02d}-{day.day:02d}",) * 2,
    "30.11.2026": ("{day.day:02d}.{day.month:02d}.{day.year:04d}", "{day.day:02d}.{day.month:02d}."),
    "30/11/2026": ("{day.day:02d}/{day.month:02d}/{day.year:04d}", "{day.day:02d}/{day.month:02d}"),
    "11/30/2026": ("{day.month:02d}/{day.day:02d}/{day.year:04d}", "{day.month:02d}/{day.day:02d}"),
}
# Between thousands, and before decimals. No line ends within a number: its blank is one that does not break.
_SEPARATORS: dict[NumberFormat, tuple[str, str]] = {
    "1,234.5": (",", "."),
    "1.234,5": (".", ","),
    "1 234,5": ("\N{NO-BREAK SPACE}", ","),
    "1'234.5": ("'", "."),
}
_NUMBER_IN_SENTENCE = re.compile(r"(?<![\w.,])[0-9]{1,3}(?:,[0-9]{3})+(?![\w])")


def week_of(day: date, week_start: WeekStart) -> date:
    """The first day of the week in which the day lies."""
    return day - (day.weekday() + _DAYS_BEFORE_MONDAY[week_start]) % 7 * _DAY


def week_in_sql(day: str, week_start: WeekStart) -> str:
    """The same of a date in PostgreSQL, whose `date_trunc` knows weeks from Monday only."""
    before = _DAYS_BEFORE_MONDAY[week_start]
    if not before:
        return f"date_trunc('week', {day})::date"
    return f"date_trunc('week', {day} + {before})::date - {before}"


def weekday(day: date) -> str:
    """`Mon`."""
    return _WEEKDAYS[day.weekday()]


def month(day: date) -> str:
    """`Nov`."""
    return _MONTHS[day.month - 1]


@dataclass(frozen=True, slots=True)
class Formats:
    """The look of dates and numbers: DATE_FORMAT and NUMBER_FORMAT of the settings."""

    date_format: DateFormat = "30 Nov 2026"
    number_format: NumberFormat = "1,234.5"

    def day(self, day: date) -> str:
        """With its year: `30 Nov 2026`."""
        return _DATES[self.date_format][0].format(day=day, month=month(day))

    def day_of_year(self, day: date) -> str:
        """Without its year: `30 Nov`."""
        return _DATES[self.date_format][1].format(day=day, month=month(day))

    def near_day(self, day: date, today: date) -> str:
        """With its year where that is another one than today's."""
        return self.day_of_year(day) if day.year == today.year else self.day(day)

    def number(self, value: float | Decimal, decimals: int | None = None) -> str:
        """With its thousands apart, and so many decimals, or those that it has: `1,234`, `1,234.5`."""
        thousands, decimal = _SEPARATORS[self.number_format]
        whole, _, rest = format(value, "," if decimals is None else f",.{decimals}f").partition(".")
        return whole.replace(",", thousands) + (decimal + rest if rest else "")

    def hours(self, minutes: int) -> str:
        """Minutes as hours and minutes: `12:05`, `1,486:46`."""
        hours, rest = divmod(abs(minutes), 60)
        return f"{'-' if minutes < 0 else ''}{self.number(hours)}:{rest:02d}"

    def pluralize(self, number: int, one: str, many: str | None = None) -> str:
        """`1 task`, `1,200 tasks`, `3 people`; without `many` an s is added."""
        return f"{self.number(number)} {noun(number, one, many)}"

    def sentence(self, text: str) -> str:
        """A sentence of ours, which programs get too, with its numbers as people here write them."""
        return _NUMBER_IN_SENTENCE.sub(lambda found: self.number(int(found[0].replace(",", ""))), text)
