"""Typed answers as JSON: the fields of dataclasses in their order, instants in one zone, numbers as numbers.

orjson writes everything but dataclasses, whose instants are first put into the zone, and decimal numbers.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from functools import cache
from operator import attrgetter
from typing import Any, get_args, get_type_hints
from zoneinfo import ZoneInfo

import orjson
from pydantic.fields import FieldInfo

from app.core.answers.fields import WhereNone

JSON = "application/json"


def to_json(document: Any, zone: ZoneInfo) -> bytes:
    """The document: a dataclass, or lists and dictionaries of them."""

    def plain(value: Any) -> Any:
        if isinstance(value, Decimal):
            return int(value) if value == value.to_integral_value() else float(value)
        kind: Any = type(value)
        return shape_of(kind).columns(value, zone)

    return orjson.dumps(document, default=plain, option=orjson.OPT_PASSTHROUGH_DATACLASS)


@dataclass(frozen=True, slots=True)
class RowShape:
    """How a dataclass is written: `names` of its fields in JSON, which of them are `instants`, and which are
    left out where they are None.
    """

    names: tuple[str, ...]
    instants: tuple[str, ...]
    left_out: tuple[str, ...]
    read: Callable[[Any], tuple[Any, ...]]

    def columns(self, row: Any, zone: ZoneInfo) -> dict[str, Any]:
        """Its values by name, with the instants in the zone."""
        columns = dict(zip(self.names, self.read(row), strict=True))
        for name in self.instants:
            if (instant := columns[name]) is not None:
                columns[name] = instant.astimezone(zone)
        for name in self.left_out:
            if columns[name] is None:
                del columns[name]
        return columns


@cache
def shape_of(row: Any) -> RowShape:
    """How a row type is written."""
    attributes = tuple(field.name for field in fields(row))
    documented = get_type_hints(row, include_extras=True)
    names = {name: json_name(name, documented[name]) for name in attributes}
    plain = get_type_hints(row)
    instants = tuple(names[name] for name in attributes if datetime in (plain[name], *get_args(plain[name])))
    left_out = tuple(
        names[name]
        for name in attributes
        if WhereNone.LEFT_OUT in getattr(documented[name], "__metadata__", ())
    )
    read = attrgetter(*attributes) if len(attributes) > 1 else lambda value: (getattr(value, attributes[0]),)
    return RowShape(tuple(names.values()), instants, left_out, read)


def json_name(name: str, hint: Any) -> str:
    """The name of a field in answers."""
    known = [part for part in getattr(hint, "__metadata__", ()) if isinstance(part, FieldInfo)]
    return next((part.alias for part in known if part.alias), name)
