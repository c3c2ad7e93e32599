"""What the answer to a question in SQL looks like."""

from typing import Annotated, Any

from app.mcp.answer_schemas import Shape, TextAnswer, maybe, said


class SqlColumn(Shape):
    """One column of the rows."""

    name: Annotated[str, said("As the SELECT calls it", "open_tasks")]
    type: Annotated[str, said("PostgreSQL's type", "int8")]


class SqlAnswer(TextAnswer):
    """Rows of a SELECT."""

    columns: Annotated[list[SqlColumn], said("The columns, in the order of each row's cells")]
    rows: Annotated[
        list[list[Any]],
        said("One list of cells a row; instants in `zone`, arrays as JSON, very large numbers as text"),
    ]
    has_more: Annotated[
        bool, maybe("There are more rows than `limit`, or than an answer has room for; left out where not")
    ] = False
    cells_cut: Annotated[int | None, maybe("So many cells were longer than is shown; each ends with …")] = (
        None
    )
