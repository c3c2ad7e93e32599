"""Deleting what is older than anybody asks for, in small portions, so that no table grows for ever."""

import structlog

from app.context import Context
from app.core.errors import DatabaseDown, SyncError

log = structlog.get_logger()

# The mirror's own tables that grow with time and not with the workspace.
_THIN = "thin_history"
_QUERIES = (
    "delete_old_runs", "delete_old_deliveries", "delete_old_history_items", "delete_old_refused_deliveries",
    "delete_old_writes", "delete_old_credentials", "delete_old_jobs", "delete_old_failed_jobs",
    _THIN,
)  # fmt: skip
_PORTION = 1_000
# Of each table; what is left is deleted after the next sync. A service has the time for more.
FEW_PORTIONS, MANY_PORTIONS = 20, 2_000


async def delete_history(context: Context, workspace_id: str, most_portions: int = FEW_PORTIONS) -> None:
    """Deletes what is older than RUNS_KEEP_DAYS, marks of writes that nobody needs, and by HISTORY_KEEP_DAYS
    versions and changes.

    Each portion is a transaction of its own that waits for no lock. What goes wrong is logged and left for
    the next time: it is never the reason why a sync fails.
    """
    settings = context.settings
    for query in _QUERIES:
        days = settings.history_keep_days if query == _THIN else settings.runs_keep_days
        if days is None:
            continue
        try:
            await _delete(context, query, workspace_id, days, most_portions)
        except DatabaseDown as error:
            log.warning("history.not_deleted", query=query, error=str(error))
            return
        except SyncError as error:
            log.warning("history.not_deleted", query=query, error=str(error))


async def _delete(context: Context, query: str, workspace_id: str, days: int, most_portions: int) -> None:
    for _ in range(most_portions):
        async with context.database.transaction() as tx:
            await tx.fetch("wait_briefly_for_locks")
            portion = {"workspace_id": workspace_id, "days": days, "limit": _PORTION}
            if query == _THIN:
                # One portion of each table of versions: which of them has more is not told.
                is_over = (await tx.fetch(query, **portion))[0]["deleted"] == 0
            else:
                is_over = await tx.note(query, **portion) < _PORTION
        if is_over:
            return
