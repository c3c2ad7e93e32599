"""ClickUp's loose values made firm.

The same field arrives as a number or as text, ids above all (observed in many answers and in
ClickUp's own examples), so every reader here accepts both. What cannot be understood raises
`ValueError`; whoever reads the whole object loses that field and no other (`app.core.clickup.fields`).
"""

import math
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from app.core.clickup.stamps import from_millis

Json = dict[str, Any]

# The calendar of `datetime` less two days at each end, so that every time zone can show what is inside.
_EARLIEST_MILLIS, _LATEST_MILLIS = -62_135_424_000_000, 253_402_128_000_000
_LARGEST = 2**63 - 1  # PostgreSQL's bigint
_LARGEST_COUNT = 2**31 - 1  # its integer
_SAFE_DIGITS = 19  # fewer are always 64 bits
_MOST_DIGITS = 100  # before or after the point; `1e999999999` would fill the memory
# PostgreSQL's row of an index holds 2,704 bytes, and some indexes have four ids in one row.
_LONGEST_ID = 256
_DEEPEST_JSON = 100  # the serializer gives up at 254 (orjson's documentation)
_LONGEST_EXCERPT = 40


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
    raise ValueError(f"expected text, found {excerpt(value)}")


def excerpt(value: Any) -> str:
    """What was found, for a message: the beginning of a text or number, and no content of anything else."""
    if value is None or isinstance(value, bool):
        return str(value).lower() if value is not None else "nothing"
    if isinstance(value, str):
        line = " ".join(storable(value[: _LONGEST_EXCERPT + 1]).split())
        whole = len(value) <= _LONGEST_EXCERPT
        return f"'{line}'" if whole else f"'{line[:_LONGEST_EXCERPT]}…' ({len(value):,} characters)"
    if isinstance(value, int | float):
        return str(value)[:_LONGEST_EXCERPT]
    return "a list" if isinstance(value, list) else "an object"


def given_text(value: Any) -> str | None:
    """Text, or None for null and empty text. Raises ValueError for lists and objects."""
    return text(value) or None


def plain_text(value: Any) -> str | None:
    """Text or a number as text; anything else, and empty text, is None."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return text(value) or None


def identifier(value: Any) -> str | None:
    """An id as text; null, empty text and what is no id at all are None."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    found = storable(str(value)).strip()
    is_too_long = len(found) > _LONGEST_ID // 4 and len(found.encode()) > _LONGEST_ID
    return None if is_too_long else found or None


def given_id(value: Any) -> str | None:
    """An id as text, or None for null and empty text. Raises ValueError for what is no id."""
    found = identifier(value)
    if found is None and value not in (None, ""):
        raise ValueError(f"expected an id, found {excerpt(value)}")
    return found


def integer(value: Any) -> int | None:
    """A whole number of 64 bits, also from text or a fractional number (cut off towards zero)."""
    if type(value) is str and value.isdecimal() and len(value) < _SAFE_DIGITS:
        return int(value)  # epoch milliseconds as text, by far the most frequent
    exact = number(value)
    if exact is not None and abs(exact) > _LARGEST:
        raise ValueError(f"expected a number of 64 bits, found {excerpt(value)}")
    return None if exact is None else int(exact)


def count(value: Any) -> int:
    """How many, from 0 to what PostgreSQL's integer holds. Raises ValueError."""
    found = integer(value) or 0
    if not 0 <= found <= _LARGEST_COUNT:
        raise ValueError(f"expected a count, found {excerpt(value)}")
    return found


def number(value: Any) -> Decimal | None:
    """An exact number from a number or from text; null and empty text are None."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"expected a number, found {excerpt(value)}")
    try:
        exact = Decimal(str(value).strip())
    except (InvalidOperation, ValueError) as error:
        raise ValueError(f"expected a number, found {excerpt(value)}") from error
    if not exact.is_finite() or abs(exact.adjusted()) > _MOST_DIGITS:
        raise ValueError(f"expected a number, found {excerpt(value)}")
    return exact


def instant(value: Any) -> datetime | None:
    """An aware UTC datetime from epoch milliseconds (number or text); null is None."""
    millis = integer(value)
    if millis is None:
        return None
    if not _EARLIEST_MILLIS <= millis <= _LATEST_MILLIS:
        raise ValueError(f"expected epoch milliseconds of the years 1 to 9999, found {excerpt(value)}")
    return from_millis(millis)


def flag(value: Any) -> bool:
    """True for true, 1 and their texts; anything else is false."""
    return value is True or value in (1, "1", "true", "True")


def given_flag(value: Any) -> bool:
    """True or false in any of their spellings; null and empty text are false. Raises ValueError."""
    if flag(value):
        return True
    if value in (None, "", False, 0, "0", "false", "False"):
        return False
    raise ValueError(f"expected true or false, found {excerpt(value)}")


def mapping(value: Any) -> Json:
    """The object, or an empty one where ClickUp sent something else."""
    return value if isinstance(value, dict) else {}


def listed_object(value: Any) -> Json:
    """One object of a list. Raises ValueError for anything else."""
    if not isinstance(value, dict):
        raise ValueError(f"expected an object, found {excerpt(value)}")
    return value


def objects(value: Any) -> Iterator[Json]:
    """The objects of a list; what is no list has none, what is no object is passed over."""
    return (item for item in value if isinstance(item, dict)) if isinstance(value, list) else iter(())


def clean_json(value: Any) -> Any:
    """Any JSON value as PostgreSQL can hold it: every text storable, whole numbers beyond 64 bits as text.

    Raises ValueError for what is nested too deep and for a number that is none.
    """
    return _clean(value, _DEEPEST_JSON)


def _clean(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, int) and abs(value) > _LARGEST:
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"expected a number, found {value}")
    if not isinstance(value, list | Mapping):
        return value
    if depth == 0:
        raise ValueError(f"nested more than {_DEEPEST_JSON} levels deep")
    if isinstance(value, list):
        return [_clean(item, depth - 1) for item in value]
    return {storable(str(key)): _clean(item, depth - 1) for key, item in value.items()}
