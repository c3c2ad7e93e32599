"""Answers that take long have places, of which one key cannot take all."""

import asyncio
from contextlib import AsyncExitStack

import httpx2
import pytest

from app.core.answers.concurrency import ConcurrencyLimit, LimitReached
from tests.api.door import READER, WRITER
from tests.engine.mirror import Mirror
from tests.engine.service.running import client_of, serving

OTHER = "other-" + "o" * 20
THREE = f"dashboard:read:{READER},script:write:{WRITER},other:read:{OTHER}"


async def watch(stack: AsyncExitStack, client: httpx2.AsyncClient, key: str) -> httpx2.Response:
    """The live view, which lasts until the stack ends."""
    answer = await stack.enter_async_context(client.stream("GET", "/ui/events", headers={"X-API-Key": key}))
    if answer.is_error:
        await answer.aread()
    return answer


async def test_one_key_cannot_take_every_place(mirror: Mirror) -> None:
    """It gets half of them, whatever they are for, and then 429; others get one, and 503 after the last."""
    await mirror.sync("incremental")
    settings = {"api_keys": THREE, "http_max_long_answers": 4}
    async with serving(mirror, **settings) as running, client_of(running.url) as client:
        async with AsyncExitStack() as stack:
            for _ in range(2):
                assert (await watch(stack, client, WRITER)).status_code == 200
            for path in ("/ui/events", "/time-entries?format=csv", "/sync/daily?wait=true"):
                refused = await client.get(path, headers={"X-API-Key": WRITER})
                assert (refused.status_code, refused.headers["retry-after"]) == (429, "60"), path
                assert "2 long answers" in refused.json()["detail"]
            assert (await client.get("/tasks", headers={"X-API-Key": WRITER})).status_code == 200
            for _ in range(2):
                assert (await watch(stack, client, READER)).status_code == 200
            last = await watch(stack, client, OTHER)
            assert (last.status_code, last.headers["retry-after"]) == (503, "60")
            assert (await client.get("/healthz")).status_code == 200
        await _until_free(client)


async def _until_free(client: httpx2.AsyncClient) -> None:
    """Whoever goes makes room, as soon as the server sees that they went."""
    async with asyncio.timeout(120):
        while True:
            async with AsyncExitStack() as stack:
                if (await watch(stack, client, WRITER)).status_code == 200:
                    return
            await asyncio.sleep(0.05)


async def test_without_keys_this_machine_has_every_place(mirror: Mirror) -> None:
    """Then 503, which says when to come again."""
    async with (
        serving(mirror, http_max_long_answers=2) as running,
        client_of(running.url) as client,
        AsyncExitStack() as stack,
    ):
        told = [(await watch(stack, client, "")).status_code for _ in range(3)]
        assert told == [200, 200, 503]


def test_a_place_is_given_back_however_its_work_ends() -> None:
    """Also by an error; who was refused holds none."""
    limit = ConcurrencyLimit(total=3, per_caller=2)
    for _ in range(10):
        with pytest.raises(RuntimeError), limit.place("a"), limit.place("a"):
            with pytest.raises(LimitReached) as own, limit.place("a"):
                pass
            with limit.place("b"), pytest.raises(LimitReached) as total, limit.place("c"):
                pass
            raise RuntimeError
        assert (own.value.is_own, total.value.is_own) == (True, False)
