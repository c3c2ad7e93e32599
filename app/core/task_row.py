"""One task of ClickUp becomes one row."""

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from app.core.custom_fields import read_fields, read_value
from app.core.errors import BadObject
from app.core.models import FieldDefinition, FieldValue, TaskPerson, TaskRow
from app.core.people import Person, read_people, read_person
from app.core.stamps import local_date
from app.core.values import Json, flag, identifier, instant, integer, mapping, number, objects, storable, text

_MS_PER_MINUTE = 60_000
# Priorities also arrive as their bare number (ClickUp's document says so).
_PRIORITIES = {"1": "urgent", "2": "high", "3": "normal", "4": "low"}
BUILT_IN_TYPES = {"0": "Task", "1": "Milestone"}


@dataclass(frozen=True, slots=True)
class Names:
    """What a task's own payload leaves out: the zone, and names kept elsewhere."""

    zone: ZoneInfo
    spaces: dict[str, str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReadTask:
    """A row, and the custom fields its payload defined."""

    row: TaskRow
    definitions: list[FieldDefinition]


def task_id_of(wire: Any) -> str | None:
    """The id of whatever stands in a list of tasks; None when it has none."""
    return identifier(mapping(wire).get("id"))


def read_task(wire: Json, names: Names) -> ReadTask:
    """The task as it will be written. Raises BadObject, naming the field that makes no sense."""
    task_id = task_id_of(wire)
    if task_id is None:
        raise BadObject("task", "", "it has no id")
    try:
        return _read(task_id, wire, names)
    except ValueError as error:
        raise BadObject("task", task_id, str(error)) from error


def fingerprint(row: TaskRow) -> str:
    """A digest of all that was read; equal digests mean that there is nothing to write."""
    return blake2b(orjson.dumps(row, default=str), digest_size=16).hexdigest()


def _read(task_id: str, wire: Json, names: Names) -> ReadTask:
    fields = list(read_fields(wire))
    values = [read_value(definition, value, names.zone) for definition, value in fields if value is not None]
    row = _row(task_id, wire, names, values)
    row.fingerprint = fingerprint(row)
    return ReadTask(row, [definition for definition, _ in fields])


def _row(task_id: str, wire: Json, names: Names, values: list[FieldValue]) -> TaskRow:
    status, folder = mapping(wire.get("status")), _folder(wire)
    home, space = mapping(wire.get("list")), mapping(wire.get("space"))
    space_id = identifier(space.get("id"))
    assignees, watchers = read_people(wire.get("assignees")), read_people(wire.get("watchers"))
    creator = read_person(wire.get("creator"))
    start_at, due_at = _at(wire, "start_date"), _at(wire, "due_date")
    return TaskRow(
        clickup_task_id=task_id,
        title=text(wire.get("name")) or "",
        description=text(wire.get("text_content") or wire.get("description")) or None,
        type=_type(wire, names),
        status=text(status.get("status")) if status else _bare(wire.get("status")),
        status_type=text(status.get("type")),
        priority=_priority(wire.get("priority")),
        tags=_tags(wire.get("tags")),
        summary=_summary(values),
        sprint_points=_points(wire.get("points")),
        points=_bare(wire.get("points")),
        assignee_name=", ".join(person.name for person in assignees) or None,
        assignee_ids=",".join(person.id for person in assignees) or None,
        group_assignees=_group_names(wire.get("group_assignees")),
        assigned_by=creator.name if creator else None,
        followers=[person.name for person in watchers],
        space_id=space_id,
        space_name=names.spaces.get(space_id or "") or text(space.get("name")),
        folder_id=identifier(folder.get("id")),
        folder_name=text(folder.get("name")),
        list_id=identifier(home.get("id")),
        list_name=text(home.get("name")),
        date_created=_at(wire, "date_created"),
        date_updated=_at(wire, "date_updated"),
        date_done=_at(wire, "date_done"),
        date_closed=_at(wire, "date_closed"),
        start_date=local_date(start_at, names.zone),
        due_date=local_date(due_at, names.zone),
        start_at=start_at,
        due_at=due_at,
        time_estimate_minutes=_minutes(wire.get("time_estimate")),
        time_spent_ms=integer(wire.get("time_spent")) or 0,
        archived=flag(wire.get("archived")),
        is_recurring=bool(wire.get("recurring") or wire.get("is_recurring")),
        dependencies=_dependencies(task_id, wire),
        custom_id=_bare(wire.get("custom_id")),
        parent=identifier(wire.get("parent")),
        top_level_parent=identifier(wire.get("top_level_parent")),
        url=text(wire.get("url")),
        custom_fields={value.name: value.value_text for value in values},
        locations=_locations(wire.get("locations")),
        people=_people(assignees, watchers, creator),
        field_values=values,
    )


def _at(wire: Json, name: str) -> Any:
    try:
        return instant(wire.get(name))
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


def _folder(wire: Json) -> Json:
    # A folderless list carries a folder named `hidden`, which is no folder (observed).
    folder = mapping(wire.get("folder")) or mapping(wire.get("project"))
    return {} if flag(folder.get("hidden")) else folder


def _type(wire: Json, names: Names) -> str:
    item = identifier(wire.get("custom_item_id")) or "0"
    return names.types.get(item) or BUILT_IN_TYPES.get(item) or f"Custom type {item}"


def _bare(value: Any) -> str | None:
    return text(value) if isinstance(value, str | int | float) and value != "" else None


def _priority(value: Any) -> str | None:
    named = mapping(value)
    level = _bare(named.get("priority") or named.get("id")) if named else _bare(value)
    return None if level is None else _PRIORITIES.get(level, level)


def _points(value: Any) -> Any:
    try:
        return number(value)
    except ValueError:
        return None  # `points` keeps what is no number as it is


def _minutes(value: Any) -> int | None:
    millis = integer(value)
    return None if millis is None else millis // _MS_PER_MINUTE


def _tags(value: Any) -> list[str]:
    named = (_bare(tag.get("name")) for tag in objects(value))
    return list(dict.fromkeys(name for name in named if name))


def _group_names(value: Any) -> list[str]:
    named = (_bare(group.get("name")) or identifier(group.get("id")) for group in objects(value))
    return [name for name in named if name]


def _summary(values: list[FieldValue]) -> str | None:
    return next((value.value_text for value in values if value.name.strip().lower() == "summary"), None)


def _locations(value: Any) -> list[Json]:
    return [
        {"list_id": identifier(place.get("id")), "list_name": _bare(place.get("name"))}
        for place in objects(value)
        if identifier(place.get("id"))
    ]


def _dependencies(task_id: str, wire: Json) -> Json:
    """Ids by relation. `type` is ignored: sources contradict each other about its meaning."""
    pairs = [
        (identifier(pair.get("task_id")), identifier(pair.get("depends_on")))
        for pair in objects(wire.get("dependencies"))
    ]
    linked = {
        other
        for link in objects(wire.get("linked_tasks"))
        for other in (identifier(link.get("task_id")), identifier(link.get("link_id")))
        if other and other != task_id
    }
    return {
        "waiting_on": sorted({needed for waiting, needed in pairs if waiting == task_id and needed}),
        "blocking": sorted({waiting for waiting, needed in pairs if needed == task_id and waiting}),
        "linked": sorted(linked),
    }


def _people(assignees: list[Person], watchers: list[Person], creator: Person | None) -> list[TaskPerson]:
    parts = {"assignee": assignees, "watcher": watchers, "creator": [creator] if creator else []}
    return [
        TaskPerson(person.id, relation, position, storable(person.name), person.email)
        for relation, people in parts.items()
        for position, person in enumerate(people)
    ]
