"""Syncs that are asked for over HTTP: queued for the process that syncs the workspace, or joined."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.status import HTTP_200_OK, HTTP_202_ACCEPTED

from app.api.params import Mirror
from app.api.request_context import Asked
from app.api.response_cache import JSON, to_json
from app.api.sync_schemas import Sync, SyncBody, SyncKind
from app.core.errors import ErrorCategory
from app.engine.run import RequestableKind
from app.http.auth import require_write
from app.http.body import read_body
from app.http.long_answers import place_for_long_answer
from app.http.params import fault
from app.http.problems import PROBLEMS, problem_responses
from app.http.workspace import service_of
from app.jobs.requests import RequestedRun
from app.jobs.service import Service
from app.supabase_db import Row

_RESPONSES: dict[int | str, dict[str, Any]] = {
    HTTP_202_ACCEPTED: {"model": Sync, "description": "It is waiting or running; see Location."},
    HTTP_200_OK: {"model": Sync, "description": "It has succeeded."},
    **problem_responses(502),
}
# Whoever asks here has something done, also with GET: a key that may only read does not suffice.
router = APIRouter(
    tags=["syncs"], responses={**PROBLEMS, **_RESPONSES}, dependencies=[Depends(require_write)]
)

_STATUS_OF: dict[ErrorCategory | None, int] = {
    "clickup": 502, "token": 503, "database": 503, "settings": 503, "process": 503, "mirror": 500, None: 500,
}  # fmt: skip
_RUN_KINDS: dict[SyncKind, RequestableKind] = {"incremental": "changes", "full": "full", "deep": "deep"}
_LARGEST_BODY_BYTES = 4_096
_BODY = {"requestBody": {"content": {JSON: {"schema": SyncBody.model_json_schema()}}}}
Handler = TypeVar("Handler", bound=Callable[..., Awaitable[Response]])
_LOOK_SECONDS = 0.25
# So long there may be no worker before there is nobody to wait for: one that is restarted is back within two.
_ORPHANED_SECONDS = 10.0
_SOON = {"Retry-After": "5"}


@dataclass(frozen=True, slots=True)
class Patience:
    """Whether the caller waits for the end, and for how many seconds at most."""

    waits: bool
    seconds: int


def patience(
    wait: Annotated[bool, Query(description="Answer when the sync has ended")] = False,
    timeout: Annotated[int, Query(ge=0, le=3_600, description="Wait at most this many seconds")] = 300,
) -> Patience:
    """How long the caller waits."""
    return Patience(wait, timeout)


def _asked_at(path: str, body: dict[str, Any] | None = None) -> Callable[[Handler], Handler]:
    """GET and POST alike: one route answers, whose 405 allows both, and OpenAPI has one for each.

    `body`: what OpenAPI says of the body of a POST, where one is read.
    """
    refusals = problem_responses(400, 413, 415) if body else {}

    def add(handler: Handler) -> Handler:
        router.add_api_route(path, handler, methods=["GET", "POST"], include_in_schema=False)
        for method, more in (("GET", None), ("POST", body)):
            router.add_api_route(
                path,
                handler,
                methods=[method],
                status_code=HTTP_202_ACCEPTED,
                responses=refusals,
                openapi_extra=more,
            )
        return handler

    return add


Waits = Annotated[Patience, Depends(patience)]
TheService = Annotated[Service, Depends(service_of)]


async def asked_kind(
    request: Request,
    kind: Annotated[
        SyncKind | None,
        Query(
            description="What changed since the last sync; everything that listings show, compared; or that "
            "and every task's comments and sessions, read again. Without it: full"
        ),
    ] = None,
    full: Annotated[bool | None, Query(description="The same as `kind=full`; false: `incremental`")] = None,
    deep: Annotated[bool | None, Query(description="The same as `kind=deep`; goes before `full`")] = None,
) -> RequestableKind:
    """Which sync is asked for, in the address or in the body. Raises the 422 for what contradicts itself."""
    for name in ("kind", "full", "deep"):
        if len(set(request.query_params.getlist(name))) > 1:
            raise fault(name, "it is given twice, with different values")
    told = await _kind_in_body(request)
    if kind and told and kind != told:
        raise fault("kind", f"the body has {told}: give only one of them")
    try:
        return _RUN_KINDS[choose_kind(kind or told, full, deep)]
    except ValueError as error:
        raise fault("kind", str(error)) from None


def choose_kind(kind: SyncKind | None, full: bool | None, deep: bool | None) -> SyncKind:
    """What `kind` and the older parameters ask for together. Raises ValueError where they contradict."""
    flag: SyncKind | None = "deep" if deep else "full" if full else None
    if kind and flag and kind != flag:
        raise ValueError(f"{kind} contradicts {flag}=true: give one of them")
    if (kind == "full" and full is False) or (kind == "deep" and deep is False):
        raise ValueError(f"{kind} contradicts {kind}=false: give one of them")
    return kind or flag or ("incremental" if full is False else "full")


async def _kind_in_body(request: Request) -> SyncKind | None:
    body, is_whole = await read_body(request, _LARGEST_BODY_BYTES)
    if not is_whole:
        raise HTTPException(413, f"a body has no more than {_LARGEST_BODY_BYTES} bytes")
    if not body.strip():
        return None
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        raise HTTPException(415, f"a body must be JSON: send it with the header Content-Type: {JSON}")
    try:
        return SyncBody.model_validate_json(body).kind
    except ValidationError as error:
        found = [{**each, "loc": ("body", *each["loc"])} for each in error.errors(include_url=False)]
        raise RequestValidationError(found) from None


@_asked_at("/sync/tasks", _BODY)
async def sync_tasks(
    request: Request,
    mirror: Mirror,
    service: TheService,
    waits: Waits,
    kind: Annotated[RequestableKind, Depends(asked_kind)],
) -> Response:
    """Brings tasks, time and comments up to date: all that listings show, unless another kind is asked for.

    A sync of this kind that waits or is running is joined, not repeated. The run of an incremental one has
    the kind `changes`.
    """
    return await _sync(request, mirror, service, kind, waits)


@_asked_at("/sync/employees")
async def sync_employees(request: Request, mirror: Mirror, service: TheService, waits: Waits) -> Response:
    """Brings the workspace's people up to date."""
    return await _sync(request, mirror, service, "employees", waits)


