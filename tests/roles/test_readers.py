"""A reader sees what is mirrored and nothing else, and may write nothing; who could do more is made none."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.core.errors import DatabaseRefused
from app.core.schemas import Schemas
from app.sql.blocking_queries import BlockingQueries
from app.sql.migrate import migrate
from app.sql.rights import change_reader, read_granted, settle_rights
from tests.cli import command
from tests.conftest import Server
from tests.database import connect
from tests.engine.test_migrations import bring_to, rows
from tests.roles.conftest import LAYOUTS, as_superuser, attempts, mirror_relations, project
from tests.roles.test_schema_checks import declared

ODD = 'Dash "board"; %s'
NO_RIGHT = "42501"
TASK = (
    "INSERT INTO tasks (workspace_id, clickup_task_id, type, title, fingerprint, read_at)"
    " VALUES ('w', 't1', 'Task', 'seen', '', now())"
)


def drop_roles(supabase: Server, *names: str) -> None:
    for name in names:
        supabase.run("DROP ROLE IF EXISTS {}", name)


@pytest.fixture(scope="module", params=["default", "own schemas"])
def read(supabase: Server, request: pytest.FixtureRequest) -> Iterator[tuple[str, Schemas]]:
    """A project with a reader of an odd name, made by the owner, who is no superuser."""
    schemas = LAYOUTS[request.param]
    with project(supabase, schemas) as url:
        migrate(url, schemas)
        change_reader(url, schemas, ODD, create=True)
        rows(url, TASK.replace("INTO tasks", f"INTO {schemas.tables}.tasks"))
        yield url, schemas
    drop_roles(supabase, ODD)


def test_a_reader_sees_every_readable_table_and_view_and_no_other(read: tuple[str, Schemas]) -> None:
    """Rows of those declared readable; of webhooks, deliveries and all else not even their number."""
    url, schemas = read
    readable = {f"{schemas.tables}.{name}" for name, is_readable in declared().items() if is_readable}
    found = mirror_relations(url, schemas)
    with attempts(url, ODD) as attempt:
        every = found["r"] + found["v"] + found["p"]
        allowed = {name for name in every if attempt(f"SELECT * FROM {name}") is None}
        assert allowed == readable | set(found["v"])
        assert attempt(f"SELECT 1 / (count(*) - 1) FROM {schemas.tables}.tasks") == "22012", "one row is seen"
        for function in ("tasks_at", "time_entries_at"):
            assert attempt(f"SELECT count(*) FROM {schemas.views}.{function}(now())") is None
        internal = set(found["r"] + found["p"]) - readable
        assert {attempt(f"SELECT FROM {name}") for name in internal} == {NO_RIGHT}


def test_a_reader_changes_nothing(read: tuple[str, Schemas]) -> None:
    """No row, no object, no lock that would stop the sync, no function of the owner's."""
    url, schemas = read
    found = mirror_relations(url, schemas)
    statements = [
        text.format(name)
        for name in found["r"]
        for text in (
            "INSERT INTO {} DEFAULT VALUES", "DELETE FROM {}", "TRUNCATE {}", "SELECT FROM {} FOR UPDATE",
            "LOCK TABLE {} IN EXCLUSIVE MODE", "CREATE INDEX ON {} ((1))",
            "ALTER TABLE {} DISABLE TRIGGER ALL",
            "CREATE POLICY mine ON {} USING (true)", "DROP TABLE {}", "CREATE TRIGGER t BEFORE INSERT ON {}"
            " EXECUTE FUNCTION suppress_redundant_updates_trigger()", "COMMENT ON TABLE {} IS ''",
        )
    ]  # fmt: skip
    statements += [
        text for name in found["S"] for text in (f"SELECT nextval('{name}')", f"SELECT FROM {name}")
    ]
    statements += [f"DROP VIEW {name}" for name in found["v"]]
    statements += [
        f"CREATE TABLE {schemas.tables}.mine (id int)",
        f"CREATE TABLE {schemas.views}.mine (id int)",
        f"SELECT {schemas.views}.answer('SELECT ARRAY[title] FROM tasks', 10)",
        f"DROP FUNCTION {schemas.views}.answer(text, integer)",
        f"SELECT {schemas.tables}.install_change_triggers('{schemas.tables}'::regnamespace)",
        "SELECT rolpassword FROM pg_authid",
        "SELECT pg_read_file('PG_VERSION')",
        "CREATE ROLE mine",
    ]
    with attempts(url, ODD) as attempt:
        assert [text for text in statements if attempt(text) != NO_RIGHT] == []


