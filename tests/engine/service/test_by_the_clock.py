"""The service follows ClickUp by the clock alone."""

import asyncio
from datetime import timedelta
from pathlib import Path
from random import Random

from app.core.clickup.stamps import to_millis
from tests.cli import command
from tests.engine.conftest import MakeMirror, small_world
from tests.engine.mirror import Mirror
from tests.engine.service.running import make_due, runs, serving, until


async def test_it_fills_an_empty_mirror_and_follows(make_mirror: MakeMirror) -> None:
    """Everything arrives without anybody asking, comments too, and so does what changes afterwards."""
    mirror = make_mirror(small_world(3), served={"rate_limit": 10_000})
    async with serving(mirror, sync_interval_seconds=1, full_sync_interval_seconds=2):
        await until(lambda: runs(mirror, "incremental", "timer") and mirror.differences() == [])
        mirror.world.mutate(Random(4), 20)
        await until(lambda: make_due(mirror, "verification") or mirror.differences() == [])
        assert mirror.falsely_deleted() == []


async def test_comments_are_read_when_the_first_sync_has_ended(make_mirror: MakeMirror) -> None:
    """They do not wait for the schedule of the verification."""
    mirror = make_mirror(small_world(3), served={"rate_limit": 10_000})
    async with serving(mirror):
        await until(
            lambda: mirror.rows(
                "UPDATE schedules SET due_at = due_at + interval '1 day'"
                " WHERE kind = 'verification' RETURNING kind"
            )
        )
        await until(lambda: runs(mirror, "verification"))
    assert mirror.value("SELECT count(*) FROM comments") > 0


async def test_a_quiet_cycle_costs_three_requests(mirror: Mirror) -> None:
    """Two listings and the newest time entries."""
    async with serving(mirror, sync_interval_seconds=1):
        await until(lambda: len(runs(mirror, "incremental", "timer")) >= 4)
    quiet = [run["requests"] for run in runs(mirror, "incremental", "timer")][:2]
    assert quiet == [3, 3]


async def test_a_changed_task_costs_two_requests_at_most(mirror: Mirror) -> None:
    """Its page is shared with others; its comments are read once."""
    tasks = [task_id for task_id, task in mirror.world.truth()["tasks"].items() if not task["put_away"]][:20]
    async with serving(mirror):
        await until(lambda: runs(mirror, "incremental", "timer"))
        for task_id in tasks:
            mirror.world.edit_task(task_id, name=f"{task_id} anew")
        make_due(mirror, "incremental")
        await until(lambda: len(runs(mirror, "incremental", "timer")) == 2)
    assert runs(mirror, "incremental", "timer")[0]["requests"] <= 3 + 2 * len(tasks)
    assert mirror.differences() == []


async def test_verification_finds_what_leaves_no_trace(mirror: Mirror) -> None:
    """A comment is edited: the task's `date_updated` does not move, and no webhook tells."""
    said, known = next(iter(mirror.world.truth()["comments"].items()))
    async with serving(mirror, verify_interval_seconds=1):
        await until(lambda: runs(mirror, "verification"))
        mirror.world.edit_comment(said, "said otherwise")
        stamp = mirror.world.truth()["tasks"][known["task_id"]]["date_updated"]
        assert to_millis(mirror.task(known["task_id"])["date_updated"]) == stamp
        await until(lambda: mirror.differences() == [])
    assert mirror.value("SELECT text FROM comments WHERE clickup_comment_id = %s", said) == "said otherwise"


async def test_nothing_is_read_again_before_a_pause(mirror: Mirror) -> None:
    """Verification that is done waits: no task's comments are read twice within the interval."""
    async with serving(mirror):
        await until(lambda: not _due(mirror))
        mirror.sim.requests.reset()
        await asyncio.sleep(3)
    assert mirror.sim.requests.count("GET /task/{task_id}/comment") == 0


def _due(mirror: Mirror) -> int:
    return int(
        mirror.value(
            "SELECT count(*) FROM tasks AS t LEFT JOIN task_reads AS r USING (clickup_task_id)"
            " WHERE NOT t.is_deleted AND r.comments_read_at IS NULL"
        )
    )


