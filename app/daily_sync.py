"""The daily snapshot as one function call, for scripts and external timers."""

import asyncio

from app.config import Settings, load_offline_settings
from app.context import Context, open_context
from app.core.errors import SettingsError, SyncError
from app.jobs.requests import SyncRequest
from app.jobs.runner import sync_workspace
from app.logging_config import configure_logging


def sync_daily_updated_tasks() -> int:
    """Takes the snapshot of the tasks that changed today, here or by the service; how many they are.

    Settings are those of `clickup-sync`; no token is needed, because ClickUp is asked nothing. Blocks,
    and runs a loop of its own: where one runs already, call it in a thread. Raises SyncError.
    """
    settings = load_offline_settings()
    configure_logging(settings.log_level or "warning", settings.log_format, settings.secrets)
    return asyncio.run(_snapshot(settings))


async def _snapshot(settings: Settings) -> int:
    async with open_context(settings) as context:
        report = await sync_workspace(
            context, SyncRequest(await _workspace_id(context), "snapshot", "script")
        )
    return report.counts["snapshot tasks"]


async def _workspace_id(context: Context) -> str:
    """CLICKUP_TEAM_ID, or the mirror's only workspace."""
    rows = await context.database.fetch("list_workspaces")
    wanted = context.settings.clickup_team_id
    mirrored = [str(row["workspace_id"]) for row in rows if wanted in (None, row["workspace_id"])]
    if not mirrored:
        raise SyncError(f"workspace {wanted or ''} is not mirrored yet; run `clickup-sync sync` first")
    if len(mirrored) > 1:
        raise SettingsError(
            f"the mirror has several workspaces: set CLICKUP_TEAM_ID to one of {', '.join(mirrored)}"
        )
    return mirrored[0]
