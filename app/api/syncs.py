"""Syncs that are requested over HTTP: a new run for a worker, or one that waits or runs already."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.status import HTTP_200_OK, HTTP_202_ACCEPTED

from app.api.json_encoding import JSON, to_json
from app.api.request_context import ApiContext, Context
from app.core.answers.fields import said, widen
from app.core.errors import ErrorCategory
from app.core.sync.run_kind import RequestableKind
from app.http.auth import require_write
from app.http.body import read_body
from app.http.long_answers import place_for_long_answer
from app.http.params import fault
from app.http.problems import PROBLEMS, problem_responses
from app.http.validation import reason_of
from app.http.workspace import blocked_by, service_of
from app.jobs.requests import RequestedRun
from app.jobs.service import Service
from app.reports.runs import Run

SyncKind = Literal["incremental", "full", "deep"]


class SyncBody(BaseModel):
    """The parameters of a sync, which may stand in the body instead of the address."""

    model_config = ConfigDict(extra="forbid")

    wait: Annotated[bool | None, said("As the parameter `wait`", True)] = None
    timeout: Annotated[int | None, Field(ge=0, le=3_600, description="As the parameter `timeout`")] = None


class TaskSyncBody(SyncBody):
    """The same, and which tasks are read."""

    kind: Annotated[SyncKind | None, said("As the parameter `kind`", "incremental")] = None
    full: Annotated[bool | None, said("As the parameter `full`")] = None
    deep: Annotated[bool | None, said("As the parameter `deep`")] = None


@dataclass(frozen=True, slots=True)
class Sync(Run):
    """The run that does what is asked."""

    joined: Annotated[bool, said("It was waiting or running already when it was requested")]


_RESPONSES: dict[int | str, dict[str, Any]] = {
    HTTP_202_ACCEPTED: {"model": Sync, "description": "It waits or is under way; Location tells more."},
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
_LARGEST_BODY_BYTES = 4_096
Handler = TypeVar("Handler", bound=Callable[..., Awaitable[Response]])
Body = TypeVar("Body", bound=SyncBody)
Value = TypeVar("Value")
_LOOK_SECONDS = 0.25
# So long there may be no worker before there is nobody to wait for: one that is restarted is back within two.
_ORPHANED_SECONDS = 10.0
_SOON = {"Retry-After": "5"}


@dataclass(frozen=True, slots=True)
class Patience:
    """Whether the caller waits for the end, and for how many seconds at most."""

    waits: bool
    seconds: int


Wait = Annotated[bool, Query(description="Answer when the sync has ended")]
Seconds = Annotated[int, Query(alias="timeout", ge=0, le=3_600, description="Wait at most this many seconds")]


async def patience(request: Request, wait: Wait = False, seconds: Seconds = 300) -> Patience:
    """How long the caller waits, as the address or the body says."""
    return _patience(request, await _read_body(request, SyncBody), wait, seconds)


def _patience(request: Request, body: SyncBody, wait: bool, seconds: int) -> Patience:
    return Patience(
        _one_of(request, "wait", wait, body.wait), _one_of(request, "timeout", seconds, body.timeout)
    )


def _one_of(request: Request, name: str, in_address: Value, in_body: Value | None) -> Value:
    """The value that was given. Raises the 422 where the address and the body differ."""
    if in_body is None:
        return in_address
    if name in request.query_params and in_address is not None and in_body != in_address:
        raise fault(name, f"the body has {in_body}: give only one of them")
    return in_body


def _asked_at(path: str, body: type[SyncBody] = SyncBody) -> Callable[[Handler], Handler]:
    """GET and POST alike: one route answers, whose 405 allows both, and OpenAPI has one for each."""
    described = {"requestBody": {"content": {JSON: {"schema": body.model_json_schema()}}}}

    def add(handler: Handler) -> Handler:
        router.add_api_route(path, handler, methods=["GET", "POST"], include_in_schema=False)
        for method, more in (("GET", None), ("POST", described)):
            router.add_api_route(
                path,
                handler,
                methods=[method],
                status_code=HTTP_202_ACCEPTED,
                responses=problem_responses(400, 413, 415),
                openapi_extra=more,
            )
        return handler

    return add


Waits = Annotated[Patience, Depends(patience)]
TheService = Annotated[Service, Depends(service_of)]


@dataclass(frozen=True, slots=True)
class TaskSync:
    """Which sync of tasks is asked for, and how long the caller waits for it."""

    kind: RequestableKind
    waits: Patience


async def task_sync(
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
    wait: Wait = False,
    seconds: Seconds = 300,
) -> TaskSync:
    """What is asked for, in the address or in the body. Raises the 422 for what contradicts itself."""
    for name in ("kind", "full", "deep"):
        if len(set(request.query_params.getlist(name))) > 1:
            raise fault(name, "it is given twice, with different values")
    body = await _read_body(request, TaskSyncBody)
    try:
        chosen = choose_kind(
            _one_of(request, "kind", kind, body.kind),
            _one_of(request, "full", full, body.full),
            _one_of(request, "deep", deep, body.deep),
        )
    except ValueError as error:
        raise fault("kind", str(error)) from None
    return TaskSync(chosen, _patience(request, body, wait, seconds))


def choose_kind(kind: SyncKind | None, full: bool | None, deep: bool | None) -> SyncKind:
    """What `kind` and the older parameters ask for together. Raises ValueError where they contradict."""
    flag: SyncKind | None = "deep" if deep else "full" if full else None
    if kind and flag and kind != flag:
        raise ValueError(f"{kind} contradicts {flag}=true: give one of them")
    if (kind == "full" and full is False) or (kind == "deep" and deep is False):
        raise ValueError(f"{kind} contradicts {kind}=false: give one of them")
    return kind or flag or ("incremental" if full is False else "full")


async def _read_body(request: Request, model: type[Body]) -> Body:
    """What the body says; nothing where there is none. Raises the problem for what cannot be understood."""
    body, is_whole = await read_body(request, _LARGEST_BODY_BYTES)
    if not is_whole:
        raise HTTPException(413, f"a body has no more than {_LARGEST_BODY_BYTES} bytes")
    if not body.strip():
        return model()
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        raise HTTPException(415, f"a body must be JSON: send it with the header Content-Type: {JSON}")
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise RequestValidationError(
            [
                {"type": "body", "loc": ("body", *each["loc"]), "msg": reason_of(each, model.model_fields)}
                for each in error.errors(include_url=False)
            ]
        ) from None


@_asked_at("/sync/tasks", TaskSyncBody)
async def sync_tasks(
    request: Request, context: Context, service: TheService, asked: Annotated[TaskSync, Depends(task_sync)]
) -> Response:
    """Brings tasks, time and comments up to date: all that listings show, unless another kind is asked for.

    A sync of this kind that waits or is under way is joined, not doubled.
    """
    return await _sync(request, context, service, asked.kind, asked.waits)


@_asked_at("/sync/employees")
async def sync_employees(request: Request, context: Context, service: TheService, waits: Waits) -> Response:
    """Brings the workspace's people up to date."""
    return await _sync(request, context, service, "employees", waits)


