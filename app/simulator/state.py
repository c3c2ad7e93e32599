"""Everything one simulated ClickUp serves from, in one place for its routes."""

import asyncio
import socket
import struct
from dataclasses import dataclass, field

from app.simulator.faults import Faults
from app.simulator.ratelimit import RateLimit
from app.simulator.requestlog import RequestLog
from app.simulator.task_query import Listings
from app.simulator.task_wire import TaskWriter
from app.simulator.webhooks import Webhooks
from app.simulator.world import World


class Connections:
    """The open connections by the client's address, so that one can be broken on purpose."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], asyncio.Transport] = {}

    def opened(self, client: tuple[str, int], transport: asyncio.Transport) -> None:
        """Remembers a connection."""
        self._open[client] = transport

    def closed(self, client: tuple[str, int]) -> None:
        """Forgets a connection."""
        self._open.pop(client, None)

    def reset(self, client: tuple[str, int]) -> bool:
        """Breaks the connection as a crashed peer would; False when it is not known."""
        transport = self._open.pop(client, None)
        if transport is None:
            return False
        raw = transport.get_extra_info("socket")
        if raw is not None:
            # Closing with linger time 0 sends RST instead of FIN.
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
        return True


@dataclass(slots=True)
class SimulatorState:
    """`latency_ms` is spent on every request, in parallel; `foreign_cost` further calls of each
    request's budget go to other tools with the same token. `strict`: requests that ClickUp's published
    document does not allow are answered 422. `dated`: answers carry a Date.
    """

    world: World
    faults: Faults
    rate: RateLimit
    webhooks: Webhooks
    listings: Listings
    writer: TaskWriter
    latency_ms: float = 0.0
    foreign_cost: int = 0
    strict: bool = False
    dated: bool = True
    requests: RequestLog = field(default_factory=RequestLog)
    connections: Connections = field(default_factory=Connections)


def open_desk(
    world: World,
    faults: Faults | None = None,
    *,
    rate_limit: int = 10_000,
    rate_window_s: int = 60,
    latency_ms: float = 0,
    connections: Connections | None = None,
) -> SimulatorState:
    """A desk for one workspace; `rate_limit` calls in each `rate_window_s` for each token."""
    return SimulatorState(
        world=world,
        faults=faults or Faults(),
        rate=RateLimit(world.clock.now_ms, rate_limit, rate_window_s),
        webhooks=Webhooks(world, number=world.number),
        listings=Listings(world),
        writer=TaskWriter(world),
        latency_ms=latency_ms,
        connections=connections or Connections(),
    )
