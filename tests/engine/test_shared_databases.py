"""A database that other programs use too: nothing of theirs is read, written or in the way of ours."""

import asyncio
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from app.context import open_database
from app.core.answers.sql_text import NotOffered
from app.core.errors import DatabaseRefused, SyncError
from app.core.schemas import Schemas
from app.reports import Reports
from app.reports.sql import how_to_make_a_reader
from app.simulator.server import RunningSimulator
from app.sql.loader import load_queries
from app.sql.migrate import applied_revisions, inspect, known_revisions, migrate
from tests.conftest import Server
from tests.database import connect
from tests.engine.conftest import small_world
from tests.engine.mirror import Mirror
from tests.engine.structure import structure
from tests.engine.test_migrations import bring_to, rows
from tests.query.conftest import BERLIN

OWN = Schemas("zz_tables", "zz_views")
ONE, TWO = Schemas("one_tables", "one_views"), Schemas("two_tables", "two_views")
TASK = (
    "INSERT INTO tasks (workspace_id, clickup_task_id, type, title, fingerprint, read_at)"
    " VALUES ('w', 't1', 'Task', 'kept', '', now())"
)


def relations(url: str) -> set[tuple[object, ...]]:
    """Everything with a name that is not PostgreSQL's own."""
    return set(
        rows(
            url,
            "SELECT relnamespace::regnamespace::text, relname, relkind FROM pg_class"
            " WHERE relnamespace::regnamespace::text !~ '^(pg_|information_schema)'",
        )
    )


def version(url: str, schema: str = "public") -> list[tuple[object, ...]]:
    return rows(url, f"SELECT version_num FROM {schema}.clickup_sync_version")


class TestASchemaOfItsOwn:
    def test_is_made_with_everything_in_it(self, empty_database_url: str) -> None:
        """Tables there, views and jobs in theirs, and nothing in `public`."""
        assert migrate(empty_database_url, OWN) == known_revisions()
        assert applied_revisions(empty_database_url, OWN) == known_revisions()
        assert {schema for schema, *_ in relations(empty_database_url)} == {
            "zz_tables",
            "zz_views",
            "zz_tables_jobs",
        }
        assert migrate(empty_database_url, OWN) == []

    def test_is_as_the_default_one_but_for_its_name(self, database_url: str, empty_database_url: str) -> None:
        """Tables, triggers, functions, views, comments and rights: no name is fixed in a migration."""
        migrate(empty_database_url, OWN)
        assert structure(empty_database_url, OWN) == structure(database_url)

    def test_answers_every_query_without_a_search_path(self, empty_database_url: str) -> None:
        """Each named query finds its tables by their schema alone, as a transaction pooler needs it."""
        migrate(empty_database_url, OWN)
        missed = []
        with connect(empty_database_url, autocommit=True, options="-c search_path=") as connection:
            for name, text in load_queries(OWN.tables, OWN.views).items():
                parsed = connection.pgconn.prepare(b"", _numbered(text).encode())
                state = parsed.error_field(psycopg.pq.DiagnosticField.SQLSTATE) or b""
                if state.decode() in ("42P01", "42883", "3F000", "42704"):
                    missed.append((name, parsed.error_message))
        # Asked only where that table is.
        assert [name for name, _ in missed] == ["list_old_revisions"], missed

    def test_of_a_user_who_may_make_none_is_named(self, server: Server, empty_database_url: str) -> None:
        """The sentence has the statement; when it was run, the migration does the rest."""
        server.run("CREATE ROLE {} LOGIN", "schemaless")
        url = empty_database_url.replace("//postgres:", "//schemaless:", 1)
        try:
            with pytest.raises(DatabaseRefused, match="CREATE SCHEMA zz_tables AUTHORIZATION schemaless"):
                migrate(url, OWN)
            rows(empty_database_url, "CREATE SCHEMA zz_tables AUTHORIZATION schemaless")
            rows(empty_database_url, "CREATE SCHEMA zz_views AUTHORIZATION schemaless")
            with pytest.raises(Exception, match="CREATE SCHEMA zz_tables_jobs AUTHORIZATION schemaless"):
                migrate(url, OWN)
            rows(empty_database_url, "CREATE SCHEMA zz_tables_jobs AUTHORIZATION schemaless")
            assert migrate(url, OWN) == known_revisions()
        finally:
            rows(empty_database_url, "DROP OWNED BY schemaless CASCADE")
            server.run("DROP ROLE {}", "schemaless")


