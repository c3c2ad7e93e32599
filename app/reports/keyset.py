"""Walks through lists that change meanwhile: page after page in some order, and nothing is left out."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from app.core.answers.paging import Cursor, begin_walk
from app.core.clickup.stamps import EPOCH
from app.sql.typed_rows import Query
from app.supabase_db import AskedDatabase

Row = TypeVar("Row")
# The rows from a place on, so many at the most.
ListRows = Callable[[Cursor, int], Awaitable[list[Row]]]


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows of one page, and where the walk goes on (None at its end)."""

    rows: list[Row]
    cursor: Cursor | None


@dataclass(frozen=True, slots=True)
class LastWrite:
    """When the last row of a list was written, and by which clock; `under_way`: when the oldest transaction
    began that is not over, None where the database does not tell.
    """

    written_at: datetime
    now: datetime
    under_way: datetime | None


@dataclass(frozen=True, slots=True)
class Walk(Generic[Row]):
    """A list in an order of its own; and at its end, oldest first, what was `written_at` meanwhile.

    A row that changes may move to where the walk has been; such rows come again. `key`: what the order
    compares, as text; `row_id`: what decides between equals.
    """

    row_id: Callable[[Row], str]
    key: Callable[[Row], str]
    written_at: Callable[[Row], datetime]
    list_rows: ListRows[Row]

    async def page(self, place: Cursor, limit: int) -> Page[Row]:
        """The rows from this place on. In the past nothing is written meanwhile."""
        rows = await self.list_rows(place, limit)
        if len(rows) >= limit:
            return Page(rows, self._after(place, rows[-1]))
        if place.again or place.key is None or place.is_past:
            return Page(rows, None)
        rest = await self.page(replace(place, again=True, key=None, row_id=None), limit - len(rows))
        known = {self.row_id(row) for row in rows}
        return Page(rows + [row for row in rest.rows if self.row_id(row) not in known], rest.cursor)

    def _after(self, place: Cursor, row: Row) -> Cursor:
        key = instant_text(self.written_at(row)) if place.again else self.key(row)
        return replace(place, key=key, row_id=self.row_id(row))


def newest_first(
    row_id: Callable[[Row], str],
    by: Callable[[Row], datetime | None],
    written_at: Callable[[Row], datetime],
    list_rows: ListRows[Row],
) -> Walk[Row]:
    """A walk in the order of an instant, the latest first and those without one last."""
    return Walk(row_id, lambda row: instant_text(by(row)), written_at, list_rows)


async def beginning(
    database: AskedDatabase, last_write: Query[LastWrite], workspace_id: str, question: str
) -> Cursor:
    """Where a walk begins."""
    if database.instant is not None:
        return Cursor(question, database.instant.astimezone(UTC).isoformat(), is_past=True)
    last = await database.one(last_write, workspace_id=workspace_id)
    return begin_walk(question, last.written_at, last.now, last.under_way)


def instant_text(instant: datetime | None, missing: datetime = EPOCH) -> str:
    """As a cursor has it; `missing` is what the order compares where there is none."""
    return (instant or missing).isoformat()


def check_place(cursor: Cursor) -> Cursor:
    """The cursor itself. Raises ValueError for a place that is none."""
    place_params(cursor, 0)
    return cursor


def place_params(place: Cursor, limit: int) -> dict[str, Any]:
    """A place as the queries that list the newest first take it."""
    return {
        "again": place.again is True,
        "after_time": None if place.key is None else datetime.fromisoformat(place.key),
        "after_id": place.row_id,
        "written_since": place.written_since,
        "limit": limit,
    }
