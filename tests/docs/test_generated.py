"""What `make docs` writes is up to date, and the rest of the pages is short."""

import re
from pathlib import Path

import pytest

from tests.conftest import Server
from tests.docs.generate import Column, fetch_columns, render
from tests.docs.reading import GENERATED, ROOT, name_of, pages

_MOST_WORDS = 22_000


@pytest.fixture(scope="module")
def columns(server: Server, template: str) -> list[Column]:
    return fetch_columns(server.url_of(template))


@pytest.mark.parametrize(
    "page", [page for page in pages() if GENERATED.search(page.read_text(encoding="utf-8"))], ids=name_of
)
def test_generated_tables_are_those_of_code_and_database(page: Path, columns: list[Column]) -> None:
    """If this fails, run `make docs`."""
    text = page.read_text(encoding="utf-8")
    assert text == render(text, columns)


def test_every_table_view_and_column_has_a_comment(columns: list[Column]) -> None:
    """Whoever looks with psql or another client reads a sentence about each."""
    for column in columns:
        assert (column.relation_comment or "").endswith("."), column.relation
        assert (column.comment or "").endswith("."), f"{column.relation}.{column.name}"


def test_comments_say_what_null_means_exactly_where_it_can_be(columns: list[Column]) -> None:
    """A column of a table that can be NULL says what that means, and no other does."""
    for column in columns:
        if not column.is_view:
            says = " NULL: " in (column.comment or "")
            assert says == (not column.is_not_null), f"{column.relation}.{column.name}"


def test_the_pages_are_short() -> None:
    """Beside decisions, generated parts and tables of figures, docs/ has less than 22,000 words."""
    made = re.compile(rf"{GENERATED.pattern}|<!-- figure: .*?<!-- end of figure -->", re.DOTALL)
    texts = (made.sub("", page.read_text(encoding="utf-8")) for page in (ROOT / "docs").glob("*.md"))
    assert sum(len(re.findall(r"\S+", text)) for text in texts) < _MOST_WORDS
