"""The service: leads a workspace, or is on standby until its leader ends.

Of all services on one database, one leads the workspace and sends requests to ClickUp; the others store
webhook events and wait. What the leader does is in `jobs.worker`.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import structlog
from pydantic import SecretStr

from app.context import Context
from app.core.answers.day import at_time, day_of
from app.core.errors import LeaseLost, SettingsError, SyncError, TokenRejected, public_message, root_error
from app.core.sync.cadence import is_daily_due, is_due
from app.engine.lease import holder_name, try_hold
from app.engine.lookup_names import find_zone
from app.engine.retention import MANY_PORTIONS, delete_history
from app.engine.run import Kind
from app.jobs.asked_sync import Wish, request_run
from app.jobs.delivery_receiver import DeliveryReceiver
from app.jobs.webhook_registration import tend_webhook
from app.jobs.worker import Bells, Holding, answer_rings, do_orders, persist, sweep, watch_token
from app.reports import Reports
from app.secret_keys import read_secret_keys
from app.supabase_db import Row
from app.sync import find_workspace_id

log = structlog.get_logger()

_STAND_BY_SECONDS = 2.0
_SAY_SECONDS = 3.0
_ZONE_SECONDS = 5.0
_GOODBYE_SECONDS = 2.5
# Statements of a few seconds leave no more marks than this, whatever is written.
_MOST_WRITES = 10_000
_DUTIES = (do_orders, answer_rings, sweep, watch_token)


class Service:
    """One process of the service. `holding` is None while another process has the workspace.

    `blocked_by`: why this one could not hold it when it tried last. `workspace_id`: None until it is known.
    """

    def __init__(self, context: Context, token: Callable[[], SecretStr]) -> None:
        self.context = context
        self.bells = Bells()
        self.receiver = DeliveryReceiver(
            context.database, partial(read_secret_keys, context.settings), self.bells.doorbell
        )
        self.holding: Holding | None = None
        self.blocked_by: str | None = None
        self.workspace_id: str | None = None
        self._zone = ZoneInfo("UTC"), float("-inf")
        self._token = token

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The service at work, until the end; then what is under way is recorded as interrupted."""
        work = [asyncio.create_task(one) for one in (self._stand_by(), self.receiver.write_refusals())]
        try:
            yield
        finally:
            for task in work:
                task.cancel()
            await asyncio.wait(work, timeout=_GOODBYE_SECONDS)

    async def ask_for_changes(self) -> None:
        """It is time for a look at what changed."""
        if holding := self._able():
            await holding.ask("changes", "timer")

    async def ask_for_what_is_due(self) -> None:
        """A full pass, and the daily snapshot, when their time has come."""
        holding = self._able()
        if holding and await _is_full_pass_due(holding):
            await holding.ask("full", "timer")
        # The snapshot asks ClickUp nothing: a token that is refused does not hinder it.
        if (held := self.holding) and await _is_snapshot_due(held, await self.zone()):
            await held.ask("daily", "timer")

    async def order(self, kind: Kind, trigger: str) -> Row | None:
        """The run of this kind that somebody asks for, made or joined; None where no process holds the
        workspace, so that nobody would do it. Where this one does, it hears of it at once.
        """
        workspace_id = self.workspace_id
        if workspace_id is None or not await Reports(self.context.database).runs.is_held(workspace_id):
            return None
        run = await request_run(self.context, Wish(workspace_id, kind, trigger))
        if self.holding:
            self.bells.order.set()
        return run

    async def tend_webhook(self) -> None:
        """Keeps the webhook alive, where ClickUp can reach us."""
        holding, public_url = self._able(), self.context.settings.public_url
        if holding and public_url:
            await tend_webhook(self.context, holding.workspace_id, public_url)

    async def clean_up(self) -> None:
        """Deletes runs and deliveries that are older than HISTORY_DAYS."""
        if holding := self.holding:
            await delete_history(self.context, holding.workspace_id, MANY_PORTIONS)

    async def zone(self) -> ZoneInfo:
        """The zone of days and of the faces, as it was known a moment ago."""
        known, until = self._zone
        if time.monotonic() < until:
            return known
        rows = await self.context.database.ask("get_workspace", workspace_id=self.workspace_id)
        zone = find_zone(self.context.settings, rows[0] if rows else None)
        self._zone = zone, time.monotonic() + _ZONE_SECONDS
        return zone

    async def list_problems(self) -> list[str]:
        """All that speaks against relying on the mirror now; empty when it may be relied upon."""
        if self.workspace_id is None:
            return [self.blocked_by or "the workspace is not known yet"]
        reports, settings = Reports(self.context.database), self.context.settings
        return [*await reports.list_problems(self.workspace_id, settings), *filter(None, [self.blocked_by])]

    def _able(self) -> Holding | None:
        """The workspace, when it is held and ClickUp takes the token."""
        return None if self.context.clickup.dead else self.holding

    async def _stand_by(self) -> None:
        await self._check_secrets()
        while True:
            try:
                workspace_id = await self._workspace_id()
                self.blocked_by = None
                await self._hold_when_free(workspace_id)
            except Exception as error:
                await self._overcome(error)
            await asyncio.sleep(_STAND_BY_SECONDS)

    async def _check_secrets(self) -> None:
        """Says early where a key is missing: deliveries could not be judged."""
        try:
            await self.receiver.check_secrets()
        except SyncError as error:
            log.warning("secret_key.not_checked", error=str(error))

    async def _overcome(self, error: Exception) -> None:
        """Tells what hinders this service from holding a workspace; a refused token is tried again later."""
        cause = root_error(error)
        self.blocked_by = public_message(cause)
        expected = isinstance(cause, SyncError)
        log.warning("service.hindered", error=str(cause), exc_info=None if expected else error)
        if isinstance(cause, TokenRejected):
            await asyncio.sleep(self.context.settings.token_probe_seconds)
            self._take_current_token()

    def _take_current_token(self) -> None:
        """The token as it is set now: it may have been replaced while this one stood by."""
        try:
            self.context.clickup.revive(self._token())
        except SettingsError as error:
            log.warning("token.unreadable", error=str(error))

    async def _workspace_id(self) -> str:
        """As set, or the only workspace of the mirror, or the token's only one: a stand-by asks nobody."""
        known = await self.context.database.fetch("list_workspaces")
        if self.context.settings.clickup_team_id or len(known) != 1:
            self.workspace_id = await find_workspace_id(self.context)
        else:
            self.workspace_id = str(known[0]["workspace_id"])
        return self.workspace_id

    async def _hold_when_free(self, workspace_id: str) -> None:
        if not await self.context.database.fetch("get_free_lease", workspace_id=workspace_id):
            return
        async with try_hold(self.context, workspace_id, serves=True) as tenure:
            if tenure is None:
                return
            self._take_current_token()
            self.holding = Holding(tenure, self.bells, self._token)
            try:
                await self._hold(self.holding)
            finally:
                self.holding = None

    async def _hold(self, holding: Holding) -> None:
        await holding.ask("changes", "timer")
        async with asyncio.TaskGroup() as group:
            for duty in (*_DUTIES, _say_how_it_is):
                group.create_task(persist(holding, duty))
            for errand in (self.tend_webhook, self.ask_for_what_is_due, self.clean_up):
                group.create_task(_attempt(holding, errand))
            await holding.tenure.lost.wait()
            raise LeaseLost(f"workspace {holding.workspace_id} was taken over by another process")


