"""Runs over HTTP, and how the mirror is."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from app.api.runs import MirrorStatus, RunPage
from app.reports.runs import Run, RunFilter
from tests.api.plans import Connection, filled, pages_read, plan, read_whole
from tests.api.reading import Json, Reader, pretend_worker, typed
from tests.conftest import Server

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def add(reader: Reader, **columns: Any) -> str:
    """A run that is only a row; its id."""
    row = {
        "workspace_id": reader.mirror.sim.team_id, "kind": "full", "trigger": "cli", "status": "succeeded",
        "fence": 1, "started_at": NOW, "ended_at": NOW + timedelta(seconds=2.5), **columns,
    }  # fmt: skip
    return str(
        reader.mirror.value(
            f"INSERT INTO runs ({', '.join(row)}) VALUES ({', '.join(['%s'] * len(row))}) RETURNING run_id",
            *row.values(),
        )
    )


def ids(answer: Json) -> list[str]:
    return [run["run_id"] for run in answer["runs"]]


async def test_runs_are_as_they_are_recorded(own: Reader) -> None:
    """The latest start first, with numbers, notes, and how long they took, in seconds."""
    add(own)
    answer = await own.get("/runs")
    page = typed(RunPage, answer)
    stored = own.mirror.rows("SELECT * FROM runs ORDER BY started_at DESC, run_id DESC")
    assert [one.run_id for one in page.runs] == [row["run_id"] for row in stored]
    assert answer["total"] == answer["count"] == len(stored) > 1
    for one, row in zip(page.runs, stored, strict=True):
        for name in (
            "kind",
            "trigger",
            "status",
            "started_at",
            "requests",
            "rows_written",
            "counts",
            "notes",
        ):
            assert getattr(one, name) == row[name]
    assert page.runs[-1].seconds == 2.5


async def test_each_filter_lets_pass_what_it_says(own: Reader) -> None:
    """Kind, status, what asked for it, and since when; several of each mean any of them."""
    failed = add(own, kind="deep", status="failed", error="no answer", trigger="api")
    waiting = add(own, kind="snapshot", status="waiting", trigger="timer", ended_at=None)
    assert ids(await own.get("/runs", kind="deep")) == [failed]
    assert set(ids(await own.get("/runs", kind=["deep", "snapshot"]))) == {failed, waiting}
    assert ids(await own.get("/runs", status="waiting")) == [waiting]
    assert ids(await own.get("/runs", trigger="api")) == [failed]
    assert ids(await own.get("/runs", trigger="nobody")) == []
    later = add(own, kind="employees", started_at=datetime(2199, 1, 1, tzinfo=UTC), ended_at=None,
                status="running")  # fmt: skip
    assert ids(await own.get("/runs", since="2198-12-31T23:59:59+00:00")) == [later]
    assert ids(await own.get("/runs", since="2199-01-01")) == [later]
    assert ids(await own.get("/runs", since="2199-01-01T01:00:01+01:00")) == []


async def test_one_run_shows_how_far_it_is(own: Reader) -> None:
    """Of each stage what is done and the total; an unknown run is a 404."""
    run_id = add(own, status="running", ended_at=None, progress='{"tasks": [200, 3000], "time": [3, null]}')
    run = typed(Run, await own.get(f"/runs/{run_id}"))
    assert run.progress == {"tasks": [200, 3_000], "time": [3, None]}
    assert (run.status, run.ended_at, run.seconds) == ("running", None, None)
    stranger = uuid4()
    assert f"no run {stranger}" in await own.unknown(f"/runs/{stranger}")
    other = add(own, workspace_id="another")
    assert await own.unknown(f"/runs/{other}")


async def test_a_walk_sees_each_run_once(own: Reader) -> None:
    """Page by page, in order, also where many began at once."""
    for _ in range(20):
        add(own, kind="webhook")
    whole = ids(await own.get("/runs", kind="webhook"))
    walked = [run["run_id"] for run in await own.walk("/runs", "runs", kind="webhook", limit=3)]
    assert walked == whole


async def test_a_run_that_begins_meanwhile_is_not_left_out(own: Reader) -> None:
    """It waited where the walk had not been, and runs where it was."""
    late = add(own, kind="snapshot", status="waiting", ended_at=None, started_at=NOW - timedelta(days=1))
    for number in range(6):
        add(own, started_at=NOW + timedelta(minutes=number), ended_at=NOW + timedelta(minutes=number + 1))

    def begin() -> None:
        own.mirror.rows(
            "UPDATE runs SET status = 'running', started_at = now() WHERE run_id = %s AND status = 'waiting'",
            late,
        )

    walked = [run["run_id"] for run in await own.walk("/runs", "runs", begin, limit=2)]
    assert late in walked


async def test_a_page_with_more_behind_it_is_not_sent_again(reader: Reader) -> None:
    """Its cursor is the same as long as nothing is written, and so is its ETag."""
    first = await reader.ask("/runs", limit=1)
    await asyncio.sleep(0.01)
    again = await reader.ask("/runs", {"If-None-Match": first.headers["etag"]}, limit=1)
    assert (again.status_code, bool(first.json()["next_cursor"])) == (304, True)


async def test_wrong_parameters_are_named(reader: Reader) -> None:
    """Each with its reason."""
    assert await reader.refused("/runs", "kind", kind="everything")
    assert await reader.refused("/runs", "status", status="done")
    for trigger in ("\x00", "x" * 21, "A b", ""):
        assert await reader.refused("/runs", "trigger", trigger=trigger)
    for since in ("0", "1700000000", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z", "noon", "\x00"):
        assert await reader.refused("/runs", "since", since=since)
    assert await reader.refused("/runs", "limit", limit=1_001)
    assert await reader.refused("/runs", "cursor", cursor="x")
    assert await reader.refused("/runs/not-a-run", "run_id")
    assert await reader.refused("/status", "runs", runs=101)
    assert await reader.refused("/status", "skipped", skipped=-1)


async def test_a_finished_run_is_not_sent_again(own: Reader) -> None:
    """ETag and 304, until it changes."""
    run_id = add(own, status="running", ended_at=None)
    tag = {"If-None-Match": (await own.ask(f"/runs/{run_id}")).headers["etag"]}
    assert (await own.ask(f"/runs/{run_id}", tag)).status_code == 304
    own.mirror.rows("UPDATE runs SET status = 'succeeded', ended_at = now() WHERE run_id = %s", run_id)
    assert (await own.ask(f"/runs/{run_id}", tag)).status_code == 200


async def test_the_status_is_that_of_the_mirror(own: Reader) -> None:
    """Counts, streams and their freshness, the last runs, skipped objects; nothing secret."""
    mirror = own.mirror
    mirror.rows(
        "INSERT INTO workspace_states"
        " (workspace_id, started_at, seen_at, incremental_interval, full_interval)"
        " VALUES (%s, now(), now(), interval '45 seconds', interval '7 minutes')",
        mirror.sim.team_id,
    )
    mirror.rows(
        "INSERT INTO webhooks (webhook_id, workspace_id, endpoint, secret_encrypted, status, checked_at)"
        " VALUES ('h', %s, 'https://mirror.example', 'HUNTER2', 'active', now())",
        mirror.sim.team_id,
    )
    add(own)
    answer = await own.ask("/status", runs=2)
    status = typed(MirrorStatus, answer.json())
    truth = mirror.world.truth()
    assert status.counts.tasks == len(truth["tasks"])
    assert status.counts.waiting_comments == sum(
        len(task["assigned_comments"]) for task in truth["tasks"].values()
    )
    assert {"tasks", "time", "places", "people"} <= {one.stream for one in status.streams}
    assert all(one.verified_at for one in status.freshness if one.stream == "tasks")
    assert len(status.runs) == 2
    assert status.workspace.workspace_id == mirror.sim.team_id
    assert status.service
    assert (status.service.is_running, status.service.incremental_interval_seconds) == (True, 45)
    assert status.service.full_interval_seconds == 420
    assert status.webhooks[0].status == "active"
    assert "HUNTER2" not in answer.text
    assert status.problems == []


async def test_the_status_is_of_one_workspace(own: Reader) -> None:
    """Others in the same database are named, and nothing of them is counted."""
    before = typed(MirrorStatus, await own.get("/status"))
    own.mirror.rows("INSERT INTO workspaces (workspace_id, name) VALUES ('other', 'Of another service')")
    own.mirror.rows("UPDATE tasks SET workspace_id = 'other' WHERE parent IS NOT NULL")
    after = typed(MirrorStatus, await own.get("/status"))
    assert (before.others, [one.name for one in after.others]) == ([], ["Of another service"])
    assert after.counts.tasks == before.counts.tasks - before.counts.subtasks


async def test_the_status_says_what_speaks_against_the_mirror(own: Reader) -> None:
    """No worker, and no sync of late, as `/readyz` says it."""
    own.mirror.rows("UPDATE runs SET started_at = now() - interval '2 days'; DELETE FROM worker_processes")
    own.mirror.rows(
        "INSERT INTO workspace_states"
        " (workspace_id, started_at, seen_at, incremental_interval, full_interval)"
        " VALUES (%s, now(), now(), interval '45 seconds', interval '7 minutes')",
        own.mirror.sim.team_id,
    )
    status = typed(MirrorStatus, await own.get("/status"))
    assert any("no worker is running" in problem for problem in status.problems)
    assert any("no sync succeeded for" in problem for problem in status.problems)
    ready = (await own.ask("/readyz")).json()
    assert set(ready["reasons"]) == set(status.problems)


async def test_of_a_workspace_that_is_not_here_yet_there_is_no_status(own: Reader) -> None:
    """503, to be asked again; it is not an empty mirror."""
    own.mirror.rows("DELETE FROM workspaces; DELETE FROM workspace_states")
    pretend_worker(own.mirror)
    answer = await own.ask("/status")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"


_FILL = (
    "INSERT INTO runs (workspace_id, kind, trigger, status, fence, started_at, ended_at)"
    " SELECT 'w', CASE WHEN n % 500 = 0 THEN 'snapshot' ELSE 'webhook' END,"
    " CASE WHEN n % 700 = 0 THEN 'api' ELSE 'webhook' END, CASE WHEN n % 900 = 0 THEN 'interrupted' ELSE"
    " 'succeeded' END, 1, to_timestamp(1.7e9 + n), to_timestamp(1.7e9 + n + 1)"
    " FROM generate_series(1, 100000) AS n",
    "VACUUM ANALYZE runs",
)
FILTERS = {
    "all": RunFilter(),
    "kind": RunFilter(kinds=["snapshot"]),
    "trigger": RunFilter(triggers=["api"]),
    "status": RunFilter(statuses=["interrupted"]),
    "since": RunFilter(since=datetime.fromtimestamp(1.7e9 + 99_000, UTC)),
}


@pytest.fixture(scope="module")
def large(server: Server, template: str) -> Iterator[Connection]:
    """100,000 runs, as a month of a busy service leaves them."""
    with filled(server, template, *_FILL) as connection:
        yield connection


@pytest.mark.slow
@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("depth", [None, 40_000])
def test_every_page_finds_its_runs_by_an_index(large: Connection, name: str, depth: int | None) -> None:
    """Nobody walks through all runs, and a deep page costs no more than the first."""
    after = datetime.fromtimestamp(1.7e9 + depth, UTC) if depth else None
    place = {
        "again": False, "after_time": after, "after_id": str(uuid4()) if depth else None,
        "written_since": NOW, "limit": 100,
    }  # fmt: skip
    tree = plan(large, "list_runs", FILTERS[name].params("w") | place)
    assert read_whole(tree) == set()
    assert pages_read(tree) < 600
