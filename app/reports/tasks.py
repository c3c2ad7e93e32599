"""Questions about tasks."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, Literal, get_args

from app.core.answers.paging import Cursor, digest
from app.core.answers.search import search_query
from app.reports.keyset import Page, Walk, beginning, instant_text
from app.supabase_db import Database, Row

Sort = Literal[
    "-updated", "updated", "-created", "created", "-due", "due", "-tracked", "tracked", "-title", "title"
]
SORTS: tuple[Sort, ...] = get_args(Sort)
StatusType = Literal["open", "custom", "done", "closed"]
Priority = Literal["urgent", "high", "normal", "low"]
Deleted = Literal["exclude", "only", "include"]
_NO_DUE = datetime(9999, 12, 31, tzinfo=UTC)
_SEARCHED_TITLE = 200
_LARGEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """Which tasks; what is None lets everything pass, several values of one filter mean any of them.

    `due_before` and `due_after` are days in the mirror's zone, the former excluded and the latter
    included. `assignees`: ClickUp's ids. `words` finds tasks with all these words, or beginnings of words, in
    title or description. `open`, `overdue` and `unassigned` are as the view `tasks` says.
    """

    task_ids: Sequence[str] | None = None
    statuses: Sequence[str] | None = None
    status_types: Sequence[StatusType] | None = None
    priorities: Sequence[Priority] | None = None
    list_ids: Sequence[str] | None = None
    folder_ids: Sequence[str] | None = None
    space_ids: Sequence[str] | None = None
    parents: Sequence[str] | None = None
    assignees: Sequence[str] | None = None
    tags: Sequence[str] | None = None
    due_after: date | None = None
    due_before: date | None = None
    updated_since: datetime | None = None
    open: bool | None = None
    overdue: bool | None = None
    unassigned: bool | None = None
    archived: bool | None = None
    deleted: Deleted = "exclude"
    with_time: bool = False
    with_comments: bool = False
    words: str | None = None

    def params(self, workspace_id: str) -> dict[str, Any]:
        """As the queries take them."""
        # An empty list means "not filtered".
        lists = {
            name: list(value) or None if isinstance(value, tuple | list) else value
            for name, value in asdict(self).items()
        }
        words = search_query(self.words) if self.words is not None else None
        return lists | {"workspace_id": workspace_id, "words": words}

    @property
    def finds_nothing(self) -> bool:
        """Whether the words searched for are none."""
        return self.words is not None and search_query(self.words) is None


class TaskReports:
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

    async def field_values(self, task_id: str) -> list[Row]:
        """Its custom fields that are set, as people read them and as ClickUp sent them."""
        return await self._database.ask("list_field_values", task_id=task_id)

    async def count(self, workspace_id: str, wanted: TaskFilter, most: int | None = None) -> int:
        """How many tasks pass the filter; `most` where there are as many or more."""
        if wanted.finds_nothing:
            return 0
        rows = await self._database.ask("count_tasks", **wanted.params(workspace_id), most=most)
        return int(rows[0]["total"])

    async def page(
        self, workspace_id: str, wanted: TaskFilter, sort: Sort, *, limit: int, offset: int = 0,
        cursor: Cursor | None = None,
    ) -> Page:  # fmt: skip
        """One page: at an offset, or where the cursor of the last page stands."""
        if wanted.finds_nothing:
            return Page([], None)

        async def list_rows(place: Cursor, most: int) -> list[Row]:
            order = "written" if place.again else sort
            return await self._database.ask(
                "list_tasks",
                **wanted.params(workspace_id),
                **_place(order, place),
                sort=order,
                written_since=place.written_since,
                limit=most,
                offset=0 if place.again else offset,
            )

        walk = Walk("clickup_task_id", partial(_key, sort.lstrip("-")), "updated_at", list_rows)
        asked = question(wanted, sort)
        begin = cursor or await beginning(self._database, "get_last_task_write", workspace_id, asked)
        return await walk.page(begin, limit)


def question(wanted: TaskFilter, sort: Sort) -> str:
    """What a cursor is good for."""
    return digest(asdict(wanted) | {"sort": sort})


def check_place(cursor: Cursor, sort: Sort) -> Cursor:
    """The cursor, if its place is one of this order. Raises ValueError for a place that is none."""
    place = _place("written" if cursor.again else sort, cursor)
    number, time, text = place["after_number"], place["after_time"], place["after_text"]
    if (number is not None and abs(number) > _LARGEST) or (time and time.tzinfo is None):
        raise ValueError("invalid cursor: it was changed, or is from another query")
    if any("\x00" in part for part in (text, cursor.row_id) if part):
        raise ValueError("invalid cursor: it was changed, or is from another query")
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


def _key(by: str, row: Row) -> str:
    """What the order compares, as the query has it where a value is missing."""
    if by == "title":
        return str(row["title"])[:_SEARCHED_TITLE]
    if by == "tracked":
        return str(row["tracked_minutes"] or 0)
    if by == "due":
        return instant_text(row["due_at"], _NO_DUE)
    return instant_text(row[f"date_{by}"])
