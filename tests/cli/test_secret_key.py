"""`clickup-sync secret-key rotate` and what `doctor` says of the keys."""

import json
import signal
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.adapters.secret_keys import read_secret_keys
from app.config import given_settings
from app.core.encryption import SecretKeys, key_id_of
from app.jobs.webhook_secrets import decrypt_webhook_secrets
from tests.cli.conftest import SimulatorState
from tests.database import connect

NEW, OLD = "0f1e2d3c4b5a6978" * 4, "9a8b7c6d5e4f3021" * 4


@pytest.fixture
def registered(desk: SimulatorState) -> SimulatorState:
    """With one webhook, whose secret is encrypted with the key in DATA_DIR."""
    done = desk.run("webhooks", "register", "--public-url", "https://mirror.example.com")
    assert done.returncode == 0, done.stderr
    return desk


def keys_of(desk: SimulatorState, **settings: str) -> SecretKeys:
    return read_secret_keys(given_settings(clickup_api_token="x", data_dir=desk.folder / "data", **settings))


def key_in_use(desk: SimulatorState, keys: SecretKeys) -> str:
    """The id of the key of the one secret, which these keys decrypt to what ClickUp signs with."""
    stored = desk.value("SELECT secret_encrypted FROM webhooks")
    (hook,) = desk.sim.webhooks.known.values()
    rows = [{"webhook_id": hook.id, "secret_encrypted": stored}]
    assert decrypt_webhook_secrets(rows, keys) == {hook.id: hook.secret}
    return key_id_of(stored)


def finding(desk: SimulatorState, **settings: str) -> dict[str, str]:
    done = desk.run("doctor", "--json", **settings)
    return next(one for one in json.loads(done.stdout) if one["subject"] == "secret key")


def until_somebody_waits(holder: "psycopg.Connection[Any]") -> None:
    """For what this connection has locked."""
    query = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'webhooks'::regclass"
    deadline = time.monotonic() + 60
    while holder.execute(query).fetchone() == (0,):
        assert time.monotonic() < deadline, "nobody waited"
        time.sleep(0.02)


def test_a_new_key_is_made_and_everything_encrypted_with_it(registered: SimulatorState) -> None:
    """The earlier key stays in the file for processes that have only that; doctor shows which is in use."""
    before = keys_of(registered)
    assert key_in_use(registered, before) == before.first_id
    done = registered.run("secret-key", "rotate", clickup_api_token=None)
    after = keys_of(registered)
    assert done.returncode == 0 and "1 secret encrypted again, 0 had this key already" in done.stdout
    assert after.keys[1:] == before.keys
    assert key_in_use(registered, after) == after.first_id != before.first_id
    said = finding(registered)
    assert said["verdict"] == "good" and after.first_id in said["found"] and "secret.key" in said["found"]
    for key in after.keys:
        assert key.text not in done.stdout + done.stderr + str(said)


def test_a_kill_in_between_loses_nothing(registered: SimulatorState) -> None:
    """The key is in the file and encrypts nothing yet: all can be read, and doctor says what to do."""
    before = keys_of(registered)
    with connect(registered.settings["database_url"]) as connection:
        connection.execute("LOCK TABLE webhooks")
        process = registered.start("secret-key", "rotate")
        until_somebody_waits(connection)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    after = keys_of(registered)
    assert len(after.keys) == 2 and key_in_use(registered, after) == before.first_id
    said = finding(registered)
    assert (said["verdict"], said["advice"]) == ("mind", "run `clickup-sync secret-key rotate`")
    assert registered.run("secret-key", "rotate").returncode == 0
    assert key_in_use(registered, keys_of(registered)) == keys_of(registered).first_id


def test_keys_that_are_set_are_rotated(registered: SimulatorState) -> None:
    """From the file to SECRET_KEY, and from one SECRET_KEY to the next, as the page of operations says."""
    (file_key,) = (registered.folder / "data" / "secret.key").read_text().split()
    assert registered.run("secret-key", "rotate", secret_key=f"{OLD},{file_key}").returncode == 0
    old, both, new = (keys_of(registered, secret_key=key) for key in (OLD, f"{NEW},{OLD}", NEW))
    assert key_in_use(registered, old) == old.first_id
    assert finding(registered, secret_key=f"{NEW},{OLD}")["verdict"] == "mind"
    assert registered.run("secret-key", "rotate", secret_key=f"{NEW},{OLD}").returncode == 0
    assert key_in_use(registered, new) == both.first_id
    again = registered.run("secret-key", "rotate", secret_key=NEW)
    assert "0 secrets encrypted again, 1 had this key already" in again.stdout
    assert "SECRET_KEY=NEW,OLD" in again.stdout


def test_another_key_is_named_by_its_id(registered: SimulatorState) -> None:
    """Neither key is told; rotating leaves what it cannot read, and says so."""
    mine = keys_of(registered).first_id
    said = finding(registered, secret_key=OLD)
    assert said["verdict"] == "bad" and f"the id of that key is {mine}" in said["found"]
    assert keys_of(registered, secret_key=OLD).first_id in said["found"] and OLD not in str(said)
    done = registered.run("secret-key", "rotate", secret_key=OLD)
    assert done.returncode == 0 and "cannot be decrypted" in done.stdout
    assert key_in_use(registered, keys_of(registered)) == mine


def test_an_open_file_is_told_by_doctor_and_by_what_needs_it(registered: SimulatorState) -> None:
    """With the command that fixes it."""
    file = registered.folder / "data" / "secret.key"
    file.chmod(0o644)
    assert f"chmod 600 {Path('data') / 'secret.key'}" in finding(registered)["found"]
    done = registered.run("webhooks", "register", "--public-url", "https://mirror.example.com")
    assert done.returncode == 2 and "chmod 600" in done.stderr
