"""The simulated ClickUp as an HTTP server: as an application, as a process, or beside a test."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from threading import Thread
from types import TracebackType
from typing import Self

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from app.simulator import routes_places, routes_tasks, routes_time, routes_webhooks
from app.simulator.control import control_routes
from app.simulator.faults import Faults
from app.simulator.oauth import oauth_routes
from app.simulator.requestlog import RequestLog
from app.simulator.route_handler import PREFIX, Door, Handler
from app.simulator.state import Connections
from app.simulator.webhooks import Webhooks
from app.simulator.world import World
from app.simulator.worlds import Worlds

# So often, and for so long each time, a simulator that ends waits for its connections to close.
_LOOKS, _LOOK_SECONDS = 20, 0.005
_EVERY_METHOD = ("GET", "POST", "PUT", "PATCH", "DELETE")

_ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/user", routes_places.user),
    ("GET", "/team", routes_places.teams),
    ("GET", "/team/{team_id}", routes_places.team),
    ("GET", "/team/{team_id}/plan", routes_places.plan),
    ("GET", "/team/{team_id}/custom_item", routes_places.custom_items),
    ("GET", "/team/{team_id}/space", routes_places.spaces),
    ("GET", "/space/{space_id}", routes_places.space),
    ("GET", "/space/{space_id}/folder", routes_places.folders),
    ("GET", "/space/{space_id}/list", routes_places.folderless_lists),
    ("GET", "/folder/{folder_id}", routes_places.folder),
    ("GET", "/folder/{folder_id}/list", routes_places.folder_lists),
    ("GET", "/list/{list_id}", routes_places.task_list),
    ("GET", "/list/{list_id}/task", routes_tasks.list_tasks),
    ("GET", "/team/{team_id}/task", routes_tasks.team_tasks),
    ("GET", "/task/bulk_time_in_status/task_ids", routes_tasks.status_times),
    ("GET", "/task/{task_id}", routes_tasks.task),
    ("GET", "/task/{task_id}/time", routes_time.task_intervals),
    ("GET", "/task/{task_id}/time_in_status", routes_tasks.status_time),
    ("GET", "/task/{task_id}/comment", routes_tasks.comments),
    ("GET", "/comment/{comment_id}/reply", routes_tasks.replies),
    ("GET", "/team/{team_id}/time_entries", routes_time.entries),
    ("GET", "/team/{team_id}/time_entries/{timer_id}", routes_time.entry),
    ("POST", "/team/{team_id}/webhook", routes_webhooks.create),
    ("GET", "/team/{team_id}/webhook", routes_webhooks.listing),
    ("PUT", "/webhook/{webhook_id}", routes_webhooks.update),
    ("DELETE", "/webhook/{webhook_id}", routes_webhooks.delete),
)


def create_app(
    world: World, faults: Faults | None = None, *, rate_limit: int = 10_000, latency_ms: float = 0
) -> Starlette:
    """An application over the world; `rate_limit` calls a minute for each token."""
    return _app(Worlds.single(world, faults, rate_limit=rate_limit, latency_ms=latency_ms))


def _app(worlds: Worlds) -> Starlette:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        delivering = [asyncio.create_task(desk.webhooks.run()) for desk in worlds.desks]
        yield
        for task in delivering:
            task.cancel()
        await asyncio.gather(*delivering, return_exceptions=True)

    app = Starlette(routes=_routes(worlds), lifespan=lifespan)
    app.state.desk = worlds.desks[0]
    return app


def _routes(worlds: Worlds) -> list[BaseRoute]:
    served = [
        Route(PREFIX + pattern, Door(worlds, pattern, handler), methods=[method])
        for method, pattern, handler in _ROUTES
    ]
    nowhere = Route("/{rest:path}", Door(worlds, "(unknown)", routes_places.nowhere), methods=_EVERY_METHOD)
    return [*served, *oauth_routes(worlds), *control_routes(worlds), nowhere]


def serve(
    worlds: Worlds,
    host: str = "127.0.0.1",
    port: int = 8199,
    *,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Serves until interrupted and prints nothing; `on_ready` gets the base URL. Port 0: any free port."""
    listening = _listen(host, port)
    server = _Server(worlds, lambda: on_ready(_base_url(listening)) if on_ready else None)
    server.run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    """Bound before the server starts, so that a taken port raises OSError here."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host, port), family=family, backlog=2_048)
    # Connections inherit it. Without it an answer's body waits 40 ms for the client to confirm its head.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def _base_url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}{PREFIX}" if ":" in host else f"http://{host}:{port}{PREFIX}"


class _Server(uvicorn.Server):
    def __init__(self, worlds: Worlds, ready: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                _app(worlds),
                http=_breakable(worlds.connections),
                log_level="critical",
                access_log=False,
                date_header=False,
                server_header=False,
                timeout_graceful_shutdown=1,
            )
        )
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


class _ThreadServer(_Server):
    """Ends when it is told to, where uvicorn looks ten times a second and then waits for as long again."""

    def __init__(self, worlds: Worlds) -> None:
        super().__init__(worlds, lambda: None)
        self._told = Future[None]()

    def end(self) -> None:
        """From any thread. Nobody waits for answers that are under way."""
        self._told.set_result(None)

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await asyncio.wrap_future(self._told)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        for _ in range(_LOOKS):
            await asyncio.sleep(_LOOK_SECONDS)
            if not self.server_state.connections:
                break


def _breakable(connections: Connections) -> type[asyncio.Protocol]:
    """The HTTP protocol, with its connections at hand for those who want to break them."""

    class Breakable(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            self._peer: tuple[str, int] = tuple(transport.get_extra_info("peername")[:2])
            connections.opened(self._peer, transport)
            super().connection_made(transport)

        def connection_lost(self, exc: Exception | None) -> None:
            connections.closed(self._peer)
            super().connection_lost(exc)

    return Breakable


class RunningSimulator:
    """A simulator on a free port of 127.0.0.1 in a thread of its own, for `with`.

    The worlds may be changed from any thread while it runs. With several `worlds`, everything else here is
    of the first one.
    """

    def __init__(
        self,
        world: World | None = None,
        *,
        worlds: Worlds | None = None,
        faults: Faults | None = None,
        rate_limit: int = 10_000,
        rate_window_s: int = 60,
        latency_ms: float = 0,
    ) -> None:
        self.worlds = worlds or Worlds.single(
            world or World.generate(),
            faults,
            rate_limit=rate_limit,
            rate_window_s=rate_window_s,
            latency_ms=latency_ms,
        )
        self.desk = self.worlds[0]
        self.world, self.faults = self.desk.world, self.desk.faults
        self._socket = _listen("127.0.0.1", 0)
        self.base_url = _base_url(self._socket)
        self.control_url = self.base_url.removesuffix(PREFIX) + "/_simulator"

    @property
    def token(self) -> str:
        """The owner's personal token."""
        return self.world.token

    @property
    def requests(self) -> RequestLog:
        """What was asked so far."""
        return self.desk.requests

    @property
    def webhooks(self) -> Webhooks:
        """The registered webhooks, and how badly they are delivered."""
        return self.desk.webhooks

    @property
    def team_id(self) -> str:
        """The workspace's id."""
        return self.world.workspace.id

    def __enter__(self) -> Self:
        # Whoever connects before the loop runs waits in the socket's backlog.
        self._server = _ThreadServer(self.worlds)
        self._thread = Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.end()
        self._thread.join(timeout=10)
        self._socket.close()
