"""Timesheets: the days that time is put on, and what the sums of milliseconds say in minutes."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.core.day import whole_day

Figures = dict[str, Any]

_DAY = timedelta(days=1)
_MS_PER_MINUTE = 60_000
_ON_DAYS = {"entries": "", "running": "running_"}
_ALL = _ON_DAYS | {"undated": "undated_"}


def day_bounds(first: date, last: date, zone: ZoneInfo) -> list[datetime]:
    """When each day from the first to the last begins, and, at the end of the list, when the last one ends.

    A day that the zone left out begins when the next one does.
    """
    return [whole_day(first + number * _DAY, zone).start for number in range((last - first).days + 2)]


def read_sheets(rows: Iterable[Mapping[str, Any]], first: date) -> tuple[Figures, list[Figures]]:
    """The total, and one sheet for each person, list or space, with its days.

    The rows are those of `sum_time`: the total, then each sheet's sum before its days. Minutes are whole
    ones, cut off, of the milliseconds that stand beside them: each figure's own, so that a sum of days
    loses nothing that its days lose.
    """
    total, *others = rows
    sheets: list[Figures] = []
    for row in others:
        if row["day_number"] is None:
            sheets.append(_whose(row) | _figures(row, _ALL) | {"days": []})
        else:
            day = first + (row["day_number"] - 1) * _DAY
            sheets[-1]["days"].append({"date": day} | _figures(row, _ON_DAYS))
    return _figures(total, _ALL), sheets


def list_cells(sheets: Iterable[Mapping[str, Any]]) -> Iterable[Figures]:
    """The same as a table: a row for each sheet and day, and one without a day for time without a start."""
    for sheet in sheets:
        whose = _whose(sheet)
        yield from (whose | day for day in sheet["days"])
        if sheet["undated"]:
            yield whose | {name: sheet[name] for name in sheet if name.startswith("undated")}


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
