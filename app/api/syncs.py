"""Syncs that are asked for over HTTP: ordered from whoever holds the workspace, or joined."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from starlette.status import HTTP_200_OK, HTTP_202_ACCEPTED

from app.api.answers import JSON, to_json
from app.api.param_shapes import Mirror
from app.api.state import Asked
from app.api.sync_shapes import Sync
from app.core.errors import Fault
from app.entrance.guard import write_access
from app.entrance.problems import PROBLEMS, problem_responses
from app.entrance.workspace import service_of
from app.run import Kind
from app.service import Service
from app.supabase_db import Row

_RESPONSES: dict[int | str, dict[str, Any]] = {
    HTTP_202_ACCEPTED: {"model": Sync, "description": "It waits or is under way; Location tells more."},
    HTTP_200_OK: {"model": Sync, "description": "It has succeeded."},
    **problem_responses(502),
}
# Whoever asks here has something done, also with GET: a key that may only read does not suffice.
router = APIRouter(tags=["syncs"], responses={**PROBLEMS, **_RESPONSES}, dependencies=[Depends(write_access)])

_STATUS_OF: dict[Fault | None, int] = {
    "clickup": 502, "token": 503, "database": 503, "settings": 503, "process": 503, "mirror": 500, None: 500,
}  # fmt: skip
Handler = TypeVar("Handler", bound=Callable[..., Awaitable[Response]])
_LOOK_SECONDS = 0.25
# So long nobody may hold the workspace before there is nobody to wait for: another takes over within two.
_ORPHANED_SECONDS = 10.0
_SOON = {"Retry-After": "5"}


@dataclass(frozen=True, slots=True)
class Patience:
    """Whether the caller waits for the end, and for how many seconds at most."""

    waits: bool
    seconds: int


def patience(
    wait: Annotated[bool, Query(description="Answer when it is done, and not at once")] = False,
    timeout: Annotated[int, Query(ge=0, le=3_600, description="Wait no longer than so many seconds")] = 300,
) -> Patience:
    """How long the caller waits."""
    return Patience(wait, timeout)


def _asked_at(path: str) -> Callable[[Handler], Handler]:
    """GET and POST alike: one route answers, whose 405 allows both, and OpenAPI has one for each."""

    def add(handler: Handler) -> Handler:
        router.add_api_route(path, handler, methods=["GET", "POST"], include_in_schema=False)
        for method in ("GET", "POST"):
            router.add_api_route(path, handler, methods=[method], status_code=HTTP_202_ACCEPTED)
        return handler

    return add


Waits = Annotated[Patience, Depends(patience)]
TheService = Annotated[Service, Depends(service_of)]


@_asked_at("/sync/tasks")
async def sync_tasks(
    request: Request,
    mirror: Mirror,
    service: TheService,
    waits: Waits,
    full: Annotated[bool, Query(description="Everything that listings show, compared")] = False,
    deep: Annotated[bool, Query(description="And every task's comments and sessions, read again")] = False,
) -> Response:
    """Brings tasks, time and comments up to date: what changed since the last sync, the first time all.

    A sync of this kind that waits or is under way is joined, not doubled.
    """
    kind: Kind = "deep" if deep else "full" if full else "changes"
    return await _sync(request, mirror, service, kind, waits)


@_asked_at("/sync/employees")
async def sync_employees(request: Request, mirror: Mirror, service: TheService, waits: Waits) -> Response:
    """Brings the workspace's people up to date."""
    return await _sync(request, mirror, service, "employees", waits)


@_asked_at("/sync/daily")
async def sync_daily(request: Request, mirror: Mirror, service: TheService, waits: Waits) -> Response:
    """Takes the daily snapshot now, of the mirror as it is; ClickUp is asked nothing."""
    return await _sync(request, mirror, service, "daily", waits)


async def _sync(request: Request, mirror: Asked, service: Service, kind: Kind, waits: Patience) -> Response:
    """Orders the sync or joins it, and follows it as long as the caller waits."""
    until = time.monotonic() + (waits.seconds if waits.waits else 0)
    while True:
        asked = await _order(service, kind)
        run = await _follow(request, mirror, service, asked["run_id"], until)
        # Who withdraws a run that others joined does not withdraw it for them.
        if run["status"] != "interrupted" or asked["is_new"]:
            break
    if run["status"] in ("failed", "interrupted"):
        raise _failure(run)
    body = to_json(run | {"joined": not asked["is_new"]}, mirror.zone)
    status = HTTP_200_OK if run["status"] == "succeeded" else HTTP_202_ACCEPTED
    return Response(body, status, {"Location": f"/runs/{run['run_id']}"}, media_type=JSON)


async def _order(service: Service, kind: Kind) -> Row:
    """The run that does it. Raises the 503 where nobody would."""
    run = await service.order(kind, "api")
    if run is None:
        raise _nobody(service)
    return run


async def _follow(request: Request, mirror: Asked, service: Service, run_id: UUID, until: float) -> Row:
    """The run as it ended, or as it stands when the caller waits no longer."""
    held_at = time.monotonic()
    while True:
        run = await mirror.reports.runs.get(mirror.workspace_id, run_id)
        if run is None:
            raise HTTPException(503, f"run {run_id} is not known any more", _SOON)
        if run["ended_at"] or time.monotonic() >= until or await request.is_disconnected():
            return run
        if await mirror.reports.runs.is_held(mirror.workspace_id):
            held_at = time.monotonic()
        elif time.monotonic() - held_at > _ORPHANED_SECONDS:
            raise _nobody(service)
        await asyncio.sleep(_LOOK_SECONDS)


def _nobody(service: Service) -> HTTPException:
    reason = service.hindrance or "ask again in a moment"
    return HTTPException(503, f"no process holds the workspace, so nobody makes the sync: {reason}", _SOON)


def _failure(run: Row) -> HTTPException:
    """By whose matter it was that it failed; of a holder of an older version nobody knows."""
    if run["status"] == "interrupted":
        return HTTPException(503, f"run {run['run_id']} was interrupted before its end", _SOON)
    return HTTPException(_STATUS_OF[run["fault"]], f"run {run['run_id']} failed: {run['error']}")
