"""`/metrics`, for Prometheus. A scrape asks the database for little, and ClickUp for nothing.

The answers of the API are those of this process, and the freshness is that of the workspace that it serves.
What else is read from the database (runs, jobs, requests to ClickUp) every service on it tells alike.
"""

import asyncio
import time
from collections.abc import Awaitable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder

from app.core.errors import SyncError
from app.http.workspace import service_of
from app.jobs.queue import STALLED_SECONDS
from app.jobs.service import Service
from app.reports import Reports
from app.reports.webhooks import WebhookHealth, WebhookReports
from app.supabase_db import Database, Row

router = APIRouter(tags=["health"])

_PREFIX = "clickup_sync_"
_ANSWER_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_RUN_SECONDS = (0.25, 1, 5, 15, 60, 300, 900, 3_600, 14_400)
_PATIENCE_SECONDS = 5.0
# Counting what was read when goes through all tasks: 0.2 s for 100,000 (measured).
_FRESHNESS_LASTS_SECONDS = 60.0
# A run is seen when its transaction ends, which is later than its `ended_at`.
_LATE = timedelta(minutes=1)
_MOST_RUNS = 5_000
_T = TypeVar("_T")
_Samples = Iterable[tuple[Sequence[str], float]]


@dataclass(frozen=True, slots=True)
class _Mirror:
    """What the database said."""

    workspaces: list[str]
    states: dict[str, Row]
    jobs: list[Row]
    failed_jobs: list[Row]
    workers: int
    unended: list[Row]
    pending: dict[str, Row]
    webhooks: dict[str, WebhookHealth]
    refused: list[tuple[str, Row]]
    external_changes: dict[str, int]


@dataclass(slots=True)
class _EndedRuns:
    """Which of the runs that ended since the start were counted, as far as they may be met again."""

    start: datetime = field(default_factory=lambda: datetime.now(UTC))
    latest: datetime = field(default_factory=lambda: datetime.now(UTC))
    counted: dict[UUID, datetime] = field(default_factory=dict)

    @property
    def since(self) -> datetime:
        """From where on to ask for ended runs."""
        return max(self.start, self.latest - _LATE)

    def new_among(self, rows: list[Row]) -> list[Row]:
        """Those not counted yet, which thereby are."""
        new = [row for row in rows if row["run_id"] not in self.counted]
        self.counted |= {row["run_id"]: row["ended_at"] for row in new}
        self.latest = max([self.latest, *(row["ended_at"] for row in new)])
        self.counted = {run_id: at for run_id, at in self.counted.items() if at > self.since}
        return new


