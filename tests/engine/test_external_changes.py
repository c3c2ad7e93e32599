"""Rows that somebody else changes in the database are as before after the next full sync, and it says so."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from random import Random
from threading import Event
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from app.core.errors import DatabaseDown
from app.simulator.server import RunningSimulator
from app.simulator.world import World
from tests.campaigns import AT_LENGTH
from tests.conftest import Server
from tests.database import connect
from tests.engine.conftest import MakeMirror, busy_world, copied, small_world
from tests.engine.mirror import DATA_TABLES, Mirror

WATCHED = (*DATA_TABLES, "visible_workspaces")
# What a sync may always move: when rows were read and written.
_STAMPS = ("updated_at", "read_at")


def related_world() -> World:
    """The small world, of which two tasks depend on another one."""
    world = busy_world()
    one, two, three, *_ = world.truth()["tasks"]
    world.add_dependency(one, two)
    world.link_tasks(one, three)
    return world


@pytest.fixture(scope="module")
def related_template(server: Server, busy_template: str) -> tuple[str, int]:
    """Its database after full syncs, and how many requests one makes that has nothing to do."""
    name = server.copy(busy_template)
    with RunningSimulator(related_world()) as simulator:
        mirror = Mirror(simulator, server.url_of(name))
        asyncio.run(mirror.sync("full"))
        with mirror.counting() as quiet:
            asyncio.run(mirror.sync("full"))
    return name, quiet["total"]


@pytest.fixture
def related(server: Server, related_template: tuple[str, int]) -> Iterator[Mirror]:
    yield from copied(server, related_template[0], related_world())


@pytest.fixture
def quiet_requests(related_template: tuple[str, int]) -> int:
    return related_template[1]


def contents(mirror: Mirror, *without: str) -> dict[str, list[dict[str, Any]]]:
    """Every row of the mirrored tables, without the stamps."""
    return {
        table: [
            {name: value for name, value in row.items() if name not in (*_STAMPS, *without)}
            for row in mirror.rows(f"SELECT * FROM {table} AS t ORDER BY (to_jsonb(t) - 'updated_at')::text")
        ]
        for table in WATCHED
    }


def rows_by_key(mirror: Mirror, *without: str) -> dict[str, set[str]]:
    return {table: {repr(row) for row in rows} for table, rows in contents(mirror, *without).items()}


def pending(mirror: Mirror) -> dict[str, int]:
    found = mirror.rows("SELECT table_name, count(*) AS total FROM external_changes GROUP BY 1")
    return {row["table_name"]: row["total"] for row in found}


def test_the_list_of_the_mirrors_columns_is_the_schema(mirror: Mirror) -> None:
    """A column that a migration adds to a mirrored table stands in `mirrored_columns`."""
    schema = mirror.rows(
        "SELECT c.relname AS table_name, a.attname AS column_name FROM pg_attribute AS a"
        " JOIN pg_class AS c ON c.oid = a.attrelid WHERE c.relnamespace = 'public'::regnamespace"
        " AND c.relname = ANY(%s) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''",
        list(WATCHED),
    )
    listed = mirror.rows("SELECT table_name, column_name FROM mirrored_columns")
    assert {tuple(row.values()) for row in listed} == {tuple(row.values()) for row in schema}


def test_the_keys_of_the_mirrored_tables_are_unique(mirror: Mirror) -> None:
    """The columns that `mirrored_columns` calls a key have a unique index."""
    keys = mirror.rows(
        "SELECT table_name, array_agg(column_name ORDER BY column_name) AS columns FROM mirrored_columns"
        " WHERE is_key GROUP BY 1"
    )
    unique = mirror.rows(
        "SELECT i.indrelid::regclass::text AS table_name,"
        " array_agg(a.attname::text ORDER BY a.attname) AS columns FROM pg_index AS i"
        " JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)"
        " WHERE i.indisunique GROUP BY i.indexrelid, i.indrelid"
    )
    assert {row["table_name"] for row in keys} == set(WATCHED)
    assert [row for row in keys if row not in unique] == []


def odd_value(column: dict[str, Any]) -> str:
    """SQL for a value that is valid, and that no sync writes."""
    by_type = {
        "text": "'edited by hand'",
        "uuid": "gen_random_uuid()",
        "boolean": "NOT {name}",
        "integer": "4711",
        "bigint": "4711",
        "numeric": "47.11",
        "date": "'2001-02-03'",
        "timestamp with time zone": "now() + interval '5 years'",
        "jsonb": "'[\"edited\"]'",
        "text[]": "ARRAY['edited by hand']",
        "uuid[]": "ARRAY[gen_random_uuid()]",
    }
    return by_type[column["type"]].format(name=column["name"])


def editable_columns(mirror: Mirror) -> list[dict[str, Any]]:
    return mirror.rows(
        "SELECT m.table_name, m.column_name AS name, m.is_key, format_type(a.atttypid, a.atttypmod) AS type"
        " FROM mirrored_columns AS m JOIN pg_attribute AS a"
        " ON a.attrelid = m.table_name::regclass AND a.attname = m.column_name ORDER BY m.column_id"
    )


# Columns that a check ties to another one are set together with it.
_TIED = {
    ("tasks", "is_deleted"): "is_deleted = true, deleted_at = now() + interval '5 years'",
    ("tasks", "deleted_at"): "is_deleted = true, deleted_at = now()",
    ("tasks", "start_times"): "start_times = '{}', end_times = '{}'",
    ("tasks", "end_times"): "start_times = ARRAY['x'], end_times = ARRAY['y']",
    ("time_entries", "is_running"): "is_running = true, duration_ms = NULL",
    ("time_entries", "duration_ms"): "is_running = false, duration_ms = 4711",
    ("task_people", "relation"): "relation = 'watcher', clickup_user_id = 'somebody'",
    ("task_dependencies", "relation"): "relation = 'linked', other_task_id = 'something'",
}


async def test_every_column_is_restored_whatever_it_is_changed_to(
    related: Mirror, quiet_requests: int
) -> None:
    """One row for each column, keys and stamps among them: all rows are as before, for one request at most.

    A comment with another key is one that somebody added: the comments of its task are read again.
    """
    mirror = related
    before = rows_by_key(mirror)
    for number, column in enumerate(editable_columns(mirror)):
        table, name = column["table_name"], column["name"]
        change = _TIED.get((table, name), f"{name} = {odd_value(column)}")
        mirror.edit(
            f"UPDATE {table} SET {change} WHERE ctid ="
            f" (SELECT ctid FROM {table} ORDER BY xmin::text::bigint, ctid OFFSET {number % 3} LIMIT 1)"
        )
    assert set(pending(mirror)) == set(WATCHED)
    with mirror.counting() as repair:
        report = await mirror.sync("full")
    assert mirror.differences() == []
    assert rows_by_key(mirror) == before
    assert repair["total"] - quiet_requests in (0, 1)
    assert pending(mirror) == {}
    assert any("another program had changed" in note for note in report.notes)


@pytest.mark.parametrize("statement", ["DELETE FROM {}", "TRUNCATE {}"])
@pytest.mark.parametrize("table", WATCHED)
async def test_rows_that_somebody_takes_away_come_back(
    related: Mirror, quiet_requests: int, table: str, statement: str
) -> None:
    """All rows of a table, each with everything that is derived, and without a request more."""
    mirror = related
    before, total = rows_by_key(mirror), mirror.value(f"SELECT count(*) FROM {table}")
    mirror.edit(statement.format(table))
    assert pending(mirror) == {table: total}
    with mirror.counting() as repair:
        report = await mirror.sync("full")
    assert rows_by_key(mirror) == before
    assert mirror.differences() == []
    assert repair["total"] == quiet_requests
    assert report.counts["rows restored"] == total
    assert any(f"{total:,} in {table}" in note for note in report.notes)


@pytest.mark.parametrize("table", WATCHED)
async def test_rows_that_somebody_adds_go_away(related: Mirror, table: str) -> None:
    """They prove nothing about ClickUp: they are deleted, never marked as deleted in ClickUp."""
    mirror = related
    before = rows_by_key(mirror)
    columns = [column for column in editable_columns(mirror) if column["table_name"] == table]
    for workspace in ("workspace_id", "'another'"):
        values = [
            workspace if column["name"] == "workspace_id" and table != "workspaces"
            else f"'new' || {workspace}" if column["is_key"] and column["name"] != "relation"
            else "gen_random_uuid()" if column["name"] == "id"
            else column["name"]
            for column in columns
        ]  # fmt: skip
        names = ", ".join(column["name"] for column in columns)
        mirror.edit(f"INSERT INTO {table} ({names}) SELECT {', '.join(values)} FROM {table} LIMIT 1")
    assert pending(mirror) == {table: 2}
    await mirror.sync("full")
    assert rows_by_key(mirror) == before
    assert mirror.differences() == []


async def test_a_changed_row_is_right_after_the_next_full_sync(mirror: Mirror) -> None:
    """Also its sessions; the run says how many rows there were, and in which tables."""
    ids = [
        row["id"]
        for row in mirror.rows("SELECT clickup_task_id AS id FROM tasks WHERE NOT is_deleted LIMIT 2")
    ]
    mirror.edit("UPDATE tasks SET title = 'edited by hand', status = 'x' WHERE clickup_task_id = %s", ids[0])
    mirror.edit(
        "UPDATE tasks SET employee_ids = '{}', tracked_minutes = 0, start_times = '{}', end_times = '{}'"
        " WHERE clickup_task_id = %s",
        ids[1],
    )
    report = await mirror.sync("full")
    assert mirror.differences() == []
    assert any("2 in tasks" in note for note in report.notes)


async def test_deleted_tasks_come_back_with_all_that_is_derived(mirror: Mirror) -> None:
    """Their id, sessions, waiting comments and the last change of their status among it."""
    before = rows_by_key(mirror)
    mirror.edit("DELETE FROM tasks WHERE assigned_comment IS NOT NULL OR cardinality(start_times) > 0")
    await mirror.sync("full")
    assert mirror.differences() == []
    assert rows_by_key(mirror)["tasks"] == before["tasks"]


async def test_what_changed_in_clickup_meanwhile_is_written(mirror: Mirror) -> None:
    """What is restored may be older than what a sync wrote in between: it takes nothing back."""
    random = Random(11)
    for kind in ("incremental", "incremental", "full"):
        mirror.edit(
            "UPDATE tasks SET title = 'edited', date_updated = now() + interval '1 year', read_at = now()"
        )
        mirror.edit("UPDATE comments SET text = 'edited', read_at = now() + interval '1 year'")
        mirror.edit("UPDATE time_entries SET user_name = 'edited', read_at = now() + interval '1 year'")
        for task_id in list(mirror.world.truth()["tasks"])[:10]:
            mirror.world.post_comment(task_id, f"said {random.random()}")
            mirror.world.edit_task(task_id, name=f"renamed {random.random()}")
        mirror.world.mutate(random, 20)
        await mirror.sync(kind, max_deleted=100)
    assert mirror.differences() == []
    assert pending(mirror) == {}


async def test_the_users_own_columns_triggers_and_tables_are_left_alone(mirror: Mirror) -> None:
    """A write of nothing but an own column is nobody's business; a restored row keeps it."""
    mirror.edit("ALTER TABLE tasks ADD COLUMN rank integer")
    mirror.edit("CREATE TABLE watched (task text, seen integer)")
    mirror.edit("CREATE VIEW own_view AS SELECT title, rank FROM tasks")
    mirror.edit(
        "CREATE FUNCTION own_trigger() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " INSERT INTO watched VALUES (NEW.clickup_task_id, NEW.rank); RETURN NULL; END $$"
    )
    mirror.edit("CREATE TRIGGER own AFTER UPDATE ON tasks FOR EACH ROW EXECUTE FUNCTION own_trigger()")
    mirror.edit("UPDATE tasks SET rank = 7")
    assert pending(mirror) == {}
    report = await mirror.sync("full")
    assert [note for note in report.notes if "somebody else" in note] == []
    mirror.edit("UPDATE tasks SET title = 'edited'")
    await mirror.sync("full")
    assert mirror.differences() == []
    assert mirror.value("SELECT count(*) FROM tasks WHERE rank IS DISTINCT FROM 7") == 0
    assert mirror.value("SELECT count(*) FROM watched") > 0
    assert mirror.value("SELECT count(*) FROM own_view WHERE title = 'edited'") == 0


