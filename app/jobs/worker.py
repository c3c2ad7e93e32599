"""The leader's background tasks: queued runs, webhook events, verification, the token's health.

Each task runs until it is cancelled; errors are logged and recorded, and the task is restarted.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from pydantic import SecretStr

from app.context import Context
from app.core.clickup import wire
from app.core.clickup.delivery import UNLISTED, Doorbell
from app.core.errors import ClickUpError, LeaseLost, RunCancelled, SyncError, public_message, root_error
from app.core.sync.cadence import Cadence, full_pass_cadence
from app.core.sync.progress import Silent
from app.core.sync.throttle import Priority
from app.engine.lease import Tenure
from app.engine.run import Kind, Order, open_run
from app.engine.verification import RecentFailures, list_due, verify
from app.jobs.asked_sync import Wish, request_run
from app.jobs.webhook_refetch import answer_doorbells
from app.supabase_db import Row
from app.sync import initial_sync_done, people_synced, sync_here

log = structlog.get_logger()

_LOOK_SECONDS = 0.5
_AGAIN_SECONDS = 2.0
# One change sends several deliveries: so long they are waited for, to be answered by one read.
_GATHER_SECONDS = 0.05
_BELLS_AT_ONCE = 25
_SWEEP_LEAST, _SWEEP_MOST = 20, 500
# A pass over everything at a time, of which the first sync is one.
_PASSES: tuple[Kind, ...] = ("full", "deep")


@dataclass(slots=True)
class Bells:
    """What wakes a duty before its next look."""

    order: asyncio.Event = field(default_factory=asyncio.Event)
    doorbell: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class Holding:
    """A workspace that this service holds.

    `trouble`: the last thing that went wrong, None since a run went well. `failures`: tasks that could not
    be read of late. `passes` is held by a pass over everything. `ringing`: objects that doorbells name
    and that are being read. `crowd`: the run that reads them together where they are too many.
    """

    tenure: Tenure
    bells: Bells
    token: Callable[[], SecretStr]
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    token_dead_since: datetime | None = None
    trouble: str | None = None
    failures: RecentFailures = field(default_factory=RecentFailures)
    passes: asyncio.Lock = field(default_factory=asyncio.Lock)
    ringing: set[str] = field(default_factory=set)
    crowd: UUID | None = None
    named: bool = False
    filled: bool = False

    @property
    def context(self) -> Context:
        """The adapters."""
        return self.tenure.context

    @property
    def workspace_id(self) -> str:
        """The workspace that is held."""
        return self.tenure.workspace_id

    async def people_synced(self) -> bool:
        """Whether the workspace and its people are known, whose zone and names the rows take."""
        self.named = self.named or await people_synced(self.context, self.workspace_id)
        return self.named

    async def initial_sync_done(self) -> bool:
        """Whether the first sync has come to its end."""
        self.filled = self.filled or await initial_sync_done(self.context, self.workspace_id)
        return self.filled

    async def cadence(self) -> Cadence:
        """How often a full pass is made."""
        last = await self.context.database.fetch_one("get_last_full_pass", workspace_id=self.workspace_id)
        return full_pass_cadence(
            timedelta(seconds=self.context.settings.full_sync_interval_seconds),
            last["requests"] if last else None,
            self.context.clickup.throttle.allowed_per_minute,
        )

    async def ask(self, kind: Kind, trigger: str) -> Row:
        """Has a run of this kind made, or joins the one that waits or is under way."""
        row = await request_run(self.context, Wish(self.workspace_id, kind, trigger))
        self.bells.order.set()
        return row

    def went_wrong(self, event: str, error: BaseException) -> None:
        """Tells and keeps what went wrong. Raises LeaseLost on: there is nothing more to do here."""
        cause = root_error(error)
        if isinstance(cause, LeaseLost):
            raise cause
        if isinstance(cause, RunCancelled):
            return
        self.trouble = public_message(cause)
        if isinstance(cause, SyncError):
            log.warning(event, error=str(cause))
        else:
            log.error(event, error=str(cause), exc_info=error)


async def persist(holding: Holding, duty: Callable[[Holding], Awaitable[None]]) -> None:
    """Does a duty for as long as the workspace is held, whatever happens in it."""
    while True:
        try:
            await duty(holding)
        except Exception as error:
            holding.went_wrong("service.duty_failed", error)
        await asyncio.sleep(_AGAIN_SECONDS)


async def do_orders(holding: Holding) -> None:
    """Runs that wait, whoever asked for them: one of a kind at a time, several kinds side by side."""
    begun: set[UUID] = set()
    async with asyncio.TaskGroup() as group:
        while True:
            try:
                await _take_orders(holding, group, begun)
            except SyncError as error:
                holding.went_wrong("service.orders_failed", error)
            await _rung(holding.bells.order)


async def _take_orders(holding: Holding, group: asyncio.TaskGroup, begun: set[UUID]) -> None:
    rows = await holding.context.database.fetch("list_waiting_runs", workspace_id=holding.workspace_id)
    for row in rows:
        if row["run_id"] not in begun:
            begun.add(row["run_id"])
            group.create_task(_do_order(holding, row, begun))


async def _do_order(holding: Holding, row: Row, begun: set[UUID]) -> None:
    try:
        order = await _order(holding, row)
        is_first = order.kind == "changes" and not await holding.initial_sync_done()
        async with holding.passes if is_first or order.kind in _PASSES else nullcontext():
            await sync_here(holding.tenure, order)
        holding.trouble = None
    except Exception as error:
        holding.went_wrong("service.run_failed", error)
    finally:
        begun.discard(row["run_id"])


async def _order(holding: Holding, row: Row) -> Order:
    """What takes long goes behind the changes, whoever asks; else webhooks and people go first.

    Only who asks for a whole pass waits for its comments; otherwise the sweeps take them over.
    """
    trigger, kind = row["trigger"], row["kind"]
    priority = Priority.CHANGES if trigger == "timer" else Priority.ASKED
    if kind in _PASSES or not await holding.initial_sync_done():
        priority = Priority.FULL
    sweeps_follow = kind == "changes" or trigger == "timer"
    return Order(kind, trigger, priority, row["run_id"], sweeps_follow=sweeps_follow)


async def answer_rings(holding: Holding) -> None:
    """Reads what webhooks rang for; a crowd is read from the listing, which costs less than each alone."""
    async with asyncio.TaskGroup() as group:
        while True:
            await _rung(holding.bells.doorbell)
            await asyncio.sleep(_GATHER_SECONDS)
            try:
                await _take_bells(holding, group)
            except SyncError as error:
                holding.went_wrong("service.doorbells_failed", error)


async def _take_bells(holding: Holding, group: asyncio.TaskGroup) -> None:
    room = _BELLS_AT_ONCE - len(holding.ringing)
    if holding.context.clickup.dead or room <= 0 or not await holding.people_synced():
        return
    bells = await _waiting_bells(holding, room + 1)
    if any(bell.is_listed for bell in bells[room:]):
        holding.crowd = (await holding.ask("changes", "webhook"))["run_id"]
        return
    for priority, part in _parts(bells[:room]):
        holding.ringing |= {bell.subject_id for bell in part}
        group.create_task(_answer(holding, priority, part))


async def _waiting_bells(holding: Holding, limit: int) -> list[Doorbell]:
    """While a crowd is read from the listing, only those that no listing shows."""
    await _look_after_crowd(holding)
    rows = await holding.context.database.fetch(
        "list_doorbells",
        workspace_id=holding.workspace_id,
        excluded_ids=list(holding.ringing),
        unlisted_only=holding.crowd is not None,
        unlisted=UNLISTED,
        limit=limit,
    )
    return [Doorbell(**row | {"events": frozenset(row["events"])}) for row in rows]


async def _look_after_crowd(holding: Holding) -> None:
    """What rang before the listing was read is answered by it, once it is read to the end."""
    if holding.crowd is None:
        return
    run = await holding.context.database.fetch_one("get_run", run_id=holding.crowd)
    if run is None or run["ended_at"]:
        holding.crowd = None
    if run and run["status"] == "succeeded":
        await holding.context.database.note(
            "mark_deliveries_overtaken",
            workspace_id=holding.workspace_id,
            before=run["started_at"],
            unlisted=UNLISTED,
        )


def _parts(bells: list[Doorbell]) -> list[tuple[Priority, list[Doorbell]]]:
    """Tasks are few requests each and go first; a place may be many."""
    tasks = [bell for bell in bells if bell.kind == "task"]
    places = [bell for bell in bells if bell.kind != "task"]
    return [(priority, part) for priority, part in ((Priority.ASKED, tasks), (Priority.FULL, places)) if part]


async def _answer(holding: Holding, priority: Priority, bells: list[Doorbell]) -> None:
    try:
        async with open_run(holding.tenure, Order("tasks", "webhook", priority), Silent()) as run:
            await answer_doorbells(run, bells)
    except Exception as error:
        holding.went_wrong("service.doorbells_failed", error)
        await asyncio.sleep(_AGAIN_SECONDS)
    finally:
        holding.ringing -= {bell.subject_id for bell in bells}


async def sweep(holding: Holding) -> None:
    """Spends what is left of the budget on what was read longest ago."""
    while True:
        if holding.context.clickup.dead or not await _sweep_once(holding):
            await asyncio.sleep(_AGAIN_SECONDS)


async def _sweep_once(holding: Holding) -> bool:
    """Whether anything was due; during the first sync nothing is."""
    if not await holding.initial_sync_done():
        return False
    settings = holding.context.settings
    pause = min((await holding.cadence()).every, timedelta(seconds=settings.verify_interval_seconds))
    a_minute = holding.context.clickup.throttle.allowed_per_minute or 0
    limit = min(max(a_minute // 4, _SWEEP_LEAST), _SWEEP_MOST)
    due = await list_due(holding.context, holding.workspace_id, pause, holding.failures, limit)
    if not due:
        return False
    priority = (
        Priority.FULL if due.is_late(timedelta(seconds=settings.verify_interval_seconds)) else Priority.SWEEP
    )
    async with open_run(holding.tenure, Order("verify", "sweep", priority), Silent()) as run:
        try:
            await verify(run, due)
        finally:
            holding.failures.add(run)
    return True


async def watch_token(holding: Holding) -> None:
    """While ClickUp refuses the token, asks now and then whether it lives again or was replaced."""
    clickup = holding.context.clickup
    while True:
        await asyncio.sleep(1)
        if clickup.dead and holding.token_dead_since is None:
            holding.token_dead_since = datetime.now(UTC)
            log.error("token.dead", error=str(clickup.dead))
        if clickup.dead:
            await _probe(holding)


async def _probe(holding: Holding) -> None:
    clickup, before = holding.context.clickup, holding.token()
    for _ in range(holding.context.settings.token_probe_seconds):
        await asyncio.sleep(1)
        if holding.token() != before:
            break
    clickup.revive(holding.token())
    with suppress(ClickUpError):
        await clickup.fetch(wire.user())
    # An answer that fails otherwise says nothing against the token.
    if clickup.dead is None:
        holding.token_dead_since = None
        log.info("token.alive")
        await holding.ask("changes", "timer")


async def _rung(bell: asyncio.Event) -> None:
    """Returns when the bell rings, or when it is time to look: another process may have rung."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_LOOK_SECONDS):
            await bell.wait()
    bell.clear()
