"""The timer: requests runs and checks at intervals; it does no work itself."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from app.config import Settings
from app.core.errors import SyncError
from app.jobs.service import Service

log = structlog.get_logger()

_CLEAN_UP_SECONDS = 6 * 3_600


@asynccontextmanager
async def ticking(service: Service, settings: Settings) -> AsyncIterator[None]:
    """Rings for changes, for what is due, for the webhook's health and for cleaning up, until the end."""
    scheduler = AsyncIOScheduler(timezone="UTC")
    for work, seconds in (
        (service.ask_for_changes, settings.sync_interval_seconds),
        (service.ask_for_what_is_due, _look_for_due_seconds(settings)),
        (service.tend_webhook, settings.webhook_check_seconds),
        (service.clean_up, _CLEAN_UP_SECONDS),
    ):
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


def _look_for_due_seconds(settings: Settings) -> int:
    """Often enough that nothing is late by more than a small part of its interval."""
    return min(max(settings.full_sync_interval_seconds // 10, 1), 30)


async def _attempt(work: Callable[[], Awaitable[None]]) -> None:
    try:
        await work()
    except SyncError as error:
        log.warning("timer.failed", errand=work.__name__, error=str(error))
