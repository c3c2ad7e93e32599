"""What tools take: types of parameters, each bounded, and what their texts mean."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, TypeVar

from fastmcp.exceptions import ToolError
from pydantic import BeforeValidator, Field, StringConstraints, ValidationError

from app.core.answers.day import (
    FIRST_DAY,
    LAST_DAY,
    WRITTEN_DAY,
    beginning_of,
    check_order,
    days_between,
    whole_day,
)
from app.core.answers.fields import said
from app.core.answers.filters import LONGEST_SEARCH, LONGEST_VALUE, MOST_VALUES, describe
from app.core.answers.formats import week_of
from app.core.answers.paging import Cursor, read_cursor, write_cursor
from app.core.answers.timesheet import Per, check_parts
from app.http.params import read_since as since_of
from app.http.validation import reason_of
from app.mcp.request_context import ToolContext
from app.reports.keyset import Page, check_place

_MOST_OFFSET = 10_000_000
_NEAR = {"today": 0, "yesterday": -1, "tomorrow": 1}
_WEEKS = {"this week": 0, "last week": -1, "next week": 1}
_WEEK = timedelta(days=7)
_INSTANT = re.compile(rf"{WRITTEN_DAY.pattern}.")

Item = TypeVar("Item")
# Any text that PostgreSQL can hold.
Word = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_VALUE, pattern=r"^[^\x00]+$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_SEARCH, pattern=r"^[^\x00]+$")]
SinceText = Annotated[str, StringConstraints(min_length=1, max_length=40)]
DayText = Annotated[str, StringConstraints(min_length=1, max_length=20)]


def as_list(given: Any) -> Any:
    """A single name counts as a list of one."""
    return [given] if isinstance(given, str) else given


# An empty list means "not filtered".
Words = Annotated[list[Word], Field(max_length=MOST_VALUES), BeforeValidator(as_list)]


def of(description: str, *examples: Any) -> Any:
    """A parameter with its meaning."""
    return Field(description=description, examples=list(examples) or None)


NEAR_DAYS = "2026-11-27, `today`, `yesterday` or `tomorrow`, in the mirror's zone"
NEAR_WEEKS = "2026-11-27, `this week` or `last week`, in the mirror's zone"
People = Annotated[
    Words | None,
    of(describe("person"), ["Ada Lovelace"]),
]
AssigneeNames = Annotated[Words | None, of(describe("assignee"), ["Ada Lovelace"])]
PlaceNames = Annotated[
    Words | None,
    of(describe("place"), ["Agency"]),
]
Limit = Annotated[int, Field(ge=1, le=100, description=describe("limit"))]
CursorText = Annotated[
    Annotated[str, StringConstraints(max_length=2_000)] | None,
    of(describe("cursor")),
]
FirstDay = Annotated[date, said("The first day, in `zone`", "2026-11-02", name="from")]
LastDay = Annotated[date, said("The last day, included, in `zone`", "2026-11-08", name="to")]
From = Annotated[DayText | None, Field(alias="from", description=describe("from", NEAR_DAYS))]
To = Annotated[DayText | None, Field(alias="to", description=describe("to", NEAR_DAYS))]


def is_day(text: str) -> bool:
    """Whether it is written as a day, and not as an instant."""
    return text.strip().lower() in _NEAR or WRITTEN_DAY.fullmatch(text) is not None


def read_day(text: str, context: ToolContext) -> date:
    """The day that is meant, in the mirror's zone. Raises the ToolError for what is none."""
    plain = text.strip().lower()
    if plain in _NEAR:
        return context.today + timedelta(days=_NEAR[plain])
    try:
        day = date.fromisoformat(plain) if WRITTEN_DAY.fullmatch(plain) else None
    except ValueError:
        day = None
    if day is None:
        raise ToolError(f"{text[:20]!r} is not a date; use YYYY-MM-DD, today, yesterday or tomorrow")
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ToolError(f"{day} is not between {FIRST_DAY} and {LAST_DAY}")
    return day


