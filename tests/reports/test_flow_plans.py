"""Reports on flow read changes and versions by their indexes, however many there are."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from app.core.answers.timesheet import part_bounds
from tests.api.plans import Connection, filled, plan, read_whole
from tests.conftest import Server
from tests.reports.ground import BERLIN, DAY

NOW = datetime(2026, 3, 30, 10, 0, tzinfo=UTC)
TODAY = NOW.date()
_FILL = """
INSERT INTO workspaces (workspace_id, name) VALUES ('w', 'w');
INSERT INTO history_states VALUES ('w', '2025-01-01');
INSERT INTO tasks (workspace_id, clickup_task_id, title, type, status, status_type, list_id, employee_ids,
    date_created, date_updated, date_done, read_at, fingerprint)
SELECT 'w', 't' || n, repeat('x', 200), 'Task', 'done', 'done', 'l' || n % 100, '{}',
    timestamptz '2026-03-30' - interval '1 hour' * n, '2026-03-30',
    timestamptz '2026-03-30' - interval '1 minute' * n, now(), 'f'
FROM generate_series(1, 5000) AS n;
CREATE TABLE steps AS
SELECT clickup_task_id AS id, k, date_created + (timestamptz '2026-03-30' - date_created) * (k / 21.0) AS at
FROM tasks, generate_series(0, 20) AS k;
INSERT INTO task_versions (workspace_id, clickup_task_id, title, type, status, status_type, list_id,
    employee_ids, tags, group_assignees, archived, is_deleted, is_recurring, date_created, read_at,
    valid_from_earliest, valid_from, known_from, seen_at, valid_to_earliest, valid_to)
SELECT 'w', s.id, repeat('x', 200), 'Task', 'step ' || k / 5, CASE WHEN k < 20 THEN 'custom' ELSE 'done' END,
    t.list_id, '{}', '{}', '{}', false, false, false, t.date_created, now(), s.at, s.at, s.at, s.at,
    s.next, s.next
FROM (SELECT *, coalesce(lead(at) OVER (PARTITION BY id ORDER BY k), 'infinity') AS next FROM steps) AS s
JOIN tasks AS t ON t.clickup_task_id = s.id ORDER BY s.at;
INSERT INTO changes (workspace_id, object_type, object_id, task_id, operation, field, before, after, earliest,
    changed_at, latest, source)
SELECT 'w', 'task', id, id, 'changed',
    (ARRAY['status', 'title', 'points', 'priority', 'description'])[k % 5 + 1],
    to_jsonb('step ' || k / 5 - 1), to_jsonb('step ' || k / 5), at, at, at, 'polling'
FROM steps WHERE k > 0 ORDER BY at;
INSERT INTO changes (workspace_id, object_type, object_id, task_id, operation, field, before, after, earliest,
    changed_at, latest, source)
SELECT 'w', 'task', id, id, 'changed', 'due_at', to_jsonb(at), to_jsonb(at + interval '3 days'),
    at, at, at, 'polling'
FROM steps WHERE k = 7 ORDER BY at;
INSERT INTO time_entry_versions (workspace_id, clickup_entry_id, clickup_task_id, clickup_user_id, started_at,
    duration_ms, is_running, unreadable_fields, read_at, valid_from_earliest, valid_from, known_from, seen_at)
SELECT 'w', 'e' || n, 't1', 'u', timestamptz '2026-03-30' - interval '1 hour' * n, 60000, false, '{}', now(),
    at, at, at, at
FROM generate_series(1, 20000) AS n, (SELECT timestamptz '2026-03-30' AS at) AS x;
VACUUM ANALYZE"""


@pytest.fixture(scope="module")
def history(server: Server, template: str) -> Iterator[Connection]:
    """Twenty changes of each of some thousand tasks."""
    with filled(server, template, *_FILL.split(";\n")) as connection:
        yield connection


def known(days_back: int = 30, **more: Any) -> dict[str, Any]:
    """Parameters of every report, the filters letting everything pass."""
    bounds = part_bounds(TODAY - days_back * DAY, TODAY, BERLIN, "day")
    return {
        "workspace_id": "w", "tasks": None, "lists": None, "folders": None, "spaces": None, "people": None,
        "assignees": None, "tags": None, "priorities": None, "statuses": None, "status_types": None,
        "field": None, "value": None, "unit": "tasks", "by": "all", "limit": 50, "offset": 0,
        "since": bounds[0], "now": NOW,
        "start": bounds[0], "end": bounds[-1], "bounds": bounds, "edited_since": bounds[-2],
    } | more  # fmt: skip


REPORTS: dict[str, tuple[str, dict[str, Any]]] = {
    "flow": ("sum_flow", known(by="status")),
    "flow of a list": ("sum_flow", known(by="status", lists=["l7"])),
    "burn-up of a list": ("sum_burnup", known(lists=["l7"])),
    "burn-up of a tag": ("sum_burnup", known(tags=["t"])),
    "cycle times of a list": ("sum_cycle_times", known(2, lists=["l7"])),
    "times per status of a list": ("sum_status_times", known(2, lists=["l7"])),
    "due dates": ("list_due_date_changes", known(2)),
    "edits of a day": ("sum_time_edits", known(1)),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", REPORTS)
def test_a_report_reads_history_by_its_indexes(history: Connection, name: str) -> None:
    """Neither all changes nor all versions are looked at."""
    query, params = REPORTS[name]
    whole = read_whole(plan(history, query, params))
    assert whole & {"changes", "task_versions", "time_entry_versions"} == set()
