"""A server with the roles and the default privileges of a Supabase project, whose owner is no superuser."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg import sql

from app.core.schemas import Schemas
from app.sql.embedded import start_embedded_server, stop_embedded_server
from app.sql.migrate import migrate
from tests.conftest import Server, folder_for_postgres
from tests.database import connect
from tests.engine.test_migrations import rows

WEB_ROLES = ("anon", "authenticated")
ROLES = """
CREATE ROLE anon NOLOGIN NOINHERIT;
CREATE ROLE authenticated NOLOGIN NOINHERIT;
CREATE ROLE service_role NOLOGIN NOINHERIT BYPASSRLS;
CREATE ROLE authenticator LOGIN NOINHERIT;
GRANT anon, authenticated, service_role TO authenticator;
CREATE ROLE project_owner LOGIN CREATEROLE CREATEDB REPLICATION BYPASSRLS;
"""
# By hand some projects set them for all schemas, not for `public` alone.
DEFAULTS = """
GRANT USAGE ON SCHEMA public TO anon, authenticated, service_role;
ALTER DEFAULT PRIVILEGES FOR ROLE project_owner {place}
    GRANT ALL ON TABLES TO anon, authenticated, service_role;
ALTER DEFAULT PRIVILEGES FOR ROLE project_owner {place}
    GRANT ALL ON SEQUENCES TO anon, authenticated, service_role;
ALTER DEFAULT PRIVILEGES FOR ROLE project_owner {place}
    GRANT ALL ON FUNCTIONS TO anon, authenticated, service_role;
"""
LAYOUTS = {
    "default": Schemas(),
    "own schemas": Schemas("clickup", "clickup_views"),
    "views in public": Schemas("clickup", "public"),
}


@pytest.fixture(scope="session")
def supabase() -> Iterator[Server]:
    with folder_for_postgres() as folder:
        running = Server(folder, start_embedded_server(folder).url)
        running.run(ROLES)
        yield running
        stop_embedded_server(folder)


@contextmanager
def project(supabase: Server, schemas: Schemas = LAYOUTS["default"]) -> Iterator[str]:
    """A new database of the owner's, with the defaults of a project; its address for the owner."""
    name = f"project_{schemas.tables}_{schemas.views}"
    supabase.run("CREATE DATABASE {} OWNER project_owner", name)
    place = "IN SCHEMA public" if schemas.tables == "public" else ""
    with connect(supabase.url_of(name), autocommit=True) as connection:
        connection.execute(DEFAULTS.format(place=place).encode())
        if not place:
            connection.execute(
                "ALTER DEFAULT PRIVILEGES FOR ROLE project_owner GRANT ALL ON SCHEMAS TO anon, authenticated"
            )
    try:
        yield supabase.url_of(name).replace("//postgres:", "//project_owner:", 1)
    finally:
        supabase.drop(name)


@pytest.fixture
def empty_project(supabase: Server) -> Iterator[str]:
    with project(supabase) as url:
        yield url


@pytest.fixture(scope="module", params=LAYOUTS.values(), ids=LAYOUTS.keys())
def layout(supabase: Server, request: pytest.FixtureRequest) -> Iterator[tuple[str, Schemas]]:
    """A migrated project, and where its mirror is."""
    with project(supabase, request.param) as url:
        migrate(url, request.param)
        yield url, request.param


def as_superuser(url: str) -> str:
    return url.replace("//project_owner:", "//postgres:", 1)


@contextmanager
def attempts(url: str, role: str) -> Iterator[Callable[[str], str | None]]:
    """Tries statements as this role, each undone; the SQLSTATE of the error, None where it was allowed."""
    with connect(as_superuser(url)) as connection:
        connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))

        def attempt(statement: str) -> str | None:
            try:
                with connection.transaction(force_rollback=True):
                    connection.execute(statement.encode())
            except psycopg.Error as error:
                return error.sqlstate
            return None

        yield attempt


def mirror_relations(url: str, schemas: Schemas) -> dict[str, list[str]]:
    """Names of what is in the schemas of the mirror, by kind: r tables, v views, S sequences; p views of the
    past, which are the owner's.
    """
    found: dict[str, list[str]] = {"r": [], "v": [], "p": [], "S": []}
    for kind, name in rows(
        url,
        "SELECT CASE WHEN relkind = 'v' AND starts_with(relname, 'past_') THEN 'p' ELSE relkind::text END,"
        " format('%I.%I', nspname, relname) FROM pg_class"
        " JOIN pg_namespace AS n ON n.oid = relnamespace"
        f" WHERE nspname IN ('{schemas.tables}', '{schemas.views}') AND relkind IN ('r', 'v', 'S')",
    ):
        found[str(kind)].append(str(name))
    return found
