"""Any number of workers on one database: one does each job, and goes on with what another left."""

import asyncio
import gc
import signal
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status

from app.context import open_context
from app.core.errors import DatabaseDown, RunTakenOver
from app.core.sync.progress import Silent
from app.engine.run import RunOptions, open_run
from app.jobs.kinds import Job
from app.jobs.queue import STALLED_SECONDS, JobQueue
from app.jobs.requests import SyncRequest, request_run
from app.jobs.schedule import Schedule
from app.jobs.worker import cancel_until_done
from app.jobs.workspaces import Workspaces
from tests.cli import command
from tests.engine.conftest import MakeMirror, small_world
from tests.engine.mirror import Mirror
from tests.engine.service.running import (
    client_of,
    make_due,
    runs,
    serving,
    start_process,
    until,
    until_quiet,
)

OVERLAPPING = (
    "SELECT a.run_id FROM runs AS a JOIN runs AS b ON a.kind = b.kind AND a.run_id <> b.run_id"
    " AND a.started_at < b.ended_at AND b.started_at < a.ended_at WHERE a.kind = 'incremental'"
)


def jobs(mirror: Mirror, where: str = "true") -> list[dict[str, Any]]:
    what = "task_name AS kind, status::text, queue_name"
    return mirror.rows(f"SELECT {what} FROM clickup_jobs.procrastinate_jobs WHERE {where}")


def failed(mirror: Mirror) -> list[dict[str, Any]]:
    return mirror.rows("SELECT * FROM failed_jobs")


def forget_heartbeats(mirror: Mirror) -> None:
    """As if workers that are not alive had been silent for long."""
    mirror.rows("UPDATE clickup_jobs.procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")


async def test_two_services_make_no_more_cycles_than_one(mirror: Mirror) -> None:
    """Both have a clock, and each job is deferred once and done once."""
    async with serving(mirror, sync_interval_seconds=2), serving(mirror, sync_interval_seconds=2):
        await until(lambda: len(runs(mirror, "incremental", "timer")) >= 4)
    assert mirror.rows(OVERLAPPING) == []
    starts = [run["started_at"] for run in reversed(runs(mirror, "incremental", "timer"))]
    assert (starts[-1] - starts[1]).total_seconds() >= 2 * (len(starts) - 2) - 2


async def test_many_clocks_defer_one_job(mirror: Mirror) -> None:
    """What is due is taken by one of them, at whatever moment they look."""
    await mirror.sync("incremental")
    async with open_context(mirror.settings()) as context:
        queue = await JobQueue.open(context.database)
        clocks = [
            Schedule(queue, Workspaces.of(context, mirror.sim.team_id), context.settings) for _ in range(6)
        ]
        await clocks[0].begin()
        for _ in range(5):
            make_due(mirror, "incremental")
            await asyncio.gather(*(clock.defer_due() for clock in clocks))
            assert len(jobs(mirror, "task_name = 'incremental' AND status = 'todo'")) == 1
            mirror.rows(
                "UPDATE clickup_jobs.procrastinate_jobs SET status = 'succeeded'"
                " WHERE task_name = 'incremental'"
            )
        assert len(jobs(mirror, "task_name = 'incremental'")) == 5


async def test_the_clock_defers_no_second_first_sync(make_mirror: MakeMirror) -> None:
    """While one is under way; it would be done once more after it."""
    mirror = make_mirror(small_world(2, tasks=3))
    workspace_id = mirror.sim.team_id
    async with open_context(mirror.settings()) as context:
        queue = await JobQueue.open(context.database)
        clock = Schedule(queue, Workspaces.of(context, workspace_id), context.settings)
        await clock.begin()
        make_due(mirror, "incremental")
        await clock.defer_due()
        taken = await queue.app.job_manager.fetch_job(None, await queue.app.job_manager.register_worker())
        assert taken and taken.task_name == "first"
        make_due(mirror, "incremental")
        await clock.defer_due()
        assert [job["status"] for job in jobs(mirror, "task_name = 'first'")] == ["doing"]
        mirror.rows("DELETE FROM clickup_jobs.procrastinate_jobs")
        make_due(mirror, "incremental")
        await clock.defer_due()
        assert [job["status"] for job in jobs(mirror, "task_name = 'first'")] == ["todo"]


