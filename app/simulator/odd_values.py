"""Values that make no sense, sent in fields of single objects, and what is then true of these objects."""

import json
from typing import Any

import orjson

from app.simulator.request import Json
from app.simulator.store import Store

# What is left of a field's truth where nobody can read what is sent, by ClickUp's name of the field.
_TASK: dict[str, tuple[str, Any]] = {
    "name": ("title", ""),
    "due_date": ("due_date", None),
    "start_date": ("start_date", None),
    "date_done": ("date_done", None),
    "date_closed": ("date_closed", None),
    "date_created": ("date_created", None),
    "time_estimate": ("time_estimate_ms", None),
    "points": ("points", None),
    "priority": ("priority", None),
    "tags": ("tags", []),
    "archived": ("archived", False),
    "parent": ("parent", None),
    "custom_fields": ("custom_fields", {}),
}
_ENTRY: dict[str, tuple[str, Any]] = {
    "start": ("start", None),
    "end": ("end", None),
    "duration": ("duration_ms", None),
    "description": ("description", ""),
    "tags": ("tags", []),
    "at": ("at", None),
}
_COMMENT: dict[str, tuple[str, Any]] = {
    "date": ("date", None),
    "assignee": ("assignee", None),
    "resolved": ("resolved", False),
}
# The older call for time has other names for the same fields.
_SAME = {"duration": "time", "at": "date_added"}


def with_odd_values(store: Store, body: bytes) -> bytes:
    """An answer with the odd values in the place of the true ones."""
    if not store.odd_values:
        return body
    # Deeper than the faster serializer goes.
    return json.dumps(_replaced(store, orjson.loads(body))).encode()


def _replaced(store: Store, value: Any) -> Any:
    if isinstance(value, list):
        return [_replaced(store, item) for item in value]
    if not isinstance(value, dict):
        return value
    odd = store.odd_values.get(str(value.get("id")), {})
    odd = {
        (_SAME[name] if name in _SAME and _SAME[name] in value else name): one for name, one in odd.items()
    }
    inner = {name: _replaced(store, item) for name, item in value.items()}
    # An object that is merely mentioned elsewhere has few of its fields.
    return inner | {name: one for name, one in odd.items() if name in inner}


def odd_truth(store: Store, kind: str, object_id: str, truth: Json) -> Json:
    """What is true of a `task`, `entry` or `comment` with its odd values; `unreadable` names them."""
    odd = store.odd_values.get(object_id, {})
    known = {"task": _TASK, "entry": _ENTRY, "comment": _COMMENT}[kind]
    lost = dict(known[name] for name in odd if name in known)
    if kind == "entry" and "duration" in odd and not {"start", "end"} & odd.keys():
        lost.pop("duration_ms")  # start and end tell it
    return truth | lost | {"unreadable": sorted(odd)}
