"""Deliveries of webhooks: signed, tried five times, twice, late, lost."""

import hashlib
import hmac
from collections import Counter

import httpx2
import pytest

from app.simulator.model import Task
from app.simulator.server import RunningSimulator
from tests.simulator.conftest import client
from tests.simulator.receiver import Receiver, wait_for
from tests.simulator.test_webhooks import health, register


def test_the_signature_is_over_the_raw_body(
    http: httpx2.Client, sim: RunningSimulator, receiver: Receiver, task: Task
) -> None:
    """`X-Signature` is the hex HMAC-SHA256 of the very bytes, with the secret of the registration."""
    webhook = register(http, sim, receiver.url, "taskUpdated")
    sim.world.edit_task(task.id, name='Привет "мир" 🚢 <b>')
    wait_for(lambda: len(receiver.got) == 1)
    [delivery] = receiver.got
    expected = hmac.new(webhook["secret"].encode(), delivery.body, hashlib.sha256).hexdigest()
    assert delivery.signature == expected
    assert delivery.content_type == "application/json"
    assert delivery.payload["webhook_id"] == webhook["id"]
    assert "🚢".encode() in delivery.body


def test_only_what_was_asked_for_is_told(
    http: httpx2.Client, sim: RunningSimulator, receiver: Receiver, task: Task
) -> None:
    """A webhook hears of its events only; one change sends several."""
    with Receiver() as everything:
        register(http, sim, receiver.url, "taskPriorityUpdated")
        register(http, sim, everything.url)
        sim.world.edit_task(task.id, name="other")
        sim.world.edit_task(task.id, priority=1)
        wait_for(lambda: len(everything.got) == 3 and len(receiver.got) == 1)
    assert receiver.events() == ["taskPriorityUpdated"]
    assert Counter(everything.events()) == {"taskUpdated": 2, "taskPriorityUpdated": 1}


def test_nobody_tells_of_some_changes(
    http: httpx2.Client, sim: RunningSimulator, receiver: Receiver, task: Task
) -> None:
    """Deleted comments and time entries, and people who come and go, send nothing."""
    world = sim.world
    comment, entry = world.post_comment(task.id), world.add_time(task.id)
    register(http, sim, receiver.url)
    world.delete_comment(comment.id)
    world.delete_time(entry.id)
    world.leave(world.join("Short Visit").id)
    world.edit_task(task.id, name="last")
    wait_for(lambda: receiver.events() == ["taskUpdated"])


@pytest.mark.parametrize("status", [302, 400, 403, 500])
def test_five_tries_and_the_event_is_lost(
    http: httpx2.Client, sim: RunningSimulator, receiver: Receiver, task: Task, status: int
) -> None:
    """Anything but 2xx is tried again with the same bytes, five times, and then never again."""
    receiver.status = status
    register(http, sim, receiver.url, "taskUpdated")
    sim.world.edit_task(task.id, name="lost")
    wait_for(lambda: health(http, sim) == ("failing", 1))
    assert len(receiver.got) == 5
    assert len({one.body for one in receiver.got}) == 1
    receiver.status = 204
    sim.world.edit_task(task.id, name="found")
    wait_for(lambda: health(http, sim) == ("active", 0))
    assert receiver.names() == ["lost"] * 5 + ["found"]


def test_the_fifth_try_may_succeed(
    http: httpx2.Client, sim: RunningSimulator, receiver: Receiver, task: Task
) -> None:
    """Four failures and a success are no lost event."""
    receiver.statuses = [500, 503, 404, 302]
    webhook = register(http, sim, receiver.url, "taskUpdated")
    sim.world.edit_task(task.id, name="late")
    wait_for(lambda: len(receiver.got) == 5 and not receiver.statuses)
    assert sim.webhooks.known[webhook["id"]].fail_count == 0


def test_a_receiver_that_is_not_there(http: httpx2.Client, sim: RunningSimulator, task: Task) -> None:
    """A refused connection is a failure like any other."""
    with Receiver() as gone:
        register(http, sim, gone.url, "taskUpdated")
    sim.world.edit_task(task.id, name="lost")
    wait_for(lambda: health(http, sim) == ("failing", 1))