async def test_a_full_pass_is_made_when_it_is_due_and_not_before(mirror: Mirror) -> None:
    """A restart makes no pass that the last service has just made."""
    async with serving(mirror, full_sync_interval_seconds=2):
        await until(lambda: runs(mirror, "full"))
    # At its interval of two seconds the first service may have asked for another one already.
    mirror.rows("DELETE FROM clickup_jobs.procrastinate_jobs WHERE task_name = 'full'")
    made = len(runs(mirror, "full"))
    async with serving(mirror, full_sync_interval_seconds=3_600):
        await asyncio.sleep(1.5)
    assert len(runs(mirror, "full")) == made


async def test_on_a_small_budget_full_passes_are_rarer_and_it_says_so(mirror: Mirror) -> None:
    """A pass that costs more than half of the budget stretches the interval."""
    mirror.sim.desk.rate.limit = 20
    mirror.rows(
        "INSERT INTO runs (workspace_id, kind, trigger, status, fence, started_at, ended_at, requests)"
        " VALUES (%s, 'full', 'timer', 'succeeded', 0, now(), now(), 80)",
        mirror.sim.team_id,
    )
    async with serving(mirror, full_sync_interval_seconds=60):
        await until(lambda: mirror.value("SELECT full_interval_reason FROM workspace_states"))
    told = mirror.rows("SELECT full_interval, full_interval_reason FROM workspace_states")[0]
    assert told["full_interval"] == timedelta(minutes=10)
    assert "every 10 minutes instead of every 60 seconds" in told["full_interval_reason"]


async def test_a_sync_by_hand_does_its_own_job_beside_the_service(mirror: Mirror, tmp_path: Path) -> None:
    """The command does it, and reports; the service goes on."""
    async with serving(mirror):
        await until(lambda: runs(mirror, "incremental", "timer"))
        done = await asyncio.to_thread(
            command.run, tmp_path, "sync", "--full", clickup_api_token=mirror.sim.token,
            clickup_base_url=mirror.sim.base_url, clickup_team_id=mirror.sim.team_id,
            database_url=mirror.database_url,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Done in" in done.stdout
    run = runs(mirror, "full")[0]
    assert run["trigger"] == "cli"
    assert mirror.differences() == []


async def test_two_who_ask_for_the_same_get_one_run(mirror: Mirror) -> None:
    """The second joins the first, here and in other processes."""
    async with serving(mirror) as running:
        await until(lambda: runs(mirror, "incremental", "timer"))
        mirror.sim.desk.latency_ms = 50
        first, second = [await running.call(running.service.request("full", "api")) for _ in range(2)]
        assert first and second
        third = await mirror.sync("full")
        assert str(first.run_id) == str(second.run_id) == third.run_id


async def test_an_allowance_for_deletions_reaches_the_service(mirror: Mirror) -> None:
    """`--max-deleted-percent` counts for the run that is asked for, and for no other."""
    for task_id in list(mirror.world.truth()["tasks"])[:15]:
        mirror.world.delete_task(task_id)
    async with serving(mirror):
        await until(lambda: runs(mirror, "incremental", "timer"))
        await mirror.sync("full")
        assert any("MAX_DELETED_PERCENT" in note for note in runs(mirror, "full")[0]["notes"])
        await mirror.sync("full", max_deleted=100)
    assert mirror.differences() == []


async def test_nothing_else_begins_before_the_first_sync_has_ended(make_mirror: MakeMirror) -> None:
    """However long it takes: no full pass beside it, no verification, and not ready."""
    mirror = make_mirror(small_world(2, tasks=150), served={"latency_ms": 150, "rate_limit": 10_000})
    async with serving(mirror, sync_interval_seconds=1, full_sync_interval_seconds=1) as running:
        await until(lambda: mirror.value("SELECT count(*) > 50 FROM tasks"))
        assert (await running.get("/readyz")).status_code == 503
        await until(lambda: runs(mirror, "verification") and runs(mirror, "full"))
    first = runs(mirror, "incremental")[-1]
    others = mirror.rows("SELECT min(started_at) AS at FROM runs WHERE run_id <> %s", first["run_id"])
    assert others[0]["at"] >= first["ended_at"]
