# ruff: noqa: E501
"""Random combinations of all that may be called, over long texts: each is refused or answered, and soon.

The expressions are built as the parser's own trees, so that no example is lost to its spelling. By itself it is
a short campaign; a long one: `make security CASES=5000`.
"""

import os
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlglot import exp

from app.core.answers.sql.rules import FUNCTIONS
from app.core.answers.sql_text import NotOffered
from tests.conftest import Server
from tests.database import connect
from tests.query.backends import Backends
from tests.query.conftest import in_a_hurry
from tests.query.test_bounds import LONG_TASKS, MOST_MEGABYTES, MOST_SECONDS
from tests.query.test_fuzz import Asking

pytestmark = pytest.mark.slow
CASES = int(os.environ.get("SECURITY_CASES", "60"))

# What a function is given and makes: t a text, n a number, k a whole number, a an array of texts, j a document,
# p a pattern, b a truth value, d an instant, m an array of numbers, r an array of documents.
SIGNATURES = """
    replace ttt:t translate ttt:t strpos tt:n split_part ttk:t starts_with tt:b btrim tt:t ltrim tt:t lower t:t
    upper t:t initcap t:t reverse t:t md5 t:t length t:n octet_length t:n left tk:t right tk:t substr tkk:t
    concat ttt:t concat_ws ttt:t repeat tk:t lpad tkt:t rpad tkt:t regexp_replace tpt:t regexp_count tp:n
    regexp_match tp:a regexp_split_to_array tp:a regexp_substr tp:t string_to_array tt:a array_to_string at:t
    array_cat aa:a array_append at:a array_remove at:a array_replace att:a array_positions at:n cardinality a:n
    to_json t:j to_jsonb a:j jsonb_build_object tt:j jsonb_build_array ttt:j jsonb_set jaj:j jsonb_strip_nulls j:j
    jsonb_array_length j:n array_to_json a:j json_build_array tt:j power nk:n sqrt n:n exp n:n ln n:n log nn:n
    round nk:n trunc nk:n mod nn:n div nn:n abs n:n greatest nn:n coalesce tt:t nullif tt:t to_char nt:t
    array_to_string rt:t array_append rj:r cardinality r:n to_jsonb r:j
    to_tsvector t:v to_tsquery t:q plainto_tsquery t:q width_bucket nnnk:n ascii t:n chr k:t gcd nn:n
"""
OPERATORS = [
    (exp.DPipe, "tt", "t"), (exp.DPipe, "aa", "a"), (exp.DPipe, "jj", "j"), (exp.Like, "tt", "b"),
    (exp.ILike, "tt", "b"), (exp.RegexpLike, "tp", "b"), (exp.SimilarTo, "tp", "b"), (exp.LT, "tt", "b"),
    (exp.ArrayContainsAll, "aa", "b"), (exp.ArrayOverlaps, "aa", "b"), (exp.ArrayContainsAll, "jj", "b"),
    (exp.JSONBContainsAnyTopKeys, "ja", "b"), (exp.Sub, "ja", "j"), (exp.Sub, "jt", "j"), (exp.Add, "nn", "n"),
    (exp.Mul, "nn", "n"), (exp.Div, "nn", "n"), (exp.Mod, "nn", "n"), (exp.Pow, "nk", "n"),
    (exp.JSONExtractScalar, "jt", "t"), (exp.EQ, "aa", "b"),
]  # fmt: skip
CASTS = [
    ("t", "jsonb", "j"), ("j", "text", "t"), ("a", "text", "t"), ("t", "text[]", "a"), ("t", "numeric", "n"),
    ("n", "text", "t"), ("a", "numeric[]", "m"), ("m", "text", "t"), ("k", "numeric", "n"), ("j", "jsonb", "j"),
    ("t", "jsonb[]", "r"), ("a", "jsonb[]", "r"), ("r", "text", "t"),
]  # fmt: skip
PATHS = [
    "$.**",
    "$[*]",
    "$ ? (@ == $)",
    '$[*] ? (@ like_regex "a.*b")',
    "$.a ? (@ > 1)",
    "$[*] ? (@[*] == @[*])",
]
PATTERNS = [
    "a.*b",
    "(a|aa)+$b",
    "(.*)(.*)\\1b",
    "a(?=.*b)",
    "((x{0,9}){0,9}){0,9}y",
    "",
    "[^b]*?",
    "(((a))*)*b",
]
LEAVES = {
    "t": ["x", "y", "description", "'a'", "''", "'\"'", "repeat('a', 9999)", "title", "'1e131071'"],
    "n": ["n", "9.99", "99999999999999999999", "1e300", "-0.5"],
    "k": ["3", "9999", "k", "-2", "1000"],
    "a": ["ys", "tags", "ARRAY['a', 'b']", "string_to_array(x, NULL)"],
    "j": ["document", "custom_fields", "'[1]'::jsonb", "'{\"a\": \"b\"}'::jsonb"],
    "p": [exp.Literal.string(pattern).sql("postgres") for pattern in PATTERNS] + ["x", "y"],
    "m": ["'{1,2}'::numeric[]"], "r": ["ARRAY[document, '{}']", "string_to_array(y, ' ')::jsonb[]"], "b": ["true"], "v": ["to_tsvector(x)"], "q": ["to_tsquery('a & b')"],
}  # fmt: skip
# Long values of each kind, as columns; the size of none is known beforehand.
SOURCE = (
    "(SELECT t.description, t.title, t.tags, t.custom_fields, s.*, k, k::numeric AS n FROM tasks AS t, (SELECT"
    " string_agg('a', '') AS x, string_agg('ab ', '') AS y, array_agg('b' || i) AS ys, jsonb_agg(i) AS document"
    " FROM generate_series(1, {size}) AS i) AS s, generate_series(900, 902) AS k ORDER BY length(t.description)"
    " DESC NULLS LAST LIMIT 6) AS source"
)


