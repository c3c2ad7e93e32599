"""ClickUp's loose values made firm.

The same field arrives as a number or as text, ids above all (observed in many answers and in
ClickUp's own examples), so every reader here accepts both. What cannot be understood raises
`ValueError`; the reader of the whole object turns that into one skipped object.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from app.core.stamps import from_millis

Json = dict[str, Any]

_LATEST_MILLIS = 253_402_300_799_999  # 9999-12-31, the last instant a datetime can hold


def storable(text: str) -> str:
    """The text as PostgreSQL can hold it: without NUL, lone surrogates replaced."""
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


def identifier(value: Any) -> str | None:
    """An id as text; null, empty text and what is no id at all are None."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return storable(str(value)).strip() or None


def integer(value: Any) -> int | None:
    """A whole number, also from text or a fractional number (cut off towards zero)."""
    exact = number(value)
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
    if not exact.is_finite():
        raise ValueError(f"expected a number, found {value}")
    return exact


def instant(value: Any) -> datetime | None:
    """An aware UTC datetime from epoch milliseconds (number or text); null is None."""
    millis = integer(value)
    if millis is None:
        return None
    if abs(millis) > _LATEST_MILLIS:
        raise ValueError(f"expected epoch milliseconds, found {millis}")
    return from_millis(millis)


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
    """Any JSON value with every text in it made storable."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [clean_json(item) for item in value]
    if isinstance(value, Mapping):
        return {storable(str(key)): clean_json(item) for key, item in value.items()}
    return value
