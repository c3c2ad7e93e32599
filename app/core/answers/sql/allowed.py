"""Which parts of a SELECT may run: each kind of part, table, function and type is on a list.

What is not named is refused, so that what PostgreSQL learns next year is refused too.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from sqlglot import exp

from app.core.answers.sql.dialect import Spoken
from app.core.answers.sql.refusal import NotOffered, near
from app.core.answers.sql.rules import FUNCTIONS

# Planning takes much longer with each table that is joined, and each column of a CUBE.
_MOST_VIEWS, _MOST_IN_FROM, _MOST_IN_CUBES = 25, 40, 8


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TYPES = _words(
    """
    ARRAY BIGINT BOOLEAN CHAR DATE DECIMAL DOUBLE FLOAT INT INTERVAL JSON JSONB SMALLINT TEXT TIME
    TIMESTAMP TIMESTAMPNTZ TIMESTAMPTZ TIMETZ UUID VARCHAR
    """
)
_PARTS = _words(
    """
    Add Alias All And Anonymous Any Array ArrayContainedBy ArrayContainsAll ArrayOverlaps AtTimeZone
    Between BitwiseAnd BitwiseLeftShift BitwiseNot BitwiseOr BitwiseRightShift BitwiseXor Boolean
    Bracket CTE Case Cast Cbrt Column ColumnDef Cube CurrentDate CurrentTimestamp DPipe DataType
    DataTypeParam Distinct Div EQ Escape Except Exists Extract Fetch Filter From GT GTE Group
    GroupingSets Having ILike Identifier If In Intersect Interval Is JSONBContainsAllTopKeys
    JSONBContainsAnyTopKeys JSONBContainsTopKey JSONBDeleteAtPath JSONBExtract JSONBExtractScalar
    JSONBPathExists JSONExtract JSONExtractScalar Join Kwarg LT LTE Lateral Like Limit LimitOptions
    Literal Localtimestamp MatchAgainst Mod Mul NEQ Neg Not Null NullSafeEQ NullSafeNEQ Offset Or
    Order Ordered Overlaps Overlay Paren Pow RegexpILike RegexpLike Rollup Select SimilarTo Slice
    Sqrt Star StartsWith StrPosition Sub Subquery Substring Table TableAlias Trim Tuple Union Unnest
    Values Var Where Window WindowSpec With WithinGroup
    """
)
# What people know by another name than the parser does.
_CALLED = {
    "Into": "SELECT INTO creates a table",
    "Lock": "FOR UPDATE and FOR SHARE lock rows",
    "Operator": "OPERATOR() is not supported",
    "Dot": "names of more than one part (schema.function, (row).field) are not supported",
    "ByteString": "texts are written in plain quotes: 'text'",
    "RawString": "texts are written in plain quotes: 'text'",
    "UnicodeString": "texts are written in plain quotes: 'text'",
    "Heredoc": "texts are written in plain quotes: 'text'",
    "National": "texts are written in plain quotes: 'text'",
    "Placeholder": "there are no parameters: write the value itself",
    "Parameter": "there are no parameters: write the value itself",
    "TableSample": "TABLESAMPLE does not work on views",
    "Command": "only SELECT is allowed",
    "ObjectIdentifier": "types that name objects of the database are not supported",
}
_QUERIES = (exp.Select, exp.Union, exp.Except, exp.Intersect, exp.Subquery, exp.Values)
_NUMBER = re.compile(r"[0-9]*\.?[0-9]*(?:[eE][+-]?[0-9]+)?")
_WORD = re.compile(r"[A-Za-z_]+(?: [A-Za-z_]+)*")
# Functions of the mirror that give a view's rows as they were at an instant: the view of each.
ROWS_AT = {"tasks_at": "tasks", "time_entries_at": "time_entries"}
# What a function in FROM calls its columns by itself.
_ITS_OWN = {"ordinality", "key", "value"}


def check(tree: exp.Expr, views: Mapping[str, Collection[str]], schema: str) -> None:
    """Each part is allowed. Names are written in full: views with their schema."""
    if not isinstance(tree, _QUERIES):
        raise NotOffered("only SELECT is allowed, also behind WITH")
    parts = list(tree.walk())
    for part in parts:
        if type(part).__name__ not in _PARTS:
            raise NotOffered(_CALLED.get(type(part).__name__) or f"{_kind(part)} is not supported")
    for part in parts:
        if isinstance(part, exp.Identifier):
            _fold(part)
    _check_numbers(parts)
    common = _common_tables(parts, views)
    for part in parts:
        _check_part(part, views, schema, common)
    _check_columns_of_functions(parts, views)


def _check_numbers(parts: Sequence[exp.Expr]) -> None:
    """What takes long to plan, which PostgreSQL does not interrupt in time."""
    tables = [part for part in parts if isinstance(part, exp.Table)]
    if sum(isinstance(table.this, exp.Identifier) for table in tables) > _MOST_VIEWS:
        raise NotOffered(f"it reads from more than {_MOST_VIEWS} tables: use WITH for what is read often")
    others = sum(
        isinstance(part, exp.Lateral | exp.Unnest | exp.Subquery | exp.Values)
        and isinstance(part.parent, exp.From | exp.Join)
        for part in parts
    )
    if len(tables) + others > _MOST_IN_FROM:
        raise NotOffered(f"it has more than {_MOST_IN_FROM} tables and functions in FROM: use fewer")
    if sum(len(part.expressions) for part in parts if isinstance(part, exp.Cube)) > _MOST_IN_CUBES:
        raise NotOffered(
            f"CUBE takes at most {_MOST_IN_CUBES} columns: write GROUPING SETS with those you need"
        )
    for part in parts:
        if isinstance(part, exp.CTE):
            # Written into each place that reads it, it would grow with their number.
            part.set("materialized", part.args.get("materialized") or None)


def _kind(part: exp.Expr) -> str:
    """How the part is called in SQL, as well as the parser knows."""
    name = part.sql_name() if isinstance(part, exp.Func) else re.sub(r"(?<=[a-z])(?=[A-Z])", " ", part.key)
    return name.upper()


def _fold(name: exp.Identifier) -> None:
    """As PostgreSQL does, so that it may be quoted: ASCII letters become small where it was not."""
    if not name.args.get("quoted"):
        plain = "".join(letter.lower() if letter.isascii() else letter for letter in name.this)
        name.set("this", plain)
        name.set("quoted", True)


def _common_tables(parts: Sequence[exp.Expr], views: Mapping[str, Collection[str]]) -> set[str]:
    """Names given by WITH. One that is also a view's or a catalog's would mean the other where it ends."""
    found = {part.alias for part in parts if isinstance(part, exp.CTE)}
    for name in sorted(found):
        if name in views or name.startswith("pg_"):
            raise NotOffered(f"WITH {name[:60]} uses the name of a view or catalog: rename it")
    return found


def _check_part(part: exp.Expr, views: Mapping[str, Collection[str]], schema: str, common: set[str]) -> None:
    match part:
        case exp.Anonymous():
            _check_function(part)
        case exp.Table():
            _check_table(part, views, schema, common)
        case exp.CTE() if not isinstance(part.this, _QUERIES):
            raise NotOffered("behind WITH only SELECT is allowed")
        case exp.DataType():
            _check_type(part)
        case exp.Column() | exp.ColumnDef():
            _check_name(part)
        case exp.Literal() if not part.is_string and not _NUMBER.fullmatch(part.this):
            raise NotOffered(f"{part.this[:40]!r} is not a number")
        case exp.Var() if not _WORD.fullmatch(part.name):
            raise NotOffered(f"{part.name[:40]!r} is not supported here")
        case _:
            pass


def _check_name(part: exp.Expr) -> None:
    match part:
        case exp.Column() if part.args.get("db") or part.args.get("catalog"):
            raise NotOffered(f"write {part.table}.{part.name} without a schema")
        case exp.ColumnDef() if part.args.get("constraints") or not part.args.get("kind"):
            raise NotOffered(f"write the column {part.name[:60]} with its type alone")
        case _:
            pass


def _check_function(call: exp.Anonymous) -> None:
    name = (call.this if isinstance(call.this, str) else call.name).lower()
    if name in ROWS_AT:
        _check_rows_at(call, name)
    elif name not in FUNCTIONS:
        raise NotOffered(f"the function {name[:60]} is not supported{near(name, [*FUNCTIONS, *ROWS_AT])}")
    call.set("this", name)


def _check_rows_at(call: exp.Anonymous, name: str) -> None:
    """It stands in FROM, as a view does, and its instant is not another one for each row."""
    table = call.parent
    if not isinstance(table, exp.Table) or table.args.get("ordinality"):
        raise NotOffered(f"{name} is written in FROM: FROM {name}('2026-11-20T17:00Z')")
    if len(call.expressions) != 1 or call.find(exp.Column, exp.Select):
        raise NotOffered(f"{name} takes one instant, not a column: {name}('2026-11-20T17:00Z')")


def _check_type(kind: exp.DataType) -> None:
    name = kind.this.name if isinstance(kind.this, exp.DType) else "USERDEFINED"
    if name not in _TYPES or any(isinstance(part, exp.Identifier | exp.Interval) for part in kind.walk()):
        shown = kind.sql(dialect=Spoken)[:60].lower()
        raise NotOffered(
            f"the type {shown} is not supported; text, numbers, dates, uuid, json and arrays are"
        )


def _check_table(
    table: exp.Table, views: Mapping[str, Collection[str]], schema: str, common: set[str]
) -> None:
    if isinstance(table.this, exp.Anonymous):
        view = ROWS_AT.get(table.this.name.lower())
        if view is not None and view not in views:
            raise NotOffered(f"there is no view {view}")
        if view is not None and table.db == schema:
            table.set("db", None)
        if table.args.get("db") or table.args.get("catalog"):
            raise NotOffered("functions are called without a schema")
        return
    named, name = table.db, table.name
    if table.args.get("catalog") or named not in ("", schema):
        raise NotOffered(f"only the views of {schema} can be queried, not {named[:60]}.{name[:60]}")
    if not named and name in common:
        return
    if name not in views:
        known = [*views, *common]
        raise NotOffered(
            f"there is no view {name[:60]}{near(name, known)}; views: {', '.join(sorted(views))}"
        )
    table.set("db", exp.to_identifier(schema, quoted=True))


def _check_columns_of_functions(parts: Sequence[exp.Expr], views: Mapping[str, Collection[str]]) -> None:
    """No `u.pg_read_file` of a function u in FROM: PostgreSQL takes such a column for a call with u."""
    known: dict[str, set[str]] = {}
    for name, columns in _functions_in_from(parts, views):
        known[name] = known.get(name, columns) & columns
    for part in parts:
        if not isinstance(part, exp.Column) or isinstance(part.this, exp.Star) or part.table not in known:
            continue
        if part.name not in known[part.table]:
            raise NotOffered(f"{part.table[:60]} is a function in FROM: it has no column {part.name[:60]}")


def _functions_in_from(
    parts: Sequence[exp.Expr], views: Mapping[str, Collection[str]]
) -> Iterator[tuple[str, set[str]]]:
    """How each is called there, and its columns; without a name it is called as itself."""
    yield "unnest", {"unnest"} | _ITS_OWN
    for part in parts:
        if isinstance(part, exp.Unnest):
            if not part.alias and not isinstance(part.parent, exp.From | exp.Join):
                continue
        elif not isinstance(part, exp.Table | exp.Lateral) or isinstance(
            part.this, exp.Identifier | exp.Subquery
        ):
            continue
        call = part if isinstance(part, exp.Unnest) else part.this
        itself = call.name.lower() if isinstance(call, exp.Anonymous) else "unnest"
        own = part.alias or (part.parent.alias if isinstance(part.parent, exp.Lateral) else "") or itself
        # unnest() keeps the name of its numbers apart.
        counted = part.args.get("offset")
        numbers = {counted.name} if isinstance(counted, exp.Identifier) else set()
        if itself in ROWS_AT:
            yield own, {own, *views[ROWS_AT[itself]], *part.alias_column_names}
        else:
            yield own, {own, *part.alias_column_names} | numbers | _ITS_OWN