async def test_what_a_trigger_of_the_user_writes_is_a_change_by_somebody_else(mirror: Mirror) -> None:
    """Though the sync's own statement fired it."""
    mirror.edit(
        "CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " UPDATE comments SET text = 'x' WHERE clickup_task_id = NEW.clickup_task_id; RETURN NULL; END $$"
    )
    mirror.edit("CREATE TRIGGER shout AFTER UPDATE ON tasks FOR EACH ROW EXECUTE FUNCTION shout()")
    mirror.rows("UPDATE tasks SET fingerprint = ''")
    assert set(pending(mirror)) == {"comments"}
    mirror.edit("DROP TRIGGER shout ON tasks")
    await mirror.sync("full")
    assert mirror.differences() == []


async def test_the_replica_role_hides_nothing(mirror: Mirror) -> None:
    """As a restore or a copying tool sets it, which keeps ordinary triggers from firing."""
    mirror.edit("DELETE FROM tasks", session="SET session_replication_role = replica")
    assert pending(mirror)["tasks"] > 0
    await mirror.sync("full")
    assert mirror.differences() == []


async def test_a_role_with_no_right_but_to_edit_may_edit(mirror: Mirror, server: Server) -> None:
    """The triggers work with the owner's rights."""
    server.run("CREATE ROLE {} BYPASSRLS", "editor")
    try:
        for table in WATCHED:
            mirror.edit(f"GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON {table} TO editor")
        for table in WATCHED:
            mirror.edit(f"UPDATE {table} SET workspace_id = 'edited' WHERE true", session="SET ROLE editor")
            mirror.edit(f"DELETE FROM {table}", session="SET ROLE editor")
            mirror.edit(f"TRUNCATE {table}", session="SET ROLE editor")
        mirror.edit(
            "INSERT INTO tasks (workspace_id, clickup_task_id, title, type, read_at, fingerprint)"
            " VALUES ('w', 'new', '', '', now(), '')",
            session="SET ROLE editor",
        )
        await mirror.sync("full")
        assert mirror.differences() == []
    finally:
        mirror.edit("DROP OWNED BY editor")
        server.run("DROP ROLE {}", "editor")


