"""The role is made where it may be, and where it may not the mirror is made all the same."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from app.config import given_settings
from app.context import open_database
from app.core.answers.sql_text import NotOffered
from app.core.errors import DatabaseRefused
from app.reports import Reports
from app.reports.sql import Answered
from app.sql.embedded import start_embedded_server, stop_embedded_server
from app.sql.migrate import known_revisions, migrate
from tests.cli import command
from tests.conftest import Server, folder_for_postgres
from tests.database import connect
from tests.engine.mirror import Mirror
from tests.query.conftest import BERLIN, questions

REMEDY = (
    "CREATE ROLE clickup_sync_reader NOLOGIN",
    "GRANT USAGE ON SCHEMA mirror TO clickup_sync_reader",
    "GRANT SELECT ON ALL TABLES IN SCHEMA mirror TO clickup_sync_reader",
    "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA mirror TO clickup_sync_reader",
    "ALTER FUNCTION mirror.answer OWNER TO clickup_sync_reader",
    "GRANT clickup_sync_reader TO somebody",
)


@pytest.fixture(scope="module")
def roles() -> Iterator[Server]:
    """A server of these tests' own, for a role belongs to the whole server."""
    with folder_for_postgres() as folder:
        yield Server(folder, start_embedded_server(folder).url)
        stop_embedded_server(folder)


@pytest.fixture
def lonely(roles: Server) -> Iterator[Server]:
    """Without any role of ours, before and after."""
    yield roles
    for name in ("mirror_one", "mirror_two"):
        roles.drop(name)
    for name in ("clickup_sync_reader", "somebody"):
        roles.run("DROP ROLE IF EXISTS {}", name)


def owned(server: Server, rights: str, database: str = "mirror_one") -> str:
    """A database of a user with these rights; its address for that user."""
    server.run(f"CREATE ROLE {{}} LOGIN {rights}", "somebody")
    server.run("CREATE DATABASE {} OWNER {}", database, "somebody")
    return as_somebody(server.url_of(database))


def as_somebody(url: str) -> str:
    return url.replace("postgres:@", "somebody:@")


async def ask(url: str, sql: str) -> Answered:
    settings = given_settings(clickup_api_token="pk_1_X", database_url=url)
    async with open_database(settings) as database:
        return await Reports(database).sql.answer(sql, limit=10, zone=BERLIN)


def run(url: str, *statements: str) -> None:
    with connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


async def test_an_owner_who_may_make_roles_makes_it(lonely: Server) -> None:
    """As in a Supabase project: CREATEROLE, and no superuser."""
    url = owned(lonely, "CREATEROLE NOSUPERUSER")
    assert migrate(url) == known_revisions()
    assert (await ask(url, "SELECT count(*) FROM tasks")).rows == [[0]]


async def test_an_owner_who_may_not_is_told_what_to_run(lonely: Server) -> None:
    """The migration ends well; the sentence has the statements, and they heal it."""
    url = owned(lonely, "NOCREATEROLE NOSUPERUSER")
    assert migrate(url) == known_revisions()
    with pytest.raises(NotOffered) as caught:
        await ask(url, "SELECT count(*) FROM tasks")
    for statement in REMEDY[:-1]:
        assert statement in str(caught.value)
    assert "somebody" not in str(caught.value)
    run(lonely.url_of("mirror_one"), *REMEDY)
    assert (await ask(url, "SELECT count(*) FROM tasks")).rows == [[0]]


async def test_a_role_that_is_there_already_is_used(lonely: Server) -> None:
    """Another database of the same server has it: made by an administrator, for whom it was granted."""
    lonely.run("CREATE ROLE {} NOLOGIN", "clickup_sync_reader")
    url = owned(lonely, "NOCREATEROLE NOSUPERUSER")
    lonely.run("GRANT {} TO {}", "clickup_sync_reader", "somebody")
    migrate(url)
    assert (await ask(url, "SELECT count(*) FROM tasks")).rows == [[0]]


