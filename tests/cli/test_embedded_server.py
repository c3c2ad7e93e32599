"""The embedded PostgreSQL belongs to the account that started it: nobody else reads it, whatever its path."""

import os
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from app.sql.embedded import account, start_embedded_server, stop_embedded_server
from tests.cli import command
from tests.cli.accounts import as_nobody, command_as_nobody, give_to_nobody, mode, needs_root
from tests.database import connect

LONG = "a-folder-with-a-long-name-" * 5
PSQL = account.installed_programs() / "psql"


@pytest.fixture(autouse=True)
def temporary_files(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Links with a short path are made in the test's own folder, which is open to all as `/tmp` is."""
    folder = open_folder / "tmp"
    folder.mkdir()
    folder.chmod(0o1777)
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


@pytest.fixture
def data_dir(open_folder: Path) -> Iterator[Path]:
    """Not made yet; the server that a test starts there is stopped."""
    folder = open_folder / "data"
    yield folder
    stop_embedded_server(folder)


@pytest.fixture
def long_data_dir(open_folder: Path) -> Iterator[Path]:
    """Its path is longer than that of any socket can be."""
    folder = open_folder / LONG / "data"
    yield folder
    stop_embedded_server(folder)


def postmaster(data_dir: Path) -> int:
    return int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0])


def refused_to_nobody(url: str) -> str:
    """What psql says to another user; it asks for no owner, as an attacker would not."""
    asked = re.sub(r"&requirepeer=\w+", "", url)
    done = as_nobody([str(PSQL), "--no-password", asked, "--command", "SELECT 1"])
    assert done.returncode == 2, done
    return done.stderr


def open_for_all(postgres: Path) -> None:
    """As if somebody had opened the folder and the socket by mistake."""
    postgres.chmod(0o755)
    (postgres / ".s.PGSQL.5432").chmod(0o777)


@needs_root
def test_another_user_reaches_neither_socket_nor_files(data_dir: Path) -> None:
    """The folder is closed; where somebody opens it, the server still refuses other accounts."""
    url = start_embedded_server(data_dir).url
    assert (mode(data_dir), mode(data_dir / "postgres")) == (0o700, 0o700)
    assert "Permission denied" in refused_to_nobody(url)
    assert as_nobody(["ls", str(data_dir)]).returncode != 0
    data_dir.chmod(0o755)
    open_for_all(data_dir / "postgres")
    assert "Peer authentication failed" in refused_to_nobody(url)
    with connect(url) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


@needs_root
@pytest.mark.slow
def test_a_long_path_opens_the_socket_to_nobody(long_data_dir: Path, temporary_files: Path) -> None:
    """The socket stays in the data folder; what has a short path is a link in a folder of ours."""
    lines = {
        command.run(long_data_dir.parents[1], "database", data_dir=long_data_dir).stdout for _ in range(2)
    }
    (line,) = lines
    assert subprocess.run(f"{line.strip()} -c 'SELECT 1'", shell=True, check=False).returncode == 0
    (found,) = re.findall(r'psql "(\S+)"', line)
    assert "Permission denied" in refused_to_nobody(found)
    assert [mode(path) for path in temporary_files.iterdir()] == [0o700]
    sockets = [path for path in long_data_dir.parents[1].rglob("*") if path.is_socket()]
    assert sockets == [long_data_dir / "postgres" / ".s.PGSQL.5432"]


@needs_root
@pytest.mark.slow
def test_a_link_that_somebody_else_made_is_not_used(long_data_dir: Path, temporary_files: Path) -> None:
    """After the machine's temporary files are gone, another user may take the name that was used before."""
    first = start_embedded_server(long_data_dir).url
    (ours,) = temporary_files.iterdir()
    (ours / "pg").unlink()
    (ours / "pg").symlink_to(long_data_dir / "postgres")
    give_to_nobody(ours)
    second = start_embedded_server(long_data_dir).url
    assert first != second
    assert str(ours) not in second


@needs_root
def test_a_server_of_somebody_else_in_its_place_is_refused(data_dir: Path) -> None:
    """Whoever could put a socket there would be told what is mirrored: clients look whose it is."""
    url = start_embedded_server(data_dir).url
    stop_embedded_server(data_dir)
    with socket.socket(socket.AF_UNIX) as impostor:  # of root, not of the server's account
        impostor.bind(str(data_dir / "postgres" / ".s.PGSQL.5432"))
        impostor.listen()
        with pytest.raises(psycopg.OperationalError, match="requirepeer"):
            connect(url, connect_timeout=10)


