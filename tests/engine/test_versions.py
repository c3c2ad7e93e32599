"""The data's version: the same as long as no answer that is made of mirrored data could be another one."""

import psycopg
import pytest

from app.context import open_context
from app.supabase_db import Database
from tests.engine.mirror import DATA_TABLES, Mirror

FURTHER_TABLES = ("daily_syncs", "daily_snapshots", "visible_workspaces")
INTERNAL_TABLES = ("schedules", "workspace_states", "streams", "task_reads", "runs")


async def version(database: Database) -> str:
    return str((await database.ask("get_data_version"))[0]["version"])


def test_every_table_of_data_has_its_triggers(mirror: Mirror) -> None:
    """For each way to write it, and no internal table has one."""
    triggers = (
        "SELECT tgrelid::regclass::text AS name, count(*) FROM pg_trigger"
        " WHERE starts_with(tgname, 'data_') GROUP BY 1"
    )
    found = {row["name"]: row["count"] for row in mirror.rows(triggers)}
    assert found == dict.fromkeys(DATA_TABLES + FURTHER_TABLES, 4)


@pytest.mark.parametrize("table", ("workspaces", "employees", "lists", "tasks", "time_entries", "comments"))
async def test_whoever_writes_moves_the_version_when_it_is_visible(mirror: Mirror, table: str) -> None:
    """Also by hand; and not before the transaction ends."""
    async with open_context(mirror.settings()) as context:
        before = await version(context.database)
        async with await psycopg.AsyncConnection.connect(mirror.database_url) as connection:
            await connection.execute(f"UPDATE {table} SET workspace_id = workspace_id".encode())
            assert await version(context.database) == before
        assert await version(context.database) != before


@pytest.mark.parametrize("table", INTERNAL_TABLES)
async def test_internal_tables_leave_the_version_alone(mirror: Mirror, table: str) -> None:
    """A heartbeat ends nothing that is kept."""
    async with open_context(mirror.settings()) as context:
        before = await version(context.database)
        mirror.rows(f"UPDATE {table} SET workspace_id = workspace_id")
        assert await version(context.database) == before


@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET workspace_id = ''", "DELETE FROM {}", "INSERT INTO {} SELECT * FROM {}"]
)
async def test_a_statement_that_writes_no_row_leaves_the_version_alone(
    mirror: Mirror, statement: str
) -> None:
    """As most statements of a quiet pass do."""
    async with open_context(mirror.settings()) as context:
        before = await version(context.database)
        mirror.rows(statement.format("tasks", "tasks") + " WHERE false")
        assert await version(context.database) == before


@pytest.mark.parametrize("statement", ["DELETE FROM task_tags", "TRUNCATE task_tags"])
async def test_what_takes_rows_away_moves_the_version(mirror: Mirror, statement: str) -> None:
    """All of a table's at once, too."""
    async with open_context(mirror.settings()) as context:
        before = await version(context.database)
        mirror.rows(statement)
        assert await version(context.database) != before


async def test_a_quiet_full_pass_leaves_the_version_alone(mirror: Mirror) -> None:
    """Whatever it compares: what is kept of answers stays good."""
    await mirror.sync("full")
    async with open_context(mirror.settings()) as context:
        before = await version(context.database)
        await mirror.sync("full")
        assert await version(context.database) == before


async def test_two_that_write_at_once_do_not_wait_for_each_other(mirror: Mirror) -> None:
    """And whichever ends last moves the version again."""
    async with (
        open_context(mirror.settings()) as context,
        await psycopg.AsyncConnection.connect(mirror.database_url) as one,
        await psycopg.AsyncConnection.connect(mirror.database_url) as other,
    ):
        seen = [await version(context.database)]
        await one.execute("UPDATE lists SET name = name")
        await other.execute("UPDATE folders SET name = name")
        for connection in (other, one):
            await connection.commit()
            seen.append(await version(context.database))
    assert len(set(seen)) == 3


async def test_old_marks_are_forgotten_when_there_are_many(mirror: Mirror) -> None:
    """Down to the latest hundred, and a few are left alone."""
    async with open_context(mirror.settings()) as context:
        few = mirror.value("SELECT count(*) FROM data_writes")
        assert await context.database.note("delete_old_writes", limit=10_000) == 0
        mirror.rows("INSERT INTO data_writes SELECT FROM generate_series(1, 1000)")
        before = await version(context.database)
        assert await context.database.note("delete_old_writes", limit=10_000) == few + 900
        assert mirror.value("SELECT count(*) FROM data_writes") == 100
        assert await version(context.database) != before
