"""Connections to PostgreSQL, and what its errors mean.

Everything works through a transaction pooler (Supabase's port 6543, PgBouncer): no prepared statements, no
session state, no LISTEN, no session locks.
"""

import asyncio
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import psycopg
from psycopg.rows import dict_row

from app.core.errors import DatabaseDown, DatabaseRefused, DataRejected, NoConnectionLeft, SyncError

Row = dict[str, Any]
# A connection that is closed counts for the server until its process has ended: so often to try again.
_TRIES_TO_CONNECT, _CONNECT_AGAIN_SECONDS = 20, 0.25
_IDLE_TOO_LONG = "25P03"
# What PostgreSQL, PgBouncer and Supavisor say then; an error of connecting has no SQLSTATE.
_NO_CONNECTION_LEFT = (
    "too many connections for",
    "too many clients",
    "remaining connection slots are reserved",
    "no more connections allowed",
    "ax client connections reached",
    "max clients reached",
)
# A transaction pooler hands each transaction another session: nothing may be prepared in one.
_CONNECTION: dict[str, Any] = {"prepare_threshold": None, "connect_timeout": 10}
# In the pool each connection is made autocommitting after it was opened: the job queue opens one with these
# parameters too, and adds that one itself.
POOLED_CONNECTION = _CONNECTION | {"row_factory": dict_row}
ASYNC_CONNECTION = POOLED_CONNECTION | {"autocommit": True}


def connect(url: str) -> psycopg.Connection[Any]:
    """A connection beside the pool, for who blocks. Raises psycopg.Error."""
    for _ in range(_TRIES_TO_CONNECT):
        try:
            return psycopg.connect(url, **_CONNECTION)
        except psycopg.OperationalError as error:
            if not _has_no_connection_left(error):
                raise
        time.sleep(_CONNECT_AGAIN_SECONDS)
    return psycopg.connect(url, **_CONNECTION)


async def check_connection(url: str) -> None:
    """One short visit. Raises DatabaseDown, which names host and reason but no password."""
    try:
        connection = await asyncio.to_thread(connect, url)
    except psycopg.Error as error:
        if _has_no_connection_left(error):
            raise to_sync_error(error) from None
        raise DatabaseDown(
            f"the database cannot be reached: {driver_message(error)}. Check DATABASE_URL, and that the "
            f"server runs"
        ) from None
    connection.close()


def _has_no_connection_left(error: psycopg.Error) -> bool:
    """Whether the server, or this user, has as many connections as it may."""
    return any(words in str(error) for words in _NO_CONNECTION_LEFT)


async def is_pooled_by_transaction(url: str) -> bool:
    """Whether a transaction pooler stands in between. Raises the SyncError of a failed visit.

    It hands sessions from client to client: a second one, while it holds a transaction, has taken the
    first one's session, and the first one is given another.
    """
    with translate_errors():
        async with (
            await psycopg.AsyncConnection.connect(url, **ASYNC_CONNECTION) as one,
            await psycopg.AsyncConnection.connect(url, **ASYNC_CONNECTION) as other,
        ):
            first = await _session(one)
            async with other.transaction():
                second, third = await _session(other), await _session(one)
    return second == first or third != first


async def _session(connection: psycopg.AsyncConnection[Row]) -> int:
    cursor = await connection.execute("SELECT pg_backend_pid() AS pid")
    row = await cursor.fetchone()
    return int(row["pid"]) if row else 0


# Besides errors of data: a text too long for an index or for text search, and JSON nested too deep.
_DATA_REFUSED = (
    psycopg.DataError,
    psycopg.IntegrityError,
    psycopg.errors.ProgramLimitExceeded,
    psycopg.errors.StatementTooComplex,
)


def driver_message(error: psycopg.Error) -> str:
    """The first line of what PostgreSQL said, without the values it quotes."""
    return error.diag.message_primary or (str(error).splitlines() or [type(error).__name__])[0]


def to_sync_error(error: psycopg.Error) -> SyncError:
    """The error that says what to do next."""
    if isinstance(error, _DATA_REFUSED):
        return DataRejected(f"PostgreSQL cannot store it: {driver_message(error)}")
    if _has_no_connection_left(error):
        return NoConnectionLeft(
            f"the database allows no more connections: {driver_message(error)}. Set a smaller "
            "DATABASE_POOL_SIZE, or raise the limit"
        )
    if isinstance(error, psycopg.OperationalError | psycopg.errors.IdleInTransactionSessionTimeout):
        return DatabaseDown(f"the database did not answer: {driver_message(error)}")
    return DatabaseRefused(
        f"the database refused: {driver_message(error)}; run `clickup-sync doctor` to see what is missing"
    )


def as_json(rows: Iterable[Any]) -> str:
    """Rows (dataclasses or dicts) as the JSON array that the queries unpack by name."""
    return as_document(list(rows))


def as_document(value: Any) -> str:
    """One JSON document, for a jsonb column."""
    return orjson.dumps(value, default=str).decode()


@contextmanager
def translate_errors() -> Iterator[None]:
    """Within, what the driver raises comes out as the SyncError that says what to do next."""
    try:
        yield
    except psycopg.Error as error:
        raise to_sync_error(error) from error


def is_lost(error: psycopg.Error) -> bool:
    """Whether the connection is, and not only the statement."""
    state = error.sqlstate
    return state is None or state == _IDLE_TOO_LONG or (state[:2] in ("08", "57") and state != "57014")
