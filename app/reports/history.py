"""Questions about what changed, and how exactly the past is known."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from app.core.answers.fields import ForAssistants, InWords, Written, said
from app.core.answers.matching import nearest
from app.core.answers.paging import Cursor, digest
from app.core.clickup.stamps import EPOCH
from app.core.errors import UnknownValue
from app.reports.keyset import Page
from app.reports.places import Within
from app.sql.typed_rows import Query
from app.supabase_db import Database

ObjectType = Literal["task", "time_entry", "comment", "person", "space", "folder", "list"]
Operation = Literal["created", "changed", "deleted", "restored"]
Source = Literal["webhook", "polling", "clickup"]
_CUSTOM = "custom_fields."
# The objects whose versions an answer about the past is made of.
Versions = Literal["tasks", "time_entries", "comments"]


@dataclass(frozen=True, slots=True)
class History:
    """Since when history is recorded, and since when it is not, because HISTORY is off."""

    since: datetime
    off_since: datetime | None


@dataclass(frozen=True, slots=True)
class _Known:
    """As the database tells it."""

    history_since: datetime | None
    off_since: datetime | None
    uncertain_rows: int


@dataclass(frozen=True, slots=True)
class Precision:
    """How exactly an answer about the past is known."""

    instant: Annotated[datetime, said("The instant that it is about")]
    history_since: Annotated[
        datetime | None,
        said("Since then changes are recorded; what was before is told by ClickUp's time stamps alone"),
    ]
    exact: Annotated[bool, said("Everything in this answer was certainly so at that instant")]
    uncertain_rows: Annotated[
        int, said("Rows that may have changed shortly before or after it, or before `history_since`", 0)
    ]


@dataclass(frozen=True, slots=True)
class Change:
    """One changed field of an object, or that it was created, deleted or restored."""

    change_id: Annotated[int, ForAssistants.NEVER, said("The change; the same for ever", 4711)]
    position: Annotated[
        int,
        ForAssistants.NEVER,
        said("Its place in the order of `after`; a new one once more is known", 4711),
    ]
    object_type: Annotated[ObjectType, said("What changed", "task")]
    object_id: Annotated[str, said("ClickUp's id of it", "86abc1")]
    task_id: Annotated[
        str | None, said("The task that it is or belongs to, by ClickUp's id; null for people and places")
    ]
    object_name: Annotated[
        str | None,
        Written.LINE,
        said("What it is called now; of a time entry or comment, its task. null where that is not known"),
    ]
    operation: Annotated[Operation, said("created, changed, deleted or restored", "changed")]
    field: Annotated[
        str | None,
        said(
            "The field that changed, named as in the object's row, or `custom_fields.` and its name; null "
            "where none did: created, deleted, restored",
            "due_at",
        ),
    ]
    before: Annotated[
        Any,
        Written.JSON,
        said(
            "The value before, as the row has it: instants in UTC, whole minutes, milliseconds; null: empty"
        ),
    ]
    after: Annotated[Any, Written.JSON, said("The value after, in the same form")]
    changed_at: Annotated[
        datetime, InWords.INSTANT, said("When it happened, as answers with `as_of` have it")
    ]
    earliest: Annotated[datetime, said("It happened then or later")]
    latest: Annotated[datetime, said("It happened then or earlier; exact where both are the same")]
    user_id: Annotated[str | None, said("ClickUp's id of who did it; null where nobody told", "183")]
    user_name: Annotated[str | None, Written.LINE, said("Their name then", "Ada Lovelace")]
    source: Annotated[
        Source,
        said(
            "How it is known: told by a webhook, seen by polling, or by ClickUp's own time stamp", "polling"
        ),
    ]
    recorded_at: Annotated[datetime, ForAssistants.NEVER, said("When it was first recorded")]


@dataclass(frozen=True, slots=True)
class ChangeFilter:
    """Which changes; None lets everything pass. They happened in [since, until). `users`: ClickUp's ids."""

    since: datetime | None = None
    until: datetime | None = None
    users: Sequence[str] | None = None
    fields: Sequence[str] | None = None
    objects: Sequence[ObjectType] | None = None
    operations: Sequence[Operation] | None = None
    within: Within = field(default_factory=Within)

    def params(self, workspace_id: str) -> dict[str, Any]:
        """As the queries take them; an empty list means "not filtered"."""
        lists = {
            name: list(values) if (values := getattr(self, name)) else None
            for name in ("users", "fields", "objects", "operations")
        }
        own = {"workspace_id": workspace_id, "since": self.since, "until": self.until}
        return own | lists | self.within.params()

    @property
    def question(self) -> str:
        """What a cursor is good for."""
        return digest(asdict(self) | {"list": "changes"})


