"""A sync that is cut off loses nothing and repeats almost nothing; two syncs never write at once."""

import asyncio
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.core.errors import RunTakenOver, TokenRejected
from app.simulator.world import World
from tests.cli import command
from tests.engine.conftest import MakeMirror, small_world
from tests.engine.mirror import DATA_TABLES, Mirror

TASKS = 330


def wide_world() -> World:
    """Several pages of tasks and a comment read for each."""
    return small_world(2, tasks=TASKS, lists=4, entries=40, comments=40, left=0)


def start_sync(mirror: Mirror, folder: Path) -> "subprocess.Popen[str]":
    return command.start(
        folder, "sync", clickup_api_token=mirror.sim.token, clickup_base_url=mirror.sim.base_url,
        clickup_team_id=mirror.sim.team_id, database_url=mirror.database_url,
    )  # fmt: skip


def wait_until(condition: Callable[[], bool], seconds: float = 120) -> None:
    give_up_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up_at, "it never came to that"
        time.sleep(0.02)


def forget_heartbeats(mirror: Mirror) -> None:
    """As if the time had passed after which a worker that is not heard of counts as ended."""
    mirror.rows("UPDATE clickup_jobs.procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")


def count(mirror: Mirror, table: str) -> int:
    return int(mirror.value(f"SELECT count(*) FROM {table}"))


def count_read(mirror: Mirror) -> int:
    """Tasks whose comments were read."""
    return int(mirror.value("SELECT count(comments_read_at) FROM task_reads"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("progress", "reached"),
    [(lambda mirror: count(mirror, "tasks"), 90), (count_read, 100)],
    ids=["tasks", "comments"],
)
async def test_a_killed_first_sync_goes_on_where_it_was(
    make_mirror: MakeMirror, tmp_path: Path, progress: Callable[[Mirror], int], reached: int
) -> None:
    """Killed with -9 among the tasks or the comments: both runs together ask for hardly more than one."""
    mirror = make_mirror(wide_world(), served={"latency_ms": 30})
    process = start_sync(mirror, tmp_path)
    wait_until(lambda: progress(mirror) >= reached)
    process.kill()
    process.communicate()
    assert mirror.last_run()["status"] == "running"
    cut_off = progress(mirror)
    assert cut_off < TASKS
    forget_heartbeats(mirror)
    mirror.sim.desk.latency_ms = 0
    before = len(mirror.sim.requests.paths)
    await mirror.sync("incremental")
    assert mirror.differences() == []
    later = [
        path for path in list(mirror.sim.requests.paths)[before:] if f"/{mirror.sim.team_id}/task?" in path
    ]
    assert later
    assert [path for path in later if "date_updated_gt" not in path and "archived" not in path] == []
    # The second command goes on with the run of the first.
    assert mirror.rows("SELECT status FROM runs") == [{"status": "succeeded"}]
    comments = mirror.sim.requests.count("GET /task/{task_id}/comment")
    assert comments <= TASKS + 2 * 24 + 50
    pages = mirror.sim.requests.count("GET /team/{team_id}/task")
    assert pages <= 2 * (TASKS // 99 + 2) + 2


@pytest.mark.slow
async def test_an_interrupted_sync_says_so_and_goes_on_later(make_mirror: MakeMirror, tmp_path: Path) -> None:
    """SIGINT: exit code 130, one sentence, a run that says `interrupted`, and is in nobody's way."""
    mirror = make_mirror(wide_world(), served={"latency_ms": 30})
    process = start_sync(mirror, tmp_path)
    wait_until(lambda: count_read(mirror) >= 30)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "Stopped" in said and "Traceback" not in said
    run = mirror.last_run()
    assert (run["status"], run["error"]) == ("interrupted", None)
    assert run["requests"] > 0
    mirror.sim.desk.latency_ms = 0
    await mirror.sync("incremental")
    assert mirror.differences() == []


async def test_the_watermark_never_runs_ahead_of_the_rows(make_mirror: MakeMirror) -> None:
    """At each moment every task up to the watermark is there: both stand in one transaction."""
    world = small_world(3, tasks=TASKS, comments=0, entries=0, same_instant=0)
    stamps = sorted(
        task["date_updated"]
        for task in world.truth()["tasks"].values()
        if not task["archived"] and not task["put_away"]
    )
    mirror = make_mirror(world, served={"latency_ms": 25})
    sync = asyncio.create_task(mirror.sync("incremental"))
    looks = set()
    while not sync.done():
        row = await asyncio.to_thread(
            mirror.rows,
            "SELECT (extract(epoch FROM watermark) * 1000)::bigint AS mark,"
            " (SELECT count(*) FROM tasks WHERE NOT archived AND date_updated <= watermark) AS known"
            " FROM streams WHERE stream = 'tasks' AND watermark IS NOT NULL",
        )
        if row:
            mark = int(row[0]["mark"])
            assert row[0]["known"] >= sum(stamp <= mark for stamp in stamps)
            looks.add(mark)
    await sync
    assert len(looks) >= 3


async def test_of_two_syncs_of_a_kind_the_second_joins_the_first(mirror: Mirror) -> None:
    """Both end well, with the same report of one run."""
    mirror.sim.desk.latency_ms = 150
    first, second = await asyncio.gather(mirror.sync("full"), mirror.sync("full"))
    assert first.run_id == second.run_id
    assert mirror.value("SELECT count(*) FROM runs WHERE kind = 'full'") == 1


async def test_two_syncs_of_two_kinds_run_side_by_side(mirror: Mirror) -> None:
    """Neither waits for the other, and both are right."""
    await mirror.sync("incremental")
    mirror.sim.desk.latency_ms = 20
    await asyncio.gather(mirror.sync("full"), mirror.sync("incremental"), mirror.sync("employees"))
    assert mirror.differences() == []


async def test_a_full_and_a_deep_sync_follow_each_other(mirror: Mirror) -> None:
    """Each reads everything: one of them at a time."""
    await mirror.sync("incremental")
    mirror.sim.desk.latency_ms = 20
    await asyncio.gather(mirror.sync("full"), mirror.sync("deep"))
    first, second = mirror.rows("SELECT * FROM runs WHERE kind IN ('full', 'deep') ORDER BY started_at")
    assert second["started_at"] >= first["ended_at"]


async def test_a_run_that_was_given_to_another_worker_writes_nothing_more(make_mirror: MakeMirror) -> None:
    """Taken for ended and replaced: what the old one still wants to write is refused."""
    mirror = make_mirror(wide_world(), served={"latency_ms": 20})
    sync = asyncio.create_task(mirror.sync("incremental"))
    await asyncio.to_thread(wait_until, lambda: count_read(mirror) >= 20)
    # In a thread: the run may hold the row, and needs this loop to let it go.
    await asyncio.to_thread(mirror.rows, "UPDATE runs SET fence = fence + 1")
    before = {table: count(mirror, table) for table in DATA_TABLES}
    with pytest.raises(RunTakenOver):
        await sync
    assert {table: count(mirror, table) for table in DATA_TABLES} == before
    assert mirror.last_run()["status"] == "running"


async def test_a_failed_run_is_in_nobodys_way(mirror: Mirror) -> None:
    """The next one begins at once."""
    mirror.faults.add("dead_token")
    with pytest.raises(TokenRejected, match="OAUTH_019"):
        await mirror.sync("full")
    async with asyncio.timeout(120):
        await mirror.sync("full", clickup_api_token=mirror.sim.token)