def test_a_role_that_may_edit_gets_no_right_of_the_owner(database_url: str, server: Server) -> None:
    """A type of the session's own, named as one that the triggers use, is not looked at by them."""
    server.run("CREATE ROLE {} BYPASSRLS", "editor")
    try:
        with connect(database_url, autocommit=True) as connection:
            connection.execute("GRANT SELECT, INSERT, UPDATE ON tasks TO editor; SET ROLE editor")
            connection.execute(
                "CREATE FUNCTION pg_temp.spy(pg_catalog.text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN"
                " IF current_user <> 'editor' THEN RAISE 'as %', current_user; END IF; RETURN true; END $$"
            )
            for name in ("text", "jsonb", "record"):
                of = "pg_catalog.jsonb" if name == "jsonb" else "pg_catalog.text"
                check = "pg_temp.spy(value::pg_catalog.text)"
                connection.execute(f"CREATE DOMAIN pg_temp.{name} AS {of} CHECK ({check})".encode())
            connection.execute(
                "INSERT INTO tasks (workspace_id, clickup_task_id, title, type, read_at, fingerprint)"
                " VALUES ('w', 'new', '', '', now(), '')"
            )
            connection.execute("UPDATE tasks SET title = 'edited'")
            connection.execute("RESET ROLE")
            assert connection.execute("SELECT row_key FROM external_changes").fetchall() == [(["new"],)]
    finally:
        with connect(database_url, autocommit=True) as connection:
            connection.execute("DROP OWNED BY editor CASCADE")
        server.run("DROP ROLE {}", "editor")


