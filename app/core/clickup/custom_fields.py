"""Custom fields: what a person reads, out of what ClickUp sends.

A drop-down's value is an option's id or its orderindex, labels are lists of option ids, users lists
of people, one person or teams, dates epoch ms as text (all observed). A value that fits none of this is
kept as text: it is shown as it came rather than lost.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from app.core.clickup.fields import Fields
from app.core.clickup.models import FieldDefinition, FieldValue
from app.core.clickup.stamps import local_iso
from app.core.clickup.values import (
    Json,
    clean_json,
    flag,
    given_flag,
    given_id,
    identifier,
    instant,
    listed_object,
    mapping,
    number,
    objects,
    plain_text,
    text,
)

_SHORT_ID = 8  # characters of a UUID
# Amounts that are written without decimals (source: ISO 4217); of all others two are ClickUp's default.
_WITHOUT_DECIMALS = frozenset({"CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF", "XPF"})
_MOST_DECIMALS = 10
_DIGITS = 300  # more than a number here can have
# ClickUp's time of day for a date without one, in the zone of whoever set it (observed).
_FILLER = time(4)
_DAY = timedelta(days=1)
# Of the offsets at which people live, from UTC-10 up to here, each time of day belongs to one.
_EASTERNMOST = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class Zones:
    """The mirror's zone, and that of the token's owner."""

    mirror: ZoneInfo
    owner: ZoneInfo | None = None


@dataclass(frozen=True, slots=True)
class _Field:
    """One field of one task: what ClickUp says about it (`wire`) and its value."""

    config: Json
    wire: Json
    value: Any
    zones: Zones


@dataclass(frozen=True, slots=True)
class _Shown:
    """A value as people read it, and as a number where it is one."""

    text: str | None
    number: Decimal | None = None


def read_custom_fields(fields: Fields, zones: Zones) -> tuple[list[FieldDefinition], list[FieldValue]]:
    """The fields that a task speaks of, and the values of those that are set.

    A value that cannot be kept is recorded under its label.
    """
    listed = {one[0].field_id: one for one in fields.each("custom_fields", _listed)}
    definitions = [definition for definition, _ in listed.values()]
    labels, found = _labels(definitions), list[FieldValue | None]()
    for definition, wire in listed.values():
        label = labels[definition.field_id]
        read = partial(_read_value, definition, label, wire, zones)
        found.append(fields.take(f"custom_fields.{label}", wire.get("value"), read, None))
    return definitions, [value for value in found if value is not None]


def read_value_text(wire: Json, value: Any, zones: Zones) -> str | None:
    """A value of the field that `wire` defines, as people read it. Raises ValueError where it has no id."""
    definition, _ = _listed(wire)
    return _read_value(definition, definition.name, wire, zones, value).value_text


def as_row(definition: FieldDefinition) -> Json:
    """A definition as it is stored; a configuration that cannot be kept is left out and recorded."""
    fields = Fields({"type_config": definition.type_config})
    return {
        "field_id": definition.field_id,
        "name": definition.name,
        "type": definition.type,
        "type_config": fields.read("type_config", clean_json, {}),
        "unreadable_fields": definition.unreadable_fields | fields.unreadable,
    }


def is_same(one: FieldDefinition | None, other: FieldDefinition) -> bool:
    """Whether both say the same; of what is nested too deep to be compared it is not known."""
    try:
        return one == other
    except RecursionError:
        return False


def _listed(value: Any) -> tuple[FieldDefinition, Json]:
    wire = listed_object(value)
    field_id = given_id(wire.get("id"))
    if field_id is None:
        raise ValueError("a custom field without an id")
    return _definition(field_id, wire), wire


def _definition(field_id: str, wire: Json) -> FieldDefinition:
    return FieldDefinition(
        field_id=field_id,
        name=plain_text(wire.get("name")) or field_id,
        type=plain_text(wire.get("type")) or "unknown",
        type_config=mapping(wire.get("type_config")),
    )


def _labels(definitions: list[FieldDefinition]) -> dict[str, str]:
    """A name for each field that no other field of the task has: shared names get the beginning of the id.

    Unset fields count as well: a label is not to change when a value is set or cleared.
    """
    names = Counter(definition.name for definition in definitions)
    labels: dict[str, str] = {}
    for one in definitions:
        label = one.name if names[one.name] == 1 else f"{one.name} ({one.field_id[:_SHORT_ID]})"
        is_taken = label in labels.values()
        labels[one.field_id] = f"{one.name} ({one.field_id})" if is_taken else label
    return labels


def _read_value(definition: FieldDefinition, label: str, wire: Json, zones: Zones, value: Any) -> FieldValue:
    field = _Field(definition.type_config, wire, clean_json(value), zones)
    reader = _READERS.get(definition.type, _plain)
    try:
        shown = reader(field)
    except (ValueError, TypeError, ArithmeticError):
        shown = _Shown(None)
    as_people_read = shown.text
    if as_people_read is None and field.value not in ("", [], {}):
        as_people_read = _as_text(field.value)
    return FieldValue(definition.field_id, definition.name, label, as_people_read, shown.number, field.value)


def _option_name(config: Json, value: Any) -> str | None:
    chosen = _option_key(value)
    options = list(objects(config.get("options"))) if chosen else []
    by_id = next((option for option in options if identifier(option.get("id")) == chosen), None)
    by_index = next((option for option in options if _option_key(option.get("orderindex")) == chosen), None)
    option = by_id or by_index or mapping(value)
    return _as_text(option.get("name") or option.get("label") or value)


def _option_key(value: Any) -> str | None:
    """An option's id or orderindex; the latter may come as 1.0."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return identifier(value) or identifier(mapping(value).get("id"))


