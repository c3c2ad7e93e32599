"""Who made a change, and when exactly: what webhook items tell of changes that reads found. Pure code.

A read finds that a field was one value and is another, some time in between. An item of a delivery tells the
instant, the person and often both values. Items that lead from the value before to the value after replace
the change that was found; where deliveries were lost, what lies between stays a change of unknown person and
an interval.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

Json = dict[str, Any]
# ClickUp's stamps of a change and of its item differ by less.
SLACK = timedelta(seconds=2)
# What is written with a field, and is derived from it.
_PARTS: Mapping[str, tuple[str, ...]] = {
    "status": ("status_type", "date_done", "date_closed"),
    "assignee_ids": ("assignee_name", "employee_id", "employee_ids"),
    "due_at": ("due_date",),
    "start_at": ("start_date",),
    "points": ("sprint_points",),
    "parent": ("top_level_parent",),
    "list_id": ("list_name", "folder_id", "folder_name", "space_id", "space_name"),
}
# Of an item that tells that an object changed, not in what.
_UPDATED = "updated"
_OPERATIONS = frozenset({"created", "deleted"})


@dataclass(frozen=True, slots=True)
class Item:
    """What a delivery tells. `added`, `removed`: members of a field that has several, None where untold."""

    item_id: int
    field: str
    changed_at: datetime
    user_id: str | None
    user_name: str | None
    before: Any
    after: Any
    tells_before: bool
    tells_after: bool
    added: Sequence[str] | None
    removed: Sequence[str] | None


@dataclass(frozen=True, slots=True)
class Change:
    """A row of `changes`; one without a `change_id` is new. `changed_at` is the end of the version before."""

    change_id: int | None
    operation: str
    field: str | None
    before: Any
    after: Any
    earliest: datetime
    changed_at: datetime
    latest: datetime
    user_id: str | None
    user_name: str | None
    source: str

    def told_by(self, item: Item, before: Any, after: Any) -> "Change":
        """The change as an item tells it."""
        return replace(
            self, change_id=None, before=before, after=after, earliest=item.changed_at,
            changed_at=item.changed_at, latest=item.changed_at, user_id=item.user_id,
            user_name=item.user_name, source="webhook",
        )  # fmt: skip

    def between(self, before: Any, after: Any, earliest: datetime, latest: datetime) -> "Change":
        """What happened in between, without an item."""
        return replace(
            self, change_id=None, before=before, after=after, earliest=min(earliest, latest),
            changed_at=latest, latest=latest,
        )  # fmt: skip

    def may_be_at(self, instant: datetime) -> bool:
        """Whether it may have happened then."""
        return self.earliest - SLACK <= instant <= self.latest + SLACK


@dataclass(frozen=True, slots=True)
class Attribution:
    """What takes the place of changes at one version's end: `replaced`, by `changes`, of the items `used`."""

    replaced: tuple[int, ...]
    changes: tuple[Change, ...]
    used: frozenset[int]


def attribute(changes: Iterable[Change], items: Iterable[Item]) -> list[Attribution]:
    """One for each version's end of which items tell something. All of one object."""
    by_end: defaultdict[datetime, list[Change]] = defaultdict(list)
    for change in changes:
        by_end[change.changed_at].append(change)
    left = sorted(items, key=lambda item: (item.changed_at, item.item_id))
    found = []
    for _, ended in sorted(by_end.items()):
        attribution = _attribute_end(ended, left)
        if attribution:
            found.append(attribution)
            left = [item for item in left if item.item_id not in attribution.used]
    return found


def _attribute_end(ended: Sequence[Change], items: Sequence[Item]) -> Attribution | None:
    replaced: list[int] = []
    made: list[Change] = []
    used: set[int] = set()
    for change in ended:
        if change.change_id is None or change.source == "webhook":
            continue
        telling = [item for item in items if _tells_of(item, change, ended)]
        chain = _chain(change, telling)
        if chain:
            replaced.append(change.change_id)
            made += chain
            used |= {item.item_id for item in telling}
    return Attribution(tuple(replaced), tuple(made), frozenset(used)) if replaced else None


