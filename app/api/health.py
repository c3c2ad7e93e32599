"""Is it alive, and is it fit to be asked: for those who watch over services."""

import asyncio
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field
from starlette.status import HTTP_503_SERVICE_UNAVAILABLE

from app.core.answers.access import Limits
from app.core.errors import SyncError, public_message
from app.http.authenticator import Authenticator
from app.http.problems import problem_responses
from app.http.workspace import service_of
from app.jobs.service import Service

log = structlog.get_logger()
router = APIRouter(tags=["health"], responses=problem_responses(422))

_PATIENCE_SECONDS = 5.0


class Alive(BaseModel):
    """The process answers."""

    status: str = Field(examples=["alive"])


class Readiness(BaseModel):
    """Whether the mirror can be relied upon, and everything that speaks against it."""

    ready: bool
    reasons: list[str] = Field(examples=[["no sync succeeded for 12 minutes"]])


@router.get("/healthz")
async def healthz() -> Alive:
    """The process is alive; whether the mirror is, `/readyz` says."""
    return Alive(status="alive")


@router.get("/readyz", responses={503: {"model": Readiness}})
async def readyz(
    request: Request, response: Response, service: Annotated[Service, Depends(service_of)]
) -> Readiness:
    """200 when the database answers and is of this version's schema, the token is alive and the last good
    sync is young; else 503 and why. Who sends no key, or one that may not see
    the workspace, is told the reasons in general words.
    """
    authenticator: Authenticator = request.app.state.authenticator
    caller = await authenticator.try_authenticate(request.scope)
    reasons = await _reasons(service, request.app.state.schema, caller.limits if caller else None)
    if reasons:
        response.status_code = HTTP_503_SERVICE_UNAVAILABLE
    return Readiness(ready=not reasons, reasons=reasons)


async def _reasons(service: Service, schema: str, reader: Limits | None) -> list[str]:
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            return [*await _schema_problems(service, schema), *await service.list_problems(reader)]
    except TimeoutError:
        return [f"the database did not answer within {_PATIENCE_SECONDS:.0f} seconds"]
    except SyncError as error:
        log.warning("health.database_failed", error=str(error))
        return [public_message(error)]


async def _schema_problems(service: Service, schema: str) -> list[str]:
    rows = await service.database.ask("get_schema_revision")
    revision = rows[0]["revision"] if rows else "none"
    if revision == schema:
        return []
    return [f"the database schema is at revision {revision}, but this version of clickup-sync needs {schema}"]
