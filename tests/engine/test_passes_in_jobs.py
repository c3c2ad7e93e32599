"""A pass that is cut into jobs does what it does in one piece, wherever it is cut, and whoever is killed."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from app.context import open_context
from app.core.errors import RunTakenOver, SyncError, Unfinished
from app.core.sync.progress import Silent
from app.core.sync.run_kind import RunKind
from app.engine import comments
from app.engine import run as run_module
from app.engine.run import RunOptions, open_run
from app.jobs import runner as runner_module
from app.jobs.kinds import Queue
from app.jobs.queue import JobQueue
from app.jobs.requests import SyncRequest, request_run
from app.jobs.runner import JobRunner
from app.jobs.workspaces import Workspaces
from app.simulator.clock import Clock
from app.simulator.random_changes import LOUD
from app.simulator.server import RunningSimulator
from app.simulator.world import World
from app.sync import RunReport, sync_here
from tests.campaigns import seeds
from tests.conftest import Server
from tests.engine.conftest import MakeMirror, small_world
from tests.engine.mirror import Mirror
from tests.threads import in_own_thread

# Every job stops at the first safe place: each listing brings one page, each worker one object.
AT_ONCE = timedelta(0)
# Requests that were not yet committed: 24 readers, and what they read for one transaction.
_UNDER_WAY = 24 + 50
Between = Callable[[], object]
MakeCopy = Callable[..., Mirror]


def wide_world(clock: Clock | None = None) -> World:
    """Several pages of tasks, a plateau, and lists that only their own listing shows."""
    world = small_world(
        11, clock=clock, tasks=230, lists=9, entries=80, comments=40, same_instant=110, left=1
    )
    for place in list(world.lists.values())[:2]:
        world.archive_list(place.id)
    return world


async def one_job(mirror: Mirror, kind: RunKind, limit: timedelta | None = AT_ONCE) -> RunReport:
    """One job of a pass, in a process of its own."""

    async def work() -> RunReport:
        async with open_context(mirror.settings()) as context:
            return await sync_here(context, mirror.sim.team_id, RunOptions(kind, "test"), time_limit=limit)

    return await in_own_thread(work())


async def in_jobs(
    mirror: Mirror, kind: RunKind, between: Between = lambda: None, most: int = 300, **overrides: Any
) -> tuple[RunReport, int]:
    """Job after job, until one says that the pass is finished; its report, and how many there were."""

    async def work() -> tuple[RunReport, int]:
        async with open_context(mirror.settings(**overrides)) as context:
            for number in range(1, most):
                options = RunOptions(kind, "test")
                report = await sync_here(context, mirror.sim.team_id, options, time_limit=AT_ONCE)
                if report.finished:
                    return report, number
                await asyncio.to_thread(between)
        raise AssertionError(f"not finished after {most} jobs")

    return await in_own_thread(work())


class Killer:
    """Between two jobs: now and then the last one counts as killed before it stored where it was."""

    def __init__(self, mirror: Mirror, random: Random) -> None:
        self.mirror, self.random, self.killed = mirror, random, 0
        self.kept: dict[str, Any] | None = None

    def __call__(self) -> None:
        if self.kept and self.random.random() < 0.3:
            self.killed += 1
            self.mirror.rows(
                "UPDATE runs SET checkpoint = %s::jsonb WHERE run_id = %s",
                self.kept["checkpoint"], self.kept["run_id"],
            )  # fmt: skip
            self.mirror.rows("DELETE FROM run_seen_tasks WHERE seen_before >= %s", self.kept["seen"])
            return
        [self.kept] = self.mirror.rows(
            "SELECT run_id, checkpoint::text, (SELECT coalesce(sum(cardinality(task_ids)), 0)"
            " FROM run_seen_tasks) AS seen FROM runs WHERE checkpoint IS NOT NULL"
        )


def content(mirror: Mirror) -> dict[str, Any]:
    """What both ways must agree on: rows by id, which of them are deleted, and how far streams are known."""
    return {
        "tasks": mirror.rows(
            "SELECT clickup_task_id, fingerprint, is_deleted, tracked_minutes, assigned_comment"
            " FROM tasks ORDER BY 1"
        ),
        "entries": mirror.rows("SELECT clickup_entry_id, duration_ms FROM time_entries ORDER BY 1"),
        "comments": mirror.rows("SELECT clickup_comment_id, text, is_waiting FROM comments ORDER BY 1"),
        "places": mirror.rows(
            "SELECT space_id, is_deleted FROM spaces UNION ALL SELECT folder_id, is_deleted FROM folders"
            " UNION ALL SELECT list_id, is_deleted FROM lists ORDER BY 1"
        ),
        "read": mirror.rows(
            "SELECT clickup_task_id, comments_read_at IS NULL AS is_unread FROM task_reads ORDER BY 1"
        ),
        "streams": mirror.rows("SELECT stream, complete_at IS NULL AS is_incomplete FROM streams ORDER BY 1"),
    }


@pytest.fixture
def make_copy(server: Server, template: str) -> Iterator[MakeCopy]:
    """Mirrors with a database of their own each, copied from another one's."""
    with ExitStack() as stack:

        def make(world: World, original: Mirror | None = None) -> Mirror:
            source = str(original.value("SELECT current_database()")) if original else template
            name = server.copy(source)
            stack.callback(server.drop, name)
            return Mirror(stack.enter_context(RunningSimulator(world)), server.url_of(name))

        yield make


