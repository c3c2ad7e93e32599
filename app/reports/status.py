"""Sync status: what it holds, how fresh each part is, and current problems."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from app.config import Settings
from app.core.errors import DatabaseDown
from app.core.sync.cadence import round_minutes
from app.core.sync.refusal import objects_of
from app.reports.attention import AttentionReports
from app.reports.comments import CommentReports
from app.reports.daily import DailyReports
from app.reports.digest import DigestReports
from app.reports.lookup import Lookup
from app.reports.people import PeopleReports
from app.reports.places import PlaceReports
from app.reports.progress import ProgressReports
from app.reports.runs import RunReports
from app.reports.sql import SqlReports
from app.reports.structure import StructureReports
from app.reports.sync_status import NOT_ENDED, SyncStatusReports, patience, service_problems
from app.reports.tasks import TaskReports
from app.reports.time import TimeReports
from app.reports.webhooks import LOOKS, WEBHOOK_QUERIES, WebhookHealth, WebhookReports, judge_webhook
from app.reports.workload import WorkloadReports
from app.supabase_db import Database, Row

_PACE_WINDOW_MINUTES = 15
# What is asked to say how fresh each stream is, and besides for a status.
_FRESHNESS = (
    "get_workspace_status", "list_streams", "count_comment_backlog", "get_last_comparison", "count_own_time",
)  # fmt: skip
_HEALTH = (
    *WEBHOOK_QUERIES,
    "count_pending_objects",
    "list_recent_runs",
    "list_skipped",
    "count_refusals",
    "list_external_changes",
    "get_last_restoration",
)


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old the oldest verified row of a stream is, and when all will have been verified again.

    `verified_at` is None where something was never read, `next_full_verification_at` where nobody is reading.
    """

    stream: str
    verified_at: datetime | None
    next_full_verification_at: datetime | None
    unread: int = 0


@dataclass(frozen=True, slots=True)
class Refused:
    """What ClickUp refuses this token, by kind. `what`: in words, with its number.

    `since`: when the first was refused; `retry_at`: when the next is asked for again; `is_many`: so many at
    once that it may be an outage.
    """

    kind: str
    what: str
    objects: int
    since: datetime
    retry_at: datetime
    reason: str
    is_many: bool


@dataclass(frozen=True, slots=True)
class WorkspaceStatus:
    """One workspace as the mirror knows it; instants are aware and in UTC.

    `external_changes`: rows that others changed and that wait to be restored, by table. `restoration`: the
    latest run that restored some.
    """

    workspace: Row
    counts: Row
    streams: list[Row]
    freshness: list[Freshness]
    comments: Row
    service: Row | None
    webhooks: list[Row]
    webhook_health: WebhookHealth
    doorbells: Row
    runs: list[Row]
    skipped: list[Row]
    refused: list[Refused]
    external_changes: list[Row]
    restoration: Row | None
    troubles: list[str]