async def test_two_databases_of_one_server_have_it_both(lonely: Server, tmp_path: Path) -> None:
    """Migrated at the same time, by processes of the same user."""
    urls = [owned(lonely, "CREATEROLE NOSUPERUSER")]
    lonely.run("CREATE DATABASE {} OWNER {}", "mirror_two", "somebody")
    urls.append(as_somebody(lonely.url_of("mirror_two")))
    processes = [command.start(tmp_path, "migrate", database_url=url) for url in urls]
    said = [process.communicate(timeout=300) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    for url in urls:
        assert (await ask(url, "SELECT count(*) FROM tasks")).rows == [[0]]


@pytest.mark.parametrize("right", ["SUPERUSER", "BYPASSRLS", "CREATEROLE"])
async def test_a_role_that_may_more_is_not_used(lonely: Server, right: str) -> None:
    """Somebody made the reader mighty: `query` refuses, rather than rely on the parser alone."""
    url = owned(lonely, "CREATEROLE NOSUPERUSER")
    migrate(url)
    lonely.run(f"ALTER ROLE {{}} {right}", "clickup_sync_reader")
    with pytest.raises(NotOffered, match="needs the role"):
        await ask(url, "SELECT 1")


def test_a_user_who_may_make_no_schema_is_told(lonely: Server) -> None:
    """Of all that an administrator has to run; nothing is left half-made, and then it goes on."""
    lonely.run("CREATE ROLE {} LOGIN", "somebody")
    lonely.run("CREATE DATABASE {}", "mirror_one")
    run(lonely.url_of("mirror_one"), "GRANT ALL ON SCHEMA public TO somebody")
    url = as_somebody(lonely.url_of("mirror_one"))
    with pytest.raises(DatabaseRefused, match="CREATE SCHEMA mirror AUTHORIZATION somebody;") as refused:
        migrate(url)
    statements = str(refused.value).partition("an administrator runs once: ")[2].partition(" run `")[0]
    run(lonely.url_of("mirror_one"), statements)
    assert migrate(url) == known_revisions()


@pytest.mark.parametrize("change", ["OWNER TO CURRENT_USER", "SECURITY INVOKER"])
async def test_a_function_that_has_other_rights_is_not_used(lonely: Server, change: str) -> None:
    """As after a restore without owners: `query` refuses, and the statements of its sentence heal it."""
    url = owned(lonely, "CREATEROLE NOSUPERUSER")
    migrate(url)
    run(lonely.url_of("mirror_one"), f"ALTER FUNCTION mirror.answer {change}")
    with pytest.raises(NotOffered, match=r"ALTER FUNCTION mirror\.answer OWNER TO clickup_sync_reader"):
        await ask(url, "SELECT 1")


async def test_a_user_who_looks_for_tables_among_the_views_finds_the_tables(lonely: Server) -> None:
    """Tables are named with their schema: what the user's search_path is does not matter."""
    url = owned(lonely, "CREATEROLE NOSUPERUSER")
    lonely.run("ALTER ROLE {} SET search_path = mirror, public", "somebody")
    assert migrate(url) == known_revisions()
    assert (await ask(url, "SELECT count(*) FROM tasks")).rows == [[0]]
    with connect(url) as connection:
        found = connection.execute(
            "SELECT relnamespace::regnamespace::text FROM pg_class WHERE relname = 'streams'"
        )
        assert found.fetchall() == [("public",)]


async def test_it_works_through_a_transaction_pooler(mirror: Mirror, bouncer: str) -> None:
    """Role, time limit and zone are the transaction's: whoever gets the session next has none of them."""
    url = f"{bouncer}{urlsplit(mirror.database_url).path}"
    expected = mirror.value("SELECT count(*) FROM tasks")
    async with questions(url) as asking:
        for _ in range(12):
            assert (await asking("SELECT count(*) FROM tasks")).rows == [[expected]]
            with pytest.raises(NotOffered):
                await asking("SELECT 1 / 0")
    assert _sessions(url) == {("none", "0", '"$user", public', "off")}


def _sessions(url: str) -> set[Any]:
    found = set()
    for _ in range(12):
        # A pooler takes no options, so that the wait for locks cannot be bounded here.
        with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:  # noqa: TID251
            found.add(
                connection.execute(
                    "SELECT current_setting('role'), current_setting('statement_timeout'),"
                    " current_setting('search_path'), current_setting('transaction_read_only')"
                ).fetchone()
            )
    return found


def test_taking_it_away_leaves_nothing(lonely: Server) -> None:
    """The statements of the page, run by the owner: no table, no view, no role."""
    url = owned(lonely, "CREATEROLE NOSUPERUSER")
    migrate(url)
    page = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
    statements = page.partition("## Remove clickup-sync")[2].partition("```sql\n")[2].partition("```")[0]
    run(url, statements)
    with connect(url) as connection:
        left = connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace::regnamespace::text IN ('public', 'mirror')"
        ).fetchall()
        roles = connection.execute("SELECT FROM pg_roles WHERE rolname = 'clickup_sync_reader'").fetchall()
    assert (left, roles) == ([], [])
