"""Rows as dataclasses: a named query, and the type of its rows.

The columns of the query are the fields of the type, by name. A column that is missing or has no field raises
WrongColumns at the first answer; `tests/reports/test_row_types.py`, which describes every query on a real
PostgreSQL, finds it before.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import cache
from operator import itemgetter
from typing import Any, Generic, TypeVar, get_args, get_type_hints

from psycopg import AsyncCursor

T = TypeVar("T")
Row_co = TypeVar("Row_co", covariant=True)
MakeRow = Callable[[Sequence[Any]], T]


@dataclass(frozen=True, slots=True)
class Query(Generic[Row_co]):
    """A named query of `sql/queries/` whose rows are of this type: a dataclass, or for a single column its
    value (`Query("count_tasks", int)`).
    """

    name: str
    row: type[Row_co]


class WrongColumns(TypeError):
    """The columns of a query are not the fields of its row type."""


def row_factory(row: Any) -> Callable[[AsyncCursor[Any]], MakeRow[Any]]:
    """As psycopg takes it: builds rows of this type from the columns of the query that was run."""

    def factory(cursor: AsyncCursor[Any]) -> MakeRow[Any]:
        return make_row_of(row, tuple(column.name for column in cursor.description or ()))

    return factory


@cache
def make_row_of(row: Any, columns: tuple[str, ...]) -> MakeRow[Any]:
    """Builds a row from the values of these columns. Raises WrongColumns."""
    if not is_row(row):
        if len(columns) != 1:
            raise WrongColumns(f"{row} is one column, not {', '.join(columns) or 'none'}")
        return itemgetter(0)
    names = tuple(field.name for field in fields(row))
    if set(names) != set(columns) or len(names) != len(columns):
        missing, unknown = set(names) - set(columns), set(columns) - set(names)
        raise WrongColumns(
            f"{row}: missing columns {sorted(missing)}, columns without a field {sorted(unknown)}"
        )
    nested = nested_rows(row)
    # In the order of the fields nothing has to be looked up.
    if names == columns and not nested:
        return lambda values: row(*values)

    def make(values: Sequence[Any]) -> Any:
        known = dict(zip(columns, values, strict=True))
        for name, item in nested.items():
            known[name] = [item(**one) for one in known[name]]
        return row(**known)

    return make


def nested_rows(row: Any) -> dict[str, Any]:
    """Fields that are lists of rows, which the query gives as one JSON document: the type of each by name."""
    items = {name: next(iter(get_args(hint)), None) for name, hint in get_type_hints(row).items()}
    return {name: item for name, item in items.items() if is_row(item)}


def is_row(kind: Any) -> bool:
    """Whether it is a dataclass, and no single value."""
    return isinstance(kind, type) and hasattr(kind, "__dataclass_fields__")
