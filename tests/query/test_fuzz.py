"""Whatever is asked is answered with rows or refused in a sentence; nothing breaks, nothing gets through."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.config import given_settings
from app.context import open_database
from app.core.answers.sql_text import NotOffered, read_question
from app.reports import Reports
from tests.conftest import Server
from tests.query.conftest import BERLIN


def words(text: str) -> list[str]:
    return text.split()


VIEWS = {"tasks": ["title", "tags", "due_date", "custom_fields"], "lists": ["list_id", "name"]}
PARTS = words(
    """
    SELECT FROM WHERE GROUP BY ORDER LIMIT OFFSET WITH RECURSIVE AS UNION ALL DISTINCT ON VALUES TABLE
    CASE WHEN THEN ELSE END AND OR NOT IN IS NULL LIKE ILIKE BETWEEN EXISTS JOIN LEFT LATERAL USING INTO
    FOR UPDATE DELETE INSERT SET ROLE ROWS RANGE OVER PARTITION FILTER WITHIN INTERVAL CAST EXTRACT
    ARRAY ROW TRUE FETCH FIRST tasks lists title tags due_date custom_fields name list_id webhooks
    public mirror pg_catalog pg_class count sum unnest generate_series lower now coalesce jsonb_each
    pg_sleep set_config query_to_xml u t x ( ) [ ] , . ; : :: * + - / % ^ = <> < > || && @> <@ -> ->>
    #>> ? ~ !~ ~* ' '' " $$ $1 E' U&' 1 2.5 'a' '{}' '1' "t" "x" int text date jsonb regclass -- /* */
    \\ \0 é 🔥
    """
)
SENTENCES = st.lists(st.sampled_from(PARTS), max_size=25).map(" ".join)
VALUES = words(
    "title tags due_date custom_fields 1 0 NULL 'a' '{}' now() t true -5 '2026-01-01' 2147483647 1e300"
)
OPERATORS = words("+ - * / % ^ = <> < > || && @> <@ -> ->> #>> ? ~ !~ AND OR IN LIKE ILIKE # & |")
FUNCTIONS = words(
    """
    lower count sum max unnest to_json row_to_json array_agg string_agg length abs sqrt exp chr date
    jsonb_each jsonb_array_elements to_char round coalesce regexp_matches generate_series
    """
)
TYPES = words("text int date jsonb text[] numeric timestamptz uuid interval")


def wider(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    arguments = st.lists(inner, max_size=3).map(", ".join)
    return st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(OPERATORS), inner),
        st.builds("{}({})".format, st.sampled_from(FUNCTIONS), arguments),
        st.builds("{}::{}".format, inner, st.sampled_from(TYPES)),
        st.builds("CASE WHEN {} THEN {} END".format, inner, inner),
        st.builds("(SELECT {} FROM lists AS t LIMIT 1)".format, inner),
        st.builds("count(*) FILTER (WHERE {})".format, inner),
        st.builds("sum(1) OVER (PARTITION BY {})".format, inner),
    )


EXPRESSIONS = st.recursive(st.sampled_from(VALUES), wider, max_leaves=6)
QUESTIONS = st.builds(
    "SELECT {} FROM tasks AS t WHERE {} LIMIT 3".format, EXPRESSIONS, EXPRESSIONS
) | st.builds("SELECT {} AS a, {} AS b FROM tasks t".format, EXPRESSIONS, EXPRESSIONS)


@given(st.text(max_size=200) | SENTENCES | SENTENCES.map("SELECT {}".format))
@settings(max_examples=600)
def test_any_text_is_understood_or_refused(text: str) -> None:
    """And what is understood is written the same when it is read again."""
    try:
        question = read_question(text, VIEWS)
    except NotOffered as refusal:
        assert str(refusal)
        return
    assert read_question(question.sql, VIEWS).sql == question.sql
    assert "\x00" not in question.sql


class Asking:
    """Asks from a thread that is not asynchronous."""

    def __init__(self, url: str) -> None:
        self._runner = asyncio.Runner()
        self._opening = open_database(given_settings(clickup_api_token="pk_1_X", database_url=url))

    def __enter__(self) -> "Asking":
        self._reports = Reports(self._runner.run(self._opening.__aenter__()))
        return self

    def __exit__(self, *raised: Any) -> None:
        self._runner.run(self._opening.__aexit__(None, None, None))
        self._runner.close()

    def ask(self, text: str) -> Any:
        return self._runner.run(self._reports.sql.answer(text, limit=20, zone=BERLIN))


@pytest.fixture(scope="module")
def asking(server: Server, busy_template: str) -> Iterator[Asking]:
    name = server.copy(busy_template)
    with Asking(server.url_of(name)) as opened:
        yield opened
    server.drop(name)


@given(text=QUESTIONS | SENTENCES.map("SELECT {}".format))
@settings(max_examples=300)
def test_any_question_is_answered_or_refused(asking: Asking, text: str) -> None:
    """By a real PostgreSQL, and the answer is JSON that everybody can read."""
    try:
        answered = asking.ask(text)
    except NotOffered as refusal:
        assert str(refusal)
        return
    json.dumps(answered.rows, ensure_ascii=False, allow_nan=False).encode()