LIST_CHANGES = Query("list_changes", Change)
LIST_CHANGES_IN_ORDER = Query("list_changes_in_order", Change)
LIST_TASK_CHANGES = Query("list_task_changes", Change)
GET_HISTORY_STATE = Query("get_history_state", History)
GET_LAST_POSITION = Query("get_last_position", int)
LIST_CHANGE_FIELDS = Query("list_change_fields", str)
GET_PRECISION = Query("get_precision", _Known)


class HistoryReports:
    """What is known of the past."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def state(self, workspace_id: str) -> History | None:
        """Since when there is history; None where it has not begun."""
        return await self._database.row(GET_HISTORY_STATE, workspace_id=workspace_id)

    async def precision(
        self, workspace_id: str, instant: datetime, versions: Versions, ids: list[str] | None
    ) -> Precision:
        """How exactly these objects, or all of a workspace, are known as they were at the instant."""
        known = await self._database.one(
            GET_PRECISION, workspace_id=workspace_id, instant=instant, versions=versions, ids=ids
        )
        since = known.history_since
        is_recorded = since is not None and since <= instant
        was_off = known.off_since is not None and known.off_since <= instant
        exact = is_recorded and not was_off and not known.uncertain_rows
        return Precision(instant, since, exact, known.uncertain_rows)

    async def changes(
        self, workspace_id: str, wanted: ChangeFilter, cursor: Cursor | None, limit: int
    ) -> Page[Change]:
        """Changes, newest first: the first page, or the one at the cursor."""
        rows = await self._database.rows(
            LIST_CHANGES, **wanted.params(workspace_id), **_place(cursor), limit=limit
        )
        return _page(rows, wanted.question, limit)

    async def changes_after(
        self, workspace_id: str, wanted: ChangeFilter, position: int, limit: int
    ) -> tuple[list[Change], int]:
        """Changes that became known after a position, in this order, and the position to go on from."""
        upto = await self.last_position(workspace_id)
        rows = await self._database.rows(
            LIST_CHANGES_IN_ORDER, **wanted.params(workspace_id), after=position, upto=upto, limit=limit
        )
        return rows, rows[-1].position if len(rows) == limit else max(upto, position)

    async def last_position(self, workspace_id: str) -> int:
        """The position of the change that became known last."""
        return await self._database.one(GET_LAST_POSITION, workspace_id=workspace_id)

    async def of_task(
        self, workspace_id: str, task_id: str, cursor: Cursor | None, limit: int, *, oldest_first: bool
    ) -> Page[Change]:
        """Changes of a task, its time entries and its comments: the first page, or the one at the cursor."""
        rows = await self._database.rows(
            LIST_TASK_CHANGES, workspace_id=workspace_id, task_id=task_id, oldest_first=oldest_first,
            limit=limit, **_place(cursor),
        )  # fmt: skip
        return _page(rows, question_of_task(task_id, oldest_first=oldest_first), limit)

    async def list_fields(self) -> list[str]:
        """The fields that changes name; all custom ones are `custom_fields`."""
        return await self._database.rows(LIST_CHANGE_FIELDS)

    async def check_fields(self, names: Sequence[str]) -> None:
        """Raises UnknownValue for a field that no change can name."""
        known = await self.list_fields()
        for name in names:
            if name not in known and not name.startswith(_CUSTOM):
                raise UnknownValue("field", name, nearest(name, known))


def question_of_task(task_id: str, *, oldest_first: bool) -> str:
    """What a cursor of a task's history is good for."""
    return digest({"list": "task history", "task": task_id, "oldest_first": oldest_first})


def check_place(cursor: Cursor) -> Cursor:
    """The cursor itself. Raises ValueError for a place that is none."""
    _place(cursor)
    return cursor


def position_of(cursor: Cursor) -> int:
    """The position that a cursor of the feed has. Raises ValueError for another one."""
    position = int(cursor.key or "")
    if not 0 <= position < 2**63:
        raise ValueError("invalid cursor: it was changed, or is from another query")
    return position


def cursor_at(question: str, position: int) -> Cursor:
    """The cursor of the feed at a position."""
    return Cursor(question, EPOCH.isoformat(), str(position))


def _place(cursor: Cursor | None) -> dict[str, Any]:
    if cursor is None or cursor.key is None or cursor.row_id is None:
        return {"after_time": None, "after_id": None}
    after, number = datetime.fromisoformat(cursor.key), int(cursor.row_id)
    if after.tzinfo is None or not 0 <= number < 2**63:
        raise ValueError("invalid cursor: it was changed, or is from another query")
    return {"after_time": after, "after_id": number}


def _page(rows: list[Change], question: str, limit: int) -> Page[Change]:
    if len(rows) < limit:
        return Page(rows, None)
    last = rows[-1]
    key = last.changed_at.astimezone(UTC).isoformat()
    return Page(rows, Cursor(question, EPOCH.isoformat(), key, str(last.change_id)))
