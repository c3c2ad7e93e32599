"""The commands that serve: the simulated ClickUp, the embedded database, and the demo that needs both."""

import re
import signal
from pathlib import Path

import httpx2
import psycopg
import pytest

from tests.cli import command
from tests.database import connect


def test_the_simulator_says_when_it_is_ready_and_serves(tmp_path: Path) -> None:
    """One line with the token and the base URL; and it ends when it is told to."""
    process = command.start(tmp_path, "simulator", "--port", "0", "--tasks", "5", "--seed", "3")
    assert process.stdout is not None
    ready = re.match(r"ready: CLICKUP_API_TOKEN=(\S+) CLICKUP_BASE_URL=(\S+)$", process.stdout.readline())
    assert ready is not None
    token, base_url = ready.groups()
    answer = httpx2.get(f"{base_url}/user", headers={"Authorization": token})
    assert answer.status_code == 200
    assert httpx2.get(f"{base_url}/user", headers={"Authorization": "pk_x"}).status_code == 401
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert "Traceback" not in said


def test_the_simulator_serves_several_workspaces(tmp_path: Path) -> None:
    """A line with the token of each, the last of which says that it is ready."""
    process = command.start(tmp_path, "simulator", "--port", "0", "--tasks", "5", "--workspaces", "3")
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(3)]
    assert [line.split(":")[0].split()[0] for line in lines] == ["workspace", "workspace", "ready"]
    names = set()
    for line in lines:
        token, base_url = (word.partition("=")[2] for word in line.split()[-2:])
        teams = httpx2.get(f"{base_url}/team", headers={"Authorization": token}).json()["teams"]
        names |= {team["name"] for team in teams}
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=120)
    assert len(names) == 3


def test_a_port_that_is_taken_is_a_failure(tmp_path: Path) -> None:
    """One sentence with the port."""
    first = command.start(tmp_path, "simulator", "--port", "0", "--tasks", "1")
    assert first.stdout is not None
    port = first.stdout.readline().rsplit(":", 1)[1].split("/")[0]
    second = command.run(tmp_path, "simulator", "--port", port, "--tasks", "1")
    first.kill()
    first.communicate()
    assert second.returncode == 1
    assert port in second.stderr and "Traceback" not in second.stderr


@pytest.mark.slow
def test_the_embedded_database_starts_and_stops(open_folder: Path) -> None:
    """It prints the psql line, is the same server a second time, keeps its data, and stops."""
    data = open_folder / "data"
    lines = [command.run(open_folder, "database", data_dir=data).stdout for _ in range(2)]
    assert lines[0] == lines[1]
    found = re.search(r'psql "(\S+)"', lines[0])
    assert found is not None
    with connect(found.group(1)) as connection:
        connection.execute("CREATE TABLE kept ()")
    stopped = command.run(open_folder, "database", "--stop", data_dir=data)
    assert (stopped.returncode, stopped.stdout.strip()) == (0, "Stopped.")
    with pytest.raises(psycopg.OperationalError):
        connect(found.group(1), connect_timeout=2)


def test_stopping_what_never_started_starts_nothing(tmp_path: Path) -> None:
    """It says so, and makes no folder."""
    done = command.run(tmp_path, "database", "--stop", data_dir=tmp_path / "nowhere")
    assert done.returncode == 0
    assert "no PostgreSQL" in " ".join(done.stdout.split())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_demo_fills_a_database_of_its_own(open_folder: Path) -> None:
    """Task, sessions, table and psql line; neither DATA_DIR nor a setting of the real mirror is used."""
    (open_folder / ".env").write_text(
        "CLICKUP_API_TOKEN=pk_real\nCLICKUP_TEAM_ID=1\nDATABASE_URL=postgresql://me:x@127.0.0.1:1/real\n"
        "TIMEZONE=Asia/Tokyo\nDATA_DIR=real\n"
    )
    demo = open_folder / "demo"
    done = command.run(open_folder, "demo", "--tasks", "60", "--data-dir", str(demo))
    try:
        assert done.returncode == 0, done.stderr
        for word in ("What is here", "session", "assignees", "psql", f"--data-dir {demo}"):
            assert word in done.stdout
        assert "+09:00" not in done.stdout and "This sync" in done.stdout
        sessions = re.findall(r"^ *session +(.*?) *$", done.stdout, re.MULTILINE)
        assert sessions and all(re.match(r"(\d+ \w+ 20\d\d, \d\d:\d\d|unknown) ", one) for one in sessions)
        found = re.search(r'psql "(\S+)"', done.stdout)
        assert found is not None
        with connect(found.group(1)) as connection:
            assert connection.execute("SELECT count(*) FROM tasks").fetchone() == (60,)
        assert sorted(path.name for path in open_folder.iterdir()) == [".env", "demo"]
    finally:
        stopped = command.run(open_folder, "database", "--stop", "--data-dir", str(demo))
    assert "Stopped" in stopped.stdout


@pytest.mark.slow
def test_the_demo_fills_a_database_from_several_workspaces(open_folder: Path) -> None:
    """Each has its own token and rows of its own."""
    demo = open_folder / "demo"
    done = command.run(
        open_folder, "demo", "--tasks", "30", "--workspaces", "2", "--once", "--data-dir", str(demo)
    )
    try:
        assert done.returncode == 0, done.stderr
        found = re.search(r'psql "(\S+)"', done.stdout)
        assert found is not None
        with connect(found[1]) as connection:
            counts = connection.execute("SELECT count(*) FROM tasks GROUP BY workspace_id").fetchall()
        assert len(counts) == 2
    finally:
        command.run(open_folder, "database", "--stop", "--data-dir", str(demo))
