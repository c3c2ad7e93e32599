"""How large a value of SQL can be, and where a check is written around it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.answers.sql import allowed
from app.core.answers.sql.patterns import MOST_STATES, states
from app.core.answers.sql.rules import FUNCTIONS, RULES
from app.core.answers.sql.values import CLAUSES
from app.core.answers.sql_text import NotOffered, read_question

VIEWS = {
    "tasks": {
        "title": "text", "tags": "text[]", "custom_fields": "jsonb", "minutes": "integer",
        "points": "numeric", "due_at": "timestamp with time zone",
    },
    "lists": {"name": "text"},
}  # fmt: skip
# What stands around expressions, or is one by itself.
NO_STEPS = {clause.__name__ for clause in CLAUSES} | {
    "Anonymous", "Boolean", "CTE", "Cast", "Column", "ColumnDef", "DataType", "DataTypeParam",
    "Except", "From", "Identifier", "Intersect", "Join", "Lateral", "Literal", "Null", "Select",
    "Star", "Subquery", "Table", "TableAlias", "Union", "Values", "Var", "With",
}  # fmt: skip


def bounded(text: str) -> str:
    return read_question(text, VIEWS).bounded


def test_each_part_that_may_stand_in_sql_has_a_rule() -> None:
    """What has none is no step, or is refused."""
    assert set(RULES) >= allowed._PARTS - NO_STEPS
    assert set(RULES) >= FUNCTIONS


@pytest.mark.parametrize(
    "text",
    [
        "SELECT title, minutes * 2, points / 3, due_at - interval '1 day' FROM tasks WHERE title = 'x'",
        "SELECT title, count(*), sum(minutes), max(due_at) FROM tasks GROUP BY 1 ORDER BY 2",
        "SELECT custom_fields->>'a', left(title, 10), length(title) FROM tasks ORDER BY title",
        "SELECT lower('Abc'), replace('abc', 'b', 'x'), 'a' || 'b', strpos('abc', 'c'), 2 ^ 10",
        "WITH RECURSIVE r AS (SELECT 1 AS n, date '2026-01-01' AS d UNION ALL SELECT n + 1, d + 1 FROM r"
        " WHERE n < 5) SELECT n, d FROM r",
        "SELECT s.n * 2 FROM (SELECT minutes AS n FROM tasks) AS s, generate_series(1, 3) AS g WHERE g < s.n",
    ],
)
def test_small_values_have_no_check(text: str) -> None:
    """What is given to the database is what was written anew."""
    question = read_question(text, VIEWS)
    assert question.bounded == question.sql


@pytest.mark.parametrize(
    ("text", "check"),
    [
        (
            "SELECT lower(title) FROM tasks",
            'THEN "mirror".at_most("title", 2000000, \'lower\') ELSE "title" END)',
        ),
        ("SELECT strpos(title, 'x') FROM tasks", "at_most(\"title\", 2000000, 'strpos')"),
        ("SELECT strpos(t.title, l.name) FROM tasks t, lists l", 'at_most("t"."title", 100000, \'strpos\')'),
        ("SELECT string_agg(title, ', ') FROM tasks", 'counted("title", 34, 1)'),
        ("SELECT jsonb_agg(title) FROM tasks", 'counted("title", 16, 4)'),
        ("SELECT ARRAY(SELECT title FROM tasks)", 'ARRAY(SELECT "mirror".counted("kept"."cell", 16, 1)'),
        ("SELECT title::jsonb FROM tasks", "document_at_most(\"title\", 2000000, 'the conversion to jsonb')"),
        ("SELECT lpad(title, minutes) FROM tasks", "number_at_most(\"minutes\", 10000, 'lpad')"),
        ("SELECT title ~ title FROM tasks", "pattern_at_most(\"title\", 1000, '~')"),
        ("SELECT x || x FROM (SELECT title || title AS x FROM tasks) AS s", "at_most(\"x\", 1000000, '||')"),
        (
            "WITH RECURSIVE r AS (SELECT 'x' AS t UNION ALL SELECT t || t FROM r) SELECT t FROM r",
            'at_most("t", 1000000, \'||\') ELSE "t" END || CASE',
        ),
    ],
)
def test_a_check_stands_where_a_value_may_be_large(text: str, check: str) -> None:
    """With the size that the step takes, and the step's name."""
    assert check in bounded(text)


def test_columns_are_not_taken_for_others_of_their_name() -> None:
    """A subquery without LATERAL does not see what stands beside it: there, `minutes` is the outer one."""
    text = (
        "SELECT 1 FROM (SELECT title AS minutes FROM tasks) AS o WHERE EXISTS (SELECT 1 FROM lists AS l,"
        " tasks AS t, (SELECT lower(minutes) FROM lists) AS s)"
    )
    assert 'THEN "mirror".at_most("minutes", 2000000, \'lower\')' in bounded(text)


