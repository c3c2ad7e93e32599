"""A row without some of its values: what is left where PostgreSQL refuses one of them."""

from collections.abc import Collection
from dataclasses import Field, fields, replace
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin

from app.core.clickup.models import Comment, FieldDefinition, FieldValue, Member, Place, TaskRow, TimeEntry

Row = TypeVar("Row", TaskRow, TimeEntry, Comment, Place, Member, FieldDefinition)

# Without these a row is none, or they say of the row what was read.
_FIXED = frozenset({"kind", "fingerprint", "unreadable_fields"})
_CUSTOM = "custom_fields."


def parts_of(row: Row) -> list[str]:
    """The names of all values that a row can do without: columns, and before them each custom field."""
    values: list[FieldValue] = row.field_values if isinstance(row, TaskRow) else []
    custom = [f"{_CUSTOM}{value.label}" for value in values]
    return custom + [
        column.name
        for column in fields(row)
        if _is_part(column) and getattr(row, column.name) != _empty(column)
    ]


def key_of(row: Row) -> str:
    """ClickUp's id of the object."""
    keys = (getattr(row, column.name) for column in fields(row) if _is_key(column))
    return str(next(keys))


def without(row: Row, parts: Collection[str], reason: str) -> Row:
    """The row with these parts empty, which stand with the reason among its unreadable fields."""
    if not parts:
        return row
    emptied = {column.name: _empty(column) for column in fields(row) if column.name in parts}
    if isinstance(row, TaskRow) and emptied.keys().isdisjoint(("custom_fields", "field_values")):
        left = [value for value in row.field_values if f"{_CUSTOM}{value.label}" not in parts]
        emptied |= {"field_values": left, "custom_fields": {value.label: value.value_text for value in left}}
    return replace(row, **emptied, unreadable_fields=row.unreadable_fields | dict.fromkeys(parts, reason))


def _is_key(column: "Field[Any]") -> bool:
    return column.type is str and column.name.endswith("_id")


def _is_part(column: "Field[Any]") -> bool:
    return not _is_key(column) and column.name not in _FIXED


def _empty(column: "Field[Any]") -> Any:
    if NoneType in get_args(column.type):
        return None
    return (get_origin(column.type) or column.type)()  # type: ignore[operator]  # no type here is a name
