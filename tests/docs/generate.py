"""Writes the parts of the pages that are made from the code and the database: `make docs`.

A page has them between two marks:

    <!-- generated: tables main -->
    <!-- end -->
"""

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from psycopg.rows import class_row

from app.core.answers.filters import FILTERS
from app.http.problem_types import MEANINGS, PREFIX
from app.sql.embedded import start_embedded_server, stop_embedded_server
from app.sql.migrate import migrate
from tests.database import connect
from tests.docs import commands_text, metrics_text, settings_text
from tests.docs.reading import GENERATED, ROOT, pages

_COLUMNS = """
    SELECT c.relname AS relation, c.relkind = 'v' AS is_view,
        obj_description(c.oid, 'pg_class') AS relation_comment,
        a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS is_not_null,
        col_description(c.oid, a.attnum) AS comment
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE (n.nspname, c.relkind) IN (('public', 'r'), ('mirror', 'v')) AND c.relname <> 'clickup_sync_version'
    ORDER BY c.relname, a.attnum
"""


_MAIN = ("tasks", "employees", "daily_syncs", "daily_snapshots")
_DETAILS = (
    "time_entries", "comments", "task_people", "task_tags", "task_dependencies", "custom_fields",
    "task_custom_fields", "spaces", "folders", "lists", "workspaces", "visible_workspaces",
)  # fmt: skip


class Column(NamedTuple):
    """A column of a table or a view, with the comments in the database."""

    relation: str
    is_view: bool
    relation_comment: str | None
    name: str
    type: str
    is_not_null: bool
    comment: str | None


def fetch_columns(url: str) -> list[Column]:
    """The columns of all tables and views of a migrated database."""
    with connect(url) as connection, connection.cursor(row_factory=class_row(Column)) as cursor:
        return cursor.execute(_COLUMNS).fetchall()


def render(text: str, columns: list[Column]) -> str:
    """A page with its generated parts made again."""
    return GENERATED.sub(lambda found: f"{found[1]}\n{_part(found[2], columns)}\n{found[4]}", text)


def _part(name: str, columns: list[Column]) -> str:
    tables, views = _by_relation(columns, views=False), _by_relation(columns, views=True)
    internal = [name for name in tables if name not in (*_MAIN, *_DETAILS)]
    parts: dict[str, Callable[[], str]] = {
        "tables main": lambda: _relations("###", [tables[name] for name in _MAIN], with_null=True),
        "tables details": lambda: _relations("###", [tables[name] for name in _DETAILS], with_null=True),
        "tables internal": lambda: _relations("###", [tables[name] for name in internal], with_null=True),
        "views": lambda: _relations("##", list(views.values()), with_null=False),
        "settings": settings_text.as_table,
        "commands": commands_text.as_table,
        "metrics": metrics_text.as_table,
        "problems": _problems,
        "filters": _filters,
    }
    return f"\n{parts[name]().strip()}\n"


def _problems() -> str:
    kinds = [_line([f"`{PREFIX}{name}`", meaning]) for name, meaning in MEANINGS.items()]
    return "\n".join([_line(["Type", "Meaning"]), "|---|---|", *kinds])


def _filters() -> str:
    lines = [_line([f"`{name}`", one.meaning, one.value]) for name, one in FILTERS.items()]
    return "\n".join([_line(["Filter", "Meaning", "Value"]), "|---|---|---|", *lines])


def _by_relation(columns: list[Column], *, views: bool) -> dict[str, list[Column]]:
    found: dict[str, list[Column]] = {}
    for column in columns:
        if column.is_view == views:
            found.setdefault(column.relation, []).append(column)
    return found


def _relations(heading: str, relations: list[list[Column]], *, with_null: bool) -> str:
    return "\n".join(_relation(heading, columns, with_null=with_null) for columns in relations)


def _relation(heading: str, columns: list[Column], *, with_null: bool) -> str:
    head = ["Column", "Type", "Meaning", "NULL means"][: 4 if with_null else 3]
    lines = [_line(head), "|" + "---|" * len(head)]
    for column in columns:
        kind = column.type.replace("timestamp with time zone", "timestamptz")
        meaning, _, null = (column.comment or "").partition(" NULL: ")
        cells = [meaning, null.removesuffix(".") or "never"] if with_null else [column.comment or ""]
        lines.append(_line([f"`{column.name}`", kind, *(_escape(cell) for cell in cells)]))
    intro = _escape(columns[0].relation_comment or "")
    return "\n".join([f"{heading} `{columns[0].relation}`", "", intro, "", *lines, ""])


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escape(text: str) -> str:
    """A text in a cell, which `|` would end."""
    return text.replace("|", "\\|")


def main() -> None:
    """Writes all of it, from a new database."""
    folder = Path(tempfile.mkdtemp())
    try:
        url = start_embedded_server(folder).url
        migrate(url)
        columns = fetch_columns(url)
    finally:
        stop_embedded_server(folder)
        shutil.rmtree(folder, ignore_errors=True)
    made = {page: render(page.read_text(encoding="utf-8"), columns) for page in pages()}
    made[ROOT / ".env.example"] = settings_text.as_example()
    for page, text in made.items():
        if page.read_text(encoding="utf-8") != text:
            page.write_text(text, encoding="utf-8")
            sys.stdout.write(f"{page.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