def test_many_steps_have_less_each() -> None:
    """PostgreSQL may take all steps of a row before it looks at its clock, and keeps what they make."""
    most = [_most_of(f"SELECT {', '.join(['lower(title)'] * count)} FROM tasks") for count in (1, 20, 40)]
    assert most[0] == 2_000_000 and most[1] < 500_000 and most[2] < 250_000


def _most_of(text: str) -> int:
    found = re.search(r'at_most\("title", (\d+),', bounded(text))
    assert found
    return int(found[1])


def test_conversions_and_light_steps_count_too() -> None:
    """Each copies what it is given, and PostgreSQL keeps all copies of a row until the row ends."""
    few = "SELECT custom_fields::text FROM tasks"
    many = f"SELECT {', '.join(['custom_fields::text'] * 90)} FROM tasks"
    assert "at_most" not in bounded(few)
    assert bounded(many).count('at_most("custom_fields", ') == 90


def test_comparisons_of_columns_have_no_check() -> None:
    """They keep nothing, and an index may answer them."""
    text = (
        f"SELECT {', '.join(['left(title, 9)'] * 30)} FROM tasks WHERE title = 'x' AND custom_fields = '{{}}'"
    )
    assert bounded(text).endswith("""WHERE "title" = 'x' AND "custom_fields" = '{}'""")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT title FROM tasks WHERE title NOT IN (SELECT name FROM lists)",
        "SELECT title IN (SELECT name FROM lists) FROM tasks",
        "SELECT title = ANY (SELECT name FROM lists) FROM tasks",
        "SELECT title <> ALL (SELECT name FROM lists) FROM tasks",
        "SELECT (title, minutes) IN (SELECT name, 1 FROM lists) FROM tasks",
    ],
)
def test_rows_that_are_compared_are_counted(text: str) -> None:
    """PostgreSQL may keep all of them in a hash table, for which it has no bound."""
    assert '(SELECT "mirror".counted("kept"."cell", ' in bounded(text)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT title IN (SELECT name, name FROM lists) FROM tasks",
        "SELECT title = ANY (TABLE tasks) FROM tasks",
        "SELECT ARRAY(SELECT * FROM tasks)",
        "SELECT (title, 1) IN (SELECT l.*, 1 FROM lists AS l) FROM tasks",
    ],
)
def test_what_is_compared_has_its_columns_named(text: str) -> None:
    """PostgreSQL itself would no longer see that there are too many."""
    with pytest.raises(NotOffered, match="column"):
        bounded(text)


def test_sorts_and_joins_share_their_memory() -> None:
    """PostgreSQL's work_mem holds for each of them alone."""
    few = read_question("SELECT title FROM tasks ORDER BY title", VIEWS)
    many = read_question(
        f"SELECT {', '.join(f'count(DISTINCT minutes + {number})' for number in range(90))} FROM tasks", VIEWS
    )
    assert few.work_mem == 8_192
    assert 90 * many.work_mem <= 65_536


def test_names_of_columns_stay() -> None:
    """Where a check stands around what gave a column its name."""
    text = "SELECT s.lower FROM (SELECT lower(title) FROM tasks) AS s"
    assert '"lower"' in bounded(text)


PATTERNS = {"abc": 3, "a{3}": 3, "(ab){3}": 6, "((x{10}){10}){10}": 1000, r"\{3\}": 3, "[a-z]{2}": 2, "": 0}


@pytest.mark.parametrize(("pattern", "size"), PATTERNS.items())
def test_counts_in_patterns_are_multiplied_out(pattern: str, size: int) -> None:
    """As PostgreSQL does before it searches."""
    assert states(pattern) == size


def test_usual_patterns_are_small() -> None:
    """Such as those of ids, dates and addresses."""
    uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    address = r"\b([0-9]{1,3}\.){3}[0-9]{1,3}\b"
    assert states(uuid) < 50 and states(address) < 50 < MOST_STATES


@given(st.text(alphabet="ab(){}[]0123456789,\\*+?|^$", max_size=60))
def test_any_text_can_be_a_pattern(pattern: str) -> None:
    """PostgreSQL says whether it is one."""
    assert states(pattern) >= 0


@pytest.mark.parametrize(
    "text",
    [
        "SELECT power(1)",
        "SELECT jsonb_path_query(path => '$.a', target => '{}')",
        "SELECT '[" + "1e999," * 30 + "1]'::jsonb",
    ],
)
def test_what_cannot_be_bounded_is_refused(text: str) -> None:
    """In a sentence."""
    with pytest.raises(NotOffered):
        read_question(text, VIEWS)