class Metrics:
    """The numbers of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._answers = Histogram(
            f"{_PREFIX}api_request_seconds", "Duration of API answers, in seconds.", ["route", "status"],
            buckets=_ANSWER_SECONDS, registry=self.registry,
        )  # fmt: skip
        self._runs = Histogram(
            f"{_PREFIX}run_seconds", "Duration of runs that ended since this process started, in seconds.",
            ["workspace", "kind", "status"], buckets=_RUN_SECONDS, registry=self.registry,
        )  # fmt: skip
        self._rows = Counter(
            f"{_PREFIX}rows_written",
            "Rows of mirrored data written by runs that ended since the start of this process.",
            ["workspace", "kind"], registry=self.registry,
        )  # fmt: skip
        self._ended = _EndedRuns()
        self._verified_at: dict[tuple[str, str], datetime] = {}
        self._look_again_at = float("-inf")

    def note_request(self, route: str, status: int, seconds: float) -> None:
        """One answer of the API."""
        self._answers.labels(route, str(status)).observe(seconds)

    async def collect(self, service: Service) -> "_Scrape":
        """Everything as it is now; without what the database does not say in time."""
        database = service.database
        mirror = await _in_time(self._read(database))
        if mirror:
            await _in_time(self._look_up_freshness(service))
        families = [*_of_database(mirror), *_of_mirror(mirror), self._freshness()]
        return _Scrape(self.registry, families)

    async def _read(self, database: Database) -> _Mirror:
        async with database.reading() as tx:
            workspaces = [row["workspace_id"] for row in await tx.fetch("list_workspaces")]
            states = {
                one: row
                for one in workspaces
                for row in await tx.fetch("get_workspace_status", workspace_id=one)
            }
            pending = {
                one: (await tx.fetch("count_pending_objects", workspace_id=one))[0] for one in workspaces
            }
            jobs = await tx.fetch("count_jobs", workspace_id=None)
            failed_jobs = await tx.fetch("list_failed_jobs", workspace_id=None)
            workers = len(await tx.fetch("list_live_workers", seconds=STALLED_SECONDS))
            refused = [
                (one, row) for one in workspaces for row in await tx.fetch("count_refusals", workspace_id=one)
            ]
            changes = {
                one: sum(row["total"] for row in await tx.fetch("list_external_changes", workspace_id=one))
                for one in workspaces
            }
            unended = await tx.fetch("count_unended_runs")
            ended = await tx.fetch("list_ended_runs", since=self._ended.since, limit=_MOST_RUNS)
        self._count_runs(ended)
        webhooks = {one: await _webhook(database, one, states.get(one)) for one in workspaces}
        return _Mirror(
            workspaces, states, jobs, failed_jobs, workers, unended, pending, webhooks, refused, changes
        )

    def _count_runs(self, ended: list[Row]) -> None:
        for row in self._ended.new_among(ended):
            self._runs.labels(row["workspace_id"], row["kind"], row["status"]).observe(row["seconds"])
            self._rows.labels(row["workspace_id"], row["kind"]).inc(row["rows_written"])

    async def _look_up_freshness(self, service: Service) -> None:
        workspace_id = service.workspace_id
        if workspace_id is None or time.monotonic() < self._look_again_at:
            return
        self._look_again_at = time.monotonic() + _FRESHNESS_LASTS_SECONDS
        streams = await Reports(service.database).get_freshness(workspace_id)
        self._verified_at = {
            (workspace_id, one.stream): one.verified_at for one in streams if one.verified_at
        }

    def _freshness(self) -> Metric:
        now = datetime.now(UTC)
        return _gauge(
            "freshness_seconds",
            "Age of the oldest row of a stream since it was last checked against ClickUp, in seconds, "
            "updated once a minute. Missing if something was never read.",
            [(key, _age(now, verified_at)) for key, verified_at in self._verified_at.items()],
            ["workspace", "stream"],
        )


@dataclass(frozen=True, slots=True)
class _Scrape:
    """What is kept, and what was read for this scrape."""

    registry: CollectorRegistry
    families: list[Metric]

    def collect(self) -> Iterable[Metric]:
        yield from self.registry.collect()
        yield from self.families


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def metrics(request: Request, service: Annotated[Service, Depends(service_of)]) -> Response:
    """The numbers of this process and of the mirror, in Prometheus' text format."""
    known: Metrics = request.app.state.metrics
    encode, content_type = choose_encoder(request.headers.get("accept", ""))
    return Response(encode(await known.collect(service)), headers={"Content-Type": content_type})


async def _in_time(work: Awaitable[_T]) -> _T | None:
    """What comes of it, or None where the database does not answer."""
    with suppress(SyncError, TimeoutError):
        async with asyncio.timeout(_PATIENCE_SECONDS):
            return await work
    return None


def _of_database(mirror: _Mirror | None) -> list[Metric]:
    """The database itself, and what workers wrote of their work."""
    up = _gauge("database_up", "1 when the database answered this scrape.", [((), mirror is not None)])
    if mirror is None:
        return [up]
    now, states = datetime.now(UTC), mirror.states
    return [
        up,
        _clickup_requests(states),
        _gauge(
            "clickup_budget_left",
            "Requests to ClickUp that could still be sent in the minute of the last answer.",
            _known(states, "requests_left"),
            ["workspace"],
        ),
        _gauge(
            "clickup_budget_allowed",
            "Requests to ClickUp that may be sent in a minute.",
            _known(states, "requests_per_minute"),
            ["workspace"],
        ),
        _gauge(
            "token_accepted",
            "1 unless ClickUp rejected the token when it was asked last.",
            [((key,), row["token_rejected_at"] is None) for key, row in states.items()],
            ["workspace"],
        ),
        _gauge("workers", "Worker processes heard of in the last 30 seconds.", [((), mirror.workers)]),
        _gauge(
            "jobs",
            "Jobs in the queue: scheduled, waiting, running or stalled (their worker ended).",
            [((row["workspace_id"], row["kind"], row["state"]), row["jobs"]) for row in mirror.jobs],
            ["workspace", "kind", "state"],
        ),
        _gauge(
            "failed_jobs",
            "1 for each kind of job that failed and succeeded in no attempt since.",
            [((row["workspace_id"], row["kind"]), 1) for row in mirror.failed_jobs],
            ["workspace", "kind"],
        ),
        _gauge(
            "jobs_oldest_seconds",
            "For how long the oldest job of a kind has waited past its time.",
            [
                ((row["workspace_id"], row["kind"]), _age(now, row["since"]))
                for row in mirror.jobs
                if row["state"] == "waiting"
            ],
            ["workspace", "kind"],
        ),
    ]


