"""The mirror of one workspace, for a route of the API."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request

from app.api.response_cache import ResponseCache
from app.http.request_context import RequestContext
from app.http.workspace import WorkspaceParam, resolve_workspace, service_of, zone_of


@dataclass(frozen=True, slots=True)
class ApiContext(RequestContext):
    """With the answers that are kept for those who ask the same again."""

    answers: ResponseCache


async def api_context(request: Request, workspace_id: WorkspaceParam = None) -> ApiContext:
    """Raises what `resolve_workspace` raises."""
    chosen, state = await resolve_workspace(request, workspace_id), request.app.state
    service = service_of(request)
    zone = await zone_of(service, chosen)
    return ApiContext(state.reports, service.settings, chosen, zone, datetime.now(UTC), state.answers)


Context = Annotated[ApiContext, Depends(api_context)]
