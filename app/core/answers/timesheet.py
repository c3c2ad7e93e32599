"""Timesheets: the days, weeks or months that time is put on, and what sums of milliseconds say in minutes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from app.core.answers.day import whole_day
from app.core.answers.fields import ForAssistants, InWords, Written, said
from app.core.answers.filters import MOST_PARTS
from app.core.answers.formats import WeekStart, week_of

Per = Literal["day", "week", "month", "total"]

_DAY, _WEEK, _MONTH_OR_MORE = timedelta(days=1), timedelta(days=7), timedelta(days=31)
_MS_PER_MINUTE = 60_000

Entries = Annotated[int, said("Finished entries that have a part here", 3)]
Minutes = Annotated[int, InWords.MINUTES, said("Whole minutes of what is finished, cut off", 125)]
Milliseconds = Annotated[int, ForAssistants.NEVER, said("The same, exact", 7_512_345)]
RunningTimers = Annotated[int, ForAssistants.NONZERO, said("Timers that run and have a part here", 0)]
RunningMinutes = Annotated[
    int,
    InWords.MINUTES,
    ForAssistants.NONZERO,
    said("Whole minutes of timers that run, up to now; not in `minutes`", 0),
]
Undated = Annotated[
    int, ForAssistants.NONZERO, said("Entries without a start, whatever days are asked for", 0)
]
UndatedMinutes = Annotated[
    int, InWords.MINUTES, ForAssistants.NONZERO, said("Their whole minutes; not in `minutes`", 0)
]
SheetId = Annotated[
    str | None, said("ClickUp's id of whose or what it is; null for time of none, and for all", "183")
]
SheetEmployee = Annotated[UUID | None, said("The person in `/employees`; null for all but people")]
SheetName = Annotated[
    str | None, Written.LINE, said("Name of the person, task, list or space", "Ada Lovelace")
]
PartDate = Annotated[
    date,
    said("The day; the first one of a week or month, within the days asked for", "2026-01-05", name="date"),
]


@dataclass(frozen=True, slots=True)
class TimeSum:
    """Time of one person, task, list or space, or of all: of one day, or without `day_number` in all."""

    id: str | None
    employee_id: UUID | None
    name: str | None
    day_number: int | None
    entries: int
    milliseconds: int
    running: int
    running_milliseconds: int
    undated: int
    undated_milliseconds: int


@dataclass(frozen=True, slots=True)
class SheetPart:
    """One day, week or month of a sheet; those without time are left out."""

    day: PartDate
    entries: Entries
    minutes: Minutes
    milliseconds: Milliseconds
    running: RunningTimers
    running_minutes: RunningMinutes
    running_milliseconds: Milliseconds


@dataclass(frozen=True, slots=True)
class SheetTotal:
    """Time on the days that were asked for, and apart from it time that is on no day."""

    entries: Entries
    minutes: Minutes
    milliseconds: Milliseconds
    running: RunningTimers
    running_minutes: RunningMinutes
    running_milliseconds: Milliseconds
    undated: Undated
    undated_minutes: UndatedMinutes
    undated_milliseconds: Milliseconds


@dataclass(frozen=True, slots=True)
class Sheet:
    """The time of one person, task, list or space, or of all."""

    id: SheetId
    employee_id: SheetEmployee
    name: SheetName
    entries: Entries
    minutes: Minutes
    milliseconds: Milliseconds
    running: RunningTimers
    running_minutes: RunningMinutes
    running_milliseconds: Milliseconds
    undated: Undated
    undated_minutes: UndatedMinutes
    undated_milliseconds: Milliseconds

    @property
    def parts(self) -> list[SheetPart]:
        """Its days, weeks or months, where it is divided."""
        return []


@dataclass(frozen=True, slots=True)
class DailySheet(Sheet):
    """The same, day by day."""

    days: Annotated[list[SheetPart], said("The days with time")]

    @property
    def parts(self) -> list[SheetPart]:
        """Its days."""
        return self.days


@dataclass(frozen=True, slots=True)
class WeeklySheet(Sheet):
    """The same, week by week."""

    weeks: Annotated[list[SheetPart], said("The weeks with time, which begin on the day of `WEEK_START`")]

    @property
    def parts(self) -> list[SheetPart]:
        """Its weeks."""
        return self.weeks


@dataclass(frozen=True, slots=True)
class MonthlySheet(Sheet):
    """The same, month by month."""

    months: Annotated[list[SheetPart], said("The months with time")]

    @property
    def parts(self) -> list[SheetPart]:
        """Its months."""
        return self.months


AnySheet = DailySheet | WeeklySheet | MonthlySheet | Sheet
_SHEETS: dict[Per, type[Any]] = {"day": DailySheet, "week": WeeklySheet, "month": MonthlySheet}


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A line of sheets as a table: one part, a whole sheet without parts, or time that is on no day."""

    day: Annotated[
        date | None, said("The first day of the part; null for a whole sheet, and for no day", name="date")
    ]
    id: SheetId
    employee_id: SheetEmployee
    name: SheetName
    entries: int | None = None
    minutes: int | None = None
    milliseconds: int | None = None
    running: int | None = None
    running_minutes: int | None = None
    running_milliseconds: int | None = None
    undated: int | None = None
    undated_minutes: int | None = None
    undated_milliseconds: int | None = None


