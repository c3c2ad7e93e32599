"""`/readyz` tells whether the mirror can be relied upon, and strangers no more than they need."""

from typing import Any

import pytest

from app.api import health
from app.core.errors import SettingsError
from tests.api.door import READER, WRITER
from tests.engine.mirror import Mirror
from tests.engine.service.running import RunningService, client_of, runs, serving, until

KEYS = {"api_keys": f"probe:read:{READER},script:write:{WRITER}"}


async def ready(running: RunningService, key: str | None = None) -> tuple[int, list[str]]:
    headers = {"X-API-Key": key} if key else {}
    async with client_of(running.url) as client:
        answer = await client.get("/readyz", headers=headers)
    told: dict[str, Any] = answer.json()
    assert told["ready"] == (answer.status_code == 200) == (told["reasons"] == [])
    return answer.status_code, told["reasons"]


async def test_a_mirror_that_is_level_is_ready(mirror: Mirror) -> None:
    """Whoever asks: no key is needed, and a wrong one is as good as none."""
    async with serving(mirror, **KEYS) as running:
        await until(lambda: runs(mirror, "incremental", "timer"))
        for key in (None, READER, "wrong-" + "x" * 20):
            assert await ready(running, key) == (200, [])


async def test_another_schema_is_not_ready(mirror: Mirror) -> None:
    """A newer version has migrated the database: this one must be replaced."""
    async with serving(mirror) as running:
        await until(lambda: runs(mirror, "incremental", "timer"))
        mirror.rows("UPDATE clickup_sync_version SET version_num = '9999'")
        status, reasons = await ready(running)
    assert status == 503
    assert "the database schema is at revision 9999, but this version of clickup-sync needs " in reasons[0]


async def test_an_old_mirror_is_not_ready(mirror: Mirror) -> None:
    """The last good sync began too long ago."""
    async with serving(mirror, sync_interval_seconds=60) as running:
        await until(lambda: runs(mirror, "incremental", "timer"))
        mirror.rows("UPDATE runs SET started_at = started_at - interval '2 hours'")
        status, reasons = await ready(running)
    assert status == 503
    assert any("no sync succeeded for 1" in reason for reason in reasons)


async def test_a_database_that_does_not_answer_is_not_ready(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 within some seconds, not when the caller has long gone."""
    monkeypatch.setattr(health, "_PATIENCE_SECONDS", 1.0)
    async with serving(mirror) as running:
        await until(lambda: runs(mirror, "incremental", "timer"))
        with mirror.locked("clickup_sync_version"):
            assert await ready(running) == (503, ["the database did not answer within 1 seconds"])
        assert await ready(running) == (200, [])


async def test_strangers_are_told_no_names(mirror: Mirror, capsys: pytest.CaptureFixture[str]) -> None:
    """What settings say may name workspaces: keys are told. What the database says is for the log alone."""
    async with serving(mirror, **KEYS, log_level="warning") as running:
        await until(lambda: runs(mirror, "incremental", "timer"))
        running.service.blocked_by = str(SettingsError("choose one of: 7 (Secret Plans Ltd)"))
        _, told = await ready(running)
        assert told == ["no worker can sync the workspace; the reason is in the log of the workers"]
        _, told = await ready(running, READER)
        assert told == ["choose one of: 7 (Secret Plans Ltd)"]
        mirror.rows("ALTER TABLE clickup_sync_version RENAME TO hidden")
        for key in (None, WRITER):
            _, told = await ready(running, key)
            assert told == ["the database refused the query; run `clickup-sync doctor` to see why"]
        mirror.rows("ALTER TABLE hidden RENAME TO clickup_sync_version")
    assert "clickup_sync_version" in capsys.readouterr().err


async def test_asking_for_health_is_no_way_to_guess_a_key(mirror: Mirror) -> None:
    """After some wrong keys the right one is told no more than a stranger."""
    async with serving(mirror, **KEYS) as running:
        await until(lambda: runs(mirror, "incremental", "timer"))
        running.service.blocked_by = "choose one of: 7 (Secret Plans Ltd)"
        for number in range(30):
            await ready(running, f"wrong-{number:020}")
        _, told = await ready(running, READER)
        assert "Secret" not in told[0]
        assert (await running.get("/healthz")).status_code == 200
