"""Supabase's web roles may do with the mirror what its owner opened, whatever is granted by default."""

import pytest

from app.core.schemas import Schemas
from app.sql.blocking_queries import BlockingQueries
from app.sql.migrate import migrate
from app.sql.rights import read_granted, settle_rights
from tests.conftest import Server
from tests.database import connect
from tests.engine.test_migrations import bring_to, rows
from tests.roles.conftest import WEB_ROLES, as_superuser, attempts, mirror_relations

NO_RIGHT = "42501"
ON_TABLES = (
    "SELECT FROM {} LIMIT 0", "INSERT INTO {} DEFAULT VALUES", "DELETE FROM {} WHERE false", "TRUNCATE {}",
    "LOCK TABLE {} IN ACCESS SHARE MODE", "LOCK TABLE {} IN ACCESS EXCLUSIVE MODE",
    "CREATE POLICY mine ON {} USING (true)", "ALTER TABLE {} DISABLE ROW LEVEL SECURITY",
    "COPY {} TO STDOUT",
)  # fmt: skip
ON_SEQUENCES = ("SELECT nextval('{}')", "SELECT setval('{}', 1)", "SELECT last_value FROM {}")


@pytest.mark.parametrize("role", WEB_ROLES)
def test_nothing_is_possible(layout: tuple[str, Schemas], role: str) -> None:
    """Every table, view, sequence and function, by every statement: no right."""
    url, schemas = layout
    found = mirror_relations(url, schemas)
    statements = [
        statement.format(name)
        for kind, tried in (("r", ON_TABLES), ("v", ON_TABLES[:1]), ("p", ON_TABLES[:1]), ("S", ON_SEQUENCES))
        for name in found[kind]
        for statement in tried
    ]
    statements += [
        f"UPDATE {name} SET {column} = DEFAULT"
        for name, column in rows(
            url,
            "SELECT attrelid::regclass::text, quote_ident(attname) FROM pg_attribute JOIN pg_class AS c"
            " ON c.oid = attrelid AND attnum = 1 AND relkind = 'r'"
            f" WHERE relnamespace = '{schemas.tables}'::regnamespace",
        )
    ]
    statements += [
        f"SELECT {schemas.tables}.restore_external_changes('{schemas.tables}'::regnamespace, 'w', NULL)",
        f"SELECT {schemas.tables}.install_change_triggers('{schemas.tables}'::regnamespace)",
        f"SELECT {schemas.views}.answer('SELECT ARRAY[title] FROM tasks', 10)",
        f"SELECT {schemas.views}.at_most('x'::text, 1, 'x')",
    ]
    assert len(statements) > 300
    with attempts(url, role) as attempt:
        assert [text for text in statements if attempt(text) != NO_RIGHT] == []


@pytest.mark.parametrize("role", [*WEB_ROLES, "public"])
def test_no_right_is_held(layout: tuple[str, Schemas], role: str) -> None:
    """As the catalogs have it, also for what needs an object of one's own first: triggers, references."""
    url, schemas = layout
    place = f"IN ('{schemas.tables}'::regnamespace, '{schemas.views}'::regnamespace)"
    kinds = {
        "relation": f"relname, relacl, CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::\"char\", relowner"
        f" FROM pg_class WHERE relkind IN ('r', 'v', 'S') AND relnamespace {place}",
        "column": "attname, attacl, 'c'::\"char\", relowner"
        f" FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid WHERE relnamespace {place}",
        "function": f"proname, proacl, 'f'::\"char\", proowner FROM pg_proc WHERE pronamespace {place}",
    }
    grantee = "0" if role == "public" else f"'{role}'::regrole"
    for kind, query in kinds.items():
        held = rows(
            url,
            f"SELECT name, privilege_type FROM (SELECT {query}) AS found (name, acl, kind, owner)"
            f" CROSS JOIN aclexplode(coalesce(acl, acldefault(kind, owner))) WHERE grantee = {grantee}",
        )
        assert held == [], kind


def test_the_service_role_reads_as_supabase_means_it(layout: tuple[str, Schemas]) -> None:
    """It is a project's administrator: it keeps the tables, and calls no function of the mirror."""
    url, schemas = layout
    with connect(as_superuser(url), autocommit=True) as connection:
        connection.execute(f"GRANT USAGE ON SCHEMA {schemas.tables} TO service_role".encode())
    with attempts(url, "service_role") as attempt:
        assert attempt(f"SELECT title FROM {schemas.tables}.tasks") is None
        mirror = f"'{schemas.tables}'::regnamespace"
        assert attempt(f"SELECT {schemas.tables}.install_change_triggers({mirror})") == NO_RIGHT


