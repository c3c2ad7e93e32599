"""An object of ClickUp's, read field by field: a field that makes no sense costs itself and nothing else."""

from collections.abc import Callable
from typing import Any, TypeVar

from app.core.clickup.values import Json, excerpt, storable

T = TypeVar("T")
D = TypeVar("D")
Unreadable = dict[str, str]

# A row says enough with so many of them; a broken payload is not to fill the table.
_MOST_NAMED = 50
_LONGEST_NAME, _LONGEST_REASON = 200, 300
_SENSELESS = (ValueError, TypeError, ArithmeticError, RecursionError)


class Fields:
    """The fields of one object, each read by a reader that may raise ValueError.

    A value that is refused becomes the default, and `unreadable` says why, by ClickUp's name of the field
    (`time_estimate`, `status.type`, `custom_fields.Budget`).
    """

    def __init__(self, wire: Json) -> None:
        self._wire = wire
        self.unreadable: Unreadable = {}

    def read(self, path: str, reader: Callable[[Any], T], default: D) -> T | D:
        """One field, or one of an object within (`status.type`); null is the default as well."""
        outer, _, inner = path.partition(".")
        value = self._wire.get(outer)
        if not inner:
            return self.take(path, value, reader, default)
        if isinstance(value, dict):
            return self.take(path, value.get(inner), reader, default)
        if value not in (None, ""):
            self.reject(outer, f"expected an object, found {excerpt(value)}")
        return default

    def take(self, name: str, value: Any, reader: Callable[[Any], T], default: D) -> T | D:
        """A value that stands in no field of its own, under this name."""
        if value is None:
            return default
        try:
            return reader(value)
        except _SENSELESS as error:
            self.reject(name, error)
            return default

    def each(self, name: str, reader: Callable[[Any], T | None]) -> list[T]:
        """Every item of a list that can be read; what is no list has none."""
        items: list[Any] = self.read(name, _listed, [])
        found = (self.take(name, item, reader, None) for item in items)
        return [item for item in found if item is not None]

    def shorten(self, name: str, value: str | None, most_bytes: int) -> str | None:
        """The beginning of a text that is too long for an index, which is recorded."""
        if value is None or len(value) * 4 <= most_bytes or len(encoded := value.encode()) <= most_bytes:
            return value
        self.reject(name, f"too long ({len(value):,} characters): only the beginning is kept")
        return encoded[:most_bytes].decode(errors="ignore")

    def reject(self, name: str, reason: object) -> None:
        """Records why a field cannot be read; the first reason stays."""
        if len(self.unreadable) < _MOST_NAMED:
            short = storable(name)[:_LONGEST_NAME]
            self.unreadable.setdefault(short, storable(str(reason))[:_LONGEST_REASON])


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"expected a list, found {excerpt(value)}")
    return value
