"""Timesheets: the days or weeks that time is put on, and what sums of milliseconds say in minutes."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from app.core.day import whole_day

Figures = dict[str, Any]
Per = Literal["day", "week", "total"]

_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
_PARTS: dict[Per, str] = {"day": "days", "week": "weeks"}
_MS_PER_MINUTE = 60_000
_ON_DAYS = {"entries": "", "running": "running_"}
_ALL = _ON_DAYS | {"undated": "undated_"}


def monday_of(day: date) -> date:
    """The Monday of the week in which the day lies."""
    return day - day.weekday() * _DAY


def day_bounds(first: date, last: date, zone: ZoneInfo) -> list[datetime]:
    """When each day from the first to the last begins, and, at the end of the list, when the last one ends.

    A day that the zone left out begins when the next one does.
    """
    return [whole_day(first + number * _DAY, zone).start for number in range((last - first).days + 2)]


def hours_and_minutes(minutes: int) -> str:
    """Minutes as people read them: `12:05`, `1,486:46`."""
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else ''}{hours:,}:{rest:02d}"


def part_bounds(first: date, last: date, zone: ZoneInfo, per: Per) -> list[datetime]:
    """The same of days, of weeks, or of all days as one. The first and the last week may be shorter."""
    if per == "day":
        return day_bounds(first, last, zone)
    mondays = (monday_of(last) - monday_of(first)).days // 7 if per == "week" else 0
    begins = [first, *(_part_date(first, number + 2, "week") for number in range(mondays)), last + _DAY]
    return [whole_day(day, zone).start for day in begins]


def read_sheets(
    rows: Iterable[Mapping[str, Any]], first: date, per: Per = "day"
) -> tuple[Figures, list[Figures]]:
    """The total, and one sheet for each person, task, list or space, with its `days` or `weeks`.

    The rows are those of `sum_time`: the total, then each sheet's sum before its parts. A week has the
    date of its Monday, the first one that of the first day. Minutes are whole ones, cut off, of the
    milliseconds that stand beside them: each figure's own, so that a sum of days loses nothing that its
    days lose.
    """
    total, *others = rows
    sheets: list[Figures] = []
    for row in others:
        number = row["day_number"]
        if number is None:
            sheets.append(_whose(row) | _figures(row, _ALL) | ({_PARTS[per]: []} if per in _PARTS else {}))
        elif per in _PARTS:
            part = {"date": _part_date(first, number, per)} | _figures(row, _ON_DAYS)
            sheets[-1][_PARTS[per]].append(part)
    return _figures(total, _ALL), sheets


def list_cells(sheets: Iterable[Mapping[str, Any]]) -> Iterable[Figures]:
    """The same as a table: a row for each sheet and day or week, and one without a day for time without a
    start; of sheets without days and weeks one row each.
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


def _part_date(first: date, number: int, per: Per) -> date:
    """The first day of the part of this number, counted from 1."""
    if per == "day":
        return first + (number - 1) * _DAY
    return first if number == 1 else monday_of(first) + (number - 1) * _WEEK


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
