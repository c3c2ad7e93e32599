"""The database client: runs named queries of `sql/queries/` in PostgreSQL.

Everything works through a transaction pooler (Supabase's port 6543, PgBouncer): no prepared statements, no
session state, no LISTEN, no session locks.
"""

import asyncio
from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self, TypeVar
from uuid import UUID

import orjson
import psycopg
import structlog
from psycopg.types.json import set_json_loads
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from app.core.errors import (
    DatabaseDown,
    NoConnectionLeft,
    RunTakenOver,
    SyncError,
)
from app.core.schemas import Schemas
from app.sql.connection import POOLED_CONNECTION, check_connection, driver_message, is_lost, translate_errors
from app.sql.job_schema import job_cursor
from app.sql.loader import load_past_queries, load_queries
from app.sql.read_transaction import ReadTransaction, refusal_of
from app.sql.typed_rows import Query, row_factory

Row = dict[str, Any]
T = TypeVar("T")
log = structlog.get_logger()
# How long to wait for one of the pool's connections; and after how long that is said.
_PATIENCE_SECONDS, _SAID_AFTER_SECONDS = 30.0, 5.0
# So long a transaction may stand still before the database ends it: a process that was paused, or
# whose machine is gone, must not keep its locks.
IDLE_IN_TRANSACTION_SECONDS = 20
# An idle connection is given back: another command may have no other.
_IDLE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class RunFence:
    """The right of a run to write: void as soon as its row has another fence number, or has ended.

    `records_history`: what it writes becomes versions and changes.
    """

    workspace_id: str
    run_id: UUID
    fence: int
    records_history: bool = True


@dataclass(frozen=True, slots=True)
class ClickUpTimes:
    """What history needs to know of ClickUp's clock: its present, at the latest; how far it is ahead of this
    machine's, at the least; and the earliest instant at which anything that is written was read.
    """

    clickup_now: datetime
    clock_ahead: timedelta
    read_since: datetime


class Transaction:
    """One open transaction; counts the rows of data that it wrote.

    `has_external_changes`: others changed rows of the mirror that no sync restored yet; known in a run's
    transaction only. `restored`: how many of them this transaction restored, by table.
    """

    def __init__(self, connection: psycopg.AsyncConnection[Row], queries: Mapping[str, str]) -> None:
        self._connection = connection
        self._queries = queries
        self.rows_written = 0
        self.has_external_changes = False
        self.restored: Counter[str] = Counter()

    async def fetch(self, query: str, **params: Any) -> list[Row]:
        """The rows of a named query."""
        cursor = await self._connection.execute(self._queries[query].encode(), params)
        return await cursor.fetchall() if cursor.description else []

    async def rows(self, query: Query[T], **params: Any) -> list[T]:
        """The rows of a query that only reads, of its type."""
        return await _run(self._connection, self._queries[query.name].encode(), params, query.row)

    async def run(self, text: bytes, params: dict[str, Any], row: type[Any] | None) -> list[Any]:
        """The rows of a statement, of this type, or as dictionaries."""
        return await _run(self._connection, text, params, row)

    async def note(self, query: str, **params: Any) -> int:
        """Runs a statement on internal tables; how many rows it touched."""
        cursor = await self._connection.execute(self._queries[query].encode(), params)
        return max(cursor.rowcount, 0)

    async def run_made(self, statement: str) -> int:
        """Runs a statement that a named query made; how many rows it touched."""
        cursor = await self._connection.execute(statement.encode())
        return max(cursor.rowcount, 0)

    async def write(self, query: str, **params: Any) -> int:
        """Runs a statement on the mirrored data; its rows are counted as written."""
        touched = await self.note(query, **params)
        self.rows_written += touched
        return touched

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator["Connection"]:
        """Within, what fails undoes itself alone; for libraries that run statements of their own."""
        async with self._connection.transaction():
            yield self._connection

    @asynccontextmanager
    async def trial(self) -> AsyncIterator[None]:
        """Within, statements are run, and undone at the end. Raises DataRejected for what is refused."""
        before = self.rows_written
        try:
            with translate_errors():
                async with self._connection.transaction(force_rollback=True):
                    yield
        finally:
            self.rows_written = before

    async def write_returning(self, query: str, **params: Any) -> list[Row]:
        """As `write`, for statements that return what they wrote."""
        rows = await self.fetch(query, **params)
        self.rows_written += len(rows)
        return rows


