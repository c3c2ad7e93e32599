"""`clickup-sync workspaces`: workspaces connected, paused and removed by hand."""

import json
import subprocess
import sys
import time
from contextlib import suppress
from typing import Any

import pytest
from psycopg import errors

from app.adapters.secret_keys import read_secret_keys
from app.config import given_settings
from app.core.encryption import WORKSPACE_TOKEN, key_id_of
from tests.cli import command
from tests.cli.conftest import SimulatorState, small_world


@pytest.fixture
def world() -> Any:
    """The token's owner is in three workspaces, everybody else in one."""
    return small_world(workspaces=3)


def given(
    desk: SimulatorState, token: str, *words: str, **changes: Any
) -> "subprocess.CompletedProcess[str]":
    """The command with this token on standard input, and none in the settings."""
    settings = desk.settings | {"clickup_api_token": None} | changes
    return subprocess.run(
        [sys.executable, "-m", "app", "workspaces", *words, "--token-stdin"],
        cwd=desk.folder,
        env=command.environment(**settings),
        input=f"{token}\n",
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def listed(desk: SimulatorState, **changes: Any) -> list[dict[str, Any]]:
    done = desk.run("workspaces", "list", "--json", **{"clickup_api_token": None} | changes)
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def stored_token(desk: SimulatorState) -> str:
    keys = read_secret_keys(given_settings(clickup_api_token="x", data_dir=desk.folder / "data"))
    encrypted = desk.value("SELECT token_encrypted FROM workspace_connections")
    assert key_id_of(encrypted) == keys.first_id
    return keys.decrypt(encrypted, WORKSPACE_TOKEN, desk.sim.team_id)


def test_a_workspace_is_connected_with_a_token_that_is_stored_encrypted(desk: SimulatorState) -> None:
    """ClickUp says its name; the token is shown nowhere, and a rotation of the key encrypts it anew."""
    member = desk.sim.world.members()[1]
    token = desk.sim.world.token_for(member.id)
    done = given(desk, token, "add")
    assert done.returncode == 0, done.stderr
    (found,) = listed(desk)
    assert (found["workspace_id"], found["name"]) == (desk.sim.team_id, desk.sim.world.workspace.name)
    assert (found["token_kind"], found["state"], found["error"]) == ("personal", "active", None)
    assert stored_token(desk) == token
    shown = done.stdout + done.stderr + json.dumps(found) + desk.run("workspaces", "list").stdout
    assert token not in shown and "token_encrypted" not in shown
    rotated = desk.run("secret-key", "rotate", clickup_api_token=None)
    assert "1 secret encrypted again" in rotated.stdout
    assert stored_token(desk) == token
    again = given(desk, token, "add")
    assert again.returncode == 2 and "is connected already" in again.stderr


def test_a_token_of_several_workspaces_connects_the_one_that_is_chosen(desk: SimulatorState) -> None:
    """Without a choice the error lists them all, and nothing is stored."""
    token, other = desk.sim.token, desk.sim.world.other_workspaces[0]
    refused = given(desk, token, "add")
    assert refused.returncode == 2
    assert desk.sim.team_id in refused.stderr and f"{other.id} ({other.name})" in refused.stderr
    unknown = given(desk, token, "add", "--team-id", "12345")
    assert unknown.returncode == 2 and "does not see workspace 12345" in unknown.stderr
    assert listed(desk) == []
    done = given(desk, token, "add", "--team-id", other.id, "--name", "Our other one")
    assert done.returncode == 0, done.stderr
    assert [(one["workspace_id"], one["name"]) for one in listed(desk)] == [(other.id, "Our other one")]


@pytest.mark.parametrize("token", ["pk_1_NOBODYHASTHISTOKEN", "", "pk_1 with blanks"])
def test_a_token_that_clickup_rejects_is_not_stored(desk: SimulatorState, token: str) -> None:
    """Exit code 2, and the token is not repeated."""
    done = given(desk, token, "add")
    assert done.returncode == 2 and "oken" in done.stderr
    assert not token or token not in done.stderr
    assert listed(desk) == []


def test_a_token_is_replaced_and_a_workspace_paused_and_resumed(desk: SimulatorState) -> None:
    """Each by one command; another workspace's token is refused."""
    world = desk.sim.world
    old, new = (world.token_for(member.id) for member in world.members()[1:3])
    assert given(desk, old, "add").returncode == 0
    assert given(desk, new, "set-token", desk.sim.team_id).returncode == 0
    assert stored_token(desk) == new
    world.kill_token(old)
    refused = given(desk, old, "set-token", desk.sim.team_id)
    assert refused.returncode == 2 and "ClickUp rejects the token" in refused.stderr
    for word, state in (("pause", "paused"), ("resume", "active")):
        assert desk.run("workspaces", word, desk.sim.team_id).returncode == 0
        assert [one["state"] for one in listed(desk)] == [state]
    unknown = desk.run("workspaces", "pause", "12345")
    assert unknown.returncode == 1 and "workspace 12345 is not connected" in unknown.stderr


def test_the_workspace_of_the_setting_is_listed_and_its_token_not_stored(desk: SimulatorState) -> None:
    """After a sync as ever; it is not removed while the setting is there."""
    settings = {"clickup_api_token": desk.sim.token, "clickup_team_id": desk.sim.team_id}
    assert desk.run("employees", **settings).returncode == 0
    (found,) = listed(desk, **settings)
    assert (found["workspace_id"], found["token_kind"], found["error"]) == (
        desk.sim.team_id, "environment", None,
    )  # fmt: skip
    assert desk.value("SELECT token_encrypted FROM workspace_connections") is None
    refused = desk.run("workspaces", "remove", desk.sim.team_id, "--keep-data", **settings)
    assert refused.returncode == 2 and "CLICKUP_API_TOKEN" in refused.stderr
    (without,) = listed(desk)
    assert "CLICKUP_API_TOKEN is not set" in without["error"]


def test_a_key_that_is_lost_concerns_only_stored_tokens(desk: SimulatorState) -> None:
    """The list says of each workspace what is wrong with it."""
    other = desk.sim.world.other_workspaces[0]
    settings = {"clickup_api_token": desk.sim.token, "clickup_team_id": desk.sim.team_id}
    assert desk.run("employees", **settings).returncode == 0
    assert given(desk, desk.sim.token, "add", "--team-id", other.id).returncode == 0
    (desk.folder / "data" / "secret.key").write_text("f" * 4 + "0123456789abcdef" * 3 + "\n")
    errors = {one["workspace_id"]: one["error"] for one in listed(desk, **settings)}
    assert errors[desk.sim.team_id] is None
    assert "encrypted with another SECRET_KEY" in errors[other.id]


def test_what_becomes_of_the_data_must_be_said(desk: SimulatorState) -> None:
    """Without a terminal nobody can be asked; then nothing is removed."""
    assert given(desk, desk.sim.world.token_for(desk.sim.world.members()[1].id), "add").returncode == 0
    for words in ((), ("--keep-data", "--erase-data")):
        done = desk.run("workspaces", "remove", desk.sim.team_id, *words)
        assert done.returncode == 2 and "--keep-data or --erase-data" in done.stderr
    assert len(listed(desk)) == 1
    done = desk.run("workspaces", "remove", desk.sim.team_id, "--keep-data", clickup_api_token=None)
    assert done.returncode == 0 and "its data is kept" in done.stdout
    assert listed(desk) == []


def test_the_page_of_clickup_is_printed(desk: SimulatorState) -> None:
    """With a state of its own each time; without an app at ClickUp it says what to set."""
    app = {"clickup_client_id": "APP", "clickup_client_secret": "hunter2-hunter2"}
    words = ("workspaces", "connect", "--public-url", "https://mirror.example.com")
    pages = {desk.run(*words, clickup_api_token=None, **app).stdout.strip() for _ in range(2)}
    assert len(pages) == 2
    for page in pages:
        assert page.startswith("https://mirror.example.com/oauth/start?state=")
        assert "hunter2" not in page
    done = desk.run(*words, clickup_api_token=None)
    assert done.returncode == 2 and "CLICKUP_CLIENT_ID" in done.stderr


def test_commands_use_the_stored_token_where_none_is_set(desk: SimulatorState) -> None:
    """Syncs, doctor and webhooks, with the token of the only workspace or of the one that is named."""
    world = desk.sim.world
    other = world.other_workspaces[0]
    assert given(desk, world.token, "add", "--team-id", desk.sim.team_id).returncode == 0
    without = {"clickup_api_token": None}
    done = desk.run("sync", "--json", **without)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["workspace_id"] == desk.sim.team_id
    assert desk.value("SELECT count(*) FROM tasks") > 0
    assert desk.run("webhooks", "list", **without).returncode == 0
    found = {one["subject"]: one for one in json.loads(desk.run("doctor", "--json", **without).stdout)}
    assert {found[subject]["verdict"] for subject in ("token", "workspace", "workspaces")} == {"good"}
    assert given(desk, world.token, "add", "--team-id", other.id).returncode == 0
    several = desk.run("employees", **without)
    assert several.returncode == 2 and "set CLICKUP_TEAM_ID" in several.stderr
    assert desk.sim.team_id in several.stderr and other.id in several.stderr
    assert desk.run("employees", clickup_team_id=other.id, **without).returncode == 0
    unknown = desk.run("employees", clickup_team_id="12345", **without)
    assert unknown.returncode == 2 and "workspace 12345 (CLICKUP_TEAM_ID) is not connected" in unknown.stderr


def test_doctor_names_the_workspace_whose_token_is_rejected(desk: SimulatorState) -> None:
    """And says how to replace it, with CLICKUP_API_TOKEN or without."""
    world = desk.sim.world
    token = world.token_for(world.members()[1].id)
    assert given(desk, token, "add").returncode == 0
    world.kill_token(token)
    done = desk.run("doctor", clickup_api_token=None)
    assert done.returncode == 1 and token not in done.stdout
    assert f"clickup-sync workspaces set-token {desk.sim.team_id}" in " ".join(done.stdout.split())


@pytest.mark.parametrize("words", [("sync",), ("serve", "--port", "0"), ("webhooks", "list")], ids=" ".join)
def test_without_a_token_and_a_workspace_it_is_said_what_to_do(
    desk: SimulatorState, words: tuple[str, ...]
) -> None:
    """Exit code 2, and no bundled server is started only to look."""
    for database_url in (desk.settings["database_url"], None):
        done = desk.run(*words, clickup_api_token=None, database_url=database_url)
        assert done.returncode == 2, done.stderr
        assert "CLICKUP_API_TOKEN is not set" in done.stderr
        assert "clickup-sync workspaces add" in " ".join(done.stderr.split())
    assert not (desk.folder / "data" / "postgres").exists()


@pytest.mark.parametrize("app", [{}, {"clickup_client_id": "APP", "clickup_client_secret": "s"}])
def test_the_service_syncs_with_a_stored_token(desk: SimulatorState, app: dict[str, str]) -> None:
    """Without CLICKUP_API_TOKEN; with an app at ClickUp it also begins before a workspace is connected."""
    token = desk.sim.world.token_for(desk.sim.world.members()[1].id)
    if not app:
        assert given(desk, token, "add").returncode == 0
    service = desk.start("serve", "--port", "0", clickup_api_token=None, **app)
    try:
        if app:
            assert service.stdout is not None
            assert "Syncing" in service.stdout.readline()
            assert given(desk, token, "add").returncode == 0
        count = "SELECT count(*) FROM runs WHERE kind = 'first' AND status = 'succeeded'"
        until = time.monotonic() + 120
        while time.monotonic() < until and service.poll() is None and not _value(desk, count):
            time.sleep(0.5)
        assert service.poll() is None
        assert _value(desk, count)
    finally:
        service.terminate()
        said = "".join(service.communicate(timeout=60))
    assert token not in said


def _value(desk: SimulatorState, query: str) -> Any:
    """None while the tables are not there yet."""
    with suppress(errors.UndefinedTable):
        return desk.value(query)
    return None
