"""Webhooks: registering, listing, changing and deleting them."""

from typing import Any

import httpx2
import pytest

from app.simulator.server import RunningSimulator
from app.simulator.webhooks import EVENTS, Webhook
from tests.simulator.conftest import client, small_world
from tests.simulator.reading import refusal

ENDPOINT = "https://example.com/hook?x=1"


def register(
    http: httpx2.Client, sim: RunningSimulator, endpoint: str = ENDPOINT, *events: str
) -> dict[str, Any]:
    wish = {"endpoint": endpoint, "events": list(events) or ["*"]}
    answer = http.post(f"/team/{sim.team_id}/webhook", json=wish).raise_for_status().json()
    assert answer["id"] == answer["webhook"]["id"]
    return dict(answer["webhook"])


def listed(http: httpx2.Client, sim: RunningSimulator) -> list[dict[str, Any]]:
    return list(http.get(f"/team/{sim.team_id}/webhook").raise_for_status().json()["webhooks"])


def health(http: httpx2.Client, sim: RunningSimulator) -> tuple[str, int]:
    shown = listed(http, sim)[0]["health"]
    return shown["status"], shown["fail_count"]


def test_registering(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """The answer names the webhook, its health and its secret; ids of user and workspace are numbers."""
    webhook = register(reader, calm, ENDPOINT, "taskCreated", "taskUpdated")
    assert webhook["health"] == {"status": "active", "fail_count": 0}
    assert (webhook["userid"], webhook["team_id"]) == (calm.world.owner().id, int(calm.team_id))
    assert webhook["endpoint"] == ENDPOINT
    assert webhook["events"] == ["taskCreated", "taskUpdated"]
    assert len(webhook["secret"]) == 64
    assert listed(reader, calm) == [webhook]


def test_two_webhooks_share_nothing(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """Each has its own id and secret, even at the same address."""
    one, other = register(reader, calm), register(reader, calm)
    assert one["id"] != other["id"]
    assert one["secret"] != other["secret"]


@pytest.mark.parametrize("events", ["*", ["*"], ["taskCreated", "*"]])
def test_a_star_is_everything(reader: httpx2.Client, calm: RunningSimulator, events: Any) -> None:
    """`*` stands for all events there are."""
    wish = {"endpoint": ENDPOINT, "events": events}
    answer = reader.post(f"/team/{calm.team_id}/webhook", json=wish).json()
    assert answer["webhook"]["events"] == sorted(EVENTS)
    assert {"taskCreated", "taskTimeTrackedUpdated", "listDeleted", "goalUpdated"} < EVENTS


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"endpoint": ENDPOINT},
        {"endpoint": ENDPOINT, "events": []},
        {"endpoint": ENDPOINT, "events": ["taskExploded"]},
        {"endpoint": ENDPOINT, "events": [5]},
        {"endpoint": ENDPOINT, "events": {"a": 1}},
        {"endpoint": "example.com/hook", "events": ["*"]},
        {"endpoint": "ftp://example.com", "events": ["*"]},
        {"endpoint": "http://[", "events": ["*"]},
        {"endpoint": 5, "events": ["*"]},
    ],
)
def test_bad_wishes_are_refused(reader: httpx2.Client, calm: RunningSimulator, wish: dict[str, Any]) -> None:
    """400, nothing is registered, and a webhook that is there keeps what it has."""
    webhook = register(reader, calm)
    assert refusal(reader.post(f"/team/{calm.team_id}/webhook", json=wish)) == (400, "INPUT_002")
    if wish.keys() == {"endpoint", "events"}:
        assert refusal(reader.put(f"/webhook/{webhook['id']}", json=wish)) == (400, "INPUT_002")
    assert listed(reader, calm) == [webhook]


def test_changing(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """Address and events change one by one or together; id and secret stay."""
    webhook = register(reader, calm)
    path = f"/webhook/{webhook['id']}"
    moved = reader.put(path, json={"endpoint": "http://localhost/other"}).json()["webhook"]
    assert moved == webhook | {"endpoint": "http://localhost/other"}
    fewer = reader.put(path, json={"events": ["taskMoved"]}).json()["webhook"]
    assert fewer == moved | {"events": ["taskMoved"]}
    assert listed(reader, calm) == [fewer]


def test_a_webhook_is_its_users_own(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """Others neither see it nor can change or delete it."""
    webhook = register(reader, calm)
    with client(calm, calm.world.token_for(calm.world.members()[1].id)) as other:
        theirs = register(other, calm, "https://example.com/theirs")
        assert listed(other, calm) == [theirs]
        path = f"/webhook/{webhook['id']}"
        assert refusal(other.put(path, json={"status": "active"})) == (404, "WEBHOOK_004")
        assert refusal(other.delete(path)) == (404, "WEBHOOK_004")
    assert listed(reader, calm) == [webhook]


def test_an_address_of_another_users_webhook_is_refused(
    reader: httpx2.Client, calm: RunningSimulator
) -> None:
    """OAUTH_171, though it is not in the list of who asks; once it is deleted, the address is free."""
    with client(calm, calm.world.token_for(calm.world.members()[1].id)) as other:
        theirs = register(other, calm)
        wish = {"endpoint": ENDPOINT, "events": ["*"]}
        assert refusal(reader.post(f"/team/{calm.team_id}/webhook", json=wish)) == (400, "OAUTH_171")
        assert listed(reader, calm) == []
        other.delete(f"/webhook/{theirs['id']}").raise_for_status()
    assert register(reader, calm)["endpoint"] == ENDPOINT


def test_deleting(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """Deleted it is gone; a second time it is a 404."""
    path = f"/webhook/{register(reader, calm)['id']}"
    assert reader.delete(path).json() == {}
    assert listed(reader, calm) == []
    assert refusal(reader.delete(path)) == (404, "WEBHOOK_004")
    assert refusal(reader.put(path, json={})) == (404, "WEBHOOK_004")


def test_registering_does_not_change_what_the_world_becomes(
    http: httpx2.Client, sim: RunningSimulator
) -> None:
    """The world's next ids are the same with and without webhooks."""
    register(http, sim)
    untouched = small_world()
    made = [one.create_task(next(iter(one.lists))).id for one in (sim.world, untouched)]
    assert made[0] == made[1]
    assert sim.world.truth() == untouched.truth()


def test_a_late_failure_wakes_no_suspended_webhook() -> None:
    """What was still on its way when it was suspended changes nothing, whether it arrives or not."""
    webhook = Webhook("id", 1, ENDPOINT, EVENTS, "secret")
    webhook.suspend()
    webhook.failed()
    assert webhook.status == "suspended"
    webhook.succeeded()
    assert webhook.status == "suspended"
    webhook.revive()
    assert (webhook.status, webhook.fail_count) == ("active", 0)