def _known(states: dict[str, Row], name: str) -> list[tuple[tuple[str], float]]:
    return [((key,), row[name]) for key, row in states.items() if row[name] is not None]


def _clickup_requests(states: dict[str, Row]) -> Metric:
    family = CounterMetricFamily(
        f"{_PREFIX}clickup_requests",
        "Requests to ClickUp, retries included, as counted after each job; failed: no usable answer.",
        labels=["workspace", "outcome"],
    )
    for workspace_id, row in states.items():
        for outcome in ("answered", "rate_limited", "failed"):
            family.add_metric([workspace_id, outcome], row[f"requests_{outcome}"])
    return family


def _of_mirror(mirror: _Mirror | None) -> list[Metric]:
    if mirror is None:
        return []
    now, pending = datetime.now(UTC), mirror.pending
    return [
        _gauge(
            "runs_under_way",
            "Runs that are waiting or running.",
            [((row["workspace_id"], row["kind"], row["status"]), row["total"]) for row in mirror.unended],
            ["workspace", "kind", "status"],
        ),
        _gauge(
            "webhook_objects_pending",
            "Objects that wait to be read because a webhook event named them.",
            [((workspace,), row["waiting"]) for workspace, row in pending.items()],
            ["workspace"],
        ),
        _gauge(
            "refused_objects",
            "Objects that ClickUp refuses this token.",
            [((key, row["kind"]), row["objects"]) for key, row in mirror.refused],
            ["workspace", "kind"],
        ),
        _gauge(
            "refused_oldest_seconds",
            "Time since the first object was refused, in seconds.",
            [((key, row["kind"]), _age(now, row["since"])) for key, row in mirror.refused],
            ["workspace", "kind"],
        ),
        _gauge(
            "webhook_objects_oldest_seconds",
            "How long the oldest of them waits.",
            [((key,), _age(now, row["oldest"])) for key, row in pending.items() if row["oldest"]],
            ["workspace"],
        ),
        _gauge(
            "external_changes",
            "Rows that another program changed in the database and that no sync has restored yet.",
            [((workspace,), total) for workspace, total in mirror.external_changes.items()],
            ["workspace"],
        ),
        *_of_webhooks(mirror.webhooks),
    ]


async def _webhook(database: Database, workspace_id: str, service: Row | None) -> WebhookHealth:
    public_url = service["public_url"] if service else None
    return await WebhookReports(database).get_health(workspace_id, public_url)


def _of_webhooks(webhooks: dict[str, WebhookHealth]) -> list[Metric]:
    now, used = datetime.now(UTC), {key: one for key, one in webhooks.items() if one.is_used}
    return [
        _gauge(
            "webhook_working",
            "1 if webhook deliveries can arrive, as far as known, else 0. Missing without PUBLIC_URL.",
            [((key,), not one.problems) for key, one in used.items()],
            ["workspace"],
        ),
        _gauge(
            "webhook_problems",
            "1 for each reason why webhook deliveries do not arrive.",
            [((key, code), 1) for key, one in used.items() for code in {each.code for each in one.problems}],
            ["workspace", "problem"],
        ),
        _gauge(
            "webhook_last_delivery_seconds",
            "Time since the last webhook delivery was accepted, in seconds.",
            [((key,), _age(now, one.last_delivery_at)) for key, one in used.items() if one.last_delivery_at],
            ["workspace"],
        ),
        _gauge(
            "webhook_refused_deliveries",
            "Webhook deliveries refused in the last 24 hours.",
            [((key, each.reason), each.last_day) for key, one in webhooks.items() for each in one.refused],
            ["workspace", "reason"],
        ),
    ]


def _gauge(name: str, text: str, samples: _Samples, labels: Sequence[str] = ()) -> Metric:
    family = GaugeMetricFamily(f"{_PREFIX}{name}", text, labels=labels)
    for values, value in samples:
        family.add_metric(values, float(value))
    return family


def _age(now: datetime, then: datetime) -> float:
    return max((now - then).total_seconds(), 0.0)
