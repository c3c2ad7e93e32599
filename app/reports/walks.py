"""Walks through lists that change meanwhile: newest first, page after page, and nothing is left out."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from app.core.paging import Cursor
from app.core.stamps import EPOCH
from app.supabase_db import Row

# As named queries take a place: again, after_time, after_id, written_since, limit.
ListRows = Callable[[Mapping[str, Any]], Awaitable[list[Row]]]


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page, and where the walk goes on (None at its end)."""

    rows: list[Row]
    cursor: Cursor | None


@dataclass(frozen=True, slots=True)
class Walk:
    """A list by newest `by` and then by `row_id`; and at its end, oldest first, what was `written` meanwhile.

    A row that changes may move to where the walk has been; such rows come again.
    """

    row_id: str
    by: str
    written: str
    list_rows: ListRows

    async def page(self, question: str, cursor: Cursor | None, limit: int) -> Page:
        """The first page, or the one at the cursor."""
        place = cursor or Cursor(question, datetime.now(UTC).isoformat())
        rows = await self.list_rows(_params(place, limit))
        if len(rows) >= limit:
            return Page(rows, self._after(place, rows[-1]))
        if place.again or place.key is None:
            return Page(rows, None)
        rest = await self._written(place, limit - len(rows))
        known = {row[self.row_id] for row in rows}
        return Page(rows + [row for row in rest.rows if row[self.row_id] not in known], rest.cursor)

    async def _written(self, place: Cursor, limit: int) -> Page:
        return await self.page(place.question, replace(place, again=True, key=None, row_id=None), limit)

    def _after(self, place: Cursor, row: Row) -> Cursor:
        instant: datetime = row[self.written if place.again else self.by] or EPOCH
        return replace(place, key=instant.isoformat(), row_id=str(row[self.row_id]))


def check_place(cursor: Cursor) -> Cursor:
    """The cursor itself. Raises ValueError for a place that is none."""
    _params(cursor, 0)
    return cursor


def _params(place: Cursor, limit: int) -> dict[str, Any]:
    return {
        "again": place.again is True,
        "after_time": None if place.key is None else datetime.fromisoformat(place.key),
        "after_id": place.row_id,
        "written_since": place.began_at,
        "limit": limit,
    }
