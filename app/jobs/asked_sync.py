"""Requests a sync: run in this process if no other one leads the workspace, else queued for its leader.

Only one run of a kind is queued or running at a time: a second request follows it.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from app.context import Context
from app.core.errors import LeaseBusy, SyncError
from app.core.sync.progress import Progress, Silent
from app.engine.lease import try_hold
from app.engine.retention import delete_history
from app.engine.run import Kind, Order
from app.supabase_db import Row
from app.sync import RunReport, sync_here

_PATIENCE = timedelta(seconds=45)
_LOOK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Wish:
    """The sync that is asked for. `max_deleted_percent` None leaves it to whoever does it."""

    workspace_id: str
    kind: Kind
    trigger: str
    max_deleted_percent: int | None = None


async def sync_workspace(context: Context, wish: Wish, progress: Progress | None = None) -> RunReport:
    """One sync, here or by the service that holds the workspace; follows it to its end.

    Raises the error that ended it, and LeaseBusy when a process that takes no orders does not end.
    """
    asking = _Asking(context, wish, progress or Silent())
    try:
        while True:
            report = await asking.look() or await asking.do_here()
            if report:
                return report
            await asking.join()
            await asyncio.sleep(_LOOK_SECONDS)
    finally:
        await asking.withdraw()


async def request_run(context: Context, wish: Wish) -> Row:
    """The run of this kind that waits or is under way, made to wait where there is none.

    Keys: run_id, status, max_deleted_percent, is_new.
    """
    what = {"workspace_id": wish.workspace_id, "kind": wish.kind}
    how = {"trigger": wish.trigger, "max_deleted_percent": wish.max_deleted_percent}
    while True:
        made = await context.database.fetch_one("request_run", **what, **how)
        row = made or await context.database.fetch_one("get_unended_run", **what)
        if row:
            return row | {"is_new": made is not None}


@dataclass(slots=True)
class _Asking:
    """`run`: the run that does what is wished, once it is known."""

    context: Context
    wish: Wish
    progress: Progress
    run: Row | None = None
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    _told: dict[str, int] = field(default_factory=dict)

    async def do_here(self) -> RunReport | None:
        """Does it under a lease of this process; None while another has it, or another wish was first."""
        async with try_hold(self.context, self.wish.workspace_id, serves=False) as tenure:
            if tenure is None:
                return None
            run = await request_run(self.context, self.wish)
            order = Order(self.wish.kind, self.wish.trigger, run_id=run["run_id"])
            try:
                report = await sync_here(tenure, order, self.progress)
            finally:
                # Where no service runs, nobody else does it; also when no sync succeeds for months.
                await delete_history(self.context, self.wish.workspace_id)
            return report if self._fulfils(run) else None

    async def look(self) -> RunReport | None:
        """How the run stands that another process does, or should do; its report when it is done."""
        row = await self._stored(self.run["run_id"]) if self.run else None
        if row is None or row["status"] == "waiting":
            await self._wait()
            return None
        if row["status"] == "interrupted":
            self.run = None  # its process ended: ask anew
        if row["status"] == "failed":
            raise SyncError(row["error"])
        self._show(row["progress"])
        return _report(row) if row["status"] == "succeeded" else None

    async def join(self) -> None:
        """Has another process do it, or waits for one that does it already."""
        if self.run is None:
            run = await request_run(self.context, self.wish)
            self.run = run if self._fulfils(run) else None
            what = "another sync" if run["status"] == "waiting" else f"the {self.wish.kind} sync under way"
            self.progress.begin(f"waiting for {what}", None)

    async def withdraw(self) -> None:
        """Nobody needs the run any more that waits since this was asked."""
        if self.run and self.run["is_new"]:
            await self.context.database.note("withdraw_run", run_id=self.run["run_id"])

    def _fulfils(self, run: Row) -> bool:
        return self.wish.max_deleted_percent in (None, run["max_deleted_percent"])

    async def _stored(self, run_id: UUID) -> Row | None:
        return await self.context.database.fetch_one("get_run", run_id=run_id)

    async def _wait(self) -> None:
        held = await self.context.database.fetch_one("get_lease", workspace_id=self.wish.workspace_id)
        if held and not held["serves"] and datetime.now(UTC) - self.since > _PATIENCE:
            raise LeaseBusy(
                f"workspace {self.wish.workspace_id} is being synced by {held['holder']}; "
                f"`clickup-sync status` shows how far it is"
            )

    def _show(self, stages: dict[str, Any]) -> None:
        for stage, (done, total) in stages.items():
            if stage not in self._told:
                self.progress.begin(stage, total)
            self.progress.advance(stage, done - self._told.get(stage, 0))
            self._told[stage] = done


def _report(row: Row) -> RunReport:
    return RunReport(
        run_id=str(row["run_id"]),
        workspace_id=row["workspace_id"],
        kind=row["kind"],
        seconds=round((row["ended_at"] - row["started_at"]).total_seconds(), 3),
        requests=row["requests"],
        rows_written=row["rows_written"],
        counts=row["counts"],
        notes=row["notes"],
    )
