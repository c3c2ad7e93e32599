"""The role and its function by themselves: text that no parser looked at reads the views and nothing else."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from app.sql.loader import load_queries
from tests.conftest import Server
from tests.database import connect
from tests.roles.test_schema_checks import declared

Connection = psycopg.Connection[Any]


@pytest.fixture
def reader(server: Server, busy_template: str) -> Iterator[Connection]:
    """A transaction as `query` opens it."""
    name = server.copy(busy_template)
    with connect(server.url_of(name)) as connection:
        bounds = {"milliseconds": 3_000, "zone": "UTC", "work_mem": 8_192}
        connection.execute(load_queries()["bound_reading"].encode(), bounds)
        assert connection.execute(load_queries()["become_reader"].encode()).fetchone() is not None
        yield connection
        connection.rollback()
    server.drop(name)


@pytest.mark.parametrize("table", declared())
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


WAYS_OUT = """
SELECT ARRAY[set_config('role', 'none', true), query_to_xml('TABLE public.webhooks', true, true, '')::text]
SELECT ARRAY[set_config('role', 'postgres', false), pg_read_file('PG_VERSION')]
SELECT ARRAY[set_config('session_authorization', 'postgres', true)]
SELECT ARRAY[set_config('transaction_read_only', 'off', true)]
SELECT ARRAY[a] FROM mirror.answer('SELECT ARRAY[set_config(''role'', ''none'', true)]', 1) AS t(a)
SELECT ARRAY[query_to_xml('SET ROLE NONE', true, true, '')::text]
SELECT ARRAY[current_setting('data_directory')]
SELECT ARRAY[secret_encrypted] FROM public.webhooks
SELECT ARRAY[rolpassword] FROM pg_authid
SELECT ARRAY[pg_read_file('PG_VERSION')]
SELECT ARRAY[lo_create(0)::text]
SELECT ARRAY['a'] FROM mirror.tasks FOR UPDATE
SELECT ARRAY['a']; SELECT ARRAY['b']
SELECT ARRAY['a']; COMMIT; DELETE FROM public.tasks
INSERT INTO mirror.lists (list_id) VALUES ('x') RETURNING ARRAY['a']
WITH x AS (DELETE FROM public.tasks RETURNING 1) SELECT ARRAY['a'] FROM x
WITH x AS (DELETE FROM mirror.comments RETURNING 1) SELECT ARRAY['a'] FROM x
EXPLAIN ANALYZE DELETE FROM public.tasks
COPY mirror.tasks TO '/tmp/never'
DO $$ BEGIN PERFORM set_config('role', 'none', true); END $$
ALTER FUNCTION mirror.answer(text, integer) SECURITY INVOKER
CREATE TEMP TABLE x (a int)
SET SESSION AUTHORIZATION DEFAULT
SET LOCAL ROLE NONE
RESET ROLE
COMMIT
DISCARD ALL
LISTEN x
SHOW data_directory
"""
NO = (
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.ReadOnlySqlTransaction,
    psycopg.errors.ActiveSqlTransaction,
    psycopg.errors.FeatureNotSupported,
    psycopg.errors.InvalidCursorDefinition,
)


@pytest.mark.parametrize("text", WAYS_OUT.strip().split("\n"))
def test_nobody_becomes_somebody_else_in_it(reader: Connection, text: str) -> None:
    """The text as it is, past the first wall, in the function that answers: PostgreSQL refuses each."""
    with pytest.raises(NO):
        reader.execute(load_queries()["answer_question"].encode(), {"question": text, "most_letters": 1_000})


def test_without_the_function_there_is_a_way_out(reader: Connection) -> None:
    """Why it is not the role alone: whoever is the owner underneath is the owner again when asked."""
    reader.execute("SELECT set_config('role', 'none', true)")
    assert reader.execute("SELECT secret_encrypted FROM public.webhooks").fetchall() == []


def test_what_is_described_is_not_run(reader: Connection) -> None:
    """Asked for its columns alone, a SELECT does nothing yet."""
    queries = load_queries()
    text = "SELECT set_config('role', 'none', true) AS a, pg_sleep(100) AS b"
    reader.execute(f"{queries['declare_question'].rstrip(';')} {text}".encode())
    columns = reader.execute(queries["describe_question"].encode()).description
    assert [column.name for column in columns or ()] == ["a", "b"]
    assert reader.execute("SELECT current_user").fetchone() == ("clickup_sync_reader",)


def test_who_is_nobody_may_not_have_it_answer(server: Server, template: str) -> None:
    """It answers the reader alone: not PUBLIC, and not the owner of the tables."""
    with connect(server.url_of(template)) as connection:
        row = connection.execute(
            "SELECT pg_get_userbyid(proowner), proacl::text FROM pg_proc WHERE oid = 'mirror.answer'::regproc"
        ).fetchone()
        rights = connection.execute(
            "SELECT has_schema_privilege('clickup_sync_reader', 'mirror', 'CREATE')"
        ).fetchone()
    assert row == ("clickup_sync_reader", "{clickup_sync_reader=X/clickup_sync_reader}")
    assert rights == (False,)


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
