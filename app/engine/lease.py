"""The lease on a workspace with its heartbeat; any number of runs write under it.

One process has the lease at a time. If it is killed, the lease expires and another process acquires it; what
the first one still tries to write is refused, because the fence number is higher now.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import structlog

from app.context import Context
from app.core.errors import DatabaseDown, LeaseLost
from app.supabase_db import Lease, Transaction

log = structlog.get_logger()

LEASE_TTL = timedelta(seconds=30)
_HEARTBEAT_SECONDS = 8


def holder_name() -> str:
    """How other processes read in the lease whose it is."""
    return f"{socket.gethostname()}:{os.getpid()}"


@dataclass(slots=True)
class Tenure:
    """The right to write one workspace. `lost` is set when another process has taken it over.

    `under_way` are the runs that write under it now.
    """

    context: Context
    lease: Lease
    lost: asyncio.Event = field(default_factory=asyncio.Event)
    under_way: set[UUID] = field(default_factory=set)
    _writing: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def workspace_id(self) -> str:
        """The workspace that is held."""
        return self.lease.workspace_id

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """A transaction under the lease. Raises LeaseLost before anything is written without right.

        One at a time: two that touch the same rows in another order would wait for each other.
        """
        try:
            async with self._writing, self.context.database.transaction(self.lease) as tx:
                yield tx
        except LeaseLost:
            self.lost.set()
            raise

    async def interrupt_orphaned_runs(self) -> None:
        """Records as interrupted what says that it runs, and does not: its process was killed, or its
        end could not be written because the database was away.
        """
        async with self.transaction() as tx:
            await tx.note(
                "interrupt_runs",
                workspace_id=self.workspace_id,
                fence=self.lease.fence,
                under_way=list(self.under_way),
            )


@asynccontextmanager
async def try_hold(context: Context, workspace_id: str, *, serves: bool) -> AsyncIterator[Tenure | None]:
    """The workspace, held until the end, or None while another process holds it.

    `serves`: the holder does what other processes ask for. Runs of a holder that was killed are
    recorded as interrupted.
    """
    lease = await context.database.take_lease(workspace_id, holder_name(), LEASE_TTL, serves=serves)
    if lease is None:
        yield None
        return
    tenure = Tenure(context, lease)
    heartbeat = asyncio.create_task(_keep(tenure))
    try:
        await tenure.interrupt_orphaned_runs()
        log.info("lease.taken", workspace_id=workspace_id, fence=lease.fence)
        yield tenure
    finally:
        heartbeat.cancel()
        with suppress(DatabaseDown):
            await context.database.note("release_lease", workspace_id=workspace_id, fence=lease.fence)


async def _keep(tenure: Tenure) -> None:
    while not tenure.lost.is_set():
        await asyncio.sleep(_HEARTBEAT_SECONDS)
        with suppress(DatabaseDown):
            kept = await tenure.context.database.fetch(
                "keep_lease", workspace_id=tenure.workspace_id, fence=tenure.lease.fence, ttl=LEASE_TTL
            )
            if not kept:
                log.warning("lease.lost", workspace_id=tenure.workspace_id)
                tenure.lost.set()
