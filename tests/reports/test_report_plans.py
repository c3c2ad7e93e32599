"""No report reads a whole table, however large the mirror is, and none is dear."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from app.core.answers.timesheet import part_bounds
from app.core.clickup.stamps import to_millis
from app.reports.attention import CONDITIONS, USUAL_DAYS
from tests.api.plans import Connection, filled, pages_read, plan
from tests.conftest import Server
from tests.reports.ground import BERLIN, DAY

Json = dict[str, Any]
NOW = datetime(2026, 3, 30, 10, 0, tzinfo=UTC)
TODAY = NOW.date()
# The limit above which PostgreSQL compiles a query before it answers, which takes longer than the answer.
JIT_COST = 100_000

_FILL = """
INSERT INTO employees (id, workspace_id, clickup_user_id, name, is_active)
SELECT ('00000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid, 'w', 'u' || n, 'Person ' || n, n % 10 > 0
FROM generate_series(1, 100) AS n;
INSERT INTO memberships (workspace_id, employee_id, clickup_user_id, is_active)
SELECT workspace_id, id, clickup_user_id, is_active FROM employees;
INSERT INTO spaces (space_id, workspace_id, name, archived, fingerprint)
SELECT 's' || n, 'w', 'Space ' || n, n = 20, 'f' FROM generate_series(1, 20) AS n;
INSERT INTO folders (folder_id, workspace_id, space_id, name, archived, fingerprint)
SELECT 'f' || n, 'w', 's' || n % 20 + 1, 'Folder ' || n, n % 20 = 0, 'f' FROM generate_series(1, 200) AS n;
INSERT INTO lists (list_id, workspace_id, space_id, folder_id, name, archived, fingerprint)
SELECT 'l' || n, 'w', 's' || n % 20 + 1, 'f' || n % 200 + 1, 'List ' || n, n % 20 = 0, 'f'
FROM generate_series(1, 1000) AS n;
INSERT INTO tasks (workspace_id, clickup_task_id, title, summary, type, status, status_type, priority,
    employee_ids, list_id, folder_id, space_id, parent, due_date, date_created, date_updated, date_done,
    time_estimate_minutes, tracked_minutes, archived, is_deleted, deleted_at, read_at, fingerprint)
SELECT 'w', 't' || n, 'Task number ' || n, repeat(md5(n::text), 32), 'Task',
    CASE WHEN is_open THEN 'to do ' || n % 4 ELSE 'complete ' || n % 2 END,
    CASE WHEN is_open THEN (ARRAY['open', 'custom', 'custom', 'custom'])[n % 4 + 1]
        ELSE (ARRAY['done', 'closed'])[n % 2 + 1] END,
    (ARRAY['urgent', 'high', 'normal', 'low', NULL])[n % 5 + 1],
    CASE WHEN h % 8 > 0 THEN ARRAY[('00000000-0000-0000-0000-' || lpad((h % 100 + 1)::text, 12, '0'))::uuid]
        ELSE '{}' END,
    'l' || h % 1000 + 1, 'f' || (h % 1000 + 1) % 200 + 1, 's' || (h % 1000 + 1) % 20 + 1,
    CASE WHEN n % 5 = 0 THEN 't' || n / 5 END,
    CASE WHEN h / 360 % 2 = 0 THEN date '2026-03-30' - 300 + h % 360 END,
    timestamptz '2026-03-30' - interval '15 minutes' * (100000 - n), timestamptz '2026-03-30' - age,
    CASE WHEN NOT is_open THEN timestamptz '2026-03-30' - age END,
    CASE WHEN n % 3 > 0 THEN n % 40 * 15 END, CASE WHEN n % 50 > 0 THEN h % 2 * 90 END,
    h / 7 % 30 = 0, h / 11 % 100 = 0, CASE WHEN h / 11 % 100 = 0 THEN timestamptz '2026-03-01' END, now(), 'f'
FROM (
    SELECT n, abs(hashtext('a' || n)) AS h, abs(hashtext('c' || n)) % 10 < 3 AS is_open,
        interval '1 minute' * (abs(hashtext('b' || n)) % (15 * (100000 - n) + 1)) AS age
    FROM generate_series(1, 100000) AS n
) AS x;
INSERT INTO task_people (workspace_id, clickup_task_id, relation, clickup_user_id, position, name)
SELECT 'w', t.clickup_task_id, 'assignee', e.clickup_user_id, 0, e.name
FROM tasks AS t JOIN employees AS e ON e.id = t.employee_ids[1];
INSERT INTO task_people (workspace_id, clickup_task_id, relation, clickup_user_id, position, name)
SELECT 'w', 't' || n, part, 'u' || n % 37 + 1, 0, 'x'
FROM generate_series(1, 100000) AS n, unnest(ARRAY['creator', 'watcher']) AS part;
INSERT INTO task_dependencies (workspace_id, clickup_task_id, relation, other_task_id)
SELECT 'w', 't' || n, 'waiting_on', 't' || n * 13 %% 100000 + 1 FROM generate_series(1, 100000, 8) AS n;
INSERT INTO time_entries (workspace_id, clickup_entry_id, clickup_task_id, clickup_user_id, user_name,
    started_at, ended_at, duration_ms, is_running, read_at)
SELECT 'w', 'e' || n, CASE WHEN n % 40 > 0 THEN 't' || abs(hashtext('d' || n)) % 100000 + 1 END,
    'u' || n % 100 + 1, 'x', at, at + interval '1 minute' * (n % 200),
    CASE WHEN n % 4001 > 0 THEN n % 200 * 60000 END, n % 4001 = 0, now()
FROM (SELECT n, timestamptz '2026-03-30' - interval '15 minutes' * (100000 - n) AS at
      FROM generate_series(1, 100000) AS n) AS x;
INSERT INTO comments (workspace_id, clickup_comment_id, clickup_task_id, text, assignee_id, resolved,
    commented_at, read_at)
SELECT 'w', 'c' || n, 't' || n, repeat('x', 200), CASE WHEN n % 20 = 0 THEN 'u' || n % 100 + 1 END,
    n % 100 > 0, now(), now()
FROM generate_series(1, 100000) AS n;
UPDATE task_reads SET comments_read_at = now()
FROM generate_series(1, 99000) AS n WHERE clickup_task_id = 't' || n;
INSERT INTO runs (workspace_id, kind, trigger, status, fence, started_at, ended_at)
SELECT 'w', CASE WHEN n % 10 = 0 THEN 'incremental' ELSE 'verification' END, 'timer', 'succeeded', 1,
    now() - interval '1 minute' * n, now() - interval '1 minute' * n
FROM generate_series(1, 30000) AS n;
VACUUM ANALYZE""".replace("%%", "%")


def steps(tree: Json) -> Iterator[Json]:
    yield tree
    for below in tree.get("Plans", []):
        yield from steps(below)


def read_whole(tree: Json) -> set[str]:
    """Large tables of which every row was looked at; not where only a name was looked for."""
    whole = [step for step in steps(tree) if step["Node Type"] == "Seq Scan"]
    return (
        {step["Relation Name"] for step in whole if step["Actual Rows"] * step["Actual Loops"] > 1}
        - SMALL
        - SHORT
    )


@pytest.fixture(scope="module")
def large(server: Server, template: str) -> Iterator[Connection]:
    """A hundred thousand of everything, three in ten tasks open, each a kilobyte wide."""
    with filled(server, template, *_FILL.split(";\n")) as connection:
        yield connection


def known(days_back: int = 7, **more: Any) -> Json:
    """Parameters of every report, the filters letting everything pass."""
    bounds = part_bounds(TODAY - days_back * DAY, TODAY, BERLIN, more.pop("per", "total"))
    return {
        "workspace_id": "w", "tasks": None, "lists": None, "folders": None, "spaces": None, "people": None,
        "deleted": "exclude", "running": None, "today": TODAY, "day": TODAY, "now": NOW,
        "now_ms": to_millis(NOW), "days": 7, "limit": 50, "offset": 0, "by": "all", "start": bounds[0],
        "end": bounds[-1], "bounds": [to_millis(bound) for bound in bounds],
    } | more  # fmt: skip


REPORTS: dict[str, tuple[str, Json]] = {
    "get_sync_status": ("get_sync_status", {}),
    "sum_workload": ("sum_workload", known()),
    "count_statuses": ("count_statuses", known()),
    "list_statuses": ("list_statuses", {}),
    "count_completed": ("count_completed", known(30)),
    "count_created_and_done": ("count_created_and_done", known(7)),
    "list_completed": ("list_completed", known(30)),
    "standup: done": ("list_done_by_person", known(0)),
    "standup: worked": ("list_worked_by_person", known(0)),
    "standup: due": ("list_due_by_person", known(0)),
    "standup: waiting": ("count_waiting_by_person", known(0)),
    **{
        f"{query} {condition}": (f"{query}_attention", known(condition=condition, days=USUAL_DAYS[condition]))
        for query in ("count", "list")
        for condition in CONDITIONS
    },
    **{
        f"{query} by {by}, {days} days": (query, known(days, by=by))
        for query in ("sum_progress", "sum_accuracy", "sum_time")
        for by in ("all", "person", "list", "space")
        for days in (7, 90)
    },
    "sum_time by task, 7 days": ("sum_time", known(7, by="task")),
    "sum_time by person, 30 days, per day": ("sum_time", known(30, by="person", per="day")),
    "sum_time by person, a year, per week": ("sum_time", known(365, by="person", per="week")),
}
# Of these there are few, or their rows are short.
SMALL = {
    "employees",
    "memberships",
    "workspaces",
    "spaces",
    "folders",
    "lists",
    "streams",
    "workspace_states",
    "worker_processes",
    "schedules",
    "skipped_objects",
    "refusals",
}
SHORT = {"task_dependencies"}


@pytest.mark.slow
@pytest.mark.parametrize("name", REPORTS)
def test_a_report_reads_indexes_and_is_quick(large: Connection, name: str) -> None:
    """None walks through all tasks, people of tasks or comments, and only what is stale needs the last of
    all entries; none is worth compiling first.
    """
    query, params = REPORTS[name]
    tree = plan(large, query, {"workspace_id": "w"} | params)
    assert read_whole(tree) <= ({"time_entries"} if "stale" in name else set())
    assert tree["Total Cost"] < JIT_COST
    # A second, on a machine that is busy with other tests.
    assert tree["Actual Total Time"] < 1_000


@pytest.mark.slow
@pytest.mark.parametrize(
    "query", ["count_attention", "list_attention", "sum_workload", "sum_progress", "sum_accuracy"]
)
def test_a_filter_makes_a_report_cheaper(large: Connection, query: str) -> None:
    """One list's tasks, or one person's, are found by an index of their own."""
    whole = known(30, condition="overdue", by="all")
    for narrow in ({"lists": ["l7"]}, {"tasks": ["t7", "t8"]}):
        tree = plan(large, query, whole | narrow)
        assert read_whole(tree) == set()
        assert pages_read(tree) < 8_000, (narrow, pages_read(tree))


@pytest.mark.slow
def test_a_task_of_many_people_fits_into_every_index(large: psycopg.Connection[Any]) -> None:
    """However many are assigned, however long names and texts are: no index holds what has no bound."""
    large.execute(
        "INSERT INTO tasks (workspace_id, clickup_task_id, title, description, type, status_type,"
        " employee_ids, assignee_name, list_name, read_at, fingerprint) SELECT 'many', 'many', n, n,"
        " 'Task', 'open', (SELECT array_agg(gen_random_uuid()) FROM generate_series(1, 5000)), n, n,"
        " now(), 'f' FROM (SELECT string_agg(md5(k::text), ' ') AS n FROM generate_series(1, 2000) AS k) AS x"
    )
    large.execute("DELETE FROM tasks WHERE workspace_id = 'many'")
