"""Starts and stops the server, and says how to reach it."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from app.core.errors import DatabaseDown, SettingsError
from app.sql.embedded.account import Account, installed_programs, run_program, server_account
from app.sql.embedded.folder import DataFolder, has_data, open_data_folder
from app.sql.embedded.socket_path import PORT, socket_folder

_SUPERUSER = "postgres"
_MAJOR_VERSION = "18"
_START_SECONDS = 60
# Whoever may connect, the operating system says; there is no password that could be read or guessed.
_AUTHENTICATION = "# Written by clickup-sync at each start.\nlocal all all peer map=owner\n"
# On the command line, where nothing that a role once set in the database can overrule them.
_OPTIONS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_directories": ".",
    "unix_socket_permissions": "0700",
    "unix_socket_group": "",
}


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """A running server: its address, which holds no password.

    Only the account that started the server can connect, and a client refuses a server of anybody else.
    """

    url: str

    @property
    def psql_line(self) -> str:
        """A shell line that opens psql on it."""
        return f'{shlex.quote(str(installed_programs() / "psql"))} "{self.url}"'


def start_embedded_server(data_dir: Path) -> EmbeddedServer:
    """Starts the server, or finds it running; makes its data folder the first time. Blocks.

    Raises SettingsError where the folder cannot be kept from other users, DatabaseDown where the server does
    not start.
    """
    with _data_folder(data_dir) as folder:
        _ensure_cluster(folder)
        _ensure_running(folder)
        return EmbeddedServer(_url(folder, _SUPERUSER))


def fresh_database(data_dir: Path, name: str) -> EmbeddedServer:
    """An empty database of that name on the embedded server; one that was there is dropped. Blocks."""
    server = start_embedded_server(data_dir)
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return EmbeddedServer(server.url.replace(f"/{_SUPERUSER}?", f"/{quote(name)}?", 1))


def stop_embedded_server(data_dir: Path) -> bool:
    """Stops the server; False when none runs there. Sessions that are open are ended. Blocks."""
    if not has_data(data_dir):
        return False
    with _data_folder(data_dir) as folder:
        if not _is_running(folder):
            return False
        _stop(folder)
        return True


@contextmanager
def _data_folder(data_dir: Path) -> Iterator[DataFolder]:
    with open_data_folder(data_dir, server_account()) as folder:
        yield folder


def _url(folder: DataFolder, database: str) -> str:
    place, owner = quote(str(socket_folder(folder))), quote(folder.account.name, safe="")
    return f"postgresql://{_SUPERUSER}:@/{database}?host={place}&port={PORT}&requirepeer={owner}"


def _ensure_cluster(folder: DataFolder) -> None:
    version = folder.read("PG_VERSION")
    if version is None:
        _run(
            folder, "initdb", "--auth-local=peer", "--auth-host=reject", "--encoding=utf8",
            "--no-instructions", "--username", _SUPERUSER,
        )  # fmt: skip
    elif version.strip() != _MAJOR_VERSION:
        raise SettingsError(
            f"the data under {folder.path} are of PostgreSQL {version.strip()}, and this version brings "
            f"{_MAJOR_VERSION}. Move the folder away: the next sync fills a new one"
        )


def _ensure_running(folder: DataFolder) -> None:
    """With the rules of this version: a server that was started with others is stopped first."""
    rules = {"pg_hba.conf": _AUTHENTICATION, "pg_ident.conf": _ident_map(folder.account)}
    is_running = _is_running(folder)
    if any(folder.read(name) != text for name, text in rules.items()):
        if is_running:
            _stop(folder)
            is_running = False
        for name, text in rules.items():
            folder.write(name, text)
    if not is_running:
        _start(folder)


def _ident_map(account: Account) -> str:
    """Both the account of the server, which can read all its files anyway, and the one that started it."""
    names = {account.name} if account.is_own else {account.name, "root"}
    return "".join(f'owner "{name}" all\n' for name in sorted(names))


def _start(folder: DataFolder) -> None:
    options = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in _OPTIONS.items())
    try:
        _run(folder, "pg_ctl", "--wait", f"--timeout={_START_SECONDS}", "--log=log", "-o", options, "start")
    except DatabaseDown as error:
        raise DatabaseDown(f"{error} Its log: {folder.path / 'log'}") from None


def _stop(folder: DataFolder) -> None:
    _run(folder, "pg_ctl", "--wait", "--mode=fast", "stop")


def _run(folder: DataFolder, program: str, *arguments: str) -> None:
    place = folder.account.name_of(folder.path)
    run_program(folder.account, folder.path, program, f"--pgdata={place}", *arguments)


def _is_running(folder: DataFolder) -> bool:
    """Whether the process that `postmaster.pid` names is this folder's server.

    After a crash the file is left behind, and another process may have that id.
    """
    lines = (folder.read("postmaster.pid") or "").splitlines()
    if not lines or not lines[0].isdigit():
        return False
    try:
        process = psutil.Process(int(lines[0]))
        if process.status() == psutil.STATUS_ZOMBIE or process.name() != "postgres":
            return False
        return process.uids().real == folder.account.uid and _works_in(process, folder.path)
    except psutil.Error:
        return False


def _works_in(process: psutil.Process, folder: Path) -> bool:
    try:
        return folder.samefile(process.cwd())
    except (psutil.AccessDenied, PermissionError):  # in a container root may not look
        return True
    except OSError:
        return False
