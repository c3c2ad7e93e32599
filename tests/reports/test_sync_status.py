"""What stands beside every answer: as of when it is, and what is not in it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.reports import Reports, SyncStatus
from app.supabase_db import Database
from tests.api.reading import pretend_worker
from tests.engine.mirror import Mirror


@pytest.fixture
async def synced(mirror: Mirror) -> AsyncIterator[Reports]:
    """What is asked of a mirror that was synced a moment ago, of a workspace that nobody ever left."""
    mirror.rows("UPDATE streams SET blind_spot = NULL")
    async with Database.open(mirror.database_url) as database:
        yield Reports(database)


async def sync_status(synced: Reports, mirror: Mirror, **settings: Any) -> SyncStatus:
    return await synced.sync_status.get(mirror.sim.team_id, mirror.settings(**settings))


async def test_after_a_sync_all_is_well(synced: Reports, mirror: Mirror) -> None:
    """As of when the sync began, for it asked after that; fresh, complete, and nothing is missing."""
    found = await sync_status(synced, mirror)
    assert (found.as_of, found.is_fresh, found.is_complete) == (mirror.last_run()["started_at"], True, True)
    assert found.as_of is not None and found.age_seconds is not None
    assert 0 <= (datetime.now(UTC) - found.as_of).total_seconds() - found.age_seconds < 5
    assert found.gaps == []


@pytest.mark.parametrize(("interval", "minutes"), [(1, 5), (45, 5), (120, 10)])
async def test_it_is_as_patient_as_the_service(
    synced: Reports, mirror: Mirror, interval: int, minutes: int
) -> None:
    """Five intervals, five minutes at least: then a sync is missed, and the problems say so too."""
    for late, is_fresh in ((-5, True), (5, False)):
        ago = timedelta(minutes=minutes, seconds=late)
        mirror.rows("UPDATE runs SET started_at = now() - %s", ago)
        found = await sync_status(synced, mirror, sync_interval_seconds=interval)
        assert found.is_fresh is is_fresh
        assert found.age_seconds is not None and abs(found.age_seconds - ago.total_seconds()) < 4
        settings = mirror.settings(sync_interval_seconds=interval)
        assert (await synced.list_problems(mirror.sim.team_id, settings) == []) is is_fresh


@pytest.mark.parametrize("kind", ["employees", "webhook", "verification", "snapshot"])
async def test_only_what_brings_the_mirror_level_counts(synced: Reports, mirror: Mirror, kind: str) -> None:
    """Not a run of another kind, and none that failed, was cut off or is under way."""
    known = (await sync_status(synced, mirror)).as_of
    later = (
        "INSERT INTO runs (workspace_id, kind, trigger, status, fence, ended_at, error) VALUES (%s, %s, 't'"
    )
    team = mirror.sim.team_id
    mirror.rows(f"{later}, 'succeeded', 1, now(), NULL)", team, kind)
    mirror.rows(f"{later}, 'failed', 1, now(), 'x')", team, "incremental")
    mirror.rows(f"{later}, 'interrupted', 1, now(), NULL)", team, "full")
    mirror.rows(f"{later}, 'running', 1, NULL, NULL)", team, "deep")
    mirror.rows(f"{later}, 'succeeded', 1, now(), NULL)", "another workspace", "incremental")
    assert (await sync_status(synced, mirror)).as_of == known
    mirror.rows(f"{later}, 'succeeded', 1, now(), NULL)", team, "incremental")
    assert (await sync_status(synced, mirror)).as_of == mirror.last_run()["started_at"]


async def test_of_a_workspace_that_nobody_mirrored_nothing_is_known(synced: Reports, mirror: Mirror) -> None:
    """No instant, and neither fresh nor complete."""
    found = await synced.sync_status.get("nobody's", mirror.settings())
    assert found == SyncStatus(None, None, False, False, ["the first sync is not finished"])


async def test_a_first_sync_that_was_cut_off_is_not_complete(synced: Reports, mirror: Mirror) -> None:
    """However fresh what it brought is."""
    mirror.rows("UPDATE streams SET complete_at = NULL WHERE stream = 'time'")
    found = await sync_status(synced, mirror)
    assert (found.is_fresh, found.is_complete) == (True, False)
    assert found.gaps == ["the first sync is not finished"]


async def test_comments_that_clickup_shows_in_part_are_a_gap(synced: Reports, mirror: Mirror) -> None:
    """Of live tasks, for as long as the last read of their comments was short."""
    ids = [row["id"] for row in mirror.rows("SELECT clickup_task_id AS id FROM tasks WHERE NOT is_deleted")]
    mirror.rows("UPDATE task_reads SET comments_short_reads = 9 WHERE clickup_task_id = ANY(%s)", ids[:2])
    wanted = "have fewer comments than ClickUp or the mirror counts; stored comments are kept"
    assert (await sync_status(synced, mirror)).gaps == [f"ClickUp's answers for 2 tasks {wanted}"]
    mirror.rows("UPDATE tasks SET is_deleted = true, deleted_at = now() WHERE clickup_task_id = %s", ids[0])
    assert (await sync_status(synced, mirror)).gaps == [f"ClickUp's answers for 1 task {wanted}"]


async def test_comments_that_were_never_read_are_a_gap(synced: Reports, mirror: Mirror) -> None:
    """Of live tasks: not of deleted ones; those that are denied are another gap."""
    ids = [row["id"] for row in mirror.rows("SELECT clickup_task_id AS id FROM tasks WHERE NOT is_deleted")]
    mirror.rows("UPDATE task_reads SET comments_read_at = NULL WHERE clickup_task_id = ANY(%s)", ids[:7])
    refused = (
        "INSERT INTO refusals (workspace_id, kind, object_id, retry_at, reason)"
        " VALUES (%s, 'comments', %s, now(), 'no')"
    )
    for task_id in (ids[6], ids[7]):
        mirror.rows(refused, mirror.sim.team_id, task_id)
    assert (await sync_status(synced, mirror)).gaps == [
        "the comments of 6 tasks were not read yet",
        "the comments of 2 tasks cannot be read with this token",
    ]
    gone = "UPDATE tasks SET is_deleted = true, deleted_at = now() WHERE clickup_task_id = ANY(%s)"
    mirror.rows(gone, [*ids[:5], ids[6], *ids[8:12]])
    assert (await sync_status(synced, mirror)).gaps == [
        "the comments of 1 task were not read yet",
        "the comments of 1 task cannot be read with this token",
    ]
    mirror.rows(gone, ids)
    assert (await sync_status(synced, mirror)).gaps == []


async def test_what_the_token_cannot_see_is_a_gap(synced: Reports, mirror: Mirror) -> None:
    """Each stream's blind spot, and how much was skipped; not another workspace's."""
    mirror.rows("UPDATE streams SET blind_spot = 'the time of Ada is hidden' WHERE stream = 'time'")
    skip = "INSERT INTO skipped_objects VALUES (%s, 'task', %s, 'odd', gen_random_uuid())"
    for team, number in ((mirror.sim.team_id, "1"), (mirror.sim.team_id, "2"), ("another", "3")):
        mirror.rows(skip, team, number)
    mirror.rows("INSERT INTO streams (workspace_id, stream, blind_spot) VALUES ('another', 'time', 'all')")
    mirror.rows(
        "UPDATE spaces SET unreadable_fields = jsonb_build_object('color', 'odd')"
        " WHERE ctid = (SELECT min(ctid) FROM spaces)"
    )
    found = await sync_status(synced, mirror)
    assert found.gaps == [
        "time: the time of Ada is hidden",
        "2 objects could not be read",
        "1 row has fields that could not be read: see `unreadable_fields`",
    ]
    assert found.is_fresh and found.is_complete


async def test_a_service_that_is_gone_or_refused_is_a_gap(synced: Reports, mirror: Mirror) -> None:
    """In the words of the problems; where no service ever was, none is missed."""
    mirror.rows(
        "INSERT INTO workspace_states (workspace_id, started_at, seen_at, incremental_interval,"
        " full_interval, token_rejected_at, token_error)"
        " VALUES (%s, now(), now(), '45 s', '7 min', now(), 'no such token')",
        mirror.sim.team_id,
    )
    problems = await synced.list_problems(mirror.sim.team_id, mirror.settings())
    assert len(problems) == 2 and "no such token" in problems[1]
    assert (await sync_status(synced, mirror)).gaps == problems
    pretend_worker(mirror)
    assert (await sync_status(synced, mirror)).gaps == problems[1:]
    mirror.rows("UPDATE workspace_states SET token_rejected_at = NULL, token_error = NULL")
    assert (await sync_status(synced, mirror)).gaps == []


async def test_what_somebody_else_changed_is_a_gap_until_it_is_restored(
    synced: Reports, mirror: Mirror
) -> None:
    """How many rows, and in which tables; and the status says when rows were last restored."""
    mirror.edit("UPDATE tasks SET title = 'edited' WHERE ctid IN (SELECT ctid FROM tasks LIMIT 2)")
    mirror.edit("DELETE FROM spaces WHERE ctid = (SELECT ctid FROM spaces LIMIT 1)")
    (gap,) = (await sync_status(synced, mirror)).gaps
    assert "another program changed 3 rows" in gap and "1 in spaces, 2 in tasks" in gap
    status = await synced.get_status_of(mirror.sim.team_id)
    assert status is not None and status.restoration is None
    assert {row.table_name: row.total for row in status.external_changes} == {"spaces": 1, "tasks": 2}
    await mirror.sync("full")
    mirror.rows("UPDATE streams SET blind_spot = NULL")
    assert (await sync_status(synced, mirror)).gaps == []
    status = await synced.get_status_of(mirror.sim.team_id)
    assert status is not None and status.external_changes == []
    assert status.restoration is not None
    assert (status.restoration.kind, status.restoration.total) == ("full", 3)
