"""`clickup-sync webhooks`: list, register and remove."""

import json

from tests.cli.conftest import SimulatorState


def test_one_is_registered_listed_and_removed(desk: SimulatorState) -> None:
    """Each by one word; the secret is not shown."""
    assert "There are no webhooks" in desk.run("webhooks", "list").stdout
    made = desk.run("webhooks", "register", "--public-url", "https://mirror.example.com")
    assert made.returncode == 0 and "https://mirror.example.com/webhooks/clickup" in made.stdout
    (hook,) = json.loads(desk.run("webhooks", "list", "--json").stdout)
    assert hook["own"] is True and "secret" not in hook
    shown = desk.run("webhooks", "list").stdout
    assert hook["webhook_id"] in shown and "active" in shown
    assert "Removed" in desk.run("webhooks", "remove").stdout
    assert json.loads(desk.run("webhooks", "list", "--json").stdout) == []


def test_only_ours_are_removed_unless_named(desk: SimulatorState) -> None:
    """Somebody else's stays, until its id is given."""
    owner = desk.sim.world.owner().id
    other = desk.sim.webhooks.register(owner, "https://x.example.com/", frozenset({"taskCreated"}))
    assert "no webhook to remove" in desk.run("webhooks", "remove").stdout
    assert other.id in desk.sim.webhooks.known
    assert desk.run("webhooks", "remove", other.id).returncode == 0
    assert desk.sim.webhooks.known == {}


def test_an_id_that_clickup_does_not_know_is_said(desk: SimulatorState) -> None:
    """Exit code 1, and not the word Removed."""
    done = desk.run("webhooks", "remove", "nonsense")
    assert (
        done.returncode == 1 and "webhook nonsense not found" in done.stderr and "Removed" not in done.stdout
    )


def test_without_an_address_nothing_is_registered(desk: SimulatorState) -> None:
    """PUBLIC_URL is named, exit code 2; a wrong one likewise."""
    assert desk.run("webhooks", "register").returncode == 2
    done = desk.run("webhooks", "register", "--public-url", "mirror")
    assert done.returncode == 2 and "PUBLIC_URL" in done.stderr
