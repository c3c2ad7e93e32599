"""Sums of tasks and sums of time, which come from two questions, put side by side."""

from collections.abc import Iterable, Mapping
from typing import Any

Figures = dict[str, Any]


def beside_time(
    rows: Iterable[Mapping[str, Any]], sheets: Iterable[Mapping[str, Any]], blank: Mapping[str, int]
) -> list[Figures]:
    """Each row with the tracked time of the sheet that has its id; sheets without a row become rows of
    `blank`. By name, those without a name last.
    """
    found: dict[str | None, Figures] = {row["id"]: {**row, **_tracked(None)} for row in rows}
    for sheet in sheets:
        if sheet["milliseconds"] or sheet["id"] in found:
            whose = {name: sheet[name] for name in ("id", "employee_id", "name")}
            found[sheet["id"]] = {**whose, **blank, **found.get(sheet["id"], {}), **_tracked(sheet)}
    return sorted(found.values(), key=_by_name)


def _tracked(sheet: Mapping[str, Any] | None) -> Figures:
    return {
        "tracked_minutes": sheet["minutes"] if sheet else 0,
        "tracked_milliseconds": sheet["milliseconds"] if sheet else 0,
    }


def _by_name(row: Figures) -> tuple[bool, str, bool, str]:
    return row["name"] is None, (row["name"] or "").lower(), row["id"] is None, row["id"] or ""