def _numbered(text: str) -> str:
    """The query with PostgreSQL's own parameters; without the semicolon that the driver would not mind."""
    seen: list[str] = []

    def number(found: re.Match[str]) -> str:
        if found[1] not in seen:
            seen.append(found[1])
        return f"${seen.index(found[1]) + 1}"

    return re.sub(r"%\((\w+)\)s", number, text).replace("%%", "%").rstrip(";")


class TestAnEarlierInstallation:
    @pytest.fixture
    def old_url(self, empty_database_url: str) -> str:
        """As the version before left it, with a row in it."""
        bring_to(empty_database_url, "0013")
        rows(empty_database_url, TASK)
        return empty_database_url

    def test_moves_to_the_version_table_of_our_own(self, old_url: str, database_url: str) -> None:
        """Its revision is taken along, the old table goes, the data stays, and all is as in a new one."""
        migrate(old_url)
        assert version(old_url) == [(known_revisions()[-1],)]
        assert rows(old_url, "SELECT title FROM tasks") == [("kept",)]
        assert structure(old_url) == structure(database_url)
        assert migrate(old_url) == []

    def test_moves_in_one_transaction_with_the_migrations(self, old_url: str) -> None:
        """Refused in the middle, the old record is there and the new one is not."""
        before = relations(old_url)
        rows(
            old_url,
            "CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE EXCEPTION 'refused'; END $$;"
            " CREATE EVENT TRIGGER refuse ON sql_drop EXECUTE FUNCTION refuse()",
        )
        with pytest.raises(SyncError, match="refused"):
            migrate(old_url)
        assert relations(old_url) == before
        rows(old_url, "DROP EVENT TRIGGER refuse")
        migrate(old_url)
        assert version(old_url) == [(known_revisions()[-1],)]

    def test_leaves_a_table_that_another_program_writes_to(self, old_url: str) -> None:
        """The row of ours is known among theirs; the table is not touched."""
        rows(old_url, "INSERT INTO alembic_version VALUES ('a1b2c3')")
        migrate(old_url)
        assert version(old_url) == [(known_revisions()[-1],)]
        assert set(rows(old_url, "SELECT * FROM alembic_version")) == {("0013",), ("a1b2c3",)}

    def test_whose_record_is_lost_is_not_guessed(self, old_url: str) -> None:
        """Another program stamped its own revision over ours: said, with what to run; nothing is changed."""
        rows(old_url, "UPDATE alembic_version SET version_num = 'a1b2c3'")
        before = relations(old_url)
        with pytest.raises(DatabaseRefused, match="nothing says at which revision") as caught:
            migrate(old_url)
        assert relations(old_url) == before
        remedy = str(caught.value).partition("run ")[2].replace("REVISION", "0013")
        rows(old_url, remedy)
        migrate(old_url)
        assert version(old_url) == [(known_revisions()[-1],)]
        assert rows(old_url, "SELECT * FROM alembic_version") == [("a1b2c3",)]

    def test_that_followed_a_search_path_is_found(self, empty_database_url: str) -> None:
        """Not a second mirror beside it: what to set is said, and with it the mirror is taken over."""
        name = urlsplit(empty_database_url).path.strip("/")
        rows(
            empty_database_url, f"CREATE SCHEMA inner_one; ALTER DATABASE {name} SET search_path = inner_one"
        )
        bring_to(empty_database_url, "0013")
        with pytest.raises(DatabaseRefused, match="Set DATABASE_SCHEMA=inner_one"):
            migrate(empty_database_url)
        migrate(empty_database_url, Schemas("inner_one"))
        assert version(empty_database_url, "inner_one") == [(known_revisions()[-1],)]

    def test_is_no_obstacle_to_another_one(self, old_url: str) -> None:
        """A second mirror in schemas of its own is made, and the first one stays at its version."""
        assert migrate(old_url, OWN) == known_revisions()
        assert rows(old_url, "SELECT * FROM alembic_version") == [("0013",)]
        assert inspect(old_url, OWN).elsewhere == ["public"]


