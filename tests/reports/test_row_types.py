"""Every query of a report has the columns of its row type: names, types, and which may be NULL."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import psycopg
import pytest
from psycopg import pq

import app.reports
from app.sql.loader import load_queries
from app.sql.typed_rows import Query, WrongColumns, is_row, make_row_of
from tests.conftest import Server
from tests.database import connect

# What psycopg makes of PostgreSQL's types.
_TYPES: dict[str, set[Any]] = {
    "boolean": {bool}, "integer": {int}, "bigint": {int}, "double precision": {float}, "numeric": {Decimal},
    "text": {str}, "name": {str}, "uuid": {UUID}, "date": {date}, "timestamp with time zone": {datetime},
    "jsonb": {dict, list}, "text[]": {list}, "uuid[]": {list},
}  # fmt: skip
# Columns that are NULL in no row of the query, though they may be in their table.
_NEVER_NULL = {
    "list_comment_authors": {"clickup_user_id"},
    "count_waiting_by_team": {"team_id"},
    "count_waiting_by_person": {"clickup_user_id"},
    "find_reader": {"rolname"},
}


@dataclass(frozen=True, slots=True)
class Column:
    """As PostgreSQL describes it; `may_be_null` is None where the database does not tell."""

    name: str
    type: str
    may_be_null: bool | None


def _queries() -> list[Query[Any]]:
    """Every query that a report asks."""
    modules = [
        importlib.import_module(f"app.reports.{one.name}")
        for one in pkgutil.iter_modules(app.reports.__path__)
    ]
    found = {query.name: query for module in modules for query in vars(module).values() if _is_query(query)}
    return sorted(found.values(), key=lambda query: query.name)


def _is_query(value: object) -> bool:
    return isinstance(value, Query)


@pytest.fixture(scope="module")
def connection(server: Server, template: str) -> Iterator[psycopg.Connection[Any]]:
    name = server.copy(template)
    with connect(server.url_of(name), autocommit=True) as connection:
        yield connection
    server.drop(name)


def _describe(connection: psycopg.Connection[Any], query: str) -> list[Column]:
    """The columns of a query that PostgreSQL prepares and nobody runs."""
    text = load_queries()[query]
    names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", text)))
    numbered = re.sub(r"%\((\w+)\)s", lambda found: f"${names.index(found[1]) + 1}", text)
    prepared = connection.pgconn.prepare(b"described", numbered.replace("%%", "%").encode())
    assert prepared.status == pq.ExecStatus.COMMAND_OK, prepared.error_message.decode()
    found = connection.pgconn.describe_prepared(b"described")
    columns = [
        (found.fname(number), found.ftype(number), found.ftable(number), found.ftablecol(number))
        for number in range(found.nfields)
    ]
    connection.execute("DEALLOCATE described")
    return [_column(connection, *column) for column in columns]


def _column(
    connection: psycopg.Connection[Any], name: bytes | None, type_: int, table: int, column: int
) -> Column:
    # Of a view's column PostgreSQL does not tell; the table of the view's name does, where it has it.
    row = connection.execute(
        "SELECT format_type(%s, NULL),"
        " (SELECT NOT stored.attnotnull FROM pg_attribute AS a JOIN pg_class AS of ON of.oid = a.attrelid"
        "  JOIN pg_class AS t ON t.relname = of.relname AND t.relkind = 'r'"
        "  JOIN pg_attribute AS stored ON stored.attrelid = t.oid AND stored.attname = a.attname"
        "  WHERE a.attrelid = %s AND a.attnum = %s)",
        (type_, table, column),
    ).fetchone()
    assert row is not None
    return Column((name or b"").decode(), row[0], row[1])


def _parts(hint: Any) -> set[Any]:
    """The plain types that a field may have."""
    if get_origin(hint) in (Union, UnionType):
        return set().union(*map(_parts, get_args(hint)))
    if get_origin(hint) is Literal:
        return {type(value) for value in get_args(hint)}
    return {get_origin(hint) or hint}


@pytest.mark.parametrize("query", _queries(), ids=lambda query: query.name)
def test_a_query_has_the_columns_of_its_type(connection: psycopg.Connection[Any], query: Query[Any]) -> None:
    """Names, types, and that what may be NULL may be None."""
    columns = _describe(connection, query.name)
    make_row_of(query.row, tuple(column.name for column in columns))
    hints = get_type_hints(query.row) if is_row(query.row) else {columns[0].name: query.row}
    for column in columns:
        known = _parts(hints[column.name])
        assert Any in known or known & _TYPES[column.type], f"{column} is no {hints[column.name]}"
        if column.may_be_null and column.name not in _NEVER_NULL.get(query.name, ()):
            assert known & {NoneType, Any}, f"{column} may be NULL, and {hints[column.name]} may not"


def test_reports_have_many_queries() -> None:
    """They are found; none of them is a dictionary."""
    queries = _queries()
    assert len(queries) > 50
    assert all(is_row(query.row) or query.row in (int, str, datetime) for query in queries)


@dataclass(frozen=True, slots=True)
class _Pair:
    one: int
    other: str


def test_columns_that_do_not_fit_are_refused() -> None:
    """A missing one, one without a field, and one that is there twice; their order does not matter."""
    assert make_row_of(_Pair, ("other", "one"))(("x", 1)) == _Pair(1, "x")
    for columns in (("one",), ("one", "other", "more"), ("one", "one", "other"), ()):
        with pytest.raises(WrongColumns):
            make_row_of(_Pair, columns)
    with pytest.raises(WrongColumns):
        make_row_of(int, ("one", "other"))
