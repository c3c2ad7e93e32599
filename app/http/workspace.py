"""The running service, and which workspace an answer is of."""

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import HTTPException, Query, Request

from app.core.answers.access import Limits, choose_workspace
from app.core.answers.filters import describe
from app.engine.lookup_names import find_zone
from app.http.auth import caller_of
from app.http.params import Id, fault
from app.jobs.service import Service
from app.reports import Reports

WorkspaceParam = Annotated[
    Id | None,
    Query(description=describe("workspace_id", "default: the key's only one, or the service's")),
]


def service_of(request: Request) -> Service:
    """The running service."""
    service: Service = request.app.state.service
    return service


def limits_of(request: Request) -> Limits:
    """What the caller may see."""
    caller = caller_of(request)
    return caller.limits if caller else Limits()


def refuse_limited_key(request: Request) -> None:
    """Raises the 403 where a key that sees some workspaces only would connect another one."""
    if limits_of(request).is_set:
        raise HTTPException(403, "this key is limited to some workspaces, and may connect no other")


def blocked_by(request: Request) -> str | None:
    """What keeps workers from working, as the caller may know it."""
    caller = caller_of(request)
    return service_of(request).blocked_for(caller.limits if caller else None)


def workspace_of(request: Request) -> str:
    """The one that the service syncs. Raises the 503 for as long as it is not known, with the reason."""
    service, reason = service_of(request), blocked_by(request)
    if service.workspace_id is not None:
        return service.workspace_id
    raise HTTPException(
        503,
        "the workspace is not known yet: set CLICKUP_TEAM_ID, or wait until the service has "
        f"started{f': {reason}' if reason else ''}",
        {"Retry-After": "5"},
    )


async def resolve_workspace(request: Request, asked: str | None) -> str:
    """The workspace that a request is about, by its parameter, its key, or the service.

    Raises the 404 for one that is not mirrored or that the key may not see, which look the same; the 422
    where the key may see several and none is named; the 503 while none is known.
    """
    service = service_of(request)
    try:
        chosen = choose_workspace(asked, limits_of(request), service.workspace_id)
    except LookupError:
        raise unknown_workspace(asked) from None
    except ValueError as error:
        raise fault("workspace_id", f"this key may see several workspaces: {error}") from None
    if chosen is None:
        return workspace_of(request)
    if chosen != service.workspace_id:
        known = await Reports(service.database).list_workspaces()
        if chosen not in {one.workspace_id for one in known}:
            raise unknown_workspace(chosen)
    return chosen


async def zone_of(service: Service, workspace_id: str) -> ZoneInfo:
    """The zone of a workspace's days and instants."""
    if workspace_id == service.workspace_id:
        return await service.zone()
    rows = await service.database.ask("get_workspace", workspace_id=workspace_id)
    return find_zone(service.settings, rows[0] if rows else None)


def unknown_workspace(workspace_id: str | None) -> HTTPException:
    """The 404 for one that is not mirrored, or that the caller may not see."""
    return HTTPException(404, f"the mirror knows no workspace {workspace_id}")
