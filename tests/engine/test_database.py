"""A real PostgreSQL as people have it: behind a pooler, with odd passwords, restarted in the middle."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, urlsplit

import psycopg
import pytest

from app.context import open_context
from app.core.errors import DatabaseDown
from app.sql.embedded import start_embedded_server
from app.supabase_db import Database
from tests.cli import command
from tests.conftest import Server
from tests.engine.conftest import MakeMirror, small_world
from tests.engine.mirror import Mirror
from tests.engine.pooler import socket_folder
from tests.engine.test_resume import wait_until

PASSWORD = "p@ss#w/rd?%"


@pytest.fixture
def guarded_role(server: Server) -> Iterator[str]:
    """A role that must give its password, on a server that trusts all others."""
    rules = server.folder / "postgres" / "pg_hba.conf"
    trusting = rules.read_text()
    server.run("CREATE ROLE guarded LOGIN SUPERUSER PASSWORD " + f"'{PASSWORD}'")
    rules.write_text("local all guarded scram-sha-256\n" + trusting)
    server.run("SELECT pg_reload_conf()")
    yield "guarded"
    rules.write_text(trusting)
    server.run("SELECT pg_reload_conf()")
    server.run("DROP ROLE {}", "guarded")


@pytest.mark.parametrize("password", [PASSWORD, quote(PASSWORD, safe="")], ids=["as it is", "quoted"])
async def test_a_password_with_odd_letters_works(
    make_mirror: MakeMirror, guarded_role: str, password: str
) -> None:
    """Copied as it is or percent-encoded: `@`, `#`, `/`, `?` and `%` arrive at the server."""
    mirror = make_mirror(small_world(1, tasks=5))
    name = urlsplit(mirror.database_url).path.strip("/")
    place = f"/{name}?host={socket_folder(mirror.database_url)}"
    await mirror.sync("incremental", database_url=f"postgresql://{guarded_role}:{password}@{place}")
    assert mirror.differences() == []


async def test_a_wrong_password_is_said_without_saying_it(make_mirror: MakeMirror, guarded_role: str) -> None:
    """The complaint names the setting and the reason, and neither password."""
    mirror = make_mirror(small_world(1, tasks=5))
    place = f"/{urlsplit(mirror.database_url).path.strip('/')}?host={socket_folder(mirror.database_url)}"
    with pytest.raises(DatabaseDown, match="DATABASE_URL") as caught:
        await mirror.sync("incremental", database_url=f"postgresql://{guarded_role}:wr0ng#secret@{place}")
    assert "wr0ng" not in str(caught.value)
    assert "password authentication failed" in str(caught.value)


async def test_everything_works_through_a_transaction_pooler(
    make_mirror: MakeMirror, bouncer: str, empty_database_url: str
) -> None:
    """Migration, first sync, full and deep, each transaction on another server connection."""
    mirror = make_mirror(small_world(2))
    mirror.database_url = empty_database_url
    name = urlsplit(empty_database_url).path
    for kind in ("incremental", "full", "deep"):
        await mirror.sync(kind, database_url=f"{bouncer}{name}?pgbouncer=true")
        assert mirror.differences() == []
    through = mirror.value("SELECT count(*) FROM pg_stat_activity WHERE datname = %s", name.strip("/"))
    assert through > 2


async def test_two_syncs_through_a_pooler_wait_for_each_other(mirror: Mirror, bouncer: str) -> None:
    """Their jobs have one lock, which needs no session of its own."""
    url = f"{bouncer}{urlsplit(mirror.database_url).path}"
    mirror.sim.desk.latency_ms = 10
    await asyncio.gather(mirror.sync("full", database_url=url), mirror.sync("deep", database_url=url))
    runs = mirror.rows("SELECT * FROM runs WHERE kind IN ('full', 'deep') ORDER BY started_at DESC")
    assert [run["status"] for run in runs] == ["succeeded", "succeeded"]
    assert runs[0]["started_at"] >= runs[1]["ended_at"]


@pytest.mark.slow
async def test_a_server_that_restarts_in_the_middle_costs_one_run(
    make_mirror: MakeMirror, open_folder: Path
) -> None:
    """The run waits for it, or ends with DatabaseDown; the next one completes the mirror."""
    folder = open_folder
    mirror = make_mirror(small_world(2, tasks=200), served={"latency_ms": 20})
    try:
        mirror.database_url = await asyncio.to_thread(lambda: start_embedded_server(folder).url)
        sync = asyncio.create_task(mirror.sync("incremental"))
        await asyncio.to_thread(wait_until, lambda: _tasks_read(mirror) > 0)
        await asyncio.to_thread(_restart, folder)
        with suppress(DatabaseDown):
            await sync
        mirror.sim.desk.latency_ms = 0
        await mirror.sync("incremental")
        assert mirror.differences() == []
        assert mirror.value("SELECT count(*) FROM runs WHERE status = 'running'") == 0
    finally:
        command.run(folder, "database", "--stop", "--data-dir", str(folder))


async def test_connections_that_broke_meanwhile_are_replaced(mirror: Mirror) -> None:
    """A transaction, a statement that writes and one that reads each find one that works."""
    async with open_context(mirror.settings()) as context:
        database = context.database
        async with database.transaction() as tx:
            await tx.fetch("list_connections")
        for work in (
            lambda: database.note("delete_old_workers"),
            lambda: database.fetch("list_connections"),
            lambda: database.fetch_one("get_server"),
            lambda: _in_transaction(database),
        ):
            await asyncio.to_thread(_end_sessions, mirror)
            await work()


async def _in_transaction(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.note("delete_old_workers")


def _end_sessions(mirror: Mirror) -> None:
    """Of everybody else who is connected to this database."""
    mirror.rows(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )


def _tasks_read(mirror: Mirror) -> int:
    try:
        return int(mirror.value("SELECT count(comments_read_at) FROM task_reads"))
    except psycopg.errors.UndefinedTable:
        return 0


def _restart(folder: Path) -> None:
    pid_file = folder / "postgres" / "postmaster.pid"
    os.kill(int(pid_file.read_text().split()[0]), signal.SIGINT)
    while pid_file.exists():
        time.sleep(0.05)
    assert command.run(folder, "database", "--data-dir", str(folder)).returncode == 0


async def test_an_unreachable_database_is_said_by_its_address(make_mirror: MakeMirror) -> None:
    """Host and port in the complaint, the password not."""
    mirror = make_mirror(small_world(1, tasks=1))
    with pytest.raises(DatabaseDown, match="cannot be reached") as caught:
        await mirror.sync("incremental", database_url="postgresql://somebody:s3cret@127.0.0.1:1/mirror")
    assert "s3cret" not in str(caught.value)
