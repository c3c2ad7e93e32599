"""Timesheets: the days, weeks or months that time is put on, and what sums of milliseconds say in minutes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from app.core.answers.day import whole_day

Figures = dict[str, Any]
Per = Literal["day", "week", "month", "total"]

_DAY, _WEEK, _MONTH_OR_MORE = timedelta(days=1), timedelta(days=7), timedelta(days=31)
_PARTS: dict[Per, str] = {"day": "days", "week": "weeks", "month": "months"}
_MS_PER_MINUTE = 60_000
_ON_DAYS = {"entries": "", "running": "running_"}
_ALL = _ON_DAYS | {"undated": "undated_"}


def monday_of(day: date) -> date:
    """The Monday of the week in which the day lies."""
    return day - day.weekday() * _DAY


def next_month(day: date) -> date:
    """The first day of the month after that in which the day lies."""
    return (day.replace(day=1) + _MONTH_OR_MORE).replace(day=1)


def hours_and_minutes(minutes: int) -> str:
    """Minutes as people read them: `12:05`, `1,486:46`."""
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else ''}{hours:,}:{rest:02d}"


def count_parts(first: date, last: date, per: Per) -> int:
    """How many `part_dates` there are, of however many years."""
    return _number(last, per) - _number(first, per) + 1


def part_dates(first: date, last: date, per: Per) -> list[date]:
    """The first day of each part: Mondays of weeks, firsts of months, but for the first part, which begins
    with the first day, as the last one ends with the last.
    """
    dates = [first]
    while (following := _after(dates[-1], last, per)) <= last:
        dates.append(following)
    return dates


def part_bounds(first: date, last: date, zone: ZoneInfo, per: Per) -> list[datetime]:
    """When each part begins, and, at the end of the list, when the last one ends.

    A day that the zone left out begins when the next one does.
    """
    return [whole_day(day, zone).start for day in [*part_dates(first, last, per), last + _DAY]]


def read_sheets(
    rows: Iterable[Mapping[str, Any]], dates: Sequence[date], per: Per = "day"
) -> tuple[Figures, list[Figures]]:
    """The total, and one sheet for each person, task, list or space, with its `days`, `weeks` or `months`.

    The rows are those of `sum_time`: the total, then each sheet's sum before its parts, whose dates are
    `part_dates`. Minutes are whole ones, cut off, of the milliseconds that stand beside them: each
    figure's own, so that a sum of days loses nothing that its days lose.
    """
    total, *others = rows
    sheets: list[Figures] = []
    for row in others:
        number = row["day_number"]
        if number is None:
            sheets.append(_whose(row) | _figures(row, _ALL) | ({_PARTS[per]: []} if per in _PARTS else {}))
        elif per in _PARTS:
            part = {"date": dates[number - 1]} | _figures(row, _ON_DAYS)
            sheets[-1][_PARTS[per]].append(part)
    return _figures(total, _ALL), sheets


def list_cells(sheets: Iterable[Mapping[str, Any]]) -> Iterable[Figures]:
    """The same as a table: a row for each sheet and part, and one without a day for time without a start;
    of sheets without parts one row each.
    """
    for sheet in sheets:
        whose = _whose(sheet)
        name = next((name for name in _PARTS.values() if name in sheet), None)
        if name is None:
            yield dict(sheet)
            continue
        yield from (whose | part for part in sheet[name])
        if sheet["undated"]:
            yield whose | {name: sheet[name] for name in sheet if name.startswith("undated")}


def _after(day: date, last: date, per: Per) -> date:
    """The day after the part in which the day lies."""
    if per == "day":
        return day + _DAY
    if per == "week":
        return monday_of(day) + _WEEK
    return next_month(day) if per == "month" else last + _DAY


def _number(day: date, per: Per) -> int:
    """Counts the days, weeks or months of the calendar."""
    if per == "day":
        return day.toordinal()
    if per == "week":
        return monday_of(day).toordinal() // _WEEK.days
    return day.year * 12 + day.month if per == "month" else 0


def _whose(row: Mapping[str, Any]) -> Figures:
    return {name: row[name] for name in ("id", "employee_id", "name")}


def _figures(row: Mapping[str, Any], kinds: Mapping[str, str]) -> Figures:
    """Of each kind of time how many entries, whole minutes, and milliseconds."""
    figures: Figures = {}
    for count, prefix in kinds.items():
        spent = row[f"{prefix}milliseconds"]
        figures |= {
            count: row[count],
            f"{prefix}minutes": spent // _MS_PER_MINUTE,
            f"{prefix}milliseconds": spent,
        }
    return figures