def test_an_answer_that_takes_too_long_is_none(receiver: Receiver) -> None:
    """Over seven seconds is a failure; here the patience is shorter."""
    sim = RunningSimulator()
    assert sim.webhooks.timeout_s == 7
    sim.webhooks.timeout_s, sim.webhooks.retry_s, receiver.delay_s = 0.05, 0, 0.2
    with sim, client(sim) as http:
        register(http, sim, receiver.url, "taskCreated")
        sim.world.create_task(next(iter(sim.world.lists)))
        wait_for(lambda: health(http, sim) == ("failing", 1))
        assert len(receiver.got) == 5


def test_twice(http: httpx2.Client, sim: RunningSimulator, receiver: Receiver, task: Task) -> None:
    """`duplicates` is the share that comes twice."""
    sim.webhooks.duplicates = 1
    register(http, sim, receiver.url, "taskUpdated")
    for number in range(10):
        sim.world.edit_task(task.id, name=str(number))
    wait_for(lambda: len(receiver.got) == 20)
    assert Counter(receiver.names()) == {str(number): 2 for number in range(10)}


def test_in_no_order(http: httpx2.Client, sim: RunningSimulator, receiver: Receiver, task: Task) -> None:
    """`shuffled` is the share that comes late: what happened later may be told first, and all is told."""
    register(http, sim, receiver.url, "taskUpdated")
    sim.webhooks.shuffled, sim.webhooks.late_s = 1, 1
    sim.world.edit_task(task.id, name="first")
    on_the_way(sim)
    sim.webhooks.shuffled = 0
    sim.world.edit_task(task.id, name="second")
    wait_for(lambda: receiver.names() == ["second", "first"])


def on_the_way(sim: RunningSimulator) -> None:
    """Returns when a delivery was sent off and waits to be late."""
    wait_for(lambda: bool(sim.webhooks._on_the_way))
    httpx2.get(sim.base_url, verify=False)  # the loop went round since


def test_never(http: httpx2.Client, sim: RunningSimulator, receiver: Receiver, task: Task) -> None:
    """`lost` is the share that never leaves, and nobody counts it as a failure."""
    sim.webhooks.lost = 1
    register(http, sim, receiver.url, "taskUpdated")
    sim.world.edit_task(task.id, name="lost")
    sim.webhooks.lost = 0
    sim.world.edit_task(task.id, name="heard")
    wait_for(lambda: receiver.names() == ["heard"])
    assert health(http, sim) == ("active", 0)


def test_what_stands_in_between_changes_what_arrives(
    http: httpx2.Client, sim: RunningSimulator, receiver: Receiver, task: Task
) -> None:
    """Another name of the event is signed as it is sent; a body that is changed on the way is not."""
    webhook = register(http, sim, receiver.url, "taskUpdated")
    sim.webhooks.names = {"taskUpdated": "taskTagsUpdated"}
    sim.webhooks.rewrite = lambda body: body + b" "
    sim.world.edit_task(task.id, name="rewritten")
    wait_for(lambda: receiver.events() == ["taskTagsUpdated"])
    [delivery] = receiver.got
    signed = hmac.new(webhook["secret"].encode(), delivery.body.removesuffix(b" "), hashlib.sha256)
    assert delivery.signature == signed.hexdigest()


def test_the_header_may_be_dropped(
    http: httpx2.Client, sim: RunningSimulator, receiver: Receiver, task: Task
) -> None:
    """The body is whole, and nobody can tell who signed it."""
    register(http, sim, receiver.url, "taskUpdated")
    sim.webhooks.drops_signature = True
    sim.world.edit_task(task.id, name="unsigned")
    wait_for(lambda: len(receiver.got) == 1)
    assert receiver.got[0].signature is None


def test_nothing_arrives_where_nobody_can_be_reached(
    http: httpx2.Client, sim: RunningSimulator, receiver: Receiver, task: Task
) -> None:
    """Each event is lost after its tries, and ClickUp counts it."""
    register(http, sim, receiver.url, "taskUpdated")
    sim.webhooks.is_unreachable = True
    sim.world.edit_task(task.id, name="lost")
    wait_for(lambda: health(http, sim) == ("failing", 1))
    assert receiver.got == []
