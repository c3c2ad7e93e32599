"""The only room that talks to ClickUp: it sends what `core.wire` describes and hands back meaning.

Around each request stand the throttle (when may it leave), a bound on how many are under way, and
retries for what can heal.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

import httpx2
import stamina
import structlog

from app.config import Settings
from app.core.errors import ClickUpError, RateLimited, TokenDead, Transient
from app.core.throttle import WINDOW_SECONDS, Throttle, read_rate_headers, server_date
from app.core.wire import Request, read_answer

log = structlog.get_logger()

_MAX_BACKOFF_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What ClickUp said, when it was asked (this machine's clock, UTC), and ClickUp's own clock then."""

    content: Any
    asked_at: datetime
    server_now: datetime


@dataclass(slots=True)
class Traffic:
    """Requests that left, counted; retries count each."""

    requests: int = 0
    rate_limited: int = 0
    failed: int = 0


class ClickUp:
    """One token's connection to ClickUp."""

    def __init__(self, client: httpx2.AsyncClient, throttle: Throttle, settings: Settings) -> None:
        self._client = client
        self.throttle = throttle
        self.traffic = Traffic()
        self._attempts = settings.request_attempts
        self._slots = asyncio.Semaphore(settings.max_concurrent_requests)
        self._dead: TokenDead | None = None

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings) -> AsyncIterator[Self]:
        """A connection that is closed at the end. The token travels in a header and nowhere else."""
        slots = settings.max_concurrent_requests
        async with httpx2.AsyncClient(
            base_url=settings.clickup_base_url,
            headers={"Authorization": settings.clickup_api_token.get_secret_value()},
            timeout=httpx2.Timeout(settings.request_timeout_seconds, connect=10.0),
            limits=httpx2.Limits(max_connections=slots, max_keepalive_connections=slots),
        ) as client:
            yield cls(client, Throttle(settings.rate_limit_free_percent / 100), settings)

    async def fetch(self, request: Request) -> Answer:
        """The answer to one request. Raises the ClickUpError that says what to do next.

        What can heal is asked again, with growing and jittered pauses; a 429 waits until the budget
        is renewed. Once the token is found dead nothing leaves any more.
        """
        async for attempt in stamina.retry_context(
            on=_heals,
            attempts=self._attempts,
            timeout=None,
            wait_initial=0.2,
            wait_max=_MAX_BACKOFF_SECONDS,
            wait_jitter=0.5,
        ):
            with attempt:
                return await self._fetch_once(request)
        raise AssertionError("stamina yields at least one attempt")

    async def _fetch_once(self, request: Request) -> Answer:
        if self._dead:
            raise self._dead
        async with self._slots:
            await self._wait_for_budget()
            asked_at = datetime.now(UTC)
            response = await self._send(request)
        try:
            content = read_answer(
                request, response.status_code, response.content, retry_after=self._pause(response)
            )
        except ClickUpError as error:
            self._note_failure(request, error)
            raise
        return Answer(content, asked_at, server_date(response.headers) or asked_at)

    async def _wait_for_budget(self) -> None:
        # Nobody can say beforehand when the budget is there: other answers may renew or spend it.
        while (pause := self.throttle.wait(time.monotonic())) > 0:  # noqa: ASYNC110
            # Spread over a moment, so that waiters do not leave in one burst.
            await asyncio.sleep(pause + random.uniform(0, 0.05))

    async def _send(self, request: Request) -> httpx2.Response:
        self.throttle.leave()
        self.traffic.requests += 1
        response = None
        try:
            response = await self._client.get(request.path, params=list(request.params))
        except httpx2.HTTPError as error:
            self.traffic.failed += 1
            raise Transient(request.subject, _plain_cause(error)) from error
        finally:
            self._account(response)
        return response

    def _account(self, response: httpx2.Response | None) -> None:
        budget = read_rate_headers(response.headers, time.time()) if response is not None else None
        self.throttle.arrive(time.monotonic(), budget, answered=response is not None)

    def _pause(self, response: httpx2.Response) -> float:
        """Seconds that a 429 asks for: its Retry-After, else until the window's end."""
        after = response.headers.get("retry-after", "")
        if after.replace(".", "", 1).isdigit():
            return min(float(after), WINDOW_SECONDS)
        budget = read_rate_headers(response.headers, time.time())
        return budget.resets_in if budget else WINDOW_SECONDS / 4

    def _note_failure(self, request: Request, error: ClickUpError) -> None:
        if isinstance(error, RateLimited):
            self.traffic.rate_limited += 1
            self.throttle.block(time.monotonic(), error.wait)
        elif isinstance(error, TokenDead):
            self._dead = error
        elif isinstance(error, Transient):
            self.traffic.failed += 1
        log.debug("clickup.refused", path=request.path, status=error.status, reason=error.reason)


def _heals(error: Exception) -> bool | float:
    if isinstance(error, RateLimited):
        return error.wait
    return isinstance(error, Transient)


def _plain_cause(error: httpx2.HTTPError) -> str:
    if isinstance(error, httpx2.TimeoutException):
        return "ClickUp did not answer in time"
    return f"the connection failed ({type(error).__name__})"
