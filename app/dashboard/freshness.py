"""As of when the mirror is: a line on every page, which asks for itself again from time to time."""

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from app.dashboard.request_context import Look
from app.dashboard.templating import html

router = APIRouter(include_in_schema=False)


@router.get("/ui/standing")
async def show_standing(look: Look) -> HTMLResponse:
    """The line alone."""
    return html("standing.html", clock=look.clock, links=look.links, standing=await look.standing())
