"""Tokens and refusals: who gets in, and how ClickUp says no."""

import httpx2
import pytest

from app.simulator.server import RunningSimulator
from app.simulator.world import World
from tests.simulator.conftest import client
from tests.simulator.reading import refusal

RATE_HEADERS = {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"}


def answer_to(sim: RunningSimulator, authorization: str | None) -> httpx2.Response:
    headers = {} if authorization is None else {"Authorization": authorization}
    return httpx2.get(f"{sim.base_url}/user", headers=headers, verify=False)


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "bearer"])
def test_no_token(calm: RunningSimulator, authorization: str | None) -> None:
    """Without a token every path is 401, with the code for a missing header."""
    assert refusal(answer_to(calm, authorization)) == (401, "OAUTH_017")


@pytest.mark.parametrize("authorization", ["pk_1_NOBODY", "Bearer pk_1_NOBODY", "Basic cGs="])
def test_an_unknown_token(calm: RunningSimulator, authorization: str) -> None:
    """A token nobody gave out is invalid."""
    assert refusal(answer_to(calm, authorization)) == (401, "OAUTH_025")


@pytest.mark.parametrize("scheme", ["", "Bearer ", "bearer ", "BEARER  "])
def test_both_kinds_of_token(calm: RunningSimulator, scheme: str) -> None:
    """A personal token comes bare, an OAuth one after `Bearer` in any case."""
    assert answer_to(calm, scheme + calm.token).status_code == 200


def test_a_token_dies_with_its_owner(sim: RunningSimulator) -> None:
    """When a person leaves, their token is dead, on every path; others live on."""
    leaver = sim.world.members()[1].id
    token = sim.world.token_for(leaver)
    with client(sim, token) as theirs:
        assert theirs.get("/user").status_code == 200
        sim.world.leave(leaver)
        for path in ("/user", "/team", f"/team/{sim.team_id}/task"):
            assert refusal(theirs.get(path)) == (401, "OAUTH_019")
    assert answer_to(sim, sim.token).status_code == 200


def test_a_token_is_killed_and_revived(http: httpx2.Client, sim: RunningSimulator) -> None:
    """Meanwhile every path says that it is dead, also as an OAuth token; other tokens live."""
    other = sim.world.token_for(sim.world.owner().id)
    sim.world.kill_token()
    for path in ("/user", f"/team/{sim.team_id}/task", f"/team/{sim.team_id}/webhook"):
        answer = http.get(path)
        assert refusal(answer) == (401, "OAUTH_025")
        assert answer.headers.keys() >= RATE_HEADERS
    assert refusal(answer_to(sim, f"Bearer {sim.token}")) == (401, "OAUTH_025")
    assert answer_to(sim, other).status_code == 200
    sim.world.revive_token()
    assert http.get("/user").status_code == 200


def test_a_token_is_replaced(http: httpx2.Client, sim: RunningSimulator) -> None:
    """The new one is the same person's, and the simulator's own when the owner's was replaced."""
    old, owner = sim.token, sim.world.owner()
    new = sim.world.replace_token()
    assert (sim.token, sim.world.owner()) == (new, owner)
    assert refusal(http.get("/user")) == (401, "OAUTH_025")
    assert answer_to(sim, new).json()["user"]["id"] == owner.id
    sim.world.revive_token(old)
    assert http.get("/user").json()["user"]["id"] == owner.id


def test_somebody_elses_token_is_replaced(http: httpx2.Client, sim: RunningSimulator) -> None:
    """A member's token dies and comes back as another one; the owner's stays what it is."""
    member, mine = sim.world.members()[1].id, sim.token
    old = sim.world.token_for(member)
    new = sim.world.replace_token(old)
    assert refusal(answer_to(sim, old)) == (401, "OAUTH_025")
    assert answer_to(sim, new).json()["user"]["id"] == member
    assert sim.token == mine
    assert http.get("/user").status_code == 200


def test_only_tokens_that_were_given_out_can_be_killed(world: World) -> None:
    """A misspelt token is an error, not silence."""
    for change in (world.kill_token, world.revive_token, world.replace_token):
        with pytest.raises(KeyError):
            change("pk_1_NOBODY")


@pytest.mark.parametrize(
    ("path", "status", "ecode"),
    [
        ("/task/unknown", 404, "ITEM_013"),
        ("/task/unknown/comment", 404, "ITEM_013"),
        ("/comment/1/reply", 404, "ITEM_013"),
        ("/task/unknown/time", 404, "ITEM_013"),
        ("/nowhere", 404, "APP_001"),
        ("/team/", 404, "APP_001"),
        ("/../../user", 404, "APP_001"),
        ("/team/{team}/time_entries/1", 404, "TIMEENTRY_004"),
        ("/team/{team}/task?page=x", 400, "INPUT_002"),
        ("/team/{team}/task?page=-1", 400, "INPUT_002"),
        ("/team/{team}/task?date_updated_gt=yesterday", 400, "INPUT_002"),
        ("/team/{team}/task?date_created_lt=1.5", 400, "INPUT_002"),
        ("/team/{team}/time_entries?start_date=٣", 400, "INPUT_002"),
        ("/team/{team}/time_entries?end_date=--1", 400, "INPUT_002"),
        ("/task/bulk_time_in_status/task_ids", 400, "INPUT_002"),
    ],
)
def test_refusals(reader: httpx2.Client, calm: RunningSimulator, path: str, status: int, ecode: str) -> None:
    """Each refusal has its status, its code, and the rate headers."""
    answer = reader.get(path.replace("{team}", calm.team_id))
    assert refusal(answer) == (status, ecode)
    assert answer.headers.keys() >= RATE_HEADERS


def test_empty_numbers_count_as_absent(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """An empty parameter is no parameter."""
    assert reader.get(f"/team/{calm.team_id}/task?page=&date_updated_gt=").status_code == 200


def test_a_page_far_behind_the_end_is_empty(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """However large the number, the answer is an empty last page."""
    for page in (50, 10**9, 10**18 - 1):
        answer = reader.get(f"/team/{calm.team_id}/task", params={"page": page})
        assert answer.json() == {"tasks": [], "last_page": True}


@pytest.mark.parametrize("body", [b"{", b"[]", b'"text"', b"\xff"])
def test_bodies_are_objects(reader: httpx2.Client, calm: RunningSimulator, body: bytes) -> None:
    """A body that is no JSON object is refused."""
    answer = reader.post(f"/team/{calm.team_id}/webhook", content=body)
    assert refusal(answer) == (400, "INPUT_002")


def test_the_wrong_method_is_no_route(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """What only reads cannot be written to."""
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert refusal(reader.request(method, "/user")) == (404, "APP_001")
