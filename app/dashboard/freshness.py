"""As of when the mirror is: a line on every page, which asks for itself again from time to time."""

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from app.dashboard.request_context import Context
from app.dashboard.templating import html

router = APIRouter(include_in_schema=False)


@router.get("/ui/sync-status")
async def show_sync_status(context: Context) -> HTMLResponse:
    """The line alone."""
    return html(
        "sync_status.html", clock=context.clock, links=context.links, sync_status=await context.sync_status()
    )
