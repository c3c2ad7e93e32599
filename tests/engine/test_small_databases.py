"""A database that gives this user three connections: enough for everything."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import structlog
from structlog.testing import LogCapture

import app.supabase_db
from app.core.errors import NoConnectionLeft
from app.simulator.server import RunningSimulator
from app.simulator.world import World
from app.sql.read_transaction import ReadTransaction
from app.supabase_db import Database
from tests.cli import command
from tests.conftest import Server
from tests.database import connect
from tests.engine.conftest import small_world
from tests.engine.mirror import Mirror
from tests.engine.service.running import client_of, serving, until

_KNOWN = "SELECT reltuples FROM pg_class WHERE oid = 'tasks'::regclass"


@pytest.fixture
def small_url(server: Server) -> Iterator[str]:
    """An empty database of a role that may have three connections."""
    server.run("CREATE ROLE {} LOGIN CREATEROLE CONNECTION LIMIT 3", "limited")
    name = server.copy("template0")
    server.run("ALTER DATABASE {} OWNER TO {}", name, "limited")
    yield server.url_of(name).replace("//postgres:", "//limited:", 1)
    server.drop(name)
    server.run("DROP ROLE IF EXISTS {}", "clickup_sync_reader_small_views")
    server.run("DROP ROLE {}", "limited")


def mirrored(sim: RunningSimulator, url: str, **settings: Any) -> Mirror:
    """The tests look at it as another role, which takes none of the three."""
    mirror = Mirror(
        sim, url.replace("//limited:", "//postgres:", 1), database_views_schema="small_views", **settings
    )
    mirror.overrides["database_url"] = url
    return mirror


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the database's adapter logs."""
    capture = LogCapture()
    everything = structlog.make_filtering_bound_logger(0)
    own = structlog.wrap_logger(structlog.PrintLogger(), processors=[capture], wrapper_class=everything)
    monkeypatch.setattr(app.supabase_db, "log", own)
    return capture.entries


@pytest.mark.parametrize("size", [2, 3, 8])
async def test_every_kind_of_sync_works(small_url: str, said: list[Any], size: int) -> None:
    """Also where the setting allows more than the database gives, and without anything that fails beside."""
    with RunningSimulator(World.generate(3, tasks=300)) as sim:
        mirror = mirrored(sim, small_url, database_pool_size=size)
        for kind in ("incremental", "full", "deep", "snapshot"):
            await mirror.sync(kind)
        assert mirror.differences() == []
        assert mirror.value(_KNOWN) == mirror.value("SELECT count(*) FROM tasks")
        assert [one for one in said if one["event"] == "database.vacuum_failed"] == []


async def test_the_service_answers_while_it_syncs(small_url: str) -> None:
    """Many questions at once during a full pass: each gets its answer, and the pass its end."""
    with RunningSimulator(small_world(3)) as sim:
        mirror = mirrored(sim, small_url, database_pool_size=3)
        await mirror.sync()
        async with serving(mirror) as running, client_of(running.url) as client:
            await until(lambda: mirror.value("SELECT true FROM worker_processes"))
            asked = await client.post("/sync/tasks?full=true&wait=false")
            paths = ["/tasks", "/time-entries", "/status", "/metrics", "/daily-sync", "/readyz", "/employees"]
            answers = await asyncio.gather(*(client.get(path) for path in paths * 12))
            done = await client.post("/sync/tasks?full=true&wait=true")
        assert (asked.status_code, done.status_code) == (202, 200)
        assert {answer.status_code for answer in answers} == {200}
        assert mirror.differences() == []