def read_since(text: str, context: ToolContext, name: str) -> datetime:
    """The instant, or the one at which the day begins. Raises the ToolError, with the argument's name."""
    if not _INSTANT.match(text):
        return whole_day(read_day(text, context), context.zone).start
    return _read_instant(text, context, name)


def read_until(text: str, context: ToolContext, name: str) -> datetime:
    """The instant, or the one at which the day ends. Raises the ToolError, with the argument's name."""
    if not _INSTANT.match(text):
        return whole_day(read_day(text, context), context.zone).end
    return _read_instant(text, context, name)


def read_days(
    first: str | None, last: str | None, context: ToolContext, per: Per = "total"
) -> tuple[date, date]:
    """The first and the last day that are meant. `per`: into what a timesheet of them is divided."""
    begin, end = (read_day(text, context) if text else None for text in (first, last))
    try:
        begin, end = days_between(begin, end, context.today)
        check_parts(begin, end, per, context.settings.week_start)
    except ValueError as error:
        raise ToolError(f"from: {error}") from None
    return begin, end


def read_bounds(
    first: str | None, last: str | None, context: ToolContext
) -> tuple[datetime | None, datetime | None]:
    """When the first day begins and the last one ends; None where no such day is given."""
    begin, end = (read_day(text, context) if text else None for text in (first, last))
    try:
        if begin and end:
            check_order(begin, end)
    except ValueError as error:
        raise ToolError(f"from: {error}") from None
    start = whole_day(begin, context.zone).start if begin else None
    return start, whole_day(end, context.zone).end if end else None


def read_week(text: str, context: ToolContext) -> date:
    """The first day of the week that is meant."""
    plain, week_start = text.strip().lower(), context.settings.week_start
    if plain in _WEEKS:
        return week_of(context.today, week_start) + _WEEKS[plain] * _WEEK
    return week_of(read_day(text, context), week_start)


def read_place(
    text: str | None, question: str, workspace_id: str, check: Callable[[Cursor], Cursor] = check_place
) -> Cursor | None:
    """Where a walk goes on. Raises the ToolError for what was not handed out for this question."""
    try:
        return check(read_cursor(text, question, workspace_id)) if text is not None else None
    except ValueError as error:
        raise ToolError(f"cursor: {error}") from None


def write_place(page: Page[Any], place: Cursor | None, total: int, workspace_id: str) -> str | None:
    """The cursor of the page that follows the one from `place` on; None at the end."""
    if page.cursor is None or (place is None and len(page.rows) == total):
        return None
    return write_cursor(page.cursor, workspace_id)


def read_offset(text: str | None, question: str, workspace_id: str) -> int:
    """How many rows the pages before had. Raises the ToolError for what was not handed out here."""
    if text is None:
        return 0
    try:
        offset = int(read_cursor(text, question, workspace_id).key or "")
    except ValueError as error:
        raise ToolError(f"cursor: {error}") from None
    if not 0 <= offset <= _MOST_OFFSET:
        raise ToolError("cursor: invalid cursor: it was changed, or is from another query")
    return offset


def take_page(
    rows: Sequence[Item], question: str, context: ToolContext, limit: int, cursor: str | None
) -> tuple[Sequence[Item], dict[str, Any]]:
    """Of all rows those of the page at the cursor; and what that page says of itself."""
    offset = read_offset(cursor, question, context.workspace_id)
    end = offset + limit
    return rows[offset:end], {
        "total": len(rows),
        "next_cursor": write_offset(question, context, end, len(rows)),
    }


def write_offset(question: str, context: ToolContext, offset: int, total: int) -> str | None:
    """The cursor of a page that begins there; None at the end."""
    if offset >= total:
        return None
    since, is_past = context.now.astimezone(UTC).isoformat(), context.as_of is not None
    return write_cursor(Cursor(question, since, str(offset), is_past=is_past), context.workspace_id)


def _read_instant(text: str, context: ToolContext, name: str) -> datetime:
    try:
        return beginning_of(since_of(text), context.zone)
    except ValidationError as error:
        raise ToolError(f"{name}: {reason_of(error.errors()[0])}") from None
