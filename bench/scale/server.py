"""The PostgreSQL of a campaign, the pooler before it, and which statements it is sent."""

import os
import re
import shutil
import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socket import create_connection
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from app.sql.embedded import fresh_database, stop_embedded_server
from app.sql.loader import load_queries
from bench.scale.processes import free_port

Row = dict[str, Any]
DATABASE = "scale"
POOLER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
_START_SECONDS = 60
_TIMED = re.compile(r"LOG:  duration: ([0-9.]+) ms  (statement|parse|bind|execute)[^:]*: (.*)")


@dataclass(frozen=True, slots=True)
class Statements:
    """How often each statement came, and how long the server took: to parse, to plan, to execute."""

    numbers: Counter[str] = field(default_factory=Counter)
    milliseconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))


@dataclass(frozen=True, slots=True)
class Server:
    """`url`: straight to the database. `pooled_url`: through PgBouncer, where there is one."""

    folder: Path
    url: str
    pooled_url: str | None = None

    @property
    def workers_url(self) -> str:
        """How the workers reach it."""
        return self.pooled_url or self.url

    @property
    def pid(self) -> int:
        """Of the process whose children answer."""
        return int((self._data_folder / "postmaster.pid").read_text().split()[0])

    @property
    def _data_folder(self) -> Path:
        return self.folder / "postgres"

    def rows(self, query: str, **params: Any) -> list[Row]:
        """What a query finds, beside the workers."""
        with psycopg.connect(self.url, autocommit=True, row_factory=dict_row) as connection:
            return connection.execute(query.encode(), params).fetchall()

    def value(self, query: str, **params: Any) -> Any:
        """The only value of the only row."""
        return next(iter(self.rows(query, **params)[0].values()))

    def run(self, script: str) -> None:
        """Statements without an answer."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(script.encode())

    def statements(self, seconds: float) -> Statements:
        """What came within so many seconds, the statements of the program by their names."""
        log = self._data_folder / "log"
        self._log_statements(0)
        try:
            began = log.stat().st_size
            time.sleep(seconds)
            with log.open("rb") as file:
                file.seek(began)
                text = file.read().decode(errors="replace")
        finally:
            self._log_statements(-1)
        found, names = Statements(), _names_of_queries()
        for ms, step, line in _TIMED.findall(text):
            name = names.get(line, line)
            found.milliseconds[name] += float(ms)
            found.numbers[name] += step in ("statement", "execute")
        return found

    def _log_statements(self, slower_than_ms: int) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            setting = sql.SQL("ALTER SYSTEM SET log_min_duration_statement = {}")
            connection.execute(setting.format(sql.Literal(slower_than_ms)))
            connection.execute("SELECT pg_reload_conf()")


@contextmanager
def serving_database(folder: Path, *, pooler: bool) -> Iterator[Server]:
    """An empty database, which is gone at the end."""
    url = fresh_database(folder, DATABASE).url
    try:
        if not pooler:
            yield Server(folder, url)
            return
        with _pooling(folder, url) as pooled_url:
            yield Server(folder, url, pooled_url)
    finally:
        stop_embedded_server(folder)


@contextmanager
def _pooling(folder: Path, url: str) -> Iterator[str]:
    """A PgBouncer in transaction mode."""
    if POOLER is None:
        raise SystemExit("the program pgbouncer is not installed")
    port, settings = free_port(), folder / "pgbouncer.ini"
    socket_folder = parse_qs(urlsplit(url).query)["host"][0]
    settings.write_text(
        f"[databases]\n* = host={socket_folder} user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
        f"listen_port = {port}\nunix_socket_dir =\nauth_type = any\npool_mode = transaction\n"
        "default_pool_size = 20\nmax_client_conn = 500\nserver_round_robin = 1\n"
    )
    settings.chmod(0o644)
    # It refuses to be root; the server's own account may walk to the server's socket.
    account = ["-u", Path(socket_folder).owner()] if os.geteuid() == 0 else []
    with (folder / "pgbouncer.log").open("w") as log:
        process = subprocess.Popen([POOLER, *account, str(settings)], stdout=log, stderr=log, cwd=folder)
        try:
            _wait_for(port)
            yield f"postgresql://postgres@127.0.0.1:{port}/{DATABASE}"
        finally:
            process.terminate()
            process.wait(_START_SECONDS)


def _wait_for(port: int) -> None:
    give_up_at = time.monotonic() + _START_SECONDS
    while True:
        try:
            create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > give_up_at:
                raise SystemExit("PgBouncer did not start") from None
            time.sleep(0.05)
        else:
            return


def _names_of_queries() -> dict[str, str]:
    """By the first line of each query, which is a sentence of its own."""
    return {text.splitlines()[0].replace("%%", "%"): name for name, text in load_queries().items()}
