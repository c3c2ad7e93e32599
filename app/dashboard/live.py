"""What changes on the overview is sent to whoever watches it, as server-sent events.

The database is asked once for all who watch a workspace, at most once a second, whether anything was written
at all; and what is shown anew is sent to each of them once. Nobody who is slow has a queue: they are sent the
latest.
"""

import asyncio
import signal
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import structlog
from fastapi import APIRouter, Request
from fastapi.sse import format_sse_event

from app.core.answers.access import Limits
from app.core.errors import SyncError
from app.dashboard.clock import Clock
from app.dashboard.links import Links
from app.dashboard.overview import OverviewReader
from app.dashboard.switcher import Shown, ShownWorkspace
from app.dashboard.templating import render
from app.http.authenticator import Authenticator
from app.http.long_answers import LongResponse
from app.http.workspace import limits_of
from app.jobs.service import Service
from app.reports import Reports
from app.supabase_db import Database

log = structlog.get_logger()
router = APIRouter(include_in_schema=False)

_LOOK_SECONDS, _TICK_SECONDS = 1.0, 0.2
# Silence is news too: of a service that died nobody writes anything.
_LOOK_ANYWAY_SECONDS = 10.0
_PATIENCE_SECONDS = 5.0
# A proxy in between takes a connection on which nothing comes for a dead one; so do laptops that slept.
_HEARTBEAT_SECONDS = 15.0
_HEARTBEAT = format_sse_event(comment="still here")
_AGAIN_MS = 2_000
# Workspaces that somebody looked at; beyond these, those that nobody watches are forgotten.
_MOST_KEPT = 100


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the overview as it is sent; `shown` is what it was made of."""

    shown: Any
    event: bytes


@dataclass(slots=True)
class _News:
    """The parts as they are now. `changed` is set when there is another one."""

    parts: dict[str, Part] = field(default_factory=dict)
    changed: asyncio.Event = field(default_factory=asyncio.Event)


class Live:
    """Watches one workspace for as long as somebody watches its overview."""

    def __init__(
        self, database: Database, reader: OverviewReader, links: Links, server: object | None
    ) -> None:
        self.reader = reader
        self._links = links
        self.watchers = 0
        self._database = database
        self._news = _News()
        self._work: asyncio.Task[None] | None = None
        self._at_once = asyncio.Event()
        self._server = server
        self._is_over = False

    def look_at_once(self) -> None:
        """Something was changed from here: whoever watches need not wait for it."""
        self._at_once.set()

    async def watch(self, is_admitted: Callable[[], Awaitable[bool]]) -> AsyncIterator[bytes]:
        """Every part as it is, then each that changes, until the service ends, nobody reads any more, or the
        reader may not ask any more.
        """
        sent: dict[str, Part] = {}
        self.watchers += 1
        self._work = self._work or asyncio.create_task(self._work_on())
        try:
            yield format_sse_event(comment="welcome", retry=_AGAIN_MS)
            while not self._is_over and await is_admitted():
                news = self._news
                for name, part in news.parts.items():
                    if sent.get(name) is not part:
                        sent[name] = part
                        yield part.event
                if not await _comes(news.changed, _HEARTBEAT_SECONDS):
                    yield _HEARTBEAT
        finally:
            self.watchers -= 1
            if not self.watchers and self._work:
                self._work.cancel()
                self._work, self._news = None, _News()

    async def _work_on(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._look_on())
            group.create_task(self._end_in_time())

    async def _look_on(self) -> None:
        version, looked_at = None, float("-inf")
        while True:
            current = await self._version()
            is_new = current is None or current != version or self._at_once.is_set()
            if is_new or time.monotonic() - looked_at > _LOOK_ANYWAY_SECONDS:
                self._at_once.clear()
                await self._look()
                version, looked_at = current, time.monotonic()
            await _comes(self._at_once, _LOOK_SECONDS)

    async def _end_in_time(self) -> None:
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            if getattr(self._server, "should_exit", False):
                self._is_over = True
                self._tell({})
                return

    async def _look(self) -> None:
        """Tells what is another than before; what fails is told in the log, and tried again."""
        try:
            overview = await self.reader.look()
            clock = await self.reader.clock()
            known, shown = self._news.parts, overview.parts()
            self._tell(
                {name: _part(name, shown[name], clock, self._links, known.get(name)) for name in shown}
            )
        except Exception as error:
            log.error("page.update_failed", error=str(error), exc_info=error)

    async def _version(self) -> str | None:
        """What is visible in the database; None where it does not say."""
        with suppress(SyncError, TimeoutError):
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return str((await self._database.ask("get_snapshot"))[0]["version"])
        return None

    def _tell(self, parts: dict[str, Part]) -> None:
        before, self._news = self._news, _News(parts)
        before.changed.set()


class LiveWorkspaces:
    """What is watched, and what was looked at lately: one for each workspace."""

    def __init__(self, service: Service, reports: Reports) -> None:
        self._service, self._reports = service, reports
        self._server = serving_server()
        self._watched: dict[tuple[str | None, Links, Limits], Live] = {}

    def of(self, shown: Shown, reader: Limits) -> Live:
        """The one that all share who are shown this workspace, with the same addresses and limits."""
        key = shown.workspace_id, shown.links, reader
        found = self._watched.get(key)
        if found is None:
            if len(self._watched) >= _MOST_KEPT:
                self._watched = {one: live for one, live in self._watched.items() if live.watchers}
            overview = OverviewReader(self._service, self._reports, shown.workspace_id, reader)
            found = self._watched[key] = Live(self._service.database, overview, shown.links, self._server)
        return found


def live_of(request: Request, shown: Shown) -> Live:
    """What watches the workspace that is shown."""
    watched: LiveWorkspaces = request.app.state.live
    return watched.of(shown, limits_of(request))


def serving_server() -> object | None:
    """The server under which this application begins: told to end, it waits for answers that have begun, and
    this one has no end.

    It has taken the signals in hand just before; but none is taken in another thread than the main one.
    """
    if threading.current_thread() is not threading.main_thread():
        return None
    return getattr(signal.getsignal(signal.SIGTERM), "__self__", None)


@router.get("/ui/events")
async def get_events(request: Request, shown: ShownWorkspace) -> LongResponse:
    """The overview's parts as they change: each event has the name of a part, and its HTML."""
    authenticator: Authenticator = request.app.state.authenticator
    is_admitted = partial(authenticator.is_still_admitted, request.scope)
    headers = {"X-Accel-Buffering": "no"}
    return LongResponse(
        live_of(request, shown).watch(is_admitted), media_type="text/event-stream", headers=headers
    )


def _part(name: str, shown: Any, clock: Clock, links: Links, known: Part | None) -> Part:
    """The known part where it shows the same."""
    if known and known.shown == shown:
        return known
    text = render(f"overview/{name}.html", **{name: shown}, clock=clock, links=links)
    return Part(shown, format_sse_event(event=name, data_str=text))


async def _comes(event: asyncio.Event, seconds: float) -> bool:
    """Whether it comes within so many seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
        return True
    return False
