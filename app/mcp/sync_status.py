"""Tools: the mirror itself."""

from typing import Annotated, Any

from app.mcp.answer_schemas import instant, instant_said, line, maybe_line
from app.mcp.humanize import duration
from app.mcp.params import of
from app.mcp.request_context import Asked, Mirror
from app.mcp.sync_status_schemas import Fresh, Run, SyncStatus
from app.mcp.task_rows import Detail
from app.reports import Freshness
from app.reports.runs import RunFilter
from app.supabase_db import Row

_RUNS = 5


async def get_sync_status(
    mirror: Asked,
    detail: Annotated[
        Detail,
        of("full: also how much data the mirror has, how fresh each part is, and what could not be read"),
    ] = "brief",
) -> SyncStatus:
    """Sync status: whether a service is running, current problems, the last syncs.

    Every other answer already says how old it is; ask this when somebody wants to know more about that.
    """
    runs = await mirror.reports.runs.page(mirror.workspace_id, RunFilter(), None, _RUNS)
    return SyncStatus.of(
        mirror,
        workspace_id=mirror.workspace_id,
        workspace=line(mirror.name),
        is_kept_level=await mirror.reports.runs.has_worker(),
        troubles=await mirror.reports.list_problems(mirror.workspace_id, mirror.settings),
        runs=[_run(row, mirror) for row in runs.rows],
        **(await _more(mirror) if detail == "full" else {}),
    )


async def _more(mirror: Mirror) -> dict[str, Any]:
    """What takes the database a while on a large workspace."""
    status = await mirror.reports.get_status_of(mirror.workspace_id)
    if status is None:
        return {}
    return {
        "counts": status.counts,
        "tracked": duration(status.counts["tracked_minutes"]),
        "freshness": [fresh(one, mirror) for one in status.freshness],
        "skipped": [line(f"{row['kind']} {row['object_id']}: {row['reason']}") for row in status.skipped],
        "refused": [line(f"{one.what}, since {one.since:%F %R} UTC: {one.reason}") for one in status.refused],
    }


def fresh(known: Freshness, mirror: Mirror) -> Fresh:
    """How fresh one kind of data is."""
    return Fresh(
        stream=known.stream,
        verified_at=instant(known.verified_at, mirror),
        verified=instant_said(known.verified_at, mirror),
        again_at=instant(known.next_full_verification_at, mirror),
        unread=known.unread or None,
    )


def _run(row: Row, mirror: Mirror) -> Run:
    return Run(
        kind=row["kind"],
        status=row["status"],
        started_at=instant(row["started_at"], mirror),
        started=instant_said(row["started_at"], mirror),
        ended_at=instant(row["ended_at"], mirror),
        requests=row["requests"],
        rows_written=row["rows_written"],
        error=maybe_line(row["error"]),
    )
