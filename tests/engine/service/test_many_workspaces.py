"""The clock of many workspaces, and the jobs that they leave behind."""

from itertools import pairwise
from typing import Any

import pytest

from app.context import open_context, open_database
from app.core.clickup import wire
from app.core.errors import DatabaseDown
from app.engine.retention import delete_history
from app.jobs.connection_changes import NewConnection, add_connection
from app.jobs.kinds import Job
from app.jobs.queue import JobQueue
from app.jobs.schedule import Schedule
from app.jobs.workspaces import Workspaces
from app.logging_config import configure_logging
from tests.engine.conftest import MakeMirror, busy_template, make_mirror, mirror, small_world
from tests.engine.mirror import Mirror
from tests.engine.service.test_workers import jobs

__all__ = ["busy_template", "make_mirror", "mirror"]
_SECONDS_LEFT = "SELECT extract(epoch FROM due_at - now()) AS seconds FROM schedules ORDER BY workspace_id"


async def test_many_workspaces_that_begin_together_are_due_one_after_the_other(mirror: Mirror) -> None:
    """A single one at once; of 200 each a moment after the one before it, so that no burst comes back."""
    await mirror.sync("incremental")
    many = [f"{number:04}" for number in range(200)]
    async with open_context(mirror.settings()) as context:
        given: dict[str, Any] = {"workspace_ids": many, "kinds": ["incremental"], "apart": "50 ms"}
        await context.database.note("insert_schedules", **given)
        left = [float(row["seconds"]) for row in mirror.rows(_SECONDS_LEFT)]
        assert left[0] <= 0
        assert all(0.04 < later - earlier < 0.06 for earlier, later in pairwise(left))
        mirror.rows("UPDATE schedules SET due_at = now() - interval '1 hour' WHERE workspace_id = '0100'")
        mirror.rows("UPDATE schedules SET due_at = now() + interval '1 hour' WHERE workspace_id = '0101'")
        await context.database.note("insert_schedules", **given)
    left = [float(row["seconds"]) for row in mirror.rows(_SECONDS_LEFT)]
    assert left[100] < -3_000  # what is late stays first
    assert 0 < left[101] < 6


async def test_what_could_not_be_deferred_is_due_still(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database failed in between: the next tick defers it, not the one after its interval."""
    await mirror.sync("incremental")
    async with open_context(mirror.settings()) as context:
        queue = await JobQueue.open(context.database)
        clock = Schedule(queue, Workspaces.of(context, mirror.sim.team_id), context.settings)
        with monkeypatch.context() as failing:
            failing.setattr(JobQueue, "defer_all", fail)
            with pytest.raises(DatabaseDown):
                await clock.defer_due()
        assert jobs(mirror) == []
        await clock.defer_due()
    assert "incremental" in {job["kind"] for job in jobs(mirror)}


async def fail(*_: Any) -> None:
    raise DatabaseDown("it is away for a moment")


async def test_a_token_that_cannot_be_used_is_logged_once(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """However often the workspaces are looked up; nobody can work for that one until it has a token."""
    await mirror.sync("incremental")
    monkeypatch.setattr("app.jobs.workspaces._READ_EVERY_SECONDS", 0)
    settings = mirror.settings(clickup_api_token=None)
    configure_logging("info", "json")
    async with open_database(settings) as database, Workspaces.open(settings, database) as workspaces:
        assert [await workspaces.list() for _ in range(3)] == [[], [], []]
    assert capsys.readouterr().err.count('"token.unreadable"') == 1


async def test_jobs_that_failed_or_were_cut_off_are_deleted_a_day_later(mirror: Mirror) -> None:
    """Whatever workspace they are of; what waits, or ended today, stays."""
    await mirror.sync("incremental")
    async with open_context(mirror.settings()) as context:
        queue = await JobQueue.open(context.database)
        for workspace_id in ("removed", "today", "waiting"):
            await queue.defer(Job("employees", workspace_id))
        mirror.rows(
            "UPDATE clickup_jobs.procrastinate_jobs SET status = 'failed'"
            " WHERE queueing_lock <> 'waiting/employees'"
        )
        mirror.rows(
            "UPDATE clickup_jobs.procrastinate_events AS e SET at = at - interval '25 hours'"
            " FROM clickup_jobs.procrastinate_jobs AS j WHERE j.id = e.job_id AND j.lock NOT LIKE 'today/%%'"
        )
        await delete_history(context, mirror.sim.team_id)
    left = mirror.rows("SELECT queueing_lock FROM clickup_jobs.procrastinate_jobs ORDER BY id")
    assert [row["queueing_lock"] for row in left] == ["today/employees", "waiting/employees"]
    assert len(jobs(mirror)) == 2


async def test_requests_of_a_token_of_two_workspaces_are_counted_once(make_mirror: MakeMirror) -> None:
    """By the workspace whose job ends first; each workspace still learns of its token by itself."""
    mirror = make_mirror(small_world(3, tasks=3, workspaces=2))
    await mirror.sync("incremental")
    settings, other = mirror.settings(), mirror.world.other_workspaces[0]
    assert settings.clickup_api_token
    async with open_database(settings) as database:
        await add_connection(database, settings, NewConnection(settings.clickup_api_token, other.id))
        async with Workspaces.open(settings, database) as workspaces:
            first, second = [await workspaces.get(one) for one in (mirror.sim.team_id, other.id)]
            assert first and second and first.context.clickup is second.context.clickup
            before = mirror.sim.requests.total
            for _ in range(3):
                await first.context.clickup.fetch(wire.user())
            for one in (first, second, first):
                await one.record_state()
    assert mirror.sim.requests.total == before + 3
    assert mirror.value("SELECT sum(requests_answered) FROM workspace_states") == 3
