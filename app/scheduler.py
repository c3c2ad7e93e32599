"""The clock: has work begun at intervals; it does no work itself."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from app.core.errors import SyncError

log = structlog.get_logger()

Work = Callable[[], Awaitable[None]]


@asynccontextmanager
async def ticking(works: Mapping[Work, float]) -> AsyncIterator[None]:
    """Begins each work at its interval, in seconds, until the end; never twice at a time."""
    scheduler = AsyncIOScheduler(timezone="UTC")
    for work, seconds in works.items():
        # A tick that comes late, or while the last one is still at work, is as good as the next one.
        scheduler.add_job(
            _attempt, IntervalTrigger(seconds=seconds), args=[work], max_instances=1, coalesce=True,
            misfire_grace_time=None,
        )  # fmt: skip
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)


async def _attempt(work: Work) -> None:
    try:
        await work()
    except asyncio.CancelledError:
        # The clock ends in the middle of a tick, which APScheduler would log as an error.
        log.debug("scheduler.cancelled", work=work.__name__)
    except SyncError as error:
        log.warning("scheduler.failed", work=work.__name__, error=str(error))
