"""The schema comes by itself, once, whole or not at all; and shows nothing to whom it does not belong."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import sql

from app.core.encryption import SecretKeys
from app.core.errors import SettingsError
from app.core.schemas import Schemas
from app.jobs.webhook_secrets import decrypt_webhook_secrets
from app.sql.loader import load_queries, name_schemas
from app.sql.migrate import applied_revisions, inspect, known_revisions, migrate
from tests.cli import command
from tests.conftest import Server
from tests.database import connect
from tests.engine.mirror import SECRET_KEY

ROLE = "web_anonymous"


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    with connect(url, autocommit=True) as connection:
        cursor = connection.execute(query)
        return cursor.fetchall() if cursor.description else []


def tables(url: str) -> set[object]:
    return {row[0] for row in rows(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}


def test_an_empty_database_gets_the_schema(empty_database_url: str) -> None:
    """Every revision is applied and recorded, and a second time there is nothing to do."""
    assert migrate(empty_database_url) == known_revisions()
    assert applied_revisions(empty_database_url) == known_revisions()
    assert {"tasks", "employees", "daily_syncs"} <= tables(empty_database_url)
    assert migrate(empty_database_url) == []


def test_revisions_are_what_alembic_takes_them_for() -> None:
    """The numbers of the files are those within, and each follows the one before it."""
    config = Config()
    config.set_main_option("script_location", str(command.ROOT / "app" / "sql" / "migrations"))
    walked = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert known_revisions() == walked[::-1]


def test_two_processes_that_migrate_at_once_do_it_once(empty_database_url: str, tmp_path: Path) -> None:
    """One waits for the other; neither fails."""
    processes = [command.start(tmp_path, "migrate", database_url=empty_database_url) for _ in range(2)]
    said = [process.communicate(timeout=300) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    assert applied_revisions(empty_database_url) == known_revisions()


_FOUR_AT_ONCE = """
import sys
from concurrent.futures import ThreadPoolExecutor
from app.sql.migrate import migrate
with ThreadPoolExecutor(4) as threads:
    print(sorted(map(len, threads.map(migrate, [sys.argv[1]] * 4))))
"""


def test_threads_of_one_process_that_migrate_at_once_do_it_once(empty_database_url: str) -> None:
    """As two syncs do that one service starts on a new database; neither fails, neither hangs."""
    done = subprocess.run(
        [sys.executable, "-c", _FOUR_AT_ONCE, empty_database_url],
        env=command.environment(), cwd=command.ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert applied_revisions(empty_database_url) == known_revisions()


def test_a_migration_and_its_record_are_one_transaction(empty_database_url: str) -> None:
    """It fails at its very end: not a table is left, and no record."""
    rows(
        empty_database_url,
        "CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands()"
        " WHERE object_identity = 'public.worker_processes')"
        " THEN RAISE EXCEPTION 'refused'; END IF; END $$;"
        " CREATE EVENT TRIGGER refuse ON ddl_command_end EXECUTE FUNCTION refuse()",
    )
    with pytest.raises(Exception, match="refused"):
        migrate(empty_database_url)
    assert tables(empty_database_url) == set()
    rows(empty_database_url, "DROP EVENT TRIGGER refuse")
    assert migrate(empty_database_url) == known_revisions()


def bring_to(url: str, revision: str) -> None:
    """As a database is that was last migrated by the version with this revision."""
    rows(url, f"CREATE TABLE alembic_version AS SELECT '{revision}'::text AS version_num")
    rows(url, "ALTER TABLE alembic_version ENABLE ROW LEVEL SECURITY")
    for file in sorted((command.ROOT / "app" / "sql" / "migrations" / "versions").glob("*.sql")):
        if file.name[:4] <= revision:
            rows(url, name_schemas(file.read_text(encoding="utf-8"), Schemas()))


def test_tasks_of_before_have_their_reads_begun(empty_database_url: str) -> None:
    """So that those never read go on being a gap; what is known of the others is kept."""
    bring_to(empty_database_url, "0012")
    task = "INSERT INTO tasks (workspace_id, clickup_task_id, type, title, fingerprint, read_at) VALUES"
    rows(
        empty_database_url,
        f"{task} ('w', 'read', 'Task', '', '', now()), ('w', 'unread', 'Task', '', '', now())",
    )
    reads = "INSERT INTO task_reads (workspace_id, clickup_task_id, comments_read_at)"
    rows(empty_database_url, f"{reads} VALUES ('w', 'read', now())")
    migrate(empty_database_url)
    rows(empty_database_url, f"{task} ('w', 'new', 'Task', '', '', now())")
    found = "SELECT clickup_task_id, comments_read_at IS NULL FROM task_reads ORDER BY 1"
    assert rows(empty_database_url, found) == [("new", True), ("read", False), ("unread", True)]
    with connect(empty_database_url, row_factory=psycopg.rows.dict_row) as connection:
        row = connection.execute(load_queries()["get_sync_status"].encode(), {"workspace_id": "w"}).fetchone()
    assert row is not None and row["unread"] == 2


_WEBHOOK = "INSERT INTO webhooks (webhook_id, workspace_id, endpoint, secret, status, checked_at) VALUES"


def test_plain_secrets_are_encrypted_and_leave_the_tables_file(
    server: Server, empty_database_url: str
) -> None:
    """Each for its own row; not a byte of one is left in what PostgreSQL stores of the table."""
    keys = SecretKeys.read([SECRET_KEY])
    bring_to(empty_database_url, "0020")
    rows(
        empty_database_url,
        f"{_WEBHOOK} ('a', 'w', 'https://a', 'HUNTER2-OF-A', 'active', now()),"
        " ('b', 'w', 'https://b', 'HUNTER2-OF-B', 'active', now())",
    )
    migrate(empty_database_url, keys=lambda: keys)
    with connect(empty_database_url, row_factory=psycopg.rows.dict_row) as connection:
        found = connection.execute("SELECT * FROM webhooks ORDER BY webhook_id").fetchall()
    assert [row["endpoint"] for row in found] == ["https://a", "https://b"]
    assert decrypt_webhook_secrets(found, keys) == {"a": "HUNTER2-OF-A", "b": "HUNTER2-OF-B"}
    rows(empty_database_url, "CHECKPOINT")
    ((path,),) = rows(empty_database_url, "SELECT pg_relation_filepath('webhooks')")
    stored = (server.folder / "postgres" / str(path)).read_bytes()
    assert b"https://a" in stored and b"HUNTER2" not in stored


def _no_keys() -> SecretKeys:
    raise SettingsError("the key cannot be kept in data/secret.key")


@pytest.mark.parametrize("keys", [SecretKeys, _no_keys])
def test_without_a_key_plain_secrets_are_forgotten(
    empty_database_url: str, keys: Callable[[], SecretKeys]
) -> None:
    """The migration goes on: the service makes such a webhook anew."""
    bring_to(empty_database_url, "0020")
    rows(empty_database_url, f"{_WEBHOOK} ('a', 'w', 'https://a', 'HUNTER2', 'active', now())")
    migrate(empty_database_url, keys=keys)
    assert rows(empty_database_url, "SELECT webhook_id FROM webhooks") == []


def test_no_key_is_asked_for_where_nothing_is_to_be_encrypted(empty_database_url: str) -> None:
    """So that none is made for nothing."""
    migrate(empty_database_url, keys=_no_keys)
    assert applied_revisions(empty_database_url) == known_revisions()


def test_row_level_security_is_on_everywhere(database_url: str) -> None:
    """On each table, also Alembic's, and no policy opens any."""
    secured = rows(
        database_url,
        "SELECT relname, relrowsecurity FROM pg_class WHERE relkind IN ('r', 'p')"
        " AND relnamespace = 'public'::regnamespace",
    )
    assert len(secured) > 15
    assert [name for name, on in secured if not on] == []
    assert rows(database_url, "SELECT * FROM pg_policies") == []


