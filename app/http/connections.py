"""Which connections are open, how long each may wait, and which one is closed when there are too many.

It knows nothing of HTTP or sockets: a connection says what it waits for, and is told to end.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from math import inf
from typing import Protocol

from app.http.addresses import network, parse_address

# Until then a request that was answered early may send the rest of its body, which nobody reads.
_DISCARD_SECONDS = 3.0
# A client that reads an answer is not cut off as long as this much of it leaves in time.
_LEAST_BYTES_WRITTEN = 16 * 1024


class Phase(IntEnum):
    """What a connection waits for. Of too many, those are closed first that stand first here."""

    IDLE = 1  # the last answer has left, and no further request has begun
    CLOSING = 2  # it is closed when the client has read the rest of its answer
    DISCARDING = 3  # it was answered, and goes on sending its body
    BLOCKED = 4  # the client does not read its answer
    HEADERS = 5  # the request's line and headers are not complete
    BODY = 6  # the request's body is not complete
    ANSWERING = 7  # the application is at work: never closed to make room


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """What one client, and all together, may take. Seconds and bytes.

    `connections_per_address`: an IPv6 network of 64 bits counts as one address. Loopback is not counted,
    because a reverse proxy there speaks for everybody.
    """

    header_seconds: float = 10
    body_seconds: float = 30
    write_seconds: float = 30
    idle_seconds: int = 75
    header_bytes: int = 32 * 1024
    connections: int = 512
    connections_per_address: int = 128

    def seconds(self, phase: Phase) -> float:
        """How long a connection may stay in this phase."""
        return {
            Phase.IDLE: self.idle_seconds,
            Phase.CLOSING: self.write_seconds,
            Phase.DISCARDING: _DISCARD_SECONDS,
            Phase.BLOCKED: self.write_seconds,
            Phase.HEADERS: self.header_seconds,
            Phase.BODY: self.body_seconds,
            Phase.ANSWERING: inf,
        }[phase]


class Connection(Protocol):
    """One that is tracked."""

    @property
    def state(self) -> tuple[Phase, int]:
        """What it waits for, and a number that grows with each request."""

    @property
    def unsent_bytes(self) -> int:
        """How much of its answer waits for the client to read."""

    def end(self, phase: Phase) -> None:
        """Closes it because it was in this phase for too long, or because there are too many."""


@dataclass(slots=True)
class _Tracked:
    network: str | None
    since: float
    state: tuple[Phase, int]
    unsent_bytes: int


@dataclass(slots=True)
class ConnectionTracker:
    """All connections of one server. `now` is a monotonic second handed in by the caller."""

    limits: HttpLimits = field(default_factory=HttpLimits)
    closed: Counter[str] = field(default_factory=Counter)
    _open: dict[Connection, _Tracked] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._open)

    def phases(self) -> list[Phase]:
        """What each of them waits for now."""
        return [connection.state[0] for connection in self._open]

    def admit(self, connection: Connection, address: str | None, now: float) -> bool:
        """Takes it in, where need be in the place of one that waits; False where all others are at work."""
        network = network_of(address)
        makes_room = True
        if network and self._count(network) >= self.limits.connections_per_address:
            makes_room = self._close_one(network)
        if makes_room and len(self._open) >= self.limits.connections:
            makes_room = self._close_one(None)
        if not makes_room:
            self.closed["refused"] += 1
            return False
        self._open[connection] = _Tracked(network, now, connection.state, connection.unsent_bytes)
        return True

    def remove(self, connection: Connection) -> None:
        """It is closed."""
        self._open.pop(connection, None)

    def close_overdue(self, now: float) -> None:
        """Ends those that have been in their phase for too long. To be called about once a second."""
        for connection, tracked in list(self._open.items()):
            self._observe(connection, tracked, now)
            phase = tracked.state[0]
            if now - tracked.since >= self.limits.seconds(phase):
                self._end(connection, phase, "overdue")

    def _observe(self, connection: Connection, tracked: _Tracked, now: float) -> None:
        state, unsent = connection.state, connection.unsent_bytes
        if state != tracked.state or tracked.unsent_bytes - unsent >= _LEAST_BYTES_WRITTEN:
            tracked.state, tracked.since, tracked.unsent_bytes = state, now, unsent

    def _count(self, network: str) -> int:
        return sum(tracked.network == network for tracked in self._open.values())

    def _close_one(self, network: str | None) -> bool:
        """The one that can be missed most easily, and has waited longest; of this network, or of all."""
        waiting: Iterable[tuple[Phase, float, Connection]] = (
            (connection.state[0], tracked.since, connection)
            for connection, tracked in self._open.items()
            if network in (None, tracked.network)
        )
        phase, _, connection = min(waiting, key=lambda one: one[:2], default=(Phase.ANSWERING, 0.0, None))
        if connection is None or phase is Phase.ANSWERING:
            return False
        self._end(connection, phase, "evicted")
        return True

    def _end(self, connection: Connection, phase: Phase, why: str) -> None:
        self.closed[f"{phase.name.lower()}_{why}"] += 1
        # Not when the transport says so: until then it would be counted, and ended again.
        self.remove(connection)
        connection.end(phase)


def network_of(address: str | None) -> str | None:
    """Whose connections are counted together; None for those that are not counted: loopback, and sockets
    without an address.
    """
    parsed = parse_address((address or "").partition("%")[0])
    return None if parsed is None or parsed.is_loopback else network(parsed)