def calls() -> Iterator[tuple[str, str, str]]:
    words = SIGNATURES.split()
    for name, signature in zip(words[::2], words[1::2], strict=True):
        given_, _, made = signature.partition(":")
        yield name, given_, made


def leaf(kind: str) -> st.SearchStrategy[exp.Expr]:
    return st.sampled_from(LEAVES[kind]).map(lambda text: exp.maybe_parse(text, dialect="postgres"))


@cache
def build(kind: str, depth: int) -> st.SearchStrategy[exp.Expr]:
    """Expressions of this kind, at most so deep."""
    if depth == 0:
        return leaf(kind)
    ways = [leaf(kind)]
    ways += [filled(name, needs, depth, _call) for name, needs, made in calls() if made == kind]
    ways += [filled(part, needs, depth, _operator) for part, needs, made in OPERATORS if made == kind]
    ways += [filled(name, needs, depth, _cast) for needs, name, made in CASTS if made == kind]
    if kind == "j":
        ways += [filled(path, "j", depth, _path) for path in PATHS]
    if kind == "b":
        ways.append(filled("", "vq", depth, _match))
    return st.one_of(ways)


def filled(
    what: Any, needs: str, depth: int, make: Callable[[Any, list[exp.Expr]], exp.Expr]
) -> st.SearchStrategy[exp.Expr]:
    return st.tuples(*(build(kind, depth - 1) for kind in needs)).map(
        lambda given_: make(what, [one.copy() for one in given_])
    )


def _call(name: str, operands: list[exp.Expr]) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=operands)


def _operator(part: type[exp.Expr], operands: list[exp.Expr]) -> exp.Expr:
    return exp.Paren(this=part(this=operands[0], expression=operands[1]))


def _cast(name: str, operands: list[exp.Expr]) -> exp.Expr:
    return exp.Cast(this=operands[0], to=exp.DataType.build(name, dialect="postgres"))


