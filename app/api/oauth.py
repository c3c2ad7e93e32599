"""Connecting workspaces by ClickUp's OAuth begins here; the browser comes back to the page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict
from starlette.status import HTTP_201_CREATED

from app.api.json_encoding import JSON, to_json
from app.api.workspaces import Name
from app.core.answers.fields import said
from app.http.auth import caller_name, require_admin
from app.http.params import Id
from app.http.problems import PROBLEMS, problem_responses
from app.http.workspace import refuse_limited_key, service_of
from app.jobs.oauth import AuthorizationRequest, begin_authorization
from app.jobs.service import Service

router = APIRouter(tags=["workspaces"], responses=PROBLEMS)
TheService = Annotated[Service, Depends(service_of)]


class AuthorizationBody(BaseModel):
    """Which workspaces an authorization at ClickUp connects."""

    model_config = ConfigDict(extra="forbid")

    team_id: Annotated[Id | None, said("Only this one; none: all that are chosen at ClickUp", "9000003")] = (
        None
    )
    name: Annotated[Name | None, said("Its name here; none: ClickUp's", "Agency")] = None


@dataclass(frozen=True, slots=True)
class BegunAuthorization:
    """An authorization that can be finished at ClickUp, in the browser that opens `authorize_url`."""

    authorize_url: Annotated[str, said("What to open in a browser; it leads to ClickUp")]
    expires_at: Annotated[datetime, said("Until when it can be finished")]


@router.post(
    "/oauth/authorizations",
    status_code=HTTP_201_CREATED,
    responses={HTTP_201_CREATED: {"model": BegunAuthorization}, **problem_responses(400, 413, 422)},
    dependencies=[Depends(require_admin)],
)
async def begin(request: Request, service: TheService, body: AuthorizationBody) -> Response:
    """Begins to connect workspaces; open `authorize_url` in a browser."""
    refuse_limited_key(request)
    wanted = AuthorizationRequest(body.team_id, body.name, caller_name(request))
    begun = await begin_authorization(service.database, service.settings, wanted)
    document = BegunAuthorization(begun.url, begun.expires_at)
    return Response(to_json(document, await service.zone()), HTTP_201_CREATED, media_type=JSON)
