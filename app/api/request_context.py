"""What the application's lifespan opened, for the routes."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from fastapi import Request

from app.api.response_cache import ResponseCache
from app.http.workspace import service_of, workspace_of
from app.reports import Reports


@dataclass(frozen=True, slots=True)
class Asked:
    """The mirror of one workspace, for a route that asks it; `zone` is that of the faces."""

    reports: Reports
    answers: ResponseCache
    workspace_id: str
    zone: ZoneInfo


async def asked(request: Request) -> Asked:
    """Raises 503 while it is not known yet which workspace is mirrored."""
    service = service_of(request)
    workspace_id, state = workspace_of(service), request.app.state
    return Asked(state.reports, state.answers, workspace_id, await service.zone())
