"""Questions about tasks."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Literal, get_args
from uuid import UUID

from app.core.paging import Cursor, digest
from app.core.search import search_query
from app.core.stamps import EPOCH
from app.supabase_db import Database, Row

Sort = Literal[
    "-updated", "updated", "-created", "created", "-due", "due", "-tracked", "tracked", "-title", "title"
]
SORTS: tuple[Sort, ...] = get_args(Sort)
Deleted = Literal["exclude", "only", "include"]
_NO_DUE = datetime(9999, 12, 31, tzinfo=UTC)
_SEARCHED_TITLE = 200
_LARGEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """Which tasks; what is None lets everything pass, several values of one filter mean any of them.

    `due_before` and `due_after` are days in the mirror's zone, the former excluded and the latter
    included. `words` finds tasks with all these words, or beginnings of words, in title or description.
    """

    task_ids: Sequence[str] | None = None
    statuses: Sequence[str] | None = None
    status_types: Sequence[str] | None = None
    priorities: Sequence[str] | None = None
    list_ids: Sequence[str] | None = None
    folder_ids: Sequence[str] | None = None
    space_ids: Sequence[str] | None = None
    parents: Sequence[str] | None = None
    employees: Sequence[UUID] | None = None
    tags: Sequence[str] | None = None
    due_after: date | None = None
    due_before: date | None = None
    updated_since: datetime | None = None
    archived: bool | None = None
    deleted: Deleted = "exclude"
    with_time: bool = False
    with_comments: bool = False
    words: str | None = None

    def params(self, workspace_id: str) -> dict[str, Any]:
        """As the queries take them."""
        lists = {
            name: list(value) if isinstance(value, tuple | list) else value
            for name, value in asdict(self).items()
        }
        words = search_query(self.words) if self.words is not None else None
        return lists | {"workspace_id": workspace_id, "words": words}

    @property
    def finds_nothing(self) -> bool:
        """Whether the words searched for are none."""
        return self.words is not None and search_query(self.words) is None


@dataclass(frozen=True, slots=True)
class TaskPage:
    """Rows of one page, how many there are in all, and where the walk goes on (None at its end)."""

    rows: list[Row]
    total: int
    cursor: Cursor | None


class TaskQuestions:
    """Tasks, by themselves and in lists."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, workspace_id: str, task_id: str) -> Row | None:
        """One task, a deleted one too; None where it was never seen."""
        rows = await self._database.ask("get_task", workspace_id=workspace_id, task_id=task_id)
        return rows[0] if rows else None

    async def related(self, task_id: str) -> dict[str, list[Row]]:
        """What it waits on, blocks and is linked to."""
        found: dict[str, list[Row]] = {"waiting_on": [], "blocking": [], "linked": []}
        for row in await self._database.ask("list_related_tasks", task_id=task_id):
            found[row.pop("relation")].append(row)
        return found

    async def count(self, workspace_id: str, wanted: TaskFilter) -> int:
        """How many tasks pass the filter."""
        if wanted.finds_nothing:
            return 0
        rows = await self._database.ask("count_tasks", **wanted.params(workspace_id))
        return int(rows[0]["total"])

    async def page(
        self, workspace_id: str, wanted: TaskFilter, sort: Sort, *, limit: int, offset: int = 0,
        cursor: Cursor | None = None,
    ) -> TaskPage:  # fmt: skip
        """One page: at an offset, or where the cursor of the last page stands."""
        if wanted.finds_nothing:
            return TaskPage([], 0, None)
        total = await self.count(workspace_id, wanted)
        walk = cursor or await self._begin(workspace_id, wanted, sort)
        rows, place = await self._walk(workspace_id, wanted, sort, walk, limit, offset)
        whole = cursor is None and offset == 0 and len(rows) == total
        return TaskPage(rows, total, None if whole else place)

    async def _begin(self, workspace_id: str, wanted: TaskFilter, sort: Sort) -> Cursor:
        """A cursor that is the same as long as nothing changes."""
        rows = await self._database.ask("get_last_written", workspace_id=workspace_id)
        return Cursor(question(wanted, sort), rows[0]["written_at"].astimezone(UTC).isoformat())

    async def _walk(
        self, workspace_id: str, wanted: TaskFilter, sort: Sort, walk: Cursor, limit: int, offset: int
    ) -> tuple[list[Row], Cursor | None]:
        """From a cursor on; at the end of the order come the rows that were written meanwhile."""
        rows = await self._list(wanted, workspace_id, "written" if walk.again else sort, limit, offset, walk)
        if len(rows) >= limit:
            return rows, _after(walk, sort, rows[-1])
        if walk.again or walk.key is None:
            return rows, None
        written, place = await self._walk(
            workspace_id, wanted, sort, replace(walk, again=True, key=None, row_id=None), limit - len(rows), 0
        )
        known = {row["clickup_task_id"] for row in rows}
        return rows + [row for row in written if row["clickup_task_id"] not in known], place

    async def _list(
        self, wanted: TaskFilter, workspace_id: str, sort: str, limit: int, offset: int = 0,
        walk: Cursor | None = None,
    ) -> list[Row]:  # fmt: skip
        return await self._database.ask(
            "list_tasks",
            **wanted.params(workspace_id),
            sort=sort,
            written_since=walk.began_at if walk else EPOCH,
            **_place(sort, walk),
            limit=limit,
            offset=offset,
        )


def question(wanted: TaskFilter, sort: Sort) -> str:
    """What a cursor is good for."""
    return digest(asdict(wanted) | {"sort": sort})


def check_place(cursor: Cursor, sort: Sort) -> Cursor:
    """The cursor, if its place is one of this order. Raises ValueError for a place that is none."""
    place = _place("written" if cursor.again else sort, cursor)
    number, time, text = place["after_number"], place["after_time"], place["after_text"]
    if (number is not None and abs(number) > _LARGEST) or (time and time.tzinfo is None):
        raise ValueError("it is no cursor that was handed out here")
    if any("\x00" in part for part in (text, cursor.row_id) if part):
        raise ValueError("it is no cursor that was handed out here")
    return cursor


def _place(sort: str, walk: Cursor | None) -> dict[str, Any]:
    """The last row seen, in the type that the order compares."""
    place: dict[str, Any] = {"after_id": None, "after_time": None, "after_number": None, "after_text": None}
    if walk is None or walk.key is None:
        return place
    by = sort.lstrip("-")
    if by == "title":
        place["after_text"] = walk.key
    elif by == "tracked":
        place["after_number"] = int(walk.key)
    else:
        place["after_time"] = datetime.fromisoformat(walk.key)
    return place | {"after_id": walk.row_id}


def _after(walk: Cursor, sort: Sort, row: Row) -> Cursor:
    by = "written" if walk.again else sort.lstrip("-")
    return replace(walk, key=_key(by, row), row_id=row["clickup_task_id"])


def _key(by: str, row: Row) -> str:
    """What the order compares, as the query has it where a value is missing."""
    if by == "title":
        return str(row["title"])[:_SEARCHED_TITLE]
    if by == "tracked":
        return str(row["tracked_minutes"] or 0)
    column, missing = {
        "updated": ("date_updated", EPOCH),
        "created": ("date_created", EPOCH),
        "due": ("due_at", _NO_DUE),
        "written": ("updated_at", EPOCH),
    }[by]
    instant: datetime = row[column] or missing
    return instant.isoformat()
