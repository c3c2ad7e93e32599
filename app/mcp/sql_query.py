"""Tool: one SELECT of the model's own."""

from contextlib import nullcontext
from dataclasses import dataclass
from typing import Annotated, Any

from fastmcp.exceptions import ToolError
from pydantic import Field, StringConstraints

from app.core.answers.fields import ForAssistants, said
from app.core.answers.filters import describe
from app.core.answers.sql_text import LONGEST, NotOffered
from app.mcp.answers import TextAnswer
from app.mcp.caller import caller_name, is_only_caller
from app.mcp.params import of
from app.mcp.request_context import Known, ToolContext
from app.mcp.written import line
from app.reports.sql import MOST_ROWS


@dataclass(frozen=True, slots=True)
class SqlColumn:
    """One column of the rows."""

    name: Annotated[str, ForAssistants.ALWAYS, said("As the SELECT calls it", "open_tasks")]
    type: Annotated[str, ForAssistants.ALWAYS, said("PostgreSQL's type", "int8")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlAnswer(TextAnswer):
    """Rows of a SELECT."""

    columns: Annotated[list[SqlColumn], said("The columns, in the order of each row's cells")]
    rows: Annotated[
        list[list[Any]],
        said("One list of cells a row; instants in `zone`, arrays as JSON, very large numbers as text"),
    ]
    has_more: Annotated[
        bool, ForAssistants.NONZERO, said("There are more rows than `limit`, or than an answer has room for")
    ] = False
    cells_cut: Annotated[int | None, said("So many cells were longer than is shown; each ends with …")] = None


async def query(
    context: ToolContext,
    known: Known,
    sql: Annotated[
        Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)],
        of(
            "One SELECT in PostgreSQL's SQL over the views of clickup://schema",
            "SELECT list_name, count(*) AS open_tasks FROM tasks WHERE is_open GROUP BY 1 ORDER BY 2 DESC",
        ),
    ],
    limit: Annotated[int, Field(ge=1, le=MOST_ROWS, description=describe("limit"))] = 100,
) -> SqlAnswer:
    """Rows of one SELECT that you write, for what no other tool answers. It reads and never changes anything.

    Views: tasks, task_assignees, task_tags, task_dependencies, custom_field_values, employees, time_entries,
    comments, spaces, folders, lists, workspaces, daily_snapshots, runs, freshness; read clickup://schema for
    their columns. It may take three seconds. Ask the other tools first: their figures are thought through.
    Each view has the rows of one workspace only.
    """
    try:
        # Who is alone may have every place.
        is_alone = is_only_caller(is_local=known.is_local)
        async with nullcontext() if is_alone else known.query_turns.turn(caller_name()):
            answered = await context.reports.sql.answer(
                sql, limit=limit, zone=context.zone, within=context.query_bounds
            )
    except NotOffered as error:
        raise ToolError(line(str(error), 1_000)) from None
    return SqlAnswer.of(
        context,
        columns=[SqlColumn(name=column.name, type=column.type) for column in answered.columns],
        rows=answered.rows,
        has_more=answered.has_more,
        cells_cut=answered.cut or None,
    )
