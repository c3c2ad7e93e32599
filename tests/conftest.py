"""One real PostgreSQL for the whole session, migrated once; each test gets a fresh copy of its database."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql

from app.config import Settings
from app.embedded import start_embedded_server, stop_embedded_server
from app.migrations import migrate

# A server for tests may lose its data when the machine fails.
_HURRY = ("fsync", "synchronous_commit", "full_page_writes")
_number = count(1)


@dataclass(frozen=True, slots=True)
class Server:
    """The session's PostgreSQL: `folder` is its data folder, `url` leads to its maintenance database."""

    folder: Path
    url: str

    def url_of(self, database: str) -> str:
        """The address of another of its databases."""
        parts = urlsplit(self.url)
        return urlunsplit(parts._replace(path=f"/{database}"))

    def run(self, statement: str, *names: str) -> None:
        """One statement on the maintenance database; `{}` stands for each name."""
        composed = sql.SQL(statement).format(*map(sql.Identifier, names))
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(composed)

    def copy(self, template: str) -> str:
        """A new database that is a copy of another one; its name."""
        name = f"test_{next(_number)}"
        self.run("CREATE DATABASE {} TEMPLATE {}", name, template)
        return name

    def drop(self, database: str) -> None:
        """Whoever is still connected is thrown out."""
        self.run("DROP DATABASE IF EXISTS {} WITH (FORCE)", database)


def pytest_configure() -> None:
    """In a script's background SIGINT is ignored, also by the programs that tests begin and interrupt."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


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

    Not under pytest's own folder, which every further pytest closes to other users: as root the
    server runs as another one, who must be able to walk to its data.
    """
    folder = Path(tempfile.mkdtemp(prefix="mirror-tests-"))
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
