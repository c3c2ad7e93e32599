"""The daily snapshot: the day's tasks as the mirror holds them, whole at any moment, and kept."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.config import Settings
from app.context import open_context
from app.core.errors import DatabaseRefused
from app.core.sync.progress import Silent
from app.engine.run import Run, RunOptions, open_run
from app.engine.snapshot import take_snapshot
from app.jobs.queue import JobQueue
from app.jobs.schedule import Schedule
from app.jobs.workspaces import Workspaces
from app.sql.loader import load_queries
from tests.cli import command
from tests.database import connect
from tests.engine.mirror import Mirror
from tests.engine.service.running import make_due, runs, serving, until

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
# Where it is about noon now: no test runs past midnight there.
NOON = f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"
SCRIPT = "from app.daily_sync import sync_daily_updated_tasks; sync_daily_updated_tasks()"


async def snapshot(mirror: Mirror, began: datetime | None = None, **overrides: Any) -> Run:
    """A snapshot by a run that began then, by itself; at noon, where no zone is given."""
    settings = mirror.settings(**{"timezone": NOON} | overrides)
    async with (
        open_context(settings) as context,
        open_run(context, mirror.sim.team_id, RunOptions("snapshot", "test"), Silent()) as run,
    ):
        run.started_at = began or run.started_at
        await take_snapshot(run)
    return run


def listed(mirror: Mirror) -> list[str]:
    """The tasks that the workspace's listing shows."""
    tasks = mirror.world.truth()["tasks"]
    return sorted(key for key, task in tasks.items() if not task["put_away"] and not task["archived"])


async def edit_some(mirror: Mirror, count: int) -> set[str]:
    """So many tasks that changed right now, brought over."""
    edited = listed(mirror)[:count]
    for task_id in edited:
        mirror.world.edit_task(task_id, name=f"edited {mirror.world.clock.stamp()}")
    await mirror.sync("incremental")
    return set(edited)


def report(mirror: Mirror) -> list[dict[str, Any]]:
    return mirror.rows("SELECT * FROM daily_syncs ORDER BY clickup_task_id")


def reported(mirror: Mirror) -> set[str]:
    return {row["clickup_task_id"] for row in report(mirror)}


def kept(mirror: Mirror) -> dict[str, set[str]]:
    """The tasks of each day's last snapshot."""
    rows = mirror.rows("SELECT snapshot_date::text AS day, clickup_task_id AS id FROM daily_snapshots")
    return {row["day"]: {one["id"] for one in rows if one["day"] == row["day"]} for row in rows}


def touch(mirror: Mirror, task_id: str, changed: datetime) -> None:
    mirror.rows("UPDATE tasks SET date_updated = %s WHERE clickup_task_id = %s", changed, task_id)


def today() -> str:
    return datetime.now(ZoneInfo(NOON)).date().isoformat()


async def test_a_snapshot_has_todays_tasks_and_asks_clickup_nothing(mirror: Mirror) -> None:
    """Those that changed since midnight, and only they; the run says how many."""
    mirror.rows("UPDATE tasks SET date_updated = date_updated - interval '2 days'")
    edited = await edit_some(mirror, 3)
    with mirror.counting() as seen:
        run = await mirror.sync("snapshot", timezone=NOON)
    assert (seen["total"], run.requests) == (0, 0)
    assert (reported(mirror), run.counts["snapshot tasks"]) == (edited, 3)
    assert mirror.last_run()["counts"] == {"snapshot tasks": 3}
    assert (mirror.last_run()["kind"], run.notes) == ("snapshot", [])


# What the report should say, asked in another way than the engine does.
SHOULD_BE = """
SELECT clickup_task_id, title, description, status, tags, priority, start_times, end_times, tracked_minutes,
    status_type, type, due_date, assigned_comment, date_created, date_closed, time_estimate_minutes,
    start_date, space_name, folder_name, list_name, summary, sprint_points, dependencies, last_status_change,
    assignee_ids AS clickup_user_id, followers, assigned_by,
    ARRAY(SELECT name FROM task_people AS p WHERE p.clickup_task_id = t.clickup_task_id
          AND relation = 'assignee' ORDER BY position) AS assignee_name
FROM tasks AS t
WHERE NOT is_deleted AND (date_updated AT TIME ZONE %s)::date = %s::date
ORDER BY clickup_task_id
"""