class Reports:
    """Answers from the mirror, never from ClickUp."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.tasks = TaskReports(database)
        self.people = PeopleReports(database)
        self.time = TimeReports(database)
        self.comments = CommentReports(database)
        self.places = PlaceReports(database)
        self.structure = StructureReports(database)
        self.runs = RunReports(database)
        self.daily = DailyReports(database)
        self.sql = SqlReports(database)
        self.standing = SyncStatusReports(database)
        self.webhooks = WebhookReports(database)
        self.attention = AttentionReports(database)
        self.workload = WorkloadReports(database, self.time)
        self.progress = ProgressReports(database, self.time)
        self.lookup = Lookup(database, self.tasks, self.places, self.structure)
        self.digest = DigestReports(database, self.attention, self.progress, self.time, self.comments)

    async def get_status(self, *, runs: int = 5, skipped: int = 10) -> list[WorkspaceStatus]:
        """Last runs, counts, freshness and skipped objects of every workspace in the mirror."""
        return [await self._status(one, runs, skipped) for one in await self.list_workspaces()]

    async def get_status_of(
        self, workspace_id: str, *, runs: int = 5, skipped: int = 10, counted: bool = True
    ) -> WorkspaceStatus | None:
        """The same of one workspace; None while nothing of it is here. `counted`: with how much there is."""
        known = [one for one in await self.list_workspaces() if one["workspace_id"] == workspace_id]
        return await self._status(known[0], runs, skipped, counted=counted) if known else None

    async def list_workspaces(self) -> list[Row]:
        """Every workspace that is mirrored, or that a service is trying to mirror; by name."""
        return await self._database.ask("list_workspaces")

    async def get_freshness(self, workspace_id: str) -> list[Freshness]:
        """How old the oldest verified row of each stream is."""
        return _freshness(await self._ask_all(_FRESHNESS, workspace_id=workspace_id))

    async def list_refused(self, workspace_id: str) -> list[Refused]:
        """What ClickUp refuses this token, by kind."""
        return _refused(await self._database.ask("count_refusals", workspace_id=workspace_id))

    async def count_mirror(self, workspace_id: str) -> Row:
        """How much the mirror holds, by kind."""
        return await self._one("count_mirror", workspace_id=workspace_id)

    async def get_telling_task(self, workspace_id: str) -> Row | None:
        """A task with sessions, people and a waiting comment, if there is one."""
        return await self._first("get_telling_task", workspace_id=workspace_id)

    async def list_problems(self, workspace_id: str, settings: Settings) -> list[str]:
        """All that speaks against relying on the mirror while a service should keep it."""
        try:
            return await self._troubles(workspace_id, settings)
        except DatabaseDown:
            # Everybody may ask this: what the driver says names hosts and users, and stands in the log.
            return ["the database does not answer"]

    async def _troubles(self, workspace_id: str, settings: Settings) -> list[str]:
        service = await self._first("get_workspace_status", workspace_id=workspace_id)
        last = await self._one("get_last_good_sync", workspace_id=workspace_id)
        return [*service_problems(service), *_age_troubles(last, patience(settings))]

    async def _status(
        self, workspace: Row, runs: int, skipped: int, *, counted: bool = True
    ) -> WorkspaceStatus:
        queries = [*_FRESHNESS, *_HEALTH, *(["count_mirror"] if counted else [])]
        found = await self._ask_all(
            queries, workspace_id=workspace["workspace_id"], runs=runs, skipped=skipped, looks=LOOKS
        )
        service = _first(found["get_workspace_status"])
        return WorkspaceStatus(
            workspace=workspace,
            counts=found["count_mirror"][0] if counted else {},
            streams=found["list_streams"],
            freshness=_freshness(found),
            comments=found["count_comment_backlog"][0],
            service=service,
            webhooks=found["list_webhook_health"],
            webhook_health=judge_webhook(found, service["public_url"] if service else None),
            doorbells=found["count_pending_objects"][0],
            runs=found["list_recent_runs"],
            skipped=found["list_skipped"],
            refused=_refused(found["count_refusals"]),
            external_changes=found["list_external_changes"],
            restoration=_first(found["get_last_restoration"]),
            troubles=service_problems(service),
        )

    async def _ask_all(self, queries: Sequence[str], **params: Any) -> dict[str, list[Row]]:
        """The rows of each, asked side by side."""
        answers = await asyncio.gather(*(self._database.ask(query, **params) for query in queries))
        return dict(zip(queries, answers, strict=True))

    async def _one(self, query: str, **params: Any) -> Row:
        return (await self._database.ask(query, **params))[0]

    async def _first(self, query: str, **params: Any) -> Row | None:
        return _first(await self._database.ask(query, **params))


def _first(rows: list[Row]) -> Row | None:
    return rows[0] if rows else None


def _refused(rows: list[Row]) -> list[Refused]:
    return [Refused(what=objects_of(row["kind"], row["objects"]), **row) for row in rows]


def _freshness(found: dict[str, list[Row]]) -> list[Freshness]:
    service, last = _first(found["get_workspace_status"]), _first(found["get_last_comparison"])
    compared = _compared(found["list_streams"], service, last["started_at"] if last else None)
    return [*compared, *_swept(found["count_comment_backlog"][0], found["count_own_time"][0], service)]


def _compared(streams: list[Row], service: Row | None, last: datetime | None) -> list[Freshness]:
    """What every full pass compares whole: verified when the last one began, again at the next."""
    running = service if service and service["is_running"] else None
    next_at = last + running["full_interval"] if running and last else None
    return [Freshness(row["stream"], row["complete_at"], next_at) for row in streams]


def _swept(comments: Row, own_time: Row, service: Row | None) -> list[Freshness]:
    """What is read task by task, at the pace of late."""
    running = service if service and service["is_running"] else None
    return [
        Freshness(
            stream=stream,
            verified_at=None if row["never_read"] else row["oldest_read_at"],
            next_full_verification_at=_round_at(row, running) if running else None,
            unread=row["never_read"],
        )
        for stream, row in (("comments", comments), ("time read by task", own_time))
        if row["tasks"]
    ]


def _round_at(row: Row, service: Row) -> datetime | None:
    """When all will have been read: of a round just made, after a pause; else as the pace of late tells."""
    now, oldest = datetime.now(UTC), row["oldest_read_at"]
    if row["read_recently"] == row["tasks"]:
        return max(oldest + service["full_interval"], now) if oldest else None
    at_work = min((now - service["started_at"]).total_seconds() / 60, _PACE_WINDOW_MINUTES)
    minutes = round_minutes(row["never_read"] or row["tasks"], row["read_recently"] / max(at_work, 0.1))
    return None if minutes is None else now + timedelta(minutes=minutes)


def _age_troubles(last: Row, longest: timedelta) -> list[str]:
    if not last["is_complete"]:
        return [NOT_ENDED]
    if last["started_at"] is None:
        return ["no sync succeeded"]
    age = datetime.now(UTC) - last["started_at"]
    return [f"no sync succeeded for {age.total_seconds() / 60:.0f} minutes"] if age > longest else []
