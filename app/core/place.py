"""Spaces, folders and lists."""

from typing import Any

from app.core.errors import BadObject
from app.core.models import Place, PlaceKind
from app.core.values import Json, clean_json, flag, identifier, mapping, plain_text

_SPACE_DETAILS = ("color", "private", "multiple_assignees", "statuses", "features")
_PLACE_DETAILS = ("override_statuses", "statuses", "due_date", "start_date", "priority", "assignee")


def read_place(
    kind: PlaceKind, wire: Json, *, space_id: str | None = None, folder_id: str | None = None
) -> Place:
    """One space, folder or list. Raises BadObject when it has no id."""
    place_id = identifier(wire.get("id"))
    if place_id is None:
        raise BadObject(kind, "", "it has no id")
    kept = _SPACE_DETAILS if kind == "space" else _PLACE_DETAILS
    return Place(
        kind=kind,
        place_id=place_id,
        name=plain_text(wire.get("name")) or place_id,
        archived=flag(wire.get("archived")),
        space_id=space_id,
        folder_id=folder_id,
        parent_folder_id=identifier(wire.get("parent_folder") or wire.get("parent_folder_id"))
        or identifier(mapping(wire.get("parent_folder")).get("id")),
        details={key: clean_json(wire[key]) for key in kept if wire.get(key) is not None},
    )


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
