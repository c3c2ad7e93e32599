"""What the pages say of all tables is true of each."""

import re

import pytest

from tests.conftest import Server
from tests.database import connect
from tests.docs.generate import fetch_columns
from tests.docs.reading import read, section


@pytest.fixture(scope="module")
def tables(server: Server, template: str) -> set[str]:
    return {column.relation for column in fetch_columns(server.url_of(template)) if not column.is_view}


def test_every_table_can_be_removed(tables: set[str]) -> None:
    """The statement that removes the mirror names every table."""
    dropping = section(read("docs/operations.md"), "Remove clickup-sync")
    assert tables
    assert [table for table in tables if not re.search(rf"\b{table}\b", dropping)] == []


def test_every_table_has_row_level_security(server: Server, template: str) -> None:
    """What the pages say of row-level security is true of every table, the owner excepted."""
    with connect(server.url_of(template)) as connection:
        found = connection.execute(
            "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        ).fetchall()
    assert [name for name, is_on, is_forced in found if not is_on or is_forced] == []


def test_tables_of_the_examples_exist(tables: set[str]) -> None:
    """The example queries read tables that exist."""
    examples = "".join(re.findall(r"```sql\n(.*?)```", read("docs/tables.md"), re.DOTALL))
    asked = set(re.findall(r"\b(?:FROM|JOIN) (?:mirror\.)?([a-z_]+)\b(?!\()", examples)) - {"unnest"}
    assert asked
    assert asked <= tables
