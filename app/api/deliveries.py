"""Where ClickUp delivers: what is signed is kept and answered at once; the work comes after."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from starlette.status import (
    HTTP_200_OK,
    HTTP_403_FORBIDDEN,
    HTTP_413_CONTENT_TOO_LARGE,
    HTTP_503_SERVICE_UNAVAILABLE,
)

from app.core.errors import SyncError
from app.core.webhook import PATH
from app.entrance.workspace import service_of
from app.service import Service

router = APIRouter(tags=["webhooks"])

_LARGEST_BYTES = 8 * 1024 * 1024
# ClickUp gives up after 7 seconds and tries again (source: ClickUp docs).
_PATIENCE_SECONDS = 5.0


@router.post(PATH, include_in_schema=False)
async def receive_delivery(request: Request, service: Annotated[Service, Depends(service_of)]) -> Response:
    """200 when the delivery is kept, 403 when ClickUp did not sign it, 503 when it cannot be kept now.

    Never 401 or 410, which make ClickUp suspend the webhook at once (observed).
    """
    body = await _read_body(request)
    if body is None:
        return Response(status_code=HTTP_413_CONTENT_TOO_LARGE)
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            kept = await service.doorkeeper.receive(body, request.headers.get("x-signature", ""))
    except (SyncError, TimeoutError):
        return Response(status_code=HTTP_503_SERVICE_UNAVAILABLE)
    return Response(status_code=HTTP_200_OK if kept else HTTP_403_FORBIDDEN)


async def _read_body(request: Request) -> bytes | None:
    """The raw body; None when it is larger than any delivery."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST_BYTES:
            return None
    return bytes(body)
