"""SQL that an assistant wrote: whether it may run, and what is run in its stead. Pure.

The text is parsed, each part of it must be on a list of what is allowed, and PostgreSQL is given the SQL that
is written anew from what was understood, never the text itself. What is no single SELECT over the views is
refused with a sentence.
"""

import difflib
import itertools
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.postgres import Postgres
from sqlglot.errors import ErrorLevel, ParseError, SqlglotError
from sqlglot.generators.postgres import PostgresGenerator
from sqlglot.parsers.postgres import PostgresParser
from sqlglot.tokenizer_core import Token, TokenType

LONGEST = 10_000
_DEEPEST, _MOST_TOKENS, _MOST_STEPS, _MOST_NEAR = 40, 4_000, 20_000, 3
_UNREADABLE = "this is no SQL that can be read"
_TOO_LONG = "it is too long or too deeply nested: ask for less at once"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# By their names as PostgreSQL knows them. None reads settings, files, catalogs or other sessions, sleeps,
# runs SQL of its own, or fills a text up to any length.
FUNCTIONS = _words(
    """
    any_value array_agg avg bit_and bit_or bool_and bool_or corr count covar_pop covar_samp every
    json_agg json_object_agg jsonb_agg jsonb_object_agg max min mode percentile_cont percentile_disc
    regr_count regr_intercept regr_r2 regr_slope stddev stddev_pop stddev_samp string_agg sum var_pop
    var_samp variance cume_dist dense_rank first_value grouping lag last_value lead nth_value ntile
    percent_rank rank row_number age date date_bin date_part date_trunc isfinite justify_days
    justify_hours justify_interval make_date make_interval make_time make_timestamp make_timestamptz now
    timezone to_char to_date to_timestamp ascii btrim char_length character_length chr concat concat_ws
    initcap left length lower ltrim md5 octet_length regexp_count regexp_match regexp_matches
    regexp_replace regexp_split_to_array regexp_split_to_table regexp_substr replace reverse right rtrim
    split_part starts_with string_to_array string_to_table strpos substr translate upper abs cbrt ceil
    ceiling coalesce div exp floor greatest least ln log log10 mod nullif pi power random round sign
    sqrt trunc width_bucket all any some array array_append array_cat array_length array_lower
    array_ndims array_position array_positions array_prepend array_remove array_replace array_to_json
    array_to_string array_upper cardinality generate_series generate_subscripts row unnest
    json_array_elements json_array_elements_text json_array_length json_build_array json_build_object
    json_each json_each_text json_extract_path json_extract_path_text json_object_keys json_typeof
    jsonb_array_elements jsonb_array_elements_text jsonb_array_length jsonb_build_array
    jsonb_build_object jsonb_each jsonb_each_text jsonb_extract_path jsonb_extract_path_text
    jsonb_object_keys jsonb_strip_nulls jsonb_typeof row_to_json to_json to_jsonb
    """
)
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
    Bracket CTE Case Cast Column Cube CurrentDate CurrentTimestamp DPipe DataType DataTypeParam Distinct
    Div EQ Escape Except Exists Extract Fetch Filter From GT GTE Group GroupingSets Having ILike
    Identifier If In Intersect Interval Is JSONBContainsAllTopKeys JSONBContainsAnyTopKeys
    JSONBContainsTopKey JSONBExtract JSONBExtractScalar JSONExtract JSONExtractScalar Join Kwarg LT LTE
    Lateral Like Limit LimitOptions Literal Localtimestamp Mod Mul NEQ Neg Not Null NullSafeEQ
    NullSafeNEQ Offset Or Order Ordered Overlaps Overlay Paren Pow RegexpILike RegexpLike Rollup Select
    SimilarTo Slice Star StrPosition Sub Subquery Substring Table TableAlias Trim Tuple Union Unnest
    Values Var Where Window WindowSpec With WithinGroup
    """
)
# What people know by another name than the parser does.
_CALLED = {
    "Into": "SELECT INTO makes a table",
    "Lock": "FOR UPDATE and FOR SHARE lock rows",
    "Operator": "OPERATOR() is not offered",
    "Dot": "names of more than one part (schema.function, (row).field) are not offered",
    "ByteString": "texts are written in plain quotes: 'text'",
    "RawString": "texts are written in plain quotes: 'text'",
    "UnicodeString": "texts are written in plain quotes: 'text'",
    "Heredoc": "texts are written in plain quotes: 'text'",
    "National": "texts are written in plain quotes: 'text'",
    "Placeholder": "there are no parameters: write the value itself",
    "Parameter": "there are no parameters: write the value itself",
    "TableSample": "TABLESAMPLE does not work on views",
    "Command": "only SELECT is offered",
    "ObjectIdentifier": "types that name objects of the database are not offered",
}
_BEGINNINGS = {
    TokenType.SELECT,
    TokenType.WITH,
    TokenType.L_PAREN,
    TokenType.VALUES,
    TokenType.TABLE,
}
_OPENING = {TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.CASE}
_CLOSING = {TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.END}
_QUERIES = (exp.Select, exp.Union, exp.Except, exp.Intersect, exp.Subquery, exp.Values)
_NUMBER = re.compile(r"[0-9]*\.?[0-9]*(?:[eE][+-]?[0-9]+)?")
_WORD = re.compile(r"[A-Za-z_]+(?: [A-Za-z_]+)*")
_UNITS = {"year", "month", "day", "hour", "minute", "second"}
# What a function in FROM calls its columns by itself.
_ITS_OWN = {"ordinality", "key", "value"}


class NotOffered(ValueError):
    """The sentence that says what may not run, and what is near."""


@dataclass(frozen=True, slots=True)
class Question:
    """A SELECT that may run, as it was written anew."""

    sql: str
    views: frozenset[str]


class _Parser(PostgresParser):
    """Leaves each function its own name, and each operand as it stands."""

    FUNCTIONS: ClassVar[dict[str, Callable[..., Any]]] = {}
    FUNCTION_PARSERS: ClassVar[dict[str, Callable[..., Any]]] = {
        name: PostgresParser.FUNCTION_PARSERS[name]
        for name in ("CAST", "EXTRACT", "OVERLAY", "POSITION", "SUBSTRING", "TRIM")
    }
    JSON_OPERATORS: ClassVar[dict[TokenType, Callable[..., Any]]] = {
        **PostgresParser.JSON_OPERATORS,
        TokenType.ARROW: lambda self, this, key: self.expression(exp.JSONExtract(this=this, expression=key)),
        TokenType.DARROW: lambda self, this, key: self.expression(
            exp.JSONExtractScalar(this=this, expression=key)
        ),
    }

    _steps = 0

    def _advance(self, times: int = 1) -> None:
        """Within nested brackets the parser tries each level twice: so far, and no further."""
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise NotOffered(_TOO_LONG)
        super()._advance(times)

    def _parse_interval(self, require_interval: bool = True, parse_function_unit: bool = False) -> Any:
        """`interval '1 day 02:00'` as it stands: the parser would keep the first part alone."""
        if self._curr and self._curr.token_type == TokenType.INTERVAL:
            text, unit = self._next, self._tokens[self._index + 2 : self._index + 3]
            has_unit = bool(unit) and unit[0].text.lower() in _UNITS
            if text and text.token_type == TokenType.STRING:
                length = f"{text.text} {unit[0].text.lower()}" if has_unit else text.text
                self._advance(3 if has_unit else 2)
                return exp.Cast(this=exp.Literal.string(length), to=exp.DataType.build("interval"))
        return super()._parse_interval(require_interval, parse_function_unit)


class _Generator(PostgresGenerator):
    """Writes operators where they stood: PostgreSQL decides what binds tighter."""

    MULTI_ARG_DISTINCT = True
    TRANSFORMS: ClassVar[dict[type[exp.Expr], Callable[..., str]]] = {
        **PostgresGenerator.TRANSFORMS,
        exp.Pow: lambda self, power: self.binary(power, "^"),
        exp.JSONExtract: lambda self, json: self.binary(json, "->"),
        exp.JSONExtractScalar: lambda self, json: self.binary(json, "->>"),
    }


class _Spoken(Postgres):
    Parser = _Parser
    Generator = _Generator


def read_question(text: str, views: Mapping[str, Sequence[str]], schema: str = "mirror") -> Question:
    """The SELECT that the text means, over these views of this schema. Raises NotOffered for all else."""
    if len(text) > LONGEST:
        raise NotOffered(f"it is longer than {LONGEST:,} characters")
    tree = _parse(text)
    _check(tree, views, schema)
    written = _write(tree)
    # What PostgreSQL is given is held to the same rules, and means the same when it is read again.
    again = _parse(written)
    _check(again, views, schema)
    if _write(again) != written:
        raise NotOffered("this cannot be read in one way only: write it more plainly")
    return Question(written, frozenset(_views_of(again, views, schema)))


def near(name: str, known: Collection[str]) -> str:
    """What is spelt alike, as the end of a sentence; nothing where nothing is."""
    found = difflib.get_close_matches(name.lower(), known, _MOST_NEAR, 0.6)
    return f"; near: {', '.join(found)}" if found else ""


def _parse(text: str) -> exp.Expr:
    _check_text(text)
    try:
        statements = [part for part in _Spoken().parse(text) if part is not None]
    except NotOffered:
        raise
    except ParseError as error:
        raise NotOffered(_fault(error)) from None
    except (SqlglotError, ValueError) as error:
        raise NotOffered(f"this is no SQL that can be read: {_plain(error)}") from None
    except (RecursionError, AttributeError, IndexError, KeyError, TypeError, AssertionError):
        # The parser stumbles over what is far from SQL.
        raise NotOffered(_UNREADABLE) from None
    if len(statements) != 1:
        raise NotOffered("one SELECT at a time, please" if statements else "there is no SELECT in it")
    return statements[0]


def _check_text(text: str) -> None:
    """What can be told before it is parsed."""
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise NotOffered("it has a character that PostgreSQL cannot hold")
    try:
        found = _Spoken().tokenize(text)
    except SqlglotError as error:
        raise NotOffered(f"this is no SQL that can be read: {_plain(error)}") from None
    if not found or found[0].token_type not in _BEGINNINGS:
        first = f"{found[0].text[:30]!r} is not offered: " if found else ""
        raise NotOffered(f"{first}only SELECT is, also behind WITH")
    if len(found) > _MOST_TOKENS or _depth(found) > _DEEPEST:
        raise NotOffered(_TOO_LONG)
    for number, after in itertools.pairwise(found):
        if number.token_type == TokenType.NUMBER and after.start == number.end + 1:
            _check_end(number, after)


def _check_end(number: Token, after: Token) -> None:
    """Nothing sticks to a number: 1_000 would be a 1 that is called _000."""
    if after.text[:1].isidentifier():
        raise NotOffered(f"{number.text[:20]}{after.text[:20]} is no number: write digits alone")


def _depth(found: Sequence[Token]) -> int:
    depth = deepest = 0
    for token in found:
        depth += (token.token_type in _OPENING) - (token.token_type in _CLOSING)
        deepest = max(deepest, depth)
    return deepest


def _fault(error: ParseError) -> str:
    first = error.errors[0] if error.errors else {}
    what = str(first.get("description") or _UNREADABLE).rstrip(".")
    if "<class" in what:
        what = _UNREADABLE
    word = str(first.get("highlight") or "")[:40]
    where = f" at line {first.get('line')}, column {first.get('col')}" if first.get("line") else ""
    return f"{what}{where}{f': {word!r}' if word else ''}"


def _plain(error: Exception) -> str:
    """The first line of what the parser says, without its colours."""
    said = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).splitlines()
    return said[0][:200] if said else type(error).__name__


def _write(tree: exp.Expr) -> str:
    try:
        return tree.sql(dialect=_Spoken, identify=True, comments=False, unsupported_level=ErrorLevel.RAISE)
    except (SqlglotError, RecursionError, ValueError, AttributeError, TypeError):
        raise NotOffered("this cannot be written in PostgreSQL's SQL: write it more plainly") from None


def _check(tree: exp.Expr, views: Mapping[str, Sequence[str]], schema: str) -> None:
    """Each part is allowed. Names are written in full: views with their schema."""
    if not isinstance(tree, _QUERIES):
        raise NotOffered("only SELECT is offered, also behind WITH")
    parts = list(tree.walk())
    for part in parts:
        if type(part).__name__ not in _PARTS:
            raise NotOffered(_CALLED.get(type(part).__name__) or f"{_kind(part)} is not offered")
    for part in parts:
        if isinstance(part, exp.Identifier):
            _fold(part)
    common = _common_tables(parts, views)
    for part in parts:
        _check_part(part, views, schema, common)
    _check_columns_of_functions(parts)


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


def _common_tables(parts: Sequence[exp.Expr], views: Mapping[str, Sequence[str]]) -> set[str]:
    """Names given by WITH. One that is also a view's or a catalog's would mean the other where it ends."""
    found = {part.alias for part in parts if isinstance(part, exp.CTE)}
    for name in sorted(found):
        if name in views or name.startswith("pg_"):
            raise NotOffered(f"WITH {name[:60]} takes the name of a view or a catalog: call it otherwise")
    return found


def _check_part(part: exp.Expr, views: Mapping[str, Sequence[str]], schema: str, common: set[str]) -> None:
    match part:
        case exp.Anonymous():
            _check_function(part)
        case exp.Table():
            _check_table(part, views, schema, common)
        case exp.CTE() if not isinstance(part.this, _QUERIES):
            raise NotOffered("behind WITH only SELECT is offered")
        case exp.DataType():
            _check_type(part)
        case exp.Column() if part.args.get("db") or part.args.get("catalog"):
            raise NotOffered(f"write {part.table}.{part.name} without a schema")
        case exp.Literal() if not part.is_string and not _NUMBER.fullmatch(part.this):
            raise NotOffered(f"{part.this[:40]!r} is no number")
        case exp.Var() if not _WORD.fullmatch(part.name):
            raise NotOffered(f"{part.name[:40]!r} is not offered here")
        case _:
            pass


def _check_function(call: exp.Anonymous) -> None:
    name = (call.this if isinstance(call.this, str) else call.name).lower()
    if name not in FUNCTIONS:
        raise NotOffered(f"the function {name[:60]} is not offered{near(name, FUNCTIONS)}")
    call.set("this", name)


def _check_type(kind: exp.DataType) -> None:
    name = kind.this.name if isinstance(kind.this, exp.DType) else "USERDEFINED"
    if name not in _TYPES or any(isinstance(part, exp.Identifier | exp.Interval) for part in kind.walk()):
        shown = kind.sql(dialect=_Spoken)[:60].lower()
        raise NotOffered(f"the type {shown} is not offered; text, numbers, dates, uuid, json and arrays are")


def _check_table(table: exp.Table, views: Mapping[str, Sequence[str]], schema: str, common: set[str]) -> None:
    if isinstance(table.this, exp.Anonymous):
        if table.args.get("db") or table.args.get("catalog"):
            raise NotOffered("functions are called without a schema")
        return
    named, name = table.db, table.name
    if table.args.get("catalog") or named not in ("", schema):
        raise NotOffered(f"only the views of {schema} can be asked, not {named[:60]}.{name[:60]}")
    if not named and name in common:
        return
    if name not in views:
        known = [*views, *common]
        raise NotOffered(
            f"there is no view {name[:60]}{near(name, known)}; views: {', '.join(sorted(views))}"
        )
    table.set("db", exp.to_identifier(schema, quoted=True))


def _check_columns_of_functions(parts: Sequence[exp.Expr]) -> None:
    """No `u.pg_read_file` of a function u in FROM: PostgreSQL takes such a column for a call with u."""
    known: dict[str, set[str]] = {}
    for name, columns in _functions_in_from(parts):
        if not name:
            raise NotOffered("give a function in FROM a name: unnest(tags) AS tag")
        known[name] = known.get(name, columns) & columns
    for part in parts:
        if not isinstance(part, exp.Column) or isinstance(part.this, exp.Star) or part.table not in known:
            continue
        if part.name not in known[part.table]:
            raise NotOffered(f"{part.table[:60]} is a function in FROM: it has no column {part.name[:60]}")


def _functions_in_from(parts: Sequence[exp.Expr]) -> Iterator[tuple[str, set[str]]]:
    """How each is called there, and its columns; without a name unnest is called as itself."""
    yield "unnest", {"unnest"} | _ITS_OWN
    for part in parts:
        if isinstance(part, exp.Unnest):
            if not part.alias and not isinstance(part.parent, exp.From | exp.Join):
                continue
        elif not isinstance(part, exp.Table | exp.Lateral) or isinstance(
            part.this, exp.Identifier | exp.Subquery
        ):
            continue
        own = part.alias or (part.parent.alias if isinstance(part.parent, exp.Lateral) else "")
        yield own, {own, *part.alias_column_names} | _ITS_OWN


def _views_of(tree: exp.Expr, views: Mapping[str, Sequence[str]], schema: str) -> Iterator[str]:
    for table in tree.find_all(exp.Table):
        if table.db == schema and table.name in views:
            yield table.name