def test_no_view_leads_around_it(database_url: str) -> None:
    """A view of its owner's would show what the tables hide; each of those of the past calls a function that
    only the owner may call, or reads one that does.
    """
    views = rows(database_url, "SELECT viewname, definition FROM pg_views WHERE schemaname = 'public'")
    assert views
    assert [name for name, definition in views if "past_" not in definition] == []
    granted = rows(
        database_url,
        "SELECT grantee FROM pg_proc"
        " CROSS JOIN LATERAL aclexplode(coalesce(proacl, acldefault('f', proowner)))"
        " WHERE proname = 'past_instant' AND grantee <> proowner",
    )
    assert granted == []


@pytest.fixture
def stranger(server: Server) -> Iterator[str]:
    server.run("CREATE ROLE {} LOGIN", ROLE)
    yield ROLE
    server.run("DROP OWNED BY {}", ROLE)
    server.run("DROP ROLE {}", ROLE)


def test_a_role_that_owns_nothing_sees_nothing(server: Server, busy_template: str, stranger: str) -> None:
    """Even with SELECT granted, as a Supabase project's web roles have it: zero rows of every table."""
    name = server.copy(busy_template)
    url = server.url_of(name)
    try:
        with connect(url, autocommit=True) as connection:
            connection.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {stranger}")
            assert connection.execute("SELECT count(*) > 0 FROM tasks").fetchone() == (True,)
            connection.execute(f"SET ROLE {stranger}")
            for table in tables(url):
                query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(str(table)))
                assert connection.execute(query).fetchone() == (0,)
    finally:
        server.drop(name)


def test_the_job_queue_is_completed_without_a_migration_of_ours(empty_database_url: str) -> None:
    """Where its schema was lost, or an update of its library has migrations that were not applied."""
    migrate(empty_database_url)
    assert inspect(empty_database_url).has_current_jobs
    rows(empty_database_url, "DROP SCHEMA clickup_jobs CASCADE")
    assert not inspect(empty_database_url).has_current_jobs
    assert migrate(empty_database_url) == []
    assert rows(empty_database_url, "SELECT count(*) FROM clickup_jobs.procrastinate_jobs") == [(0,)]
    rows(empty_database_url, "DELETE FROM clickup_jobs.applied_migrations WHERE name LIKE '03.04.00%'")
    assert not inspect(empty_database_url).has_current_jobs


def test_a_database_from_the_future_is_left_alone(empty_database_url: str) -> None:
    """A revision that this version does not know: nothing is applied over it."""
    migrate(empty_database_url)
    rows(empty_database_url, "UPDATE clickup_sync_version SET version_num = '9999'")
    before = tables(empty_database_url)
    with pytest.raises(Exception, match="9999"):
        migrate(empty_database_url)
    assert tables(empty_database_url) == before
