"""A question that is bounded to one workspace is asked of its rows alone, wherever it names a view."""

import pytest
from sqlglot import exp, parse_one

from app.core.answers.sql_text import NotOffered, RowBounds, read_question

COLUMNS = {"workspace_id": "text", "clickup_user_id": "text", "name": "text", "role": "text"}
VIEWS = {
    "tasks": {"workspace_id": "text", "title": "text", "description": "text"},
    "comments": {"workspace_id": "text", "text": "text"},
    "employees": COLUMNS,
    "memberships": COLUMNS,
    "mixed": {"title": "text"},
}
QUESTIONS = [
    "SELECT * FROM tasks",
    "TABLE tasks",
    "SELECT t.title FROM tasks t JOIN comments c ON c.text = t.title",
    "SELECT * FROM (tasks CROSS JOIN comments)",
    "SELECT * FROM tasks AS z(w, i, d), employees",
    "WITH a AS (SELECT * FROM tasks) SELECT * FROM a UNION ALL SELECT * FROM a",
    "WITH RECURSIVE a(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM a, tasks) SELECT * FROM a LIMIT 3",
    "SELECT (SELECT count(*) FROM comments), EXISTS (SELECT FROM tasks) FROM employees",
    "SELECT title FROM tasks WHERE title IN (SELECT text FROM comments)",
    "SELECT * FROM tasks t, LATERAL (SELECT text FROM comments WHERE text = t.title) x",
    "SELECT string_agg(description, ',' ORDER BY (SELECT max(text) FROM comments)) FROM tasks",
    "SELECT title FROM tasks EXCEPT SELECT text FROM mirror.comments",
    "VALUES ((SELECT max(title) FROM tasks))",
]


@pytest.mark.parametrize("text", QUESTIONS)
@pytest.mark.parametrize("hides_others", [False, True])
def test_each_view_has_the_rows_of_the_workspace(text: str, hides_others: bool) -> None:
    """Each view stands in a SELECT of its own with the workspace as condition."""
    bounded = read_question(text, VIEWS, within=RowBounds("it's", hides_others)).bounded
    tables = [table for table in parse_one(bounded, dialect="postgres").find_all(exp.Table) if table.db]
    assert tables
    for table in tables:
        select = table.find_ancestor(exp.Select)
        assert select is not None
        condition = select.args["where"].this.sql(dialect="postgres")
        assert condition.endswith("\"workspace_id\" = 'it''s'"), bounded
        assert bool(select.args.get("offset")) is hides_others


def test_nothing_changes_without_bounds() -> None:
    """With one workspace the question stays as it was."""
    assert "workspace_id" not in read_question("SELECT title FROM tasks", VIEWS).bounded


def test_a_view_that_mixes_workspaces_is_refused() -> None:
    """It cannot be bounded."""
    with pytest.raises(NotOffered, match="the view mixed mixes workspaces"):
        read_question("SELECT * FROM mixed", VIEWS, within=RowBounds("1", hides_others=True))