Connection = psycopg.AsyncConnection[Row]
Pool = AsyncConnectionPool[Connection]
_DEFAULT = Schemas()


@dataclass(frozen=True, slots=True)
class _Share:
    """How many of the connections may be used at once for one purpose, so that the other one has some too."""

    purpose: str
    most: int
    turns: asyncio.Semaphore

    @classmethod
    def of(cls, purpose: str, most: int) -> Self:
        return cls(purpose, most, asyncio.Semaphore(most))


async def _commit_at_once(connection: Connection) -> None:
    await connection.set_autocommit(True)


class AskedDatabase(ABC):
    """What reports ask: the present, or the past. `instant`: of which it tells; None for the present."""

    instant: datetime | None = None

    @abstractmethod
    async def ask(self, query: str, **params: Any) -> list[Row]:
        """The rows of a named query that only reads, in one round trip."""

    @abstractmethod
    async def rows(self, query: Query[T], **params: Any) -> list[T]:
        """The same, of the query's type."""

    async def row(self, query: Query[T], **params: Any) -> T | None:
        """The first row; None where there is none."""
        rows = await self.rows(query, **params)
        return rows[0] if rows else None

    async def one(self, query: Query[T], **params: Any) -> T:
        """The row of a query that always has one."""
        return (await self.rows(query, **params))[0]

    async def fetch_one(self, query: str, **params: Any) -> Row | None:
        """The first row of a named query that only reads."""
        rows = await self.ask(query, **params)
        return rows[0] if rows else None


