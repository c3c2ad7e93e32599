"""A transaction for a SELECT that is not one of the named queries: it only reads, with rights of its own."""

from collections.abc import Mapping
from dataclasses import dataclass

import psycopg

from app.sql.connection import Row, driver_message


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an answer, with PostgreSQL's name of its type."""

    name: str
    type: str


class QueryRejected(Exception):
    """What PostgreSQL said of a SELECT that somebody else wrote; `state` is its SQLSTATE."""

    def __init__(self, state: str, message: str, hint: str | None) -> None:
        self.state, self.message, self.hint = state, message, hint
        super().__init__(message)


class ReadTransaction:
    """One open transaction that only reads, for a SELECT that is not one of the named queries."""

    def __init__(self, connection: psycopg.AsyncConnection[Row], queries: Mapping[str, str]) -> None:
        self._connection = connection
        self._queries = queries

    async def become(self, query: str) -> bool:
        """Goes on with other rights; False where the named query finds nobody whose rights they are."""
        cursor = await self._connection.execute(self._queries[query].encode())
        return await cursor.fetchone() is not None

    async def describe(self, select: str) -> list[Column]:
        """The columns that it has, without running it."""
        opening = self._queries["declare_question"].rstrip(";")
        # Asked for in binary form it travels by the protocol that takes one statement and no more.
        await self._connection.execute(f"{opening} {select}".encode(), binary=True)
        cursor = await self._connection.execute(self._queries["describe_question"].encode())
        return [
            Column(one.name, "record" if one.type_display.isdecimal() else one.type_display)
            for one in cursor.description or []
        ]

    async def answer(self, select: str, most_letters: int) -> list[list[str | None]]:
        """The rows of a SELECT of one array of texts; once they have more letters than that, one row more."""
        cursor = await self._connection.execute(
            self._queries["answer_question"].encode(), {"question": select, "most_letters": most_letters}
        )
        return [row["cells"] for row in await cursor.fetchall()]


def refusal_of(error: psycopg.Error) -> QueryRejected:
    """What PostgreSQL said, for whoever wrote the SELECT."""
    return QueryRejected(error.sqlstate or "", driver_message(error), error.diag.message_hint)
