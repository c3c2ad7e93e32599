"""What changes on the overview is sent to whoever watches it: once, soon, and until the service ends."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from app.dashboard import live
from app.supabase_db import Database
from tests.api.door import READER
from tests.api.reading import Reader, pretend_worker
from tests.dashboard.pages import Browsing, Element, said
from tests.engine.mirror import Mirror
from tests.engine.service.running import STILL, client_of, runs, serving, serving_here, start_process, until

PARTS = {
    "verdict", "reasons", "level_since", "totals", "work", "budget", "jobs", "streams", "runs", "webhooks",
    "unseen", "changes",
}  # fmt: skip


async def first(events: AsyncIterator[tuple[str, Element]]) -> dict[str, str]:
    """Every part as it is at the beginning."""
    found: dict[str, str] = {}
    while found.keys() < PARTS:
        name, shown = await asyncio.wait_for(anext(events), 120)
        found[name] = said(shown)
    return found


async def coming(events: AsyncIterator[tuple[str, Element]], wanted: str, words: str) -> str:
    """The next part of that name that says these words."""
    async with asyncio.timeout(120):
        async for name, shown in events:
            if name == wanted and words in said(shown):
                return said(shown)
    raise AssertionError("the events ended")


async def test_every_part_comes_at_first_and_then_what_changes(
    own_browsing: Browsing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change of the mirror arrives, and what did not change does not come again."""
    # Looked at again, the status says another time of the next verification.
    monkeypatch.setattr("app.dashboard.overview._STATUS_KEPT_SECONDS", 3_600)
    async with own_browsing.events() as events:
        parts = await first(events)
        assert "tasks" in parts["totals"]
        own_browsing.mirror.rows("UPDATE runs SET started_at = now() - interval '9 hours'")
        came = []
        while True:
            name, shown = await asyncio.wait_for(anext(events), 120)
            came.append(name)
            if name == "reasons":
                break
        assert "no sync succeeded for 540 minutes" in said(shown)
        assert set(came) <= {"verdict", "reasons", "level_since", "runs"}


async def test_a_sync_is_followed_to_its_end(mirror: Mirror) -> None:
    """It is asked for, it runs, it has ended."""
    async with serving(mirror) as running, client_of(running.url) as client:
        await until(lambda: runs(mirror, "incremental", "timer"))
        async with Browsing(mirror, client).events() as events:
            await first(events)
            await client.post("/ui/sync")
            assert "incremental page" in await coming(events, "runs", "incremental page")
            assert runs(mirror, "incremental", "page")