OPENED = """
CREATE POLICY team_reads ON tasks FOR SELECT TO authenticated USING (true);
GRANT SELECT ON tasks TO authenticated;
GRANT USAGE ON SCHEMA mirror TO authenticated;
GRANT SELECT ON mirror.comments TO authenticated;
GRANT SELECT (name) ON mirror.lists TO authenticated;
CREATE ROLE old_dashboard;
GRANT USAGE ON SCHEMA mirror TO old_dashboard;
GRANT SELECT ON mirror.comments TO old_dashboard WITH GRANT OPTION;
CREATE VIEW open_tasks AS SELECT title FROM tasks;
"""
STAYS = (
    "SELECT title FROM public.tasks",
    "SELECT text FROM mirror.comments",
    "SELECT name FROM mirror.lists",
    "SELECT title FROM public.open_tasks",
)


@pytest.mark.parametrize("revision", ["0013", "0020"])
def test_what_the_owner_opened_survives_an_upgrade_and_nothing_else_does(
    empty_project: str, supabase: Server, revision: str
) -> None:
    """What earlier versions left to default privileges goes; views that are made anew keep their grants."""
    bring_to(empty_project, revision)
    rows(empty_project, OPENED)
    rows(empty_project, "INSERT INTO data_writes DEFAULT VALUES")
    try:
        with attempts(empty_project, "anon") as attempt:
            assert attempt("LOCK TABLE public.tasks IN ACCESS EXCLUSIVE MODE") is None
            assert attempt("SELECT nextval('public.deliveries_delivery_id_seq')") is None
        migrate(empty_project)
        with attempts(empty_project, "authenticated") as attempt:
            assert [text for text in STAYS if attempt(text) is not None] == []
            for text in (
                "TRUNCATE public.tasks", "DELETE FROM public.tasks",
                "SELECT secret_encrypted FROM public.webhooks",
                "SELECT nextval('public.deliveries_delivery_id_seq')", "SELECT list_id FROM mirror.lists",
            ):  # fmt: skip
                assert attempt(text) == NO_RIGHT, text
        with attempts(empty_project, "anon") as attempt:
            assert attempt("SELECT title FROM public.tasks") == NO_RIGHT
        with attempts(empty_project, "old_dashboard") as attempt:
            assert attempt("GRANT SELECT ON mirror.comments TO anon") is None
    finally:
        rows(as_superuser(empty_project), "DROP OWNED BY old_dashboard CASCADE")
        supabase.run("DROP ROLE {}", "old_dashboard")


def test_what_a_later_migration_makes_is_closed_too(empty_project: str) -> None:
    """Supabase grants each new table and view by default; what is made anew is as it was before."""
    migrate(empty_project)
    rows(empty_project, "GRANT USAGE ON SCHEMA mirror TO authenticated")
    rows(empty_project, "GRANT SELECT ON mirror.comments TO authenticated")
    rows(empty_project, "CREATE FUNCTION mirror.own() RETURNS text LANGUAGE sql AS $$ SELECT 'own' $$")
    with connect(empty_project) as connection:
        ask = BlockingQueries(connection, Schemas())
        before = read_granted(ask)
        connection.execute("DROP TABLE webhook_checks; CREATE TABLE webhook_checks (secret text)")
        rows(as_superuser(empty_project), "CREATE VIEW mirror.of_another AS SELECT 1 AS one")
        rows(as_superuser(empty_project), "GRANT ALL ON mirror.of_another TO anon")
        connection.execute(
            "DROP VIEW mirror.comments; CREATE VIEW mirror.comments AS SELECT text FROM comments"
        )
        settle_rights(ask, before)
    with attempts(empty_project, "authenticated") as attempt:
        assert attempt("SELECT text FROM mirror.comments") is None
        assert attempt("SELECT mirror.own()") is None
        assert attempt("SELECT secret FROM public.webhook_checks") == NO_RIGHT
        assert attempt("TRUNCATE public.webhook_checks") == NO_RIGHT
    with attempts(empty_project, "anon") as attempt:
        assert attempt("TABLE mirror.of_another") == NO_RIGHT, "the schema stays closed"
    with attempts(empty_project, "clickup_sync_reader") as attempt:
        assert attempt("SELECT text FROM mirror.comments") is None