def test_a_second_time_there_is_nothing_to_do(read: tuple[str, Schemas]) -> None:
    """Neither to grant, nor to print."""
    url, schemas = read
    assert change_reader(url, schemas, ODD, create=True) == []
    assert change_reader(url, schemas, ODD, dry_run=True) == []


def test_another_reader_comes_and_goes_without_the_first(read: tuple[str, Schemas], supabase: Server) -> None:
    """What one is revoked, the other keeps; a role of which all was revoked can be dropped."""
    url, schemas = read
    printed = change_reader(url, schemas, "second", create=True, dry_run=True)
    assert rows(url, "SELECT FROM pg_roles WHERE rolname = 'second'") == []
    rows(url, "; ".join(printed))
    assert change_reader(url, schemas, "second") == []
    with attempts(url, "second") as attempt:
        assert attempt(f"SELECT title FROM {schemas.tables}.tasks") is None
    change_reader(url, schemas, "second", revoke=True)
    assert change_reader(url, schemas, "second", revoke=True) == []
    with attempts(url, "second") as attempt:
        assert attempt(f"SELECT title FROM {schemas.tables}.tasks") == NO_RIGHT
        assert attempt(f"SELECT title FROM {schemas.views}.tasks") == NO_RIGHT
    with attempts(url, ODD) as attempt:
        assert attempt(f"SELECT 1 / (count(*) - 1) FROM {schemas.tables}.tasks") == "22012"
    drop_roles(supabase, "second")
    change_reader(url, schemas, ODD, revoke=True)
    assert rows(url, "SELECT FROM pg_policy") == []
    change_reader(url, schemas, ODD)


@pytest.fixture
def migrated(empty_project: str, supabase: Server) -> Iterator[str]:
    """A project of the test's own, whose roles go with it."""
    migrate(empty_project)
    yield empty_project
    names = [name for (name,) in rows(empty_project, "SELECT rolname FROM pg_roles WHERE rolname ~ '^t_'")]
    for name in names:
        rows(as_superuser(empty_project), f"DROP OWNED BY {name} CASCADE")
    drop_roles(supabase, *map(str, names))


OLD_RECIPE = """
CREATE ROLE t_dashboard LOGIN;
GRANT USAGE ON SCHEMA public TO t_dashboard;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO t_dashboard;
DO $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'clickup_sync_version' LOOP
        EXECUTE format('CREATE POLICY dashboard_reads ON %I FOR SELECT TO t_dashboard USING (true)', name);
    END LOOP;
END $$;
GRANT SELECT (secret_encrypted) ON webhooks TO t_dashboard;
GRANT UPDATE, TRUNCATE ON tasks TO t_dashboard;
GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO t_dashboard;
GRANT CREATE ON SCHEMA public, mirror TO t_dashboard;
GRANT clickup_sync_reader TO t_dashboard;
"""  # noqa: E501 - as the page had it


def test_a_role_of_the_old_recipe_loses_what_it_had_too_much(migrated: str) -> None:
    """Secrets, writing, and the membership by which it could drop the function that answers `query`."""
    rows(migrated, OLD_RECIPE)
    with attempts(migrated, "t_dashboard") as attempt:
        assert attempt("SELECT secret_encrypted FROM webhooks") is None
        assert attempt("DROP FUNCTION mirror.answer(text, integer)") is None
    assert change_reader(migrated, Schemas(), "t_dashboard") != []
    with attempts(migrated, "t_dashboard") as attempt:
        assert attempt("SELECT title FROM tasks") is None
        for text in (
            "SELECT secret_encrypted FROM webhooks", "SELECT FROM deliveries", "UPDATE tasks SET title = ''",
            "TRUNCATE tasks",
            "DROP FUNCTION mirror.answer(text, integer)", "CREATE TABLE public.mine (id int)",
            "SELECT nextval('deliveries_delivery_id_seq')",
        ):  # fmt: skip
            assert attempt(text) == NO_RIGHT, text


REFUSED: dict[str, tuple[str, str]] = {
    "t_super": ("CREATE ROLE t_super SUPERUSER", "is a superuser"),
    "t_bypass": ("CREATE ROLE t_bypass BYPASSRLS", "bypasses row-level security"),
    "t_maker": ("CREATE ROLE t_maker CREATEROLE", "may create and change roles"),
    "t_all": (
        "CREATE ROLE t_all IN ROLE pg_monitor, pg_read_server_files",
        "whole server",
    ),
    "t_member": (
        "CREATE ROLE t_group IN ROLE project_owner; CREATE ROLE t_member IN ROLE t_group",
        "has the rights of project_owner, which owns",
    ),
    "project_owner": ("SELECT", "owns tables of the mirror"),
    "service_role": ("SELECT", "bypasses row-level security"),
    "anon": ("SELECT", "everybody who knows the address"),
    "authenticated": ("SELECT", "everybody who can sign in"),
    "clickup_sync_reader": ("SELECT", "runs `query`"),
    "pg_read_all_data": ("SELECT", "reserves the name"),
    "public": ("SELECT", "reserves the name"),
    "": ("SELECT", "63 bytes"),
    "ä" * 32: ("SELECT", "63 bytes"),
}


