"""The named queries of `sql/queries/` and the comments of `sql/comments/`, read from their files.

What several of them say alike stands once, as a part (`-- part: NAME`), and in each of them as `{NAME}`.
A part may have parts of its own. `{schema}` is the schema of the tables, `{views}` that of the views,
`{jobs}` that of the job queue and `{reader}` the role that may read the views: no search path is relied upon,
because a transaction pooler forgets it.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from app.core.schemas import Schemas

_FOLDER = Path(__file__).parent / "queries"
_COMMENTS = Path(__file__).parent / "comments"
_HEAD = re.compile(r"^-- (name|part): (\w+)\n", re.MULTILINE)
_PUT = re.compile(r"\{(\w+)\}")
_COMMENT = re.compile(r"^--.*\n", re.MULTILINE)


@cache
def load_queries(schema: str = "public", views: str = "mirror") -> dict[str, str]:
    """Every query's text by its name; a name given twice, or a part that is not there, is an error."""
    found: dict[str, dict[str, str]] = {"name": {}, "part": {}}
    for kind, name, text in _read_files():
        if name in found[kind]:
            raise ValueError(f"two of the queries or their parts are named {name}")
        found[kind][name] = text
    parts = {name: _without_comment(text) for name, text in found["part"].items()}
    parts |= _names(Schemas(schema, views))
    return {name: _put_together(text, parts) for name, text in found["name"].items()}


def load_part(name: str) -> str:
    """A part's text, with the names of its own parts still in their places: for a view that is made of it."""
    return next(
        _without_comment(text) for kind, part, text in _read_files() if (kind, part) == ("part", name)
    )


# What has been as it was at an instant: views beside the tables, of the same columns.
_PAST_TABLES = (
    "workspaces", "custom_fields", "employees", "memberships", "spaces", "folders", "lists", "time_entries",
    "comments", "tasks", "task_people", "task_tags", "task_custom_fields", "task_dependencies",
)  # fmt: skip
_PAST_VIEWS = ("tasks", "time_entries", "comments", "employees", "spaces", "folders", "lists")


@cache
def load_past_queries(schema: str = "public", views: str = "mirror") -> dict[str, str]:
    """The same queries about the instant of the setting `clickup_sync.as_of`."""
    tables, shown = quote_identifier(schema), quote_identifier(views)
    past = {f"{tables}.{name}": f"{tables}.past_{name}" for name in _PAST_TABLES}
    past |= {f"{shown}.{name}": f"{tables}.past_view_{name}" for name in _PAST_VIEWS}
    names = re.compile(rf"({re.escape(tables)}|{re.escape(shown)})\.\w+")
    queries = load_queries(schema, views)
    return {
        name: names.sub(lambda found: past.get(found[0], found[0]), text) for name, text in queries.items()
    }


def name_schemas(sql: str, schemas: Schemas) -> str:
    """A migration's SQL with the names in the places of `{schema}`, `{views}`, `{jobs}` and `{reader}`."""
    names = _names(schemas)
    return _PUT.sub(lambda put: names.get(put[1], put[0]), sql)


def load_comments(schemas: Schemas) -> str:
    """The statements that comment tables, views and their columns."""
    texts = [file.read_text(encoding="utf-8") for file in sorted(_COMMENTS.glob("*.sql"))]
    return name_schemas("\n".join(texts), schemas)


def _names(schemas: Schemas) -> dict[str, str]:
    names = {
        "schema": schemas.tables, "views": schemas.views, "jobs": schemas.jobs, "reader": schemas.reader,
    }  # fmt: skip
    return {part: quote_identifier(name) for part, name in names.items()}


def quote_identifier(name: str) -> str:
    """A name as it stands in a statement, where `%` begins a parameter."""
    return '"' + name.replace('"', '""').replace("%", "%%") + '"'


def _without_comment(text: str) -> str:
    return _COMMENT.sub("", text)


def _put_together(text: str, parts: dict[str, str]) -> str:
    """The text with its parts in their places, and with theirs."""
    return _PUT.sub(lambda put: _put_together(parts[put[1]], parts), text)


def _read_files() -> Iterator[tuple[str, str, str]]:
    """Whether it is a query (`name`) or a part, how it is called, and its text."""
    for file in sorted(_FOLDER.glob("*.sql")):
        _, *pieces = _HEAD.split(file.read_text(encoding="utf-8"))
        for kind, name, text in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True):
            yield kind, name, text.strip()
