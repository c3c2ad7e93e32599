"""The server itself: starting, taken ports, a living world, a large one."""

import socket
from threading import Thread
from time import sleep
from typing import Any

import httpx2
import pytest

from app.simulator.activity_loop import ActivityLoop
from app.simulator.clock import Clock
from app.simulator.server import RunningSimulator, create_app, serve
from app.simulator.world import World
from app.simulator.worlds import Worlds
from tests.simulator.conftest import NOON, client, small_world
from tests.simulator.reading import ALL, all_tasks, ids
from tests.simulator.receiver import wait_for


def test_a_taken_port_raises() -> None:
    """`serve` says so at once, before it serves anything, and never says that it is ready."""
    ready: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="in use"):
            serve(Worlds.single(small_world(tasks=1)), port=port, on_ready=ready.append)
    assert ready == []


def test_a_running_simulators_port_is_taken(calm: RunningSimulator) -> None:
    """Two cannot serve on one port; each running one finds a port of its own."""
    port = httpx2.URL(calm.base_url).port
    with pytest.raises(OSError, match="in use"):
        serve(Worlds.single(small_world(tasks=1)), port=port or 0)
    with RunningSimulator(small_world(tasks=1)) as other:
        assert other.base_url != calm.base_url


def test_serve_says_where() -> None:
    """`on_ready` gets the base URL of a server that answers, with the port it really took."""
    ready: list[str] = []
    world = small_world(tasks=1)
    wish: dict[str, Any] = {"port": 0, "on_ready": ready.append}
    Thread(target=serve, args=(Worlds.single(world, rate_limit=7),), kwargs=wish, daemon=True).start()
    wait_for(lambda: bool(ready))
    answer = httpx2.get(f"{ready[0]}/user", headers={"Authorization": world.token})
    assert answer.json()["user"]["id"] == world.owner().id
    assert answer.headers["X-RateLimit-Limit"] == "7"


def test_it_stops_with_the_block() -> None:
    """After `with` nobody answers any more, and the port is free."""
    with RunningSimulator(small_world(tasks=1)) as sim, client(sim) as http:
        assert http.get("/user").status_code == 200
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"{sim.base_url}/user")


async def test_it_is_an_application_too() -> None:
    """Behind another server, or behind none, it answers the same."""
    world = small_world(tasks=1)
    transport = httpx2.ASGITransport(create_app(world, rate_limit=9))
    async with httpx2.AsyncClient(transport=transport, base_url="http://sim/api/v2") as http:
        answer = await http.get("/user", headers={"Authorization": world.token})
    assert answer.json()["user"]["id"] == world.owner().id
    assert answer.headers["X-RateLimit-Remaining"] == "8"


def test_answers_wait_for_no_acknowledgement(calm: RunningSimulator) -> None:
    """Connections send at once: a body does not wait until the client has confirmed the head."""
    with client(calm) as http:
        http.get("/user")
        accepted = [one.get_extra_info("socket") for one in calm.desk.connections._open.values()]
        assert accepted
        assert all(one.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) for one in accepted)


def test_the_same_seed_answers_the_same() -> None:
    """Two servers over the same seed and clock give the same bytes for the same requests."""

    def bytes_of(seed: int) -> list[bytes]:
        world = World.generate(seed, clock=Clock(NOON, running=False), tasks=30, lists=4)
        with RunningSimulator(world) as sim, client(sim) as http:
            paths = ("/user", "/team", f"/team/{sim.team_id}/task", f"/team/{sim.team_id}/time_entries")
            return [http.get(path, params=ALL).content for path in paths]

    assert bytes_of(1) == bytes_of(1) != bytes_of(2)


def test_a_world_that_lives(http: httpx2.Client, sim: RunningSimulator) -> None:
    """Within `ActivityLoop` things happen by themselves, of the wished kinds only; after it nothing does."""
    before = sim.world.truth()["tasks"]
    with ActivityLoop([sim.world], 0.005, kinds=frozenset({"rename_task"})):
        wait_for(lambda: sim.world.truth()["tasks"] != before)
        assert http.get("/user").status_code == 200
    after = sim.world.truth()["tasks"]
    assert after.keys() == before.keys()
    changed = {name for one in after for name in after[one] if after[one][name] != before[one][name]}
    assert changed == {"title", "date_updated"}
    sleep(0.05)
    assert sim.world.truth()["tasks"] == after


def test_living_repeats_by_its_seed() -> None:
    """The first change is the same in the same world."""

    def first_change(seed: int) -> dict[str, Any]:
        world = small_world()
        version = world.version
        with ActivityLoop([world], 0.001, seed=seed):
            wait_for(lambda: world.version > version + 50)
        moved = [one for one in world.tasks.values() if one.date_updated > NOON]
        return {one.id: one.name for one in sorted(moved, key=lambda one: one.date_updated)[:3]}

    assert first_change(1) == first_change(1) != first_change(2)


@pytest.mark.slow
def test_a_hundred_thousand_tasks() -> None:
    """A large workspace is generated, answers its first and a far page, and lets nothing slip."""
    world = World.generate(1, tasks=100_000, lists=60, entries=1_000, comments=100)
    assert len(world.tasks) == 100_000
    with RunningSimulator(world) as sim, client(sim) as http:
        path, order = f"/team/{sim.team_id}/task", {**ALL, "order_by": "updated", "reverse": "true"}
        first, far = (http.get(path, params={**order, "page": page}).json() for page in (0, 500))
        assert len(first["tasks"]) == len(far["tasks"]) == 100
        assert not set(ids(first["tasks"])) & set(ids(far["tasks"]))
        assert first["last_page"] is far["last_page"] is False
        place = next(one for one in world.lists.values() if not one.archived)
        at_home = {one.id for one in world.tasks.values() if one.list_id == place.id and not one.archived}
        assert set(ids(all_tasks(http, f"/list/{place.id}/task"))) == at_home
