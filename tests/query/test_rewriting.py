"""What PostgreSQL is given means what was written: real questions, run both ways."""

from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.core.answers.sql_text import read_question

# One a line; <BREAK> is the end of a line within a text.
QUESTIONS = (Path(__file__).parent / "questions.sql").read_text(encoding="utf-8").splitlines()[1:]


def answer(connection: psycopg.Connection[Any], text: str) -> tuple[list[Any], list[Any]]:
    """Names and types of its columns, and its rows."""
    with connection.transaction():
        found = connection.execute(text.encode())
        return [(column.name, column.type_code) for column in found.description or ()], found.fetchall()


@pytest.mark.parametrize("text", QUESTIONS)
def test_the_same_rows_come_either_way(
    shared: psycopg.Connection[Any], views: dict[str, list[str]], text: str
) -> None:
    """As it was written, by the views' owner, and as it was written anew: the same columns, the same rows."""
    text = text.replace("<BREAK>", "\n")
    assert answer(shared, text) == answer(shared, read_question(text, views).sql)


@pytest.mark.parametrize("text", QUESTIONS)
def test_checks_change_no_answer(
    shared: psycopg.Connection[Any], typed_views: dict[str, dict[str, str]], text: str
) -> None:
    """With the checks of sizes written into it: the same columns, the same rows."""
    text = text.replace("<BREAK>", "\n")
    columns = {view: list(types) for view, types in typed_views.items()}
    expected = answer(shared, text)
    assert answer(shared, read_question(text, typed_views).bounded) == expected
    assert answer(shared, read_question(text, columns).bounded) == expected


@pytest.mark.parametrize("text", QUESTIONS)
async def test_it_is_answered(ask: Any, text: str) -> None:
    """As a model asks it: nothing of it is refused."""
    await ask(text.replace("<BREAK>", "\n"))


def test_it_is_never_the_text_itself(views: dict[str, list[str]]) -> None:
    """Comments are gone, names are quoted, and each view has its schema."""
    question = read_question("select Title /* x */ from TASKS -- y", views)
    assert question.sql == 'SELECT "title" FROM "mirror"."tasks"'
    assert question.views == {"tasks"}


async def test_columns_are_called_as_postgresql_does(ask: Any) -> None:
    """What an answer calls its columns is what psql would."""
    answered = await ask('SELECT count(*), title::text, 1 AS "A b" FROM tasks GROUP BY 2')
    assert [column.name for column in answered.columns] == ["count", "title", "A b"]
    assert [column.type for column in answered.columns] == ["int8", "text", "int4"]
