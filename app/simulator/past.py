"""What the simulated workspace was at any instant, and each change since it began to remember.

Only what is written is kept: the objects are immutable, so one is no copy. The instants are those that
deliveries and ClickUp's own stamps have; on a running clock others may be some ms later.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from app.simulator import wire
from app.simulator.clock import MS_PER_MINUTE
from app.simulator.ground_truth import readable, tell
from app.simulator.model import Comment, Folder, Person, Space, Task, TaskList, TimeEntry
from app.simulator.request import Json
from app.simulator.store import Store

ObjectKind = Literal["task", "time_entry", "comment", "member", "space", "folder", "list"]
Columns = dict[str, Any]
_KIND_OF: dict[str, ObjectKind] = {
    "tasks": "task", "entries": "time_entry", "comments": "comment", "people": "member", "spaces": "space",
    "folders": "folder", "lists": "list",
}  # fmt: skip
_TABLES = (*_KIND_OF, "groups", "fields", "odd_values")


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one object, at `at` (epoch ms), by `user_id`.

    `field`: the mirror's column with values as it stores them, but for instants (epoch ms) and members
    (lists); `custom_fields:` with the field's id and what people read; or `created`, `deleted`, `restored`,
    also for a member who joins, leaves and comes back. What follows from other changes is none: names of
    places and people in other objects, sums of time, counts.
    """

    object_kind: ObjectKind
    object_id: str
    field: str
    before: Any
    after: Any
    at: int
    user_id: int


@dataclass(frozen=True, slots=True)
class _Write:
    """`edit`: which edit wrote it, for one may write an object several times."""

    at: int
    edit: int
    user_id: int
    table: str
    key: Any
    before: Any
    after: Any