async def _attempt(holding: Holding, errand: Callable[[], Awaitable[None]]) -> None:
    try:
        await errand()
    except Exception as error:
        holding.went_wrong("service.errand_failed", error)


async def _is_full_pass_due(holding: Holding) -> bool:
    """The first sync is one; until it has come to its end none is due."""
    last = await holding.context.database.fetch_one("get_last_comparison", workspace_id=holding.workspace_id)
    return last is not None and is_due(datetime.now(UTC), last["started_at"], (await holding.cadence()).every)


async def _is_snapshot_due(holding: Holding, zone: ZoneInfo) -> bool:
    """One that failed is due again: only the day itself can be reported on."""
    context, now = holding.context, datetime.now(UTC)
    last = await context.database.fetch_one("get_last_snapshot_start", workspace_id=holding.workspace_id)
    at = at_time(day_of(now, zone), context.settings.daily_sync_at, zone)
    return is_daily_due(now, at, last["started_at"] if last else None)


async def _say_how_it_is(holding: Holding) -> None:
    """Writes for other processes what this one knows of itself."""
    clickup, settings = holding.context.clickup, holding.context.settings
    while True:
        await holding.tenure.interrupt_orphaned_runs()
        await holding.context.database.note("delete_old_writes", limit=_MOST_WRITES)
        cadence = await holding.cadence()
        await holding.context.database.note(
            "upsert_service",
            workspace_id=holding.workspace_id,
            holder=holder_name(),
            started_at=holding.started_at,
            token_dead_since=holding.token_dead_since,
            token_error=str(clickup.dead) if clickup.dead else None,
            requests_a_minute=clickup.throttle.allowed_per_minute,
            requests_left=clickup.spare,
            changes_every=timedelta(seconds=settings.sync_interval_seconds),
            full_pass_every=cadence.every,
            full_pass_reason=cadence.reason,
            trouble=holding.trouble,
            public_url=settings.public_url,
        )
        await asyncio.sleep(_SAY_SECONDS)
