"""Webhooks' secrets in the database: encrypted, and recoverable where the key is another one or lost."""

from collections.abc import Callable

import orjson
import pytest

from app.core.clickup.webhook import read_webhooks
from app.core.encryption import SecretKeys, key_id_of
from app.jobs.webhook_secrets import decrypt_webhook_secrets
from tests.engine.mirror import SECRET_KEY, Mirror
from tests.engine.service.running import serving, until
from tests.engine.service.test_webhooks import sign

OTHER_KEY = "9a8b7c6d5e4f3021" * 4
PUBLIC_URL = "https://mirror.example.com"


def stored_with(mirror: Mirror, key: str) -> Callable[[], bool]:
    """Whether the one webhook's secret is encrypted with this key, and is the one that ClickUp signs with."""
    keys = SecretKeys.read([key])

    def is_so() -> bool:
        rows = mirror.rows("SELECT * FROM webhooks")
        if not rows or key_id_of(rows[0]["secret_encrypted"]) != keys.first_id:
            return False
        known = {hook.id: hook.secret for hook in mirror.sim.webhooks.known.values()}
        return decrypt_webhook_secrets(rows, keys) == known

    return is_so


async def test_no_secret_stands_in_the_database(mirror: Mirror) -> None:
    """Who reads every table finds none, and deliveries are judged all the same."""
    async with serving(mirror, webhooks=True) as running:
        await until(stored_with(mirror, SECRET_KEY))
        (secret,) = (hook.secret for hook in mirror.sim.webhooks.known.values())
        tables = mirror.rows("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")
        for table in tables:
            found = mirror.rows(f"SELECT 1 FROM {table['name']} AS t WHERE t::text LIKE %s", f"%{secret}%")
            assert found == [], table
        body = orjson.dumps({"event": "taskUpdated", "task_id": "x"})
        assert (await running.post(body, sign(mirror, body))).status_code == 200


async def test_with_another_key_the_webhook_is_made_anew(
    mirror: Mirror, capsys: pytest.CaptureFixture[str]
) -> None:
    """The old key is lost: the service says so at its start, goes on, and has a new secret."""
    async with serving(mirror, public_url=PUBLIC_URL):
        await until(stored_with(mirror, SECRET_KEY))
    async with serving(mirror, public_url=PUBLIC_URL, secret_key=OTHER_KEY, log_level="warning"):
        await until(stored_with(mirror, OTHER_KEY))
        assert len(mirror.sim.webhooks.known) == 1
    said = capsys.readouterr().err
    assert "secret.unreadable" in said and "were encrypted with another SECRET_KEY" in said
    assert SECRET_KEY not in said and OTHER_KEY not in said


async def test_one_that_stands_by_with_another_key_asks_for_patience(mirror: Mirror) -> None:
    """It cannot judge: 503, so that ClickUp tries again, and another service may take it."""
    async with serving(mirror, public_url=PUBLIC_URL):
        await until(stored_with(mirror, SECRET_KEY))
        (hook,) = mirror.sim.webhooks.known.values()
        async with serving(mirror, public_url=PUBLIC_URL, secret_key=OTHER_KEY) as beside:
            body = orjson.dumps({"event": "taskUpdated", "task_id": "x", "webhook_id": hook.id})
            assert (await beside.post(body, hook.sign(body))).status_code == 503
            assert (await beside.post(b"{}", "0" * 64)).status_code == 403
        assert stored_with(mirror, SECRET_KEY)()


async def test_a_secret_that_was_copied_to_another_row_signs_nothing(mirror: Mirror) -> None:
    """Who can write the table cannot make one webhook's secret count for another."""
    async with serving(mirror, public_url=PUBLIC_URL) as running:
        await until(stored_with(mirror, SECRET_KEY))
        (hook,) = mirror.sim.webhooks.known.values()
        mirror.rows("UPDATE webhooks SET webhook_id = 'another'")
        body = orjson.dumps({"event": "taskUpdated", "task_id": "x"})
        running.service.receiver._loaded_at = float("-inf")
        assert (await running.post(body, hook.sign(body))).status_code == 403


def test_nothing_that_shows_a_webhook_shows_its_secret() -> None:
    """Not its representation, which a log or a traceback may hold."""
    (hook,) = read_webhooks({"webhook": {"id": "w", "endpoint": "https://x", "secret": "HUNTER2"}})
    assert hook.secret == "HUNTER2" and "HUNTER2" not in repr(hook)
