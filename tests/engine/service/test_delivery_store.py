"""Deliveries that come together share a commit, and none is answered before it is stored."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from app.context import open_context
from app.core.clickup.history_item import HistoryItem
from app.core.errors import DatabaseDown, DataRejected
from app.jobs.delivery_store import DeliveryRow, DeliveryStore, history_row
from tests.engine.conftest import busy_template, make_mirror, mirror
from tests.engine.mirror import Mirror
from tests.threads import in_own_thread

__all__ = ["busy_template", "make_mirror", "mirror"]


def delivery(number: int, kind: str = "task") -> list[DeliveryRow]:
    return [DeliveryRow("9000007", "hook", "taskUpdated", kind, f"task {number}")]


async def test_deliveries_that_come_together_share_a_commit(mirror: Mirror) -> None:
    """A hundred at once need few transactions, and stay in the order in which they came."""
    await mirror.sync("incremental")
    async with open_context(mirror.settings()) as context:
        store = DeliveryStore(context.database)
        await asyncio.gather(*(store.store(delivery(number)) for number in range(100)))
        await store.store(delivery(100))
    rows = mirror.rows("SELECT subject_id, xmin::text AS transaction FROM deliveries ORDER BY delivery_id")
    assert [row["subject_id"] for row in rows] == [f"task {number}" for number in range(101)]
    assert len({row["transaction"] for row in rows}) <= 4


async def test_one_that_cannot_be_stored_keeps_no_other_one_out(mirror: Mirror) -> None:
    """Who sent it hears so; the others are stored."""
    await mirror.sync("incremental")
    async with open_context(mirror.settings()) as context:
        store = DeliveryStore(context.database)
        works = [store.store(delivery(number, "nothing" if number == 3 else "task")) for number in range(6)]
        outcomes = await asyncio.gather(*works, return_exceptions=True)
    assert [isinstance(outcome, DataRejected) for outcome in outcomes] == [number == 3 for number in range(6)]
    assert mirror.value("SELECT count(*) FROM deliveries") == 5


async def test_who_waits_no_longer_keeps_no_other_one_waiting(mirror: Mirror) -> None:
    """A sender that closed its connection meanwhile: its delivery may be stored, and the next one is."""
    await mirror.sync("incremental")
    async with open_context(mirror.settings()) as context:
        store = DeliveryStore(context.database)
        gone = asyncio.create_task(store.store(delivery(0)))
        await asyncio.sleep(0)
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        await store.store(delivery(1))
    assert mirror.value("SELECT count(*) FROM deliveries WHERE subject_id = 'task 1'") == 1


async def test_one_that_cannot_be_written_down_keeps_no_other_one_out(mirror: Mirror) -> None:
    """Also where what it has in it is no matter of the database: half of a surrogate pair is no JSON."""
    await mirror.sync("incremental")
    odd = [DeliveryRow("9000007", "hook", "taskUpdated", "task", "\ud800")]
    async with open_context(mirror.settings()) as context:
        store = DeliveryStore(context.database)
        works = [store.store(odd if number == 3 else delivery(number)) for number in range(6)]
        outcomes = await asyncio.gather(*works, return_exceptions=True)
    assert [isinstance(outcome, Exception) for outcome in outcomes] == [number == 3 for number in range(6)]
    assert mirror.value("SELECT count(*) FROM deliveries") == 5


async def test_a_cancelled_write_leaves_no_sender_waiting(mirror: Mirror) -> None:
    """All hear at once that nothing was stored; what comes later is."""
    await mirror.sync("incremental")

    async def cancel() -> list[object]:
        async with open_context(mirror.settings()) as context:
            store = DeliveryStore(context.database)
            works = [asyncio.create_task(store.store(delivery(number))) for number in range(2)]
            await asyncio.sleep(0.2)
            works += [asyncio.create_task(store.store(delivery(number))) for number in range(2, 4)]
            await asyncio.sleep(0.2)
            assert store._storing
            store._storing.cancel()
            async with asyncio.timeout(10):
                return await asyncio.gather(*works, return_exceptions=True)

    with mirror.locked("deliveries"):
        outcomes = await in_own_thread(cancel())
    assert [type(outcome) for outcome in outcomes] == [DatabaseDown] * 4
    async with open_context(mirror.settings()) as context:
        await DeliveryStore(context.database).store(delivery(9))
    assert mirror.value("SELECT count(*) FROM deliveries") == 1


MOVED = HistoryItem(
    "task",
    "t1",
    "due_at",
    datetime(2026, 3, 1, 9, tzinfo=UTC),
    "183",
    "John",
    before=None,
    after="2026-03-05T00:00:00",
)
TAGGED = HistoryItem("task", "t1", "tags", MOVED.changed_at, None, None, added=("a",), removed=())


def item(change: HistoryItem, **columns: Any) -> dict[str, Any]:
    return history_row("9000007", change) | columns


async def test_what_deliveries_tell_of_changes_shares_their_commit(mirror: Mirror) -> None:
    """Each change once, however many deliveries tell it; a value that is not told is not an empty one."""
    await mirror.sync("incremental")
    async with open_context(mirror.settings()) as context:
        store = DeliveryStore(context.database)
        works = [store.store(delivery(number), [item(MOVED), item(TAGGED)]) for number in range(20)]
        await asyncio.gather(*works)
        await store.store(delivery(20), [item(TAGGED)])
    rows = mirror.rows("SELECT *, xmin::text AS transaction FROM history_items ORDER BY field")
    assert [(row["field"], row["before"], row["after"], row["added"], row["removed"]) for row in rows] == [
        ("due_at", None, "2026-03-05T00:00:00", None, None),
        ("tags", None, None, ["a"], []),
    ]
    assert [(row["tells_before"], row["tells_after"]) for row in rows] == [(True, True), (False, False)]
    assert [(row["user_id"], row["user_name"]) for row in rows] == [("183", "John"), (None, None)]
    assert {row["changed_at"] for row in rows} == {MOVED.changed_at}
    first = mirror.value("SELECT xmin::text FROM deliveries WHERE subject_id = 'task 0'")
    assert {row["transaction"] for row in rows} == {first}


async def test_what_cannot_be_stored_of_changes_keeps_no_delivery_out(mirror: Mirror) -> None:
    """That delivery is stored without it, and the others with theirs."""
    await mirror.sync("incremental")
    async with open_context(mirror.settings()) as context:
        store = DeliveryStore(context.database)
        changes = [item(replace(MOVED, object_id=f"t{number}")) for number in range(6)]
        changes[3]["object_kind"] = "nothing"
        await asyncio.gather(*(store.store(delivery(number), [changes[number]]) for number in range(6)))
    assert mirror.value("SELECT count(*) FROM deliveries") == 6
    assert mirror.value("SELECT count(*) FROM history_items") == 5


async def test_processes_that_hear_of_the_same_changes_do_not_wait_for_each_other_forever(
    mirror: Mirror,
) -> None:
    """Whatever the order in which each of them hears of them."""
    await mirror.sync("incremental")
    changes = [item(replace(MOVED, object_id=f"t{number}")) for number in range(200)]
    async with open_context(mirror.settings()) as one, open_context(mirror.settings()) as other:
        for turn in range(10):
            fresh = [change | {"item_key": f"{turn} {change['item_key']}"} for change in changes]
            await asyncio.gather(
                DeliveryStore(one.database).store(delivery(0), fresh),
                DeliveryStore(other.database).store(delivery(1), fresh[::-1]),
            )
    assert mirror.value("SELECT count(*) FROM history_items") == 2_000