UNSEEN_EDITS = (
    "UPDATE tasks SET title = 'edited', employee_ids = '{}', employee_id = NULL",
    "UPDATE tasks SET date_updated = now() + interval '1 year', read_at = now() + interval '1 year'",
    "UPDATE tasks SET assigned_comment = 'edited', tracked_minutes = 0, start_times = '{}', end_times = '{}'",
    "UPDATE tasks SET workspace_id = 'another' WHERE ctid IN (SELECT ctid FROM tasks LIMIT 3)",
    "UPDATE tasks SET is_deleted = true, deleted_at = now() WHERE ctid IN (SELECT ctid FROM tasks LIMIT 3)",
    "DELETE FROM tasks WHERE ctid IN (SELECT ctid FROM tasks ORDER BY ctid DESC LIMIT 5)",
    "TRUNCATE task_people, task_tags, task_custom_fields, task_dependencies",
    "UPDATE task_people SET name = 'edited'",
    "UPDATE comments SET text = 'edited', read_at = now() + interval '1 year'",
    "TRUNCATE comments",
    "UPDATE time_entries SET duration_ms = 1, read_at = now() + interval '1 year' WHERE NOT is_running",
    "DELETE FROM time_entries",
    "UPDATE spaces SET name = 'edited'",
    "DELETE FROM lists",
    "DELETE FROM employees",
    "UPDATE custom_fields SET name = 'edited'",
)
HIDING = {
    "disabled": ("ALTER TABLE {} DISABLE TRIGGER USER", ""),
    "enabled again": ("ALTER TABLE {} DISABLE TRIGGER USER", "ALTER TABLE {} ENABLE TRIGGER USER"),
    "dropped": (
        "DROP TRIGGER external_updated ON {0}; DROP TRIGGER external_deleted ON {0};"
        " DROP TRIGGER external_truncated ON {0}",
        "",
    ),
}