@_asked_at("/sync/daily")
async def sync_daily(request: Request, context: Context, service: TheService, waits: Waits) -> Response:
    """Takes the daily snapshot now, of the mirror as it is; ClickUp is asked nothing."""
    return await _sync(request, context, service, "snapshot", waits)


async def _sync(
    request: Request, context: ApiContext, service: Service, kind: RequestableKind, waits: Patience
) -> Response:
    """Requests the sync or joins it, and follows it as long as the caller waits."""
    until = time.monotonic() + (waits.seconds if waits.waits else 0)
    with place_for_long_answer(request) if waits.waits else nullcontext():
        while True:
            requested = await _request(request, service, kind, context.workspace_id)
            run = await _follow(request, context, service, requested.run_id, until)
            # Who cancels a run that others joined does not cancel it for them.
            if run.status != "interrupted" or requested.is_new:
                break
    if run.status in ("failed", "interrupted"):
        raise _failure(run)
    body = to_json(widen(Sync, run, joined=not requested.is_new), context.zone)
    status = HTTP_200_OK if run.status == "succeeded" else HTTP_202_ACCEPTED
    return Response(body, status, {"Location": f"/runs/{run.run_id}"}, media_type=JSON)


async def _request(
    request: Request, service: Service, kind: RequestableKind, workspace_id: str
) -> RequestedRun:
    """The run that does it. Raises the 503 where nobody would."""
    run = await service.request(kind, "api", workspace_id)
    if run is None:
        raise _no_worker(request)
    return run


async def _follow(request: Request, context: ApiContext, service: Service, run_id: UUID, until: float) -> Run:
    """The run as it ended, or as it stands when the caller waits no longer."""
    seen_at = time.monotonic()
    while True:
        run = await context.reports.runs.get(context.workspace_id, run_id)
        if run is None:
            raise HTTPException(503, f"run {run_id} no longer exists", _SOON)
        if run.ended_at or time.monotonic() >= until or await request.is_disconnected():
            return run
        if await service.jobs.has_worker():
            seen_at = time.monotonic()
        elif time.monotonic() - seen_at > _ORPHANED_SECONDS:
            raise _no_worker(request)
        await asyncio.sleep(_LOOK_SECONDS)


def _no_worker(request: Request) -> HTTPException:
    reason = blocked_by(request) or "start `clickup-sync serve` or `clickup-sync worker`"
    return HTTPException(
        503, f"no worker is running for this workspace, so the sync cannot start: {reason}", _SOON
    )


def _failure(run: Run) -> HTTPException:
    """By whose matter it was that it failed; of a worker of an older version nobody knows."""
    if run.status == "interrupted":
        return HTTPException(503, f"run {run.run_id} was interrupted before its end", _SOON)
    return HTTPException(_STATUS_OF[run.fault], f"run {run.run_id} failed: {run.error}")
