"""Changes as people read them: fields in words, and values with names in place of ids."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any

from app.dashboard.clock import Clock
from app.dashboard.request_context import PageContext
from app.reports.history import Change, ObjectType

OBJECTS: dict[ObjectType, str] = {
    "task": "task", "time_entry": "time entry", "comment": "comment", "person": "person", "space": "space",
    "folder": "folder", "list": "list",
}  # fmt: skip
_CUSTOM = "custom_fields"
# Where the name of a column says something else than people do.
_FIELDS = {
    "assignee_group_id": "team", "assignee_id": "assignee", "assignee_ids": "assignees",
    "clickup_task_id": "task", "clickup_user_id": "person", "due_at": "due date", "duration_ms": "duration",
    "ended_at": "end", "folder_id": "folder", "group_assignees": "teams", "list_id": "list",
    "parent": "parent task", "parent_folder_id": "folder above", "space_id": "space",
    "start_at": "start date", "started_at": "start", "time_estimate_minutes": "estimate",
}  # fmt: skip
_PEOPLE = {"assignee_id", "assignee_ids", "clickup_user_id"}
_PLACES = {"list_id", "folder_id", "space_id", "parent_folder_id"}
_TASKS = {"parent", "clickup_task_id", "dependencies"}
_INSTANTS = {"due_at", "start_at", "started_at", "ended_at"}


@dataclass(frozen=True, slots=True)
class Told:
    """A change in words: `what` is its field; None: an empty value. `who`: None where nobody told."""

    change: Change
    kind: str
    who: str | None
    what: str | None
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class _Names:
    """What ClickUp's ids are called now."""

    people: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    tasks: dict[str, str] = field(default_factory=dict)


def field_words(name: str) -> str:
    """The field as people call it; a custom one by its own name."""
    if name == _CUSTOM:
        return "all custom fields"
    custom = name.removeprefix(f"{_CUSTOM}.")
    return custom if custom != name else _FIELDS.get(name, name.removeprefix("is_").replace("_", " "))


async def tell(context: PageContext, changes: Sequence[Change]) -> list[Told]:
    """The changes in words; names are asked for only where there are ids."""
    names, reports, workspace_id = _Names(), context.reports, context.workspace_id
    asked = {change.field for change in changes}
    if asked & _PEOPLE:
        names.people.update(
            {row.clickup_user_id: row.name for row in await reports.people.employees(workspace_id)}
        )
    if asked & _PLACES:
        places = await reports.structure.place_names(workspace_id)
        names.places.update({row.place_id: row.name for row in places})
    if asked & _TASKS:
        names.tasks.update(await reports.tasks.titles(workspace_id, list(_task_ids(changes))))
    return [_told(change, names, context.clock) for change in changes]


def _task_ids(changes: Iterable[Change]) -> Iterator[str]:
    """Tasks whose ids are values: of a time entry or a parent one, of dependencies several of each kind."""
    for change in changes:
        for value in (change.before, change.after) if change.field in _TASKS else ():
            if isinstance(value, dict):
                yield from chain.from_iterable(value.values())
            elif value:
                yield value


def _told(change: Change, names: _Names, clock: Clock) -> Told:
    name = change.field
    return Told(
        change,
        OBJECTS[change.object_type],
        change.user_name or change.user_id,
        None if name is None else field_words(name),
        _spoken(name, change.before, names, clock),
        _spoken(name, change.after, names, clock),
    )


def _spoken(name: str | None, value: Any, names: _Names, clock: Clock) -> str | None:
    """None for an empty value."""
    if value in (None, "", [], {}):
        return None
    if name in _INSTANTS:
        return clock.minute(datetime.fromisoformat(value))
    if name in _PEOPLE:
        return ", ".join(names.people.get(one, one) for one in str(value).split(","))
    if name in _PLACES:
        return names.places.get(value, str(value))
    if name in _TASKS:
        return _plain(_named(value, names.tasks), clock) or None
    if name == "time_estimate_minutes":
        return clock.formats.hours(value)
    if name == "duration_ms":
        return clock.formats.hours(value // 60_000)
    return _plain(value, clock) or None


def _named(value: Any, names: dict[str, str]) -> Any:
    """An id, or a document whose lists have ids, with names in their place."""
    if isinstance(value, dict):
        return {key: [names.get(one, one) for one in ids] for key, ids in value.items()}
    return names.get(value, value)


def _plain(value: Any, clock: Clock) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return clock.formats.number(value)
    if isinstance(value, list):
        return ", ".join(_part(one, clock) for one in value)
    if isinstance(value, dict):
        known: Iterable[tuple[str, str]] = ((key, _plain(one, clock)) for key, one in value.items() if one)
        return "; ".join(f"{key.replace('_', ' ')}: {text}" for key, text in known)
    return str(value)


def _part(value: Any, clock: Clock) -> str:
    """One of several; a list that a task was added to, by its name."""
    if isinstance(value, dict):
        return str(value.get("list_name") or value.get("status") or json.dumps(value, ensure_ascii=False))
    return _plain(value, clock)
