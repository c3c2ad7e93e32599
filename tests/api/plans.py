"""How PostgreSQL would answer a question, at the size of a large mirror."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from app.sql.loader import load_queries
from tests.conftest import Server
from tests.database import connect

Connection = psycopg.Connection[Any]
Json = dict[str, Any]


@contextmanager
def filled(server: Server, template: str, *statements: str) -> Iterator[Connection]:
    """A migrated database after these statements, whose rows count as written by a sync."""
    name = server.copy(template)
    with connect(server.url_of(name), autocommit=True, prepare_threshold=None) as connection:
        connection.execute("SET clickup_sync.writer = 'on'")
        for statement in statements:
            connection.execute(statement.encode())
        yield connection
    server.drop(name)


def plan(connection: Connection, query: str, params: Json) -> Json:
    """What was done for a named query."""
    text = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + load_queries()[query]
    row = connection.execute(text.encode(), params).fetchone()
    assert row is not None
    found: Json = row[0][0]["Plan"]
    return found


def kinds(tree: Json) -> set[str]:
    """The kinds of its steps."""
    return {node["Node Type"] for node in _nodes(tree)}


def read_whole(tree: Json) -> set[str]:
    """Tables of which every row was looked at; of people there are few."""
    names = {node["Relation Name"] for node in _nodes(tree) if node["Node Type"] == "Seq Scan"}
    return names - {"employees"}


def pages_read(tree: Json) -> int:
    return int(tree["Shared Hit Blocks"] + tree["Shared Read Blocks"])


def _nodes(tree: Json) -> Iterator[Json]:
    yield tree
    for below in tree.get("Plans", []):
        yield from _nodes(below)