class TestAnotherProgramsAlembic:
    @pytest.mark.parametrize("secured", [False, True], ids=["plain", "row-level security"])
    @pytest.mark.parametrize("revisions", [["a1b2c3"], ["0013"], ["0013", "a1b2c3"], []])
    def test_is_neither_read_nor_written(
        self, empty_database_url: str, revisions: list[str], secured: bool
    ) -> None:
        """Whatever stands in it, ours is made from the beginning, beside it."""
        rows(empty_database_url, "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)")
        for revision in revisions:
            rows(empty_database_url, f"INSERT INTO alembic_version VALUES ('{revision}')")
        if secured:
            rows(empty_database_url, "ALTER TABLE alembic_version ENABLE ROW LEVEL SECURITY")
        assert applied_revisions(empty_database_url) == []
        assert migrate(empty_database_url) == known_revisions()
        assert version(empty_database_url) == [(known_revisions()[-1],)]
        theirs = "SELECT version_num, xmin::text = (SELECT min(xmin::text) FROM alembic_version)"
        assert (
            sorted(row[0] for row in rows(empty_database_url, f"{theirs} FROM alembic_version")) == revisions
        )
        secured_now = rows(
            empty_database_url, "SELECT relrowsecurity FROM pg_class WHERE relname = 'alembic_version'"
        )
        assert secured_now == [(secured,)]

    def test_beside_tables_of_our_names_is_theirs_too(self, empty_database_url: str) -> None:
        """A table called `streams` makes no mirror: its columns are not ours."""
        rows(
            empty_database_url,
            "CREATE TABLE alembic_version AS SELECT '0013'::text AS version_num;"
            "CREATE TABLE streams (id int, tenant text); CREATE TABLE task_reads (id int);"
            "CREATE TABLE tasks (id int)",
        )
        before = relations(empty_database_url)
        with pytest.raises(DatabaseRefused, match=r"public\.streams, .*public\.task_reads, .*public\.tasks"):
            migrate(empty_database_url)
        assert relations(empty_database_url) == before
        assert applied_revisions(empty_database_url) == []
        assert migrate(empty_database_url, OWN) == known_revisions()
        assert rows(empty_database_url, "SELECT * FROM alembic_version") == [("0013",)]


class TestObjectsInTheWay:
    def test_are_all_named_with_what_to_set(self, empty_database_url: str) -> None:
        """Tables, views, types, functions and indexes that the migrations would meet; no other."""
        rows(
            empty_database_url,
            "CREATE TABLE tasks (id int); CREATE TABLE comments (id int); CREATE TABLE customers (id int);"
            "CREATE VIEW employees AS SELECT 1; CREATE MATERIALIZED VIEW spaces AS SELECT 1;"
            "CREATE TYPE runs AS ENUM ('a'); CREATE INDEX time_entries_long ON customers (id);"
            "CREATE FUNCTION mark_data_write() RETURNS int LANGUAGE sql AS 'SELECT 1';"
            "CREATE FUNCTION begin_task_reads(int) RETURNS int LANGUAGE sql AS 'SELECT 1'",
        )
        before = relations(empty_database_url)
        with pytest.raises(DatabaseRefused) as caught:
            migrate(empty_database_url)
        named = str(caught.value).partition("needs: ")[2].partition(". Set ")[0].split(", ")
        assert named == [
            "function public.mark_data_write",
            "index public.time_entries_long",
            "materialized view public.spaces",
            "table public.comments",
            "table public.tasks",
            "type public.runs",
            "view public.employees",
        ]
        assert "DATABASE_SCHEMA=clickup" in str(caught.value)
        assert "DATABASE_VIEWS_SCHEMA" not in str(caught.value)
        assert relations(empty_database_url) == before
        assert migrate(empty_database_url, Schemas("clickup")) == known_revisions()

    def test_where_the_views_are_to_be_are_named_too(self, empty_database_url: str) -> None:
        """Rights are granted on that schema as a whole: it must be empty."""
        rows(empty_database_url, "CREATE SCHEMA mirror; CREATE TABLE mirror.glass (id int)")
        with pytest.raises(
            DatabaseRefused, match=r"table mirror\.glass.*DATABASE_VIEWS_SCHEMA=clickup_views"
        ):
            migrate(empty_database_url)
        assert migrate(empty_database_url, Schemas(views="clickup_views")) == known_revisions()

    def test_a_second_mirror_with_the_views_of_the_first_is_refused(self, database_url: str) -> None:
        """Both settings are needed for two; with one alone it may be the first that is meant."""
        with pytest.raises(DatabaseRefused, match="views of the mirror in schema public") as caught:
            migrate(database_url, Schemas("zz_tables"))
        assert "DATABASE_SCHEMA=public" in str(caught.value) and "DATABASE_VIEWS_SCHEMA=" in str(caught.value)

    def test_views_that_are_elsewhere_are_found(self, server: Server, database_url: str) -> None:
        """The setting was changed later: what to run is said, and when it was run, all is well."""
        other = Schemas(views="moved_views")
        with pytest.raises(DatabaseRefused, match="Set DATABASE_VIEWS_SCHEMA=mirror, or move them") as caught:
            migrate(database_url, other)
        rows(database_url, str(caught.value).partition("or move them: ")[2])
        assert migrate(database_url, other) == []
        remedy = (
            how_to_make_a_reader(other)
            .partition(": ")[2]
            .partition("; GRANT clickup_sync_reader_moved_views TO")[0]
        )
        rows(database_url, remedy)
        asked = load_queries(other.tables, other.views)["find_reader"]
        assert rows(database_url, asked) == [("clickup_sync_reader_moved_views",)]
        rows(database_url, "DROP OWNED BY clickup_sync_reader_moved_views CASCADE")
        server.run("DROP ROLE {}", "clickup_sync_reader_moved_views")


