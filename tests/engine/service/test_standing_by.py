"""Of several services on one database one works, and another goes on when it ends."""

import asyncio
import signal
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import pytest

from tests.engine.conftest import MakeMirror, small_world
from tests.engine.mirror import Mirror
from tests.engine.service.running import runs, serving, start_process, until


async def test_a_stand_by_spends_nothing(mirror: Mirror) -> None:
    """Two services ask no more than one, and it knows that it stands by."""
    async with (
        serving(mirror, sync_interval_seconds=1) as first,
        serving(mirror, sync_interval_seconds=1) as second,
    ):
        await until(lambda: len(runs(mirror, "changes", "timer")) >= 4)
        assert (first.service.holding is None) != (second.service.holding is None)
    overlapping = mirror.rows(
        "SELECT a.run_id FROM runs AS a JOIN runs AS b ON a.kind = b.kind AND a.run_id <> b.run_id"
        " AND a.started_at < b.ended_at AND b.started_at < a.ended_at WHERE a.kind = 'changes'"
    )
    assert overlapping == []
    assert mirror.value("SELECT count(DISTINCT fence) FROM runs WHERE trigger = 'timer'") == 1


async def test_a_stand_by_goes_on_when_the_holder_ends(mirror: Mirror) -> None:
    """An orderly end gives the workspace free at once."""
    async with serving(mirror, sync_interval_seconds=1) as second:
        async with serving(mirror, sync_interval_seconds=1) as first:
            holder = first if first.service.holding else second
            await until(lambda: runs(mirror, "changes", "timer"))
            assert holder.service.holding
        await until(lambda: second.service.holding is not None)
        count = len(runs(mirror, "changes", "timer"))
        await until(lambda: len(runs(mirror, "changes", "timer")) > count)


@pytest.mark.slow
async def test_a_killed_holder_is_followed_within_a_minute(mirror: Mirror, tmp_path: Path) -> None:
    """kill -9: its lease runs out, its run is recorded as interrupted, and the other goes on."""
    killed = start_process(mirror, tmp_path, sync_interval_seconds=1)
    await until(lambda: runs(mirror, "changes", "timer"))
    async with serving(mirror, sync_interval_seconds=1) as other:
        killed.kill()
        killed.communicate()
        assert other.service.holding is None
        await until(lambda: other.service.holding is not None)
        mirror.world.create_task(next(iter(mirror.world.truth()["lists"])), "after the kill")
        await until(lambda: mirror.value("SELECT true FROM tasks WHERE title = 'after the kill'"))
    assert mirror.value("SELECT count(*) FROM runs WHERE status = 'running'") == 0


@pytest.mark.slow
@pytest.mark.parametrize("latency_ms", [0, 400])
async def test_a_service_that_is_told_to_end_ends_at_once(
    make_mirror: MakeMirror, tmp_path: Path, latency_ms: int
) -> None:
    """SIGTERM, in the middle of a first sync: the run is interrupted, the lease free."""
    mirror = make_mirror(small_world(2, tasks=330, lists=4), served={"latency_ms": latency_ms})
    process = start_process(mirror, tmp_path)
    await until(lambda: mirror.value("SELECT count(*) >= 90 FROM tasks"))
    process.send_signal(signal.SIGTERM)
    _, said = await asyncio.to_thread(process.communicate, timeout=120)
    assert "Traceback" not in said
    assert mirror.value("SELECT count(*) FROM runs WHERE status IN ('running', 'waiting')") == 0
    assert mirror.value("SELECT expires_at < now() FROM leases") is True


async def test_a_run_whose_end_could_not_be_recorded_hinders_nothing(mirror: Mirror) -> None:
    """It says that it runs and does not: it is buried, and the next of its kind begins."""
    async with serving(mirror) as running:
        await until(lambda: runs(mirror, "changes", "timer"))
        holding = running.service.holding
        assert holding is not None
        mirror.rows(
            "INSERT INTO runs (workspace_id, kind, trigger, status, fence)"
            " VALUES (%s, 'full', 'timer', 'running', %s)",
            mirror.sim.team_id,
            holding.tenure.lease.fence,
        )
        async with asyncio.timeout(120):
            await mirror.sync("full")


async def test_who_lost_the_workspace_stops_at_once(mirror: Mirror) -> None:
    """Another took it over: nothing more is written, and it stands by again."""
    async with serving(mirror, sync_interval_seconds=1) as running:
        await until(lambda: runs(mirror, "changes", "timer"))
        mirror.rows(
            "UPDATE leases SET fence = fence + 1, holder = 'thief', expires_at = now() + interval '1 hour'"
        )
        await until(lambda: running.service.holding is None)
        count = mirror.value("SELECT count(*) FROM runs")
        mirror.sim.requests.reset()
        await asyncio.sleep(2)
    assert mirror.value("SELECT count(*) FROM runs") == count
    assert mirror.sim.requests.total == 0
    assert mirror.value("SELECT holder FROM leases") == "thief"


async def test_all_of_it_works_through_a_transaction_pooler(mirror: Mirror, bouncer: str) -> None:
    """Two services, webhooks, sweeps and a sync by hand: each transaction on another connection."""
    pooled = {"database_url": f"{bouncer}{urlsplit(mirror.database_url).path}", "sync_interval_seconds": 1}
    # Either of them may be the one that holds the workspace.
    async with serving(mirror, webhooks=True, **pooled), serving(mirror, webhooks=True, **pooled):
        await until(lambda: runs(mirror, "changes", "timer") and mirror.value("SELECT true FROM webhooks"))
        mirror.world.mutate(Random(3), 25)
        await mirror.sync("full", database_url=pooled["database_url"])
        await mirror.sync("deep", database_url=pooled["database_url"])
        await until(lambda: mirror.differences() == [])
    assert mirror.falsely_deleted() == []
    assert mirror.value("SELECT count(DISTINCT fence) FROM runs WHERE trigger <> 'test'") == 1