def _tells_of(item: Item, change: Change, ended: Sequence[Change]) -> bool:
    if not change.may_be_at(item.changed_at):
        return False
    if change.field is None:
        return item.field == change.operation
    # An item that does not tell in what the object changed tells of everything that changed then.
    return item.field == change.field or (item.field == _UPDATED and all(one.field for one in ended))


def _chain(change: Change, items: Sequence[Item]) -> list[Change]:
    """The change as its items tell it, in order; none where they do not fit."""
    if not items:
        return []
    if change.field is None or items[0].field == _UPDATED:
        # Of several edits nobody tells which of them changed what.
        return [change.told_by(items[0], change.before, change.after)] if len(items) == 1 else []
    made: list[Change] = []
    value, since = change.before, change.earliest
    for position, item in enumerate(items):
        before, after = _values(item, value, change.after, is_last=position == len(items) - 1)
        if not _is_same(before, value):
            made.append(change.between(value, before, since, item.changed_at))
        if not _is_same(before, after):
            made.append(change.told_by(item, before, after))
        value, since = after, item.changed_at
    if not _is_same(value, change.after):
        made.append(change.between(value, change.after, since, max(change.latest, since)))
    return made


def _values(item: Item, value: Any, last: Any, *, is_last: bool) -> tuple[Any, Any]:
    """Before and after the item; what it does not tell is what was known, and at the end what was read."""
    if item.added is not None or item.removed is not None:
        after = _apply(value, item.added or (), item.removed or ())
        return value, last if is_last and _is_same(after, last) else after
    before = item.before if item.tells_before else value
    return before, item.after if item.tells_after else (last if is_last else before)


def _apply(value: Any, added: Sequence[str], removed: Sequence[str]) -> Any:
    """A list of names, or ids that commas join, with members added and removed."""
    members = value if isinstance(value, list) else value.split(",") if value else []
    kept = [one for one in members if one not in removed]
    kept += [one for one in added if one not in kept]
    return kept if isinstance(value, list) else ",".join(kept) or None


def _is_same(one: Any, other: Any) -> bool:
    """Members may come in another order, instants in another form."""
    if isinstance(one, list) and isinstance(other, list):
        return sorted(map(str, one)) == sorted(map(str, other))
    if isinstance(one, str) and isinstance(other, str) and one != other:
        if "," in one or "," in other:
            return sorted(one.split(",")) == sorted(other.split(","))
        return _instant(one) is not None and _instant(one) == _instant(other)
    return bool(one == other)


def _instant(value: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else None


@dataclass(frozen=True, slots=True)
class Version:
    """A version's columns by name, when it begins to be valid, and when it may have begun at the earliest."""

    columns: Json
    valid_from_earliest: datetime
    valid_from: datetime


def split(before: Version, after: Version, changes: Iterable[Change]) -> list[Version]:
    """The versions that lead from one to the next: changes, each at its own time. The last one is `after`.

    What is derived from a field is known where the field's value is that of one of the two; else it is None.
    """
    by_time: defaultdict[datetime, list[Change]] = defaultdict(list)
    for change in changes:
        by_time[max(change.changed_at, before.valid_from)].append(change)
    times = sorted(by_time)
    if not times:
        return [after]
    found, columns = [], before.columns
    for instant in times[:-1]:
        columns = columns | {"date_updated": instant.isoformat()} if "date_updated" in columns else columns
        for change in by_time[instant]:
            columns = _with(columns, change, before.columns, after.columns)
        found.append(Version(columns, _earliest(by_time[instant], instant), instant))
    last = times[-1]
    return [*found, Version(after.columns, _earliest(by_time[last], last), last)]


def _earliest(changes: Iterable[Change], instant: datetime) -> datetime:
    return min(instant, *(change.earliest for change in changes))


def _with(columns: Json, change: Change, before: Json, after: Json) -> Json:
    field = change.field or ""
    if field not in columns:
        return columns
    known = next((one for one in (after, before) if one[field] == change.after), {})
    parts = {part: known.get(part) for part in _PARTS.get(field, ()) if part in columns}
    return columns | {field: change.after} | parts