async def test_another_service_goes_on_when_one_ends(mirror: Mirror) -> None:
    """An orderly end leaves nothing waiting."""
    async with serving(mirror, sync_interval_seconds=1):
        async with serving(mirror, sync_interval_seconds=1):
            await until(lambda: runs(mirror, "incremental", "timer"))
        count = len(runs(mirror, "incremental", "timer"))
        await until(lambda: len(runs(mirror, "incremental", "timer")) > count + 1)


@pytest.mark.slow
async def test_the_jobs_of_a_killed_worker_are_done_by_another(
    make_mirror: MakeMirror, tmp_path: Path
) -> None:
    """kill -9 in the middle of a first sync: the other one goes on with its run."""
    mirror = make_mirror(small_world(2, tasks=330, lists=4), served={"latency_ms": 100, "rate_limit": 10_000})
    killed = start_process(mirror, tmp_path, "worker", sync_interval_seconds=1)
    await until(lambda: mirror.value("SELECT count(*) >= 90 FROM tasks"))
    killed.kill()
    killed.communicate()
    assert len(jobs(mirror, "task_name = 'first' AND status = 'doing'")) == 1
    forget_heartbeats(mirror)
    mirror.sim.desk.latency_ms = 0
    async with serving(mirror, sync_interval_seconds=1):
        await until(lambda: runs(mirror, "first") and mirror.differences() == [])
    assert mirror.value("SELECT count(*) FROM runs WHERE kind = 'first'") == 1
    assert mirror.value("SELECT count(*) FROM runs WHERE status = 'running'") == 0


async def test_a_paused_worker_writes_nothing_after_its_job_was_given_away(mirror: Mirror) -> None:
    """It goes on later: its writes are refused, and it ends no job of another worker."""
    await mirror.sync("incremental")
    workspace_id = mirror.sim.team_id
    async with open_context(mirror.settings()) as context:
        queue = await JobQueue.open(context.database)
        await queue.defer(Job("employees", workspace_id))
        worker_id = await queue.app.job_manager.register_worker()
        taken = await queue.app.job_manager.fetch_job(None, worker_id)
        assert taken and taken.id
        async with open_run(context, workspace_id, RunOptions("employees", "timer"), Silent()) as run:
            forget_heartbeats(mirror)
            assert await queue.rescue() == [Job("employees", workspace_id, attempt=2)]
            assert await queue.rescue() == []
            with pytest.raises(RunTakenOver):
                async with run.transaction() as tx:
                    await tx.note("delete_daily_sync", workspace_id=workspace_id)
            again = await queue.app.job_manager.fetch_job(None, await queue.app.job_manager.register_worker())
            assert again and again.id != taken.id
            with pytest.raises(ConnectorException):
                await queue.app.job_manager.finish_job_by_id_async(
                    taken.id, Status.SUCCEEDED, delete_job=False
                )
    assert jobs(mirror, "status = 'doing'") == [
        {"kind": "employees", "status": "doing", "queue_name": "short"}
    ]
    assert mirror.value("SELECT status FROM runs WHERE kind = 'employees'") == "waiting"


