"""Worlds to mirror, served over real HTTP beside a database of the test's own."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from app.simulator.clock import Clock
from app.simulator.server import RunningSimulator
from app.simulator.world import World
from tests.conftest import Server
from tests.engine.mirror import Mirror
from tests.engine.pooler import bouncing

MakeMirror = Callable[..., Mirror]
_SESSION_START_MS = time.time_ns() // 1_000_000


def small_world(seed: int = 1, **shape: Any) -> World:
    """Enough of everything to be wrong about, and quick to read."""
    wanted: dict[str, Any] = {
        "tasks": 40,
        "lists": 8,
        "spaces": 2,
        "people": 6,
        "same_instant": 5,
        "years": 1,
    }
    return World.generate(seed, **wanted | shape)


def busy_world() -> World:
    """The same small world each time; its clock stands at the session's start until a test moves it."""
    return small_world(7, clock=Clock(_SESSION_START_MS, running=False))


def silent_world() -> World:
    """As the busy one; nobody said anything yet."""
    return small_world(5, clock=Clock(_SESSION_START_MS, running=False), tasks=12, comments=0, entries=6)


def _synced(server: Server, template: str, world: World) -> str:
    name = server.copy(template)
    with RunningSimulator(world) as simulator:
        mirror = Mirror(simulator, server.url_of(name))
        asyncio.run(mirror.sync("incremental"))
        assert mirror.differences() == []
    return name


def copied(server: Server, synced: str, world: World) -> Iterator[Mirror]:
    """A mirror of this world, from the database of one that was synced."""
    name = server.copy(synced)
    with RunningSimulator(world) as simulator:
        mirror = Mirror(simulator, server.url_of(name))
        # However long the tests have been at it: the sync was a moment ago.
        mirror.rows("UPDATE runs SET started_at = started_at + (now() - ended_at), ended_at = now()")
        yield mirror
    server.drop(name)


@pytest.fixture(scope="session")
def busy_template(server: Server, template: str) -> str:
    return _synced(server, template, busy_world())


@pytest.fixture(scope="session")
def silent_template(server: Server, template: str) -> str:
    return _synced(server, template, silent_world())


@pytest.fixture
def mirror(server: Server, busy_template: str) -> Iterator[Mirror]:
    """Of a small world, synced once a moment ago."""
    yield from copied(server, busy_template, busy_world())


@pytest.fixture
def silent(server: Server, silent_template: str) -> Iterator[Mirror]:
    """Of a smaller world without a comment, synced once a moment ago."""
    yield from copied(server, silent_template, silent_world())


@pytest.fixture
def make_mirror(database_url: str) -> Iterator[MakeMirror]:
    """Of any world, nothing synced; `served` are arguments of `RunningSimulator`, `overrides` settings."""
    with ExitStack() as running:

        def make(
            world: World | None = None, *, served: dict[str, Any] | None = None, **overrides: Any
        ) -> Mirror:
            simulator = running.enter_context(RunningSimulator(world or small_world(), **(served or {})))
            return Mirror(simulator, database_url, **overrides)

        yield make


@pytest.fixture
def bouncer(server: Server, open_folder: Path) -> Iterator[str]:
    """A PgBouncer in transaction mode before the session's server; the URL without a database."""
    with bouncing(server, open_folder) as url:
        yield url
