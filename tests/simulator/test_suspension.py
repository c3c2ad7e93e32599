"""When ClickUp gives up on a webhook."""

import httpx2
import pytest

from app.simulator.model import Task
from app.simulator.server import RunningSimulator
from tests.simulator.conftest import client
from tests.simulator.receiver import Receiver, wait_for
from tests.simulator.test_webhooks import health, register


def test_suspended_after_100_lost_events(
    http: httpx2.Client, sim: RunningSimulator, receiver: Receiver, task: Task
) -> None:
    """In silence; nothing more is sent until the webhook is revived."""
    receiver.status = 500
    webhook = register(http, sim, receiver.url, "taskUpdated")
    for number in range(99):
        sim.world.edit_task(task.id, name=str(number))
    wait_for(lambda: health(http, sim) == ("failing", 99))
    sim.world.edit_task(task.id, name="the hundredth")
    wait_for(lambda: health(http, sim) == ("suspended", 100))
    receiver.status = 200
    sim.world.edit_task(task.id, name="unheard")
    revived = http.put(f"/webhook/{webhook['id']}", json={"status": "active"}).json()["webhook"]
    assert revived["health"] == {"status": "active", "fail_count": 0}
    sim.world.edit_task(task.id, name="heard")
    wait_for(lambda: receiver.names()[-1] == "heard")
    assert len(receiver.got) == 501
    assert "unheard" not in receiver.names()


@pytest.mark.parametrize("status", [401, 410])
def test_some_answers_suspend_at_once(
    http: httpx2.Client, sim: RunningSimulator, receiver: Receiver, task: Task, status: int
) -> None:
    """One 401 or 410 is enough, without a second try."""
    receiver.status = status
    webhook = register(http, sim, receiver.url, "taskUpdated")
    sim.world.edit_task(task.id, name="refused")
    wait_for(lambda: health(http, sim)[0] == "suspended")
    receiver.status = 200
    sim.world.edit_task(task.id, name="unheard")
    http.put(f"/webhook/{webhook['id']}", json={"status": "active"})
    sim.world.edit_task(task.id, name="heard")
    wait_for(lambda: receiver.names() == ["refused", "heard"])


def test_changes_of_address_do_not_revive(
    http: httpx2.Client, sim: RunningSimulator, receiver: Receiver
) -> None:
    """Only `status: active` does."""
    webhook = register(http, sim, receiver.url)
    sim.webhooks.known[webhook["id"]].suspend()
    http.put(f"/webhook/{webhook['id']}", json={"endpoint": receiver.url, "events": ["*"]})
    assert health(http, sim)[0] == "suspended"


def test_deleted_webhooks_hear_nothing(
    http: httpx2.Client, sim: RunningSimulator, receiver: Receiver, task: Task
) -> None:
    """The other one still does."""
    with Receiver() as other:
        deleted = register(http, sim, receiver.url)
        register(http, sim, other.url)
        http.delete(f"/webhook/{deleted['id']}")
        sim.world.edit_task(task.id, name="heard")
        wait_for(lambda: len(other.got) == 1)
    assert receiver.got == []


def test_a_webhook_dies_with_its_user(
    http: httpx2.Client, sim: RunningSimulator, receiver: Receiver, task: Task
) -> None:
    """When its maker leaves, the webhook says nothing any more; others' live on."""
    leaver = sim.world.members()[1].id
    with client(sim, sim.world.token_for(leaver)) as theirs, Receiver() as other:
        register(theirs, sim, receiver.url, "taskUpdated")
        register(http, sim, other.url, "taskUpdated")
        sim.world.edit_task(task.id, name="both")
        wait_for(lambda: len(receiver.got) == len(other.got) == 1)
        sim.world.leave(leaver)
        sim.world.edit_task(task.id, name="one")
        wait_for(lambda: other.names() == ["both", "one"])
    assert receiver.names() == ["both"]
