"""What the clock has done: each kind of job of each workspace when its time has come.

Any number of clocks may run: what is due is taken by one of them.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog

from app.config import Settings
from app.core.answers.day import at_time, day_of
from app.core.errors import SyncError
from app.core.sync.cadence import is_daily_due, is_due
from app.core.sync.run_kind import JobName
from app.engine.lookup_names import find_zone
from app.jobs.kinds import Job
from app.jobs.queue import JobQueue
from app.jobs.runner import find_due
from app.jobs.workspaces import Workspace, Workspaces
from app.sql.connection import as_json
from app.supabase_db import Row

log = structlog.get_logger()

_RETENTION_SECONDS = 6 * 3_600
_MOST_AT_ONCE = 500
# Of many workspaces that begin together.
_APART = timedelta(milliseconds=50)
# Without a valid token these are done all the same: they ask ClickUp nothing, or whether it takes the token.
_NEEDS_NO_TOKEN: tuple[JobName, ...] = ("snapshot", "retention", "token_check")


def intervals(settings: Settings) -> dict[JobName, timedelta]:
    """How often it is looked whether a job of each kind is due."""
    looks = min(max(settings.full_sync_interval_seconds // 10, 1), 30)
    verify = min(max(settings.verify_interval_seconds // 10, 1), 30)
    seconds: dict[JobName, int] = {
        "incremental": settings.sync_interval_seconds,
        "full": looks,
        "snapshot": looks,
        "verification": verify,
        "token_check": settings.token_probe_seconds,
        "retention": _RETENTION_SECONDS,
    }
    if settings.public_url:
        seconds["webhook_check"] = settings.webhook_check_seconds
    return {kind: timedelta(seconds=each) for kind, each in seconds.items()}


@dataclass(frozen=True, slots=True)
class ScheduleFacts:
    """What decides which jobs a workspace needs; see the query `list_schedule_facts`."""

    workspace_id: str
    owner_time_zone: str | None
    full_pass_requests: int | None
    is_token_rejected: bool
    is_filled: bool
    compared_at: datetime | None
    snapshot_at: datetime | None
    is_verifying: bool
    is_in_pass: bool


@dataclass(slots=True)
class Schedule:
    """The schedules of one worker's workspaces."""

    jobs: JobQueue
    workspaces: Workspaces
    settings: Settings
    scheduled: set[str] = field(default_factory=set)

    async def begin(self) -> None:
        """Schedules the workspaces that are new to this worker, and a look at each of them soon.

        Raises SyncError.
        """
        new = set(await self.workspaces.list()) - self.scheduled
        if not new:
            return
        await self.jobs.database.note(
            "insert_schedules", workspace_ids=sorted(new), kinds=list(intervals(self.settings)), apart=_APART
        )
        self.scheduled |= new

    async def defer_due(self) -> None:
        """Defers the jobs whose time has come. Raises SyncError.

        A clock that is killed between taking a row and deferring its job leaves that to the row's next time.
        """
        await self.begin()
        workspace_ids = await self.workspaces.list()
        self.scheduled &= set(workspace_ids)
        async with self.jobs.database.transaction() as tx:
            due = await tx.fetch("take_due_schedules", workspace_ids=workspace_ids, limit=_MOST_AT_ONCE)
            if due:
                await tx.note("set_due_at", rows=as_json(self._next(row) for row in due))
        if not due:
            return
        try:
            await self._defer(due)
        except SyncError:
            # None of them was deferred: the next tick takes them again, not the next interval.
            with suppress(SyncError):
                await self.jobs.database.note("set_due_at", rows=as_json(map(_as_taken, due)))
            raise

    async def _defer(self, due: list[Row]) -> None:
        """Asks once for all that decides, so that many workspaces cost no more questions than one."""
        rows = await self.jobs.database.ask(
            "list_schedule_facts", workspace_ids=sorted({row["workspace_id"] for row in due})
        )
        known = {row["workspace_id"]: ScheduleFacts(**row) for row in rows}
        jobs = list[Job]()
        for row in due:
            facts, workspace = known[row["workspace_id"]], self.workspaces.find(row["workspace_id"])
            # Whoever has a connection asks for no other one: what is verified is found out in between.
            if workspace and (job := await self._job(row["kind"], workspace, facts)):
                jobs.append(job)
        if jobs:
            async with self.jobs.database.transaction() as tx:
                await self.jobs.defer_all(jobs, tx)

    async def defer_left(self) -> None:
        """Defers what waits without a job: a process ended between a request, or a delivery, and its job."""
        database, workspace_ids = self.jobs.database, await self.workspaces.list()
        left = await database.ask("list_runs_without_job")
        unread = await database.ask("list_unread_deliveries", workspace_ids=workspace_ids)
        jobs = [Job(row["kind"], row["workspace_id"], row["trigger"]) for row in left]
        jobs += [Job("webhook_refetch", row["workspace_id"]) for row in unread]
        if jobs:
            async with database.transaction() as tx:
                await self.jobs.defer_all(jobs, tx)

    def _next(self, row: Row) -> dict[str, str | datetime]:
        """When it is due again: by the beat of its interval, however late this one is."""
        every = intervals(self.settings).get(row["kind"], timedelta(days=1))
        return {
            "workspace_id": row["workspace_id"],
            "kind": row["kind"],
            "due_at": max(row["due_at"] + every, row["now"] + every / 2),
        }

    async def _job(self, kind: JobName, workspace: Workspace, facts: ScheduleFacts) -> Job | None:
        if kind not in intervals(self.settings) or (facts.is_token_rejected and kind not in _NEEDS_NO_TOKEN):
            return None
        now, settings = datetime.now(UTC), workspace.context.settings
        match kind:
            case "incremental":
                if not facts.is_filled:
                    # A first sync that is under way defers its next part itself.
                    return None if facts.is_in_pass else Job("first", workspace.workspace_id)
                wanted = True
            case "full":
                # The first sync is one; until it has come to its end none is due.
                every = workspace.cadence(facts.full_pass_requests).every
                wanted = facts.is_filled and is_due(now, facts.compared_at, every)
            case "snapshot":
                # One that failed is due again: only the day itself can be reported on.
                zone = find_zone(settings, {"owner_time_zone": facts.owner_time_zone})
                at = at_time(day_of(now, zone), settings.daily_sync_at, zone)
                wanted = is_daily_due(now, at, facts.snapshot_at)
            case "verification":
                wanted = facts.is_filled and not facts.is_verifying and bool(await find_due(workspace))
            case "token_check":
                wanted = facts.is_token_rejected
            case _:
                wanted = True
        return Job(kind, workspace.workspace_id) if wanted else None


def _as_taken(row: Row) -> dict[str, str | datetime]:
    return {name: row[name] for name in ("workspace_id", "kind", "due_at")}
