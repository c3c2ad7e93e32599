"""The running service, and which workspace an answer is of."""

from fastapi import HTTPException, Request

from app.jobs.service import Service


def service_of(request: Request) -> Service:
    """The running service."""
    service: Service = request.app.state.service
    return service


def workspace_of(service: Service) -> str:
    """The one that is mirrored. Raises the 503 for as long as it is not known, with what hinders that."""
    if service.workspace_id is not None:
        return service.workspace_id
    blocked_by = f": {service.blocked_by}" if service.blocked_by else ""
    raise HTTPException(
        503,
        "the workspace is not known yet: set CLICKUP_TEAM_ID, or wait until the service has "
        f"started{blocked_by}",
        {"Retry-After": "5"},
    )
