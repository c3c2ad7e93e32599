"""Spaces, folders and lists."""

from collections.abc import Callable
from typing import Any

from app.core.clickup.fields import Fields
from app.core.clickup.models import Place, PlaceKind
from app.core.clickup.values import (
    Json,
    clean_json,
    flag,
    given_flag,
    given_id,
    given_text,
    identifier,
    mapping,
    plain_text,
)
from app.core.errors import MalformedObject

# Of spaces these are columns of their own.
_SPACE_DETAILS: dict[str, Callable[[Any], Any]] = {
    "color": given_text,
    "private": given_flag,
    "multiple_assignees": given_flag,
    "statuses": clean_json,
    "features": clean_json,
}
_PLACE_DETAILS = ("override_statuses", "statuses", "due_date", "start_date", "priority", "assignee")


def read_place(
    kind: PlaceKind, wire: Json, *, space_id: str | None = None, folder_id: str | None = None
) -> Place:
    """One space, folder or list. Raises MalformedObject when it has no id."""
    place_id = identifier(wire.get("id"))
    if place_id is None:
        raise MalformedObject(kind, "", "it has no id")
    fields = Fields(wire)
    return Place(
        kind=kind,
        place_id=place_id,
        name=fields.read("name", given_text, None) or place_id,
        archived=fields.read("archived", given_flag, False),
        space_id=space_id,
        folder_id=folder_id,
        parent_folder_id=fields.read("parent_folder", _place_id, None)
        or fields.read("parent_folder_id", given_id, None),
        details=_details(kind, fields),
        unreadable_fields=fields.unreadable,
    )


def _place_id(value: Any) -> str | None:
    return given_id(value.get("id") if isinstance(value, dict) else value)


def _details(kind: PlaceKind, fields: Fields) -> Json:
    if kind != "space":
        found = {name: fields.read(name, clean_json, None) for name in _PLACE_DETAILS}
    else:
        found = {name: fields.read(name, reader, None) for name, reader in _SPACE_DETAILS.items()}
    return {name: value for name, value in found.items() if value is not None}


def is_hidden_folder(wire: Json) -> bool:
    """A folderless list carries a folder named `hidden`, which is no folder (observed)."""
    return flag(wire.get("hidden"))


def read_task_types(answer: Any) -> dict[str, str]:
    """Names of the workspace's task types by id; accepts the object and a list that wraps it."""
    wrapped = answer if isinstance(answer, list) else [answer]
    return {
        item_id: name
        for outer in wrapped
        for item in mapping(outer).get("custom_items") or []
        if (item_id := identifier(mapping(item).get("id")))
        and (name := plain_text(mapping(item).get("name")))
    }
