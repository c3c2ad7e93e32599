"""What the interfaces over HTTP know of the work: which workspace is mirrored, and how to have a sync made.

Workers do the work, in processes of their own.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from zoneinfo import ZoneInfo

import structlog

from app.adapters.secret_keys import read_secret_keys
from app.config import Settings
from app.core.answers.access import Limits
from app.core.errors import SyncError, public_message
from app.core.sync.run_kind import RequestableKind
from app.engine.lookup_names import find_zone
from app.jobs.connections import list_connections
from app.jobs.delivery_receiver import DeliveryReceiver
from app.jobs.queue import JobQueue
from app.jobs.requests import RequestedRun, SyncRequest, request_run
from app.jobs.workspace_token import NO_WORKSPACE
from app.reports import Reports
from app.supabase_db import Database

log = structlog.get_logger()

_LOOK_SECONDS = 0.5
_ZONE_SECONDS = 5.0
_GOODBYE_SECONDS = 2.5
# What is said of settings may name other workspaces, and what ClickUp says of their tokens.
_BLOCKED = "no worker can sync the workspace; the reason is in the log of the workers"


class Service:
    """One process that answers over HTTP. `workspace_id`: None until it is known.

    `blocked_by`: what kept a worker from finding out which workspace it is. It is answered by `blocked_for`.
    """

    def __init__(self, settings: Settings, database: Database, jobs: JobQueue) -> None:
        self.settings, self.database, self.jobs = settings, database, jobs
        self.receiver = DeliveryReceiver(
            database, partial(read_secret_keys, settings), jobs, keeps_history=settings.history == "on"
        )
        self.blocked_by: str | None = None
        self.workspace_id: str | None = settings.clickup_team_id
        self._zone = ZoneInfo("UTC"), float("-inf")

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keeps looking what workers say, and counts refused deliveries, until the end."""
        await self._check_secrets()
        await self._look()
        work = [asyncio.create_task(one) for one in (self._keep_looking(), self.receiver.write_refusals())]
        try:
            yield
        finally:
            for task in work:
                task.cancel()
            await asyncio.wait(work, timeout=_GOODBYE_SECONDS)

    async def request(
        self, kind: RequestableKind, trigger: str, workspace_id: str | None = None
    ) -> RequestedRun | None:
        """The run of this kind that somebody asks for, made or joined; None where no worker would do it.

        Without a `workspace_id` of the workspace that this service answers for.
        """
        chosen = workspace_id or self.workspace_id
        if chosen is None or not await self.jobs.has_worker():
            return None
        return await request_run(self.jobs, SyncRequest(chosen, kind, trigger))

    async def zone(self) -> ZoneInfo:
        """The zone of days and instants, as it was known a moment ago."""
        known, until = self._zone
        if time.monotonic() < until:
            return known
        rows = await self.database.ask("get_workspace", workspace_id=self.workspace_id)
        zone = find_zone(self.settings, rows[0] if rows else None)
        self._zone = zone, time.monotonic() + _ZONE_SECONDS
        return zone

    def blocked_for(self, reader: Limits | None) -> str | None:
        """`blocked_by`, in general words for a reader who may not see every workspace (None: a stranger)."""
        sees_all = reader is not None and not reader.is_set
        return self.blocked_by if sees_all or not self.blocked_by else _BLOCKED

    async def list_problems(self, reader: Limits | None, workspace_id: str | None = None) -> list[str]:
        """All that speaks against relying on the mirror now, as `reader` may know it (None: a stranger);
        empty when it may be relied upon.

        Without a `workspace_id` of the workspace that this service answers for.
        """
        chosen, blocked_by = workspace_id or self.workspace_id, self.blocked_for(reader)
        if chosen is None:
            return [blocked_by or "the workspace is not known yet"]
        may_see = reader is not None and reader.allows_workspace(chosen)
        problems = await Reports(self.database).list_problems(chosen, self.settings, in_full=may_see)
        return [*problems, *filter(None, [blocked_by])]

    async def _keep_looking(self) -> None:
        while True:
            is_well = self.workspace_id and not self.blocked_by
            await asyncio.sleep(_ZONE_SECONDS if is_well else _LOOK_SECONDS)
            await self._look()

    async def _look(self) -> None:
        """As set, or the only workspace of the mirror; what keeps workers from working."""
        try:
            if self.workspace_id is None:
                known = await self.database.ask("list_workspaces")
                self.workspace_id = str(known[0]["workspace_id"]) if len(known) == 1 else None
            workers = await self.jobs.list_workers()
            errors = [worker["error"] for worker in workers]
            self.blocked_by = errors[-1] if errors and all(errors) else await self._reason_of_rest()
        except SyncError as error:
            self.blocked_by = public_message(error)

    async def _reason_of_rest(self) -> str | None:
        """Why workers have nothing to sync; None where they have."""
        if self.workspace_id or self.settings.clickup_api_token:
            return None
        return None if await list_connections(self.database, self.settings) else NO_WORKSPACE

    async def _check_secrets(self) -> None:
        """Says early where a key is missing: deliveries could not be judged."""
        try:
            await self.receiver.check_secrets()
        except SyncError as error:
            log.warning("secret_key.not_checked", error=str(error))
