"""The overview over HTTP, and the button that has a sync made."""

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.status import HTTP_303_SEE_OTHER

from app.dashboard.live import live_of
from app.dashboard.request_context import Context, TheService, TheVisitor
from app.dashboard.switcher import ShownWorkspace
from app.dashboard.templating import html
from app.http.auth import require_write
from app.http.workspace import blocked_by
from app.reports.status_rows import LIST_FAILED_JOBS

router = APIRouter(include_in_schema=False)


@router.get("/")
async def show_overview(request: Request, visitor: TheVisitor, shown: ShownWorkspace) -> HTMLResponse:
    """Sync status; also where the workspace is not known yet, or the database is gone."""
    reader = live_of(request, shown).reader
    overview = await reader.look()
    clock = await reader.clock()
    answer = html(
        "overview.html", place="overview", clock=clock, visitor=visitor, sync_status=None, shown=shown,
        links=shown.links, **overview.parts(),
    )  # fmt: skip
    shown.remember(request, answer)
    return answer


@router.post("/ui/sync", dependencies=[Depends(require_write)])
async def sync_now(request: Request, context: Context, service: TheService) -> Response:
    """Requests an incremental sync, or joins the one that waits or is under way."""
    run = await service.request("incremental", "page", context.workspace_id)
    if run is None:
        raise _no_worker(request)
    live_of(request, context.shown).look_at_once()
    if "hx-request" in request.headers:
        return html("notice.html", sentence=_sentence(is_new=run.is_new))
    return RedirectResponse(context.links.to("/"), HTTP_303_SEE_OTHER)


@router.post("/ui/jobs/retry", dependencies=[Depends(require_write)])
async def retry_failed_jobs(request: Request, context: Context, service: TheService) -> Response:
    """Has every failed job of the workspace tried again."""
    failed = await service.database.rows(LIST_FAILED_JOBS, workspace_id=context.workspace_id)
    for job in failed:
        await service.jobs.retry(job.workspace_id, job.kind)
    if "hx-request" in request.headers:
        jobs = context.clock.formats.pluralize(len(failed), "job")
        sentence = f"{jobs} will be tried again." if failed else "No job failed."
        return html("notice.html", sentence=sentence)
    return RedirectResponse(context.links.to("/"), HTTP_303_SEE_OTHER)


def _sentence(*, is_new: bool) -> str:
    return "Sync started." if is_new else "A sync is running already."


def _no_worker(request: Request) -> HTTPException:
    reason = blocked_by(request) or "try again in a moment"
    return HTTPException(503, f"No worker is running for this workspace, so the sync cannot start: {reason}.")
