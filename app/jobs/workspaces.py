"""The workspaces that a worker works for, each with its ClickUp client."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Self

import structlog
from pydantic import SecretStr

from app.adapters.token_budget import TokenBudgets
from app.clickup import ClickUp, RequestStats
from app.config import Settings
from app.context import Context
from app.core.errors import SettingsError, SyncError
from app.core.sync.cadence import Cadence, full_pass_cadence
from app.jobs.connection_changes import with_token
from app.jobs.connections import (
    Connection,
    list_connections,
    record_token_accepted,
    record_token_rejected,
)
from app.supabase_db import Database
from app.sync import find_workspace_id

log = structlog.get_logger()
# How soon a worker hears of a workspace that was connected, paused or removed, and of another token.
_READ_EVERY_SECONDS = 2.0


@dataclass(slots=True)
class Workspace:
    """One workspace at work, and the token that it is read with.

    `connection`: None before its first sync. `seen`: the requests of its token when its state
    was recorded last.
    """

    workspace_id: str
    context: Context
    token: SecretStr = field(repr=False)
    connection: Connection | None = None
    seen: RequestStats = field(default_factory=RequestStats)
    _recording: asyncio.Lock = field(default_factory=asyncio.Lock)
    _is_rejected: bool = False

    async def get_cadence(self) -> Cadence:
        """How often a full sync is made."""
        last = await self.context.database.fetch_one("get_last_full_pass", workspace_id=self.workspace_id)
        return self.cadence(last["requests"] if last else None)

    def cadence(self, full_pass_requests: int | None) -> Cadence:
        """How often a full sync is made, where the last one took so many requests."""
        return full_pass_cadence(
            timedelta(seconds=self.context.settings.full_sync_interval_seconds),
            full_pass_requests,
            self.context.clickup.throttle.allowed_per_minute,
        )

    async def record_state(self) -> bool:
        """Writes what this process knows of the workspace after a job, for others. True: ClickUp accepts the
        token again. Raises DatabaseDown.
        """
        async with self._recording:  # two jobs that end together would count the same requests twice
            return await self._record_state()

    async def _record_state(self) -> bool:
        clickup = self.context.clickup
        cadence, now = await self.get_cadence(), replace(clickup.traffic)
        # A job that asked ClickUp nothing says nothing of the token.
        has_answers = now.answered > self.seen.answered and now.rejected == self.seen.rejected
        is_accepted = clickup.rejected is None and has_answers
        await self._store_state(cadence, is_accepted=is_accepted)
        self.seen = now
        if self.connection and clickup.rejected:
            await record_token_rejected(self.context.database, self.connection, str(clickup.rejected))
        elif self.connection and self.connection.token_rejected_at and is_accepted:
            await record_token_accepted(self.context.database, self.connection)
        was_rejected = self._is_rejected
        self._is_rejected = bool(clickup.rejected) or (was_rejected and not is_accepted)
        return was_rejected and is_accepted

    async def _store_state(self, cadence: Cadence, *, is_accepted: bool) -> None:
        clickup, settings, counted = (
            self.context.clickup,
            self.context.settings,
            self.context.clickup.take_uncounted(),
        )
        try:
            await self.context.database.note(
                "upsert_workspace_state",
                workspace_id=self.workspace_id,
                token_error=str(clickup.rejected) if clickup.rejected else None,
                token_accepted=is_accepted,
                requests_per_minute=clickup.throttle.allowed_per_minute,
                requests_left=clickup.spare,
                incremental_interval=timedelta(seconds=settings.sync_interval_seconds),
                full_interval=cadence.every,
                full_interval_reason=cadence.reason,
                public_url=settings.public_url,
                requests_answered=counted.answered,
                requests_rate_limited=counted.rate_limited,
                requests_failed=counted.failed + counted.rejected,
                is_connected=self.connection is not None,
            )
        except BaseException:
            clickup.return_uncounted(counted)
            raise


class Workspaces:
    """Those of one installation, as they are connected now.

    `load_settings`: the settings as they are now; the token in them may be replaced while this runs.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        budgets: TokenBudgets,
        clients: AsyncExitStack,
        load_settings: Callable[[], Settings],
    ) -> None:
        self.settings, self._database, self._budgets = settings, database, budgets
        self._load_settings, self._exits = load_settings, clients
        self._clients: dict[str, ClickUp] = {}
        self._known: dict[str, Workspace] = {}
        self._ids: dict[str, str] = {}
        self._unreadable: dict[str, str | None] = {}
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def open(
        cls, settings: Settings, database: Database, load_settings: Callable[[], Settings] | None = None
    ) -> AsyncIterator[Self]:
        """The workspaces, until the end. Without `load_settings` the settings stay as they are."""
        async with TokenBudgets.open(settings, database) as budgets, AsyncExitStack() as clients:
            yield cls(settings, database, budgets, clients, load_settings or (lambda: settings))

    @classmethod
    def of(cls, context: Context, workspace_id: str) -> Self:
        """One workspace alone, with the client of the context."""
        settings = context.settings
        known = cls(
            settings, context.database, TokenBudgets(settings, None), AsyncExitStack(), lambda: settings
        )
        token = settings.clickup_api_token or SecretStr("")
        known._known = {workspace_id: Workspace(workspace_id, context, token)}
        known._read_at = float("inf")
        return known

    async def list(self) -> list[str]:
        """Ids of those that are synced. Raises SyncError where it cannot be found out which there are."""
        async with self._reading:
            if time.monotonic() - self._read_at > _READ_EVERY_SECONDS:
                await self._read()
                self._read_at = time.monotonic()
        return [*self._known]

    async def get(self, workspace_id: str) -> Workspace | None:
        """One that is synced, with its token as it is now; None for any other."""
        await self.list()
        workspace = self._known.get(workspace_id)
        if workspace and (clickup := workspace.context.clickup).rejected:
            # Somebody asks for it, or it is time to look whether ClickUp accepts it again.
            clickup.set_token(workspace.token)
        return workspace

    def find(self, workspace_id: str) -> Workspace | None:
        """One that `list` found, as it is."""
        return self._known.get(workspace_id)

    async def _read(self) -> None:
        settings = self._current_settings()
        connections = await list_connections(self._database, settings)
        self._log_unreadable(connections)
        active: dict[str, Connection | None] = {
            one.workspace_id: one for one in connections if one.state == "active" and one.token
        }
        token = settings.clickup_api_token
        if token and not any(one.token_kind == "environment" and one.token for one in connections):
            workspace_id = await self._find_id(settings, token, others=bool(active))
            if workspace_id and workspace_id not in {one.workspace_id for one in connections}:
                await self._know(workspace_id, token, None)
                active.setdefault(workspace_id, None)
        for workspace_id, connection in active.items():
            if connection and connection.token:
                await self._know(workspace_id, connection.token, connection)
        self._known = {key: one for key, one in self._known.items() if key in active}

    def _log_unreadable(self, connections: Sequence[Connection]) -> None:
        """Tokens that cannot be used: once, and again when there is another reason."""
        unreadable = {one.workspace_id: one.error for one in connections if not one.token}
        for workspace_id, error in unreadable.items():
            if self._unreadable.get(workspace_id) != error:
                log.warning("token.unreadable", workspace_id=workspace_id, error=error)
        self._unreadable = unreadable

    async def _know(self, workspace_id: str, token: SecretStr, connection: Connection | None) -> None:
        known = self._known.get(workspace_id)
        if known and known.token == token:
            known.connection = connection
            return
        context = Context(self.settings, await self._client(token), self._database)
        seen = replace(context.clickup.traffic)
        self._known[workspace_id] = Workspace(workspace_id, context, token, connection, seen)

    async def _client(self, token: SecretStr) -> ClickUp:
        """One for each token, whatever workspaces it sees: they share its rate limit."""
        plain = token.get_secret_value()
        if plain not in self._clients:
            settings = with_token(self.settings, token)
            self._clients[plain] = await self._exits.enter_async_context(
                ClickUp.open(settings, self._budgets)
            )
        return self._clients[plain]

    async def _find_id(self, settings: Settings, token: SecretStr, *, others: bool) -> str | None:
        """Of the token in the settings: as set, or its only workspace. None where that is not known now and
        there are `others`, which go on without it. Raises SyncError.
        """
        plain = token.get_secret_value()
        if settings.clickup_team_id is None and (known := self._ids.get(plain)):
            return known
        context = Context(settings, await self._client(token), self._database)
        context.clickup.set_token(token)
        try:
            self._ids[plain] = await find_workspace_id(context)
        except SyncError as error:
            if not others:
                raise
            log.warning("token.workspace_unknown", error=str(error))
            return None
        return self._ids[plain]

    def _current_settings(self) -> Settings:
        try:
            return self._load_settings()
        except SettingsError as error:
            log.warning("token.unreadable", error=str(error))
            return self.settings
