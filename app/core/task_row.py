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
from app.core.values import (
    Json,
    flag,
    identifier,
    instant,
    integer,
    mapping,
    number,
    objects,
    plain_text,
    read_field,
    storable,
    text,
)

_MS_PER_MINUTE = 60_000
_LONGEST_MS = 2**31 * _MS_PER_MINUTE - 1  # as minutes PostgreSQL's integer holds it
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
    """A row, and the payload it was read from."""

    row: TaskRow
    wire: Json

    @property
    def definitions(self) -> list[FieldDefinition]:
        """The custom fields that the payload defines, set on this task or not."""
        return [definition for definition, _ in read_fields(self.wire)]


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
    fields = read_fields(wire, only_set=True)
    values = [read_value(definition, value, names.zone) for definition, value in fields]
    row = _row(task_id, wire, names, values)
    row.fingerprint = fingerprint(row)
    return ReadTask(row, wire)


def _row(task_id: str, wire: Json, names: Names, values: list[FieldValue]) -> TaskRow:
    status, folder = mapping(wire.get("status")), _folder(wire)
    home, space = mapping(wire.get("list")), mapping(wire.get("space"))
    space_id = identifier(space.get("id"))
    assignees, watchers = read_people(wire.get("assignees")), read_people(wire.get("watchers"))
    creator = read_person(wire.get("creator"))
    start_at, due_at = read_field(wire, "start_date", instant), read_field(wire, "due_date", instant)
    return TaskRow(
        clickup_task_id=task_id,
        title=read_field(wire, "name", text) or "",
        description=read_field(wire, "text_content", text) or read_field(wire, "description", text) or None,
        type=_type(wire, names),
        status=read_field(status, "status", text) if status else plain_text(wire.get("status")),
        status_type=read_field(status, "type", text),
        priority=_priority(wire.get("priority")),
        tags=_tags(wire.get("tags")),
        summary=_summary(values),
        sprint_points=_points(wire.get("points")),
        points=plain_text(wire.get("points")),
        assignee_name=", ".join(person.name for person in assignees) or None,
        assignee_ids=",".join(person.id for person in assignees) or None,
        group_assignees=_group_names(wire.get("group_assignees")),
        assigned_by=creator.name if creator else None,
        followers=[person.name for person in watchers],
        space_id=space_id,
        space_name=names.spaces.get(space_id or "") or read_field(wire, "space", _name),
        folder_id=identifier(folder.get("id")),
        folder_name=read_field({"folder": folder}, "folder", _name),
        list_id=identifier(home.get("id")),
        list_name=read_field(wire, "list", _name),
        date_created=read_field(wire, "date_created", instant),
        date_updated=read_field(wire, "date_updated", instant),
        date_done=read_field(wire, "date_done", instant),
        date_closed=read_field(wire, "date_closed", instant),
        start_date=local_date(start_at, names.zone),
        due_date=local_date(due_at, names.zone),
        start_at=start_at,
        due_at=due_at,
        time_estimate_minutes=read_field(wire, "time_estimate", _minutes),
        time_spent_ms=read_field(wire, "time_spent", integer) or 0,
        archived=flag(wire.get("archived")),
        is_recurring=bool(wire.get("recurring") or wire.get("is_recurring")),
        dependencies=_dependencies(task_id, wire),
        custom_id=plain_text(wire.get("custom_id")),
        parent=identifier(wire.get("parent")),
        top_level_parent=identifier(wire.get("top_level_parent")),
        url=read_field(wire, "url", text),
        custom_fields={value.name: value.value_text for value in values},
        locations=_locations(wire.get("locations")),
        people=_people(assignees, watchers, creator),
        field_values=values,
    )


def _name(place: Any) -> str | None:
    return text(mapping(place).get("name"))


def _folder(wire: Json) -> Json:
    # A folderless list carries a folder named `hidden`, which is no folder (observed).
    folder = mapping(wire.get("folder")) or mapping(wire.get("project"))
    return {} if flag(folder.get("hidden")) else folder


def _type(wire: Json, names: Names) -> str:
    item = identifier(wire.get("custom_item_id")) or "0"
    return names.types.get(item) or BUILT_IN_TYPES.get(item) or f"Custom type {item}"


def _priority(value: Any) -> str | None:
    named = mapping(value)
    level = plain_text(named.get("priority") or named.get("id")) if named else plain_text(value)
    return None if level is None else _PRIORITIES.get(level, level)


def _points(value: Any) -> Any:
    try:
        return number(value)
    except ValueError:
        return None  # `points` keeps what is no number as it is


def _minutes(value: Any) -> int | None:
    millis = integer(value)
    if millis is not None and abs(millis) > _LONGEST_MS:
        raise ValueError(f"expected milliseconds, found {millis}")
    return None if millis is None else millis // _MS_PER_MINUTE


def _tags(value: Any) -> list[str]:
    named = (plain_text(tag.get("name")) for tag in objects(value))
    return list(dict.fromkeys(name for name in named if name))


def _group_names(value: Any) -> list[str]:
    named = (plain_text(group.get("name")) or identifier(group.get("id")) for group in objects(value))
    return [name for name in named if name]


def _summary(values: list[FieldValue]) -> str | None:
    return next((value.value_text for value in values if value.name.strip().lower() == "summary"), None)


def _locations(value: Any) -> list[Json]:
    return [
        {"list_id": identifier(place.get("id")), "list_name": plain_text(place.get("name"))}
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
