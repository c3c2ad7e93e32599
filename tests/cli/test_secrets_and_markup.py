"""No secret leaves the process, and no name from ClickUp is taken for markup."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import SimulatorState

PASSWORD = "hunter2-s3cret"


@pytest.fixture
def guarded(desk: SimulatorState) -> SimulatorState:
    """With a password in the database's address, and every log line switched on."""
    desk.settings["database_url"] = desk.settings["database_url"].replace(
        "//postgres:", f"//postgres:{PASSWORD}"
    )
    desk.settings["log_level"] = "debug"
    return desk


@pytest.mark.slow
def test_no_secret_in_what_is_printed_or_logged(guarded: SimulatorState) -> None:
    """Token and password stand in no output of any command, well or ill."""
    guarded.sim.faults.add("error", "/team/*/time_entries")
    done = [guarded.run("sync"), guarded.run("doctor", log_format="json")]
    guarded.sim.faults.add("dead_token", times=None)
    done += [guarded.run("sync", log_format="json"), guarded.run("status", "--json")]
    done += [guarded.run("sync", database_url=f"postgresql://me:{PASSWORD}@127.0.0.1:1/x")]
    assert [one.returncode for one in done] == [0, 0, 1, 0, 1]
    for one in done:
        for secret in (PASSWORD, guarded.sim.token):
            assert secret not in one.stdout + one.stderr


def test_no_secret_in_the_database(desk: SimulatorState) -> None:
    """Not in the runs' notes and errors, nor anywhere else."""
    desk.sim.faults.add("dead_token", after=6, times=None)
    assert desk.run("sync").returncode == 1
    assert desk.value("SELECT error FROM runs") is not None
    assert desk.value(f"SELECT count(*) FROM runs AS r WHERE r::text LIKE '%{desk.sim.token}%'") == 0


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs /proc")
def test_no_secret_in_the_list_of_processes(guarded: SimulatorState) -> None:
    """While it works, whatever it starts."""
    guarded.sim.desk.latency_ms = 50
    process = guarded.start("sync")
    looks = 0
    while process.poll() is None:
        for listed in Path("/proc").glob("[0-9]*/cmdline"):
            words = _read(listed)
            assert guarded.sim.token not in words and PASSWORD not in words
            looks += 1
    assert process.communicate() and process.returncode == 0
    assert looks > 10


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


@pytest.mark.slow
def test_names_are_text_and_never_markup(desk: SimulatorState) -> None:
    """What looks like Rich's or a browser's markup is shown as it is, letter by letter."""
    name = "[red]Bold[/red] <script>alert(1)</script> [/]"
    world = desk.sim.world
    world.workspace = replace(world.workspace, name=name)
    world.edit_person(world.owner().id, username="[blink]Eve[/nothing]")
    assert desk.run("sync").returncode == 0
    status = desk.run("status")
    assert name in status.stdout
    assert json.loads(desk.run("status", "--json").stdout)[0]["workspace"]["name"] == name
    doctor = desk.run("doctor")
    assert (status.returncode, doctor.returncode) == (0, 0)
    assert name in doctor.stdout
    assert "[blink]Eve[/nothing]" in doctor.stdout


def test_names_in_errors_are_text_too(desk: SimulatorState) -> None:
    """The list of workspaces to choose from, with a closing tag that closes nothing."""
    other: Any = replace(desk.sim.world.workspace, id="77", name="[/bold] [red]x")
    desk.sim.world.other_workspaces.append(other)
    done = desk.run("sync")
    assert done.returncode == 2
    assert "[/bold] [red]x" in done.stderr
