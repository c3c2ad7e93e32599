"""The role by itself: text that no parser looked at reads the views and nothing else."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from app.queries import load_queries
from tests.conftest import Server

Connection = psycopg.Connection[Any]


@pytest.fixture
def reader(server: Server, busy_template: str) -> Iterator[Connection]:
    """A transaction as `query` opens it."""
    name = server.copy(busy_template)
    with psycopg.connect(server.url_of(name)) as connection:
        bounds = {"milliseconds": 3_000, "zone": "UTC"}
        connection.execute(load_queries()["bound_reading"].encode(), bounds)
        assert connection.execute(load_queries()["become_reader"].encode()).fetchone() is not None
        yield connection
        connection.rollback()
    server.drop(name)


TABLES = """
    tasks employees daily_syncs daily_snapshots time_entries comments task_people task_tags task_dependencies
    custom_fields task_custom_fields spaces folders lists workspaces visible_workspaces runs skipped_objects
    streams task_reads leases services webhooks deliveries data_writes alembic_version
"""


@pytest.mark.parametrize("table", TABLES.split())
def test_no_table_can_be_read(reader: Connection, table: str) -> None:
    """Not even those that the views are made of."""
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute(f"SELECT * FROM public.{table}".encode())


@pytest.mark.parametrize(
    "text",
    [
        "INSERT INTO mirror.lists (list_id) VALUES ('x')",
        "UPDATE mirror.lists SET name = 'x'",
        "DELETE FROM mirror.comments",
        "CREATE TABLE x (a int)",
        "CREATE TABLE mirror.x (a int)",
        "CREATE TEMP TABLE x (a int)",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "DROP VIEW mirror.tasks",
        "GRANT SELECT ON mirror.tasks TO PUBLIC",
        "COPY mirror.tasks TO '/tmp/never'",
        "SELECT pg_read_file('PG_VERSION')",
        "SELECT * FROM pg_authid",
        "SELECT lo_create(0)",
        "SELECT nextval('public.deliveries_delivery_id_seq')",
    ],
)
def test_nothing_can_be_written_or_read_elsewhere(reader: Connection, text: str) -> None:
    """Rights, or the transaction that only reads, stand against it."""
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)):
        reader.execute(text.encode())


def test_the_transaction_only_reads_whoever_one_becomes(reader: Connection) -> None:
    """Even the owner, whom no parser would have let become, writes nothing in it."""
    reader.execute("SET LOCAL ROLE NONE")
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        reader.execute("DELETE FROM public.tasks")
    reader.rollback()


def test_it_cannot_be_made_to_write_again(reader: Connection) -> None:
    """After the first query PostgreSQL lets nobody turn it back."""
    with pytest.raises(psycopg.errors.ActiveSqlTransaction):
        reader.execute("SET TRANSACTION READ WRITE")


def test_every_view_can_be_read(reader: Connection, views: dict[str, list[str]]) -> None:
    """All of them, with their rows."""
    for view in views:
        reader.execute(f"SELECT * FROM mirror.{view}".encode())
    assert reader.execute("SELECT count(*) > 0 FROM tasks").fetchone() == (True,)


def test_who_is_nobody_reads_no_view(reader: Connection) -> None:
    """The views are not for PUBLIC."""
    grants = reader.execute(
        "SELECT count(*) FROM pg_class c, aclexplode(c.relacl) a"
        " WHERE c.relnamespace = 'mirror'::regnamespace AND a.grantee = 0"
    )
    assert grants.fetchone() == (0,)
