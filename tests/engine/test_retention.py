"""What is older than RUNS_KEEP_DAYS goes, also where commands run by a timer and no service does."""

import asyncio

import pytest

from app.core.errors import SyncError
from app.daily_sync import sync_daily_updated_tasks
from app.engine import retention
from tests.engine.mirror import Mirror
from tests.engine.service.running import serving, until

GROWING = ("runs", "deliveries", "history_items", "refused_deliveries")


def grow(mirror: Mirror, days: int, rows: int = 3, workspace_id: str | None = None) -> None:
    """Adds rows of so many days ago to each table that grows with time."""
    of = {"workspace": workspace_id or mirror.sim.team_id, "days": days, "rows": rows}
    for statement in (
        "INSERT INTO runs (workspace_id, kind, trigger, status, fence, started_at, ended_at)"
        " SELECT %s, 'incremental', 'timer', 'succeeded', 1, at, at FROM"
        " (SELECT now() - %s * interval '1 day' AS at, generate_series(1, %s)) AS old",
        "INSERT INTO deliveries (workspace_id, webhook_id, event, subject_kind, subject_id, received_at,"
        " handled_at, outcome) SELECT %s, 'w', 'taskUpdated', 'task', 't', at, at, 'read' FROM"
        " (SELECT now() - %s * interval '1 day' AS at, generate_series(1, %s)) AS old",
        "INSERT INTO history_items (workspace_id, object_kind, object_id, field, tells_before, tells_after,"
        " changed_at, item_key, received_at)"
        " SELECT %s, 'task', 't', 'status', false, false, at, gen_random_uuid(), at FROM"
        " (SELECT now() - %s * interval '1 day' AS at, generate_series(1, %s)) AS old",
        "INSERT INTO refused_deliveries SELECT %s, now() - %s * interval '1 day' - n * interval '1 second',"
        " 'unsigned', 1, now(), now() FROM generate_series(1, %s) AS n",
    ):
        mirror.rows(statement, of["workspace"], of["days"], of["rows"])


def old_rows(mirror: Mirror, days: int = 30, workspace_id: str | None = None) -> dict[str, int]:
    columns = {
        "runs": "ended_at",
        "deliveries": "received_at",
        "history_items": "received_at",
        "refused_deliveries": "hour",
    }
    return {
        table: mirror.value(
            f"SELECT count(*) FROM {table} WHERE workspace_id = %s"
            f" AND {column} < now() - %s * interval '1 day'",
            workspace_id or mirror.sim.team_id,
            days,
        )
        for table, column in columns.items()
    }


def each(count: int) -> dict[str, int]:
    return dict.fromkeys(GROWING, count)


async def test_a_sync_by_hand_deletes_what_is_old(mirror: Mirror) -> None:
    """Runs, deliveries, refused ones, and marks of writes; what is younger stays, and another workspace's."""
    grow(mirror, days=31)
    grow(mirror, days=29)
    grow(mirror, days=31, workspace_id="another")
    mirror.rows("INSERT INTO data_writes SELECT FROM generate_series(1, 3000)")
    await mirror.sync("incremental")
    assert old_rows(mirror) == each(0)
    assert old_rows(mirror, days=28) == each(3)
    assert old_rows(mirror, workspace_id="another") == each(3)
    assert mirror.value("SELECT count(*) FROM data_writes") == 100


async def test_runs_keep_days_says_what_is_old(mirror: Mirror) -> None:
    """For the commands as for the service."""
    grow(mirror, days=3)
    await mirror.sync("employees", runs_keep_days=4)
    assert old_rows(mirror, days=2) == each(3)
    await mirror.sync("employees", runs_keep_days=2)
    assert old_rows(mirror, days=2) == each(0)


async def test_a_sync_that_fails_deletes_what_is_old_too(mirror: Mirror) -> None:
    """A timer that fails every ten minutes makes a run each time."""
    grow(mirror, days=31)
    mirror.faults.add("error", "/team/*", times=None)
    with pytest.raises(SyncError):
        await mirror.sync("incremental", request_attempts=1)
    assert old_rows(mirror) == each(0)


async def test_much_is_deleted_in_portions(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sync deletes a bounded number of rows; the next ones go on."""
    monkeypatch.setattr(retention, "_PORTION", 10)
    grow(mirror, days=31, rows=250)
    await mirror.sync("incremental")
    assert old_rows(mirror) == each(50)
    await mirror.sync("incremental")
    assert old_rows(mirror) == each(0)


@pytest.mark.parametrize("table", ["deliveries", "refused_deliveries"])
async def test_a_table_that_is_locked_is_left_for_the_next_time(mirror: Mirror, table: str) -> None:
    """The sync succeeds, and waits no longer than a moment."""
    grow(mirror, days=31)
    with mirror.locked(table):
        await mirror.sync("incremental")
    assert mirror.last_run()["status"] == "succeeded"
    assert old_rows(mirror)[table] == 3
    await mirror.sync("incremental")
    assert old_rows(mirror) == each(0)


async def test_what_may_not_be_deleted_is_no_failure(mirror: Mirror) -> None:
    """The sync succeeds, and the other tables have their turn."""
    grow(mirror, days=31)
    mirror.rows(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;"
        " CREATE TRIGGER refuse BEFORE DELETE ON runs EXECUTE FUNCTION refuse()"
    )
    await mirror.sync("incremental")
    assert mirror.last_run()["status"] == "succeeded"
    assert old_rows(mirror) == each(0) | {"runs": 3}


async def test_the_daily_snapshot_by_hand_deletes_what_is_old(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As other programs call it."""
    grow(mirror, days=31)
    monkeypatch.setattr("app.daily_sync.load_offline_settings", mirror.settings)
    await asyncio.to_thread(sync_daily_updated_tasks)
    assert old_rows(mirror) == each(0)


async def test_a_service_deletes_all_that_is_old(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    """At its start, and every six hours."""
    monkeypatch.setattr(retention, "_PORTION", 10)
    grow(mirror, days=31, rows=250)
    async with serving(mirror):
        await until(lambda: old_rows(mirror) == each(0))
