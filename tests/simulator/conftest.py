"""One small workspace, served over real HTTP on a clock that the test advances."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from app.simulator.clock import Clock
from app.simulator.server import RunningSimulator
from app.simulator.world import World

NOON = 1_800_000_000_000


@pytest.fixture
def world() -> World:
    return small_world()


def small_world(**shape: Any) -> World:
    wanted: dict[str, Any] = {"tasks": 260, "lists": 10, "people": 8, "same_instant": 120, **shape}
    return World.generate(7, clock=Clock(NOON, running=False), **wanted)


@pytest.fixture
def sim(world: World) -> Iterator[RunningSimulator]:
    with RunningSimulator(world) as running:
        yield running


@pytest.fixture
def http(sim: RunningSimulator) -> Iterator[httpx2.Client]:
    with client(sim) as opened:
        yield opened


def client(sim: RunningSimulator, token: str | None = None) -> httpx2.Client:
    headers = {"Authorization": token or sim.token}
    return httpx2.Client(base_url=sim.base_url, headers=headers, timeout=5)
