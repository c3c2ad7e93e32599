"""One real PostgreSQL for the whole session, migrated once; each test gets a fresh copy of its database."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
import structlog
from hypothesis import HealthCheck, settings
from psycopg import sql

from app.config import Settings
from app.sql.embedded import start_embedded_server, stop_embedded_server
from app.sql.migrate import migrate
from tests import cleanup
from tests.database import connect
from tests.stacks import all_stacks

# A server for tests may lose its data when the machine fails.
_HURRY = ("fsync", "synchronous_commit", "full_page_writes")
_number = count(1)
# Property-based tests are bounded by the number of their cases, never by the speed of the machine.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")
_CLEANUP = pytest.StashKey["subprocess.Popen[bytes]"]()


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """What a test configures ends with it: it may write to a file that pytest closes."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@dataclass(frozen=True, slots=True)
class Server:
    """The session's PostgreSQL: `folder` is its data folder, `url` leads to its maintenance database."""

    folder: Path
    url: str
    version: int = 180_000

    def url_of(self, database: str) -> str:
        """The address of another of its databases."""
        parts = urlsplit(self.url)
        return urlunsplit(parts._replace(path=f"/{database}"))

    def run(self, statement: str, *names: str) -> None:
        """One statement on the maintenance database; `{}` stands for each name."""
        composed = sql.SQL(statement).format(*map(sql.Identifier, names))
        with connect(self.url, autocommit=True) as connection:
            connection.execute(composed)

    def copy(self, template: str) -> str:
        """A new database that is a copy of another one; its name."""
        name = f"test_{next(_number)}"
        # By default every page is written to the write-ahead log as well, but not before version 15.
        strategy = " STRATEGY FILE_COPY" if self.version >= 150_000 else ""
        self.run(f"CREATE DATABASE {{}} TEMPLATE {{}}{strategy}", name, template)
        return name

    def drop(self, database: str) -> None:
        """Whoever is still connected is thrown out."""
        self.run("DROP DATABASE IF EXISTS {} WITH (FORCE)", database)


def pytest_configure(config: pytest.Config) -> None:
    """In a script's background SIGINT is ignored, also by the programs that tests begin and interrupt."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.stash[_CLEANUP] = cleanup.begin()


def pytest_unconfigure(config: pytest.Config) -> None:
    """The run has ended when all that it started has."""
    config.stash[_CLEANUP].communicate()


@pytest.hookimpl(wrapper=True)
def pytest_timeout_set_timer(item: pytest.Item) -> Iterator[Any]:
    """What pytest-timeout prints in a worker of xdist is lost: the stacks go into the test's report."""
    is_set = yield
    end = signal.getsignal(signal.SIGALRM)

    def end_with_stacks(number: int, frame: FrameType | None) -> None:
        item.add_report_section("call", "stacks", all_stacks())
        end(number, frame)

    if callable(end):
        signal.signal(signal.SIGALRM, end_with_stacks)
    return is_set


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests begin first, so that at the end nobody waits for one of them."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads a setting that the developer's shell happens to hold."""
    for name in os.environ:
        if name.lower() in Settings.model_fields:
            monkeypatch.delenv(name)


@contextmanager
def folder_for_postgres() -> Iterator[Path]:
    """A new folder in which a server may keep its data.

    Not under pytest's own folder, which every further pytest closes to other users: as root the tests run
    programs as another one, such as PgBouncer, who must be able to walk to it.
    """
    folder = cleanup.new_folder()
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    with folder_for_postgres() as folder:
        yield folder


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Of the bundled version; another one that `make versions` has started."""
    if given := os.environ.get("TEST_SERVER_URL"):
        with connect(given) as connection:
            known = Server(Path(connection.info.host), given, connection.info.server_version)
        yield known
        return
    with folder_for_postgres() as folder:
        running = _hurried_server(folder)
        yield running
        stop_embedded_server(folder)


def _hurried_server(folder: Path) -> Server:
    running = Server(folder, start_embedded_server(folder).url)
    for name in _HURRY:
        running.run(f"ALTER SYSTEM SET {name} = off")
    running.run("SELECT pg_reload_conf()")
    return running


@pytest.fixture(scope="session")
def template(server: Server) -> str:
    """A database that was migrated and nothing else."""
    server.run("CREATE DATABASE {}", "mirror_template")
    migrate(server.url_of("mirror_template"))
    return "mirror_template"


@pytest.fixture
def database_url(server: Server, template: str) -> Iterator[str]:
    """A migrated database of the test's own."""
    name = server.copy(template)
    yield server.url_of(name)
    server.drop(name)


@pytest.fixture
def empty_database_url(server: Server) -> Iterator[str]:
    """A database with nothing in it, not even the schema."""
    name = server.copy("template0")
    yield server.url_of(name)
    server.drop(name)
