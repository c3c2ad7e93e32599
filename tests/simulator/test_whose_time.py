"""Whose time a token may see, and the older call that hides nobody's."""

from collections.abc import Iterator

import httpx2
import pytest

from app.simulator.model import Role
from app.simulator.server import RunningSimulator
from tests.simulator.conftest import client
from tests.simulator.reading import entries, ids, refusal

OTHERS = (403, "TIMEENTRY_059")


@pytest.fixture
def path(sim: RunningSimulator) -> str:
    return f"/team/{sim.team_id}/time_entries"


def people(sim: RunningSimulator, role: Role) -> list[int]:
    return [one.id for one in sim.world.members() if one.role is role]


@pytest.fixture
def member(sim: RunningSimulator) -> int:
    return people(sim, Role.MEMBER)[0]


@pytest.fixture
def theirs(sim: RunningSimulator, member: int) -> Iterator[httpx2.Client]:
    with client(sim, sim.world.token_for(member)) as opened:
        yield opened


@pytest.fixture
def oauth(sim: RunningSimulator) -> Iterator[httpx2.Client]:
    with client(sim, f"Bearer {sim.token}") as opened:
        yield opened


def test_a_member_sees_their_own_time_only(
    sim: RunningSimulator, theirs: httpx2.Client, member: int, path: str
) -> None:
    """Asked for others, alone or in a list, a member's token is refused; for oneself it is not."""
    task = sim.world.create_task(next(iter(sim.world.lists))).id
    own, other = sim.world.add_time(task, member), sim.world.add_time(task)
    assert own.id in ids(entries(theirs, sim.team_id))
    assert own.id in ids(entries(theirs, sim.team_id, assignee=member))
    assert ids(entries(theirs, sim.team_id, task_id=task)) == [own.id]
    for assignee in (other.user_id, f"{member},{other.user_id}"):
        assert refusal(theirs.get(path, params={"assignee": assignee})) == OTHERS
    assert refusal(theirs.get(f"{path}/{other.id}")) == OTHERS
    assert theirs.get(f"{path}/{own.id}").json()["data"]["id"] == own.id


@pytest.mark.parametrize(("role", "allowed"), [(Role.ADMIN, True), (Role.MEMBER, False), (Role.GUEST, False)])
def test_who_may_ask_for_others(sim: RunningSimulator, path: str, role: Role, allowed: bool) -> None:
    """Owners and admins may; members and guests may not."""
    asker = people(sim, role)[0]
    with client(sim, sim.world.token_for(asker)) as http:
        answer = http.get(path, params={"assignee": str(sim.world.owner().id)})
    assert (answer.status_code == 200) == allowed
    assert allowed or refusal(answer) == OTHERS


def test_oauth_tokens_get_no_lists(
    sim: RunningSimulator, oauth: httpx2.Client, http: httpx2.Client, member: int, path: str
) -> None:
    """A comma list is refused to an owner's OAuth token, one person at a time is not."""
    both = f"{sim.world.owner().id},{member}"
    assert refusal(oauth.get(path, params={"assignee": both})) == OTHERS
    assert oauth.get(path, params={"assignee": member}).status_code == 200
    assert http.get(path, params={"assignee": both}).status_code == 200


@pytest.mark.parametrize("who", ["unknown", "left"])
def test_one_id_out_of_scope_refuses_the_list(
    sim: RunningSimulator, http: httpx2.Client, member: int, path: str, who: str
) -> None:
    """An unknown person, or one who left, refuses the whole list and themselves alone."""
    gone = 5 if who == "unknown" else next(one.id for one in sim.world.people.values() if one.left)
    assert refusal(http.get(path, params={"assignee": f"{member},{gone}"})) == OTHERS
    assert refusal(http.get(path, params={"assignee": gone})) == OTHERS
    sim.world.leave(member)
    assert refusal(http.get(path, params={"assignee": member})) == OTHERS


@pytest.mark.parametrize("assignee", ["someone", "1,x", "²", "1.5", "9" * 5_000])
def test_assignees_are_numbers(reader: httpx2.Client, calm: RunningSimulator, assignee: str) -> None:
    """Anything else makes no sense."""
    path = f"/team/{calm.team_id}/time_entries"
    assert refusal(reader.get(path, params={"assignee": assignee}))[0] == 400


def test_the_older_call_shows_everyone(
    sim: RunningSimulator, theirs: httpx2.Client, http: httpx2.Client, member: int
) -> None:
    """`/task/{id}/time` gives any token everyone's intervals on the one task, left people's and old ones."""
    world = sim.world
    task = world.create_task(next(iter(world.lists))).id
    child = world.create_task(next(iter(world.lists)), parent=task).id
    gone = world.join("Gone").id
    old = world.add_time(task, gone, start=1_500_000_000_000, duration=60_000)
    first, second = world.add_time(task, member), world.add_time(task, member)
    running = world.start_timer(task)
    world.add_time(child)
    world.leave(gone)
    rows = {one["user"]["id"]: one for one in theirs.get(f"/task/{task}/time").json()["data"]}
    found = {user_id: ids(row["intervals"]) for user_id, row in rows.items()}
    assert found == {gone: [old.id], member: [first.id, second.id], world.owner().id: [running.id]}
    assert rows[member]["time"] == first.duration + second.duration
    assert rows[gone]["intervals"][0] == {
        "id": old.id,
        "start": "1500000000000",
        "end": "1500000060000",
        "time": "60000",
        "source": "clickup",
        "date_added": str(old.at),
    }
    assert rows[world.owner().id]["intervals"][0]["end"] is None
    assert rows[world.owner().id]["time"] == 0
    world.delete_task(task)
    assert refusal(http.get(f"/task/{task}/time")) == (404, "ITEM_013")
