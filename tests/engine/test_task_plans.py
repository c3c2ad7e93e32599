"""Every filter and every order of tasks has its index, at 100,000 tasks; no page is dearer than the first."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import psycopg
import pytest

from app.core.answers.paging import Cursor
from app.reports.tasks import SORTS, TaskFilter, _place
from app.sql.loader import load_queries
from tests.api.plans import filled
from tests.conftest import Server

_FILL = """
INSERT INTO tasks (workspace_id, clickup_task_id, title, description, type, status, status_type, priority,
    list_id, folder_id, space_id, parent, employee_ids, tags, due_date, due_at, date_created, date_updated,
    tracked_minutes, assigned_comment, archived, is_deleted, deleted_at, read_at, fingerprint, updated_at)
SELECT 'w', 't' || n, 'Task number ' || n, 'Words of ' || md5(n::text), 'Task', 'status ' || n % 500, 'open',
    'p' || n % 400, 'l' || n % 900, 'f' || n % 500, 's' || n % 300, CASE WHEN n % 5 = 0 THEN 't' || n / 5 END,
    ARRAY[('00000000-0000-0000-0000-' || lpad((n % 700)::text, 12, '0'))::uuid], ARRAY['tag ' || n % 600],
    CASE WHEN n % 3 = 0 THEN date '2020-01-01' + n % 2000 END,
    CASE WHEN n % 3 = 0 THEN timestamptz '2020-01-01' + interval '1 day' * (n % 2000) END,
    to_timestamp(1.6e9 + n * 600), to_timestamp(1.6e9 + n * 700), n % 300,
    CASE WHEN n % 200 = 0 THEN 'please' END, n % 50 = 0, n % 100 = 0,
    CASE WHEN n % 100 = 0 THEN now() END, now(), 'f',
    to_timestamp(1.6e9 + n)
FROM generate_series(1, 100000) AS n;
INSERT INTO task_people (workspace_id, clickup_task_id, relation, clickup_user_id, position, name)
SELECT 'w', 't' || n, 'assignee', 'u' || n % 700, 0, 'x' FROM generate_series(1, 100000) AS n;
VACUUM ANALYZE tasks;
VACUUM ANALYZE task_people"""


@pytest.fixture(scope="module")
def large(server: Server, template: str) -> Iterator[psycopg.Connection[Any]]:
    with filled(server, template, *_FILL.split(";\n")) as connection:
        yield connection


def plan(
    connection: psycopg.Connection[Any],
    wanted: TaskFilter,
    sort: str,
    walk: Cursor | None = None,
    offset: int = 0,
) -> dict[str, Any]:
    params = wanted.params("w") | _place(sort, walk)
    params |= {
        "sort": sort,
        "written_since": datetime(2020, 1, 1, tzinfo=UTC),
        "limit": 100,
        "offset": offset,
    }
    text = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + load_queries()["list_tasks"]
    row = connection.execute(text.encode(), params).fetchone()
    assert row is not None
    found: dict[str, Any] = row[0][0]["Plan"]
    return found


def nodes(tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield tree
    for below in tree.get("Plans", []):
        yield from nodes(below)


def pages_read(tree: dict[str, Any]) -> int:
    return int(tree["Shared Hit Blocks"] + tree["Shared Read Blocks"])


FILTERS = {
    "status": TaskFilter(statuses=["status 7"]),
    "priority": TaskFilter(priorities=["p7"]),
    "list": TaskFilter(lists=["l7"]),
    "folder": TaskFilter(folders=["f7"]),
    "space": TaskFilter(spaces=["s7"]),
    "parent": TaskFilter(parents=["t77"]),
    "assignee": TaskFilter(assignees=["u7"]),
    "tag": TaskFilter(tags=["tag 7"]),
    "due": TaskFilter(due_from=date(2020, 1, 3), due_to=date(2020, 1, 6)),
    "updated": TaskFilter(updated_since=datetime(2022, 11, 1, tzinfo=UTC)),
    "comments": TaskFilter(with_comments=True),
    "words": TaskFilter(words="number 77123"),
    "ids": TaskFilter(tasks=["t7", "t8"]),
    "deleted": TaskFilter(deleted="only"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FILTERS)
def test_every_filter_finds_its_rows_by_an_index(large: psycopg.Connection[Any], name: str) -> None:
    """No filter walks through all tasks; places and workspaces are few."""
    tree = plan(large, FILTERS[name], "-updated")
    scans = {node["Relation Name"] for node in nodes(tree) if node["Node Type"] == "Seq Scan"}
    assert scans <= {"lists", "folders", "spaces", "workspaces"}
    assert pages_read(tree) < 2_500


@pytest.mark.slow
@pytest.mark.parametrize("sort", [*SORTS, "written"])
def test_a_page_costs_the_same_at_every_depth(large: psycopg.Connection[Any], sort: str) -> None:
    """With the cursor: read from the index in order, nothing sorted, hardly more pages than the first."""
    first = plan(large, TaskFilter(), sort)
    row = deep_row(large, sort)
    deep = plan(large, TaskFilter(), sort, Cursor("q", "2026-01-01T00:00:00+00:00", row[0], row[1]))
    for tree in (first, deep):
        assert [node for node in nodes(tree) if node["Node Type"] in ("Sort", "Seq Scan")] == []
    assert pages_read(deep) <= pages_read(first) * 3 + 50


def deep_row(connection: psycopg.Connection[Any], sort: str) -> tuple[str, str]:
    """A row in the middle of the order, as a cursor has it."""
    middle = connection.execute(
        "SELECT clickup_task_id, title, tracked_minutes, date_updated, date_created, updated_at,"
        " coalesce(due_at, '9999-12-31Z') AS due_at FROM tasks WHERE clickup_task_id = 't49998'"
    ).fetchone()
    assert middle is not None
    columns = {"title": 1, "tracked": 2, "updated": 3, "created": 4, "written": 5, "due": 6}
    value = middle[columns[sort.lstrip("-")]]
    return (value.isoformat() if isinstance(value, datetime) else str(value)), middle[0]


def test_a_count_is_bounded_too(large: psycopg.Connection[Any]) -> None:
    """How many pass a filter is found by the same indexes."""
    for name in ("status", "list", "assignee", "words"):
        text = "EXPLAIN (FORMAT JSON) " + load_queries()["count_tasks"]
        row = large.execute(text.encode(), FILTERS[name].params("w") | {"most": None}).fetchone()
        assert row is not None
        assert [node for node in nodes(row[0][0]["Plan"]) if node["Node Type"] == "Seq Scan"] == []
