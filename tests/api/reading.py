"""The API of a mirror that another process holds: it answers, and nothing changes by itself."""

import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

import httpx2
from pydantic import TypeAdapter

from tests.engine.mirror import Mirror
from tests.engine.service.running import client_of, serving, serving_here, until
from tests.threads import entered_in_own_thread

Json = dict[str, Any]
Row = TypeVar("Row")


class Reader:
    """Asks the API of one mirror."""

    def __init__(self, mirror: Mirror, client: httpx2.AsyncClient) -> None:
        self.mirror = mirror
        self.client = client

    def delete_task(self, task_id: str) -> None:
        """From now on the mirror has it for deleted."""
        self.mirror.rows(
            "UPDATE tasks SET is_deleted = true, deleted_at = now() WHERE clickup_task_id = %s", task_id
        )

    async def get(self, path: str, **params: Any) -> Any:
        """What is answered; `from_` stands for `from`."""
        answer = await self.ask(path, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def ask(self, path: str, headers: dict[str, str] | None = None, **params: Any) -> httpx2.Response:
        known = {name.rstrip("_"): value for name, value in params.items() if value is not None}
        return await self.client.get(path, params=known, headers=headers)

    async def refused(self, path: str, field: str, **params: Any) -> str:
        """The reason that a 422 gives for the field."""
        answer = await self.ask(path, **params)
        assert answer.status_code == 422, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        reasons = [error["reason"] for error in answer.json()["errors"] if error["field"].startswith(field)]
        assert reasons, answer.text
        return str(reasons[0])

    async def unknown(self, path: str, **params: Any) -> str:
        """What a 404 says."""
        answer = await self.ask(path, **params)
        assert answer.status_code == 404, answer.text
        return str(answer.json()["detail"])

    async def walk(
        self, path: str, name: str, meanwhile: Callable[[], None] = lambda: None, **params: Any
    ) -> list[Json]:
        """All pages of a list, one after the other; between two of them something happens."""
        rows, cursor = [], None
        while True:
            page = await self.get(path, cursor=cursor, **params)
            rows += page[name]
            cursor = page["next_cursor"]
            if cursor is None:
                return rows
            meanwhile()


def pretend_worker(mirror: Mirror) -> None:
    """From now on, a worker elsewhere seems to run; it does nothing."""
    mirror.rows(
        "INSERT INTO worker_processes (worker, queues, concurrency, seen_at)"
        " VALUES ('elsewhere:1', '{short,long,webhooks}', 8, now() + interval '1 hour')"
        " ON CONFLICT (worker) DO UPDATE SET seen_at = excluded.seen_at"
    )


def typed(kind: type[Row], document: Any) -> Row:
    """An answer as its type, which OpenAPI is made of."""
    return TypeAdapter(kind).validate_python(document)


@asynccontextmanager
async def reading(mirror: Mirror, **settings: Any) -> AsyncIterator[Reader]:
    """The API of this mirror, where nothing is synced."""
    pretend_worker(mirror)
    async with (
        serving(mirror, worker="none", **settings) as running,
        client_of(running.url) as client,
    ):
        await until(lambda: running.service.workspace_id)
        yield Reader(mirror, client)


@contextmanager
def read_by_many(mirror: Mirror) -> Iterator[str]:
    """The same for tests that ask it from whichever loop: its address."""
    pretend_worker(mirror)
    with entered_in_own_thread(serving_here(mirror, worker="none")) as running:
        while not running.service.workspace_id:
            time.sleep(0.01)
        yield running.url


def unwritable(mirror: Mirror) -> Mirror:
    """The same mirror, for those who only look: what would write to its database is refused."""
    refusing = "options=-c%20default_transaction_read_only%3Don"
    return Mirror(mirror.sim, f"{mirror.database_url}{'&' if '?' in mirror.database_url else '?'}{refusing}")
