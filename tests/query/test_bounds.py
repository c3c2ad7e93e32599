"""No step of a SELECT runs long or grows without bound: what would is refused, and costs little."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from app.core.answers.sql_text import NotOffered
from tests.conftest import Server
from tests.database import connect
from tests.query.attacks import ATTACKS
from tests.query.backends import Backends, Cost
from tests.query.conftest import in_a_hurry, questions

pytestmark = pytest.mark.slow

# A statement has three seconds, and there are two: what its columns are, and its rows. What takes more of a
# processor than that was not interrupted in time.
MOST_SECONDS, MOST_MEGABYTES = 7.5, 400
LONG_TASKS = """
    INSERT INTO tasks
        (workspace_id, clickup_task_id, title, type, read_at, fingerprint, description, custom_fields)
    SELECT '1', 'long-' || n, left(text, 2000), 'Task', now(), 'f', text, jsonb_build_object('text', text)
    FROM (VALUES (1, repeat('a', 1500000)), (2, repeat('a ', 50000)), (3, repeat('"\\', 100000)))
        AS v(n, text)
"""


@pytest.fixture(scope="module")
def long_url(server: Server, busy_template: str) -> Iterator[str]:
    """The small synced world, and tasks with long texts."""
    name = server.copy(busy_template)
    url = server.url_of(name)
    with connect(url, autocommit=True) as connection:
        connection.execute(LONG_TASKS)
    with in_a_hurry():
        yield url
    server.drop(name)


@pytest.fixture
async def ask(long_url: str) -> AsyncIterator[Any]:
    """A pool of the test's own, so that its sessions' memory is the test's."""
    async with questions(long_url) as asking:
        yield asking


@pytest.fixture
def backends(server: Server, long_url: str) -> Iterator[Backends]:
    opened = Backends(server.url, urlsplit(long_url).path[1:])
    yield opened
    opened.close()


def dearest(costs: dict[int, Cost]) -> Cost:
    return Cost(
        max((cost.seconds for cost in costs.values()), default=0),
        max((cost.megabytes for cost in costs.values()), default=0),
    )


@pytest.mark.parametrize("text", ATTACKS.values(), ids=ATTACKS.keys())
async def test_it_costs_the_server_little(ask: Any, backends: Backends, text: str) -> None:
    """It is refused in a sentence or answered; no session is left at work, and none took much."""
    try:
        await ask(text)
    except NotOffered as refusal:
        assert 5 < len(str(refusal)) < 900
        assert "cannot run this query" not in str(refusal)
    assert backends.active() == []
    cost = dearest(backends.costs())
    assert cost.seconds < MOST_SECONDS
    assert cost.megabytes < MOST_MEGABYTES


@pytest.mark.parametrize(
    "text",
    [
        "SELECT count(*) FROM " + ", ".join(f"tasks AS t{number}" for number in range(200)),
        "SELECT count(*) FROM tasks " + " ".join(f"JOIN tasks AS t{n} USING (list_id)" for n in range(100)),
        "SELECT count(*) FROM " + ", ".join(f"generate_series(1, 2) AS n{number}" for number in range(200)),
        "SELECT count(*) FROM tasks GROUP BY CUBE (title, status, type, priority, url),"
        " CUBE (list_id, list_name, parent, space_id)",
    ],
)
async def test_what_takes_long_to_plan_is_refused(ask: Any, text: str) -> None:
    """Planning is a step too."""
    with pytest.raises(NotOffered, match=r"tables|columns"):
        await ask(text)


async def test_with_is_not_written_into_each_place(ask: Any) -> None:
    """NOT MATERIALIZED would double the plan with each level."""
    text = "WITH c0 AS (SELECT list_id AS id FROM lists)" + "".join(
        f", c{n} AS NOT MATERIALIZED (SELECT a.id FROM c{n - 1} AS a JOIN c{n - 1} AS b USING (id))"
        for n in range(1, 11)
    )
    assert (await ask(f"{text} SELECT count(*) >= 0 FROM c10")).rows == [[True]]