@pytest.mark.slow
async def test_passes_in_jobs_equal_passes_in_one_piece(make_copy: MakeCopy) -> None:
    """First sync, changes, full and deep, cut behind each page: the same rows, deletions, counts and notes,
    and hardly more requests.
    """
    world = wide_world()
    whole, cut = make_copy(world), make_copy(world)
    one, (many, jobs) = await whole.sync("incremental"), await in_jobs(cut, "first")
    assert whole.differences() == cut.differences() == []
    assert jobs > 20
    assert (many.counts, many.notes) == (one.counts, one.notes)
    assert many.requests <= 1.05 * one.requests
    for kind in ("incremental", "full", "deep"):
        world.mutate(Random(kind), 60)
        cut = make_copy(world, whole)
        one, (many, jobs) = await whole.sync(kind), await in_jobs(cut, kind)
        assert jobs > 5
        assert content(cut) == content(whole)
        assert (many.counts, sorted(many.notes)) == (one.counts, sorted(one.notes))
        assert many.requests <= 1.05 * one.requests
        assert cut.value("SELECT count(*) FROM runs WHERE kind = %s", kind) == 1
        assert cut.rows("SELECT 1 FROM runs WHERE checkpoint IS NOT NULL") == []
        assert cut.rows("SELECT 1 FROM run_seen_tasks") == []
        assert cut.differences() == whole.differences()


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds())
async def test_what_changes_between_jobs_is_neither_lost_nor_deleted(make_copy: MakeCopy, seed: int) -> None:
    """Changes of every kind between the jobs of a full sync, and jobs killed before they store where they
    are: no task is falsely deleted, and the next deep sync finds nothing that this one hid.
    """
    world, random = wide_world(), Random(seed)
    mirror = make_copy(world)
    await mirror.sync("incremental")
    killer = Killer(mirror, random)

    def between() -> None:
        killer()
        world.mutate(random, 3)

    await in_jobs(mirror, "full", between)
    assert killer.killed > 2
    assert mirror.falsely_deleted() == []
    await in_jobs(mirror, "deep", killer)
    assert mirror.differences() == []


@pytest.mark.slow
async def test_the_watermark_of_a_pass_in_jobs_passes_over_nothing(make_copy: MakeCopy) -> None:
    """What changes between the jobs of a first and of a full sync, the next changes show."""
    world, random = wide_world(), Random(5)
    for place in world.lists.values():
        world.archive_list(place.id, archived=False)
    for folder in world.folders.values():
        world.archive_folder(folder.id, archived=False)
    mirror = make_copy(world)
    for kind in ("first", "full"):
        await in_jobs(mirror, kind, lambda: world.mutate(random, 2, LOUD))
        await mirror.sync("incremental")
        assert mirror.differences() == []


async def test_too_many_deletions_are_counted_over_all_jobs(make_copy: MakeCopy) -> None:
    """No job deletes more than MAX_DELETED_PERCENT, and all of them together neither."""
    world = small_world(5, tasks=40, comments=0, entries=0)
    mirror = make_copy(world)
    await mirror.sync("incremental")
    for task_id in list(world.tasks)[:12]:
        world.delete_task(task_id)
    report, _ = await in_jobs(mirror, "full", max_deleted_percent=20)
    assert mirror.rows("SELECT 1 FROM tasks WHERE is_deleted") == []
    assert any("MAX_DELETED_PERCENT" in note for note in report.notes)
    assert report.counts.get("tasks deleted", 0) == 0


async def test_a_job_that_was_overtaken_writes_nothing_of_the_run(mirror: Mirror) -> None:
    """Another worker has continued the run: the first one's checkpoint and end change nothing in its row."""

    async def work() -> None:
        options = RunOptions("full", "test")
        async with (
            open_context(mirror.settings()) as context,
            open_run(context, mirror.sim.team_id, options, Silent()) as run,
        ):
            run.findings.counts["tasks read"] = 77_777
            await one_job(mirror, "full")
            raise Unfinished

    with pytest.raises(RunTakenOver):
        await in_own_thread(work())
    run = mirror.last_run()
    assert (run["status"], run["fence"]) == ("running", 2)
    assert run["checkpoint"]["findings"]["counts"].get("tasks read") != 77_777


