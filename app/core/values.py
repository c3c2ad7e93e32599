"""ClickUp's loose values made firm.

The same field arrives as a number or as text, ids above all (observed in many answers and in
ClickUp's own examples), so every reader here accepts both. What cannot be understood raises
`ValueError`; the reader of the whole object turns that into one skipped object.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from app.core.stamps import from_millis

Json = dict[str, Any]
T = TypeVar("T")

# The calendar of `datetime` less two days at each end, so that every time zone can show what is inside.
_EARLIEST_MILLIS, _LATEST_MILLIS = -62_135_424_000_000, 253_402_128_000_000
_LARGEST = 2**63 - 1  # PostgreSQL's bigint
_SAFE_DIGITS = 19  # fewer are always 64 bits
_MOST_DIGITS = 100  # before or after the point; `1e999999999` would fill the memory


def storable(text: str) -> str:
    """The text as PostgreSQL can hold it: without NUL, lone surrogates replaced."""
    if text.isascii() and "\x00" not in text:
        return text
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def text(value: Any) -> str | None:
    """Text, or None for null; a number becomes its digits."""
    if value is None:
        return None
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, bool | int | float):
        return str(value)
    raise ValueError(f"expected text, found {type(value).__name__}")


def plain_text(value: Any) -> str | None:
    """Text or a number as text; anything else, and empty text, is None."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return text(value) or None


def identifier(value: Any) -> str | None:
    """An id as text; null, empty text and what is no id at all are None."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return storable(str(value)).strip() or None


def integer(value: Any) -> int | None:
    """A whole number of 64 bits, also from text or a fractional number (cut off towards zero)."""
    if type(value) is str and value.isdecimal() and len(value) < _SAFE_DIGITS:
        return int(value)  # epoch milliseconds as text, by far the most frequent
    exact = number(value)
    if exact is not None and abs(exact) > _LARGEST:
        raise ValueError(f"expected a number of 64 bits, found {str(value)[:40]}")
    return None if exact is None else int(exact)


def number(value: Any) -> Decimal | None:
    """An exact number from a number or from text; null and empty text are None."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"expected a number, found {type(value).__name__}")
    try:
        exact = Decimal(str(value).strip())
    except InvalidOperation as error:
        raise ValueError(f"expected a number, found {str(value)[:40]!r}") from error
    if not exact.is_finite() or abs(exact.adjusted()) > _MOST_DIGITS:
        raise ValueError(f"expected a number, found {str(value)[:40]}")
    return exact


def instant(value: Any) -> datetime | None:
    """An aware UTC datetime from epoch milliseconds (number or text); null is None."""
    millis = integer(value)
    if millis is None:
        return None
    if not _EARLIEST_MILLIS <= millis <= _LATEST_MILLIS:
        raise ValueError(f"expected epoch milliseconds, found {millis}")
    return from_millis(millis)


def read_field(wire: Json, name: str, reader: Callable[[Any], T]) -> T:
    """One field of an object by one of these readers. Raises ValueError, which names the field."""
    try:
        return reader(wire.get(name))
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


def flag(value: Any) -> bool:
    """True for true, 1 and their texts; anything else is false."""
    return value is True or value in (1, "1", "true", "True")


def mapping(value: Any) -> Json:
    """The object, or an empty one where ClickUp sent something else."""
    return value if isinstance(value, dict) else {}


def objects(value: Any) -> Iterator[Json]:
    """The objects of a list; what is no list has none, what is no object is passed over."""
    return (item for item in value if isinstance(item, dict)) if isinstance(value, list) else iter(())


def clean_json(value: Any) -> Any:
    """Any JSON value with every text in it made storable, and whole numbers beyond 64 bits as text."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, int) and abs(value) > _LARGEST:
        return str(value)
    if isinstance(value, list):
        return [clean_json(item) for item in value]
    if isinstance(value, Mapping):
        return {storable(str(key)): clean_json(item) for key, item in value.items()}
    return value
