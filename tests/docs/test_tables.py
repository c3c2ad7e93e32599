"""docs/tables.md is the schema of the migrations, column by column."""

import re
from dataclasses import dataclass
from functools import cache

import pytest

from tests.docs.reading import MIGRATIONS, read, rows, section

_CREATE = re.compile(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+) \((.*?)^\);", re.MULTILINE | re.DOTALL)
_ALTER = re.compile(r"ALTER TABLE (?:ONLY )?(\w+)\s+(.*?);", re.DOTALL)
_COLUMN = re.compile(r"(\w+)\s+([a-z]+(?:\[\])?)(.*)", re.DOTALL)
_ADD = re.compile(r"ADD COLUMN (?:IF NOT EXISTS )?(.+)", re.DOTALL)
_DROP = re.compile(r"DROP COLUMN (?:IF EXISTS )?(\w+)")
_RULES = ("CHECK", "PRIMARY KEY", "UNIQUE", "CONSTRAINT", "FOREIGN")


@dataclass(frozen=True)
class Column:
    type: str
    can_be_null: bool


Table = dict[str, Column]


@cache
def schema() -> dict[str, Table]:
    """The tables that all migrations together make."""
    tables: dict[str, Table] = {}
    for file in sorted(MIGRATIONS.glob("*.sql")):
        sql = re.sub(r"--.*", "", file.read_text(encoding="utf-8"))
        for name, body in _CREATE.findall(sql):
            tables[name] = _table(body)
        for name, change in _ALTER.findall(sql):
            _alter(tables.get(name, {}), change)
        for name in re.findall(r"DROP TABLE (?:IF EXISTS )?(\w+)", sql):
            tables.pop(name, None)
    return tables


def _alter(table: Table, change: str) -> None:
    for part in _parts(change):
        if added := _ADD.match(part):
            table.update([_column(added[1])])
        elif dropped := _DROP.match(part):
            table.pop(dropped[1], None)


def _table(body: str) -> Table:
    parts = _parts(body)
    columns = dict(_column(part) for part in parts if not part.startswith(_RULES))
    for key in re.findall(r"PRIMARY KEY \(([^)]*)\)", body):
        for name in key.split(","):
            columns[name.strip()] = Column(columns[name.strip()].type, False)
    return columns


def _column(definition: str) -> tuple[str, Column]:
    found = _COLUMN.match(definition)
    assert found, definition
    name, kind, rest = found.groups()
    return name, Column(kind, "NOT NULL" not in rest and "PRIMARY KEY" not in rest)


def _parts(body: str) -> list[str]:
    """The parts between commas that stand in no bracket."""
    parts, depth = [""], 0
    for letter in body:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts if part.strip()]


def documented() -> dict[str, dict[str, list[str]]]:
    """The tables of the page: each `### name` with the rows of its columns."""
    text = read("docs/tables.md")
    names = re.findall(r"^### `(\w+)`$", text, re.MULTILINE)
    return {name: rows(section(text, f"`{name}`")) for name in names}


def test_the_migrations_are_understood() -> None:
    """The reader of this test finds the documented tables and the types that were promised."""
    assert {"tasks", "employees", "daily_syncs"} <= schema().keys()
    assert schema()["tasks"]["id"] == Column("uuid", False)
    assert schema()["tasks"]["employee_ids"] == Column("uuid[]", False)
    assert schema()["tasks"]["tracked_minutes"] == Column("integer", True)


def test_every_table_has_its_section_and_no_other() -> None:
    """Each table of the migrations is described, and none that does not exist."""
    assert documented().keys() == schema().keys()


@pytest.mark.parametrize("table", schema())
def test_every_column_is_described_and_no_other(table: str) -> None:
    """Each column has a row, in the order of the table, and there is none beyond them."""
    assert list(documented()[table]) == list(schema()[table])


@pytest.mark.parametrize("table", schema())
def test_types_and_nulls_are_those_of_the_schema(table: str) -> None:
    """A column's row shows its type, and says what NULL means exactly where NULL can be."""
    for name, column in schema()[table].items():
        _, kind, meaning, null = documented()[table][name]
        assert kind == column.type, f"{table}.{name}"
        assert (null != "never") == column.can_be_null, f"{table}.{name}: NULL"
        assert meaning and null, f"{table}.{name} has an empty cell"


def test_every_table_can_be_taken_away() -> None:
    """The statement that removes the mirror names every table."""
    dropping = section(read("docs/operations.md"), "Taking it away")
    assert [table for table in schema() if not re.search(rf"\b{table}\b", dropping)] == []


def test_every_table_has_row_level_security() -> None:
    """What the pages say of row-level security is true of every table."""
    sql = "".join(file.read_text(encoding="utf-8") for file in sorted(MIGRATIONS.glob("*.sql")))
    secured = set(re.findall(r"ALTER TABLE (\w+) ENABLE ROW LEVEL SECURITY", sql))
    assert schema().keys() - secured == set()
    assert "NO FORCE" not in sql


def test_tables_and_columns_of_the_examples_exist() -> None:
    """The example queries ask tables that exist."""
    examples = "".join(re.findall(r"```sql\n(.*?)```", read("docs/tables.md"), re.DOTALL))
    asked = set(re.findall(r"\b(?:FROM|JOIN) ([a-z_]+)\b(?!\()", examples)) - {"unnest"}
    assert asked
    assert asked <= schema().keys()