async def test_a_stalled_job_of_another_version_ends_and_keeps_no_other_one(mirror: Mirror) -> None:
    """Its kind has another name here: nobody could do it, and the jobs behind it are given to others."""
    workspace_id = mirror.sim.team_id
    async with open_context(mirror.settings()) as context:
        queue = await JobQueue.open(context.database)
        for kind in ("employees", "retention"):
            await queue.defer(Job(kind, workspace_id))
            worker_id = await queue.app.job_manager.register_worker()
            assert await queue.app.job_manager.fetch_job(None, worker_id)
        mirror.rows("UPDATE clickup_jobs.procrastinate_jobs SET task_name = 'people' WHERE priority = 20")
        forget_heartbeats(mirror)
        assert [job.kind for job in await queue.rescue()] == ["retention"]
    assert [(job["kind"], job["status"]) for job in jobs(mirror)] == [("retention", "todo")]


async def test_a_paused_worker_writes_nothing_more_of_what_webhooks_named(mirror: Mirror) -> None:
    """The run of its job has another name than the job; it is interrupted, and never stays under way."""
    workspace_id = mirror.sim.team_id
    async with open_context(mirror.settings()) as context:
        queue = await JobQueue.open(context.database)
        await queue.defer(Job("webhook_refetch", workspace_id))
        assert await queue.app.job_manager.fetch_job(None, await queue.app.job_manager.register_worker())
        options = RunOptions("webhook", "webhook", is_resumable=True)
        with pytest.raises(RunTakenOver):
            async with open_run(context, workspace_id, options, Silent()) as run:
                forget_heartbeats(mirror)
                assert [job.kind for job in await queue.rescue()] == ["webhook_refetch"]
                async with run.transaction() as tx:
                    await tx.note("delete_daily_sync", workspace_id=workspace_id)
    assert mirror.value("SELECT status FROM runs WHERE kind = 'webhook'") == "interrupted"


async def test_the_end_of_a_job_that_was_given_away_is_no_error(mirror: Mirror) -> None:
    """A worker that was paused goes on without a traceback."""
    faults = list[dict[str, Any]]()

    async def execute(job: Job) -> None:
        mirror.rows("DELETE FROM clickup_jobs.procrastinate_jobs WHERE status = 'doing'")

    async with open_context(mirror.settings()) as context:
        asyncio.get_running_loop().set_exception_handler(lambda _, fault: faults.append(fault))
        queue = await JobQueue.open(context.database, execute)
        await queue.defer(Job("employees", mirror.sim.team_id))
        await queue.work_off("short")
        gc.collect()
        await asyncio.sleep(0)
    assert jobs(mirror) == []
    assert faults == []


async def test_a_job_that_kills_its_worker_is_not_repeated_without_end(
    mirror: Mirror, tmp_path: Path
) -> None:
    """After the last attempt its run has failed, no job follows, and `status` says why."""
    await mirror.sync("incremental")
    workspace_id = mirror.sim.team_id
    async with open_context(mirror.settings()) as context:
        queue = await JobQueue.open(context.database)
        await request_run(queue, SyncRequest(workspace_id, "employees", "timer"))
        attempts = 0
        while mirror.rows("UPDATE clickup_jobs.procrastinate_jobs SET scheduled_at = NULL RETURNING id"):
            attempts += 1
            assert attempts < 10
            worker_id = await queue.app.job_manager.register_worker()
            assert await queue.app.job_manager.fetch_job(None, worker_id)
            if attempts == 1:
                # The clock defers another one meanwhile.
                await queue.defer(Job("employees", workspace_id))
            forget_heartbeats(mirror)
            await queue.rescue()
            [job] = failed(mirror)
            assert (job["kind"], job["attempts"]) == ("employees", attempts)
    assert attempts == 4
    assert job["retry_at"] is None
    assert mirror.value("SELECT status FROM runs WHERE kind = 'employees'") == "failed"
    assert "worker process ended" in mirror.value("SELECT error FROM runs WHERE kind = 'employees'")
    assert "worker process ended" in command.run(tmp_path, "status", database_url=mirror.database_url).stdout