async def test_columns_are_those_of_the_tasks(mirror: Mirror) -> None:
    """Every documented column of every task, archived or not, also in what is kept of the day."""
    mirror.rows("UPDATE tasks SET date_updated = now()")
    await snapshot(mirror)
    should_be = mirror.rows(SHOULD_BE, NOON, today())
    assert len(should_be) == len(mirror.world.truth()["tasks"])
    assert any(len(row["assignee_name"]) > 1 for row in should_be)
    assert [{name: row[name] for name in should_be[0]} for row in report(mirror)] == should_be
    assert {row["workspace_id"] for row in report(mirror)} == {mirror.sim.team_id}
    days = mirror.rows("SELECT * FROM daily_snapshots ORDER BY clickup_task_id")
    assert [{name: row[name] for name in report(mirror)[0]} for row in days] == report(mirror)
    assert {(str(row["snapshot_date"]), row["taken_at"] <= datetime.now(UTC)) for row in days} == {
        (today(), True)
    }


async def test_people_stand_as_the_source_has_them(mirror: Mirror) -> None:
    """Names in ClickUp's order, one element each whatever is in a name; the ids beside them likewise."""
    people = mirror.world.members()[:3]
    mirror.world.edit_person(people[0].id, username='Doe, Jane {née} "Smith"')
    task_id, other, *_ = listed(mirror)
    mirror.world.edit_task(task_id, assignees=[people[2].id, people[0].id], watchers=[people[0].id])
    mirror.world.edit_task(other, assignees=[], watchers=[])
    await mirror.sync("full")
    await snapshot(mirror)
    rows = {row["clickup_task_id"]: row for row in report(mirror)}
    named = [people[2].username or people[2].email, 'Doe, Jane {née} "Smith"']
    assert rows[task_id]["assignee_name"] == named
    assert rows[task_id]["clickup_user_id"] == f"{people[2].id},{people[0].id}"
    assert rows[task_id]["followers"] == named[1:]
    assert (rows[other]["assignee_name"], rows[other]["followers"]) == ([], [])
    assert rows[other]["clickup_user_id"] is None


async def test_people_are_named_as_they_are_called_now(mirror: Mirror) -> None:
    """A new name in `employees` is there before any task was read again."""
    task_id = next(iter(await edit_some(mirror, 1)))
    someone = mirror.world.members()[0]
    mirror.world.edit_task(task_id, assignees=[someone.id], watchers=[someone.id], creator=someone.id)
    await mirror.sync("incremental")
    mirror.world.edit_person(someone.id, username="New Name")
    await mirror.sync("employees")
    await snapshot(mirror)
    row = next(row for row in report(mirror) if row["clickup_task_id"] == task_id)
    assert (row["assignee_name"], row["followers"]) == (["New Name"], ["New Name"])
    assert row["assigned_by"] == "New Name"


async def test_deleted_tasks_and_other_workspaces_stay_out(mirror: Mirror) -> None:
    """And what another workspace reports is not touched."""
    gone, elsewhere, *here = sorted(await edit_some(mirror, 4))
    mirror.rows("UPDATE tasks SET is_deleted = true, deleted_at = now() WHERE clickup_task_id = %s", gone)
    mirror.rows("UPDATE tasks SET workspace_id = 'other' WHERE clickup_task_id = %s", elsewhere)
    mirror.rows("INSERT INTO daily_syncs (workspace_id, clickup_task_id) VALUES ('other', 'theirs')")
    await snapshot(mirror)
    assert {"theirs", *here} <= reported(mirror)
    assert {gone, elsewhere} & reported(mirror) == set()


