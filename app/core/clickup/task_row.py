"""One task of ClickUp becomes one row."""

from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from app.core.clickup.custom_fields import Zones, read_custom_fields
from app.core.clickup.fields import Fields
from app.core.clickup.models import FieldDefinition, FieldValue, TaskPerson, TaskRow
from app.core.clickup.people import Person, given_person, listed_person
from app.core.clickup.stamps import local_date
from app.core.clickup.values import (
    Json,
    excerpt,
    flag,
    given_flag,
    given_id,
    given_text,
    identifier,
    instant,
    integer,
    listed_object,
    mapping,
    number,
    plain_text,
    storable,
    text,
)
from app.core.errors import MalformedObject

_MS_PER_MINUTE = 60_000
_LONGEST_MS = 2**31 * _MS_PER_MINUTE - 1  # as minutes PostgreSQL's integer holds it
# Priorities also arrive as their bare number (ClickUp's document says so).
_PRIORITIES = {"1": "urgent", "2": "high", "3": "normal", "4": "low"}
# In bytes: what stands in an index, whose rows hold 2,704 of them with all that stands beside it.
_LONGEST_STATUS, _LONGEST_WORD, _LONGEST_TAG = 1_000, 100, 2_000
BUILT_IN_TYPES = {"0": "Task", "1": "Milestone"}


