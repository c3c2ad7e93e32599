"""Tools: the mirror itself."""

from dataclasses import dataclass
from typing import Annotated, Any

from app.core.answers.fields import said
from app.mcp.answers import Answer
from app.mcp.params import of
from app.mcp.request_context import ToolContext
from app.mcp.tasks import Detail
from app.mcp.written import line
from app.reports import Freshness
from app.reports.runs import Run, RunFilter
from app.reports.status_rows import MirrorCounts

_RUNS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncStatus(Answer):
    """Sync status."""

    workspace_id: Annotated[str, said("ClickUp's id of the workspace", "9000003")]
    workspace: Annotated[str, said("Its name", "Northwind")]
    has_worker: Annotated[bool, said("A service is running and keeps the mirror in sync")]
    problems: Annotated[list[str], said("Current problems, as sentences; empty when the mirror is healthy")]
    runs: Annotated[list[Run], said("The latest five syncs, newest first")]
    counts: Annotated[MirrorCounts | None, said("How much the mirror holds, by kind (full)")] = None
    freshness: Annotated[list[Freshness] | None, said("By kind of data (full)")] = None
    skipped: Annotated[list[str] | None, said("Objects that could not be read, latest first (full)")] = None
    refused: Annotated[
        list[str] | None, said("What ClickUp refuses this token, by kind, with the reason (full)")
    ] = None


async def get_sync_status(
    context: ToolContext,
    detail: Annotated[
        Detail,
        of("full: also how much data the mirror has, how fresh each part is, and what could not be read"),
    ] = "brief",
) -> SyncStatus:
    """Sync status: whether a service is running, current problems, the last syncs.

    Every other answer already says how old it is; ask this when somebody wants to know more about that.
    """
    runs = await context.reports.runs.page(context.workspace_id, RunFilter(), None, _RUNS)
    return SyncStatus.of(
        context,
        workspace_id=context.workspace_id,
        workspace=line(context.name),
        has_worker=await context.reports.runs.has_worker(),
        problems=await context.reports.list_problems(context.workspace_id, context.settings),
        runs=runs.rows,
        **(await _more(context) if detail == "full" else {}),
    )


async def _more(context: ToolContext) -> dict[str, Any]:
    """What takes the database a while on a large workspace."""
    status = await context.reports.get_status_of(context.workspace_id)
    if status is None:
        return {}
    return {
        "counts": status.counts,
        "freshness": status.freshness,
        "skipped": [line(f"{one.kind} {one.object_id}: {one.reason}") for one in status.skipped],
        "refused": [line(f"{one.what}, since {one.since:%F %R} UTC: {one.reason}") for one in status.refused],
    }