def test_the_commands_work(small_url: str, tmp_path: Path) -> None:
    """Sync, status and doctor by themselves, and two of them side by side."""
    with RunningSimulator(World.generate(3, tasks=60)) as sim:
        settings = {
            "clickup_api_token": sim.token, "clickup_base_url": sim.base_url, "database_url": small_url,
            "database_views_schema": "small_views", "database_pool_size": 2,
        }  # fmt: skip
        for words in (("migrate",), ("sync",), ("sync", "--full"), ("status",), ("doctor",)):
            done = command.run(tmp_path, *words, **settings)
            assert (done.returncode, done.stderr.count("onnection")) == (0, 0), done.stderr
        full = command.start(tmp_path, "sync", "--full", **settings)
        beside = command.run(tmp_path, "status", **settings)
        said = full.communicate(timeout=60)
        assert (full.returncode, beside.returncode) == (0, 0), (said, beside.stderr)


@contextmanager
def taken(url: str, connections: int) -> Iterator[None]:
    """Within, others of this role have so many connections."""
    with ExitStack() as stack:
        for _ in range(connections):
            stack.enter_context(connect(url))
        yield


def test_a_database_without_a_free_connection_says_so(small_url: str, tmp_path: Path) -> None:
    """The limit and what to set, not that the address is wrong."""
    with taken(small_url, 3):
        done = command.run(tmp_path, "status", database_url=small_url)
    assert done.returncode == 1
    assert "too many connections for role" in done.stderr and "DATABASE_POOL_SIZE" in done.stderr
    assert "DATABASE_URL" not in done.stderr


def test_the_doctor_needs_one_connection(small_url: str, tmp_path: Path) -> None:
    """What it cannot find out with one it says; the rest is found as ever."""
    with RunningSimulator(small_world(1, tasks=2)) as sim:
        settings = {
            "clickup_api_token": sim.token, "clickup_base_url": sim.base_url, "database_url": small_url,
            "database_views_schema": "small_views",
        }  # fmt: skip
        command.run(tmp_path, "migrate", **settings)
        with taken(small_url, 2):
            done = command.run(tmp_path, "doctor", "--json", **settings)
    verdicts = {one["subject"]: one["verdict"] for one in json.loads(done.stdout)}
    assert done.returncode == 0, done.stdout
    assert verdicts["connection"] == "mind"
    assert {verdicts[one] for one in ("database", "permissions", "schema", "SQL of assistants")} == {"good"}


@pytest.fixture
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.supabase_db, "_PATIENCE_SECONDS", 0.05)


@pytest.mark.usefixtures("no_patience")
async def test_a_wait_in_vain_names_the_setting(database_url: str) -> None:
    """All connections are held by this process itself: the sentence says how many, and what to set."""
    async with Database.open(database_url, connections=2) as database, database.transaction():
        with pytest.raises(NoConnectionLeft, match=r"for writing are in use \(1 of the 2 of") as caught:
            await database.fetch("list_workspaces")
    assert "DATABASE_POOL_SIZE" in str(caught.value)


@pytest.mark.usefixtures("no_patience")
async def test_housekeeping_fails_nobody(database_url: str, said: list[Any]) -> None:
    """Where it finds no connection, or is refused, it is left for another time: one line in the log."""
    async with Database.open(database_url, connections=2) as database:

        async def tidy_while_reading(_: ReadTransaction) -> None:
            await database.tidy("vacuum_data")

        await database.read_bounded(
            {"milliseconds": 5_000, "zone": "UTC", "work_mem": 8_192}, tidy_while_reading
        )
        await database.tidy("list_old_revisions")
    assert [one["event"] for one in said] == ["database.vacuum_failed"] * 2
    assert "all connections for reading" in said[0]["error"] and "does not exist" in said[1]["error"]


async def test_connections_that_broke_are_replaced(server: Server, database_url: str) -> None:
    """All of them at once, as when the server was restarted: neither who reads nor who writes notices."""
    async with Database.open(database_url, connections=4) as database:
        for _ in range(2):
            await asyncio.gather(*(database.ask("list_workspaces") for _ in range(4)))
            with connect(server.url, autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                    [urlsplit(database_url).path.strip("/")],
                )
            assert await database.ask("list_workspaces") == []
            assert await database.fetch("list_workspaces") == []
