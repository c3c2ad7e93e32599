"""The ClickUp client: sends the requests of `core.clickup.wire` and returns parsed answers.

Each request waits for the rate limit and for a free connection, and is retried if its error is temporary.
"""

import asyncio
import random
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from typing import Any, Self

import httpx2
import stamina
import structlog
from pydantic import SecretStr

from app.adapters.token_budget import TokenBudget, TokenBudgets
from app.config import Settings
from app.core.clickup import wire
from app.core.clickup.wire import Request, read_answer
from app.core.errors import ClickUpError, NoPermission, RateLimited, TokenRejected, Transient
from app.core.sync.throttle import (
    WINDOW_SECONDS,
    Priority,
    Throttle,
    read_rate_headers,
    read_retry_after,
    server_date,
)

log = structlog.get_logger()

_MAX_BACKOFF_SECONDS = 30.0
# The first pause after a 429 that names none; each further one in a row is twice as long, up to the most.
_LEAST_PAUSE_SECONDS, _MOST_PAUSE_SECONDS = 0.25, 15.0
# Of the connections, so many stay free of full passes and verification: what is urgent finds one at once.
_PATIENT, _KEPT_FREE_SHARE = (Priority.FULL, Priority.VERIFICATION), 0.25


@cache
def _tls() -> ssl.SSLContext:
    """One for all tokens: to load the certificates takes longer than most requests."""
    return httpx2.create_ssl_context()


@dataclass(frozen=True, slots=True)
class Answer:
    """What ClickUp said, when it was asked (this machine's clock, UTC), and ClickUp's own clock then.

    `server_asked_at`: a moment on ClickUp's clock that is no later than when it was asked; None where the
    answer had no Date.
    """

    content: Any
    asked_at: datetime
    server_now: datetime
    server_asked_at: datetime | None = None


@dataclass(slots=True)
class RequestStats:
    """Requests that left, counted; retries count each."""

    requests: int = 0
    rate_limited: int = 0
    failed: int = 0
    rejected: int = 0

    @property
    def answered(self) -> int:
        """Those that brought what was asked for."""
        return self.requests - self.rate_limited - self.failed - self.rejected

    def plus(self, other: "RequestStats") -> "RequestStats":
        """Both together."""
        return RequestStats(
            self.requests + other.requests,
            self.rate_limited + other.rate_limited,
            self.failed + other.failed,
            self.rejected + other.rejected,
        )


@dataclass(slots=True)
class Caller:
    """On whose behalf requests leave, and how many left."""

    priority: Priority = Priority.REQUESTED
    traffic: RequestStats = field(default_factory=RequestStats)


@dataclass(frozen=True, slots=True)
class _Sent:
    """An answer, and when it was asked for: this machine's clock, and monotonic seconds."""

    response: httpx2.Response
    asked_at: datetime
    asked: float


