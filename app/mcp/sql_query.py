"""Tool: one SELECT of the model's own."""

from contextlib import nullcontext
from typing import Annotated

from fastmcp.exceptions import ToolError
from pydantic import Field, StringConstraints

from app.core.answers.sql_text import LONGEST, NotOffered
from app.mcp.answer_schemas import line
from app.mcp.middleware import caller_name, is_only_caller
from app.mcp.params import of
from app.mcp.request_context import Asked, Known
from app.mcp.sql_schemas import SqlAnswer, SqlColumn
from app.reports.sql import MOST_ROWS


async def query(
    mirror: Asked,
    known: Known,
    sql: Annotated[
        Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)],
        of(
            "One SELECT in PostgreSQL's SQL over the views of clickup://schema",
            "SELECT list_name, count(*) AS open_tasks FROM tasks WHERE is_open GROUP BY 1 ORDER BY 2 DESC",
        ),
    ],
    limit: Annotated[int, Field(ge=1, le=MOST_ROWS, description="How many rows an answer may have")] = 100,
) -> SqlAnswer:
    """Rows of one SELECT that you write, for what no other tool answers. It reads and never changes anything.

    Views: tasks, task_assignees, task_tags, task_dependencies, custom_field_values, employees, time_entries,
    comments, spaces, folders, lists, workspaces, daily_snapshots, runs, freshness; read clickup://schema for
    their columns. It may take three seconds. Ask the other tools first: their figures are thought through.
    """
    try:
        # Who is alone may have every place.
        async with nullcontext() if is_only_caller() else known.query_turns.turn(caller_name()):
            answered = await mirror.reports.sql.answer(sql, limit=limit, zone=mirror.zone)
    except NotOffered as error:
        raise ToolError(line(str(error), 1_000)) from None
    return SqlAnswer.of(
        mirror,
        columns=[SqlColumn(name=column.name, type=column.type) for column in answered.columns],
        rows=answered.rows,
        has_more=answered.has_more,
        cells_cut=answered.cut or None,
    )
