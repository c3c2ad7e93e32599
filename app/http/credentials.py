"""The table of keys, page sessions and report links: read into memory, so that no request waits for it.

What is ended by another process is refused here a few seconds later; what this one ends, at once. While the
database is away, what was known last goes on to count.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any, Self
from uuid import UUID

import structlog

from app.core.answers.access import Credential, CredentialKind, Credentials
from app.core.answers.api_keys import ApiKeys, KeyScope, digest_of
from app.core.errors import DatabaseRefused, SyncError
from app.sql.connection import as_json
from app.supabase_db import Database, Row

log = structlog.get_logger()

SESSION_LIFETIME = timedelta(days=30)
_REFRESH_SECONDS = 2.0
# Whoever presents what is unknown has the table read again, but no more often than this, and waits no longer.
_UNKNOWN_SECONDS, _UNKNOWN_PATIENCE_SECONDS = 0.05, 1.0
_USE_NOTED_EVERY = timedelta(minutes=1)
_MOST_SESSIONS_OF_KEY = 50
_LONGEST_OPENER = 200
_PREFIXES: dict[CredentialKind, str] = {"api_key": "cskey_", "report_link": "cslink_", "page_session": ""}


class CredentialStore:
    """`current`: all that may be presented, as it was known last."""

    def __init__(self, database: Database, keys: ApiKeys | None) -> None:
        self.current = Credentials(keys)
        self._database = database
        self._keys = keys
        # Who reads the table and who ends a row take turns: a read that began before cannot bring it back.
        self._turn = asyncio.Lock()
        self._read_began_at = float("-inf")
        self._noted: dict[UUID, datetime] = {}
        self._uses: dict[UUID, datetime] = {}

    @classmethod
    @asynccontextmanager
    async def open(cls, database: Database, keys: ApiKeys | None) -> AsyncIterator[Self]:
        """A store that keeps itself up to date until the end. Raises SyncError where it cannot be read."""
        store = cls(database, keys)
        await store.refresh()
        work = asyncio.create_task(store._keep_current())
        try:
            yield store
        finally:
            work.cancel()
            with suppress(asyncio.CancelledError):
                await work
            with suppress(SyncError, TimeoutError):
                async with asyncio.timeout(_UNKNOWN_PATIENCE_SECONDS):
                    await store.write_uses()

    async def refresh(self) -> None:
        """Reads the table. Raises SyncError, and then keeps what was known."""
        async with self._turn:
            await self._read()

    async def refresh_for_unknown(self) -> None:
        """Reads the table for who presents what another process may have made just now."""
        asked_at = time.monotonic()
        with suppress(SyncError, TimeoutError):
            async with asyncio.timeout(_UNKNOWN_PATIENCE_SECONDS), self._turn:
                if self._read_began_at < asked_at:
                    await asyncio.sleep(self._read_began_at + _UNKNOWN_SECONDS - asked_at)
                    await self._read()

    def note_use(self, credential_id: UUID, now: datetime) -> None:
        """It was used; written later, and once a minute at most."""
        noted = self._noted.get(credential_id)
        if noted is None or now - noted >= _USE_NOTED_EVERY:
            self._noted[credential_id] = self._uses[credential_id] = now

    async def write_uses(self) -> None:
        """Writes when credentials were used last. Raises SyncError, and then keeps that for the next time."""
        uses = dict(self._uses)
        if not uses:
            return
        rows = [{"credential_id": str(each), "used_at": at.isoformat()} for each, at in uses.items()]
        await self._database.note("note_credential_uses", uses=as_json(rows))
        self._uses = {each: at for each, at in self._uses.items() if uses.get(each) != at}

    async def open_session(self, key: Credential, opened_by: str) -> str:
        """The token of a new page session of this key. Raises SyncError."""
        token = token_urlsafe(32)
        async with self._turn, self._database.transaction() as tx:
            (row,) = await tx.fetch(
                "insert_session",
                name=key.name,
                scope=key.scope,
                secret_digest=digest_of(token.encode()),
                key_digest=key.digest,
                opened_by=_printable(opened_by),
                owner_user_id=key.owner_user_id,
                lifetime=SESSION_LIFETIME,
                key_expires_at=key.expires_at,
            )
            surplus = await tx.fetch(
                "end_surplus_sessions", key_digest=key.digest, most=_MOST_SESSIONS_OF_KEY
            )
        await self.refresh()
        log.info("session.opened", session=str(row["credential_id"]), key=key.name, ended=len(surplus))
        return token

    async def end_sessions(
        self,
        *,
        credential_id: str | None = None,
        key_digest: bytes | None = None,
        token: bytes | None = None,
    ) -> int:
        """Ends the open page sessions that fit, here at once; how many. Raises SyncError."""
        async with self._turn:
            rows = await self._database.fetch(
                "end_sessions",
                credential_id=credential_id,
                key_digest=key_digest,
                secret_digest=digest_of(token) if token is not None else None,
            )
            ended = {row["credential_id"] for row in rows}
            self._keep(lambda each: each.credential_id not in ended)
        for each in ended:
            log.info("session.ended", session=str(each))
        return len(ended)

    async def list_sessions(self, key_digest: bytes) -> list[Row]:
        """The open page sessions of a key."""
        return await self._database.ask("list_sessions_of_key", key_digest=key_digest)

    async def _keep_current(self) -> None:
        failed = False
        while True:
            await asyncio.sleep(_REFRESH_SECONDS)
            try:
                await self.refresh()
                await self.write_uses()
            except Exception as error:
                # Whatever it is: a revoked key would count for ever if nobody read the table any more.
                if not failed:
                    log.warning("credentials.not_refreshed", error=str(error))
                failed = True
            else:
                failed = False

    async def _read(self) -> None:
        self._read_began_at = time.monotonic()
        rows = await self._database.ask("list_live_credentials")
        stored = tuple(Credential.from_row(row) for row in rows if row["credential_id"])
        self.current = Credentials(self._keys, stored, has_keys=rows[0]["has_keys"])
        live = {each.credential_id for each in stored}
        self._noted = {each: at for each, at in self._noted.items() if each in live}

    def _keep(self, wanted: Callable[[Credential], bool]) -> None:
        stored = tuple(filter(wanted, self.current.stored))
        # Without keys in the setting, a key was made: else there would be no session to end.
        self.current = Credentials(self._keys, stored, has_keys=self.current.requires_keys)


async def create_credential(
    database: Database,
    kind: CredentialKind,
    name: str,
    *,
    scope: KeyScope = "read",
    lifetime: timedelta | None = None,
    owner_user_id: str | None = None,
    path: str | None = None,
    workspace_ids: Sequence[str] | None = None,
) -> tuple[str, Row]:
    """The secret of a new key or report link, which is told here and never again, and its row.

    Raises DatabaseRefused where a live key has this name.
    """
    secret = _PREFIXES[kind] + token_urlsafe(32)
    async with database.transaction() as tx:
        await tx.note("end_expired_credentials")
        rows = await tx.fetch(
            "insert_credential",
            kind=kind,
            name=name,
            scope=scope,
            secret_digest=digest_of(secret.encode()),
            path=path,
            owner_user_id=owner_user_id,
            workspace_ids=list(workspace_ids) if workspace_ids else None,
            lifetime=lifetime,
        )
    if not rows:
        raise DatabaseRefused(f"the key {name!r} exists already; choose another name")
    return secret, rows[0]


async def end_credentials(database: Database, kind: CredentialKind, which: str) -> list[dict[str, Any]]:
    """Ends the live ones of this id or name, and of a key its sessions; those that were ended."""
    return await database.fetch("end_credentials", kind=kind, which=which)


def _printable(text: str) -> str:
    return "".join(letter for letter in text if " " <= letter <= "~")[:_LONGEST_OPENER]