class ClickUp:
    """One token's connection to ClickUp."""

    def __init__(self, client: httpx2.AsyncClient, budgets: TokenBudgets, settings: Settings) -> None:
        self._client = client
        self._budgets = budgets
        self._budget = budgets.of(settings.clickup_api_token or SecretStr(""))
        self.traffic, self._uncounted = RequestStats(), RequestStats()
        self._attempts = settings.request_attempts
        self._patience = settings.rate_limit_patience_seconds
        self._confirming = asyncio.Lock()
        # When what ClickUp answered last was asked for, and when it was last asked whether it answers at all.
        self._read_asked_at = self._confirmed_at = float("-inf")
        slots = settings.max_concurrent_requests
        self._slots = asyncio.Semaphore(slots)
        self._patient_slots = asyncio.Semaphore(slots - int(slots * _KEPT_FREE_SHARE))
        self.rejected: TokenRejected | None = None

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings, budgets: TokenBudgets | None = None) -> AsyncIterator[Self]:
        """A connection that is closed at the end. The token travels in a header and nowhere else.

        Without a token ClickUp answers no more than the exchange of OAuth. Without `budgets` the rate limit
        is this connection's alone.
        """
        slots, token = settings.max_concurrent_requests, settings.clickup_api_token
        async with httpx2.AsyncClient(
            base_url=settings.clickup_base_url,
            headers={"Authorization": token.get_secret_value()} if token else {},
            verify=_tls(),
            timeout=httpx2.Timeout(settings.request_timeout_seconds, connect=10.0),
            limits=httpx2.Limits(max_connections=slots, max_keepalive_connections=slots),
        ) as client:
            yield cls(client, budgets or TokenBudgets(settings, None), settings)

    @property
    def throttle(self) -> Throttle:
        """The rate limit of the token as this process knows it."""
        return self._budget.throttle

    @property
    def spare(self) -> int | None:
        """Requests that may still leave in this minute; None where that is not known."""
        return self.throttle.spare(time.monotonic())

    def take_uncounted(self) -> RequestStats:
        """Requests since the last call: of several workspaces with this token one counts each of them."""
        taken, self._uncounted = self._uncounted, RequestStats()
        return taken

    def return_uncounted(self, taken: RequestStats) -> None:
        """They could not be stored: the next call has them."""
        self._uncounted = self._uncounted.plus(taken)

    def set_token(self, token: SecretStr) -> None:
        """Takes this token for a valid one, until an answer says otherwise."""
        self._client.headers["Authorization"] = token.get_secret_value()
        self._budget = self._budgets.of(token)
        self.rejected = None

    async def fetch(self, request: Request, caller: Caller | None = None, *, confirm: bool = True) -> Answer:
        """The answer to one request. Raises the ClickUpError that says what to do next.

        What can pass is asked again, with growing and jittered pauses; a 429 is waited out, however often it
        comes, for RATE_LIMIT_PATIENCE_SECONDS. NoPermission is raised only where the same token can read
        something else at that time; else the refusal is an outage, and Transient. Who acts on no single
        refusal may leave that out (`confirm`). Once the token is rejected nothing leaves until
        `set_token`.
        """
        caller = caller or Caller()
        async for attempt in stamina.retry_context(
            on=_heals,
            attempts=self._attempts,
            timeout=None,
            wait_initial=0.2,
            wait_max=_MAX_BACKOFF_SECONDS,
            wait_jitter=0.5,
        ):
            with attempt:
                return await self._fetch_confirmed(request, caller, confirm)
        raise AssertionError("stamina yields at least one attempt")

    async def _fetch_confirmed(self, request: Request, caller: Caller, confirm: bool) -> Answer:
        try:
            return await self._fetch_patiently(request, caller)
        except NoPermission as error:
            if confirm and not await self._can_read(time.monotonic(), caller):
                reason = (
                    f"{error.reason}; ClickUp refuses the token everything else too, so this is an outage"
                )
                raise Transient(error.subject, reason, status=error.status) from error
            raise

    async def _fetch_patiently(self, request: Request, caller: Caller) -> Answer:
        """The answer once the rate limit allows it. Raises RateLimited when patience ends."""
        began = time.monotonic()
        for refusals in count():
            try:
                return await self._fetch_once(request, caller)
            except RateLimited as error:
                pause = max(error.wait, min(_LEAST_PAUSE_SECONDS * 2**refusals, _MOST_PAUSE_SECONDS))
                if time.monotonic() - began + pause > self._patience:
                    raise
                self._budget.block(pause)
        raise AssertionError("it times out after a while")

    async def _can_read(self, refused_at: float, caller: Caller) -> bool:
        """Whether the token read something after that moment (monotonic seconds).

        One look at the token's owner answers for all refusals that came before it.
        """
        async with self._confirming:
            if max(self._read_asked_at, self._confirmed_at) <= refused_at:
                self._confirmed_at = time.monotonic()
                try:
                    await self._fetch_patiently(wire.user(), caller)
                except TokenRejected:
                    raise
                except ClickUpError:
                    log.warning("clickup.refuses_everything")
            return self._read_asked_at > refused_at

    async def _fetch_once(self, request: Request, caller: Caller) -> Answer:
        # Nobody can say beforehand when the budget is there: other answers may renew or spend it.
        while True:
            sent = await self._send_if_allowed(request, caller)
            if isinstance(sent, _Sent):
                break
            # Spread over a moment, so that waiters do not leave in one burst.
            await asyncio.sleep(sent + random.uniform(0, 0.05))
        response, asked_at, asked = sent.response, sent.asked_at, sent.asked
        took, date = timedelta(seconds=time.monotonic() - asked), server_date(response.headers)
        try:
            content = read_answer(
                request, response.status_code, self._hide_token(response), retry_after=self._pause(response)
            )
        except ClickUpError as error:
            self._note_failure(request, error, caller)
            error.times = (asked_at, date, date - took) if date else None
            raise
        self._read_asked_at = max(self._read_asked_at, asked)
        return Answer(content, asked_at, date or asked_at, date - took if date else None)

    async def _send_if_allowed(self, request: Request, caller: Caller) -> _Sent | float:
        """The answer; or how many seconds the budget of the token is to be waited for.

        A connection comes first and is held only while it is used: a permit that waits for one is lost to the
        others, and a connection that waits for the budget is lost to requests that may leave.
        """
        async with self._slot(caller.priority):
            pause = await self._budget.wait(caller.priority)
            if self.rejected:
                raise self.rejected
            if pause > 0:
                return pause
            budget, response = self._budget, None
            budget.leave(caller.priority)
            try:
                asked_at, asked = datetime.now(UTC), time.monotonic()
                response = await self._send(request, caller)
            finally:
                self._account(budget, response)
            return _Sent(response, asked_at, asked)

    @asynccontextmanager
    async def _slot(self, priority: Priority) -> AsyncIterator[None]:
        """One of the connections; full passes and verification leave some of them to what is urgent."""
        async with AsyncExitStack() as stack:
            if priority in _PATIENT:
                await stack.enter_async_context(self._patient_slots)
            await stack.enter_async_context(self._slots)
            yield

    async def _send(self, request: Request, caller: Caller) -> httpx2.Response:
        for traffic in self._counted_by(caller):
            traffic.requests += 1
        try:
            return await self._client.request(
                request.method,
                request.path,
                params=list(request.params),
                headers=dict(request.headers),
                json=request.body,
            )
        except httpx2.HTTPError as error:
            self._count_failure(caller)
            raise Transient(request.subject, _plain_cause(error)) from error

    def _hide_token(self, response: httpx2.Response) -> bytes:
        """The answer without the token: what stands in between may repeat it, and errors quote answers."""
        token = self._client.headers.get("Authorization", "").removeprefix("Bearer ")
        return response.content.replace(token.encode(), b"***") if token else response.content

    def _account(self, budget: TokenBudget, response: httpx2.Response | None) -> None:
        headers = read_rate_headers(response.headers, time.time()) if response is not None else None
        budget.arrive(headers, answered=response is not None)

    def _counted_by(self, caller: Caller) -> tuple[RequestStats, ...]:
        """Where a request of this caller counts."""
        return self.traffic, self._uncounted, caller.traffic

    def _count_failure(self, caller: Caller) -> None:
        for traffic in self._counted_by(caller):
            traffic.failed += 1

    def _pause(self, response: httpx2.Response) -> float:
        """Seconds that a 429 asks for: its Retry-After, else until the window's end."""
        after = read_retry_after(response.headers, time.time())
        if after is not None:
            return after
        budget = read_rate_headers(response.headers, time.time())
        return budget.resets_in if budget else WINDOW_SECONDS / 4

    def _note_failure(self, request: Request, error: ClickUpError, caller: Caller) -> None:
        if isinstance(error, RateLimited):
            for traffic in self._counted_by(caller):
                traffic.rate_limited += 1
            self._budget.block(min(error.wait, self._patience))
        elif isinstance(error, TokenRejected):
            self.rejected = error
            for traffic in self._counted_by(caller):
                traffic.rejected += 1
        elif isinstance(error, Transient):
            self._count_failure(caller)
        log.debug("clickup.refused", path=request.path, status=error.status, reason=error.reason)


def _heals(error: Exception) -> bool:
    # A 429 has been waited out by then, for as long as anybody is patient.
    return isinstance(error, Transient) and not isinstance(error, RateLimited)


def _plain_cause(error: httpx2.HTTPError) -> str:
    if isinstance(error, httpx2.TimeoutException):
        return "ClickUp did not answer in time"
    return f"the connection failed ({type(error).__name__})"