def _path(path: str, operands: list[exp.Expr]) -> exp.Expr:
    return exp.Anonymous(this="jsonb_path_query_array", expressions=[*operands, exp.Literal.string(path)])


def _match(_: str, operands: list[exp.Expr]) -> exp.Expr:
    return exp.Paren(this=exp.MatchAgainst(this=operands[1], expressions=[operands[0]]))


@st.composite
def selects(draw: st.DrawFn) -> str:
    """One expression or many like it, over columns or over subqueries that double what they are given."""
    kind = draw(st.sampled_from("tnajbr"))
    expression = draw(build(kind, draw(st.integers(1, 4)))).sql("postgres")
    source = SOURCE.format(size=draw(st.sampled_from([10, 5_000, 200_000])))
    match draw(st.sampled_from(["once", "often", "where", "in", "order", "recursive", "except", "gathered"])):
        case "often":
            times = max(1, min(90, 8_000 // (len(expression) + 20)))
            return f"SELECT {', '.join(f'{expression} AS c{n}' for n in range(times))} FROM {source}"
        case "where":
            return f"SELECT count(*) FROM {source} WHERE ({expression})::text <> 'x'"
        case "in":
            return f"SELECT 'x' NOT IN (SELECT ({expression})::text FROM {source}), '' = ANY (SELECT 'x')"
        case "order":
            return f"SELECT 1 FROM {source} ORDER BY {expression}"
        case "recursive":
            return (
                f"WITH RECURSIVE r AS (SELECT 1 AS depth, repeat('a', 999) AS z UNION SELECT depth + 1,"
                f" ({expression})::text || z FROM r, {source} WHERE depth < 30) SELECT max(length(z)) FROM r"
            )
        case "gathered":
            gather = draw(
                st.sampled_from(
                    ["string_agg({}::text, 'x')", "array_agg({})", "jsonb_agg({})", "max({}::text)"]
                )
            )
            return (
                f"SELECT {gather.format(f'({expression})')} FROM {source}, generate_series(1, 100000) AS many"
            )
        case "except":
            return (
                f"SELECT ({expression})::text FROM {source} EXCEPT SELECT ({expression})::text FROM {source}"
            )
        case _:
            return f"SELECT {expression} FROM {source}"


@pytest.fixture(scope="module")
def long_url(server: Server, busy_template: str) -> Iterator[str]:
    name = server.copy(busy_template)
    with connect(server.url_of(name), autocommit=True) as connection:
        connection.execute(LONG_TASKS)
    with in_a_hurry():
        yield server.url_of(name)
    server.drop(name)


@pytest.fixture(scope="module")
def asking(long_url: str) -> Iterator[Asking]:
    with Asking(long_url) as opened:
        yield opened


@pytest.fixture(scope="module")
def backends(server: Server, long_url: str) -> Iterator[Backends]:
    opened = Backends(server.url, urlsplit(long_url).path[1:])
    yield opened
    opened.close()


@pytest.mark.timeout(max(600, 20 * CASES))
@given(text=selects())
@settings(max_examples=CASES, suppress_health_check=list(HealthCheck))
def test_whatever_is_combined_costs_little(asking: Asking, backends: Backends, text: str) -> None:
    """Of a processor's seconds and of memory, and no session is left at work."""
    before = backends.costs()
    try:
        asking.ask(text)
    except NotOffered as refusal:
        assert str(refusal)
    assert backends.active() == []
    for pid, cost in backends.costs().items():
        spent = cost.seconds - (before[pid].seconds if pid in before else 0)
        assert spent < MOST_SECONDS, f"{spent:.1f} seconds: {text}"
        assert cost.megabytes < MOST_MEGABYTES, f"{cost.megabytes:.0f} MB: {text}"


def test_each_function_of_the_campaign_is_offered() -> None:
    """A name that is spelt wrong would only be refused."""
    assert {name for name, _, _ in calls()} <= FUNCTIONS
