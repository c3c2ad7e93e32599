"""A terminal obeys nothing of what others wrote in ClickUp, whichever command shows it."""

import json
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from rich.table import Table
from rich.text import Text

from app.cli.output import PlainConsole
from tests.cli import command
from tests.cli.conftest import SimulatorState
from tests.database import connect
from tests.hostile import NAME, commands_in


def rename_all(desk: SimulatorState) -> None:
    """Whatever has a name in the simulated workspace has the hostile one."""
    world = desk.sim.world
    world.workspace = replace(world.workspace, name=NAME)
    world.edit_person(world.owner().id, username=NAME)
    for space in list(world.spaces.values()):
        world.rename_space(space.id, NAME)
    for task in list(world.tasks.values()):
        world.edit_task(task.id, name=NAME)
    desk.sim.webhooks.register(world.owner().id, f"https://x.example.com/{NAME}", frozenset({"taskCreated"}))


def spoil_internal_state(desk: SimulatorState) -> None:
    """Notes, errors and reasons in internal tables quote such names too."""
    with connect(desk.settings["database_url"], autocommit=True) as connection:
        for change in (
            "UPDATE runs SET status = 'failed', error = %(name)s, notes = jsonb_build_array(%(name)s::text)",
            "UPDATE streams SET blind_spot = %(name)s",
            "INSERT INTO skipped_objects (workspace_id, kind, object_id, reason, run_id)"
            " SELECT workspace_id, 'task', %(name)s, %(name)s, gen_random_uuid() FROM workspaces",
        ):
            connection.execute(change.encode(), {"name": NAME})


def printed(done: "subprocess.CompletedProcess[str]") -> str:
    return done.stdout + done.stderr


@pytest.mark.slow
def test_no_command_prints_what_a_terminal_obeys(desk: SimulatorState) -> None:
    """Nothing but line ends and colours is left of the control characters; the names can be read."""
    rename_all(desk)
    synced = desk.run("sync")
    assert synced.returncode == 0 and commands_in(printed(synced)) == []
    spoil_internal_state(desk)
    for words in (("status",), ("doctor",), ("webhooks", "list"), ("employees",)):
        done = desk.run(*words, force_color="1", public_url="https://x.example.com")
        if words != ("employees",):
            assert "␛]52;c;" in done.stdout, words
            assert "\x1b[" in done.stdout, words
            assert "[red]x[/red]" in " ".join(done.stdout.split()), words
        # While bars are drawn, Rich moves the cursor on the other stream.
        assert commands_in(done.stdout) == [], words
        assert "\n✓ token: good" not in done.stdout, words
    for words in (("status", "--json"), ("webhooks", "list", "--json")):
        done = desk.run(*words)
        assert commands_in(done.stdout) == []
        assert any(text.endswith(NAME) for text in _texts(json.loads(done.stdout)))


def _texts(document: Any) -> list[str]:
    if isinstance(document, dict):
        return [text for value in document.values() for text in _texts(value)]
    if isinstance(document, list):
        return [text for value in document for text in _texts(value)]
    return [str(document)]


def test_errors_show_names_too(desk: SimulatorState) -> None:
    """The list of workspaces to choose from, on one line."""
    other: Any = replace(desk.sim.world.workspace, id="77", name=NAME)
    desk.sim.world.other_workspaces.append(other)
    done = desk.run("sync")
    assert done.returncode == 2 and "␛]52;c;" in done.stderr
    assert commands_in(printed(done)) == []
    assert "\n✓ token: good" not in done.stderr


def test_a_crash_shows_what_is_in_its_text() -> None:
    """A traceback, for what nobody foresaw; exit code 1."""
    code = (
        "import sys; from app.cli import main; from tests.hostile import NAME\n"
        "def fail(**_): raise RuntimeError(NAME)\n"
        "main.app = fail; main.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=command.environment(),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 1 and "Traceback" in done.stderr and "␛]52;c;" in done.stderr
    assert commands_in(printed(done)) == []


def test_whatever_is_printed_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """A string, a text with a style, a cell of a table: the console is the last wall."""
    table = Table()
    table.add_row(NAME, Text(NAME, style="bold"))
    for thing in (NAME, Text(NAME), table):
        PlainConsole().print(thing)
        assert commands_in(capsys.readouterr().out) == []