async def test_a_mirror_can_be_moved_to_another_schema(mirror: Mirror) -> None:
    """As the page says: its tables and functions, and then the setting. Syncs, views and version go on."""
    mirror.rows("CREATE SCHEMA clickup")
    for row in mirror.rows(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v')"
    ):
        mirror.rows(f"ALTER TABLE public.{row['relname']} SET SCHEMA clickup")
    for row in mirror.rows("SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"):
        mirror.rows(f"ALTER FUNCTION public.{row['proname']} SET SCHEMA clickup")
    moved = {"database_url": mirror.database_url, "database_schema": "clickup", "history": "off"}
    mirror.overrides |= moved
    mirror.database_url += "&options=-csearch_path%3Dclickup"
    await mirror.sync("full")
    assert mirror.differences() == []
    async with open_database(mirror.settings()) as database:
        answered = await Reports(database).sql.answer("SELECT count(*) FROM tasks", limit=1, zone=BERLIN)
    assert answered.rows == [[mirror.value("SELECT count(*) FROM tasks")]]
    assert mirror.rows("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace") == []


class TestTwoInstallations:
    @pytest.fixture
    def mirrors(self, server: Server, empty_database_url: str) -> Iterator[tuple[Mirror, Mirror]]:
        """Two mirrors of one ClickUp in one database; each reads its own tables by a search path."""
        with RunningSimulator(small_world(2)) as simulator:
            yield (
                _mirror_in(simulator, empty_database_url, ONE),
                _mirror_in(simulator, empty_database_url, TWO),
            )

    async def test_work_beside_each_other(self, mirrors: tuple[Mirror, Mirror]) -> None:
        """Each has its jobs, its runs and its rows, at the same time."""
        for kind in ("incremental", "full"):
            await asyncio.gather(*(mirror.sync(kind) for mirror in mirrors))
            assert [mirror.differences() for mirror in mirrors] == [[], []]
        assert [mirror.value("SELECT count(*) FROM runs") for mirror in mirrors] == [2, 2]

    async def test_work_beside_each_other_through_a_pooler(
        self, mirrors: tuple[Mirror, Mirror], bouncer: str
    ) -> None:
        """Each transaction on another server connection, which the other one has used before."""
        url = f"{bouncer}{urlsplit(mirrors[0].database_url).path}"
        for kind in ("incremental", "full"):
            await asyncio.gather(*(mirror.sync(kind, database_url=url) for mirror in mirrors))
        assert [mirror.differences() for mirror in mirrors] == [[], []]
        for mirror in mirrors:
            async with open_database(mirror.settings(database_url=url)) as database:
                answered = await Reports(database).sql.answer(
                    "SELECT count(*) FROM tasks", limit=1, zone=BERLIN
                )
            assert answered.rows == [[mirror.value("SELECT count(*) FROM tasks")]]

    async def test_read_nothing_of_each_other(self, mirrors: tuple[Mirror, Mirror]) -> None:
        """Neither by name, nor by the role that answers SQL."""
        one, two = mirrors
        await one.sync()
        await two.sync()
        async with open_database(one.settings()) as database:
            answer = Reports(database).sql.answer
            assert (await answer("SELECT count(*) > 0 FROM one_views.tasks", limit=1, zone=BERLIN)).rows == [
                [True]
            ]
            with pytest.raises(NotOffered, match="only the views of one_views"):
                await answer("SELECT count(*) FROM two_views.tasks", limit=1, zone=BERLIN)
        with connect(one.database_url) as connection:
            connection.execute("SET ROLE clickup_sync_reader_one_views")
            assert connection.execute("SELECT count(*) > 0 FROM one_views.tasks").fetchone() == (True,)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("SELECT count(*) FROM two_views.tasks")


def _mirror_in(simulator: RunningSimulator, url: str, schemas: Schemas) -> Mirror:
    settings: dict[str, Any] = {"database_schema": schemas.tables, "database_views_schema": schemas.views}
    return Mirror(simulator, f"{url}&options=-csearch_path%3D{schemas.tables}", **settings)
