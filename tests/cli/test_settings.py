"""What is missing or wrong is said in one message, with exit code 2, without a traceback or a secret."""

from pathlib import Path

import pytest

from app.simulator.server import RunningSimulator
from tests.cli import command
from tests.cli.conftest import SimulatorState, small_world


def test_without_settings_the_message_names_what_is_missing(tmp_path: Path) -> None:
    """Exit code 2, and nothing on standard output."""
    done = command.run(tmp_path, "sync")
    assert done.returncode == 2
    assert "CLICKUP_API_TOKEN is not set" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_all_wrong_settings_stand_in_one_message(tmp_path: Path) -> None:
    """Whoever corrects a `.env` wants to do it once."""
    done = command.run(
        tmp_path, "sync", clickup_api_token="pk_1 x", timezone="Nowhere/City", overlap_seconds=3,
        log_level="loud", clickup_base_url="x", database_url="mysql://me:s3cret@host/db",
    )  # fmt: skip
    assert done.returncode == 2
    for name in (
        "CLICKUP_API_TOKEN",
        "TIMEZONE",
        "OVERLAP_SECONDS",
        "LOG_LEVEL",
        "CLICKUP_BASE_URL",
        "DATABASE_URL",
    ):
        assert done.stderr.count(name) == 1
    assert done.stderr.count("Wrong settings") == 1
    assert "s3cret" not in done.stderr
    assert "Traceback" not in done.stderr


def test_settings_are_read_from_a_file_in_the_folder(desk: SimulatorState) -> None:
    """A `.env` beside which the command is run; the environment overrules it."""
    lines = [f"{name.upper()}={value}" for name, value in desk.settings.items()]
    (desk.folder / ".env").write_text("\n".join(lines))
    assert command.run(desk.folder, "sync").returncode == 0
    assert command.run(desk.folder, "sync", timezone="Nowhere/City").returncode == 2


@pytest.mark.parametrize(
    "words",
    [("sync", "--fulll"), ("sink",), ("sync", "--max-deleted-percent", "101"), ("sync", "extra")],
    ids=" ".join,
)
def test_wrong_usage_is_code_2(tmp_path: Path, words: tuple[str, ...]) -> None:
    """A misspelt option or command, a number out of range, a word too many."""
    done = command.run(tmp_path, *words)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_several_workspaces_are_listed(tmp_path: Path, database_url: str) -> None:
    """Without CLICKUP_TEAM_ID nobody guesses; the message lists ids and names, as they are."""
    with RunningSimulator(small_world(workspaces=3)) as sim:
        settings = {
            "clickup_api_token": sim.token, "clickup_base_url": sim.base_url, "database_url": database_url,
        }  # fmt: skip
        done = command.run(tmp_path, "sync", **settings)
        assert done.returncode == 2
        assert "CLICKUP_TEAM_ID" in done.stderr
        for workspace in (sim.world.workspace, *sim.world.other_workspaces):
            assert workspace.id in done.stderr
            assert workspace.name in done.stderr
        assert command.run(tmp_path, "sync", **settings, clickup_team_id=sim.team_id).returncode == 0


def test_a_workspace_that_is_not_the_tokens_is_a_wrong_setting(desk: SimulatorState) -> None:
    """The message names those that are."""
    done = desk.run("sync", clickup_team_id="123")
    assert done.returncode == 2
    assert "123" in done.stderr and desk.sim.team_id in done.stderr


def test_an_unreachable_database_is_a_failure(desk: SimulatorState) -> None:
    """Exit code 1: it may be back in a minute. Host and port are said, the password is not."""
    done = desk.run("sync", database_url="postgresql://me:s3cret@127.0.0.1:1/mirror")
    assert done.returncode == 1
    assert "127.0.0.1" in done.stderr and "s3cret" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/api/v2", "https://host.invalid/api/v2"])
def test_an_unreachable_clickup_is_a_failure(desk: SimulatorState, url: str) -> None:
    """Exit code 1, one sentence."""
    done = desk.run("sync", clickup_base_url=url, request_attempts=1)
    assert done.returncode == 1
    assert "Failed" in done.stderr and "Traceback" not in done.stderr


def test_a_dead_token_is_a_failure(desk: SimulatorState) -> None:
    """Exit code 1, ClickUp's own word for it, and the token nowhere."""
    done = desk.run("sync", clickup_api_token="pk_1_DEADBEEF", clickup_team_id=desk.sim.team_id)
    assert done.returncode == 1
    assert "OAUTH_025" in done.stderr
    assert "DEADBEEF" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