@pytest.mark.parametrize(
    ("zone", "day", "start", "end"),
    [
        ("Asia/Kolkata", "2026-01-13", "2026-01-12T18:30", "2026-01-13T18:30"),
        ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00", "2026-10-25T23:00"),
        ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00", "2026-04-24T21:00"),
    ],
)
async def test_a_day_is_the_zones(silent: Mirror, zone: str, day: str, start: str, end: str) -> None:
    """To the millisecond: of half-hour zones, of 25 hours, and without a midnight."""
    first, last = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (start, end))
    moments = [first - timedelta(milliseconds=1), first, last - timedelta(milliseconds=1), last]
    tasks = sorted(silent.world.truth()["tasks"])[:4]
    for task_id, changed in zip(tasks, moments, strict=True):
        touch(silent, task_id, changed)
    await snapshot(silent, began=last - MINUTE, timezone=zone)
    assert reported(silent) & set(tasks) == set(tasks[1:3])
    assert kept(silent) == {day: reported(silent)}


async def test_the_zone_is_the_owners_where_none_is_set(silent: Mirror) -> None:
    """As for all other dates of the mirror."""
    task_id = next(iter(silent.world.truth()["tasks"]))
    silent.rows("UPDATE workspaces SET owner_time_zone = 'Pacific/Kiritimati'")
    touch(silent, task_id, datetime(2026, 1, 12, 10, tzinfo=UTC))
    await snapshot(silent, began=datetime(2026, 1, 12, 20, tzinfo=UTC), timezone=None)
    assert kept(silent)["2026-01-13"] >= {task_id}


@pytest.mark.parametrize("name", ["Nowhere/Land", "../etc/passwd", "x" * 300])
async def test_an_owners_zone_that_is_none_is_said(silent: Mirror, name: str) -> None:
    """UTC is used, and the run does not fail."""
    silent.rows("UPDATE workspaces SET owner_time_zone = %s", name)
    run = await snapshot(silent, timezone=None)
    assert ["so UTC is used" in note for note in run.findings.notes] == [True]


async def test_yesterdays_snapshot_stays(mirror: Mirror) -> None:
    """Today's report replaces the last one, and of what is kept only today's."""
    task_id, *others = sorted(mirror.world.truth()["tasks"])
    mirror.rows("UPDATE tasks SET date_updated = now() - interval '9 days'")
    touch(mirror, task_id, datetime.now(UTC) - DAY)
    await snapshot(mirror, began=datetime.now(UTC) - DAY)
    yesterday = kept(mirror)
    assert list(yesterday.values()) == [{task_id}]
    for task_id in others[:2]:
        touch(mirror, task_id, datetime.now(UTC))
        await snapshot(mirror)
    assert reported(mirror) == set(others[:2])
    assert kept(mirror) == yesterday | {today(): set(others[:2])}


async def test_a_day_without_a_change_has_an_empty_report(silent: Mirror) -> None:
    """Nothing changed: that is the truth, and zero is counted."""
    await edit_some(silent, 2)
    await snapshot(silent)
    silent.rows("UPDATE tasks SET date_updated = now() - interval '9 days'")
    run = await snapshot(silent)
    assert (report(silent), kept(silent), dict(run.findings.counts)) == ([], {}, {"snapshot tasks": 0})


async def test_what_a_snapshot_lacks_is_said(silent: Mirror) -> None:
    """A first sync that has not ended, and a day on which no sync has succeeded on."""
    assert (await snapshot(silent)).findings.notes == []
    silent.rows("UPDATE runs SET started_at = started_at - interval '2 days' WHERE kind <> 'snapshot'")
    assert "no sync has succeeded on" in (await snapshot(silent)).findings.notes[0]
    silent.rows("UPDATE streams SET complete_at = NULL")
    assert "the first sync is not finished" in (await snapshot(silent)).findings.notes[0]


async def test_a_reader_meanwhile_sees_the_old_report(mirror: Mirror) -> None:
    """Whole and unchanged until the new one is there, whole."""
    await edit_some(mirror, 2)
    await snapshot(mirror)
    before = (report(mirror), kept(mirror))
    await edit_some(mirror, 5)
    with connect(mirror.database_url) as other:
        other.execute("LOCK TABLE daily_snapshots IN SHARE MODE")
        taking = asyncio.create_task(snapshot(mirror))
        waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'daily_snapshots'::regclass"
        await until(lambda: mirror.value(waits))
        assert (report(mirror), kept(mirror)) == before
    await taking
    assert len(report(mirror)) >= 5
    assert report(mirror) != before[0]


