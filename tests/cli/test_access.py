"""`clickup-sync keys`, `sessions` and `links`: who may ask, made, listed and ended by hand."""

import json
import re

import pytest

from tests.cli.conftest import SimulatorState


def test_a_key_is_made_listed_and_revoked(desk: SimulatorState) -> None:
    """Its secret is printed once and stored nowhere; keys of API_KEYS are listed beside it."""
    made = desk.run("keys", "create", "dashboard", "--scope", "write", "--expires", "90d")
    secret = made.stdout.strip()
    assert made.returncode == 0 and secret.startswith("cskey_") and len(secret) == 49
    assert "shown only now" in made.stderr and secret not in made.stderr
    listed = desk.run("keys", "list", "--json", api_keys=f"other:read:{'x' * 32}").stdout
    assert secret not in listed and "x" * 32 not in listed
    other, key = json.loads(listed)
    assert (other["name"], other["from"]) == ("other", "API_KEYS")
    assert (key["name"], key["scope"], key["status"]) == ("dashboard", "write", "live")
    assert key["expires_at"] and not key["last_used_at"]
    again = desk.run("keys", "create", "Dashboard")
    assert again.returncode == 1 and "the key 'Dashboard' exists already" in again.stderr
    assert "Revoked: dashboard." in desk.run("keys", "revoke", key["credential_id"]).stdout
    assert "ended" in desk.run("keys", "list").stdout
    assert desk.run("keys", "create", "dashboard").returncode == 0


def test_dates_are_those_of_the_settings(desk: SimulatorState) -> None:
    """DATE_FORMAT holds for what people read; JSON stays ISO 8601."""
    made = desk.run("keys", "create", "x", "--expires", "90d", date_format="30/11/2026")
    assert re.search(r"and ends [0-9]{2}/[0-9]{2}/20[0-9]{2}, [0-9]{2}:[0-9]{2}\.", made.stderr)
    assert re.search(r"[0-9]{2}/[0-9]{2}/20", desk.run("keys", "list", date_format="30/11/2026").stdout)
    (key,) = json.loads(desk.run("keys", "list", "--json", date_format="30/11/2026").stdout)
    assert re.match(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T", key["expires_at"])


def test_numbers_are_those_of_the_settings(desk: SimulatorState) -> None:
    """NUMBER_FORMAT holds for what people read; JSON has plain numbers."""
    assert desk.run("sync").returncode == 0
    desk.value("UPDATE runs SET rows_written = 1234567, notes = '[\"1,234 rows\"]' RETURNING 1")
    shown = desk.run("status", number_format="1'234.5").stdout
    assert "1'234'567" in shown and "1'234 rows" in shown
    (status,) = json.loads(desk.run("status", "--json", number_format="1'234.5").stdout)
    assert {run["rows_written"] for run in status["runs"]} == {1234567}


def test_a_key_may_stand_for_a_person(desk: SimulatorState) -> None:
    """By e-mail address or ClickUp's id; somebody unknown is said."""
    assert desk.run("employees").returncode == 0
    owner = desk.sim.world.owner()
    for who in (owner.email.upper(), str(owner.id)):
        assert desk.run("keys", "create", f"of {who}", "--owner", who).returncode == 0
    keys = json.loads(desk.run("keys", "list", "--json").stdout)
    assert {key["owner_user_id"] for key in keys} == {str(owner.id)}
    stranger = desk.run("keys", "create", "x", "--owner", "nobody@example.com")
    assert stranger.returncode == 1 and "no person has" in stranger.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("keys", "create", "x", "--expires", "soon"), "is not a duration"),
        (("keys", "create", "local"), "a name has 1 to 64 printable characters"),
        (("keys", "create", "\x1b[2J"), "a name has 1 to 64 printable characters"),
        (("keys", "create", "x", "--scope", "owner"), "owner"),
        (("sessions", "end"), "the id of a session, or --all"),
        (("links", "create", "--path", "/ui/tasks"), "a link opens no /ui/tasks"),
        (("links", "create", "--path", "/sync/tasks?deep=true"), "a link opens no /sync/tasks"),
        (("links", "create", "--path", "/%73ync/tasks"), "a link opens no /sync/tasks"),
        (("links", "create", "--path", "https://example.com/"), "write the path"),
        (("links", "create", "--path", "//example.com/x"), "write the path"),
    ],
)
def test_wrong_usage_is_said_and_makes_nothing(
    desk: SimulatorState, words: tuple[str, ...], said: str
) -> None:
    """Exit code 2."""
    done = desk.run(*words)
    assert (done.returncode, done.stdout) == (2, "") and said in done.stderr


def test_a_link_is_made_listed_and_revoked(desk: SimulatorState) -> None:
    """Its address is printed once; it is behind PUBLIC_URL, where that is set."""
    path = "/timesheets?from=2026-01-01&to=2026-01-31"
    made = desk.run("links", "create", "--path", path, public_url="https://mirror.example.com")
    assert made.returncode == 0
    assert made.stdout.startswith("https://mirror.example.com/links/cslink_")
    (link,) = json.loads(desk.run("links", "list", "--json").stdout)
    assert (link["path"], link["status"]) == (path, "live") and link["expires_at"]
    assert "Revoked" in desk.run("links", "revoke", path).stdout
    gone = desk.run("links", "revoke", path)
    assert gone.returncode == 1 and "not found, or ended" in gone.stderr


def test_sessions_are_listed_and_ended(desk: SimulatorState) -> None:
    """One by its id, or all; an id that is none is said."""
    assert "No browser is signed in" in desk.run("sessions", "list").stdout
    desk.value(
        "INSERT INTO access_credentials (kind, name, scope, secret_digest, key_digest, opened_by)"
        " SELECT 'page_session', 'k', 'read', sha256(n::text::bytea), sha256('k'), 'Firefox'"
        " FROM generate_series(1, 3) AS n RETURNING 1"
    )
    first, *_ = json.loads(desk.run("sessions", "list", "--json").stdout)
    assert first["opened_by"] == "Firefox" and "Firefox" in desk.run("sessions", "list").stdout
    assert "Ended: 1." in desk.run("sessions", "end", first["credential_id"]).stdout
    assert desk.run("sessions", "end", first["credential_id"]).returncode == 1
    assert "Ended: 2." in desk.run("sessions", "end", "--all").stdout
    assert json.loads(desk.run("sessions", "list", "--json").stdout) == []


def test_a_key_of_the_setting_is_not_revoked_here(desk: SimulatorState) -> None:
    """It says where to take it out; and no key of the table takes its name."""
    keys = f"other:read:{'x' * 32}"
    done = desk.run("keys", "revoke", "other", api_keys=keys)
    assert done.returncode == 1 and "is set in API_KEYS" in done.stderr
    made = desk.run("keys", "create", "Other", api_keys=keys)
    assert made.returncode == 1 and "API_KEYS already has" in made.stderr


def test_a_key_may_be_limited_to_connected_workspaces(desk: SimulatorState) -> None:
    """The list shows to which; one that is not connected is refused."""
    assert desk.run("employees").returncode == 0
    made = desk.run("keys", "create", "client", "--workspace", desk.sim.team_id)
    assert made.returncode == 0 and f"limited to workspace {desk.sim.team_id}" in made.stderr
    (key,) = json.loads(desk.run("keys", "list", "--json").stdout)
    assert key["workspace_ids"] == [desk.sim.team_id]
    assert desk.sim.team_id in desk.run("keys", "list").stdout
    unknown = desk.run("keys", "create", "other", "--workspace", "12345")
    assert unknown.returncode == 1 and "workspace 12345 is not connected" in unknown.stderr
