"""Removing one of several workspaces: the others keep every row."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest

from app.config import Settings
from app.context import open_context, open_database
from app.core.errors import RunTakenOver, SyncError
from app.core.sync.progress import Silent
from app.engine.run import RunOptions, open_run
from app.jobs import workspace_removal
from app.jobs.connection_changes import NewConnection, add_connection
from app.jobs.connections import (
    list_connections,
    record_token_accepted,
    record_token_rejected,
)
from app.jobs.kinds import Job
from app.jobs.queue import JobQueue
from app.jobs.runner import JobRunner
from app.jobs.webhook_registration import tend_webhook
from app.jobs.workspace_removal import begin_removal, remove_workspace
from app.jobs.workspaces import Workspaces
from app.supabase_db import Database
from tests.engine.conftest import MakeMirror, small_world
from tests.engine.mirror import Mirror
from tests.engine.service.running import serving, until
from tests.threads import in_own_thread

T = TypeVar("T")
_TABLES = """
SELECT c.relname AS name FROM pg_class AS c
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'workspace_id' AND NOT a.attisdropped
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' ORDER BY 1
"""


@pytest.fixture
async def both(make_mirror: MakeMirror) -> tuple[Mirror, Mirror]:
    """Two workspaces in one database, each connected with a token of its own."""
    mirrors = make_mirror(small_world(1, tasks=12)), make_mirror(small_world(2, tasks=12))
    for mirror in mirrors:
        await with_database(mirror, connect_own)
        await mirror.sync("incremental")
    return mirrors


async def connect_own(database: Database, settings: Settings) -> None:
    """The workspace of these settings, with their token stored."""
    new = NewConnection(settings.clickup_api_token, settings.clickup_team_id)
    await add_connection(database, settings, new)


async def with_database(mirror: Mirror, work: Callable[[Database, Settings], Awaitable[T]]) -> T:
    async def run() -> T:
        async with open_database(mirror.settings()) as database:
            return await work(database, mirror.settings())

    return await in_own_thread(run())


def rows_of(mirror: Mirror, workspace_id: str) -> dict[str, list[Any]]:
    """Every row of a workspace, by table."""
    found = {}
    for table in (row["name"] for row in mirror.rows(_TABLES)):
        rows = mirror.rows(
            f"SELECT t::text FROM {table} AS t WHERE workspace_id = %s ORDER BY 1", workspace_id
        )
        if rows:
            found[table] = rows
    return found


async def test_erasing_deletes_every_row_of_the_workspace_and_no_other(
    both: tuple[Mirror, Mirror], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In all tables that have a workspace, in portions; our webhook at ClickUp goes too."""
    gone, kept = both

    async def register(_: Database, settings: Settings) -> None:
        async with open_context(settings) as context:
            await tend_webhook(context, gone.sim.team_id, "https://mirror.example.com")

    await with_database(gone, register)
    filled = rows_of(gone, gone.sim.team_id).keys()
    assert {"tasks", "employees", "runs", "time_entries", "webhooks"} <= filled
    before = rows_of(kept, kept.sim.team_id)
    monkeypatch.setattr(workspace_removal, "_PORTION", 7)
    removal = await with_database(
        gone,
        lambda database, settings: remove_workspace(
            database, settings, gone.sim.team_id, data="erase", progress=Silent()
        ),
    )
    assert (removal.webhooks_left, gone.sim.webhooks.known) == ((), {})
    assert removal.rows_deleted > 100
    assert rows_of(gone, gone.sim.team_id) == {}
    assert rows_of(kept, kept.sim.team_id) == before
    assert gone.rows("SELECT * FROM external_changes") == []


async def test_a_removal_that_was_stopped_is_finished_by_the_next(both: tuple[Mirror, Mirror]) -> None:
    """The connection stays, marked as being removed, until everything else is gone."""
    gone, _ = both

    async def stop(database: Database, settings: Settings) -> None:
        await begin_removal(await JobQueue.open(database), settings, gone.sim.team_id, data="keep")

    await with_database(gone, stop)
    states = "SELECT state FROM workspace_connections WHERE workspace_id = %s"
    assert gone.value(states, gone.sim.team_id) == "removing"
    await with_database(
        gone,
        lambda database, settings: remove_workspace(
            database, settings, gone.sim.team_id, data="erase", progress=Silent()
        ),
    )
    assert rows_of(gone, gone.sim.team_id) == {}


