"""The job queue over HTTP: what waits, what runs, what failed, and another attempt."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response
from starlette.status import HTTP_202_ACCEPTED

from app.api.json_encoding import JSON, to_json
from app.api.params import UNKNOWN, unknown
from app.api.request_context import Context
from app.core.answers.fields import said
from app.core.sync.run_kind import JobName
from app.http.auth import require_write
from app.http.problems import PROBLEMS
from app.http.workspace import service_of
from app.jobs.service import Service
from app.reports.status_rows import COUNT_JOBS, LIST_FAILED_JOBS, FailedJob, JobCount

router = APIRouter(tags=["jobs"], responses=PROBLEMS)


@dataclass(frozen=True, slots=True)
class Jobs:
    """The jobs of one workspace. Instants are ISO 8601 in its zone, with the offset."""

    queued: Annotated[list[JobCount], said("By kind and state; empty where nothing is to do")]
    failed: Annotated[list[FailedJob], said("Jobs that failed, and succeeded in no attempt since")]


@router.get("/jobs", responses={200: {"model": Jobs}})
async def list_jobs(context: Context, service: Annotated[Service, Depends(service_of)]) -> Response:
    """What workers do now and next for the workspace, and what failed."""
    queued = await service.database.rows(COUNT_JOBS, workspace_id=context.workspace_id)
    failed = await service.database.rows(LIST_FAILED_JOBS, workspace_id=context.workspace_id)
    return Response(to_json(Jobs(queued, failed), context.zone), media_type=JSON)


@router.post(
    "/jobs/{kind}/retry",
    status_code=HTTP_202_ACCEPTED,
    responses={HTTP_202_ACCEPTED: {"model": FailedJob}, **UNKNOWN},
    dependencies=[Depends(require_write)],
)
async def retry_job(
    context: Context,
    service: Annotated[Service, Depends(service_of)],
    kind: Annotated[JobName, Path(description="Kind of a job that failed")],
) -> Response:
    """Has a failed job tried again at once; 404 where no job of this kind failed."""
    row = await service.jobs.retry(context.workspace_id, kind)
    if row is None:
        raise unknown("failed job of kind", kind)
    return Response(to_json(FailedJob(**row), context.zone), HTTP_202_ACCEPTED, media_type=JSON)
