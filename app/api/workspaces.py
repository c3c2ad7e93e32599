"""Connected workspaces over HTTP: to list, connect, change and remove them."""

import dataclasses
from typing import Annotated, Any, Literal

import structlog
from fastapi import APIRouter, BackgroundTasks, Depends, HTTPException, Path, Query, Request, Response
from starlette.status import HTTP_201_CREATED, HTTP_202_ACCEPTED

from app.api.params import UNKNOWN
from app.api.response_cache import JSON, to_json
from app.api.workspace_schemas import NewWorkspace, Workspace, WorkspaceChange, Workspaces
from app.core.errors import SyncError
from app.http.auth import caller_of, require_admin
from app.http.params import Id
from app.http.problems import PROBLEMS, problem_responses
from app.http.workspace import limits_of, service_of
from app.jobs.connection_changes import NewConnection, add_connection, change_connection, replace_token
from app.jobs.connections import Connection, get_connection, list_connections, not_connected
from app.jobs.service import Service
from app.jobs.workspace_removal import begin_removal, finish_removal

log = structlog.get_logger()

router = APIRouter(tags=["workspaces"], responses=PROBLEMS)
TheService = Annotated[Service, Depends(service_of)]
WorkspaceId = Annotated[Id, Path(description="ClickUp's id of the workspace")]
# ClickUp is asked whether a token sees the workspace.
_OF_BODY = problem_responses(400, 413, 422, 502)


@router.get("/workspaces", responses={200: {"model": Workspaces}})
async def get_workspaces(request: Request, service: TheService) -> Response:
    """The connected workspaces, and what is wrong with a token; no token is shown."""
    limits = limits_of(request)
    found = await list_connections(service.database, service.settings)
    rows = [_document(one) for one in found if limits.allows_workspace(one.workspace_id)]
    return await _answer(service, {"count": len(rows), "workspaces": rows})


@router.post(
    "/workspaces",
    status_code=HTTP_201_CREATED,
    responses={HTTP_201_CREATED: {"model": Workspace}, **_OF_BODY, **problem_responses(409)},
    dependencies=[Depends(require_admin)],
)
async def connect_workspace(request: Request, service: TheService, body: NewWorkspace) -> Response:
    """Connects a workspace, after ClickUp said that the token sees it."""
    if limits_of(request).is_set:
        raise HTTPException(403, "this key is limited to some workspaces, and may connect no other")
    caller = caller_of(request)
    new = NewConnection(body.token, body.team_id, body.name, added_by=caller.name if caller else None)
    added = await add_connection(service.database, service.settings, new)
    return await _answer(service, _document(added), HTTP_201_CREATED)


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
    return await _answer(service, _document(changed))


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
    tasks: BackgroundTasks,
    data: Annotated[
        Literal["keep", "erase"], Query(description="What becomes of all that is mirrored of the workspace")
    ],
) -> Response:
    """Begins to remove a workspace; it is gone when `/workspaces` does not list it any more.

    If the service stops meanwhile, the workspace stays `removing`: ask again, and it goes on.
    """
    _refuse_other(request, workspace_id)
    await begin_removal(service.database, service.settings, workspace_id)
    connection = await get_connection(service.database, service.settings, workspace_id)
    answer = await _answer(service, _document(connection), HTTP_202_ACCEPTED)
    tasks.add_task(_finish, service, workspace_id, erases=data == "erase")
    answer.background = tasks
    return answer


async def _finish(service: Service, workspace_id: str, *, erases: bool) -> None:
    try:
        await finish_removal(service.database, service.settings, workspace_id, erases=erases)
    except SyncError as error:
        log.warning("workspace.removal_failed", workspace_id=workspace_id, error=str(error))


def _refuse_other(request: Request, workspace_id: str) -> None:
    """A workspace that the key may not see is not told from one that is not there."""
    if not limits_of(request).allows_workspace(workspace_id):
        raise not_connected(workspace_id)


def _document(connection: Connection) -> dict[str, Any]:
    document = dataclasses.asdict(connection)
    del document["token"]
    return document


async def _answer(service: Service, document: Any, status: int = 200) -> Response:
    return Response(to_json(document, await service.zone()), status, media_type=JSON)
