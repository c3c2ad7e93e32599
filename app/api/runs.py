"""Runs, and how the mirror is, over HTTP."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from pydantic import StringConstraints

from app.api.json_encoding import JSON, to_json
from app.api.page_fields import Count, NextCursor, PageLimit, Total
from app.api.params import UNCHANGED, UNKNOWN, CursorText, Limit, unknown
from app.api.request_context import Context
from app.core.answers.day import beginning_of
from app.core.answers.fields import narrow, said, widen
from app.core.answers.paging import write_cursor
from app.core.sync.run_kind import RunKind
from app.http.params import Since, given_cursor
from app.http.problems import PROBLEMS
from app.http.workspace import limits_of, service_of
from app.jobs.service import Service
from app.reports import WorkspaceStatus
from app.reports.runs import Run, RunFilter, RunStatus

router = APIRouter(tags=["runs"], responses=PROBLEMS)


Trigger = Annotated[str, StringConstraints(pattern=r"^[a-z]+$", min_length=1, max_length=20)]


@dataclass(frozen=True, slots=True)
class WorkspaceRef:
    """A workspace of the same database that another service serves."""

    workspace_id: Annotated[str, said("ClickUp's id", "9000004")]
    name: Annotated[str, said("Its name; the id while it is not known")]


@dataclass(frozen=True, slots=True)
class MirrorStatus(WorkspaceStatus):
    """Sync status. Instants are ISO 8601 in its zone, with the offset."""

    others: Annotated[list[WorkspaceRef], said("What else the database holds; their services tell of them")]
    as_of: Annotated[datetime, said("When this was asked")]


@dataclass(frozen=True, slots=True)
class RunPage:
    """One page of runs, the latest start first."""

    count: Count
    limit: PageLimit
    total: Total
    next_cursor: NextCursor
    runs: list[Run]


def run_filter(
    context: Context,
    kind: Annotated[list[RunKind] | None, Query(description="What was done", max_length=10)] = None,
    status: Annotated[list[RunStatus] | None, Query(description="How it stands", max_length=10)] = None,
    trigger: Annotated[list[Trigger] | None, Query(description="What requested it", max_length=10)] = None,
    since: Annotated[
        Since | None, Query(description="Started on this day or instant or later; without an offset in UTC")
    ] = None,
) -> RunFilter:
    """Which runs. Several values of one filter mean any of them, several filters all of them."""
    begin = beginning_of(since, context.zone) if since else None
    return RunFilter(kinds=kind, statuses=status, triggers=trigger, since=begin)


@router.get("/runs", responses={200: {"model": RunPage}, **UNCHANGED})
async def list_runs(
    request: Request,
    context: Context,
    wanted: Annotated[RunFilter, Depends(run_filter)],
    limit: Limit = 100,
    cursor: CursorText = None,
) -> Response:
    """Runs, the latest start first. A run that waited gets a new start time when it runs."""
    place = given_cursor(cursor, wanted.question, context.workspace_id)

    async def make() -> bytes:
        page = await context.reports.runs.page(context.workspace_id, wanted, place, limit)
        total = await context.reports.runs.count(context.workspace_id, wanted)
        following = write_cursor(page.cursor, context.workspace_id) if page.cursor else None
        return to_json(RunPage(len(page.rows), limit, total, following, page.rows), context.zone)

    return await context.answers.answer(request, make, of_internal_tables=True)


@router.get("/runs/{run_id}", responses={200: {"model": Run}, **UNCHANGED, **UNKNOWN})
async def get_run(request: Request, context: Context, run_id: UUID) -> Response:
    """One run as it stands, with how far it is; 404 when it is not known, or forgotten."""

    async def make() -> bytes:
        run = await context.reports.runs.get(context.workspace_id, run_id)
        if run is None:
            raise unknown("run", str(run_id))
        return to_json(run, context.zone)

    return await context.answers.answer(request, make, of_internal_tables=True)


@router.get("/status", responses={200: {"model": MirrorStatus}})
async def get_status(
    request: Request,
    context: Context,
    service: Annotated[Service, Depends(service_of)],
    runs: Annotated[int, Query(ge=0, le=100, description="How many of the latest runs")] = 5,
    skipped: Annotated[int, Query(ge=0, le=1_000, description="How many of the latest skipped objects")] = 10,
) -> Response:
    """How fresh the mirror is, what it holds, and everything that speaks against relying on it."""
    mine = await context.reports.get_status_of(context.workspace_id, runs=runs, skipped=skipped)
    if mine is None:
        raise HTTPException(
            503, f"workspace {context.workspace_id} is not mirrored yet", {"Retry-After": "5"}
        )
    limits = limits_of(request)
    others = [
        narrow(WorkspaceRef, one)
        for one in await context.reports.list_workspaces()
        if one.workspace_id != context.workspace_id and limits.allows_workspace(one.workspace_id)
    ]
    mine = replace(mine, problems=await service.list_problems(limits, context.workspace_id))
    answer = widen(MirrorStatus, mine, others=others, as_of=datetime.now(UTC))
    return Response(to_json(answer, context.zone), media_type=JSON)
