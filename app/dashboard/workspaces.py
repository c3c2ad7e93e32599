"""The connected workspaces: to see, pause and remove them, to replace a token, and to connect others."""

from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import SecretStr
from starlette.responses import RedirectResponse, Response
from starlette.status import HTTP_303_SEE_OTHER, HTTP_422_UNPROCESSABLE_CONTENT

from app.core.errors import ClickUpError, InvalidRequest, NotConnected, SyncError
from app.dashboard.clock import Clock
from app.dashboard.forms import read_form
from app.dashboard.links import WORKSPACES
from app.dashboard.request_context import TheService, visitor_of
from app.dashboard.switcher import Shown, ShownWorkspace, shown_workspace
from app.dashboard.templating import html
from app.http.auth import caller_name, caller_of, require_admin
from app.http.params import Id
from app.http.workspace import limits_of, refuse_limited_key, unknown_workspace
from app.jobs.connection_changes import NewConnection, add_connection, change_connection, replace_token
from app.jobs.connections import list_connections
from app.jobs.oauth import AuthorizationRequest, begin_authorization
from app.jobs.service import Service
from app.jobs.workspace_removal import Data, begin_removal

router = APIRouter(include_in_schema=False)
changes = APIRouter(include_in_schema=False, dependencies=[Depends(require_admin)])
# What the person who sent the form can correct.
_FAULTS = (InvalidRequest, NotConnected, ClickUpError)


def _allowed(request: Request, workspace_id: Annotated[Id, Path()]) -> str:
    """Raises the 404 for a workspace that the key may not see."""
    if not limits_of(request).allows_workspace(workspace_id):
        raise unknown_workspace(workspace_id)
    return workspace_id


WorkspaceId = Annotated[str, Depends(_allowed)]


@router.get(WORKSPACES)
async def show_workspaces(request: Request, service: TheService, shown: ShownWorkspace) -> Response:
    """All that are connected; also where it is not known yet which one the page is about."""
    return await _show(request, service, shown)


@changes.post(WORKSPACES)
async def connect(request: Request, service: TheService) -> Response:
    """Connects a workspace by its token."""
    refuse_limited_key(request)
    form = await read_form(request)
    new = NewConnection(
        SecretStr(form.get("token", "").strip()),
        form.get("team_id", "").strip() or None,
        form.get("name", "").strip() or None,
        added_by=caller_name(request),
    )
    change = add_connection(service.database, service.settings, new)
    return await _changed(request, service, change)


@changes.post(f"{WORKSPACES}/authorize")
async def begin_oauth(request: Request, service: TheService) -> Response:
    """The way to ClickUp's page: a link, because a form may lead nowhere else than here."""
    refuse_limited_key(request)
    wanted = AuthorizationRequest(added_by=caller_name(request))
    try:
        begun = await begin_authorization(service.database, service.settings, wanted)
    except _FAULTS as error:
        return await _show(request, service, await shown_workspace(request), error)
    clock = await _clock(service)
    return html("authorize.html", url=begun.url, until=clock.minute(begun.expires_at))


@changes.post(f"{WORKSPACES}/{{workspace_id}}/pause")
async def pause(request: Request, service: TheService, workspace_id: WorkspaceId) -> Response:
    """Syncs it no more for now."""
    change = change_connection(service.database, service.settings, workspace_id, state="paused")
    return await _changed(request, service, change)


@changes.post(f"{WORKSPACES}/{{workspace_id}}/resume")
async def resume(request: Request, service: TheService, workspace_id: WorkspaceId) -> Response:
    """Syncs it again."""
    change = change_connection(service.database, service.settings, workspace_id, state="active")
    return await _changed(request, service, change)


@changes.post(f"{WORKSPACES}/{{workspace_id}}/token")
async def set_token(request: Request, service: TheService, workspace_id: WorkspaceId) -> Response:
    """Replaces its token."""
    token = SecretStr((await read_form(request)).get("token", "").strip())
    change = replace_token(service.database, service.settings, workspace_id, token)
    return await _changed(request, service, change)


@changes.post(f"{WORKSPACES}/{{workspace_id}}/remove")
async def remove(request: Request, service: TheService, workspace_id: WorkspaceId) -> Response:
    """Begins to remove it; its data stays or is erased, as chosen."""
    data = (await read_form(request)).get("data")
    try:
        if data not in ("keep", "erase"):
            raise InvalidRequest("choose whether the mirrored data is kept or erased")
    except _FAULTS as error:
        return await _show(request, service, await shown_workspace(request), error)
    kept: Data = "keep" if data == "keep" else "erase"
    return await _changed(
        request, service, begin_removal(service.jobs, service.settings, workspace_id, data=kept)
    )


async def _changed(request: Request, service: Service, change: Awaitable[object]) -> Response:
    """The list as it is after the change, or with what the person can correct."""
    try:
        await change
    except _FAULTS as error:
        return await _show(request, service, await shown_workspace(request), error)
    return RedirectResponse(WORKSPACES, HTTP_303_SEE_OTHER)


async def _show(request: Request, service: Service, shown: Shown, error: SyncError | None = None) -> Response:
    limits, caller = limits_of(request), caller_of(request)
    found = await list_connections(service.database, service.settings)
    syncs = await service.database.ask("list_last_syncs")
    return html(
        "workspaces.html",
        HTTP_422_UNPROCESSABLE_CONTENT if error else 200,
        place="workspaces",
        clock=await _clock(service),
        visitor=visitor_of(request),
        sync_status=None,
        shown=shown,
        links=shown.links,
        connections=[one for one in found if limits.allows_workspace(one.workspace_id)],
        last_syncs={row["workspace_id"]: row["ended_at"] for row in syncs},
        may_change=caller is not None and caller.is_admin,
        has_app=service.settings.clickup_client_id is not None,
        complaint=str(error) if error else None,
    )


router.include_router(changes)


async def _clock(service: Service) -> Clock:
    return Clock(await service.zone(), datetime.now(UTC), service.settings.formats)