def next_month(day: date) -> date:
    """The first day of the month after that in which the day lies."""
    return (day.replace(day=1) + _MONTH_OR_MORE).replace(day=1)


def count_parts(first: date, last: date, per: Per, week_start: WeekStart = "monday") -> int:
    """How many `part_dates` there are, of however many years."""
    return _number(last, per, week_start) - _number(first, per, week_start) + 1


def check_parts(first: date, last: date, per: Per, week_start: WeekStart) -> None:
    """Raises ValueError for more days, weeks or months than one timesheet is divided into."""
    number = count_parts(first, last, per, week_start)
    if number > MOST_PARTS:
        raise ValueError(f"{first} to {last} are {number:,} {per}s; {MOST_PARTS} are the maximum")


def part_dates(first: date, last: date, per: Per, week_start: WeekStart = "monday") -> list[date]:
    """The first day of each part: of weeks as `week_start` says, firsts of months, but for the first part,
    which begins with the first day, as the last one ends with the last.
    """
    dates = [first]
    while (following := _after(dates[-1], last, per, week_start)) <= last:
        dates.append(following)
    return dates


def part_bounds(
    first: date, last: date, zone: ZoneInfo, per: Per, week_start: WeekStart = "monday"
) -> list[datetime]:
    """When each part begins, and, at the end of the list, when the last one ends.

    A day that the zone left out begins when the next one does.
    """
    return [whole_day(day, zone).start for day in [*part_dates(first, last, per, week_start), last + _DAY]]


def read_sheets(
    rows: Iterable[TimeSum], dates: Sequence[date], per: Per = "day"
) -> tuple[SheetTotal, list[AnySheet]]:
    """The total, and one sheet for each person, task, list or space, with its `days`, `weeks` or `months`.

    The rows are those of `sum_time`: the total, then each sheet's sum before its parts, whose dates are
    `part_dates`. Minutes are whole ones, cut off, of the milliseconds that stand beside them: each
    figure's own, so that a sum of days loses nothing that its days lose.
    """
    total, *others = rows
    sheets: list[AnySheet] = []
    for row in others:
        if row.day_number is None:
            whose = (row.id, row.employee_id, row.name, *_figures(row), *_undated(row))
            sheets.append(_SHEETS[per](*whose, []) if per in _SHEETS else Sheet(*whose))
        elif per in _SHEETS:
            sheets[-1].parts.append(SheetPart(dates[row.day_number - 1], *_figures(row)))
    return SheetTotal(*_figures(total), *_undated(total)), sheets


def list_lines(sheets: Iterable[AnySheet]) -> Iterable[SheetLine]:
    """The same as a table: a line for each sheet and part, and one without a day for time without a start;
    of sheets without parts one line each.
    """
    for sheet in sheets:
        whose = (sheet.id, sheet.employee_id, sheet.name)
        undated = (sheet.undated, sheet.undated_minutes, sheet.undated_milliseconds)
        if type(sheet) is Sheet:
            yield SheetLine(None, *whose, *_columns(sheet), *undated)
            continue
        yield from (SheetLine(part.day, *whose, *_columns(part)) for part in sheet.parts)
        if sheet.undated:
            yield SheetLine(
                None,
                *whose,
                undated=sheet.undated,
                undated_minutes=sheet.undated_minutes,
                undated_milliseconds=sheet.undated_milliseconds,
            )


def _after(day: date, last: date, per: Per, week_start: WeekStart) -> date:
    """The day after the part in which the day lies."""
    if per == "day":
        return day + _DAY
    if per == "week":
        return week_of(day, week_start) + _WEEK
    return next_month(day) if per == "month" else last + _DAY


def _number(day: date, per: Per, week_start: WeekStart) -> int:
    """Counts the days, weeks or months of the calendar."""
    if per == "day":
        return day.toordinal()
    if per == "week":
        return week_of(day, week_start).toordinal() // _WEEK.days
    return day.year * 12 + day.month if per == "month" else 0


def _figures(row: TimeSum) -> tuple[int, int, int, int, int, int]:
    """Of finished time and of timers that run: how many entries, whole minutes, and milliseconds."""
    spent, running = row.milliseconds, row.running_milliseconds
    return row.entries, spent // _MS_PER_MINUTE, spent, row.running, running // _MS_PER_MINUTE, running


def _undated(row: TimeSum) -> tuple[int, int, int]:
    return row.undated, row.undated_milliseconds // _MS_PER_MINUTE, row.undated_milliseconds


def _columns(figures: Sheet | SheetPart) -> tuple[int, int, int, int, int, int]:
    return (
        figures.entries, figures.minutes, figures.milliseconds,
        figures.running, figures.running_minutes, figures.running_milliseconds,
    )  # fmt: skip
