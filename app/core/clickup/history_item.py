"""History items of webhook deliveries: who changed what, and when.

What they tell is used for history only. A mirrored value is always read afresh: deliveries repeat, come in no
order, and leave out much. Nothing here raises: an item that cannot be read is none, and a value that cannot
be read, or that ClickUp writes otherwise than the mirror stores it, is `UNTOLD`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import partial
from hashlib import blake2b
from itertools import islice
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

import orjson

from app.core.clickup.custom_fields import Zones, read_value_text
from app.core.clickup.delivery import Mirrored, Subject, find_named, read_name
from app.core.clickup.people import read_person
from app.core.clickup.task_row import read_minutes, read_priority
from app.core.clickup.values import (
    Json,
    flag,
    given_flag,
    given_id,
    given_text,
    instant,
    integer,
    listed_object,
    mapping,
    objects,
    plain_text,
    storable,
    text,
)

ObjectKind = Mirrored | Literal["comment", "time_entry"]
Reader = Callable[[Any], Any]
Columns = tuple[tuple[str, Reader], ...]


class Untold(Enum):
    """Stands for a value that an item does not tell."""

    UNTOLD = "untold"


UNTOLD: Final = Untold.UNTOLD

# The limits of one delivery. Items that were recorded are far below them.
_MOST_ITEMS, _MOST_MEMBERS = 50, 100
_LONGEST_VALUE, _LONGEST_TAG, _LONGEST_NAME = 4_000, 500, 200
# No change of ClickUp's was made outside of these years.
_EARLIEST, _LATEST = datetime(2010, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_SENSELESS = (ValueError, TypeError, ArithmeticError, RecursionError)
# Custom fields without a time of day have the same text in every zone.
_ANY_ZONE = Zones(ZoneInfo("UTC"))


@dataclass(frozen=True, slots=True)
class HistoryItem:
    """One change of one column of the mirror.

    `field`: the column, `custom_fields:` with the field's id, or `created`, `deleted` or `updated` (unknown
    in what) for the object itself. `before`, `after`: as the mirror stores them, or `UNTOLD`. `added`,
    `removed`: members of a column that has several; None for other columns and where they are not told.
    """

    object_kind: ObjectKind
    object_id: str
    field: str
    changed_at: datetime
    user_id: str | None
    user_name: str | None
    before: Any = UNTOLD
    after: Any = UNTOLD
    added: tuple[str, ...] | None = None
    removed: tuple[str, ...] | None = None

    @property
    def tells_before(self) -> bool:
        """Whether `before` is known."""
        return self.before is not UNTOLD

    @property
    def tells_after(self) -> bool:
        """Whether `after` is known."""
        return self.after is not UNTOLD

    @property
    def key(self) -> str:
        """The same for all items that tell of one change: ClickUp's id of an item is no such key."""
        values = [[value] if value is not UNTOLD else [] for value in (self.before, self.after)]
        subject = [self.object_kind, self.object_id, self.field, self.changed_at, self.user_id]
        content = orjson.dumps([*subject, *values, self.added, self.removed])
        return blake2b(content, digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class _Change:
    """An item of a delivery: what it is about, when and by whom, and the item and delivery as they came."""

    subject: Subject
    at: datetime
    user_id: str | None
    user_name: str | None
    wire: Json
    delivery: Json

    def tells(self, field: str, before: Any = UNTOLD, after: Any = UNTOLD) -> HistoryItem:
        return self.tells_of(self.subject, field, before, after)

    def tells_of(
        self, subject: tuple[ObjectKind, str], field: str, before: Any = UNTOLD, after: Any = UNTOLD
    ) -> HistoryItem:
        return HistoryItem(*subject, field, self.at, self.user_id, self.user_name, before, after)

    def tells_members(
        self, field: str, added: tuple[str, ...] | None, removed: tuple[str, ...] | None
    ) -> HistoryItem:
        return HistoryItem(
            *self.subject, field, self.at, self.user_id, self.user_name, added=added, removed=removed
        )


def read_history(body: bytes) -> tuple[HistoryItem, ...]:
    """The changes that a signed body tells, each once."""
    try:
        delivery = mapping(orjson.loads(body))
    except orjson.JSONDecodeError:
        return ()
    subject = find_named(delivery, read_name(delivery.get("event")))
    if subject is None:
        return ()
    wires = islice(objects(delivery.get("history_items")), _MOST_ITEMS)
    items = (item for wire in wires for item in _read_item(subject, wire, delivery))
    return tuple(dict.fromkeys(islice(items, _MOST_ITEMS)))


def _read_item(subject: Subject, wire: Json, delivery: Json) -> Iterator[HistoryItem]:
    at = _told(instant, wire.get("date"))
    if not isinstance(at, datetime) or not _EARLIEST <= at < _LATEST:
        return
    person = read_person(mapping(wire.get("user")))
    user_name = person.name[:_LONGEST_NAME] if person else None
    change = _Change(subject, at, person.id if person else None, user_name, wire, delivery)
    field = read_name(wire.get("field"))
    if subject[0] != "task":
        yield from _columns(change, _PLACE_COLUMNS[subject[0]].get(field, ()))
    elif field in _READERS:
        yield from _READERS[field](change)
    else:
        yield from _columns(change, _TASK_COLUMNS.get(field, ()))


def _columns(change: _Change, columns: Columns) -> Iterator[HistoryItem]:
    """Those that changed; where a value is not told, the first one may have changed."""
    for position, (column, reader) in enumerate(columns):
        before = _told(reader, change.wire.get("before"))
        after = _told(reader, change.wire.get("after"))
        if before != after or (position == 0 and before is UNTOLD):
            yield change.tells(column, before, after)


def _told(reader: Reader, value: Any) -> Any:
    """What the reader makes of it; UNTOLD where that is nothing, or too long."""
    try:
        found = reader(value)
    except _SENSELESS:
        return UNTOLD
    return UNTOLD if isinstance(found, str) and len(found) > _LONGEST_VALUE else found


def _nothing(value: Any) -> Any:
    raise ValueError(f"the mirror stores it otherwise than ClickUp tells it: {type(value).__name__}")


def _title(value: Any) -> str:
    return text(value) or ""


def _moment(value: Any) -> str | None:
    """ISO 8601 in UTC."""
    at = instant(value)
    return at.isoformat() if at else None


def _switch(value: Any) -> bool:
    if value is None:
        raise ValueError("neither true nor false")
    return given_flag(value)


def _status(value: Any) -> str | None:
    """A task comes into being out of a status without a name, of the type `removed`."""
    return given_text(value.get("status") if isinstance(value, dict) else value)


def _status_type(value: Any) -> str | None:
    status = listed_object(value)
    return None if status.get("status") is None else given_text(status.get("type"))


def _place(part: str | None, key: str, value: Any) -> str | None:
    """Of a list as ClickUp tells it: its own id or name, or those of its folder (`category`) or space."""
    place = listed_object(value)
    within = listed_object(place.get(part)) if part else place
    # A folderless list carries a folder named `hidden`, which is no folder (observed).
    if part == "category" and flag(within.get("hidden")):
        return None
    found = given_id(within.get("id")) if key == "id" else plain_text(within.get(key))
    if found is None:
        raise ValueError(f"a place without {key}")
    return found


_FOLDER: Columns = (
    ("folder_id", partial(_place, "category", "id")),
    ("folder_name", partial(_place, "category", "name")),
)
_TASK_COLUMNS: Mapping[str, Columns] = {
    "name": (("title", _title),),
    "content": (("description", _nothing),),
    "status": (("status", _status), ("status_type", _status_type)),
    "priority": (("priority", read_priority),),
    "due_date": (("due_at", _moment),),
    "start_date": (("start_at", _moment),),
    "time_estimate": (("time_estimate_minutes", read_minutes),),
    "points": (("points", given_text),),
    "archived": (("archived", _switch),),
    "section_moved": (
        ("list_id", partial(_place, None, "id")),
        ("list_name", partial(_place, None, "name")),
        *_FOLDER,
        ("space_id", partial(_place, "project", "id")),
        ("space_name", partial(_place, "project", "name")),
    ),
}
_PLACE: Mapping[str, Columns] = {"name": (("name", _title),), "archived": (("archived", _switch),)}
_PLACE_COLUMNS: Mapping[Mirrored, Mapping[str, Columns]] = {
    "list": {**_PLACE, "section_moved": _FOLDER[:1]},
    "folder": _PLACE,
    "space": _PLACE,
}


def _creation(change: _Change) -> Iterator[HistoryItem]:
    yield change.tells("created")


def _assignee(is_added: bool, change: _Change) -> Iterator[HistoryItem]:
    """Who was removed stands in `after` too, without any `before` (observed)."""
    before, after = read_person(change.wire.get("before")), read_person(change.wire.get("after"))
    person = (after or before) if is_added else (before or after)
    if person:
        one = (person.id,)
        yield change.tells_members("assignee_ids", one if is_added else (), () if is_added else one)


def _tags(change: _Change) -> Iterator[HistoryItem]:
    """Whether a list has all tags or only those that changed, the difference is the same."""
    before, after = (_told(_tag_names, change.wire.get(side)) for side in ("before", "after"))
    is_known = UNTOLD not in (before, after) and (before or change.wire.get("field") == "tag")
    if not is_known:
        yield change.tells_members("tags", None, None)
        return
    added = tuple(name for name in after if name not in before)
    removed = tuple(name for name in before if name not in after)
    if added or removed:
        yield change.tells_members("tags", added, removed)


def _tag_names(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > _MOST_MEMBERS:
        raise ValueError("no list of tags")
    names = (given_text(listed_object(tag).get("name")) for tag in value)
    found = tuple(dict.fromkeys(name for name in names if name))
    if any(len(name) > _LONGEST_TAG for name in found):
        raise ValueError("a tag that is too long")
    return found


def _custom_field(change: _Change) -> Iterator[HistoryItem]:
    wire = mapping(change.wire.get("custom_field"))
    if field_id := read_name(wire.get("id")):
        read = partial(_custom_value, wire)
        before, after = (_told(read, change.wire.get(side)) for side in ("before", "after"))
        yield change.tells(f"custom_fields:{field_id}", before, after)


def _custom_value(wire: Json, value: Any) -> str | None:
    """The text that people read. Raises ValueError where a task has the value in another form than an item,
    or in one that no item was ever seen with.
    """
    if value is None:
        return None
    match wire.get("type"):
        case "drop_down" | "labels":
            is_same = _are_options(mapping(wire.get("type_config")), value)
        case "users":
            is_same = isinstance(value, list) and all(
                isinstance(one, dict) and plain_text(one.get("username")) for one in value
            )
        case "number" | "currency" | "checkbox" | "emoji":
            is_same = isinstance(value, str | int | float)
        case "short_text" | "text" | "url" | "email" | "phone":
            is_same = isinstance(value, str) and not value.startswith('{"ops"')
        case _:
            is_same = False
    return read_value_text(wire, value, _ANY_ZONE) if is_same else _nothing(value)


def _are_options(config: Json, value: Any) -> bool:
    known = {option["id"] for option in objects(config.get("options")) if isinstance(option.get("id"), str)}
    chosen = value if isinstance(value, list) else [value]
    return all(isinstance(one, str) and one in known for one in chosen)


def _comment(change: _Change) -> Iterator[HistoryItem]:
    """A comment that was posted, or one that was changed, of which ClickUp does not tell in what.

    An item may have the date of the comment itself (ClickUp's example): it then tells no time of a change.
    """
    told = mapping(change.wire.get("comment"))
    comment_id = read_name(told.get("id")) or read_name(change.wire.get("after"))
    if not comment_id:
        return
    subject: tuple[ObjectKind, str] = ("comment", comment_id)
    if change.delivery.get("event") == "taskCommentPosted":
        yield change.tells_of(subject, "created")
    elif _told(instant, told.get("date")) not in (UNTOLD, change.at):
        yield change.tells_of(subject, "updated")


_SESSION: Columns = (
    ("started_at", lambda session: _moment(listed_object(session).get("start"))),
    ("ended_at", lambda session: _moment(listed_object(session).get("end"))),
    ("duration_ms", lambda session: _duration(listed_object(session).get("time"))),
)


def _duration(value: Any) -> int | None:
    """A running timer has a negative duration (observed); the mirror stores none."""
    millis = integer(value)
    return None if millis is None or millis < 0 else millis


def _time_spent(change: _Change) -> Iterator[HistoryItem]:
    before, after = mapping(change.wire.get("before")), mapping(change.wire.get("after"))
    entry_id = read_name(after.get("id")) or read_name(before.get("id"))
    if not entry_id:
        return
    subject: tuple[ObjectKind, str] = ("time_entry", entry_id)
    said = storable(str(mapping(change.delivery.get("data")).get("description"))[:_LONGEST_NAME]).lower()
    if not after or "delet" in said:
        yield change.tells_of(subject, "deleted")
    elif not before:
        yield change.tells_of(subject, "created" if "creat" in said else "updated")
    else:
        for column, reader in _SESSION:
            values = _told(reader, before), _told(reader, after)
            if values[0] != values[1]:
                yield change.tells_of(subject, column, *values)


_READERS: Mapping[str, Callable[[_Change], Iterator[HistoryItem]]] = {
    "task_creation": _creation,
    "assignee_add": partial(_assignee, True),
    "assignee_rem": partial(_assignee, False),
    "tag": _tags,
    "tag_removed": _tags,
    "custom_field": _custom_field,
    "comment": _comment,
    "time_spent": _time_spent,
}