class Database(AskedDatabase):
    """The mirror's database: a small pool of connections, some for who writes, the others for who only reads.

    Nobody who has a connection asks for another one, so that few are enough. `schemas`: where the mirror is
    in it.
    """

    def __init__(self, pool: Pool, url: str, schemas: Schemas) -> None:
        self.schemas = schemas
        self._queries = load_queries(schemas.tables, schemas.views)
        self._pool = pool
        self._url = url
        self._writing = _Share.of("writing", pool.max_size // 2)
        self._reading = _Share.of("reading", pool.max_size - self._writing.most)
        self._workspace_locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @property
    def job_connections(self) -> Pool:
        """The same connections, for the job queue: its statements are short."""
        return self._pool

    @property
    def url(self) -> str:
        """Where the database is, with its password."""
        return self._url

    @property
    def readers(self) -> int:
        """How many may read at once."""
        return self._reading.most

    @classmethod
    @asynccontextmanager
    async def open(
        cls, url: str, schemas: Schemas = _DEFAULT, *, connections: int = 8
    ) -> AsyncIterator[Self]:
        """A pool that is closed at the end; `check_connection` says beforehand whether it can be filled.

        It has no more `connections` than these, and works with fewer where the database gives no more.
        """
        pool = AsyncConnectionPool(
            url,
            connection_class=Connection,
            kwargs=POOLED_CONNECTION | {"cursor_factory": job_cursor(schemas)},
            configure=_commit_at_once,
            min_size=1,
            max_size=connections,
            max_idle=_IDLE_SECONDS,
            open=False,
        )
        async with pool:
            yield cls(pool, url, schemas)

    @asynccontextmanager
    async def _connection(self, share: _Share, *, checked: bool = False) -> AsyncIterator[Connection]:
        """One of the connections. `checked`: one that broke meanwhile is found out first, and replaced.

        Raises DatabaseDown, which says why none came free.
        """
        saying = asyncio.get_running_loop().call_later(
            _SAID_AFTER_SECONDS,
            lambda: log.warning("database.waiting", purpose=share.purpose, connections=share.most),
        )
        try:
            await self._wait_for(share)
            try:
                connection = await (self._get_checked() if checked else self._get())
            except BaseException:
                share.turns.release()
                raise
        finally:
            saying.cancel()
        try:
            yield connection
        finally:
            try:
                await self._pool.putconn(connection)
            finally:
                share.turns.release()

    async def _wait_for(self, share: _Share) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await share.turns.acquire()
        except TimeoutError:
            raise NoConnectionLeft(
                f"all connections for {share.purpose} are in use ({share.most} of the {self._pool.max_size} "
                f"of this process), and none was free for {_PATIENCE_SECONDS:.0f} s: send fewer requests "
                "at once, or set a larger DATABASE_POOL_SIZE"
            ) from None

    async def _get(self) -> Connection:
        try:
            return await self._pool.getconn(_PATIENCE_SECONDS)
        except PoolTimeout as error:
            await check_connection(self._url)
            raise DatabaseDown(f"the database did not answer: {driver_message(error)}") from None

    async def _get_checked(self) -> Connection:
        while True:
            connection = await self._get()
            try:
                await AsyncConnectionPool.check_connection(connection)
            except BaseException as error:
                await self._pool.putconn(connection)
                if not isinstance(error, psycopg.Error):
                    raise
            else:
                return connection

    async def ask(self, query: str, **params: Any) -> list[Row]:
        """The rows of a named query that only reads, in one round trip."""
        return await self._run_alone(self._reading, query, params)

    async def rows(self, query: Query[T], **params: Any) -> list[T]:
        """The same, of the query's type."""
        return await self._run_alone(self._reading, query.name, params, query.row)

    async def rows_of_many(self, query: Query[T], **params: Any) -> list[T]:
        """As `rows`, for a question that reads hundreds of thousands of rows."""
        async with self.reading() as tx:
            await tx.fetch("allow_memory")
            return await tx.rows(query, **params)

    async def execute(self, query: str, **params: Any) -> list[Row]:
        """A statement that writes and commits by itself, in one round trip; the rows that it returns.

        After a lost connection it is run again, so it must be one that may run twice.
        """
        return await self._run_alone(self._writing, query, params)

    async def _run_alone(
        self, share: _Share, query: str, params: dict[str, Any], row: type[Any] | None = None
    ) -> list[Any]:
        text = self._queries[query].encode()
        with translate_errors():
            try:
                return await self._run_once(share, text, params, row)
            except psycopg.OperationalError as error:
                if not is_lost(error):
                    raise
                # Nobody waits for a check before: connections that broke are found out now.
                await self._pool.check()
                return await self._run_once(share, text, params, row)

    async def ask_past(
        self, instant: datetime, query: str, params: dict[str, Any], row: type[Any] | None = None
    ) -> list[Any]:
        """The rows of a named query, as they were at an instant."""
        text = load_past_queries(self.schemas.tables, self.schemas.views)[query].encode()
        async with self.reading() as tx:
            await tx.fetch("set_past_instant", instant=instant)
            return await tx.run(text, params, row)

    async def _run_once(
        self, share: _Share, text: bytes, params: dict[str, Any], row: type[Any] | None
    ) -> list[Any]:
        async with self._connection(share) as connection:
            return await _run(connection, text, params, row)

    async def read_bounded(
        self, bounds: dict[str, Any], read: Callable[[ReadTransaction], Awaitable[T]]
    ) -> T:
        """What is read in a transaction that is bounded first and rolled back. Raises QueryRejected."""
        try:
            return await self._read_once(bounds, read)
        except psycopg.OperationalError as error:
            if not is_lost(error):
                raise refusal_of(error) from error
        await self._pool.check()
        with translate_errors():
            return await self._read_once(bounds, read)

    async def _read_once(self, bounds: dict[str, Any], read: Callable[[ReadTransaction], Awaitable[T]]) -> T:
        async with (
            self._connection(self._reading) as connection,
            connection.transaction(force_rollback=True),
        ):
            await connection.execute(self._queries["bound_reading"].encode(), bounds)
            try:
                return await read(ReadTransaction(connection, self._queries))
            except psycopg.Error as error:
                if is_lost(error):
                    raise
                raise refusal_of(error) from error

    async def tidy(self, query: str) -> None:
        """Housekeeping: a statement that may be in no transaction, as VACUUM. What hinders it is logged."""
        try:
            with translate_errors():
                async with self._connection(self._reading) as connection:
                    await connection.execute(self._queries[query].encode())
        except SyncError as error:
            log.warning("database.vacuum_failed", query=query, error=str(error))

    async def fetch(self, query: str, **params: Any) -> list[Row]:
        """The rows of a named query, which is a transaction of its own."""
        return (await self._run_committed(query, params))[0]

    async def note(self, query: str, **params: Any) -> int:
        """One statement on internal tables, which is a transaction of its own; how many rows it touched."""
        return (await self._run_committed(query, params))[1]

    async def _run_committed(self, query: str, params: dict[str, Any]) -> tuple[list[Row], int]:
        """Rows, and how many were touched. The connections commit by themselves: BEGIN and COMMIT are two
        round trips that a single statement does not need.

        A statement that may not run twice must find a connection that works.
        """
        with translate_errors():
            async with self._connection(self._writing, checked=True) as connection:
                cursor = await connection.execute(self._queries[query].encode(), params)
                rows = await cursor.fetchall() if cursor.description else []
                return rows, max(cursor.rowcount, 0)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """All or nothing."""
        async with self._begun(self._writing) as tx:
            yield tx

    @asynccontextmanager
    async def run_transaction(self, fence: RunFence, times: ClickUpTimes) -> AsyncIterator[Transaction]:
        """All or nothing, for a run. Raises RunTakenOver before anything is written without right.

        One at a time in a workspace, whichever process it is of: two that touch the same rows in another
        order would wait for each other.
        """
        # Within a process nobody waits for the workspace while having a connection.
        async with self._workspace_locks[fence.workspace_id], self._begun(self._writing) as tx:
            found = await tx.fetch(
                "begin_run_transaction",
                workspace_id=fence.workspace_id,
                run_id=fence.run_id,
                fence=fence.fence,
                records_history=fence.records_history,
                clickup_now=times.clickup_now,
                clock_ahead=times.clock_ahead,
                read_since=times.read_since,
            )
            if not found:
                raise RunTakenOver(
                    f"run {fence.run_id} of workspace {fence.workspace_id} was given to another worker"
                )
            tx.has_external_changes = found[0]["has_external_changes"]
            yield tx

    def at(self, instant: datetime) -> "PastDatabase":
        """The database as it was at an instant."""
        return PastDatabase(self, instant)

    def reading(self) -> AbstractAsyncContextManager[Transaction]:
        """A transaction for several questions that only read: it waits for nobody who writes."""
        return self._begun(self._reading)

    @asynccontextmanager
    async def _begun(self, share: _Share) -> AsyncIterator[Transaction]:
        with translate_errors():
            async with AsyncExitStack() as stack:
                connection = await self._begin(stack, share)
                try:
                    yield Transaction(connection, self._queries)
                except BaseException:
                    with suppress(psycopg.Error):
                        await connection.rollback()
                    raise
                await connection.commit()

    async def _begin(self, stack: AsyncExitStack, share: _Share) -> Connection:
        """A connection with an open transaction. To begin one finds out whether the connection works: nothing
        was done on one that broke meanwhile, so another one is taken.
        """
        # In one message. A pooler keeps no setting of a session, so each transaction has its own.
        begin = f"BEGIN; SET LOCAL idle_in_transaction_session_timeout = '{IDLE_IN_TRANSACTION_SECONDS}s'"
        while True:
            async with AsyncExitStack() as attempt:
                connection = await attempt.enter_async_context(self._connection(share))
                try:
                    await connection.execute(begin.encode())
                except psycopg.OperationalError as error:
                    if not is_lost(error):
                        raise
                    continue
                stack.push_async_exit(attempt.pop_all())
                return connection


@dataclass(frozen=True, slots=True)
class PastDatabase(AskedDatabase):
    """What a database answers about an instant, by the queries that answer about the present."""

    database: Database
    instant: datetime

    async def ask(self, query: str, **params: Any) -> list[Row]:
        """As `Database.ask`."""
        return await self.database.ask_past(self.instant, query, params)

    async def rows(self, query: Query[T], **params: Any) -> list[T]:
        """As `Database.rows`."""
        return await self.database.ask_past(self.instant, query.name, params, query.row)


async def _run(
    connection: Connection, text: bytes, params: dict[str, Any], row: type[Any] | None
) -> list[Any]:
    """The rows, of this type, or as dictionaries; none where the statement returns none."""
    cursor = connection.cursor(row_factory=row_factory(row)) if row else connection.cursor()
    if row:
        # Several documents a row, which take longer than all else that is read.
        set_json_loads(orjson.loads, cursor)
    await cursor.execute(text, params)
    return await cursor.fetchall() if cursor.description else []
