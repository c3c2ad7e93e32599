"""What deliveries tell of changes is what was changed."""

from random import Random
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.clickup.history_item import UNTOLD, HistoryItem, read_history
from app.core.clickup.stamps import from_millis, to_millis
from app.simulator.clock import Clock
from app.simulator.model import Event
from app.simulator.past import Change
from app.simulator.webhooks import EVENTS, Webhook, payload
from app.simulator.world import World
from tests.simulator.conftest import NOON

WEBHOOK = Webhook("w", 1, "https://example.com", EVENTS, "secret")
# They follow from where a task is.
DERIVED = frozenset({"list_name", "folder_id", "folder_name", "space_name"})
MEMBERS = frozenset({"assignee_ids", "tags"})
TOLD = MEMBERS | {
    "created",
    "title",
    "description",
    "status",
    "priority",
    "due_at",
    "start_at",
    "time_estimate_minutes",
    "archived",
}
INSTANTS = frozenset({"due_at", "start_at", "started_at", "ended_at"})


def as_stored(change: Change, value: Any) -> Any:
    """A true value as the mirror stores it."""
    if change.field in INSTANTS:
        return None if value is None else from_millis(value).isoformat()
    if change.field == "points" or change.field.startswith("custom_fields:"):
        return as_text(value)
    return value


def as_text(value: Any) -> str | None:
    match value:
        case None:
            return None
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(value)
        case _:
            return str(value)


def assert_is_true(item: HistoryItem, change: Change) -> None:
    if item.field in MEMBERS:
        before, after = (set(change.before or ()), set(change.after or ()))
        # Each person is an item of its own.
        assert set(item.added or ()) <= after - before and set(item.removed or ()) <= before - after
        return
    for told, true in ((item.before, change.before), (item.after, change.after)):
        if told is not UNTOLD:
            assert told == as_stored(change, true) or is_amount_of(told, true)


def is_amount_of(told: str, true: Any) -> bool:
    """Currencies are written with decimals and code."""
    return isinstance(true, int | float) and float(told.split(maxsplit=1)[0]) == round(true, 2)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_deliveries_tell_true_changes(seed: int) -> None:
    """Each item is a change of that column, at that instant, by that person, with these values."""
    world, random = (
        World.generate(7, clock=Clock(NOON, running=False), tasks=30, people=5, entries=30),
        Random(seed),
    )
    world.remember()
    heard: list[HistoryItem] = []

    def listen(event: Event) -> None:
        heard.extend(read_history(orjson.dumps(payload(world, WEBHOOK, event))))

    world.listeners.append(listen)
    for _ in range(120):
        world.clock.advance(1)
        with world.acting(random.choice(world.members()).id):
            world.mutate(random)
    changes = {(one.object_kind, one.object_id, one.field, one.at): one for one in world.changes()}
    assert heard
    for item in heard:
        if item.field == "updated" or item.field in DERIVED:
            continue
        # A new task has its first status from the beginning.
        true = changes.get((item.object_kind, item.object_id, item.field, to_millis(item.changed_at)))
        if true is None:
            created = changes[item.object_kind, item.object_id, "created", to_millis(item.changed_at)]
            assert item.field in ("status", "status_type") and item.before is None
            assert item.user_id == str(created.user_id)
            continue
        assert item.user_id == str(true.user_id)
        assert_is_true(item, true)


def test_what_is_told_of_tasks_is_complete() -> None:
    """No change of a column of which ClickUp tells is left out, but for a status that a move changed."""
    world, random = World.generate(7, clock=Clock(NOON, running=False), tasks=60), Random(5)
    world.remember()
    heard: set[tuple[str, str, str, int]] = set()

    def listen(event: Event) -> None:
        for item in read_history(orjson.dumps(payload(world, WEBHOOK, event))):
            heard.add((item.object_kind, item.object_id, item.field, to_millis(item.changed_at)))

    world.listeners.append(listen)
    for _ in range(400):
        world.clock.advance(1)
        world.mutate(random)
    made = {(one.object_kind, one.object_id, one.field, one.at) for one in world.changes()}
    expected = {key for key in made if key[0] == "task" and key[2] in TOLD}
    assert {field for _, _, field, _ in expected} == TOLD
    moves = {(task_id, at) for _, task_id, field, at in made if field == "list_id"}
    assert {key for key in expected - heard if key[2] != "status" or (key[1], key[3]) not in moves} == set()
