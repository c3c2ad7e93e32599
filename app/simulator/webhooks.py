"""Webhooks of the simulated ClickUp: who is told, how it is signed, and when ClickUp gives up.

Source for health, tries and suspension: ClickUp docs; that 401 and 410 suspend at once was observed.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

import httpx2
import orjson

from app.simulator import wire
from app.simulator.ids import Ids
from app.simulator.model import Event
from app.simulator.request import Json
from app.simulator.world import World

TRIES = 5
FAILURES_UNTIL_SUSPENDED = 100
EVENTS = frozenset(
    f"{subject}{verb}"
    for subject, verbs in {
        "task": (
            "Created Updated Deleted PriorityUpdated StatusUpdated AssigneeUpdated DueDateUpdated TagUpdated "
            "Moved CommentPosted CommentUpdated TimeEstimateUpdated TimeTrackedUpdated"
        ),
        "list": "Created Updated Deleted",
        "folder": "Created Updated Deleted",
        "space": "Created Updated Deleted",
        "goal": "Created Updated Deleted",
        "keyResult": "Created Updated Deleted",
    }.items()
    for verb in verbs.split()
)


@dataclass(slots=True)
class Webhook:
    """`status` is active, failing or suspended; `fail_count` counts events lost in a row."""

    id: str
    user_id: int
    endpoint: str
    events: frozenset[str]
    secret: str
    status: str = "active"
    fail_count: int = 0

    def wants(self, event: Event) -> bool:
        """Whether it is told of such an event."""
        return self.status != "suspended" and event.name in self.events

    def sign(self, body: bytes) -> str:
        """The value of X-Signature."""
        return hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()

    def succeeded(self) -> None:
        """An event arrived."""
        if self.status != "suspended":
            self.status, self.fail_count = "active", 0

    def failed(self) -> None:
        """An event was lost, after all tries."""
        self.fail_count += 1
        if self.status != "suspended":
            self.status = "suspended" if self.fail_count >= FAILURES_UNTIL_SUSPENDED else "failing"

    def suspend(self) -> None:
        """Nothing is sent until it is revived."""
        self.status = "suspended"

    def revive(self) -> None:
        """Active again, with nothing held against it."""
        self.status, self.fail_count = "active", 0


@dataclass(slots=True)
class Webhooks:
    """The registered webhooks and the deliveries on their way.

    Deliveries come at least once and in no order: `duplicates` and `shuffled` are the shares of them
    that come twice or late by up to `late_s`; `lost` the share that never leaves. `retry_s` passes
    between tries; an answer that takes over `timeout_s` is none.

    `number`: that of the workspace (see `Ids`).

    `names` are sent instead of the documented ones (observed: `taskTagsUpdated`). What stands between
    ClickUp and the receiver: `rewrite` changes the signed body, `drops_signature` the header, and with
    `is_unreachable` no try arrives.
    """

    world: World
    timeout_s: float = 7.0
    retry_s: float = 0.05
    duplicates: float = 0.0
    shuffled: float = 0.0
    late_s: float = 0.2
    lost: float = 0.0
    names: dict[str, str] = field(default_factory=dict)
    rewrite: Callable[[bytes], bytes] = bytes
    drops_signature: bool = False
    is_unreachable: bool = False
    random: Random = field(default_factory=lambda: Random("deliveries"))
    known: dict[str, Webhook] = field(default_factory=dict)
    number: int = 0
    _ids: Ids = field(init=False)
    _loop: asyncio.AbstractEventLoop | None = None
    _queue: asyncio.Queue[tuple[Event, list[Webhook]]] | None = None
    _on_the_way: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        # Ids of its own: registering a webhook must not change what the world grows into.
        self._ids = Ids(0, self.number)

    def register(self, user_id: int, endpoint: str, events: frozenset[str]) -> Webhook:
        """A new webhook of that user."""
        webhook = Webhook(self._ids.uuid(), user_id, endpoint, events, self._ids.secret())
        self.known[webhook.id] = webhook
        return webhook

    async def run(self) -> None:
        """Delivers until cancelled."""
        self._loop, self._queue = asyncio.get_running_loop(), asyncio.Queue()
        self.world.listeners.append(self._heard)
        try:
            # Of many workspaces few have a webhook, and a client takes a while to make.
            first = await self._queue.get()
            async with httpx2.AsyncClient(timeout=self.timeout_s) as client:
                self._send_to_all(client, *first)
                while True:
                    self._send_to_all(client, *await self._queue.get())
        finally:
            self.world.listeners.remove(self._heard)
            for delivery in tuple(self._on_the_way):
                delivery.cancel()

    def _heard(self, event: Event) -> None:
        """Called from whatever thread changes the world. Who is told, and what is lost, is decided now:
        one that is revived a moment later was not awake.
        """
        if self._loop is not None and self._queue is not None and not self._loop.is_closed():
            told = [
                webhook
                for webhook in tuple(self.known.values())
                if self._reaches(webhook, event) and self.random.random() >= self.lost
            ]
            if told:
                self._loop.call_soon_threadsafe(self._queue.put_nowait, (event, told))

    def _send_to_all(self, client: httpx2.AsyncClient, event: Event, told: list[Webhook]) -> None:
        for webhook in told:
            if webhook.id in self.known:
                for _ in range(2 if self.random.random() < self.duplicates else 1):
                    self._send_off(client, webhook, event)

    def _reaches(self, webhook: Webhook, event: Event) -> bool:
        """A webhook dies with the person who made it (observed)."""
        return webhook.wants(event) and not self.world.people[webhook.user_id].left

    def _send_off(self, client: httpx2.AsyncClient, webhook: Webhook, event: Event) -> None:
        delivery = asyncio.create_task(self._deliver(client, webhook, event))
        self._on_the_way.add(delivery)
        delivery.add_done_callback(self._on_the_way.discard)

    async def _deliver(self, client: httpx2.AsyncClient, webhook: Webhook, event: Event) -> None:
        if self.random.random() < self.shuffled:
            await asyncio.sleep(self.random.random() * self.late_s)
        with self.world.lock:
            told = payload(self.world, webhook, event)
        body = orjson.dumps(told | {"event": self.names.get(event.name, event.name)})
        for _ in range(TRIES):
            status = await self._post(client, webhook, body)
            if 200 <= status < 300:
                return webhook.succeeded()
            if status in (401, 410):
                return webhook.suspend()
            await asyncio.sleep(self.retry_s)
        webhook.failed()

    async def _post(self, client: httpx2.AsyncClient, webhook: Webhook, body: bytes) -> int:
        """The status of the answer, 0 when there was none in time."""
        if self.is_unreachable:
            return 0
        headers = {"Content-Type": "application/json"}
        if not self.drops_signature:
            headers["X-Signature"] = webhook.sign(body)
        try:
            answer = await client.post(webhook.endpoint, content=self.rewrite(body), headers=headers)
        except (httpx2.HTTPError, httpx2.InvalidURL):
            return 0
        return answer.status_code


def payload(world: World, webhook: Webhook, event: Event) -> Json:
    """Most of what is created or deleted, and folders and spaces, come with their id only (source:
    ClickUp docs).
    """
    key, subject = event.subject
    answer: Json = {"event": event.name}
    if event.items:
        answer["history_items"] = [_item(world, event, number) for number in range(len(event.items))]
    return answer | {key: subject} | event.extra | {"webhook_id": webhook.id}


def _item(world: World, event: Event, number: int) -> Json:
    item, task = event.items[number], world.tasks.get(event.subject[1])
    return {
        "id": f"28{event.date}{(world.version + number) % 10_000:04d}",
        "type": 6 if event.subject[0] == "list_id" else 1,
        "date": str(event.date),
        "field": item.what,
        "parent_id": task.list_id if task else event.subject[1],
        "data": item.data,
        "source": None,
        "user": wire.person(world.people[event.user_id]),
        "before": item.before,
        "after": item.after,
    } | item.more
