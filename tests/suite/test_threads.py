"""A test may block its thread: that stops neither the product nor, for ever, the test."""

import asyncio
from urllib.request import urlopen

import pytest

from tests.database import connect
from tests.engine.conftest import busy_template, make_mirror, mirror
from tests.engine.mirror import Mirror
from tests.engine.service.running import serving, serving_here

__all__ = ["busy_template", "make_mirror", "mirror"]


async def test_a_service_answers_while_the_test_blocks(mirror: Mirror) -> None:
    """It has another thread. On this one nobody would answer until the time of the request was over."""
    async with serving(mirror) as running:
        with urlopen(f"{running.url}/healthz", timeout=60) as answer:  # noqa: ASYNC210
            assert answer.status == 200


async def test_a_sync_goes_on_while_the_test_blocks(mirror: Mirror) -> None:
    """A lock that the sync needs is taken and given back by a test that blocks all the time."""
    sync = asyncio.create_task(mirror.sync("full"))
    await asyncio.sleep(0)
    while not mirror.rows("SELECT 1 FROM runs WHERE kind = 'full' AND status = 'running'"):
        pass
    with mirror.locked("runs"):
        pass
    await sync
    assert mirror.last_run()["status"] == "succeeded"


async def test_the_thread_of_the_product_is_not_blocked(mirror: Mirror) -> None:
    """A connection that would do so is refused; in another thread it is made."""
    async with serving_here(mirror):
        with pytest.raises(AssertionError, match="in another one"):
            mirror.rows("SELECT 1")
        assert await asyncio.to_thread(mirror.value, "SELECT 1") == 1


def test_no_lock_is_waited_for_without_end(mirror: Mirror) -> None:
    """Also where the address has options of its own."""
    options = "options=-c%20default_transaction_read_only%3Don"
    with connect(f"{mirror.database_url}&{options}") as connection:
        shown = [
            connection.execute(f"SHOW {name}".encode()).fetchone()
            for name in ("lock_timeout", "default_transaction_read_only")
        ]
    assert shown == [("1min",), ("on",)]