async def test_a_failure_in_the_middle_leaves_the_old_ones(mirror: Mirror) -> None:
    """The new report was written, then something refused what is to be kept: nothing is changed."""
    await edit_some(mirror, 2)
    await snapshot(mirror)
    before = (report(mirror), kept(mirror))
    await edit_some(mirror, 5)
    refuse_snapshots(mirror)
    with pytest.raises(DatabaseRefused, match="no room"):
        await mirror.sync("snapshot", timezone=NOON)
    assert (report(mirror), kept(mirror)) == before
    assert (mirror.last_run()["status"], mirror.last_run()["rows_written"]) == ("failed", 0)


def refuse_snapshots(mirror: Mirror) -> None:
    mirror.rows(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'no room'; END $$;"
        " CREATE TRIGGER refuse BEFORE INSERT ON daily_snapshots EXECUTE FUNCTION refuse()"
    )


def clock(minutes: int) -> time:
    """So many minutes from now, by the clocks where it is noon."""
    return (datetime.now(ZoneInfo(NOON)) + minutes * MINUTE).time()


async def look(mirror: Mirror, at: time, looks: int = 1) -> int:
    """The clock looks for what is due, where the snapshot is due at `at`; how many jobs for one wait then."""
    settings = mirror.settings(timezone=NOON, daily_sync_at=at)
    async with open_context(settings) as context:
        jobs = await JobQueue.open(context.database)
        schedule = Schedule(jobs, Workspaces.of(context, mirror.sim.team_id), settings)
        await schedule.begin()
        for _ in range(looks):
            make_due(mirror, "snapshot")
            await schedule.defer_due()
    return int(
        mirror.value("SELECT count(*) FROM clickup_jobs.procrastinate_jobs WHERE task_name = 'snapshot'")
    )


async def test_before_its_time_no_snapshot_is_asked_for(silent: Mirror) -> None:
    """Also when there never was one."""
    assert await look(silent, clock(+5)) == 0


async def test_a_snapshot_is_asked_for_after_a_late_start_too(silent: Mirror) -> None:
    """Its time passed while no service ran; two looks ask for one."""
    assert await look(silent, clock(-90), looks=2) == 1


async def test_the_default_is_five_minutes_to_midnight(silent: Mirror) -> None:
    """And at noon it is not due."""
    default = Settings(_env_file=None, clickup_api_token="pk_x").daily_sync_at
    assert default == time(23, 55)
    assert await look(silent, default) == 0


@pytest.mark.parametrize(("earlier", "due"), [(10, 0), (120, 1)])
async def test_one_snapshot_a_day_is_due(silent: Mirror, earlier: int, due: int) -> None:
    """What somebody had taken before the time does not count, what was taken after it does."""
    await snapshot(silent)
    silent.rows(
        "UPDATE runs SET started_at = now() - make_interval(mins => %s) WHERE kind = 'snapshot'", earlier
    )
    assert await look(silent, clock(-60)) == due


async def test_a_snapshot_that_failed_is_due_again(silent: Mirror) -> None:
    """Tomorrow it would be another day's."""
    refuse_snapshots(silent)
    await edit_some(silent, 1)
    with pytest.raises(DatabaseRefused):
        await snapshot(silent)
    assert await look(silent, clock(-60)) == 1


async def test_a_refused_token_does_not_hinder_it(silent: Mirror) -> None:
    """ClickUp is asked nothing: what was known before the token died is reported."""
    silent.rows(
        "INSERT INTO workspace_states (workspace_id, started_at, seen_at, incremental_interval,"
        " full_interval, token_rejected_at, token_error)"
        " VALUES (%s, now(), now(), '45 s', '7 min', now(), 'no such token')",
        silent.sim.team_id,
    )
    assert await look(silent, clock(-60)) == 1