async def test_a_failed_pass_goes_on_where_it_failed(mirror: Mirror) -> None:
    """An outage in the middle: the same run, started again, ends well, and counts the requests of both."""
    await one_job(mirror, "deep")
    while "missing places" not in str(mirror.rows("SELECT checkpoint -> 'state' -> 'done' FROM runs")):
        await one_job(mirror, "deep")
    mirror.faults.add("error", "/task/*/comment", times=None)
    with pytest.raises(SyncError):
        await one_job(mirror, "deep", None)
    failed = mirror.last_run()
    assert failed["status"] == "failed"
    mirror.faults.clear()
    with mirror.counting() as seen:
        report = await one_job(mirror, "deep", None)
    assert report.run_id == str(failed["run_id"])
    assert report.requests == failed["requests"] + seen["total"]
    assert "GET /team/{team_id}/space" not in seen


async def test_a_checkpoint_of_another_version_lets_the_pass_begin_anew(mirror: Mirror) -> None:
    """A job of an older or newer program finds it: the pass is read from its beginning, and ends well."""
    await one_job(mirror, "full")
    mirror.rows("UPDATE runs SET checkpoint = jsonb_set(checkpoint, '{version}', '99')")
    report = await one_job(mirror, "full", None)
    assert report.finished
    assert report.counts["tasks read"] >= 40
    assert mirror.differences() == []


async def test_a_job_ends_though_clickup_keeps_it_waiting(
    make_mirror: MakeMirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer that does not come keeps no job beyond its limit: the next one asks again."""
    monkeypatch.setattr(run_module, "_GRACE", AT_ONCE)
    mirror = make_mirror(small_world(3, tasks=10, comments=4, entries=4))
    mirror.sim.desk.latency_ms = 2_000
    report = await one_job(mirror, "first")
    assert not report.finished
    assert report.rows_written == 0
    mirror.sim.desk.latency_ms = 0
    assert (await one_job(mirror, "first", None)).finished
    assert mirror.differences() == []


async def test_a_worker_does_a_pass_in_many_jobs(
    make_mirror: MakeMirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each job of the queue does a part and defers the next one; the pass is one run."""
    monkeypatch.setattr(runner_module, "JOB_TIME_LIMIT", AT_ONCE)
    mirror = make_mirror(small_world(3, tasks=30, comments=0, entries=10))

    async def work() -> None:
        async with open_context(mirror.settings()) as context:
            runner = JobRunner(Workspaces.of(context, mirror.sim.team_id))
            runner.jobs = await JobQueue.open(context.database, runner.execute)
            await request_run(runner.jobs, SyncRequest(mirror.sim.team_id, "first", "test"))
            await runner.jobs.work_off(Queue.LONG)

    await in_own_thread(work())
    [run] = mirror.rows("SELECT status, fence FROM runs WHERE kind = 'first'")
    assert run["status"] == "succeeded"
    assert run["fence"] > 10
    assert mirror.differences() == []


@pytest.mark.slow
@pytest.mark.parametrize("end", ["stopped", "killed"])
async def test_a_pass_that_ends_anywhere_goes_on_there(
    make_copy: MakeCopy, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    """Stopped, or killed, after some dozen requests, wherever that is, again and again: it comes to the same
    end. None of its jobs has enough requests for the whole pass; one that was stopped repeats only what was
    under way.
    """
    monkeypatch.setattr(run_module, "_PROGRESS_SECONDS", 0.02)
    monkeypatch.setattr(run_module, "_CHECKPOINT_SECONDS", 0)
    world, random, most = wide_world(), Random(8), 120
    mirror, report, ends = make_copy(world), None, 0
    while report is None:
        report = await one_job_until(mirror, random.randint(20, most), end)
        ends += report is None
        assert ends < 60
    assert ends > 2
    assert mirror.differences() == []
    assert mirror.value("SELECT count(*) FROM runs") == 1
    whole = await make_copy(world).sync("incremental")
    assert whole.requests > 2 * most
    if end == "stopped":
        assert mirror.sim.requests.total <= whole.requests + ends * _UNDER_WAY


async def test_a_job_ends_though_the_writer_of_comments_loses_its_cancellation(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `asyncio.wait_for` of Python 3.11 may lose it, by which the pool of connections waits."""
    stored, stores = asyncio.Event(), comments._store
    loop = asyncio.get_running_loop()

    async def store(*arguments: Any) -> None:
        loop.call_soon_threadsafe(stored.set)
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        await stores(*arguments)

    monkeypatch.setattr(comments, "_store", store)
    job = asyncio.create_task(one_job(mirror, "deep", None))
    await stored.wait()
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    monkeypatch.setattr(comments, "_store", stores)
    await mirror.sync("deep")
    assert mirror.differences() == []


async def one_job_until(mirror: Mirror, requests: int, end: str) -> RunReport | None:
    """One job that ends after so many requests; its report where the pass was finished before.

    As one that was killed it writes nothing more, not even that it ended.
    """
    job = asyncio.create_task(one_job(mirror, "first", None))
    until = mirror.sim.requests.total + requests
    await asyncio.to_thread(_wait, lambda: job.done() or mirror.sim.requests.total >= until)
    if end == "killed":
        mirror.rows("UPDATE runs SET fence = fence + 1 WHERE status = 'running'")
    else:
        job.cancel()
    try:
        return await job
    except (asyncio.CancelledError, RunTakenOver):
        return None


def _wait(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(0.01)
