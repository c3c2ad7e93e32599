"""The rate limit of ClickUp tokens, shared with every process that uses the same token.

Each process has a `TokenBudget` for a token. What it decides is computed in `core.sync.permits`; here one
statement exchanges permits with the row in `token_budgets`, when a request needs one or the last exchange was
seconds ago.
"""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any, Self
from uuid import uuid4

import structlog
from pydantic import SecretStr

from app.config import Settings
from app.core.errors import DatabaseDown, SyncError
from app.core.sync.permits import PermitRequest, Permits, SharedBudget
from app.core.sync.throttle import WINDOW_SECONDS, Priority, RateHeaders, Throttle
from app.supabase_db import Database, Row

log = structlog.get_logger()

_IDLE_SECONDS = 2.0
_CLOSE_SECONDS = 2.0


class TokenBudget:
    """One token's budget as this process sees it; without a database it is this process's alone."""

    def __init__(self, token_hash: bytes, free_share: float, database: Database | None) -> None:
        self.throttle = Throttle(free_share)
        self._permits = Permits(self.throttle) if database else None
        self._token_hash, self._process_id = token_hash, uuid4()
        self._free_share = free_share
        self._database = database
        self._exchange: asyncio.Task[None] | None = None
        self._idle_timer: asyncio.TimerHandle | None = None
        self._used_at = 0.0
        self._is_down = False

    async def wait(self, priority: Priority) -> float:
        """Seconds until it is worth asking again; 0: a request may leave now, by `leave`.

        Raises DatabaseRefused. While the database is down nothing leaves but for permits that are left.
        """
        if self._permits is None:
            return self.throttle.wait(time.monotonic(), priority)
        while (pause := self._permits.wait(time.monotonic(), priority)) is None:
            await asyncio.shield(self._begin_exchange(priority))
        return pause

    def leave(self, priority: Priority) -> None:
        """A request leaves."""
        if self._permits is None:
            self.throttle.leave()
            return
        self._permits.leave()
        if self._permits.is_stale(time.monotonic()):
            self._begin_exchange(priority)

    def arrive(self, headers: RateHeaders | None, *, answered: bool) -> None:
        """A request ended; see `Throttle.arrive`."""
        now = self._used_at = time.monotonic()
        self.throttle.arrive(now, headers, answered=answered)
        if self._permits and self._idle_timer is None and self._permits.surplus(now):
            self._return_later(_IDLE_SECONDS)

    def block(self, seconds: float) -> None:
        """Let nothing leave for so long: ClickUp answered 429. Other processes hear of it at once."""
        now = time.monotonic()
        if self._permits is None:
            self.throttle.block(now, seconds)
        else:
            self._permits.block(now, seconds)
            self._begin_exchange(Priority.REQUESTED)

    async def close(self) -> None:
        """Returns what is left to the other processes."""
        if self._idle_timer:
            self._idle_timer.cancel()
        with suppress(SyncError, TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                if self._exchange:
                    await self._exchange
                if self._permits and self._permits.surplus(now := time.monotonic()):
                    await self._exchange_permits(self._permits, self._permits.plan_return(now))

    def _begin_exchange(self, priority: Priority) -> "asyncio.Task[None]":
        """The exchange that is under way, or a new one."""
        assert self._permits is not None
        if self._exchange is None or self._exchange.done():
            request = self._permits.plan_exchange(time.monotonic(), priority)
            self._exchange = self._start_exchange(self._permits, request)
        return self._exchange

    def _start_exchange(self, permits: Permits, request: PermitRequest) -> "asyncio.Task[None]":
        exchange = asyncio.create_task(self._exchange_permits(permits, request))
        exchange.add_done_callback(_log_failure)
        return exchange

    async def _exchange_permits(self, permits: Permits, request: PermitRequest) -> None:
        sent_at = time.monotonic()
        try:
            row = await self._take_permits(request)
        except DatabaseDown as error:
            permits.fail(time.monotonic(), request)
            if not self._is_down:
                log.warning("token_budget.unreachable", error=str(error))
            self._is_down = True
        else:
            permits.settle(sent_at, time.monotonic(), request, read_budget(row))
            self._is_down = False

    async def _take_permits(self, request: PermitRequest) -> Row:
        assert self._database is not None
        params = exchange_params(request) | {
            "token_hash": self._token_hash,
            "process_id": self._process_id,
            "free_share": self._free_share,
        }
        while not (rows := await self._database.execute("take_permits", **params)):
            await self._database.execute("insert_token_budget", token_hash=self._token_hash)
        return rows[0]

    def _return_later(self, seconds: float) -> None:
        self._idle_timer = asyncio.get_running_loop().call_later(seconds, self._return_if_idle)

    def _return_if_idle(self) -> None:
        assert self._permits is not None
        self._idle_timer, now = None, time.monotonic()
        if not self._permits.surplus(now):
            return
        if self.throttle.under_way or now - self._used_at < _IDLE_SECONDS:
            self._return_later(_IDLE_SECONDS)
        elif self._exchange is None or self._exchange.done():
            self._exchange = self._start_exchange(self._permits, self._permits.plan_return(now))


class TokenBudgets:
    """The budgets of this process: one for each token, however many connections use it."""

    def __init__(self, settings: Settings, database: Database | None) -> None:
        self._free_share = settings.rate_limit_free_percent / 100
        self._database = database
        self._budgets: dict[bytes, TokenBudget] = {}

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings, database: Database) -> AsyncIterator[Self]:
        """Budgets that are shared through the database; unused permits are returned at the end."""
        budgets = cls(settings, database)
        try:
            yield budgets
        finally:
            for budget in budgets._budgets.values():
                await budget.close()

    def of(self, token: SecretStr) -> TokenBudget:
        """The budget of this token. The database has its SHA-256 only: a token is too long to be guessed."""
        token_hash = hashlib.sha256(token.get_secret_value().encode()).digest()
        if token_hash not in self._budgets:
            self._budgets[token_hash] = TokenBudget(token_hash, self._free_share, self._database)
        return self._budgets[token_hash]


def _log_failure(task: "asyncio.Task[None]") -> None:
    """Of an exchange that nobody waits for."""
    if not task.cancelled() and (error := task.exception()):
        log.warning("token_budget.failed", error=str(error))


def exchange_params(request: PermitRequest) -> dict[str, Any]:
    """The parameters of `take_permits`, but for the token, the process and the free share."""
    news = request.news
    return {
        "wanted": request.wanted,
        "kept": request.kept,
        "under_way": request.under_way,
        "recorded": request.recorded,
        "window": request.window,
        "left_share": request.left_share,
        "limit": news.limit if news else None,
        "remaining": news.remaining if news else None,
        "resets_at": news.resets_at if news else None,
        "resets_in": timedelta(seconds=news.resets_in) if news else None,
        "blocked_for": timedelta(seconds=request.blocked_for),
        "window_length": timedelta(seconds=WINDOW_SECONDS),
    }


def read_budget(row: Row) -> SharedBudget:
    """What `take_permits` returned."""
    headers = None
    if row["limit"] is not None:
        headers = RateHeaders(row["limit"], row["remaining"], row["resets_in"], row["resets_at"])
    return SharedBudget(
        granted=row["granted"],
        window=row["window"],
        outstanding=row["outstanding"],
        headers=headers,
        is_guess=row["is_guess"],
        blocked_for=row["blocked_for"],
    )
