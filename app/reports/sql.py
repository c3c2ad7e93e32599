"""Questions that an assistant wrote as SQL: one SELECT over the views of the mirror.

Two walls stand before the tables: the text is understood and written anew
(`app/core/answers/sql_text.py`), and what is run is run with the rights of a role that may read the views
and nothing else, by a function within which nobody can become somebody else, in a transaction that only
reads.
"""

import asyncio
import json
import math
import re
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from app.core.answers.sql_text import NotOffered, RowBounds, near, read_question
from app.core.schemas import Schemas, plain
from app.sql.read_transaction import Column, QueryRejected, ReadTransaction
from app.sql.typed_rows import Query
from app.supabase_db import Database

SECONDS, MOST_ROWS, MOST_BYTES, LONGEST_CELL = 3, 1_000, 50_000, 1_000
_MOST_COLUMNS, _SHORTEST_CELL, _LETTERS_A_ROW, _DEEPEST = 100, 100, 20_000, 20
_AT_ONCE = 2
_PATIENCE_SECONDS = 60
_CUT = "…"
_DOCUMENTS_A_ROW, _SMALLEST_DOCUMENT = 5_000_000, 50_000
_SMALL = {
    "bool",
    "date",
    "float4",
    "float8",
    "int2",
    "int4",
    "int8",
    "interval",
    "timestamp",
    "timestamptz",
    "uuid",
}
_TEXTS = {"text", "varchar", "bpchar", "name", "unknown"}
_NEVER_SHOWN = re.compile(r"schema|role|user|database|server|host", re.IGNORECASE)

_TOO_SLOW = (
    f"the query takes longer than {SECONDS} seconds: read fewer rows, filter earlier, or compare columns "
    "instead of computed values"
)


def how_to_make_a_reader(schemas: Schemas) -> str:
    """The statements that an administrator runs so that `query` can answer."""
    views, reader = plain(schemas.views), plain(schemas.reader)
    return (
        f"an administrator runs once, in the mirror's database: CREATE ROLE {reader} NOLOGIN; "
        f"GRANT USAGE ON SCHEMA {views} TO {reader}; "
        f"GRANT SELECT ON ALL TABLES IN SCHEMA {views} TO {reader}; "
        f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {views} TO {reader}; "
        f"ALTER FUNCTION {views}.answer OWNER TO {reader}; "
        f"GRANT {reader} TO (the user of DATABASE_URL)"
    )


def no_reader(schemas: Schemas) -> str:
    """Why `query` cannot answer, and what to do about it."""
    return (
        f"`query` needs the role {plain(schemas.reader)}, which the user of DATABASE_URL may not use: "
        f"{how_to_make_a_reader(schemas)}. The other tools answer without it"
    )


@dataclass(slots=True)
class Answered:
    """Rows as PostgreSQL gave them: numbers, truth values, texts, and JSON for arrays and documents.

    `has_more`: there are rows beyond these. `cut`: so many cells were longer than is shown.
    """

    columns: list[Column]
    rows: list[list[Any]] = field(default_factory=list)
    has_more: bool = False
    cut: int = 0


@dataclass(frozen=True, slots=True)
class ViewColumn:
    """A column of a view that may be asked, with what both mean."""

    view: str
    meaning: str | None
    column: str
    type: str
    column_meaning: str | None


LIST_VIEWS = Query("list_views", ViewColumn)
FIND_READER = Query("find_reader", str)


