"""The budget is obeyed from the headers: refusals stay rare, whoever else spends it."""

import asyncio
from typing import Any

import pytest

from tests.engine.conftest import MakeMirror, small_world
from tests.engine.mirror import Mirror
from tests.engine.service.running import until


def limited(make_mirror: MakeMirror, limit: int, **overrides: Any) -> Mirror:
    """So many requests in two seconds."""
    world = small_world(5, tasks=25, lists=4, comments=0, entries=6)
    return make_mirror(world, served={"rate_limit": limit, "rate_window_s": 2}, **overrides)


@pytest.mark.slow
async def test_a_small_budget_is_never_overdrawn(make_mirror: MakeMirror) -> None:
    """Everything arrives, in several windows, almost without a 429."""
    mirror = limited(make_mirror, 25)
    async with asyncio.timeout(300):
        await mirror.sync("changes")
    assert mirror.differences() == []
    assert mirror.sim.requests.refused <= 2


@pytest.mark.slow
async def test_others_who_spend_the_same_token_are_seen(make_mirror: MakeMirror) -> None:
    """Each request costs three: the headers are believed over the own count."""
    mirror = limited(make_mirror, 75)
    mirror.sim.desk.foreign_cost = 2
    async with asyncio.timeout(300):
        await mirror.sync("changes")
    assert mirror.differences() == []
    assert mirror.sim.requests.refused <= 12


async def test_a_share_of_the_budget_stays_free(make_mirror: MakeMirror) -> None:
    """RATE_LIMIT_FREE_PERCENT of it is left to others in the first window."""
    served = {"rate_limit": 40, "rate_window_s": 3_600}
    mirror = make_mirror(small_world(5, tasks=25, comments=0), served=served, rate_limit_free_percent=50)
    sync = asyncio.create_task(mirror.sync("changes"))
    await until(lambda: mirror.sim.requests.total >= 15)
    await asyncio.sleep(2)  # and goes no further
    assert not sync.done()
    spent = mirror.sim.requests.total
    sync.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sync
    assert 15 <= spent <= 21
    assert mirror.sim.requests.refused == 0
    assert mirror.last_run()["status"] == "interrupted"


async def test_refusals_out_of_the_blue_are_waited_for(mirror: Mirror) -> None:
    """429 though the headers promised more: wait as long as it says, ask again."""
    mirror.faults.add("rate_limit", times=3, after=4, amount=1)
    await mirror.sync("full")
    assert mirror.differences() == []
    assert mirror.sim.requests.refused == 3


async def test_refusals_without_end_are_an_error(mirror: Mirror) -> None:
    """It gives up after REQUEST_ATTEMPTS and says why."""
    mirror.faults.add("rate_limit", times=None)
    with pytest.raises(Exception, match="rate limit"):
        await mirror.sync("full", request_attempts=2)
    assert "rate limit" in mirror.last_run()["error"]
