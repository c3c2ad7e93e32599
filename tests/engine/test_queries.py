"""The statements that run for every page find their rows by an index, however large the mirror is."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from app.sql.loader import load_queries
from tests.conftest import Server
from tests.database import connect

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_IDS = [f"t{number}" for number in range(0, 200, 2)]
_FILL = """
INSERT INTO tasks (workspace_id, clickup_task_id, title, type, date_updated, read_at, fingerprint)
SELECT 'w', 't' || n, 'x', 'task', to_timestamp(n), now(), 'f' FROM generate_series(1, 30000) AS n;
INSERT INTO time_entries (workspace_id, clickup_entry_id, clickup_task_id, clickup_user_id, started_at,
    duration_ms, is_running, read_at)
SELECT 'w', 'e' || n, 't' || n, 'u', to_timestamp(n * 1000), 1, false, now()
FROM generate_series(1, 30000) AS n;
INSERT INTO comments (workspace_id, clickup_comment_id, clickup_task_id, parent_comment_id, text, resolved,
    read_at)
SELECT 'w', 'c' || n, 't' || n, CASE WHEN n % 3 = 0 THEN 'c' || (n - 1) END, 'x', false, now()
FROM generate_series(1, 30000) AS n;
INSERT INTO task_people (workspace_id, clickup_task_id, relation, clickup_user_id, position, name)
SELECT 'w', 't' || n, 'assignee', 'u', 0, 'x' FROM generate_series(1, 30000) AS n;
ANALYZE;
"""


@pytest.fixture(scope="module")
def large(server: Server, template: str) -> Iterator[psycopg.Connection[Any]]:
    """Thirty thousand of everything."""
    name = server.copy(template)
    with connect(server.url_of(name), autocommit=True) as connection:
        connection.execute(_FILL)
        yield connection
    server.drop(name)


HOT: dict[str, tuple[dict[str, Any], str]] = {
    "list_stored_tasks": ({"ids": _IDS}, "tasks"),
    "list_sessions": ({"ids": _IDS}, "time_entries"),
    "refresh_waiting_comments": ({"ids": _IDS}, "tasks comments"),
    "delete_time_entries": ({"ids": _IDS, "read_before": None}, "time_entries"),
    "list_time_totals": ({"ids": _IDS}, "tasks time_entries"),
    "delete_comments": ({"tasks": _IDS[:50], "ids": ["c1"], "asked_at": _NOW}, "comments"),
    "list_absent_task_entries": ({"task_id": "t5", "asked_at": _NOW, "ids": ["e1"]}, "time_entries"),
    "mark_tasks_deleted": ({"ids": ["t5", "t6"], "asked": [_NOW, _NOW]}, "tasks"),
    "list_threads": ({"ids": _IDS}, "comments"),
    "delete_task_people": ({"ids": _IDS, "rows": "[]"}, "task_people"),
}


def plan_of(connection: psycopg.Connection[Any], query: str, params: dict[str, Any]) -> str:
    text = "EXPLAIN " + load_queries()[query]
    return "\n".join(row[0] for row in connection.execute(text.encode(), params))


@pytest.mark.parametrize("query", HOT)
def test_a_hot_statement_reads_no_whole_table(large: psycopg.Connection[Any], query: str) -> None:
    """For a page of ids it goes to those ids."""
    params, tables = HOT[query]
    plan = plan_of(large, query, params)
    for table in tables.split():
        assert re.search(rf"Seq Scan on {table}\b", plan) is None, plan
        assert re.search(rf"Index .*(on|using) \w*{table}", plan), plan