async def test_whoever_was_writing_the_workspace_writes_nothing_more(both: tuple[Mirror, Mirror]) -> None:
    """A run that is under way is refused, before and after the rows are gone."""
    gone, _ = both

    async def write_late(database: Database, settings: Settings) -> None:
        async with open_context(settings) as context:
            options = RunOptions("employees", "timer")
            async with open_run(context, gone.sim.team_id, options, Silent()) as run:
                await begin_removal(await JobQueue.open(database), settings, gone.sim.team_id, data="erase")
                for erased in (False, True):
                    if erased:
                        await remove_workspace(
                            database, settings, gone.sim.team_id, data="erase", progress=Silent()
                        )
                    with pytest.raises(RunTakenOver):
                        async with run.transaction():
                            pass

    await with_database(gone, write_late)


async def test_a_job_that_ends_after_its_workspace_was_erased_stores_nothing(
    both: tuple[Mirror, Mirror],
) -> None:
    """Neither the state of the workspace, nor why the job failed."""
    gone, _ = both

    async def end_late(database: Database, settings: Settings) -> None:
        async with Workspaces.open(settings, database) as workspaces:
            runner = JobRunner(workspaces)
            runner.jobs = await JobQueue.open(database)
            assert await workspaces.get(gone.sim.team_id)
            await begin_removal(await JobQueue.open(database), settings, gone.sim.team_id, data="erase")
            for erased in (False, True):
                if erased:
                    await remove_workspace(
                        database, settings, gone.sim.team_id, data="erase", progress=Silent()
                    )
                await runner._record_failure(Job("retention", gone.sim.team_id), SyncError("it failed"))
                tables = ("workspace_states", "failed_jobs")
                found = await asyncio.to_thread(rows_of, gone, gone.sim.team_id)
                assert not [name for name in tables if name in found]

    await with_database(gone, end_late)
    assert rows_of(gone, gone.sim.team_id) == {}


async def test_erasing_waits_for_jobs_under_way_and_is_done_by_a_worker(both: tuple[Mirror, Mirror]) -> None:
    """The request answers at once; a job that is under way ends first, and what it wrote goes too."""
    gone, kept = both

    def count(what: str) -> int:
        return gone.value(f"SELECT count(*) FROM {what} WHERE workspace_id = %s", gone.sim.team_id)

    async def begin(database: Database, settings: Settings) -> tuple[JobQueue, int]:
        queue = await JobQueue.open(database)
        await queue.defer(Job("webhook_check", gone.sim.team_id))
        taken = await queue.app.job_manager.fetch_job(None, await queue.app.job_manager.register_worker())
        await begin_removal(queue, settings, gone.sim.team_id, data="erase")
        return queue, taken.id

    await with_database(gone, begin)
    async with serving(kept, clickup_api_token=None):
        await asyncio.sleep(5)
        assert count("tasks") and count("workspace_connections")
        gone.rows("DELETE FROM clickup_jobs.procrastinate_jobs WHERE task_name = 'webhook_check'")
        await until(lambda: not count("workspace_connections"))
    assert rows_of(gone, gone.sim.team_id) == {}


async def test_keeping_the_data_keeps_every_row_of_it(both: tuple[Mirror, Mirror]) -> None:
    """Only the connection goes."""
    gone, _ = both
    before = gone.rows("SELECT * FROM tasks ORDER BY id")
    await with_database(
        gone,
        lambda database, settings: remove_workspace(
            database, settings, gone.sim.team_id, data="keep", progress=Silent()
        ),
    )
    assert gone.rows("SELECT * FROM tasks ORDER BY id") == before
    assert gone.value("SELECT count(*) FROM workspace_connections") == 1


async def test_a_rejected_token_is_recorded_for_its_workspace_alone(both: tuple[Mirror, Mirror]) -> None:
    """And forgotten when it is accepted again; what is said of a token that was replaced is not recorded."""
    one, other = both

    async def work(database: Database, settings: Settings) -> None:
        first = next(
            each
            for each in await list_connections(database, settings)
            if each.workspace_id == one.sim.team_id
        )
        assert first.token is not None and first.token.get_secret_value() == one.sim.token
        await record_token_rejected(database, first, "Token invalid")
        found = {each.workspace_id: each for each in await list_connections(database, settings)}
        assert found[one.sim.team_id].error == "Token invalid"
        assert found[one.sim.team_id].token_rejected_at is not None
        assert found[other.sim.team_id].error is None
        await record_token_accepted(database, first)
        assert [each.error for each in await list_connections(database, settings)] == [None, None]

    await with_database(one, work)