class SqlReports:
    """What is asked by SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # Others ask too, by the same few connections.
        self._turn = asyncio.Semaphore(min(_AT_ONCE, max(1, database.readers - 1)))

    async def views(self) -> list[ViewColumn]:
        """Each column of each view."""
        return await self._database.rows(LIST_VIEWS)

    async def has_reader(self) -> bool:
        """Whether any question can be answered: by the reader, whom the user of the database may become."""
        return bool(await self._database.rows(FIND_READER))

    async def answer(
        self, text: str, *, limit: int, zone: ZoneInfo, within: RowBounds | None = None
    ) -> Answered:
        """At most so many rows, and no more bytes than there is room for. Raises NotOffered with why not.

        `within`: the workspace whose rows may be read; None for all.
        """
        views: dict[str, dict[str, str]] = {}
        for row in await self.views():
            views.setdefault(row.view, {})[row.column] = row.type
        schemas = self._database.schemas
        question = await asyncio.to_thread(read_question, text, views, schemas.views, within)
        bounds = {"milliseconds": SECONDS * 1_000, "zone": zone.key, "work_mem": question.work_mem}
        async with self._turn:
            try:
                # Should the server's own limit not come, the driver cancels the statement.
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    return await self._database.read_bounded(
                        bounds, lambda reading: _answer(reading, question.bounded, limit, schemas)
                    )
            except TimeoutError:
                raise NotOffered(_TOO_SLOW) from None
            except QueryRejected as error:
                raise NotOffered(_sentence(error, views, schemas)) from None


async def _answer(reading: ReadTransaction, sql: str, limit: int, schemas: Schemas) -> Answered:
    if not await reading.become("become_reader"):
        raise NotOffered(no_reader(schemas))
    columns = await reading.describe(sql)
    if not 1 <= len(columns) <= _MOST_COLUMNS:
        raise NotOffered(f"it has {len(columns):,} columns; 1 to {_MOST_COLUMNS} are the maximum")
    longest = min(LONGEST_CELL, max(_SHORTEST_CELL, _LETTERS_A_ROW // len(columns)))
    rows = await reading.answer(_cells(sql, columns, schemas.views, longest + 1, limit + 1), MOST_BYTES)
    return _answered(columns, rows, limit, longest)


def _answered(columns: list[Column], rows: list[list[str | None]], limit: int, longest: int) -> Answered:
    answered, room, letters = Answered(columns), MOST_BYTES, 0
    for row in rows:
        cells = [_cell(cell, column, longest) for cell, column in zip(row, columns, strict=True)]
        shown = [value for value, _ in cells]
        room -= len(json.dumps(shown, ensure_ascii=False).encode())
        if len(answered.rows) == limit or room < 0 or letters > MOST_BYTES:
            answered.has_more = True
            break
        answered.rows.append(shown)
        answered.cut += sum(is_cut for _, is_cut in cells)
        letters += sum(len(cell or "") for cell in row)
    return answered


def _cells(sql: str, columns: list[Column], views: str, longest: int, most: int) -> str:
    """The first rows, each cell a text that the database cuts: texts as they are, all else as JSON."""
    names = [f"c{number}" for number in range(len(columns))]
    largest = max(_SMALLEST_DOCUMENT, _DOCUMENTS_A_ROW // len(columns))
    cells = [
        f"left({_as_text(name, column, views, largest)}::text, {longest})"
        for name, column in zip(names, columns, strict=True)
    ]
    return f"SELECT ARRAY[{', '.join(cells)}] FROM ({sql}) AS answer({', '.join(names)}) LIMIT {most}"


def _as_text(name: str, column: Column, views: str, largest: int) -> str:
    """Arrays and documents are written out as JSON before they are cut: as large as this they may be."""
    if column.type in _TEXTS:
        return name
    if column.type in _SMALL:
        return f"to_json({name})"
    return f"to_json({plain(views)}.at_most({name}, {largest}, 'a cell of the answer'))"


def _cell(text: str | None, column: Column, longest: int) -> tuple[Any, bool]:
    """The value, and whether it was cut."""
    if text is None:
        return None, False
    if len(text) > longest:
        return text[:longest] + _CUT, True
    return (text if column.type in _TEXTS else _value(text)), False


def _value(text: str) -> Any:
    """What the JSON means; the text itself where others could not read it."""
    if _depth(text) > _DEEPEST:
        return text
    value = json.loads(text, parse_float=_float, parse_int=_int)
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return text
    return value


def _float(text: str) -> float | str:
    number = float(text)
    return number if math.isfinite(number) else text


def _int(text: str) -> int | str:
    """As text where it is larger than JSON's readers can hold."""
    return int(text) if len(text) < 16 else text


def _depth(text: str) -> int:
    depth = deepest = 0
    for letter in text:
        depth += (letter in "[{") - (letter in "]}")
        deepest = max(deepest, depth)
    return deepest


def _sentence(error: QueryRejected, views: dict[str, dict[str, str]], schemas: Schemas) -> str:
    """What PostgreSQL said, so that the question can be mended; nothing of what lies beyond the views."""
    match error.state:
        case "57014" | "55P03":
            return _TOO_SLOW
        case "54C01":
            return error.message
        case "42501":
            return no_reader(schemas)
        case "42703":
            return f"{error.message}{_near_columns(error.message, views)}"
        case state if state[:2] in ("21", "22", "42", "54", "0A", "2B", "53"):
            hint = f" ({error.hint})" if error.hint and not _NEVER_SHOWN.search(error.hint) else ""
            return f"PostgreSQL: {error.message}{hint}"
        case _:
            return "PostgreSQL cannot run this query: write it in another way"


def _near_columns(message: str, views: dict[str, dict[str, str]]) -> str:
    named = re.search(r"[\w.\"]+(?= )", message.partition(" ")[2])
    name = named[0].replace('"', "").rpartition(".")[2] if named else ""
    owners: dict[str, list[str]] = {}
    for view, columns in views.items():
        for column in columns:
            owners.setdefault(column, []).append(view)
    said = near(name, owners)
    found = [column for column in said.removeprefix("; near: ").split(", ") if column in owners]
    told = [f"{column} (of {', '.join(owners[column])})" for column in found]
    return f"; similar: {'; '.join(told)}" if told else ""
