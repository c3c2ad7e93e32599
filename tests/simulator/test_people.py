"""The token's owner, the workspaces and their people."""

from typing import Any

import httpx2
import pytest

from app.simulator.model import Role
from app.simulator.server import RunningSimulator
from app.simulator.world import World
from tests.simulator.conftest import client, small_world
from tests.simulator.reading import refusal


def members(http: httpx2.Client, team_id: str) -> dict[int, dict[str, Any]]:
    teams = {one["id"]: one for one in http.get("/team").raise_for_status().json()["teams"]}
    return {one["user"]["id"]: one["user"] for one in teams[team_id]["members"]}


def test_the_owner_has_a_time_zone(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """`/user` is the token's owner with a numeric id and an IANA time zone."""
    owner = calm.world.owner()
    user = reader.get("/user").json()["user"]
    assert (user["id"], user["username"], user["email"]) == (owner.id, owner.username, owner.email)
    assert user["timezone"] == owner.timezone == "Europe/Berlin"


def test_user_is_whose_token_it_is(http: httpx2.Client, sim: RunningSimulator) -> None:
    """Another person's token answers with that person."""
    other = sim.world.members()[1]
    with client(sim, sim.world.token_for(other.id)) as theirs:
        assert theirs.get("/user").json()["user"]["id"] == other.id
    assert http.get("/user").json()["user"]["id"] == sim.world.owner().id


def test_members_are_those_who_are_there(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """Every member with role and e-mail, invited ones with a null name, and nobody who left."""
    found = members(reader, calm.team_id)
    assert found.keys() == {one.id for one in calm.world.members()}
    for person in calm.world.members():
        shown = found[person.id]
        assert (shown["username"], shown["email"], shown["role"]) == (
            person.username,
            person.email,
            int(person.role),
        )
    assert sum(one["username"] is None for one in found.values()) == 1
    assert {one["role"] for one in found.values()} == {1, 2, 3, 4}
    assert any(one.left for one in calm.world.people.values())


def test_joining_renaming_leaving(http: httpx2.Client, sim: RunningSimulator) -> None:
    """An invited person has no name until given one; whoever leaves vanishes, and time and tasks stay."""
    world = sim.world
    newcomer = world.join(None, role=Role.GUEST)
    task = world.create_task(next(iter(world.lists)), assignees=(newcomer.id,))
    entry = world.add_time(task.id, newcomer.id)
    assert members(http, sim.team_id)[newcomer.id]["username"] is None
    assert members(http, sim.team_id)[newcomer.id]["role"] == 4
    world.edit_person(newcomer.id, username="Neu", role=Role.ADMIN)
    assert http.get(f"/task/{task.id}").json()["assignees"][0]["username"] == "Neu"
    world.leave(newcomer.id)
    assert newcomer.id not in members(http, sim.team_id)
    assert http.get(f"/task/{task.id}").json()["assignees"][0]["id"] == newcomer.id
    assert world.truth()["people"][str(newcomer.id)]["left"] is True
    assert entry.id in world.truth()["entries"]


def test_several_workspaces(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """The token's other workspaces are listed too, answer every listing, and hold nothing but the owner."""
    teams = reader.get("/team").json()["teams"]
    assert teams[0]["id"] == calm.team_id
    assert len({one["id"] for one in teams}) == len({one["name"] for one in teams}) == 3
    other = teams[1]["id"]
    assert members(reader, other).keys() == {calm.world.owner().id}
    assert reader.get(f"/team/{other}/space").json() == {"spaces": []}
    assert reader.get(f"/team/{other}/task").json() == {"tasks": [], "last_page": True}
    assert reader.get(f"/team/{other}/time_entries").json() == {"data": []}
    assert reader.get(f"/team/{other}/custom_item").json() == {"custom_items": []}
    assert reader.get(f"/team/{other}/plan").json()["plan_name"] == "Free Forever"


def test_a_token_shows_its_own_workspaces_only(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """The owner's further workspaces are nothing to others: not listed, and refused by their id."""
    others = [one["id"] for one in reader.get("/team").json()["teams"][1:]]
    with client(calm, calm.world.token_for(calm.world.members()[1].id)) as theirs:
        assert [one["id"] for one in theirs.get("/team").json()["teams"]] == [calm.team_id]
        for path in (f"/team/{others[0]}", f"/team/{others[0]}/space", f"/team/{others[0]}/time_entries"):
            assert refusal(theirs.get(path)) == (401, "OAUTH_027")
    assert len(others) == 2


def test_one_workspace_by_its_id(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """The undocumented `/team/{id}` is that row of `/team`; an unknown workspace is 401, not 404."""
    teams = reader.get("/team").json()["teams"]
    for team in teams:
        assert reader.get(f"/team/{team['id']}").json() == {"team": team}
    for path in ("/team/1", "/team/1/space", "/team/1/task", "/team/1/time_entries", "/team/1/plan"):
        answer = reader.get(path)
        assert (answer.status_code, answer.json()["ECODE"]) == (401, "OAUTH_027")


@pytest.mark.parametrize(("plan_id", "name"), [(1, "Free Forever"), (3, "Business"), (4, "Enterprise")])
def test_plan(plan_id: int, name: str) -> None:
    """The plan has a name and a number."""
    world = World.generate(1, plan_id=plan_id, tasks=1, lists=1)
    with RunningSimulator(world) as sim, client(sim) as http:
        assert http.get(f"/team/{sim.team_id}/plan").json() == {"plan_name": name, "plan_id": plan_id}


def test_types_of_task(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """The workspace's own types have numeric ids; 0 and 1 are on tasks without being listed."""
    kinds = reader.get(f"/team/{calm.team_id}/custom_item").json()["custom_items"]
    assert {one["id"]: one["name"] for one in kinds} == {1300: "Bug", 1301: "Кампания", 1302: "需求"}
    used = {one.type_id for one in calm.world.tasks.values()}
    assert used == {None, 0, 1, 1300, 1301, 1302}


@pytest.mark.parametrize("role", list(Role))
def test_the_owner_of_the_token_may_have_any_role(role: Role) -> None:
    """`owner_role` is the role of the token's owner; somebody owns the workspace all the same."""
    world = small_world(tasks=5, owner_role=role)
    assert world.owner().role is role
    assert Role.OWNER in {one.role for one in world.members()}