def test_a_path_that_cannot_be_shortened_is_refused(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the reason and what to set, and no folder for temporary files is left behind."""
    long = open_folder / LONG
    long.mkdir()
    monkeypatch.setenv("TMPDIR", str(long))
    done = command.run(open_folder, "database", data_dir=long / "data")
    assert (done.returncode, done.stdout) == (2, "")
    assert "too long for a socket" in done.stderr and "DATA_DIR" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in long.iterdir()] == ["data"]
    stop_embedded_server(long / "data")


@pytest.mark.slow
def test_a_server_of_an_earlier_version_is_repaired(data_dir: Path, open_folder: Path) -> None:
    """It trusted everybody, on a socket in a shared folder: it is started anew with the rules of today."""
    start_embedded_server(data_dir)
    postgres, shared = data_dir / "postgres", open_folder / "shared"
    stop_embedded_server(data_dir)
    shared.mkdir()
    shared.chmod(0o777)
    (postgres / "pg_hba.conf").write_text("local all all trust\n")
    owner = account.server_account()
    account.run_program(
        owner, postgres, "pg_ctl", f"--pgdata={owner.name_of(postgres)}", "--wait", "--log=log",
        "-o", f'-h "" -k {shared}', "start",
    )  # fmt: skip
    with connect(f"postgresql://postgres@/postgres?host={shared}") as connection:
        connection.execute("CREATE TABLE kept ()")
    before = postmaster(data_dir)
    with connect(start_embedded_server(data_dir).url) as connection:
        connection.execute("SELECT FROM kept")
    assert postmaster(data_dir) != before
    assert list(shared.iterdir()) == []
    assert "trust" not in (postgres / "pg_hba.conf").read_text()


@needs_root
@pytest.mark.slow
def test_root_changes_no_folder_above_its_own(open_folder: Path) -> None:
    """In a folder that is closed to others it works all the same, and says once that root is too much."""
    closed = open_folder / "closed"
    (closed / "inner").mkdir(parents=True)
    for folder in (closed, closed / "inner"):
        folder.chmod(0o700)
    data = closed / "inner" / "data"
    above = {folder: mode(folder) for folder in data.parents}
    started = command.run(closed, "database", data_dir=data)
    stopped = command.run(closed, "database", "--stop", data_dir=data)
    assert (started.returncode, stopped.stdout) == (0, "Stopped.\n"), started.stderr
    assert started.stderr.count("root") == 1
    assert {folder: mode(folder) for folder in data.parents} == above


@needs_root
def test_programs_in_a_closed_folder_are_copied(
    data_dir: Path, open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in `/root`: nothing there is opened, and the server's account runs a copy."""
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    (closed / "site").symlink_to(PSQL.parents[3])
    programs = closed / "site" / PSQL.relative_to(PSQL.parents[3]).parent
    monkeypatch.setattr(account, "installed_programs", lambda: programs)
    monkeypatch.setattr(account, "_COPIES", open_folder / "copies")
    with connect(start_embedded_server(data_dir).url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert mode(closed) == 0o700
    run_from = psutil.Process(postmaster(data_dir)).exe()
    assert Path(run_from).is_relative_to(open_folder / "copies")


@needs_root
@pytest.mark.slow
def test_whoever_is_not_root_has_a_server_of_his_own(open_folder: Path, temporary_files: Path) -> None:
    """In a closed home, though others have used up the names of lock files; even root is no user of it."""
    home = open_folder / "home"
    home.mkdir(mode=0o700)
    give_to_nobody(home)
    for name in (".lockfile", "postgres.lock"):
        (temporary_files / name).touch(0o600)
    settings = {"home": home, "tmpdir": temporary_files, "data_dir": home / "data"}
    started = command_as_nobody(home, "database", **settings)
    try:
        assert (started.returncode, started.stderr) == (0, "")
        (url,) = re.findall(r'psql "(\S+)"', started.stdout)
        asked = as_nobody([str(PSQL), url, "--tuples-only", "--command", "SELECT 41 + 1"])
        assert asked.stdout.strip() == "42"
        as_root = subprocess.run([PSQL, url, "-c", "SELECT 1"], capture_output=True, text=True, check=False)
        assert "Peer authentication failed" in as_root.stderr
    finally:
        stopped = command_as_nobody(home, "database", "--stop", **settings)
    assert stopped.stdout == "Stopped.\n"


@needs_root
@pytest.mark.parametrize("made", ["folder", "data folder", "link"])
def test_what_another_user_made_first_is_refused(open_folder: Path, made: str) -> None:
    """Whose it is, and what to set; nothing is written there."""
    data = open_folder / "data"
    trap = data if made == "folder" else data / "postgres"
    data.mkdir()
    if made == "link":
        (open_folder / "elsewhere").mkdir()
        trap.symlink_to(open_folder / "elsewhere")
    else:
        trap.mkdir(exist_ok=True)
    give_to_nobody(trap)
    done = command.run(open_folder, "database", data_dir=data)
    assert done.returncode == 2
    for word in (str(trap), "nobody", "DATA_DIR"):
        assert word in done.stderr
    assert "Traceback" not in done.stderr
    assert list((open_folder / "elsewhere").glob("*")) == list(trap.glob("*/*")) == []


def test_a_folder_that_everybody_may_change_is_refused(open_folder: Path) -> None:
    """With the command that closes it."""
    data = open_folder / "data"
    data.mkdir()
    data.chmod(0o777)
    done = command.run(open_folder, "database", data_dir=data)
    assert done.returncode == 2
    assert f"chmod o-w {data}" in " ".join(done.stderr.split())
    assert list(data.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_one_sentence(open_folder: Path) -> None:
    """A file is in the way."""
    (open_folder / "file").touch()
    done = command.run(open_folder, "database", data_dir=open_folder / "file" / "data")
    assert done.returncode == 2
    assert "DATA_DIR" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
def test_the_server_is_told_no_secret(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The token stands in the environment of whoever starts the server, and not in the server's."""
    monkeypatch.setenv("CLICKUP_API_TOKEN", "pk_1_SECRET")
    start_embedded_server(data_dir)
    told = Path(f"/proc/{postmaster(data_dir)}/environ").read_text()
    assert "PATH=" in told
    assert "pk_1_SECRET" not in told


def test_a_process_that_took_the_number_of_a_dead_server_is_let_alone(data_dir: Path) -> None:
    """After a crash `postmaster.pid` stays; a new server starts, and stopping ends nothing else."""
    start_embedded_server(data_dir)
    pid_file = data_dir / "postgres" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    stop_embedded_server(data_dir)
    owner = account.server_account()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    os.chown(pid_file, owner.uid, owner.gid)
    assert stop_embedded_server(data_dir) is False
    if os.geteuid() == 0:  # PostgreSQL itself believes the file where the process is of the same user
        with connect(start_embedded_server(data_dir).url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