def _drop_down(field: _Field) -> _Shown:
    return _Shown(_option_name(field.config, field.value))


def _labelled(field: _Field) -> _Shown:
    return _joined(_option_name(field.config, item) for item in _several(field.value))


def _people(field: _Field) -> _Shown:
    return _joined(_named(item, "username", "name", "email", "id") for item in _several(field.value))


def _tasks(field: _Field) -> _Shown:
    return _joined(_named(item, "name", "id") for item in _several(field.value))


def _attachments(field: _Field) -> _Shown:
    return _joined(_named(item, "title", "name", "url", "id") for item in _several(field.value))


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _named(item: Any, *keys: str) -> str | None:
    """The first of these that an object has; a bare value stands for itself."""
    if not isinstance(item, dict):
        return plain_text(item)
    return next(filter(None, (plain_text(item.get(key)) for key in keys)), None)


def _joined(names: Iterator[str | None]) -> _Shown:
    return _Shown(", ".join(filter(None, names)) or None)


def _checkbox(field: _Field) -> _Shown:
    return _Shown("yes" if given_flag(field.value) else "no")


def _number(field: _Field) -> _Shown:
    exact = number(field.value)
    return _Shown(None if exact is None else f"{exact:f}", exact)


def _computed(field: _Field) -> _Shown:
    """The result of a formula or a rollup, as it came; its number where it is one."""
    try:
        return _Shown(_as_text(field.value), number(field.value))
    except ValueError:
        return _Shown(_as_text(field.value))


def _currency(field: _Field) -> _Shown:
    """With as many decimals as its `precision` says, and its `currency_type` (source: ClickUp docs)."""
    exact, code = number(field.value), plain_text(field.config.get("currency_type"))
    if exact is None:
        return _Shown(None)
    amount = _rounded(exact, _decimals(field.config, code))
    return _Shown(f"{amount:f} {code}" if code else f"{amount:f}", exact)


def _decimals(config: Json, code: str | None) -> int:
    given = config.get("precision")
    if isinstance(given, int) and 0 <= given <= _MOST_DECIMALS:
        return given
    return 0 if code in _WITHOUT_DECIMALS else 2