async def test_the_end_of_a_job_is_stored_again_where_the_connection_is_lost(mirror: Mirror) -> None:
    """Else the job stays under way for as long as its worker lives, and none of its kind follows."""
    mirror.rows(
        "CREATE SEQUENCE lost_ends;"
        " CREATE FUNCTION lose_the_connection() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF nextval('public.lost_ends') <= 2 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;"
        " RETURN OLD; END $$;"
        " CREATE TRIGGER lose_the_connection BEFORE DELETE ON clickup_jobs.procrastinate_jobs"
        " FOR EACH ROW EXECUTE FUNCTION lose_the_connection()"
    )
    async with serving(mirror, sync_interval_seconds=1):
        await until(lambda: mirror.value("SELECT last_value > 2 FROM lost_ends"))
        made = len(runs(mirror, "incremental", "timer"))
        await until(lambda: len(runs(mirror, "incremental", "timer")) >= made + 2)
    assert jobs(mirror, "status = 'doing'") == []


async def test_a_worker_that_is_heard_of_again_keeps_its_job(mirror: Mirror) -> None:
    """Also where that is just after another worker listed its jobs as stalled."""
    await mirror.sync("incremental")
    async with open_context(mirror.settings()) as context:
        queue = await JobQueue.open(context.database)
        manager = queue.app.job_manager
        await queue.defer(Job("employees", mirror.sim.team_id))
        worker_id = await manager.register_worker()
        assert await manager.fetch_job(None, worker_id)
        forget_heartbeats(mirror)
        [stalled] = await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS)
        await manager.update_heartbeat(worker_id)
        assert (
            await context.database.fetch("end_stalled_job", job_id=stalled.id, seconds=STALLED_SECONDS) == []
        )
    assert [job["status"] for job in jobs(mirror)] == ["doing"]


@pytest.mark.slow
@pytest.mark.parametrize("latency_ms", [0, 400])
async def test_a_service_that_is_told_to_end_ends_at_once(
    make_mirror: MakeMirror, tmp_path: Path, latency_ms: int
) -> None:
    """SIGTERM, in the middle of a first sync: its run and its job wait for the next worker."""
    mirror = make_mirror(small_world(2, tasks=330, lists=4), served={"latency_ms": latency_ms})
    process = start_process(mirror, tmp_path)
    await until(lambda: mirror.value("SELECT count(*) >= 90 FROM tasks"))
    process.send_signal(signal.SIGTERM)
    _, said = await asyncio.to_thread(process.communicate, timeout=120)
    assert "Traceback" not in said
    assert mirror.value("SELECT count(*) FROM runs WHERE status = 'running'") == 0
    assert jobs(mirror, "status = 'doing'") == []
    if mirror.value("SELECT true FROM runs WHERE kind = 'first' AND status = 'waiting'"):
        assert [job["status"] for job in jobs(mirror, "task_name = 'first' AND status = 'todo'")] == ["todo"]
    mirror.sim.desk.latency_ms = 0
    await mirror.sync("incremental")
    assert mirror.differences() == []