@dataclass(frozen=True, slots=True)
class Names:
    """What a task's own payload leaves out: names kept elsewhere, the mirror's zone, the token owner's."""

    zone: ZoneInfo
    spaces: dict[str, str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    owner_zone: ZoneInfo | None = None


@dataclass(frozen=True, slots=True)
class ReadTask:
    """A row, and the custom fields that its payload defines, set on this task or not."""

    row: TaskRow
    definitions: list[FieldDefinition]


def task_id_of(wire: Any) -> str | None:
    """The id of whatever stands in a list of tasks; None when it has none."""
    return identifier(mapping(wire).get("id"))


def read_task(wire: Json, names: Names) -> ReadTask:
    """The task as it will be written, without what makes no sense. Raises MalformedObject without an id."""
    task_id = task_id_of(wire)
    if task_id is None:
        raise MalformedObject("task", "", "it has no id")
    fields = Fields(wire)
    definitions, values = read_custom_fields(fields, Zones(names.zone, names.owner_zone))
    row = _row(task_id, wire, fields, values, names)
    row.fingerprint = fingerprint(row)
    return ReadTask(row, definitions)


def fingerprint(row: TaskRow) -> str:
    """A digest of all that was read; equal digests mean that there is nothing to write."""
    return blake2b(orjson.dumps(row, default=str), digest_size=16).hexdigest()


def _row(task_id: str, wire: Json, fields: Fields, values: list[FieldValue], names: Names) -> TaskRow:
    is_named = isinstance(wire.get("status"), str)
    status = fields.read("status" if is_named else "status.status", given_text, None)
    status_type = None if is_named else fields.read("status.type", given_text, None)
    folder = _folder(wire)
    space_id = fields.read("space.id", given_id, None)
    assignees, watchers = _listed_people(fields, "assignees"), _listed_people(fields, "watchers")
    creator = fields.read("creator", given_person, None)
    start_at, due_at = fields.read("start_date", instant, None), fields.read("due_date", instant, None)
    return TaskRow(
        clickup_task_id=task_id,
        title=fields.read("name", text, "") or "",
        description=fields.read("text_content", text, None) or fields.read("description", given_text, None),
        type=_type(fields.read("custom_item_id", given_id, None), names),
        status=fields.shorten("status", status, _LONGEST_STATUS),
        status_type=fields.shorten("status.type", status_type, _LONGEST_WORD),
        priority=fields.shorten("priority", fields.read("priority", read_priority, None), _LONGEST_WORD),
        tags=_tags(fields),
        summary=_summary(values),
        sprint_points=_points(wire.get("points")),
        points=fields.read("points", given_text, None),
        assignee_name=", ".join(person.name for person in assignees) or None,
        assignee_ids=",".join(person.id for person in assignees) or None,
        group_assignees=fields.each("group_assignees", _group_name),
        assigned_by=creator.name if creator else None,
        followers=[person.name for person in watchers],
        space_id=space_id,
        space_name=names.spaces.get(space_id or "") or fields.read("space.name", text, None),
        folder_id=fields.read(f"{folder}.id", given_id, None) if folder else None,
        folder_name=fields.read(f"{folder}.name", text, None) if folder else None,
        list_id=fields.read("list.id", given_id, None),
        list_name=fields.read("list.name", text, None),
        date_created=fields.read("date_created", instant, None),
        date_updated=fields.read("date_updated", instant, None),
        date_done=fields.read("date_done", instant, None),
        date_closed=fields.read("date_closed", instant, None),
        start_date=local_date(start_at, names.zone),
        due_date=local_date(due_at, names.zone),
        start_at=start_at,
        due_at=due_at,
        time_estimate_minutes=fields.read("time_estimate", read_minutes, None),
        time_spent_ms=fields.read("time_spent", _milliseconds, 0) or 0,
        archived=fields.read("archived", given_flag, False),
        is_recurring=bool(wire.get("recurring") or wire.get("is_recurring")),
        dependencies=_dependencies(task_id, fields),
        custom_id=fields.read("custom_id", given_text, None),
        parent=fields.read("parent", given_id, None),
        top_level_parent=fields.read("top_level_parent", given_id, None),
        url=fields.read("url", text, None),
        custom_fields={value.label: value.value_text for value in values},
        locations=fields.each("locations", _location),
        people=_people(assignees, watchers, creator),
        field_values=values,
        unreadable_fields=fields.unreadable,
    )


def _folder(wire: Json) -> str | None:
    """The field that names the folder; None where the list stands in none."""
    field = "folder" if wire.get("folder") else "project"
    # A folderless list carries a folder named `hidden`, which is no folder (observed).
    return None if flag(mapping(wire.get(field)).get("hidden")) else field


def _type(item: str | None, names: Names) -> str:
    item = item or "0"
    return names.types.get(item) or BUILT_IN_TYPES.get(item) or f"Custom type {item}"


def read_priority(value: Any) -> str | None:
    """The priority's name, from an object, a name or a number."""
    named = mapping(value)
    level = given_text(named.get("priority") or named.get("id") if named else value)
    return None if level is None else _PRIORITIES.get(level, level)


def _points(value: Any) -> Decimal | None:
    try:
        return number(value)
    except ValueError:
        return None  # `points` keeps what is no number as it is


def _milliseconds(value: Any) -> int | None:
    millis = integer(value)
    if millis is not None and millis < 0:
        raise ValueError(f"expected a duration in milliseconds, found {excerpt(value)}")
    return millis


def read_minutes(value: Any) -> int | None:
    """Whole minutes of a duration in milliseconds. Raises ValueError."""
    millis = _milliseconds(value)
    if millis is not None and millis > _LONGEST_MS:
        raise ValueError(f"expected a duration in milliseconds, found {excerpt(value)}")
    return None if millis is None else millis // _MS_PER_MINUTE


def _tags(fields: Fields) -> list[str]:
    def name(tag: Any) -> str | None:
        return fields.shorten("tags", given_text(listed_object(tag).get("name")), _LONGEST_TAG)

    return list(dict.fromkeys(fields.each("tags", name)))


def _group_name(group: Any) -> str | None:
    named = listed_object(group)
    return plain_text(named.get("name")) or given_id(named.get("id"))


def _summary(values: list[FieldValue]) -> str | None:
    """The first text of a custom field of that name; two fields may have it."""
    named = (value.value_text for value in values if value.name.strip().lower() == "summary")
    return next(filter(None, named), None)


def _location(value: Any) -> Json:
    place = listed_object(value)
    list_id = given_id(place.get("id"))
    if list_id is None:
        raise ValueError("a list without an id")
    return {"list_id": list_id, "list_name": plain_text(place.get("name"))}


def _dependencies(task_id: str, fields: Fields) -> Json:
    """Ids by relation. `type` is ignored: sources contradict each other about its meaning."""
    pairs = fields.each("dependencies", partial(_ends, "task_id", "depends_on"))
    links = fields.each("linked_tasks", partial(_ends, "task_id", "link_id"))
    linked = {other for ends in links for other in ends if other and other != task_id}
    return {
        "waiting_on": sorted({needed for waiting, needed in pairs if waiting == task_id and needed}),
        "blocking": sorted({waiting for waiting, needed in pairs if needed == task_id and waiting}),
        "linked": sorted(linked),
    }


def _ends(one: str, other: str, value: Any) -> tuple[str | None, str | None]:
    pair = listed_object(value)
    return given_id(pair.get(one)), given_id(pair.get(other))


def _listed_people(fields: Fields, name: str) -> list[Person]:
    return list({person.id: person for person in fields.each(name, listed_person)}.values())


def _people(assignees: list[Person], watchers: list[Person], creator: Person | None) -> list[TaskPerson]:
    parts = {"assignee": assignees, "watcher": watchers, "creator": [creator] if creator else []}
    return [
        TaskPerson(person.id, relation, position, storable(person.name), person.email)
        for relation, people in parts.items()
        for position, person in enumerate(people)
    ]
