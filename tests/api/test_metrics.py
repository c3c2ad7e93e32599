"""`/metrics` can be read by Prometheus, moves when things happen, and costs ClickUp nothing."""

import asyncio
from typing import Any

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families

from app.api import metrics
from app.api.metrics import Metrics
from tests.api.door import READER, WRITER
from tests.api.reading import pretend_worker
from tests.database import connect
from tests.engine.conftest import MakeMirror, small_world
from tests.engine.mirror import Mirror
from tests.engine.service.running import (
    RunningService,
    client_of,
    make_due,
    runs,
    serving,
    until,
    until_quiet,
)

Sample = dict[tuple[str, frozenset[tuple[str, str]]], float]


async def scrape(running: RunningService) -> Sample:
    answer = await running.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    families = list(text_string_to_metric_families(answer.text))
    assert len({family.name for family in families}) == len(families)
    return {
        (sample.name.removeprefix("clickup_sync_"), frozenset(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def value(samples: Sample, name: str, **labels: str) -> float | None:
    """The sample of this name with these labels among its own; None where there is none."""
    found = [v for (n, own), v in samples.items() if n == name and labels.items() <= set(own)]
    return sum(found) if found else None


async def until_scraped(running: RunningService, name: str, wanted: Any, **labels: str) -> Sample:
    async with asyncio.timeout(120):
        while True:
            samples = await scrape(running)
            if wanted(value(samples, name, **labels)):
                return samples


async def test_runs_are_counted_once_whoever_makes_them(mirror: Mirror) -> None:
    """By kind and status, with how long they took and the rows they wrote; also those of another process,
    but none that ended before the start.
    """
    await mirror.sync("incremental")
    already = mirror.value("SELECT count(*) FROM runs WHERE kind = 'incremental'")
    async with serving(mirror) as running, serving(mirror) as other:
        ended = {"kind": "incremental", "status": "succeeded", "workspace": mirror.sim.team_id}
        before = await until_scraped(running, "run_seconds_count", bool, **ended)
        assert value(before, "run_seconds_sum", **ended) or 0 > 0
        mirror.world.create_task(next(iter(mirror.world.truth()["lists"])), "counted")
        for _ in range(2):
            await mirror.sync("incremental")
        # Both services may have made a sync by their clocks.
        made = "SELECT count(*) AS runs, sum(rows_written) AS rows FROM runs WHERE kind = 'incremental'"
        # A run of the first one's clock may have ended before the second one started.
        await until_scraped(other, "run_seconds_count", lambda count: (count or 0) >= 2, **ended)
        after = await until_scraped(
            running,
            "run_seconds_count",
            lambda count: count == mirror.rows(made)[0]["runs"] - already,
            **ended,
        )
        assert mirror.rows(made)[0]["runs"] >= 3
        # Before it was the first sync, which is of another kind, and one that wrote nothing.
        assert value(after, "rows_written_total", kind="incremental") == mirror.rows(made)[0]["rows"] > 0


async def test_a_run_that_fails_and_one_under_way_are_seen(mirror: Mirror) -> None:
    """A failed one by its status, one that goes on as a number that falls again."""
    async with serving(mirror, request_attempts=1) as running:
        await until(lambda: runs(mirror, "incremental", "timer"))
        mirror.faults.add("error", "/team/*/task", times=1)
        make_due(mirror, "incremental")
        failed = {"kind": "incremental", "status": "failed"}
        await until_scraped(running, "run_seconds_count", bool, **failed)
        await until_scraped(running, "clickup_requests_total", lambda count: count == 1, outcome="failed")
        mirror.sim.desk.latency_ms = 300
        make_due(mirror, "incremental")
        running_now = {"kind": "incremental", "status": "running"}
        await until_scraped(running, "runs_under_way", lambda count: count == 1, **running_now)
        mirror.sim.desk.latency_ms = 0
        await until_scraped(running, "runs_under_way", lambda count: count is None, **running_now)


async def test_requests_to_clickup_are_counted_by_outcome(mirror: Mirror) -> None:
    """What was answered and what met the rate limit, as ClickUp saw it; and the budget, as it says."""
    async with serving(mirror, rate_limit_free_percent=20) as running:
        await until(lambda: runs(mirror, "incremental", "timer"))
        answered = {"outcome": "answered"}
        name = "clickup_requests_total"
        before = await until_scraped(
            running, name, lambda count: count == mirror.sim.requests.total, **answered
        )
        allowed, left = value(before, "clickup_budget_allowed"), value(before, "clickup_budget_left")
        assert allowed == mirror.sim.desk.rate.limit * 0.8
        assert left is not None and 0 <= left < allowed
        mirror.faults.add("rate_limit", "/team/*/task", times=1, amount=1)
        make_due(mirror, "incremental")
        after = await until_scraped(running, name, lambda count: count == 1, outcome="rate_limited")
        assert (value(after, "clickup_requests_total", **answered) or 0) > mirror.sim.requests.total - 5


async def test_a_scrape_asks_clickup_nothing(mirror: Mirror) -> None:
    """However often it is made."""
    async with serving(mirror) as running:
        await until_quiet(mirror)
        mirror.sim.requests.reset()
        for _ in range(20):
            await scrape(running)
        assert mirror.sim.requests.total == 0
        samples = await scrape(running)
    assert value(samples, "api_request_seconds_count", route="/metrics", status="200") == 20


async def test_answers_are_counted_by_template_and_status(mirror: Mirror) -> None:
    """The address itself, which may be anything, makes no new series."""
    async with serving(mirror) as running:
        for path in ("/healthz", "/healthz", "/nowhere/1", "/nowhere/2"):
            await running.get(path)
        samples = await scrape(running)
    count = "api_request_seconds_count"
    assert value(samples, count, route="/healthz", status="200") == 2
    assert value(samples, count, route="(none)", status="404") == 2
    assert not [name for name, labels in samples if "nowhere" in str(labels)]


async def test_freshness_workers_and_token_are_told(mirror: Mirror) -> None:
    """Per stream in seconds, as `status` has it; whether anybody works; whether the token is valid."""
    workspace = mirror.sim.team_id
    async with serving(mirror, token_probe_seconds=2) as running:
        await until(lambda: runs(mirror, "incremental", "timer"))
        async with serving(mirror, worker="none") as other:
            for one in (running, other):
                samples = await scrape(one)
                assert value(samples, "workers") == 1
                assert value(samples, "token_accepted", workspace=workspace) == 1
                for stream in ("tasks", "time", "comments"):
                    age = value(samples, "freshness_seconds", workspace=workspace, stream=stream)
                    assert age is not None and 0 <= age < 86_400, stream
            mirror.faults.add("dead_token", times=None)
            make_due(mirror, "incremental")
            for one in (running, other):
                await until_scraped(one, "token_accepted", lambda accepted: accepted == 0)
    async with serving(mirror, worker="none") as alone:
        assert value(await scrape(alone), "workers") == 0


async def test_jobs_are_counted_by_kind_and_state(mirror: Mirror) -> None:
    """What waits, and for how long."""
    pretend_worker(mirror)
    await mirror.sync("incremental")
    async with serving(mirror, worker="none") as running, client_of(running.url) as client:
        assert (await client.post("/sync/tasks")).status_code == 202
        samples = await scrape(running)
    where = {"workspace": mirror.sim.team_id, "kind": "full"}
    assert value(samples, "jobs", state="waiting", **where) == 1
    age = value(samples, "jobs_oldest_seconds", **where)
    assert age is not None and 0 <= age < 600


async def test_changes_by_others_are_counted(mirror: Mirror) -> None:
    """Rows of mirrored tables that wait to be restored."""
    async with serving(mirror) as running:
        assert value(await scrape(running), "external_changes") == 0
        mirror.edit("UPDATE spaces SET name = 'edited' WHERE ctid = (SELECT ctid FROM spaces LIMIT 1)")
        assert value(await scrape(running), "external_changes") == 1


async def test_pending_objects_are_counted(make_mirror: MakeMirror) -> None:
    """Each object once, and how long the first of them waits."""
    mirror = make_mirror(small_world(1, tasks=5))
    await mirror.sync("incremental")
    async with serving(mirror, worker="none") as running:
        samples = await scrape(running)
        assert value(samples, "webhook_objects_pending") == 0
        assert value(samples, "webhook_objects_oldest_seconds") is None
        mirror.rows(
            "INSERT INTO deliveries (workspace_id, webhook_id, event, subject_kind, subject_id, received_at)"
            " SELECT %s, 'w', 'taskUpdated', 'task', 't' || n %% 3, now() - interval '90 seconds'"
            " FROM generate_series(1, 9) AS n",
            mirror.sim.team_id,
        )
        samples = await scrape(running)
        assert value(samples, "webhook_objects_pending") == 3
        assert 89 < (value(samples, "webhook_objects_oldest_seconds") or 0) < 120


async def test_without_the_database_the_process_still_tells_of_itself(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And that the database is away."""
    monkeypatch.setattr(metrics, "_PATIENCE_SECONDS", 1.0)
    async with serving(mirror) as running:
        await until(lambda: runs(mirror, "incremental", "timer"))
        assert value(await scrape(running), "database_up") == 1
        with mirror.locked("runs"):
            samples = await scrape(running)
        assert value(samples, "database_up") == 0
        assert value(samples, "api_request_seconds_count", route="/metrics") == 1
        assert value(await scrape(running), "database_up") == 1


async def test_openmetrics_is_spoken_to_who_asks_for_it(mirror: Mirror) -> None:
    """Prometheus does; a key of scope read is enough, and one is needed."""
    keys = f"prometheus:read:{READER},x:write:{WRITER}"
    async with serving(mirror, api_keys=keys) as running:
        assert (await running.get("/metrics")).status_code == 401
        asked = {"X-API-Key": READER, "Accept": "application/openmetrics-text; version=1.0.0"}
        async with client_of(running.url) as client:
            answer = await client.get("/metrics", headers=asked)
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    names = {family.name for family in read_openmetrics(answer.text)}
    assert {"clickup_sync_token_accepted", "clickup_sync_clickup_requests"} <= names


def test_numbers_belong_to_an_application() -> None:
    """Two in one process do not count together."""
    one, other = Metrics(), Metrics()
    one.note_request("/x", 200, 0.1)
    assert one.registry.get_sample_value(
        "clickup_sync_api_request_seconds_count", {"route": "/x", "status": "200"}
    )
    assert not other.registry.get_sample_value(
        "clickup_sync_api_request_seconds_count", {"route": "/x", "status": "200"}
    )


def test_what_a_scrape_asks_of_runs_goes_by_an_index(database_url: str) -> None:
    """However many runs are remembered."""
    with connect(database_url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO runs (workspace_id, kind, trigger, status, fence, started_at, ended_at)"
            " SELECT 'w', 'verification', 'timer', 'succeeded', 0, now() - n * interval '20 s',"
            " now() - n * interval '20 s' FROM generate_series(1, 30000) AS n"
        )
        connection.execute("ANALYZE runs")
        for condition in ("ended_at > now() - interval '1 minute'", "ended_at IS NULL"):
            plan = connection.execute(f"EXPLAIN SELECT kind FROM runs WHERE {condition}".encode()).fetchall()
            assert "runs_ended" in str(plan) and "Seq Scan" not in str(plan)