# By themselves each edit is hidden in one of the ways; `make chaos` hides it in each.
HIDDEN = [
    pytest.param(hiding, edit, id=f"{way}-{edit}")
    for number, edit in enumerate(UNSEEN_EDITS)
    for place, (way, hiding) in enumerate(HIDING.items())
    if AT_LENGTH or number % len(HIDING) == place
]


@pytest.mark.parametrize(("hiding", "edit"), HIDDEN)
async def test_changes_behind_the_triggers_are_found_all_the_same(
    mirror: Mirror, hiding: tuple[str, str], edit: str
) -> None:
    """Triggers that are missing or were switched off are installed again, and every row is compared."""
    before = mirror.rows("SELECT field_id, name FROM custom_fields ORDER BY 1")
    for table in WATCHED:
        mirror.edit(hiding[0].format(table))
    mirror.edit(edit)
    for table in WATCHED:
        if hiding[1]:
            mirror.edit(hiding[1].format(table))
    report = await mirror.sync("full")
    assert mirror.differences() == []
    assert mirror.rows("SELECT field_id, name FROM custom_fields ORDER BY 1") == before
    assert any("triggers on" in note for note in report.notes)
    assert mirror.value("SELECT unwatched_since FROM workspaces") is None
    again = await mirror.sync("full")
    assert [note for note in again.notes if "triggers on" in note] == []
    assert again.rows_written == 0


async def test_a_backup_that_is_loaded_into_empty_tables_loses_nothing(mirror: Mirror) -> None:
    """Its rows count as added by somebody: they are read again, comments too, and none is missing."""
    columns = mirror.value(
        "SELECT string_agg(column_name, ', ') FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name = 'comments' AND is_generated = 'NEVER'"
    )
    mirror.rows(f"CREATE TABLE backup AS SELECT {columns} FROM comments")
    mirror.rows("CREATE TABLE other_backup AS SELECT * FROM tasks")
    mirror.rows("DELETE FROM comments")
    mirror.rows("DELETE FROM tasks")
    mirror.edit(f"INSERT INTO comments ({columns}) SELECT * FROM backup")
    mirror.edit("INSERT INTO tasks SELECT * FROM other_backup")
    await mirror.sync("full")
    assert mirror.differences() == []


async def test_a_deep_sync_trusts_no_fingerprint(mirror: Mirror) -> None:
    """Whatever was written unseen and long ago is found, written again, and counted."""
    mirror.rows(
        "UPDATE tasks SET title = 'edited', tracked_minutes = 0, start_times = '{}', end_times = '{}'"
    )
    mirror.rows("DELETE FROM task_tags")
    mirror.rows("UPDATE time_entries SET description = 'edited', ended_at = now()")
    report = await mirror.sync("deep")
    assert mirror.differences() == []
    assert any("differed from ClickUp" in note and "in task_tags" in note for note in report.notes)


async def test_a_deep_sync_of_what_is_right_writes_nothing(mirror: Mirror) -> None:
    """It compares; only rows that differ are written."""
    await mirror.sync("deep")
    report = await mirror.sync("deep")
    assert report.rows_written == 0
    assert [note for note in report.notes if "differed" in note] == []


_SEEN_BY_A_FULL_SYNC = frozenset(
    {
        "rename_task",
        "status",
        "assign",
        "tags",
        "field",
        "add_time",
        "edit_time",
        "delete_time",
        "post_comment",
    }
    | {"rename_space", "rename_list", "rename_person", "create_task", "delete_task"}
)


