"""What the application's lifespan opened, for the routes."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from fastapi import Request

from app.api.response_cache import ResponseCache
from app.core.answers.formats import WeekStart
from app.http.workspace import WorkspaceParam, resolve_workspace, service_of, zone_of
from app.reports import Reports


@dataclass(frozen=True, slots=True)
class Asked:
    """The mirror of one workspace, for a route that asks it; `zone` is that of the faces."""

    reports: Reports
    answers: ResponseCache
    workspace_id: str
    zone: ZoneInfo
    week_start: WeekStart


async def asked(request: Request, workspace_id: WorkspaceParam = None) -> Asked:
    """Raises what `resolve_workspace` raises."""
    chosen, state = await resolve_workspace(request, workspace_id), request.app.state
    service = service_of(request)
    zone = await zone_of(service, chosen)
    return Asked(state.reports, state.answers, chosen, zone, service.settings.week_start)
