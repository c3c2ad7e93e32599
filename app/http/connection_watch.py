"""What the connections of one server share: the tracker, and the look at all of them once a second."""

import asyncio
import time
from dataclasses import dataclass

import structlog
from uvicorn.server import ServerState

from app.config import load_offline_settings
from app.http.connections import ConnectionTracker, HttpLimits
from app.http.descriptors import http_limits

log = structlog.get_logger()

_LOOK_SECONDS, _REPORT_SECONDS = 1.0, 60.0


class LimitedServerState(ServerState):
    """What the connections of one server share."""

    def __init__(self, limits: HttpLimits) -> None:
        super().__init__()
        self.watch = ConnectionWatch(ConnectionTracker(limits))


@dataclass(slots=True)
class ConnectionWatch:
    """Looks at all connections once a second, while there are any; tells once a minute which it closed."""

    tracker: ConnectionTracker
    _timer: asyncio.TimerHandle | None = None
    _told_at: float = float("-inf")
    _told: int = 0

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """From now on, where it does not look already."""
        if self._timer is None:
            self._timer = loop.call_later(_LOOK_SECONDS, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer, now = None, time.monotonic()
        self.tracker.close_overdue(now)
        closed = self.tracker.closed.total()
        if closed > self._told and now - self._told_at >= _REPORT_SECONDS:
            log.warning("connections.closed", open=len(self.tracker), **self.tracker.closed)
            self._told, self._told_at = closed, now
        if len(self.tracker) or closed > self._told:
            self.start(loop)


def watch_of(server_state: ServerState) -> ConnectionWatch:
    """The server's own; one that was started without is given one."""
    watch: ConnectionWatch | None = getattr(server_state, "watch", None)
    if watch is None:
        watch = ConnectionWatch(ConnectionTracker(http_limits(load_offline_settings())))
        vars(server_state)["watch"] = watch
    return watch