async def test_a_service_takes_it_when_its_time_has_come(silent: Mirror) -> None:
    """By its own clock, once; and when a script asks meanwhile, the service does it for the script."""
    edited = await edit_some(silent, 2)
    times = {"timezone": NOON, "daily_sync_at": clock(-60), "full_sync_interval_seconds": 1}
    async with serving(silent, **times):
        await until(lambda: runs(silent, "snapshot", "timer"))
        assert reported(silent) >= edited
        assert kept(silent) == {today(): reported(silent)}
        again = await silent.sync("snapshot", timezone=NOON)
        await until(lambda: len(runs(silent, "full", "timer")) > 2)
    assert again.counts["snapshot tasks"] == len(reported(silent))
    assert [len(runs(silent, "snapshot", trigger)) for trigger in ("timer", "test")] == [1, 1]


def run_script(folder: Path, code: str, **settings: Any) -> "subprocess.CompletedProcess[str]":
    """The code in a process of its own, in this folder, with these settings and no other."""
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder, env=command.environment(**settings), capture_output=True, text=True, timeout=300,
        check=False,
    )  # fmt: skip


async def test_the_documented_call_works_as_written(mirror: Mirror, tmp_path: Path) -> None:
    """Without a token, and with no ClickUp to reach; it prints nothing by itself, and returns the count."""
    edited = await edit_some(mirror, 3)
    where = {"database_url": mirror.database_url, "timezone": NOON, "clickup_base_url": "http://127.0.0.1:9"}
    done = run_script(tmp_path, SCRIPT, **where)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert reported(mirror) >= edited
    counted = run_script(tmp_path, SCRIPT.replace("; ", "; print(") + ")", **where)
    assert int(counted.stdout) == len(reported(mirror))
    assert mirror.last_run()["trigger"] == "script"


SAID = """
from app.core.errors import SyncError
from app.daily_sync import sync_daily_updated_tasks
try:
    sync_daily_updated_tasks()
except SyncError as error:
    print(type(error).__name__, error)
"""


async def test_what_goes_wrong_with_the_call_is_said(silent: Mirror, tmp_path: Path) -> None:
    """As one of the project's errors, which names what to do."""
    url = silent.database_url
    assert "TIMEZONE is wrong" in run_script(tmp_path, SAID, database_url=url, timezone="Mars").stdout
    assert "DatabaseDown" in run_script(tmp_path, SAID, database_url="postgresql://127.0.0.1:1/x").stdout
    unknown = run_script(tmp_path, SAID, database_url=url, clickup_team_id="77").stdout
    assert "workspace 77 is not mirrored yet" in unknown
    silent.rows("INSERT INTO workspaces (workspace_id, name) VALUES ('other', 'Other')")
    assert "SettingsError" in run_script(tmp_path, SAID, database_url=url).stdout
    refuse_snapshots(silent)
    await edit_some(silent, 1)
    ours = {"clickup_team_id": silent.sim.team_id, "timezone": NOON}
    assert "no room" in run_script(tmp_path, SAID, database_url=url, **ours).stdout


_FILL = """
INSERT INTO tasks (workspace_id, clickup_task_id, title, type, date_updated, read_at, fingerprint)
SELECT 'w', 't' || n, 'x', 'task', to_timestamp(n * 600), now(), 'f' FROM generate_series(1, 30000) AS n;
INSERT INTO task_people (workspace_id, clickup_task_id, relation, clickup_user_id, position, name)
SELECT 'w', 't' || n, 'assignee', 'u', 0, 'x' FROM generate_series(1, 30000) AS n;
ANALYZE;
"""


def test_a_snapshot_reads_no_whole_table(database_url: str) -> None:
    """It goes to the day's tasks and to their people by an index, however large the mirror is."""
    with connect(database_url, autocommit=True) as connection:
        connection.execute(_FILL)
        start = datetime(1970, 3, 1, tzinfo=UTC)
        params = {"workspace_id": "w", "start": start, "end": start + DAY}
        rows = connection.execute(("EXPLAIN " + load_queries()["insert_daily_sync"]).encode(), params)
        plan = "\n".join(row[0] for row in rows)
    assert "Seq Scan on tasks" not in plan and "Seq Scan on task_people" not in plan, plan
