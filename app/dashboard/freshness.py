"""As of when the mirror is: a line on every page, which asks for itself again from time to time."""

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from app.dashboard.request_context import Look
from app.dashboard.templating import html

router = APIRouter(include_in_schema=False)


@router.get("/ui/sync-status")
async def show_sync_status(look: Look) -> HTMLResponse:
    """The line alone."""
    return html("sync_status.html", clock=look.clock, links=look.links, sync_status=await look.sync_status())
