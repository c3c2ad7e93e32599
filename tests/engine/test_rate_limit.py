"""The budget is obeyed from the headers: refusals stay rare, whoever else spends it."""

import asyncio
from typing import Any

import pytest

from app.clickup import ClickUp
from app.core.clickup import wire
from app.core.errors import RateLimited
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
        await mirror.sync("incremental")
    assert mirror.differences() == []
    assert mirror.sim.requests.refused <= 2


@pytest.mark.slow
async def test_others_who_spend_the_same_token_are_seen(make_mirror: MakeMirror) -> None:
    """Each request costs three: the headers are believed over the own count."""
    mirror = limited(make_mirror, 75)
    mirror.sim.desk.foreign_cost = 2
    async with asyncio.timeout(300):
        await mirror.sync("incremental")
    assert mirror.differences() == []
    assert mirror.sim.requests.refused <= 12


def _other_status(mirror: Mirror, task_id: str) -> str:
    task = mirror.world.tasks[task_id]
    statuses = mirror.world.spaces[task.space_id].statuses
    return next(status.name for status in statuses if status.name != task.status.name)


async def test_a_share_of_the_budget_stays_free(make_mirror: MakeMirror) -> None:
    """RATE_LIMIT_FREE_PERCENT of it is left to others in the first window."""
    served = {"rate_limit": 40, "rate_window_s": 3_600}
    mirror = make_mirror(small_world(5, tasks=25, comments=0), served=served, rate_limit_free_percent=50)
    sync = asyncio.create_task(mirror.sync("incremental"))
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


async def test_no_permit_waits_for_a_connection(make_mirror: MakeMirror) -> None:
    """What is counted as under way is: a permit that waits is lost to other processes of the token."""
    mirror = make_mirror(small_world(5, tasks=3), served={"latency_ms": 200}, max_concurrent_requests=2)
    async with ClickUp.open(mirror.settings()) as clickup:
        await clickup.fetch(wire.user())
        works = [asyncio.create_task(clickup.fetch(wire.user())) for _ in range(8)]
        seen = set[int]()
        while not all(work.done() for work in works):
            seen.add(clickup.throttle.under_way)
            await asyncio.sleep(0.01)
        await asyncio.gather(*works)
    assert max(seen) == 2


async def test_refusals_out_of_the_blue_are_waited_for(mirror: Mirror) -> None:
    """429 though the headers promised more: wait as long as it says, ask again."""
    mirror.faults.add("rate_limit", times=3, after=4, amount=1)
    await mirror.sync("full")
    assert mirror.differences() == []
    assert mirror.sim.requests.refused == 3


async def test_a_storm_of_refusals_is_waited_out(mirror: Mirror) -> None:
    """Each request is refused more often in a row than REQUEST_ATTEMPTS: a 429 is no attempt."""
    mirror.faults.add("rate_limit", "/team/*/task", times=8)
    mirror.faults.add("rate_limit", "/user", times=3)
    mirror.world.edit_task(next(iter(mirror.world.truth()["tasks"])), name="during the storm")
    await mirror.sync("full", request_attempts=1)
    assert mirror.differences() == []
    assert mirror.sim.requests.refused == 11


async def test_refusals_without_end_are_an_error(mirror: Mirror) -> None:
    """It gives up after RATE_LIMIT_PATIENCE_SECONDS and says why."""
    mirror.faults.add("rate_limit", times=None)
    with pytest.raises(RateLimited, match="rate limit"):
        await mirror.sync("full", rate_limit_patience_seconds=1)
    assert "rate limit" in mirror.last_run()["error"]


async def test_a_wait_longer_than_anybody_is_patient_is_not_begun(mirror: Mirror) -> None:
    """ClickUp says beforehand that it takes an hour: the run ends at once, and says so."""
    mirror.faults.add("rate_limit", times=None, amount=3_600)
    with pytest.raises(RateLimited, match="3600 s"):
        await mirror.sync("incremental")
    assert mirror.sim.requests.total <= 4


@pytest.mark.parametrize("path", ["/team/*/plan", "/team/*/custom_item", "/task/bulk_time_in_status/*"])
async def test_what_is_only_nice_to_know_fails_no_run(mirror: Mirror, path: str) -> None:
    """The plan's name, task types, times in status: a server that answers 500 to them costs nothing else."""
    for task in mirror.world.truth()["tasks"]:
        mirror.world.edit_task(task, status=_other_status(mirror, task))
    mirror.faults.add("error", path, times=None)
    await mirror.sync("deep", request_attempts=2)
    assert mirror.last_run()["status"] == "succeeded"
    assert [line for line in mirror.differences() if "last_status_change" not in line] == []
