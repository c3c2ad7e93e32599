"""A heat map: people, lists or spaces down, days, weeks or months across; the more time, the darker."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.core.answers.timesheet import AnySheet, SheetPart

_SHADES = 5


@dataclass(frozen=True, slots=True)
class Cell:
    """The time of one day, week or month; `shade` from 0 (none) to 5 (the most there is)."""

    minutes: int
    running_minutes: int
    shade: int


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the map with its sum, both of finished time."""

    id: str | None
    employee_id: UUID | None
    name: str | None
    minutes: int
    running_minutes: int
    undated_minutes: int
    cells: list[Cell]


def map_sheets(sheets: Iterable[AnySheet], days: Sequence[date]) -> list[Line]:
    """A line for each sheet; the shades are those of the darkest cell of all."""
    known = [(sheet, {part.day: part for part in sheet.parts}) for sheet in sheets]
    most = max((part.minutes for _, parts in known for part in parts.values()), default=0)
    return [
        Line(
            sheet.id,
            sheet.employee_id,
            sheet.name,
            sheet.minutes,
            sheet.running_minutes,
            sheet.undated_minutes,
            [_cell(parts.get(day), most) for day in days],
        )
        for sheet, parts in known
    ]


def _cell(part: SheetPart | None, most: int) -> Cell:
    if part is None:
        return Cell(0, 0, 0)
    shade = -(-part.minutes * _SHADES // most) if most else 0
    return Cell(part.minutes, part.running_minutes, shade)