def _rating(field: _Field) -> _Shown:
    """Of how many it is out of: `count` (source: ClickUp docs)."""
    exact, most = number(field.value), number(field.config.get("count"))
    if exact is None:
        return _Shown(None)
    return _Shown(f"{exact:f}" if most is None else f"{exact:f} of {most:f}", exact)


def _progress(field: _Field) -> _Shown:
    """Per cent. Beside `current` ClickUp writes a fraction of 1, without it per cent (both observed)."""
    value = field.value if isinstance(field.value, dict) else {"percent_complete": field.value}
    told = (value.get(key) for key in ("percent_completed", "percent_complete"))
    done = next((number(one) for one in told if one is not None), None)
    current = number(value.get("current"))
    if done is None:
        done = _share(current, field.config)
    elif current is not None and 0 <= done <= 1:
        done *= 100
    if done is None:
        return _Shown(None)
    tenths = _rounded(done, 1)
    return _Shown(f"{tenths.to_integral() if tenths == tenths.to_integral() else tenths:f} %", done)


def _share(current: Decimal | None, config: Json) -> Decimal | None:
    """Where `current` stands between the field's `start` and `end`, in per cent."""
    start, end = number(config.get("start")), number(config.get("end"))
    if current is None or start is None or end is None or start == end:
        return None
    return (current - start) / (end - start) * 100


def _rounded(exact: Decimal, decimals: int) -> Decimal:
    with localcontext(prec=_DIGITS):
        return exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def _location(field: _Field) -> _Shown:
    place = mapping(field.value)
    within = mapping(place.get("location")), mapping(place.get("formatted_address"))
    found = (plain_text(one.get("formatted_address")) for one in (place, *within))
    return _Shown(next(filter(None, found), None))


def _date(field: _Field) -> _Shown:
    """A date, with its time of day where one was set.

    ClickUp says so by `time` (in `value_options` where a value is set; source: ClickUp docs). Where it says
    nothing, 04:00 in the mirror's zone or that of the token's owner is taken for a date alone.
    """
    given = mapping(field.value)
    at = instant(given.get("value") if given else field.value)
    if at is None:
        return _Shown(None)
    has_time = _time_flag(given, mapping(field.wire.get("value_options")), field.config)
    if has_time is False:
        return _Shown(_filled_day(at))
    zones = (field.zones.mirror, field.zones.owner)
    at_filler = [zone for zone in zones if zone and _is_filler(at.astimezone(zone))]
    if has_time is None and at_filler:
        return _Shown(at.astimezone(at_filler[0]).date().isoformat())
    return _Shown(local_iso(at, field.zones.mirror))


def _time_flag(*said: Json) -> bool | None:
    """Whether a time of day was set; None where nothing says so."""
    told = (one["time"] for one in said if one.get("time") is not None)
    return next((flag(value) for value in told), None)


def _is_filler(local: datetime) -> bool:
    return local.time() == _FILLER


def _filled_day(at: datetime) -> str:
    """The day that somebody somewhere chose, of an instant that is 04:00 where they are."""
    offset = timedelta(hours=_FILLER.hour) - (at - datetime.combine(at.date(), time(), UTC))
    if offset < _EASTERNMOST - _DAY:
        offset += _DAY
    return at.astimezone(timezone(offset)).date().isoformat()


def _plain(field: _Field) -> _Shown:
    return _Shown(_as_text(field.value))


_READERS: dict[str, Callable[[_Field], _Shown]] = {
    "drop_down": _drop_down,
    "labels": _labelled,
    "users": _people,
    "votes": _people,
    "tasks": _tasks,
    "list_relationship": _tasks,
    "attachment": _attachments,
    "date": _date,
    "checkbox": _checkbox,
    "number": _number,
    "currency": _currency,
    "emoji": _rating,
    "formula": _computed,
    "rollup": _computed,
    "manual_progress": _progress,
    "automatic_progress": _progress,
    "location": _location,
}


def _as_text(value: Any) -> str | None:
    if isinstance(value, list | dict | bool):
        return text(json.dumps(value, ensure_ascii=False))
    return text(value)