async def test_changes_during_runs_are_found_by_the_next(make_mirror: MakeMirror) -> None:
    """Whoever edits while syncs read and things change in ClickUp: a later full sync finds all of it."""
    mirror = make_mirror(small_world(tasks=150), served={"latency_ms": 5})
    await mirror.sync()
    random, over = Random(3), Event()
    edits = [edit for edit in UNSEEN_EDITS if not edit.startswith("TRUNCATE")]

    def edit_now_and_then() -> None:
        while not over.wait(0.05):
            with suppress(psycopg.errors.DeadlockDetected):
                mirror.edit(random.choice(edits))
            mirror.world.mutate(random, kinds=_SEEN_BY_A_FULL_SYNC)

    editing = asyncio.create_task(asyncio.to_thread(edit_now_and_then))
    try:
        for kind in ("incremental", "full", "incremental", "full"):
            with suppress(DatabaseDown):  # one of two that wait for each other has to give way
                await mirror.sync(kind, max_deleted=100)
    finally:
        over.set()
        await editing
    await mirror.sync("incremental")
    await mirror.sync("full", max_deleted=100)
    await mirror.sync("full", max_deleted=100)
    assert mirror.falsely_deleted() == []
    assert mirror.differences() == []


async def test_a_pooler_in_between_changes_nothing(mirror: Mirror, bouncer: str) -> None:
    """The mark of the sync's own transactions ends with each of them."""
    url = f"{bouncer}{urlsplit(mirror.database_url).path}"
    mirror.edit("UPDATE tasks SET title = 'edited'")
    report = await mirror.sync("full", database_url=url)
    assert any("another program had changed" in note for note in report.notes)
    assert mirror.differences() == []
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:  # noqa: TID251
        connection.execute("UPDATE tasks SET title = 'edited'")
    assert pending(mirror)["tasks"] > 0


async def test_a_row_that_a_table_of_the_users_points_to_stops_nothing(mirror: Mirror) -> None:
    """It stays, and stays remembered; all other rows are restored."""
    mirror.edit(
        "INSERT INTO tasks (workspace_id, clickup_task_id, title, type, read_at, fingerprint)"
        " SELECT workspace_id, 'invented', 'invented', 'Task', now(), '' FROM workspaces"
    )
    mirror.edit("CREATE TABLE mine AS SELECT id FROM tasks WHERE clickup_task_id = 'invented'")
    mirror.edit("ALTER TABLE mine ADD FOREIGN KEY (id) REFERENCES tasks (id)")
    mirror.edit("UPDATE tasks SET title = 'edited' WHERE clickup_task_id <> 'invented'")
    await mirror.sync("full")
    assert pending(mirror) == {"tasks": 1}
    assert mirror.value("SELECT count(*) FROM tasks WHERE title = 'edited'") == 0
    mirror.edit("DROP TABLE mine")
    await mirror.sync("full")
    assert pending(mirror) == {}
    assert mirror.differences() == []


@pytest.mark.parametrize("table", ["tasks", "comments", "time_entries", "lists", "custom_fields"])
async def test_a_stamp_of_the_future_does_not_stay(mirror: Mirror, table: str) -> None:
    """Who copies what was updated since would never see the row again."""
    mirror.edit(f"UPDATE {table} SET updated_at = now() + interval '60 years'")
    await mirror.sync("full")
    assert mirror.value(f"SELECT count(*) FROM {table} WHERE updated_at > now()") == 0


@pytest.mark.parametrize(
    "change", ["DELETE FROM workspaces", "UPDATE workspaces SET owner_time_zone = 'America/New_York'"]
)
async def test_rows_written_with_another_zone_are_put_right(mirror: Mirror, change: str) -> None:
    """Where somebody changed the workspace, and a sync wrote sessions before it was restored."""
    mirror.edit(change)
    task_id = mirror.value("SELECT clickup_task_id FROM time_entries WHERE NOT is_running LIMIT 1")
    mirror.world.add_time(task_id)
    await mirror.sync("incremental")
    await mirror.sync("full")
    assert mirror.differences() == []


async def test_a_row_is_counted_once_though_postgresql_refuses_another(mirror: Mirror) -> None:
    """Rows are then written one by one, each tried before: what is restored meanwhile is restored once."""
    mirror.rows("ALTER TABLE time_entries ADD CHECK (description NOT LIKE 'forbidden%%') NOT VALID")
    quiet, busy, *_ = mirror.world.truth()["tasks"]
    good = mirror.world.add_time(quiet, description="good")
    await mirror.sync("incremental")
    # Once more, so that the task itself is not read again below.
    await mirror.sync("incremental")
    mirror.edit("UPDATE time_entries SET duration_ms = 1 WHERE clickup_entry_id = %s", good.id)
    for number in range(3):
        mirror.world.add_time(busy, description=f"forbidden {number}")
    report = await mirror.sync("incremental")
    assert report.counts["rows restored"] == 1
    assert pending(mirror) == {}
    assert mirror.value("SELECT count(*) FROM time_entries WHERE duration_ms = 1") == 0
