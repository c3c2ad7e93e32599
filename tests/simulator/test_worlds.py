"""Many workspaces on one server: the token of a request says which, and they share nothing."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from app.simulator.activity_loop import ActivityLoop
from app.simulator.server import RunningSimulator
from app.simulator.world import World
from app.simulator.worlds import Worlds
from tests.simulator.conftest import client
from tests.simulator.receiver import Receiver, wait_for

_SHAPE: dict[str, Any] = {"tasks": 40, "lists": 6, "comments": 20, "entries": 20, "people": 5}


@pytest.fixture
def worlds() -> Worlds:
    return Worlds.generate(3, 1, rate_limit=20, **_SHAPE)


@pytest.fixture
def several(worlds: Worlds) -> Iterator[RunningSimulator]:
    with RunningSimulator(worlds=worlds) as running:
        yield running


def get(sim: RunningSimulator, number: int, path: str) -> httpx2.Response:
    """What the owner of this workspace is answered."""
    with client(sim, sim.worlds.desks[number].world.token) as http:
        return http.get(path)


def control(sim: RunningSimulator, method: str, name: str, **more: Any) -> httpx2.Response:
    return httpx2.request(method, f"{sim.control_url}/{name}", **more)


def ids_of(world: World) -> set[str]:
    """Every id that an answer may contain."""
    world.fill()
    options = [option.id for field in world.fields.values() for option in field.options]
    kinds = (
        world.people, world.groups, world.spaces, world.folders, world.lists, world.fields, world.types,
        world.tasks, world.entries, world.comments, options, [world.workspace.id, world.token],
    )  # fmt: skip
    return {str(one) for kind in kinds for one in kind}


def test_each_token_sees_its_own_workspace(several: RunningSimulator) -> None:
    """With its own name, people and tasks; another's objects are not found, or refused."""
    seen = [get(several, number, "/team").json()["teams"] for number in range(3)]
    assert [len(teams) for teams in seen] == [1, 1, 1]
    assert len({(team["id"], team["name"]) for [team] in seen}) == 3
    assert len({get(several, number, "/user").json()["user"]["username"] for number in range(3)}) == 3
    other = next(iter(several.worlds[1].world.tasks))
    assert get(several, 1, f"/task/{other}").status_code == 200
    assert get(several, 0, f"/task/{other}").status_code in (401, 404)
    assert get(several, 0, f"/team/{seen[1][0]['id']}/task").status_code == 401


def test_workspaces_have_no_id_in_common(worlds: Worlds) -> None:
    """Neither what they began with, nor what they become."""
    kinds = [ids_of(one) for one in worlds.list_worlds()]
    for world in worlds.list_worlds():
        world.create_task(next(iter(world.lists)))
    kinds = [before | ids_of(world) for before, world in zip(kinds, worlds.list_worlds(), strict=True)]
    assert len(set.union(*kinds)) == sum(map(len, kinds))


def test_the_same_seed_makes_the_same_workspaces() -> None:
    """And the first is the one that is served alone."""
    first, second = (Worlds.generate(3, 1, **_SHAPE).list_worlds() for _ in range(2))
    assert [ids_of(one) for one in first] == [ids_of(one) for one in second]
    assert ids_of(first[0]) == ids_of(World.generate(1, **_SHAPE))


def test_persons_may_be_in_two_workspaces() -> None:
    """With the same id, name and address in each pair, as members that work in both."""
    first, second, third = Worlds.generate(3, 1, shared_people=2, **_SHAPE).list_worlds()
    both = first.people.keys() & second.people.keys()
    assert len(both) == 2
    assert all(first.people[one] == second.people[one] and not first.people[one].left for one in both)
    second.fill()
    assert both & {person for task in second.tasks.values() for person in task.assignees}
    assert not third.people.keys() & (first.people.keys() | second.people.keys())


def test_a_token_of_none_is_refused(several: RunningSimulator) -> None:
    """As ClickUp does, in its own words; a token that a workspace issued later is known."""
    for headers, code in (({"Authorization": "pk_1_NOBODY"}, "OAUTH_025"), ({}, "OAUTH_017")):
        refused = httpx2.get(f"{several.base_url}/user", headers=headers)
        assert (refused.status_code, refused.json()["ECODE"]) == (401, code)
    new = several.worlds[2].world.replace_token()
    assert get(several, 2, "/user").status_code == 200
    with client(several, new) as http:
        assert http.get("/team").json()["teams"][0]["id"] == several.worlds[2].world.workspace.id


def test_each_has_its_own_rate_limit_and_request_log(several: RunningSimulator) -> None:
    """One that has used its minute up refuses, the other answers."""
    assert [get(several, 0, "/user").status_code for _ in range(22)][-2:] == [429, 429]
    assert get(several, 1, "/user").status_code == 200
    assert [desk.requests.total for desk in several.worlds.desks] == [22, 1, 0]


def test_a_control_path_names_the_workspace(several: RunningSimulator) -> None:
    """By id or token; without either it is refused, and nothing happens."""
    listed = control(several, "GET", "worlds").json()
    assert [one["token"] for one in listed] == [one.token for one in several.worlds.list_worlds()]
    for name in (listed[1]["id"], listed[1]["token"]):
        truth = control(several, "GET", "truth", params={"world": name}).json()
        assert truth["workspace"]["name"] == listed[1]["name"]
    rules = {"rules": [{"action": "error", "times": None}]}
    assert (
        control(several, "POST", "faults", params={"world": listed[1]["id"]}, json=rules).status_code == 200
    )
    assert [get(several, number, "/user").status_code for number in range(3)] == [200, 500, 200]
    for params in ({}, {"world": "1"}):
        refused = control(several, "POST", "mutate", params=params)
        assert refused.status_code == 400
        assert "name one" in refused.json()["err"]


def test_a_workspace_is_filled_when_it_is_first_asked_for() -> None:
    """So that hundreds are ready at once, and take memory one by one."""
    with RunningSimulator(worlds=Worlds.generate(200, 1, **_SHAPE)) as several:
        assert get(several, 150, "/user").status_code == 200
        filled = [number for number, one in enumerate(several.worlds.list_worlds()) if one.is_filled]
        # The first one is at hand for tests that know of no other.
        assert filled == [0, 150]


def test_webhooks_tell_of_their_own_workspace(several: RunningSimulator, receiver: Receiver) -> None:
    """Their ids and secrets differ, and what happens elsewhere is not delivered."""
    webhooks = []
    for number in range(2):
        world = several.worlds[number].world
        with client(several, world.token) as http:
            wish = {"endpoint": f"{receiver.url}&to={number}", "events": ["taskCreated"]}
            webhooks.append(http.post(f"/team/{world.workspace.id}/webhook", json=wish).json()["webhook"])
    assert len({(one["id"], one["secret"]) for one in webhooks}) == 2
    world = several.worlds[1].world
    created = world.create_task(next(iter(world.lists)))
    wait_for(lambda: receiver.got)
    assert {(one.payload["webhook_id"], one.payload["task_id"]) for one in receiver.got} == {
        (webhooks[1]["id"], created.id)
    }


def test_something_happens_in_every_workspace_that_was_asked_for(worlds: Worlds) -> None:
    """And in the others nothing: they need not be filled for that."""
    first, second, third = worlds.list_worlds()
    first.fill()
    second.fill()
    before = first.version, second.version
    with ActivityLoop(worlds.list_worlds(), 0.003):
        wait_for(lambda: first.version > before[0] and second.version > before[1])
    assert not third.is_filled
