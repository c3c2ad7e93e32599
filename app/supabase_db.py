"""The only room that talks to PostgreSQL.

Everything works through a transaction pooler (Supabase's port 6543, PgBouncer): no prepared
statements, no session state, no LISTEN, no session locks. Queries are named; their text is in
`sql/queries/`.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self, TypeVar

import orjson
import psycopg
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from app.core.errors import DatabaseDown, DatabaseRefused, DataRejected, LeaseLost, SyncError
from app.queries import load_queries

Row = dict[str, Any]
T = TypeVar("T")
_POOL_SIZE, _READERS = 4, 4
# A transaction pooler hands each transaction another session: nothing may be prepared in one.
_CONNECTION: dict[str, Any] = {"prepare_threshold": None, "row_factory": dict_row, "connect_timeout": 10}


async def check_connection(url: str) -> None:
    """One short visit. Raises DatabaseDown, which names host and reason but no password."""
    try:
        connection = await psycopg.AsyncConnection.connect(url, **_CONNECTION)
    except psycopg.Error as error:
        raise DatabaseDown(
            f"the database cannot be reached: {spoken(error)}. Check DATABASE_URL, and that the server runs"
        ) from None
    await connection.close()


async def is_pooled_by_transaction(url: str) -> bool:
    """Whether a transaction pooler stands in between. Raises the SyncError of a failed visit.

    It hands sessions from client to client: a second one, while it holds a transaction, has taken the
    first one's session, and the first one is given another.
    """
    with understood():
        async with (
            await psycopg.AsyncConnection.connect(url, autocommit=True, **_CONNECTION) as one,
            await psycopg.AsyncConnection.connect(url, autocommit=True, **_CONNECTION) as other,
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


def spoken(error: psycopg.Error) -> str:
    """The first line of what PostgreSQL said, without the values it quotes."""
    return error.diag.message_primary or (str(error).splitlines() or [type(error).__name__])[0]


def meaning(error: psycopg.Error) -> SyncError:
    """The error that says what to do next."""
    if isinstance(error, _DATA_REFUSED):
        return DataRejected(f"PostgreSQL cannot hold it: {spoken(error)}")
    if isinstance(error, psycopg.OperationalError):
        return DatabaseDown(f"the database did not answer: {spoken(error)}")
    return DatabaseRefused(
        f"the database refused: {spoken(error)}; `clickup-sync doctor` says what is missing"
    )


def as_json(rows: Iterable[Any]) -> str:
    """Rows (dataclasses or dicts) as the JSON array that the queries unpack by name."""
    return as_document(list(rows))


def as_document(value: Any) -> str:
    """One JSON document, for a jsonb column."""
    return orjson.dumps(value, default=str).decode()


@contextmanager
def understood() -> Iterator[None]:
    """Within, what the driver raises comes out as the SyncError that says what to do next."""
    try:
        yield
    except psycopg.Error as error:
        raise meaning(error) from error


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write one workspace: void as soon as the stored fence is another."""

    workspace_id: str
    fence: int


class Transaction:
    """One open transaction; counts the rows of data that it wrote."""

    def __init__(self, connection: psycopg.AsyncConnection[Row]) -> None:
        self._connection = connection
        self.rows_written = 0

    async def fetch(self, query: str, **params: Any) -> list[Row]:
        """The rows of a named query."""
        cursor = await self._connection.execute(load_queries()[query].encode(), params)
        return await cursor.fetchall() if cursor.description else []

    async def note(self, query: str, **params: Any) -> int:
        """Runs a statement on the mirror's own books; how many rows it touched."""
        cursor = await self._connection.execute(load_queries()[query].encode(), params)
        return max(cursor.rowcount, 0)

    async def write(self, query: str, **params: Any) -> int:
        """Runs a statement on the mirrored data; its rows are counted as written."""
        touched = await self.note(query, **params)
        self.rows_written += touched
        return touched

    @asynccontextmanager
    async def trial(self) -> AsyncIterator[None]:
        """Within, statements are run, and undone at the end. Raises DataRejected for what is refused."""
        before = self.rows_written
        try:
            with understood():
                async with self._connection.transaction(force_rollback=True):
                    yield
        finally:
            self.rows_written = before

    async def write_returning(self, query: str, **params: Any) -> list[Row]:
        """As `write`, for statements that return what they wrote."""
        rows = await self.fetch(query, **params)
        self.rows_written += len(rows)
        return rows


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an answer, with PostgreSQL's name of its type."""

    name: str
    type: str


class SaidNo(Exception):
    """What PostgreSQL said of a SELECT that somebody else wrote; `state` is its SQLSTATE."""

    def __init__(self, state: str, message: str, hint: str | None) -> None:
        self.state, self.message, self.hint = state, message, hint
        super().__init__(message)


