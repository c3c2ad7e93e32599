"""A service of this version goes on with what the version before left: its data, its runs and its jobs."""

from collections.abc import Iterator
from typing import get_args

import pytest

from app.core.schemas import Schemas
from app.core.sync.run_kind import RunKind
from app.jobs.kinds import KINDS
from app.sql.job_schema import migrate_job_schema
from app.sql.migrate import migrate
from tests.database import connect
from tests.engine.mirror import Mirror
from tests.engine.service.running import runs, serving, until
from tests.engine.test_migrations import bring_to

# The kinds of revision 0032, where they had other names.
OLD_RUN_KINDS = {
    "incremental": "changes", "snapshot": "daily", "verification": "verify", "webhook": "tasks",
}  # fmt: skip
# Not `data_writes`, which a trigger of each table fills.
_TABLES = (
    "SELECT tablename::text AS name FROM pg_tables"
    " WHERE schemaname = 'public' AND tablename <> 'data_writes' ORDER BY 1"
)
_COLUMNS = (
    "SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) AS names"
    " FROM information_schema.columns"
    " WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER'"
)
_LEFT = """
INSERT INTO runs (workspace_id, kind, trigger, status, fence, ended_at)
SELECT %(workspace)s, kind, 'timer', 'succeeded', 1, now()
FROM unnest(ARRAY['changes', 'first', 'full', 'deep', 'employees', 'tasks', 'verify', 'daily']) AS kind;
INSERT INTO runs (workspace_id, kind, trigger, status, fence) VALUES
    (%(workspace)s, 'daily', 'api', 'waiting', 0), (%(workspace)s, 'changes', 'page', 'running', 3),
    (%(workspace)s, 'verify', 'timer', 'running', 1), (%(workspace)s, 'tasks', 'webhook', 'running', 1);
INSERT INTO schedules (workspace_id, kind, due_at)
SELECT %(workspace)s, kind, '2040-01-01'
FROM unnest(ARRAY['changes', 'full', 'daily', 'verify', 'webhook_check', 'token_check', 'retention']) AS kind;
INSERT INTO failed_jobs (workspace_id, kind, error, attempts)
SELECT %(workspace)s, kind, 'it failed', 3 FROM unnest(ARRAY['changes', 'daily', 'verify', 'deep']) AS kind;
INSERT INTO deliveries (workspace_id, webhook_id, event, subject_kind, subject_id, received_at)
VALUES (%(workspace)s, 'hook', 'taskUpdated', 'task', %(task)s, now() - interval '1 minute');
INSERT INTO clickup_jobs.procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour');
INSERT INTO clickup_jobs.procrastinate_jobs
    (task_name, queue_name, priority, lock, queueing_lock, args, status, worker_id, scheduled_at)
SELECT j.kind, j.queue, j.priority, %(workspace)s || '/' || j.lock, %(workspace)s || '/' || j.kind,
    jsonb_build_object('workspace_id', %(workspace)s, 'trigger', j.trigger, 'attempt', 1),
    j.status::clickup_jobs.procrastinate_job_status, CASE WHEN j.status = 'doing' THEN w.id END, j.at
FROM clickup_jobs.procrastinate_workers AS w, (VALUES
    ('daily', 'short', 40, 'snapshot', 'api', 'todo', NULL::timestamptz),
    ('changes', 'short', 40, 'incremental', 'page', 'doing', NULL),
    ('verify', 'long', 0, 'verification', 'timer', 'doing', NULL),
    ('verify', 'long', 0, 'verification', 'retry', 'todo', now() + interval '2 seconds'),
    ('webhook_refetch', 'webhooks', 40, 'webhook_refetch', 'timer', 'doing', NULL),
    ('webhook_refetch', 'webhooks', 40, 'webhook_refetch', 'timer', 'todo', NULL)
) AS j (kind, queue, priority, lock, trigger, status, at);
"""


@pytest.fixture
def before(mirror: Mirror, empty_database_url: str) -> Iterator[Mirror]:
    """The same mirror in a database of revision 0032, whose only worker was killed."""
    bring_to(empty_database_url, "0032")
    with connect(empty_database_url) as connection:
        connection.execute("CREATE SCHEMA clickup_jobs")
        migrate_job_schema(connection, Schemas())
    mirror.rows("ALTER TABLE runs DROP CONSTRAINT runs_kind_check")
    for kind, old in OLD_RUN_KINDS.items():
        mirror.rows("UPDATE runs SET kind = %s WHERE kind = %s", old, kind)
    old_mirror = Mirror(mirror.sim, empty_database_url)
    _copy_rows(mirror, old_mirror)
    workspace, task = mirror.sim.team_id, next(iter(mirror.world.truth()["tasks"]))
    with connect(empty_database_url) as connection:
        for statement in _LEFT.strip().split(";\n"):
            connection.execute(statement.encode(), {"workspace": workspace, "task": task})
    yield old_mirror


