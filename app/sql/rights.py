"""Rights on what the mirror made: of its readers, and of those whom nobody gave any on purpose.

Supabase grants each new table and function of `public` to its web roles, by default privileges. So each
migration takes back what came by itself, and gives back what was granted on an object that it made anew.
"""

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from textwrap import shorten
from typing import Any

import psycopg

from app.core.errors import DatabaseRefused
from app.core.roles import RolePower, why_no_reader
from app.core.schemas import Schemas, plain
from app.sql.blocking_queries import BlockingQueries
from app.sql.connection import as_document, connect, driver_message, translate_errors

# A policy needs its table alone. The wait for it must end before PostgreSQL looks for deadlocks, after a
# second: it might be the sync that it ends.
_TRIES_TO_LOCK, _LOCK_AGAIN_SECONDS = 20, 0.5


@dataclass(frozen=True, slots=True)
class Granted:
    """What was there at a time, as object ids, and who was granted what on its relations."""

    relations: Sequence[int]
    schemas: Sequence[int]
    granted: Sequence[dict[str, Any]]


def read_granted(ask: BlockingQueries) -> Granted:
    """What is there now, after what default privileges gave to strangers was taken back."""
    before = _read(ask)
    _take_back(ask, before)
    return _read(ask)


def settle_rights(ask: BlockingQueries, before: Granted) -> None:
    """At the end of a migration: new objects are for owner and readers, what was made anew as before."""
    _take_back(ask, before)
    _run_made(ask, ask.run("list_lost_grants", granted=as_document(before.granted)))
    _run_made(ask, ask.run("list_assistants_grants"))
    for reader in ask.run("list_readers"):
        grants = ask.run("list_reader_grants", role=reader["role"])
        _run_made(ask, [grant for grant in grants if grant["of_mirror"]])


def change_reader(
    database_url: str,
    schemas: Schemas,
    role: str,
    *,
    create: bool = False,
    revoke: bool = False,
    dry_run: bool = False,
) -> list[str]:
    """Makes a role a reader of the views and the readable tables and no more, or takes all of that from it.

    The statements it ran, none where all was so already. `create`: the role, where there is none. `dry_run`:
    runs nothing. Blocks; run it in a thread. Raises DatabaseRefused with why not, then nothing was changed.
    """
    change = _Change(schemas, role, create=create, revoke=revoke, dry_run=dry_run)
    with translate_errors():
        for _ in range(_TRIES_TO_LOCK):
            with suppress(psycopg.errors.LockNotAvailable), connect(database_url) as connection:
                return change.run(connection)
            time.sleep(_LOCK_AGAIN_SECONDS)
    raise DatabaseRefused(
        "another session has locked a table of the mirror. Nothing was changed; try again later"
    )


@dataclass(frozen=True, slots=True)
class _Change:
    schemas: Schemas
    role: str
    create: bool
    revoke: bool
    dry_run: bool

    def run(self, connection: psycopg.Connection[Any]) -> list[str]:
        ask = BlockingQueries(connection, self.schemas)
        ask.run("limit_lock_wait")
        ask.run("lock_migrations")
        self._check(ask)
        statements = self._statements(ask)
        if not self.dry_run:
            for statement in statements:
                self._run(ask, statement)
            # PostgreSQL only warns of a right that was not the user's to give or to take.
            if left := self._statements(ask):
                raise self._not_allowed(left[0], "this user may not grant or revoke the right")
        return statements

    def _check(self, ask: BlockingQueries) -> None:
        powers = [RolePower(**row) for row in ask.run("list_role_powers", role=self.role)]
        if not powers and (self.revoke or not self.create):
            advice = "" if self.revoke else "; `--create` creates it"
            raise DatabaseRefused(f"role {plain(self.role)} does not exist{advice}")
        if not self.revoke and (reason := why_no_reader(self.role, powers, self.schemas)):
            raise DatabaseRefused(f"{reason}; nothing was changed")

    def _statements(self, ask: BlockingQueries) -> list[str]:
        query = "list_reader_revokes" if self.revoke else "list_reader_grants"
        return [row["statement"] for row in ask.run(query, role=self.role)]

    def _run(self, ask: BlockingQueries, statement: str) -> None:
        try:
            ask.run_made(statement)
        except psycopg.errors.InsufficientPrivilege as error:
            raise self._not_allowed(statement, driver_message(error)) from error

    def _not_allowed(self, statement: str, reason: str) -> DatabaseRefused:
        return DatabaseRefused(
            f"the database refused {shorten(statement, 100, placeholder=' …')}: {reason}. Nothing was "
            f"changed. Run it as the owner of the tables, or have an administrator run what --dry-run prints"
        )


def _read(ask: BlockingQueries) -> Granted:
    row = ask.run("get_granted")[0]
    return Granted(row["relations"], row["schemas"], row["granted"] or [])


def _take_back(ask: BlockingQueries, before: Granted) -> None:
    _run_made(ask, ask.run("list_excess_grants", relations=before.relations, schemas=before.schemas))


def _run_made(ask: BlockingQueries, rows: Sequence[dict[str, Any]]) -> None:
    for row in rows:
        ask.run_made(row["statement"])
