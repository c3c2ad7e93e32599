"""Where ClickUp delivers: what is signed is kept and answered at once; the work comes after."""

import asyncio
import re
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from starlette.status import (
    HTTP_200_OK,
    HTTP_403_FORBIDDEN,
    HTTP_408_REQUEST_TIMEOUT,
    HTTP_413_CONTENT_TOO_LARGE,
    HTTP_503_SERVICE_UNAVAILABLE,
)

from app.core.errors import SyncError
from app.core.webhook import PATH
from app.entrance.body import read_body
from app.entrance.workspace import service_of
from app.service import Service

router = APIRouter(tags=["webhooks"])

# Unsigned ones are refused; so much of them is read as tells whether they are ClickUp's.
_LARGEST_BYTES, _LARGEST_UNSIGNED_BYTES = 8 * 1024 * 1024, 64 * 1024
_SIGNATURE = re.compile(r"\s*[0-9a-fA-F]{64}\s*")
# ClickUp gives up after 7 seconds and tries again (source: ClickUp docs).
_PATIENCE_SECONDS, _BODY_SECONDS = 5.0, 7.0


@router.post(PATH, include_in_schema=False)
async def receive_delivery(request: Request, service: Annotated[Service, Depends(service_of)]) -> Response:
    """200 when the delivery is kept, 403 when ClickUp did not sign it, 503 when it cannot be kept now.

    Never 401 or 410, which make ClickUp suspend the webhook at once (observed).
    """
    signature = request.headers.get("x-signature", "")
    is_signed = _SIGNATURE.fullmatch(signature) is not None
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            body, is_whole = await read_body(
                request, _LARGEST_BYTES if is_signed else _LARGEST_UNSIGNED_BYTES
            )
    except TimeoutError:
        return Response(status_code=HTTP_408_REQUEST_TIMEOUT)
    if is_signed and not is_whole:
        return Response(status_code=HTTP_413_CONTENT_TOO_LARGE)
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            kept = await service.receiver.receive(body, signature, service.workspace_id)
    except (SyncError, TimeoutError):
        return Response(status_code=HTTP_503_SERVICE_UNAVAILABLE)
    return Response(status_code=HTTP_200_OK if kept else HTTP_403_FORBIDDEN)