@_asked_at("/sync/daily")
async def sync_daily(request: Request, mirror: Mirror, service: TheService, waits: Waits) -> Response:
    """Takes the daily snapshot now, of the mirror as it is; ClickUp is asked nothing."""
    return await _sync(request, mirror, service, "daily", waits)


async def _sync(
    request: Request, mirror: Asked, service: Service, kind: RequestableKind, waits: Patience
) -> Response:
    """Requests the sync or joins it, and follows it as long as the caller waits."""
    until = time.monotonic() + (waits.seconds if waits.waits else 0)
    with place_for_long_answer(request) if waits.waits else nullcontext():
        while True:
            requested = await _request(service, kind, mirror.workspace_id)
            run = await _follow(request, mirror, service, requested.run_id, until)
            # Who cancels a run that others joined does not cancel it for them.
            if run["status"] != "interrupted" or requested.is_new:
                break
    if run["status"] in ("failed", "interrupted"):
        raise _failure(run)
    body = to_json(run | {"joined": not requested.is_new}, mirror.zone)
    status = HTTP_200_OK if run["status"] == "succeeded" else HTTP_202_ACCEPTED
    return Response(body, status, {"Location": f"/runs/{run['run_id']}"}, media_type=JSON)


async def _request(service: Service, kind: RequestableKind, workspace_id: str) -> RequestedRun:
    """The run that does it. Raises the 503 where nobody would."""
    run = await service.request(kind, "api", workspace_id)
    if run is None:
        raise _no_worker(service)
    return run


async def _follow(request: Request, mirror: Asked, service: Service, run_id: UUID, until: float) -> Row:
    """The run as it ended, or as it stands when the caller waits no longer."""
    seen_at = time.monotonic()
    while True:
        run = await mirror.reports.runs.get(mirror.workspace_id, run_id)
        if run is None:
            raise HTTPException(503, f"run {run_id} no longer exists", _SOON)
        if run["ended_at"] or time.monotonic() >= until or await request.is_disconnected():
            return run
        if await service.jobs.has_worker():
            seen_at = time.monotonic()
        elif time.monotonic() - seen_at > _ORPHANED_SECONDS:
            raise _no_worker(service)
        await asyncio.sleep(_LOOK_SECONDS)


def _no_worker(service: Service) -> HTTPException:
    reason = service.blocked_by or "start `clickup-sync serve` or `clickup-sync worker`"
    return HTTPException(
        503, f"no worker is running for this workspace, so the sync cannot start: {reason}", _SOON
    )


def _failure(run: Row) -> HTTPException:
    """By whose matter it was that it failed; of a worker of an older version nobody knows."""
    if run["status"] == "interrupted":
        return HTTPException(503, f"run {run['run_id']} was interrupted before its end", _SOON)
    return HTTPException(_STATUS_OF[run["fault"]], f"run {run['run_id']} failed: {run['error']}")