@pytest.mark.parametrize("name", ["serve", "worker"])
async def test_what_runs_in_the_background_of_a_script_can_be_ended(
    mirror: Mirror, tmp_path: Path, name: str
) -> None:
    """There SIGINT is ignored, and SIGTERM ends it all the same."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process = start_process(mirror, tmp_path, name)
    finally:
        signal.signal(signal.SIGINT, before)
    await until(lambda: mirror.value("SELECT count(*) FROM worker_processes"))
    process.send_signal(signal.SIGTERM)
    await asyncio.to_thread(process.communicate, timeout=120)
    assert mirror.value("SELECT count(*) FROM worker_processes") == 0


async def test_a_run_without_a_job_gets_one(mirror: Mirror) -> None:
    """Its process ended between the request and the job: the clock finds it."""
    await mirror.sync("incremental")
    mirror.rows(
        "INSERT INTO runs (workspace_id, kind, trigger, status, fence, started_at)"
        " VALUES (%s, 'full', 'api', 'waiting', 0, now() - interval '1 minute')",
        mirror.sim.team_id,
    )
    async with serving(mirror):
        await until(lambda: runs(mirror, "full", "api"))


async def test_deliveries_without_a_job_are_read(mirror: Mirror) -> None:
    """The database was away when their job was to be deferred: the clock finds them."""
    await mirror.sync("incremental")
    task_id = next(iter(mirror.world.truth()["tasks"]))
    mirror.rows(
        "INSERT INTO deliveries (workspace_id, webhook_id, event, subject_kind, subject_id, received_at)"
        " VALUES (%s, 'w', 'taskDeleted', 'task', %s, now() - interval '1 minute')",
        mirror.sim.team_id,
        task_id,
    )
    async with serving(mirror):
        await until(lambda: mirror.value("SELECT outcome FROM deliveries") == "read")


async def test_a_failed_job_is_tried_again_and_says_why(mirror: Mirror) -> None:
    """Where waiting may heal it; until it succeeds the reason stands, whatever other jobs succeed."""
    async with serving(mirror, request_attempts=1):
        await until(lambda: runs(mirror, "incremental", "timer"))
        mirror.faults.add("error", "/team/*/task", times=1)
        make_due(mirror, "incremental")
        await until(lambda: failed(mirror))
        await until(lambda: jobs(mirror, "task_name = 'incremental' AND status = 'todo'"))
        seen = mirror.value("SELECT seen_at FROM workspace_states")
        make_due(mirror, "retention")
        await until(lambda: mirror.value("SELECT seen_at > %s FROM workspace_states", seen))
        [job] = failed(mirror)
        assert (job["kind"], job["attempts"], job["retry_at"] > job["failed_at"]) == ("incremental", 1, True)
        assert "500" in job["error"]
        mirror.rows("UPDATE clickup_jobs.procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")
        await until(lambda: not failed(mirror))
    assert jobs(mirror, "status IN ('failed', 'succeeded', 'aborted')") == []


async def test_a_job_without_a_further_attempt_is_tried_again_on_request(
    mirror: Mirror, tmp_path: Path
) -> None:
    """Its reason stands in REST, the metrics, `status` and `jobs list` until then."""
    async with serving(mirror) as running:
        await until_quiet(mirror)
        mirror.rows("ALTER TABLE daily_syncs RENAME TO elsewhere")
        async with client_of(running.url) as client:
            await client.post("/sync/daily", params={"wait": True})
            await until(lambda: failed(mirror))
            [told] = (await client.get("/jobs")).json()["failed"]
            assert (told["kind"], told["retry_at"]) == ("snapshot", None)
            assert (await client.get("/status")).json()["failed_jobs"] == [told]
            labels = f'{{kind="snapshot",workspace="{mirror.sim.team_id}"}}'
            assert f"clickup_sync_failed_jobs{labels} 1.0" in (await client.get("/metrics")).text
            assert "snapshot" in (await client.get("/")).text
            for words in (("status",), ("jobs", "list")):
                said = command.run(tmp_path, *words, database_url=mirror.database_url).stdout
                assert "Job snapshot failed" in said and "jobs retry" in said
            assert (await client.post("/jobs/full/retry")).status_code == 404
            assert (await client.post("/jobs/nonsense/retry")).status_code == 422
            mirror.rows("ALTER TABLE elsewhere RENAME TO daily_syncs")
            assert (await client.post("/jobs/snapshot/retry")).status_code == 202
            await until(lambda: not failed(mirror))
            assert (await client.get("/jobs")).json()["failed"] == []
    said = command.run(tmp_path, "jobs", "retry", database_url=mirror.database_url)
    assert (said.returncode, said.stdout) == (0, "No job failed.\n")


async def test_another_attempt_that_waits_is_made_at_once(mirror: Mirror) -> None:
    """Whoever has mended something need not wait for the time of the next attempt."""
    async with serving(mirror, request_attempts=1):
        await until_quiet(mirror)
        mirror.faults.add("error", "/team/*/task", times=1)
        make_due(mirror, "incremental")
        await until(lambda: jobs(mirror, "scheduled_at > now()"))
        async with open_context(mirror.settings()) as context:
            queue = await JobQueue.open(context.database)
            assert await queue.retry(mirror.sim.team_id, "incremental")
        await until(lambda: not failed(mirror), 10)


async def test_a_sync_that_is_asked_for_does_not_wait_for_another_attempt(mirror: Mirror) -> None:
    """Whoever asks for changes while a failed job waits for its time gets them now."""
    async with serving(mirror, request_attempts=1) as running:
        await until_quiet(mirror)
        mirror.faults.add("error", "/team/*/task", times=1)
        make_due(mirror, "incremental")
        await until(lambda: jobs(mirror, "scheduled_at > now()"))
        before = len(runs(mirror, "incremental"))
        async with client_of(running.url) as client:
            assert (await client.post("/sync/tasks", params={"kind": "incremental"})).status_code == 202
        await until(lambda: len(runs(mirror, "incremental")) > before, 10)


async def test_a_command_that_is_ended_leaves_no_job_in_the_way(mirror: Mirror) -> None:
    """Interrupted while it waits for another sync: no job of its own is left, and full syncs go on."""
    async with serving(mirror) as running, client_of(running.url) as client:
        await until_quiet(mirror)
        mirror.sim.desk.latency_ms = 500
        await client.post("/sync/tasks")
        await until(lambda: jobs(mirror, "task_name = 'full' AND status = 'doing'"))
        waiting = asyncio.create_task(mirror.sync("deep"))
        await until(lambda: jobs(mirror, "task_name = 'deep'"))
        waiting.cancel()
        with suppress(asyncio.CancelledError):
            await waiting
        mirror.sim.desk.latency_ms = 0
        await until(lambda: not jobs(mirror, "task_name = 'deep'"))
        await until(lambda: len(runs(mirror, "full")) == 1)
        await client.post("/sync/tasks")
        await until(lambda: len(runs(mirror, "full")) == 2)


async def test_the_job_of_a_killed_command_is_done_by_a_worker(mirror: Mirror) -> None:
    """It waits in a queue that nobody reads, until a worker looks."""
    async with serving(mirror):
        await until_quiet(mirror)
        async with open_context(mirror.settings()) as context:
            queue = await JobQueue.open(context.database)
            await queue.defer(Job("employees", mirror.sim.team_id, "cli"), queue="command gone:1:1")
        mirror.rows("UPDATE clickup_jobs.procrastinate_events SET at = at - interval '1 minute'")
        await until(lambda: not jobs(mirror, "task_name = 'employees'"), 30)


async def test_without_a_worker_a_command_does_what_waits_for_one(mirror: Mirror) -> None:
    """Also a job that waits for its time, and one of another command that was killed."""
    await mirror.sync("incremental")
    async with open_context(mirror.settings()) as context:
        queue = await JobQueue.open(context.database)
        await queue.defer(Job("incremental", mirror.sim.team_id, "retry"), after=timedelta(hours=1))
        await queue.defer(Job("deep", mirror.sim.team_id, "cli"), queue="command gone:1:1")
    mirror.rows("UPDATE clickup_jobs.procrastinate_events SET at = at - interval '1 minute'")
    async with asyncio.timeout(60):
        await mirror.sync("incremental")
        await mirror.sync("full")
    assert jobs(mirror, "status IN ('todo', 'doing')") == []


async def test_a_token_of_two_workspaces_is_not_accepted_by_a_job_that_asks_nothing(mirror: Mirror) -> None:
    """A rejected token stays rejected while jobs end that need none."""
    async with serving(mirror, token_probe_seconds=3_600) as running:
        await until_quiet(mirror)
        mirror.faults.add("dead_token", times=None)
        make_due(mirror, "incremental")
        await until(lambda: mirror.value("SELECT token_rejected_at FROM workspace_states"))
        for kind in ("retention", "token_check", "retention"):
            seen = mirror.value("SELECT seen_at FROM workspace_states")
            make_due(mirror, kind)
            await until(lambda seen=seen: mirror.value("SELECT seen_at > %s FROM workspace_states", seen))
            assert mirror.value("SELECT token_rejected_at FROM workspace_states")
        assert (await running.get("/readyz")).status_code == 503


async def test_long_jobs_never_take_the_places_of_short_ones(mirror: Mirror) -> None:
    """While a full sync takes its time, changes arrive."""
    async with serving(mirror, sync_interval_seconds=1, webhooks=True) as running:
        await until(
            lambda: runs(mirror, "incremental", "timer") and mirror.value("SELECT true FROM webhooks")
        )
        mirror.faults.add("slow", "/team/*/space", times=None, amount=60)
        await running.call(running.service.request("full", "api"))
        under_way = "SELECT true FROM runs WHERE kind = 'full' AND status = 'running'"
        await until(lambda: mirror.value(under_way))
        count = len(runs(mirror, "incremental", "timer"))
        await until(lambda: len(runs(mirror, "incremental", "timer")) > count)
        assert mirror.value(under_way)


async def test_all_of_it_works_through_a_transaction_pooler(mirror: Mirror, bouncer: str) -> None:
    """Two services, webhooks, verification and a sync by hand: each transaction on another connection."""
    pooled = {"database_url": f"{bouncer}{urlsplit(mirror.database_url).path}", "sync_interval_seconds": 1}
    async with serving(mirror, webhooks=True, **pooled), serving(mirror, webhooks=True, **pooled):
        await until(
            lambda: runs(mirror, "incremental", "timer") and mirror.value("SELECT true FROM webhooks")
        )
        mirror.world.mutate(Random(3), 25)
        await mirror.sync("full", database_url=pooled["database_url"])
        await mirror.sync("deep", database_url=pooled["database_url"])
        await until(lambda: mirror.differences() == [])
    assert mirror.falsely_deleted() == []
    assert mirror.rows(OVERLAPPING) == []


async def test_a_lost_cancellation_is_asked_for_again() -> None:
    """A work that swallows the first one ends with the second."""
    ended: list[str] = []

    async def lose_one_cancellation() -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("ended")

    task = asyncio.create_task(lose_one_cancellation())
    await asyncio.sleep(0)
    await cancel_until_done([task], again_seconds=0.01)
    assert ended == ["ended"]


async def test_a_worker_that_is_paused_within_a_transaction_holds_nobody_up(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database ends what stands still in the middle, so that its job and its workspace pass to others."""
    monkeypatch.setattr("app.supabase_db.IDLE_IN_TRANSACTION_SECONDS", 1)
    await mirror.sync("incremental")
    workspace_id = mirror.sim.team_id
    async with open_context(mirror.settings()) as paused, open_context(mirror.settings()) as other:
        queue = await JobQueue.open(paused.database)
        await queue.defer(Job("employees", workspace_id))
        assert await queue.app.job_manager.fetch_job(None, await queue.app.job_manager.register_worker())
        options = RunOptions("employees", "timer")
        with suppress(DatabaseDown):
            async with open_run(paused, workspace_id, options, Silent()) as run, run.transaction() as tx:
                await tx.note("delete_daily_sync", workspace_id=workspace_id)
                forget_heartbeats(mirror)
                rescuing = await JobQueue.open(other.database)
                async with asyncio.timeout(20):
                    assert [job.kind for job in await rescuing.rescue()] == ["employees"]
                    async with open_run(other, workspace_id, options, Silent()) as taken, taken.transaction():
                        pass
    assert mirror.value("SELECT status FROM runs WHERE kind = 'employees'") == "succeeded"