async def test_the_database_is_asked_once_for_all_who_watch(
    own: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many they are, once a second; and not at all when nobody does."""
    asked: list[str] = []

    async def counted(
        self: Database, share: Any, query: str, params: dict[str, Any], row: type[Any] | None = None
    ) -> list[Any]:
        asked.append(query)
        return await run_alone(self, share, query, params, row)

    run_alone = Database._run_alone
    monkeypatch.setattr(Database, "_run_alone", counted)
    browsing = Browsing(own.mirror, own.client)
    async with AsyncExitStack() as stack:
        watching = [await stack.enter_async_context(browsing.events()) for _ in range(5)]
        for events in watching:
            await first(events)
        asked.clear()
        await asyncio.sleep(3)
        assert 2 <= asked.count("get_snapshot") <= 4
        own.mirror.rows("UPDATE runs SET started_at = now() - interval '9 hours'")
        told = {await coming(events, "reasons", "540 minutes") for events in watching}
        assert len(told) == 1
        # Once for all of them; once more where the service said something of itself in between.
        assert asked.count("get_sync_status") in (1, 2)
    await asyncio.sleep(1.2)
    asked.clear()
    await asyncio.sleep(1.5)
    assert "get_snapshot" not in asked


async def test_a_silent_stream_shows_that_it_lives(own: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a comment now and then, which says nothing."""
    monkeypatch.setattr(live, "_HEARTBEAT_SECONDS", 0.2)
    async with own.client.stream("GET", "/ui/events") as answer:
        async with asyncio.timeout(120):
            async for line in answer.aiter_lines():
                if line == ": still here":
                    break


async def test_the_stream_survives_a_database_that_is_silent(
    own_browsing: Browsing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The verdict turns red, and back when it answers again."""
    monkeypatch.setattr("app.dashboard.overview._PATIENCE_SECONDS", 2)
    async with own_browsing.events() as events:
        await first(events)
        with own_browsing.mirror.locked("runs"):
            own_browsing.mirror.rows("UPDATE streams SET blind_spot = 'something'")
            await coming(events, "verdict", "cannot be read")
        await coming(events, "verdict", "In sync with ClickUp")


async def test_silence_is_news(own_browsing: Browsing, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mirror that grows stale is told of, though nobody writes anything."""
    monkeypatch.setattr(live, "_LOOK_ANYWAY_SECONDS", 0.5)
    patience = 5 * STILL["sync_interval_seconds"]
    own_browsing.mirror.rows(f"UPDATE runs SET started_at = now() - interval '{patience - 3} seconds'")
    async with own_browsing.events() as events:
        assert "Not in sync" not in (await first(events))["verdict"]
        await coming(events, "verdict", "Not in sync")


async def test_who_may_not_look_may_not_watch(mirror: Mirror, keys: str) -> None:
    """401 without a key; with one it flows."""
    async with serving(mirror, api_keys=keys) as running, client_of(running.url) as client:
        assert (await client.get("/ui/events")).status_code == 401
        async with client.stream("GET", "/ui/events", headers={"X-API-Key": READER}) as answer:
            assert answer.status_code == 200


async def test_a_service_that_ends_waits_for_nobody_who_watches(mirror: Mirror) -> None:
    """In the main thread, where it sees the signal: the stream ends by itself, and so does the server."""
    async with serving_here(mirror) as running:
        client = httpx2.AsyncClient(base_url=running.url, timeout=120)
        stream = client.stream("GET", "/ui/events")
        answer = await stream.__aenter__()
        lines = answer.aiter_lines()
        assert await anext(lines) == ": welcome"
    async for _ in lines:
        pass
    await client.aclose()


@pytest.mark.slow
async def test_the_end_of_another_server_is_none_of_ours(mirror: Mirror) -> None:
    """Several may be served by one process; who took the signals in hand last need not be ours."""

    class Ended:
        should_exit = True

        def handle_exit(self, *_: object) -> None: ...

    pretend_worker(mirror)
    async with serving_here(mirror) as running, client_of(running.url) as client:
        before = signal.signal(signal.SIGTERM, Ended().handle_exit)
        try:
            async with Browsing(mirror, client).events() as events:
                await first(events)
                await asyncio.sleep(1)
                aged = "UPDATE runs SET started_at = now() - interval '9 hours'"
                await asyncio.to_thread(mirror.rows, aged)
                assert await coming(events, "reasons", "540 minutes")
        finally:
            signal.signal(signal.SIGTERM, before)


async def test_sigterm_ends_a_watched_service(mirror: Mirror, tmp_path: Path) -> None:
    """As a process of its own, with watchers who read and one who does not."""
    process = start_process(mirror, tmp_path)
    assert process.stdout is not None
    url = (await asyncio.to_thread(process.stdout.readline)).split("http://")[1].split("/")[0]
    async with httpx2.AsyncClient(base_url=f"http://{url}", timeout=120) as client:
        await until(lambda: runs(mirror, "incremental", "timer"))
        with socket.create_connection(
            (urlsplit(f"http://{url}").hostname, int(url.rpartition(":")[2]))
        ) as lazy:
            lazy.sendall(b"GET /ui/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            async with client.stream("GET", "/ui/events") as answer:
                lines = answer.aiter_lines()
                await anext(lines)
                process.send_signal(signal.SIGTERM)
                async for _ in lines:
                    pass
                await asyncio.to_thread(process.wait, 120)
    _, said_last = process.communicate()
    assert "Traceback" not in said_last
