"""The named queries on a connection that blocks its thread, for what runs before and beside the service."""

from typing import Any

import psycopg
from psycopg.rows import dict_row

from app.core.schemas import Schemas
from app.sql.loader import load_queries


class BlockingQueries:
    """Runs them in the connection's own transaction. Raises psycopg.Error."""

    def __init__(self, connection: psycopg.Connection[Any], schemas: Schemas) -> None:
        self._connection = connection
        self._queries = load_queries(schemas.tables, schemas.views)

    def run(self, query: str, **params: Any) -> list[dict[str, Any]]:
        """The rows of a named query; none where it is a statement without rows."""
        with self._connection.cursor(row_factory=dict_row) as cursor:
            cursor.execute(self._queries[query].encode(), params)
            return cursor.fetchall() if cursor.description else []

    def run_made(self, statement: str) -> None:
        """Runs a statement that one of the queries made."""
        self._connection.execute(statement.encode())
