"""The service as it runs: in this process behind real HTTP, or as a process of its own."""

import asyncio
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import uvicorn

from app.config import Settings
from app.jobs.service import Service
from app.main import WorkerPlace, create_app
from tests.cli import command
from tests.engine.mirror import SECRET_KEY, Mirror
from tests.threads import awaited_in_own_thread, note_product_loop

Row = dict[str, Any]
T = TypeVar("T")
# Nothing happens by itself within a test, but for what the test asks for.
STILL = {"sync_interval_seconds": 3_600, "full_sync_interval_seconds": 3_600, "webhook_check_seconds": 3_600}
_MOMENT, _OFTEN_SECONDS = 0.01, 0.1


@dataclass(slots=True)
class RunningService:
    """One service of a mirror, reachable at `url`. `service` may be looked at; it acts on `loop` alone."""

    mirror: Mirror
    url: str
    service: Service
    loop: asyncio.AbstractEventLoop

    async def call(self, work: Coroutine[Any, Any, T]) -> T:
        """What this coroutine of the service returns."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self.loop))

    async def get(self, path: str) -> httpx2.Response:
        async with client_of(self.url) as client:
            return await client.get(path)

    async def post(self, body: bytes, signature: str) -> httpx2.Response:
        async with client_of(self.url) as client:
            return await client.post(
                "/webhooks/clickup", content=body, headers={"X-Signature": signature.encode()}
            )


def client_of(url: str, timeout: float = 120) -> httpx2.AsyncClient:
    """Whoever asks over plain HTTP; to make it ready for TLS would take longer than most answers."""
    return httpx2.AsyncClient(base_url=url, timeout=timeout, verify=False)


def free_socket(host: str = "127.0.0.1") -> socket.socket:
    """One that listens; what it accepts sends each part of an answer at once, as a server of its own does."""
    listening = socket.create_server((host, 0))
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


class QuickServer(uvicorn.Server):
    """Ends when it is told to, where uvicorn looks ten times a second and then waits for as long again."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._told = asyncio.Event()

    def end(self) -> None:
        self.should_exit = True
        self._told.set()

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self._told.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await asyncio.sleep(_MOMENT)  # who has just hung up is noticed
        if self.server_state.connections:
            await super().shutdown(sockets)
            return
        for server in self.servers:
            server.close()
        await self.lifespan.shutdown()


def serving(
    mirror: Mirror, *, webhooks: bool = False, worker: WorkerPlace = "here", **overrides: Any
) -> AbstractAsyncContextManager[RunningService]:
    """A service in a thread of its own; with `webhooks` ClickUp can reach it. `worker`: where it syncs."""
    return awaited_in_own_thread(serving_here(mirror, webhooks=webhooks, worker=worker, **overrides))


@asynccontextmanager
async def serving_here(
    mirror: Mirror, *, webhooks: bool = False, worker: WorkerPlace = "here", **overrides: Any
) -> AsyncIterator[RunningService]:
    """A service on this loop, which nobody may block: for what happens in the main thread alone (signals)."""
    note_product_loop()
    listening = free_socket()
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    settings: Settings = mirror.settings(
        **{**STILL, **({"public_url": url} if webhooks else {}), "log_level": "error", **overrides}
    )
    application = create_app(settings, worker)
    server = QuickServer(uvicorn.Config(application, log_config=None, lifespan="on"))
    work = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        while not server.started:
            assert not work.done(), "the service did not start"
            await asyncio.sleep(0.01)
        yield RunningService(mirror, url, application.state.service, asyncio.get_running_loop())
    finally:
        server.end()
        await work
        listening.close()


async def until(condition: Callable[[], Any], seconds: float = 120) -> float:
    """Waits for the condition, asked in a thread; how long that took, in seconds.

    Asked less often the longer it takes: most conditions cost the server a connection each time.
    """
    began = time.monotonic()
    while not await asyncio.to_thread(condition):
        passed = time.monotonic() - began
        assert passed < seconds, "it never came to that"
        await asyncio.sleep(min(max(passed / 10, _MOMENT), _OFTEN_SECONDS))
    return time.monotonic() - began


def start_process(
    mirror: Mirror, folder: Path, name: str = "serve", **settings: Any
) -> "subprocess.Popen[str]":
    """`clickup-sync serve` on a free port, or `worker`."""
    with free_socket() as probe:
        port = probe.getsockname()[1]
    words = (name, "--port", str(port)) if name == "serve" else (name,)
    own = {
        "clickup_api_token": mirror.sim.token, "clickup_base_url": mirror.sim.base_url,
        "clickup_team_id": mirror.sim.team_id, "database_url": mirror.database_url, "secret_key": SECRET_KEY,
    }  # fmt: skip
    return command.start(folder, *words, **{**own, **STILL, **settings})


def runs(mirror: Mirror, kind: str, trigger: str = "%") -> list[Row]:
    """The runs of a kind that ended well, latest first; of what changed, the first sync is one."""
    kinds = [kind, "first"] if kind == "incremental" else [kind]
    return mirror.rows(
        "SELECT * FROM runs WHERE kind = ANY(%s) AND trigger LIKE %s AND status = 'succeeded'"
        " ORDER BY started_at DESC",
        kinds,
        trigger,
    )


async def until_quiet(mirror: Mirror) -> None:
    """The first sync has ended, and so has the verification that comes after it: no job is left."""
    await until(lambda: runs(mirror, "incremental", "timer") and runs(mirror, "verification"))
    await until(
        lambda: mirror.value(
            "SELECT count(*) = 0 FROM clickup_jobs.procrastinate_jobs WHERE status IN ('todo', 'doing')"
        )
    )


def make_due(mirror: Mirror, *kinds: str) -> None:
    """The clock's time for these has come."""
    mirror.rows("UPDATE schedules SET due_at = now() WHERE kind = ANY(%s)", list(kinds))
