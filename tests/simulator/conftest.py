"""Small workspaces, served over real HTTP on a clock that the test advances."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from app.simulator.clock import Clock
from app.simulator.model import Task
from app.simulator.server import RunningSimulator
from app.simulator.world import World
from tests.simulator.receiver import Receiver

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


@pytest.fixture(scope="session")
def running() -> Iterator[RunningSimulator]:
    with RunningSimulator(museum()) as opened:
        yield opened


def museum() -> World:
    """Something of everything: archived at each level, unwalked and private spaces, further workspaces."""
    world = small_world(tasks=400, entries=1_500, lists=24, unwalked_spaces=1, private_spaces=1, workspaces=3)
    first, second = list(world.spaces)[:2]
    folder = world.create_folder(first, "Old folder")
    world.create_list(first, folder.id, "Active list in an old folder")
    for space_id, folder_id in ((first, folder.id), (first, None), (second, None)):
        world.archive_list(world.create_list(space_id, folder_id, "Old list").id)
    world.archive_folder(folder.id)
    world.archive_space(second)
    return world


@pytest.fixture
def calm(running: RunningSimulator) -> Iterator[RunningSimulator]:
    """One simulator for all tests that leave its world as it is; what they set at the desk is taken back."""
    yield running
    running.faults.clear()
    running.requests.reset()
    running.webhooks.known.clear()
    running.desk.rate.forget()
    running.desk.latency_ms = running.desk.foreign_cost = 0


@pytest.fixture
def reader(calm: RunningSimulator) -> Iterator[httpx2.Client]:
    with client(calm) as opened:
        yield opened


def client(sim: RunningSimulator, token: str | None = None) -> httpx2.Client:
    headers = {"Authorization": token or sim.token}
    # Loading certificates that plain HTTP does not need takes longer than most tests.
    return httpx2.Client(base_url=sim.base_url, headers=headers, timeout=60, verify=False)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as opened:
        yield opened


@pytest.fixture
def task(sim: RunningSimulator) -> Task:
    sim.webhooks.retry_s = 0
    return sim.world.create_task(next(iter(sim.world.lists)))


@pytest.fixture
def ears(http: httpx2.Client, sim: RunningSimulator, receiver: Receiver, task: Task) -> Receiver:
    """Hears everything that happens after the task came into being."""
    wish = {"endpoint": receiver.url, "events": ["*"]}
    http.post(f"/team/{sim.team_id}/webhook", json=wish).raise_for_status()
    return receiver
