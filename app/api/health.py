"""Is it alive, and is it fit to be asked: for those who watch over services."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field
from starlette.status import HTTP_503_SERVICE_UNAVAILABLE

from app.api.state import service_of
from app.service import Service

router = APIRouter(tags=["health"])


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
async def readyz(response: Response, service: Annotated[Service, Depends(service_of)]) -> Readiness:
    """200 when the database is reachable, the token alive and the last good sync young; else 503 and why."""
    reasons = await service.list_troubles()
    if reasons:
        response.status_code = HTTP_503_SERVICE_UNAVAILABLE
    return Readiness(ready=not reasons, reasons=reasons)
