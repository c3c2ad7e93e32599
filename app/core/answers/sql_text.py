"""SQL that an assistant wrote: whether it may run, and what is run in its stead. Pure.

The text is parsed, each part of it must be on a list of what is allowed, and PostgreSQL is given the SQL
that is written anew from what was understood, never the text itself. What is no single SELECT over the views
is refused with a sentence. Where a step could run long, a check is written around what it is given.
"""

import itertools
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.errors import ErrorLevel, ParseError, SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from app.core.answers.sql.allowed import check
from app.core.answers.sql.bounds import bound
from app.core.answers.sql.dialect import TOO_LONG, Spoken
from app.core.answers.sql.one_workspace import RowBounds, keep_within
from app.core.answers.sql.refusal import NotOffered, near

__all__ = ["LONGEST", "NotOffered", "Question", "RowBounds", "near", "read_question"]

# Each view with its columns, best with their types.
Views = Mapping[str, Collection[str] | Mapping[str, str]]
LONGEST = 10_000
_DEEPEST, _MOST_TOKENS, _MOST_SUBSCRIPTS = 40, 4_000, 40
# In kilobytes.
_LEAST_WORK_MEM, _MOST_WORK_MEM, _WORK_MEM_TOGETHER = 64, 8_192, 65_536
_KEEPS_ROWS = (exp.Order, exp.Group, exp.Distinct, exp.Window, exp.SetOperation, exp.Join, exp.CTE)
_UNREADABLE = "the query could not be parsed"
_BEGINNINGS = {
    TokenType.SELECT,
    TokenType.WITH,
    TokenType.L_PAREN,
    TokenType.VALUES,
    TokenType.TABLE,
}
_OPENING = {TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.CASE}
_SUBSCRIPTS = (TokenType.R_BRACKET, TokenType.L_BRACKET)
_CLOSING = {TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.END}


@dataclass(frozen=True, slots=True)
class Question:
    """A SELECT that may run, as it was written anew. `bounded` is what is run: with its checks.

    `work_mem`: kilobytes for each of its sorts and hash tables, for all of which there is a sum.
    """

    sql: str
    bounded: str
    views: frozenset[str]
    work_mem: int


def read_question(
    text: str, views: Views, schema: str = "mirror", within: RowBounds | None = None
) -> Question:
    """The SELECT that the text means, over these views of this schema. Raises NotOffered for all else.

    `within`: the rows that it may read; None for all.
    """
    if len(text) > LONGEST:
        raise NotOffered(f"it is longer than {LONGEST:,} characters")
    tree = _parse(text)
    check(tree, views, schema)
    written = _write(tree)
    # What PostgreSQL is given is held to the same rules, and means the same when it is read again.
    again = _parse(written)
    check(again, views, schema)
    if _write(again) != written:
        raise NotOffered("this is ambiguous: write it in a simpler way")
    asked = frozenset(_views_of(again, views, schema))
    return Question(written, _bounded(again, views, schema, within), asked, _work_mem(again))


def _work_mem(tree: exp.Expr) -> int:
    """PostgreSQL's `work_mem` holds for each sort, hash table and materialized row set by itself."""
    found = sum(isinstance(part, _KEEPS_ROWS) for part in tree.walk())
    return max(_LEAST_WORK_MEM, min(_MOST_WORK_MEM, _WORK_MEM_TOGETHER // max(1, found)))


def _bounded(tree: exp.Expr, views: Views, schema: str, within: RowBounds | None) -> str:
    """The SQL with its checks, and with no other rows than it may read.

    Where no types are told, each column may be long.
    """
    types = {
        view: columns if isinstance(columns, Mapping) else dict.fromkeys(columns, "")
        for view, columns in views.items()
    }
    try:
        bounded = bound(tree, types, schema)
        return _write(keep_within(bounded, types, schema, within) if within else bounded)
    except RecursionError:
        raise NotOffered(TOO_LONG) from None


def _parse(text: str) -> exp.Expr:
    _check_text(text)
    try:
        found = Spoken().parse(text)
        # A semicolon that a comment follows is a part of its own.
        statements = [part for part in found if not isinstance(part, exp.Semicolon | None)]
    except NotOffered:
        raise
    except ParseError as error:
        raise NotOffered(_fault(error)) from None
    except (SqlglotError, ValueError) as error:
        raise NotOffered(f"the query could not be parsed: {_plain(error)}") from None
    except (RecursionError, AttributeError, IndexError, KeyError, TypeError, AssertionError):
        # The parser stumbles over what is far from SQL.
        raise NotOffered(_UNREADABLE) from None
    if len(statements) != 1:
        raise NotOffered("send one SELECT at a time" if statements else "there is no SELECT in it")
    return statements[0]


def _check_text(text: str) -> None:
    """What can be told before it is parsed."""
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise NotOffered("it has a character that PostgreSQL cannot store")
    try:
        found = Spoken().tokenize(text)
    except SqlglotError as error:
        raise NotOffered(f"the query could not be parsed: {_plain(error)}") from None
    if not found or found[0].token_type not in _BEGINNINGS:
        first = f"{found[0].text[:30]!r} is not supported: " if found else ""
        raise NotOffered(f"{first}only SELECT is, also behind WITH")
    pairs = list(itertools.pairwise(found))
    # Of x[1][2][3]… the parser reads the beginning anew for each bracket.
    subscripts = sum((one.token_type, after.token_type) == _SUBSCRIPTS for one, after in pairs)
    if len(found) > _MOST_TOKENS or _depth(found) > _DEEPEST or subscripts > _MOST_SUBSCRIPTS:
        raise NotOffered(TOO_LONG)
    for number, after in pairs:
        if number.token_type == TokenType.NUMBER and after.start == number.end + 1:
            _check_end(number, after)


def _check_end(number: Token, after: Token) -> None:
    """Nothing sticks to a number: 1_000 would be a 1 that is called _000."""
    if after.text[:1].isidentifier():
        raise NotOffered(f"{number.text[:20]}{after.text[:20]} is not a number: write only digits")


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
        return tree.sql(dialect=Spoken, identify=True, comments=False, unsupported_level=ErrorLevel.RAISE)
    except RecursionError:
        raise NotOffered(TOO_LONG) from None
    except (SqlglotError, ValueError, AttributeError, TypeError):
        raise NotOffered("this cannot be translated to PostgreSQL: write it in a simpler way") from None


def _views_of(tree: exp.Expr, views: Views, schema: str) -> Iterator[str]:
    for table in tree.find_all(exp.Table):
        if table.db == schema and table.name in views:
            yield table.name
