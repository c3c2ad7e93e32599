"""A token that ClickUp refuses: nothing more is asked, everybody is told, and it heals by itself."""

import asyncio
from pathlib import Path
from random import Random

import orjson

from tests.cli import command
from tests.engine.conftest import MakeMirror, small_world
from tests.engine.mirror import Mirror
from tests.engine.service.running import STILL, runs, serving, until


async def test_it_stops_says_so_and_recovers(mirror: Mirror, tmp_path: Path) -> None:
    """No request but a rare probe; /readyz and `status` name the reason; revived, it goes on."""
    async with serving(mirror, sync_interval_seconds=1, token_probe_seconds=1) as running:
        await until(lambda: runs(mirror, "incremental", "timer"))
        await until(lambda: running.service.workspace_id and not running.service.blocked_by)
        assert (await running.get("/readyz")).json() == {"ready": True, "reasons": []}
        dead = mirror.faults.add("dead_token", times=None)
        await until(lambda: mirror.value("SELECT token_rejected_at FROM workspace_states"))
        mirror.sim.requests.reset()
        await asyncio.sleep(3)
        assert mirror.sim.requests.total <= 4
        answer = await running.get("/readyz")
        assert answer.status_code == 503
        assert "ClickUp refuses the token" in answer.json()["reasons"][0]
        told = command.run(tmp_path, "status", "--json", database_url=mirror.database_url)
        assert "ClickUp refuses the token" in orjson.loads(told.stdout)[0]["problems"][0]
        dead.times = 0
        await until(lambda: mirror.value("SELECT token_rejected_at IS NULL FROM workspace_states"))
        mirror.world.mutate(Random(1), 3)
        await until(lambda: mirror.last_run()["status"] == "succeeded")
        assert (await running.get("/readyz")).status_code == 200


async def test_no_failed_runs_pile_up(mirror: Mirror) -> None:
    """While the token is dead no run is begun by the clock."""
    async with serving(mirror, sync_interval_seconds=1, token_probe_seconds=1):
        await until(lambda: runs(mirror, "incremental", "timer"))
        mirror.faults.add("dead_token", times=None)
        await until(lambda: mirror.value("SELECT token_rejected_at FROM workspace_states"))
        await asyncio.sleep(3)
    assert mirror.value("SELECT count(*) FROM runs WHERE status = 'failed'") <= 2


async def test_a_token_that_is_replaced_is_taken_up(mirror: Mirror, tmp_path: Path) -> None:
    """The new one is read from where settings stand, without a restart."""

    def write(token: str) -> None:
        (tmp_path / ".env").write_text(f"CLICKUP_API_TOKEN={token}\n")

    write("pk_1_OLD")
    process = command.start(
        tmp_path, "worker", clickup_base_url=mirror.sim.base_url, clickup_allow_http="true",
        clickup_team_id=mirror.sim.team_id, database_url=mirror.database_url,
        **{**STILL, "sync_interval_seconds": 1, "token_probe_seconds": 1},
    )  # fmt: skip
    try:
        await until(lambda: mirror.value("SELECT token_rejected_at FROM workspace_states"))
        write(mirror.sim.token)
        await until(lambda: len(runs(mirror, "incremental")) >= 2)
        assert mirror.value("SELECT token_rejected_at IS NULL FROM workspace_states")
    finally:
        process.kill()
        process.communicate()


async def test_a_service_that_starts_with_a_dead_token_waits(mirror: Mirror) -> None:
    """It starts, says what is wrong, and works as soon as the token does."""
    dead = mirror.faults.add("dead_token", times=None)
    async with serving(mirror, token_probe_seconds=1) as running:
        await until(lambda: mirror.value("SELECT token_rejected_at FROM workspace_states"))
        assert (await running.get("/readyz")).status_code == 503
        dead.times = 0
        await until(lambda: runs(mirror, "incremental", "timer"))


async def test_a_probe_that_fails_otherwise_takes_the_token_for_alive(mirror: Mirror) -> None:
    """A 500 says nothing against the token: the service goes on, and nobody calls it dead any more."""
    async with serving(mirror, sync_interval_seconds=1, token_probe_seconds=1, request_attempts=1):
        await until(lambda: runs(mirror, "incremental", "timer"))
        dead = mirror.faults.add("dead_token", times=None)
        await until(lambda: mirror.value("SELECT token_rejected_at FROM workspace_states"))
        mirror.faults.add("error", "/user", times=3)
        dead.times = 0
        count = len(runs(mirror, "incremental", "timer"))
        await until(lambda: len(runs(mirror, "incremental", "timer")) > count)
        await until(lambda: mirror.value("SELECT token_rejected_at IS NULL FROM workspace_states"))


async def test_who_had_to_ask_which_workspace_it_is_becomes_ready_too(make_mirror: MakeMirror) -> None:
    """An empty mirror, no CLICKUP_TEAM_ID and a dead token: what hindered it then is past when it holds."""
    mirror = make_mirror(small_world(1, tasks=5))
    dead = mirror.faults.add("dead_token", times=None)
    async with serving(mirror, clickup_team_id=None, token_probe_seconds=1) as running:
        await until(lambda: running.service.blocked_by)
        assert "OAUTH_019" in (await running.get("/readyz")).json()["reasons"][0]
        dead.times = 0
        await until(lambda: runs(mirror, "incremental", "timer"))
        await until(lambda: running.service.workspace_id and not running.service.blocked_by)
        assert (await running.get("/readyz")).json() == {"ready": True, "reasons": []}