SENTENCES = {
    "SELECT strpos(description, description || 'b') FROM tasks": r"strpos is given a text of .* left\(text",
    "SELECT length(string_agg(description, '')) FROM tasks, generate_series(1, 1000)": "more than 64 MB",
    "SELECT title FROM tasks WHERE title ~ '((x{99}){99}){99}'": "repeats too much",
    "SELECT title ~ ('((x{99})' || '{99}){99}') FROM tasks": "repeats too much",
    "SELECT format(title, 1) FROM tasks": "text in quotes",
    "SELECT jsonb_path_query_first(custom_fields, title::jsonpath) FROM tasks": "jsonpath",
    "SELECT jsonb_path_query_first(custom_fields, title) FROM tasks": "path is written as a text",
    "SELECT repeat(title, 100000) FROM tasks": "repeat with 100,000 is too large",
    "SELECT lpad(title, n) FROM tasks, generate_series(100000, 100001) AS n": "lpad with 100000 is too large",
    "SELECT 2 ^ 5000": "exponent 5000",
    "SELECT 2.0 ^ n FROM generate_series(5000, 5001) AS n": r"\^ with 5000 is too large",
}


@pytest.mark.parametrize(("text", "said"), SENTENCES.items())
async def test_a_refusal_says_what_works_instead(ask: Any, text: str, said: str) -> None:
    """In plain words, with the name of the step and the size it takes."""
    with pytest.raises(NotOffered, match=said):
        await ask(text)


RIGHT = {
    "SELECT format('%s has %s', 'x', 2), lpad('7', 3, '0'), rpad('a', 3, '-'), repeat('ab', 2)": [
        ["x has 2", "007", "a--", "abab"]
    ],
    "SELECT to_tsvector('english', 'two running dogs') @@ to_tsquery('english', 'dog & run'), 'a b' @@ 'b'": [
        [True, True]
    ],
    "SELECT u.x, u.n FROM unnest(ARRAY['a', 'b']) WITH ORDINALITY AS u(x, n) ORDER BY u.n DESC": [
        ["b", 2],
        ["a", 1],
    ],
    "SELECT jsonb_path_query_first('{\"a\": [1, 2, 3]}', '$.a[*] ? (@ > 1)')": [[2]],
    'SELECT r.a + 1, r.b FROM jsonb_to_recordset(\'[{"a": 1, "b": "x"}]\') AS r(a int, b text)': [[2, "x"]],
    "SELECT sqrt(16), |/ 9, round(sqrt(2.0), 3)": [[4.0, 3.0, 1.414]],
    "SELECT 1; -- and no more": [[1]],
    "SELECT count(*) FROM generate_series(1, 3)": [[3]],
    "SELECT length(description), strpos(description, 'b'), length(upper(left(description, 1000)))"
    " FROM tasks WHERE clickup_task_id = 'long-1'": [[1_500_000, 0, 1_000]],
    "SELECT cardinality(regexp_split_to_array(description, ' ')), length(replace(description, 'a', 'bb'))"
    " FROM tasks WHERE clickup_task_id = 'long-2'": [[50_001, 150_000]],
    "SELECT count(*) FROM tasks WHERE description ILIKE '%A A%' OR description ~ '^a+$'": [[2]],
}


@pytest.mark.parametrize(("text", "rows"), RIGHT.items())
async def test_usual_questions_are_answered_right(ask: Any, text: str, rows: list[list[Any]]) -> None:
    """Also about texts of a million letters."""
    assert (await ask(text)).rows == rows


async def test_as_before_postgresql_18(ask: Any) -> None:
    """regexp_like is there from PostgreSQL 15 on."""
    assert (await ask("SELECT regexp_like('Abc', 'b'), regexp_count('abab', 'a')")).rows == [[True, 2]]


async def test_a_question_that_nobody_waits_for_is_cancelled(ask: Any, backends: Backends) -> None:
    """Who leaves takes the question along: nothing goes on in the database."""
    asked = asyncio.ensure_future(ask("SELECT count(*) FROM generate_series(1, 1000000000) AS n"))
    await asyncio.sleep(0.5)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert backends.active() == []
    assert (await ask("SELECT 1")).rows == [[1]]


async def test_temporary_files_are_bounded_where_they_may_be(long_url: str) -> None:
    """The user of the embedded server may say so; who may not is answered all the same."""
    with connect(long_url, autocommit=True) as connection:
        assert connection.execute("SELECT mirror.limit_temporary_files('1GB')").fetchone() == ("1GB",)
        connection.execute("SET ROLE clickup_sync_reader")
        assert connection.execute("SELECT mirror.limit_temporary_files('1GB')").fetchone() == (None,)
