"""A day in a zone, as instants: where it begins and ends, whatever the clocks do in between."""

import re
from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# Beyond these no work is logged, and every zone can show what is between them.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
# How a day is written: 2026-01-31.
WRITTEN_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DAY, _SECOND = timedelta(days=1), timedelta(seconds=1)
_USUAL_DAYS = 7


@dataclass(frozen=True, slots=True)
class Day:
    """The instants in [start, end), UTC: 23 to 25 hours where the clocks change, none of a day that a
    zone left out.
    """

    date: date
    start: datetime
    end: datetime


def day_of(instant: datetime, zone: ZoneInfo) -> Day:
    """The day in which the instant lies; each lies in exactly one."""
    shown = instant.astimezone(zone).date()
    around = (whole_day(day, zone) for day in (shown - _DAY, shown, shown + _DAY))
    return next(day for day in around if day.start <= instant < day.end)


def whole_day(day: date, zone: ZoneInfo) -> Day:
    """From midnight to the next one: the days of a zone join without a gap."""
    return Day(day, _midnight(day, zone), _midnight(day + _DAY, zone))


def days_between(first: date | None, last: date | None, today: date) -> tuple[date, date]:
    """The first and the last day of a report: without the last today, without the first seven days together.

    Raises ValueError as `check_order`.
    """
    end = last or today
    begin = first or end - (_USUAL_DAYS - 1) * _DAY
    check_order(begin, end)
    return begin, end


def check_order(first: date, last: date) -> None:
    """Raises ValueError where the first day is after the last."""
    if first > last:
        raise ValueError(f"{first} is after {last}, the last day")


def beginning_of(since: date, zone: ZoneInfo) -> datetime:
    """The instant itself, or the one at which the day begins in the zone."""
    return since if isinstance(since, datetime) else whole_day(since, zone).start


def end_of(until: date, zone: ZoneInfo) -> datetime:
    """The instant itself, or the one at which the day has ended in the zone."""
    return until if isinstance(until, datetime) else whole_day(until, zone).end


def at_time(day: Day, at: time, zone: ZoneInfo) -> datetime:
    """The instant of this day at which its clocks show `at`: the later one where they do so twice.

    Where they skip it, as long before the day's end as it always is.
    """
    shown = datetime.combine(day.date, at, zone).replace(fold=1).astimezone(UTC)
    return min(max(shown, day.start), day.end - _SECOND)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant from which the zone's date is this day.

    That is no 00:00 where the clocks skip it, and the first of two in Havana. Where they went back
    over midnight (St. John's, 00:01 to 23:01) it is the one that leaves fewer instants to a wrong day.
    """
    zero = datetime.combine(day, time(), zone)
    first, last = sorted(zero.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    # Offsets are whole seconds, and so are the instants at which they change.
    later = bisect_left(
        range(round((last - first) / _SECOND)),
        True,
        key=lambda seconds: (first + seconds * _SECOND).astimezone(zone).date() >= day,
    )
    return first + later * _SECOND