class Past:
    """Remembers from now on. Hold the store's lock."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._since = store.clock.now_ms()
        self._writes: list[_Write] = []
        for table in _TABLES:
            setattr(store, table, _Remembered(self, table, getattr(store, table)))

    @property
    def instants(self) -> list[int]:
        """When something was written, oldest first."""
        return list(dict.fromkeys(write.at for write in self._writes))

    def truth_at(self, instant_ms: int) -> Json:
        """What `ground_truth.tell` said at the end of that ms. Raises ValueError for what is forgotten."""
        if instant_ms < self._since:
            raise ValueError(f"nothing is remembered of {instant_ms}, only since {self._since}")
        then = _copy(self._store)
        for write in reversed(self._writes):
            if write.at <= instant_ms:
                break
            _undo(then, write)
        _index(then)
        return tell(then)

    def changes(self) -> list[Change]:
        """All of them, oldest first."""
        then, found = _copy(self._store), list[Change]()
        for write in reversed(self._as_edits()):
            if write.table in _KIND_OF:
                found.extend(reversed(list(_changes(then, write))))
            _undo(then, write)
        return found[::-1]

    def _as_edits(self) -> list[_Write]:
        """For each edit and object one write, in the place of the last."""
        edits: dict[tuple[int, str, Any], _Write] = {}
        for write in self._writes:
            key = write.edit, write.table, write.key
            first = edits.pop(key, write)
            edits[key] = replace(write, before=first.before)
        return list(edits.values())

    def note(self, table: str, key: Any, before: Any, after: Any) -> None:
        """Something was written."""
        store = self._store
        at = _own_stamp(before, after) or store.clock.now_ms()
        if self._writes:
            at = max(at, self._writes[-1].at)
        self._writes.append(_Write(at, store.edits, store.actor_id(), table, key, before, after))


class _Remembered(dict[Any, Any]):
    """A table of the store that says what is written."""

    def __init__(self, past: Past, table: str, rows: dict[Any, Any]) -> None:
        super().__init__(rows)
        self._past, self._table = past, table

    def __setitem__(self, key: Any, row: Any) -> None:
        before = self.get(key)
        super().__setitem__(key, row)
        self._past.note(self._table, key, before, row)

    def __delitem__(self, key: Any) -> None:
        before = self[key]
        super().__delitem__(key)
        self._past.note(self._table, key, before, None)

    def pop(self, key: Any, default: Any = None) -> Any:
        before = self.get(key)
        if before is None:
            return default
        del self[key]
        return before


def _own_stamp(before: Any, after: Any) -> int | None:
    """When ClickUp says that it was changed; a mass edit has stamps that the clock has yet to reach."""
    match after:
        case Task() if before is None or before.date_updated != after.date_updated:
            return after.date_updated
        case TimeEntry() if before is None or before.at != after.at:
            return after.at
        case _:
            return None


def _copy(store: Store) -> Store:
    """One with the same tables, and no indexes yet."""
    copy = Store(store.workspace, store.clock, number=store.number)
    for table in _TABLES:
        setattr(copy, table, dict(getattr(store, table)))
    return copy


def _undo(then: Store, write: _Write) -> None:
    rows = getattr(then, write.table)
    if write.before is None:
        rows.pop(write.key, None)
    else:
        rows[write.key] = write.before


def _index(then: Store) -> None:
    """Makes the indexes that the truth needs."""
    then.load_tasks(then.tasks.values())
    then.load_entries(then.entries.values())
    for comment in list(then.comments.values()):
        then.put_comment(comment)


def _changes(then: Store, write: _Write) -> Iterator[Change]:
    kind, key = _KIND_OF[write.table], str(write.key)
    existed, exists = _exists(write.before), _exists(write.after)
    if existed != exists:
        what = "deleted" if existed else "created" if write.before is None else "restored"
        yield Change(kind, key, what, None, None, write.at, write.user_id)
    if write.before is None or write.after is None:
        return
    before, after = _columns(then, write.before), _columns(then, write.after)
    for field in dict.fromkeys((*before, *after)):
        was, is_now = before.get(field), after.get(field)
        if was != is_now:
            yield Change(kind, key, field, was, is_now, write.at, write.user_id)


def _exists(one: Any) -> bool:
    return one is not None and not getattr(one, "deleted", False) and not getattr(one, "left", False)


def _columns(then: Store, one: Any) -> Columns:
    match one:
        case Task():
            return _task(one) | _custom_fields(then, one)
        case TimeEntry():
            return _entry(one)
        case Comment():
            return _comment(one)
        case Person():
            return {"name": one.username, "email": one.email, "role": one.role.name.lower()}
        case Space():
            return {"name": one.name, "archived": one.archived}
        case Folder():
            return {"name": one.name, "archived": one.archived, "space_id": one.space_id}
        case TaskList():
            place = {"space_id": one.space_id, "folder_id": one.folder_id}
            return {"name": one.name, "archived": one.archived} | place
        case _:
            return {}


def _task(task: Task) -> Columns:
    estimate = task.time_estimate
    return {
        "title": task.name,
        "description": task.text,
        "custom_id": task.custom_id,
        "status": task.status.name,
        "status_type": task.status.type,
        "priority": None if task.priority is None else wire.PRIORITIES[task.priority],
        "assignee_ids": [str(user_id) for user_id in task.assignees],
        "tags": [tag.name for tag in task.tags],
        "points": task.points,
        "time_estimate_minutes": None if estimate is None else estimate // MS_PER_MINUTE,
        "start_at": task.start_date,
        "due_at": task.due_date,
        "date_done": task.date_done,
        "date_closed": task.date_closed,
        "archived": task.archived,
        "parent": task.parent,
        "list_id": task.list_id,
        "space_id": task.space_id,
        "locations": list(task.locations),
        "dependencies": sorted((tie.task_id, tie.depends_on) for tie in task.dependencies),
        "linked": sorted(link.link_id for link in task.links),
    }


def _custom_fields(then: Store, task: Task) -> Columns:
    return {
        f"custom_fields:{field_id}": readable(then, then.fields[field_id], value)
        for field_id, value in task.fields.items()
    }


def _entry(entry: TimeEntry) -> Columns:
    return {
        "clickup_task_id": entry.task_id,
        "clickup_user_id": str(entry.user_id),
        "started_at": entry.start,
        "ended_at": entry.end,
        "duration_ms": None if entry.end is None else entry.duration,
        "billable": entry.billable,
        "description": entry.description or None,
        "tags": [tag.name for tag in entry.tags],
    }


def _comment(said: Comment) -> Columns:
    return {
        "text": said.text,
        "assignee_id": None if said.assignee is None else str(said.assignee),
        "assigned_by_id": None if said.assigned_by is None else str(said.assigned_by),
        "assignee_group_id": said.group,
        "resolved": said.resolved,
        "reactions": [{"reaction": code, "user_id": str(user_id)} for code, user_id in said.reactions],
    }
