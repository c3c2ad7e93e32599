"""Custom fields: what a person reads, out of what ClickUp sends.

A drop-down's value is an option's id or its orderindex, labels are lists of option ids, users lists
of people, dates epoch ms as text (all observed). A value that fits none of this is kept as text:
it is shown as it came rather than lost.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

from app.core.models import FieldDefinition, FieldValue
from app.core.people import read_people
from app.core.stamps import local_iso
from app.core.values import Json, clean_json, identifier, instant, mapping, number, objects, text


def read_fields(task: Json, *, only_set: bool = False) -> Iterator[tuple[FieldDefinition, Any]]:
    """Each custom field a task speaks of, with its raw value (None when unset)."""
    for wire in objects(task.get("custom_fields")):
        value = wire.get("value")
        field_id = None if only_set and value is None else identifier(wire.get("id"))
        if field_id:
            yield _definition(field_id, wire), value


def _definition(field_id: str, wire: Json) -> FieldDefinition:
    return FieldDefinition(
        field_id=field_id,
        name=_as_text(wire.get("name")) or field_id,
        type=_as_text(wire.get("type")) or "unknown",
        type_config=mapping(wire.get("type_config")),
    )


def read_value(definition: FieldDefinition, value: Any, zone: ZoneInfo) -> FieldValue:
    """The value as people read it (`value_text`) and as it came (`value`)."""
    reader = _READERS.get(definition.type, _plain)
    try:
        shown = reader(definition.type_config, value, zone)
    except (ValueError, TypeError):
        shown = None
    if shown is None and value not in ("", [], {}):
        shown = _as_text(value)
    return FieldValue(definition.field_id, definition.name, shown, clean_json(value))


def _option_name(config: Json, value: Any) -> str | None:
    chosen = identifier(value) or identifier(mapping(value).get("id"))
    options = list(objects(config.get("options"))) if chosen else []
    by_id = next((option for option in options if identifier(option.get("id")) == chosen), None)
    by_index = next((option for option in options if identifier(option.get("orderindex")) == chosen), None)
    option = by_id or by_index
    return _as_text(option.get("name") or option.get("label")) if option else _as_text(value)


def _drop_down(config: Json, value: Any, _: ZoneInfo) -> str | None:
    return _option_name(config, value)


def _labels(config: Json, value: Any, _: ZoneInfo) -> str | None:
    chosen = value if isinstance(value, list) else [value]
    return ", ".join(filter(None, (_option_name(config, item) for item in chosen))) or None


def _users(_: Json, value: Any, __: ZoneInfo) -> str | None:
    return ", ".join(person.name for person in read_people(value)) or None


def _tasks(_: Json, value: Any, __: ZoneInfo) -> str | None:
    named = (_as_text(item.get("name") or item.get("id")) for item in objects(value))
    return ", ".join(filter(None, named)) or None


def _date(_: Json, value: Any, zone: ZoneInfo) -> str | None:
    return local_iso(instant(value), zone)


def _checkbox(_: Json, value: Any, __: ZoneInfo) -> str | None:
    return "yes" if value in (True, "true", 1, "1") else "no"


def _number(_: Json, value: Any, __: ZoneInfo) -> str | None:
    exact = number(value)
    return None if exact is None else f"{exact:f}"


def _progress(_: Json, value: Any, __: ZoneInfo) -> str | None:
    done = mapping(value).get("percent_complete", mapping(value).get("percent_completed"))
    return None if done is None else f"{number(done):f} %"


def _location(_: Json, value: Any, __: ZoneInfo) -> str | None:
    return _as_text(mapping(value).get("formatted_address"))


def _plain(_: Json, value: Any, __: ZoneInfo) -> str | None:
    return _as_text(value)


_READERS: dict[str, Callable[[Json, Any, ZoneInfo], str | None]] = {
    "drop_down": _drop_down,
    "labels": _labels,
    "users": _users,
    "tasks": _tasks,
    "list_relationship": _tasks,
    "date": _date,
    "checkbox": _checkbox,
    "number": _number,
    "currency": _number,
    "emoji": _number,
    "manual_progress": _progress,
    "automatic_progress": _progress,
    "location": _location,
}


def _as_text(value: Any) -> str | None:
    if isinstance(value, list | dict):
        return text(json.dumps(clean_json(value), ensure_ascii=False))
    return text(value)