def _copy_rows(source: Mirror, target: Mirror) -> None:
    """Of each table that the migrations left empty there."""
    with connect(source.database_url) as reading, connect(target.database_url) as writing:
        # As a sync writes, and in any order of the tables.
        writing.execute("SET clickup_sync.writer = 'on'")
        writing.execute("SET session_replication_role = replica")
        for table in target.rows(_TABLES):
            name = table["name"]
            if target.value(f"SELECT true FROM {name} LIMIT 1"):
                continue
            names = target.value(_COLUMNS, name)
            with (
                reading.cursor().copy(f"COPY {name} ({names}) TO STDOUT".encode()) as rows,
                writing.cursor().copy(f"COPY {name} ({names}) FROM STDIN".encode()) as copy,
            ):
                for row in rows:
                    copy.write(row)


def _jobs(mirror: Mirror) -> set[tuple[str, str, str, str]]:
    rows = mirror.rows(
        "SELECT task_name::text AS kind, status::text, lock, queueing_lock"
        " FROM clickup_jobs.procrastinate_jobs"
    )
    return {(row["kind"], row["status"], row["lock"], row["queueing_lock"]) for row in rows}


def test_kinds_of_runs_and_jobs_get_their_new_names(before: Mirror) -> None:
    """Nothing else of them changes: status, lock, time and trigger stay."""
    what = "SELECT run_id, kind, trigger, status, fence FROM runs"
    old_runs = {row["run_id"]: row for row in before.rows(what)}
    assert {*OLD_RUN_KINDS.values(), "first", "full", "deep", "employees"} == {
        row["kind"] for row in old_runs.values()
    }
    assert migrate(before.database_url)[0] == "0033"
    renamed = {old: kind for kind, old in OLD_RUN_KINDS.items()}
    for row in before.rows(what):
        old = old_runs[row["run_id"]]
        assert row == old | {"kind": renamed.get(old["kind"], old["kind"])}
    assert {row["kind"] for row in before.rows("SELECT kind FROM schedules WHERE due_at = '2040-01-01'")} == {
        "incremental", "full", "snapshot", "verification", "webhook_check", "token_check", "retention",
    }  # fmt: skip
    assert {row["kind"] for row in before.rows("SELECT kind FROM failed_jobs WHERE attempts = 3")} == {
        "incremental", "snapshot", "verification", "deep",
    }  # fmt: skip
    team = before.sim.team_id
    assert _jobs(before) == {
        ("snapshot", "todo", f"{team}/snapshot", f"{team}/snapshot"),
        ("incremental", "doing", f"{team}/incremental", f"{team}/incremental"),
        ("verification", "doing", f"{team}/verification", f"{team}/verification"),
        ("verification", "todo", f"{team}/verification", f"{team}/verification"),
        ("webhook_refetch", "doing", f"{team}/webhook_refetch", f"{team}/webhook_refetch"),
        ("webhook_refetch", "todo", f"{team}/webhook_refetch", f"{team}/webhook_refetch"),
    }


async def test_a_service_goes_on_with_the_jobs_of_the_version_before(before: Mirror) -> None:
    """It does what waits and what a killed worker left, reads the pending delivery, and is in sync."""
    asked = "SELECT run_id FROM runs WHERE status IN ('waiting', 'running') AND trigger IN ('api', 'page')"
    requested = {row["run_id"] for row in before.rows(asked)}
    assert len(requested) == 2
    lists, tasks = (list(before.world.truth()[name]) for name in ("lists", "tasks"))
    before.world.edit_task(tasks[0], name="edited before the upgrade")
    before.world.create_task(lists[0], "created before the upgrade")
    assert before.differences() != []
    async with serving(before, verify_interval_seconds=60):
        await until(
            lambda: (
                requested
                <= {row["run_id"] for kind in ("snapshot", "incremental") for row in runs(before, kind)}
            )
        )
        await until(lambda: before.value("SELECT bool_and(outcome IS NOT NULL) FROM deliveries"))
        await until(
            lambda: before.value(
                "SELECT count(*) = 0 FROM clickup_jobs.procrastinate_jobs WHERE status IN ('todo', 'doing')"
            )
        )
        assert before.differences() == []
    assert before.rows("SELECT * FROM runs WHERE ended_at IS NULL") == []
    assert {row["kind"] for row in before.rows("SELECT DISTINCT kind FROM runs")} <= _run_kinds()
    assert {row["kind"] for row in before.rows("SELECT kind FROM schedules")} <= set(KINDS)
    # What succeeded since is no failed job any more; nobody has tried a deep sync again.
    assert [row["kind"] for row in before.rows("SELECT kind FROM failed_jobs")] == ["deep"]


def _run_kinds() -> set[str]:
    return set(get_args(RunKind))
