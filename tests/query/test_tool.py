"""The tool `query`, as a model calls it."""

import json
from typing import Any

import pytest
from fastmcp.exceptions import ToolError

from app.context import open_database
from app.mcp.answers import render_answer
from app.mcp.request_context import Opened, context_of
from app.mcp.sql_query import query
from app.reports import Reports
from tests.engine.mirror import Mirror


async def ask(mirror: Mirror, sql: str, **arguments: Any) -> Any:
    settings = mirror.settings()
    async with open_database(settings) as database:
        opened = Opened(settings, database, Reports(database), is_local=True)
        return await query(await context_of(opened, None), opened, sql, **arguments)


async def test_it_answers_with_columns_and_rows(mirror: Mirror) -> None:
    """And with what every answer says of itself."""
    answer = await ask(mirror, "SELECT count(*) AS tasks FROM tasks")
    content = render_answer(answer)
    assert content["columns"] == [{"name": "tasks", "type": "int8"}]
    assert content["rows"] == [[mirror.value("SELECT count(*) FROM tasks")]]
    assert "has_more" not in content and "cells_cut" not in content
    assert content["is_complete"] and content["note"]


async def test_it_says_where_an_answer_is_not_all(mirror: Mirror) -> None:
    """More rows than asked for, and cells that were cut."""
    series = "generate_series(1, 5) n, generate_series(1, 900) m"
    answer = await ask(mirror, f"SELECT string_agg(m::text, ' ') FROM {series} GROUP BY n", limit=2)
    content = render_answer(answer)
    assert len(content["rows"]) == 2
    assert content["has_more"] and content["cells_cut"] == 2


async def test_a_whole_answer_is_at_most_60_kb(mirror: Mirror) -> None:
    """However long the rows are."""
    text = "SELECT title, description, custom_fields, tags, n FROM tasks, generate_series(1, 500) AS n"
    answer = await ask(mirror, text, limit=1000)
    assert 20_000 < len(json.dumps(render_answer(answer), ensure_ascii=False).encode()) <= 60_000
    assert answer.has_more


async def test_a_refusal_is_a_sentence_for_the_model(mirror: Mirror) -> None:
    """It can correct its query by it."""
    with pytest.raises(ToolError, match="title"):
        await ask(mirror, "SELECT titel FROM tasks")
