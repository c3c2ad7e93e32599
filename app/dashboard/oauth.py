"""Where ClickUp sends a browser back to, whose user let this service read workspaces."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.core.errors import InvalidRequest
from app.dashboard.request_context import TheService
from app.dashboard.templating import html
from app.jobs.oauth import OAUTH_CALLBACK, complete_authorization

router = APIRouter(include_in_schema=False)
Part = Annotated[str, Query(max_length=500)]


@router.get(OAUTH_CALLBACK)
async def finish(service: TheService, state: Part = "", code: Part = "", error: Part = "") -> Response:
    """Connects the workspaces that were chosen at ClickUp."""
    if not code:
        reason = f" ({error})" if error else ""
        raise InvalidRequest(f"ClickUp allowed nothing{reason}: begin again, and choose a workspace there")
    connected = await complete_authorization(service.database, service.settings, state, code)
    return html("connected.html", connections=connected)