def test_a_role_that_could_do_more_is_made_no_reader(migrated: str) -> None:
    """The sentence says why, and nothing is granted."""
    for role, (statement, reason) in REFUSED.items():
        rows(as_superuser(migrated), statement)
        with pytest.raises(DatabaseRefused, match=reason):
            change_reader(migrated, Schemas(), role, create=True)
    assert rows(migrated, "SELECT FROM pg_policy") == []


def test_who_may_not_grant_is_told_what_to_do(migrated: str) -> None:
    """Another user than the owner, or one who may make no role: nothing is changed."""
    rows(
        as_superuser(migrated),
        "CREATE ROLE t_reader; CREATE ROLE t_user LOGIN; GRANT SELECT ON tasks TO t_user",
    )
    as_user = migrated.replace("//project_owner:", "//t_user:", 1)
    for role, create in (("t_reader", False), ("t_new", True)):
        with pytest.raises(DatabaseRefused, match=r"Nothing was changed\. Run it as the owner of the tables"):
            change_reader(as_user, Schemas(), role, create=create)
    with pytest.raises(DatabaseRefused, match="role t_none does not exist; `--create` creates it"):
        change_reader(migrated, Schemas(), "t_none")
    with pytest.raises(DatabaseRefused, match=r"role t_none does not exist$"):
        change_reader(migrated, Schemas(), "t_none", revoke=True)


def test_a_reader_sees_what_a_later_migration_makes(migrated: str) -> None:
    """Tables and views that are new, or were made anew, and are declared readable."""
    change_reader(migrated, Schemas(), "t_reader", create=True)
    with connect(migrated) as connection:
        ask = BlockingQueries(connection, Schemas())
        before = read_granted(ask)
        connection.execute("DROP TABLE task_tags CASCADE; CREATE TABLE task_tags (tag text)")
        connection.execute("ALTER TABLE task_tags ENABLE ROW LEVEL SECURITY")
        connection.execute("INSERT INTO task_tags VALUES ('new')")
        connection.execute("CREATE VIEW mirror.latest AS SELECT tag FROM task_tags")
        settle_rights(ask, before)
    with attempts(migrated, "t_reader") as attempt:
        assert attempt("SELECT 1 / (count(*) - 1) FROM task_tags") == "22012"
        assert attempt("SELECT tag FROM mirror.latest") is None
    assert change_reader(migrated, Schemas(), "t_reader") == []


def test_a_lock_that_does_not_come_is_waited_for_without_stopping_the_sync(
    migrated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It gives way in half a second, so that no deadlock ends the sync's transaction; then it says so."""
    monkeypatch.setattr("app.sql.rights._TRIES_TO_LOCK", 1)
    with connect(migrated) as sync:
        sync.execute("LOCK TABLE tasks IN ROW EXCLUSIVE MODE")
        with pytest.raises(DatabaseRefused, match="has locked a table of the mirror"):
            change_reader(migrated, Schemas(), "t_reader", create=True)
    change_reader(migrated, Schemas(), "t_reader", create=True)


def test_the_command_makes_prints_and_revokes(migrated: str, tmp_path: Any) -> None:
    """What it did in a sentence, how to give a password, and SQL alone with --dry-run."""

    def run(*words: str) -> Any:
        return command.run(tmp_path, "grant-reader", *words, database_url=migrated)

    printed = run("t_dash board", "--create", "--dry-run")
    assert printed.stdout.startswith('CREATE ROLE "t_dash board" LOGIN;\nGRANT USAGE')
    assert run("t_board").returncode == 1
    made = run("t_board", "--create")
    assert (
        made.returncode == 0 and "can read the mirror" in made.stdout and "\\password t_board" in made.stdout
    )
    assert "has no rights" in run("t_board", "--revoke").stdout
    assert run("t_board", "--revoke", "--create").returncode == 2


def test_of_a_database_of_an_older_version_the_command_says_to_migrate_it(
    empty_project: str, tmp_path: Any
) -> None:
    """Its views are not all there yet."""
    bring_to(empty_project, "0030")
    old = command.run(tmp_path, "grant-reader", "t_board", database_url=empty_project)
    assert old.returncode == 1 and "clickup-sync migrate" in old.stderr