class Reading:
    """One open transaction that only reads, for a SELECT that is not one of the named queries."""

    def __init__(self, connection: psycopg.AsyncConnection[Row]) -> None:
        self._connection = connection

    async def become(self, query: str) -> bool:
        """Goes on with other rights; False where the named query finds nobody whose rights they are."""
        cursor = await self._connection.execute(load_queries()[query].encode())
        return await cursor.fetchone() is not None

    async def describe(self, select: str) -> list[Column]:
        """The columns that it has, without running it."""
        opening = load_queries()["declare_question"].rstrip(";")
        # Asked for in binary form it travels by the protocol that takes one statement and no more.
        await self._connection.execute(f"{opening} {select}".encode(), binary=True)
        cursor = await self._connection.execute(load_queries()["describe_question"].encode())
        return [
            Column(one.name, "record" if one.type_display.isdecimal() else one.type_display)
            for one in cursor.description or []
        ]

    async def answer(self, select: str, most_letters: int) -> list[list[str | None]]:
        """The rows of a SELECT of one array of texts; once they have more letters than that, one row more."""
        cursor = await self._connection.execute(
            load_queries()["answer_question"].encode(), {"question": select, "most_letters": most_letters}
        )
        return [row["cells"] for row in await cursor.fetchall()]


Pool = AsyncConnectionPool[psycopg.AsyncConnection[Row]]


class Database:
    """The mirror's database: a small pool of connections to write, and another one to answer from."""

    def __init__(self, pool: Pool, readers: Pool) -> None:
        self._pool = pool
        self._readers = readers

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator[Self]:
        """A pool that is closed at the end; `check_connection` says beforehand whether it can be filled."""
        pool = AsyncConnectionPool(
            url,
            connection_class=psycopg.AsyncConnection[Row],
            kwargs=_CONNECTION,
            min_size=1,
            max_size=_POOL_SIZE,
            check=AsyncConnectionPool.check_connection,
            open=False,
        )
        # Whoever reads waits for no check: a connection that broke is found out, and another one taken.
        readers = AsyncConnectionPool(
            url,
            connection_class=psycopg.AsyncConnection[Row],
            kwargs=_CONNECTION | {"autocommit": True},
            min_size=0,
            max_size=_READERS,
            open=False,
        )
        async with pool, readers:
            yield cls(pool, readers)

    async def ask(self, query: str, **params: Any) -> list[Row]:
        """The rows of a named query that only reads, in one round trip."""
        text = load_queries()[query].encode()
        with understood():
            try:
                return await self._ask_once(text, params)
            except psycopg.OperationalError:
                return await self._ask_once(text, params)

    async def _ask_once(self, text: bytes, params: dict[str, Any]) -> list[Row]:
        async with self._readers.connection() as connection:
            cursor = await connection.execute(text, params)
            return await cursor.fetchall()

    async def read_bounded(self, bounds: dict[str, Any], read: Callable[[Reading], Awaitable[T]]) -> T:
        """What is read in a transaction that is bounded first and rolled back. Raises SaidNo."""
        try:
            return await self._read_once(bounds, read)
        except psycopg.OperationalError as error:
            if not _is_lost(error):
                raise _refusal(error) from error
        with understood():
            return await self._read_once(bounds, read)

    async def _read_once(self, bounds: dict[str, Any], read: Callable[[Reading], Awaitable[T]]) -> T:
        async with (
            self._readers.connection() as connection,
            connection.transaction(force_rollback=True),
        ):
            await connection.execute(load_queries()["bound_reading"].encode(), bounds)
            try:
                return await read(Reading(connection))
            except psycopg.Error as error:
                if _is_lost(error):
                    raise
                raise _refusal(error) from error

    async def run_alone(self, query: str) -> None:
        """A statement that may stand in no transaction, as VACUUM."""
        with understood():
            async with self._readers.connection() as connection:
                await connection.execute(load_queries()[query].encode())

    async def fetch(self, query: str, **params: Any) -> list[Row]:
        """The rows of a named query, in a transaction of its own."""
        async with self.transaction() as tx:
            return await tx.fetch(query, **params)

    async def fetch_one(self, query: str, **params: Any) -> Row | None:
        """The first row of a named query."""
        rows = await self.fetch(query, **params)
        return rows[0] if rows else None

    async def note(self, query: str, **params: Any) -> int:
        """One statement on the mirror's own books, in a transaction of its own."""
        async with self.transaction() as tx:
            return await tx.note(query, **params)

    @asynccontextmanager
    async def transaction(self, lease: Lease | None = None) -> AsyncIterator[Transaction]:
        """All or nothing. With a lease, raises LeaseLost before anything is written without right."""
        with understood():
            async with self._pool.connection() as connection, connection.transaction():
                tx = Transaction(connection)
                if lease:
                    await _check_fence(tx, lease)
                yield tx

    async def take_lease(
        self, workspace_id: str, holder: str, ttl: timedelta, *, serves: bool
    ) -> Lease | None:
        """The lease on a workspace, or None while somebody else holds it."""
        row = await self.fetch_one(
            "take_lease", workspace_id=workspace_id, holder=holder, ttl=ttl, serves=serves
        )
        return Lease(workspace_id, row["fence"]) if row else None


def _is_lost(error: psycopg.Error) -> bool:
    """Whether the connection is, and not only the statement."""
    return error.sqlstate is None or (error.sqlstate[:2] in ("08", "57") and error.sqlstate != "57014")


def _refusal(error: psycopg.Error) -> SaidNo:
    return SaidNo(error.sqlstate or "", spoken(error), error.diag.message_hint)


async def _check_fence(tx: Transaction, lease: Lease) -> None:
    if not await tx.fetch("check_fence", workspace_id=lease.workspace_id, fence=lease.fence):
        raise LeaseLost(f"workspace {lease.workspace_id} was taken over by another process")
