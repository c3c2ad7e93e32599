"""Brings the job queue's schema to the version of the installed Procrastinate.

Its tables are in a schema of their own: by themselves they would be in `public`, which Supabase publishes.
Its functions name no schema, so each of them gets a search path.
"""

import re
from functools import cache
from importlib import resources
from typing import Any

from psycopg import AsyncCursor, Connection
from psycopg.abc import Query

from app.core.schemas import Schemas
from app.sql.blocking_queries import BlockingQueries
from app.sql.loader import quote_identifier

_SQL = resources.files("procrastinate.sql")
# Everything in the library's statements that is in its schema: tables, types, functions.
_NAME = re.compile(r"\bprocrastinate_(?=\w)")


def list_job_migrations() -> list[str]:
    """The migrations that the installed library has, by file name, oldest first."""
    return sorted(file.name for file in (_SQL / "migrations").iterdir() if file.name.endswith(".sql"))


def migrate_job_schema(connection: Connection, schemas: Schemas) -> list[str]:
    """Within a transaction: fills the new schema, or applies what is pending; the names of these files.

    Raises psycopg.Error.
    """
    ask = BlockingQueries(connection, schemas)
    ask.run("create_job_migrations_table")
    known = {row["name"] for row in ask.run("list_job_migrations")}
    pending = [name for name in list_job_migrations() if name not in known]
    if pending:
        ask.run("use_job_schema")
        files = [_SQL / "migrations" / name for name in pending] if known else [_SQL / "schema.sql"]
        for file in files:
            connection.execute(file.read_bytes())
        ask.run("insert_job_migrations", names=pending)
        for row in ask.run("list_job_schema_statements"):
            ask.run_made(row["statement"])
        ask.run("use_schema")
    return pending


def is_job_schema_current(ask: BlockingQueries) -> bool:
    """Whether the queue's tables are there, as the installed library needs them. Raises psycopg.Error."""
    if not ask.run("find_job_migrations_table")[0]["exists"]:
        return False
    return {row["name"] for row in ask.run("list_job_migrations")} >= set(list_job_migrations())


@cache
def job_cursor(schemas: Schemas) -> type[AsyncCursor[Any]]:
    """A cursor that names the schema in Procrastinate's statements: a pooler keeps no search path.

    Statements of this program are bytes, and stay as they are.
    """
    prefix = f"{quote_identifier(schemas.jobs)}.procrastinate_"

    class JobCursor(AsyncCursor[Any]):
        async def execute(self, query: Query, *args: Any, **kwargs: Any) -> "JobCursor":
            """Runs one statement."""
            named = _NAME.sub(prefix, query) if isinstance(query, str) else query
            await super().execute(named, *args, **kwargs)
            return self

    return JobCursor
