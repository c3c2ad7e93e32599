"""Runs, and how the mirror is, over HTTP."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response

from app.api.params import UNCHANGED, UNKNOWN, CursorText, Limit, Mirror, unknown
from app.api.response_cache import JSON, to_json
from app.api.run_schemas import MirrorStatus, Run, RunPage, RunStatus, Trigger, status_document
from app.core.answers.paging import write_cursor
from app.engine.run import Kind
from app.http.params import Moment, given_cursor
from app.http.problems import PROBLEMS
from app.http.workspace import limits_of, service_of
from app.jobs.service import Service
from app.reports.runs import RunFilter

router = APIRouter(tags=["runs"], responses=PROBLEMS)


def run_filter(
    kind: Annotated[list[Kind] | None, Query(description="What was done", max_length=10)] = None,
    status: Annotated[list[RunStatus] | None, Query(description="How it stands", max_length=10)] = None,
    trigger: Annotated[list[Trigger] | None, Query(description="What requested it", max_length=10)] = None,
    since: Annotated[
        Moment | None, Query(description="Started then or later; without an offset in UTC")
    ] = None,
) -> RunFilter:
    """Which runs. Several values of one filter mean any of them, several filters all of them."""
    return RunFilter(kinds=kind, statuses=status, triggers=trigger, since=since)


@router.get("/runs", responses={200: {"model": RunPage}, **UNCHANGED})
async def list_runs(
    request: Request,
    mirror: Mirror,
    wanted: Annotated[RunFilter, Depends(run_filter)],
    limit: Limit = 100,
    cursor: CursorText = None,
) -> Response:
    """Runs, the latest start first. A run that waited gets a new start time when it runs."""
    place = given_cursor(cursor, wanted.question)

    async def make() -> bytes:
        page = await mirror.reports.runs.page(mirror.workspace_id, wanted, place, limit)
        document = {
            "count": len(page.rows),
            "limit": limit,
            "total": await mirror.reports.runs.count(mirror.workspace_id, wanted),
            "next_cursor": write_cursor(page.cursor) if page.cursor else None,
            "runs": page.rows,
        }
        return to_json(document, mirror.zone)

    return await mirror.answers.answer(request, make, of_books=True)


@router.get("/runs/{run_id}", responses={200: {"model": Run}, **UNCHANGED, **UNKNOWN})
async def get_run(request: Request, mirror: Mirror, run_id: UUID) -> Response:
    """One run as it stands, with how far it is; 404 when it is not known, or forgotten."""

    async def make() -> bytes:
        run = await mirror.reports.runs.get(mirror.workspace_id, run_id)
        if run is None:
            raise unknown("run", str(run_id))
        return to_json(run, mirror.zone)

    return await mirror.answers.answer(request, make, of_books=True)


@router.get("/status", responses={200: {"model": MirrorStatus}})
async def get_status(
    request: Request,
    mirror: Mirror,
    service: Annotated[Service, Depends(service_of)],
    runs: Annotated[int, Query(ge=0, le=100, description="How many of the latest runs")] = 5,
    skipped: Annotated[int, Query(ge=0, le=1_000, description="How many of the latest skipped objects")] = 10,
) -> Response:
    """How fresh the mirror is, what it holds, and everything that speaks against relying on it."""
    mine = await mirror.reports.get_status_of(mirror.workspace_id, runs=runs, skipped=skipped)
    if mine is None:
        raise HTTPException(503, f"workspace {mirror.workspace_id} is not mirrored yet", {"Retry-After": "5"})
    limits = limits_of(request)
    known = await mirror.reports.list_workspaces()
    workspaces = [one for one in known if limits.allows_workspace(one["workspace_id"])]
    problems = await service.list_problems(mirror.workspace_id)
    document = status_document(mine, problems, workspaces, datetime.now(UTC))
    return Response(to_json(document, mirror.zone), media_type=JSON)
