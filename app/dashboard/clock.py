"""Instants and lengths of time as people read them, in the zone of the faces."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.core.answers.day import day_of
from app.core.answers.formats import Formats, month, weekday
from app.core.answers.timesheet import Per

# How long one of each unit is, and from how many of it on it is spoken of.
_UNITS = ((86_400, 2, "d"), (3_600, 2, "h"), (60, 2, "min"))


@dataclass(frozen=True, slots=True)
class Clock:
    """What the clocks of the zone show, as `formats` has it; `now` is when the page was asked for."""

    zone: ZoneInfo
    now: datetime
    formats: Formats

    @property
    def today(self) -> date:
        """The day that it is in the zone."""
        return day_of(self.now, self.zone).date

    def iso(self, instant: datetime) -> str:
        """For machines, with the offset."""
        return instant.astimezone(self.zone).isoformat(timespec="seconds")

    def full(self, instant: datetime) -> str:
        """Day, time and zone: `Wed 25 Nov 2026, 09:07:33 CET`."""
        shown = instant.astimezone(self.zone)
        return f"{weekday(shown)} {self.formats.day(shown)}, {shown:%H:%M:%S %Z}"

    def short(self, instant: datetime) -> str:
        """As little as tells it from others: the time of today, else the day, and the year of another one."""
        shown = instant.astimezone(self.zone)
        if shown.date() == self.today:
            return f"{shown:%H:%M:%S}"
        if shown.year == self.today.year:
            return f"{self.formats.day_of_year(shown)}, {shown:%H:%M}"
        return self.formats.day(shown)

    def minute(self, instant: datetime) -> str:
        """Day and time of day, with the year where it is another one."""
        shown = instant.astimezone(self.zone)
        return f"{self.day(shown.date())}, {shown:%H:%M}"

    def ago(self, instant: datetime) -> str:
        """How far from now: `12 s ago`, `in 3 min`."""
        seconds = round((self.now - instant).total_seconds())
        length = span(timedelta(seconds=abs(seconds)))
        return f"{length} ago" if seconds >= 0 else f"in {length}"

    def day(self, day: date) -> str:
        """A day: `25 Nov`, with the year where it is another one."""
        return self.formats.near_day(day, self.today)

    def part(self, day: date, per: Per) -> str:
        """A day, week or month by its first day; a whole month by its name: `Nov`, `Dec 2025`."""
        if per != "month" or day.day != 1:
            return self.day(day)
        return month(day) if day.year == self.today.year else f"{month(day)} {day.year:04d}"


def span(length: timedelta) -> str:
    """A length of time in its largest unit of which there are two: `90 min`, `3 d`."""
    seconds = int(length.total_seconds())
    for unit, least, name in _UNITS:
        if seconds >= least * unit:
            return f"{seconds // unit} {name}"
    return f"{seconds} s"
