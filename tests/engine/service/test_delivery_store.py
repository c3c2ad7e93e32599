"""Deliveries that come together share a commit, and none is answered before it is stored."""

import asyncio

import pytest

from app.context import open_context
from app.core.errors import DatabaseDown, DataRejected
from app.jobs.delivery_store import DeliveryRow, DeliveryStore
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
