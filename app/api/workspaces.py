"""Connected workspaces over HTTP: to list, connect, change and remove them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints
from starlette.status import HTTP_201_CREATED, HTTP_202_ACCEPTED

from app.api.json_encoding import JSON, to_json
from app.api.page_fields import Count
from app.api.params import UNKNOWN
from app.core.answers.fields import narrow, said
from app.http.auth import caller_name, require_admin
from app.http.params import Id
from app.http.problems import PROBLEMS, problem_responses
from app.http.workspace import limits_of, refuse_limited_key, service_of
from app.jobs.connection_changes import NewConnection, add_connection, change_connection, replace_token
from app.jobs.connections import (
    ConnectionState,
    TokenKind,
    get_connection,
    list_connections,
    not_connected,
)
from app.jobs.service import Service
from app.jobs.workspace_removal import begin_removal

router = APIRouter(tags=["workspaces"], responses=PROBLEMS)
TheService = Annotated[Service, Depends(service_of)]
WorkspaceId = Annotated[Id, Path(description="ClickUp's id of the workspace")]
# ClickUp is asked whether a token sees the workspace.
_OF_BODY = problem_responses(400, 413, 422, 502)
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Token = Annotated[SecretStr, Field(min_length=8, max_length=500)]


class NewWorkspace(BaseModel):
    """A workspace to connect."""

    model_config = ConfigDict(extra="forbid")

    token: Annotated[Token, said("A personal token of ClickUp; stored encrypted, and never shown")]
    team_id: Annotated[Id | None, said("Which workspace; none: the token's only one", "9000003")] = None
    name: Annotated[Name | None, said("Its name here; none: ClickUp's", "Agency")] = None


class WorkspaceChange(BaseModel):
    """What to change; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    state: Annotated[Literal["active", "paused"] | None, said("`paused`: not synced for now")] = None
    name: Annotated[Name | None, said("Another name", "Agency")] = None
    token: Annotated[Token | None, said("Another personal token, which must see this workspace")] = None


@dataclass(frozen=True, slots=True)
class Workspace:
    """One connected workspace, without its token. Instants are ISO 8601 in the mirror's zone."""

    workspace_id: Annotated[str, said("ClickUp's id of the workspace", "9000003")]
    name: Annotated[str, said("Its name here", "Agency")]
    state: Annotated[ConnectionState, said("`paused`: not synced for now; `removing`: being removed")]
    token_kind: Annotated[TokenKind, said("`environment`: CLICKUP_API_TOKEN of the service")]
    error: Annotated[str | None, said("Why its token cannot be used; null where nothing is wrong")]
    token_set_at: Annotated[datetime, said("When the token was given")]
    token_rejected_at: Annotated[datetime | None, said("Since when ClickUp rejects the token")]
    added_by: Annotated[str | None, said("Who connected it; null for `environment`", "admin")]
    created_at: Annotated[datetime, said("When it was connected")]


@dataclass(frozen=True, slots=True)
class Workspaces:
    """Connected workspaces, by name."""

    count: Count
    workspaces: list[Workspace]


@router.get("/workspaces", responses={200: {"model": Workspaces}})
async def get_workspaces(request: Request, service: TheService) -> Response:
    """The connected workspaces, and what is wrong with a token; no token is shown."""
    limits = limits_of(request)
    found = await list_connections(service.database, service.settings)
    rows = [narrow(Workspace, one) for one in found if limits.allows_workspace(one.workspace_id)]
    return await _answer(service, Workspaces(len(rows), rows))


@router.post(
    "/workspaces",
    status_code=HTTP_201_CREATED,
    responses={HTTP_201_CREATED: {"model": Workspace}, **_OF_BODY, **problem_responses(409)},
    dependencies=[Depends(require_admin)],
)
async def connect_workspace(request: Request, service: TheService, body: NewWorkspace) -> Response:
    """Connects a workspace, after ClickUp said that the token sees it."""
    refuse_limited_key(request)
    new = NewConnection(body.token, body.team_id, body.name, added_by=caller_name(request))
    added = await add_connection(service.database, service.settings, new)
    return await _answer(service, narrow(Workspace, added), HTTP_201_CREATED)


@router.patch(
    "/workspaces/{workspace_id}",
    responses={200: {"model": Workspace}, **_OF_BODY, **UNKNOWN},
    dependencies=[Depends(require_admin)],
)
async def change_workspace(
    request: Request, service: TheService, workspace_id: WorkspaceId, body: WorkspaceChange
) -> Response:
    """Pauses or resumes a workspace, renames it, or replaces its token."""
    _refuse_other(request, workspace_id)
    if body.token is not None:
        await replace_token(service.database, service.settings, workspace_id, body.token)
    changed = await change_connection(
        service.database, service.settings, workspace_id, state=body.state, name=body.name
    )
    return await _answer(service, narrow(Workspace, changed))


@router.delete(
    "/workspaces/{workspace_id}",
    status_code=HTTP_202_ACCEPTED,
    responses={HTTP_202_ACCEPTED: {"model": Workspace}, **UNKNOWN, **problem_responses(422)},
    dependencies=[Depends(require_admin)],
)
async def remove_workspace(
    request: Request,
    service: TheService,
    workspace_id: WorkspaceId,
    data: Annotated[
        Literal["keep", "erase"], Query(description="What becomes of all that is mirrored of the workspace")
    ],
) -> Response:
    """Begins to remove a workspace; it is gone when `/workspaces` does not list it any more.

    A worker does it. Until then it is `removing`; why it cannot go on is in `jobs list`.
    """
    _refuse_other(request, workspace_id)
    await begin_removal(service.jobs, service.settings, workspace_id, data=data)
    connection = await get_connection(service.database, service.settings, workspace_id)
    answer = await _answer(service, narrow(Workspace, connection), HTTP_202_ACCEPTED)
    answer.headers["Location"] = "/workspaces"
    return answer


def _refuse_other(request: Request, workspace_id: str) -> None:
    """A workspace that the key may not see is not told from one that is not there."""
    if not limits_of(request).allows_workspace(workspace_id):
        raise not_connected(workspace_id)


async def _answer(service: Service, document: Workspace | Workspaces, status: int = 200) -> Response:
    return Response(to_json(document, await service.zone()), status, media_type=JSON)
