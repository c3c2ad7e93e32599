"""Where ClickUp delivers: what is signed is kept and answered at once; the work comes after."""

import asyncio
import re
from contextlib import AsyncExitStack, suppress
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from starlette.status import (
    HTTP_200_OK,
    HTTP_403_FORBIDDEN,
    HTTP_408_REQUEST_TIMEOUT,
    HTTP_413_CONTENT_TOO_LARGE,
    HTTP_503_SERVICE_UNAVAILABLE,
)

from app.core.clickup.webhook import PATH
from app.core.errors import SyncError
from app.http.body import read_body
from app.http.workspace import service_of
from app.jobs.delivery_receiver import DeliveryReceiver
from app.jobs.service import Service

router = APIRouter(tags=["webhooks"])

_LARGEST_BYTES = 8 * 1024 * 1024
# Larger ones are few; what has not proved yet that ClickUp signed it shall not fill the memory.
_SMALL_BYTES = 64 * 1024
_SIGNATURE = re.compile(r"\s*[0-9a-fA-F]{64}\s*")
# ClickUp gives up after 7 seconds and tries again (source: ClickUp docs).
_PATIENCE_SECONDS, _BODY_SECONDS, _UNSIGNED_SECONDS = 5.0, 7.0, 1.0


@router.post(PATH, include_in_schema=False)
async def receive_delivery(request: Request, service: Annotated[Service, Depends(service_of)]) -> Response:
    """200 when the delivery is kept, 403 when ClickUp did not sign it, 503 when it cannot be kept now.

    Never 401 or 410, which make ClickUp suspend the webhook at once (observed).
    """
    signature = request.headers.get("x-signature", "")
    if _SIGNATURE.fullmatch(signature) is None:
        body = await _read_unsigned(request, service.receiver)
    else:
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                body = await _read_signed(request, service.receiver)
        except TimeoutError:
            return Response(status_code=HTTP_408_REQUEST_TIMEOUT)
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            kept = await service.receiver.receive(body, signature, service.workspace_id)
    except (SyncError, TimeoutError):
        return Response(status_code=HTTP_503_SERVICE_UNAVAILABLE)
    return Response(status_code=HTTP_200_OK if kept else HTTP_403_FORBIDDEN)


async def _read_signed(request: Request, receiver: DeliveryReceiver) -> bytes:
    """All of it. Raises the HTTPException for what is too large, or cannot be taken in now."""
    body, is_large = bytearray(), False
    async with AsyncExitStack() as places:
        async for chunk in request.stream():
            body += chunk
            if len(body) > _LARGEST_BYTES:
                raise HTTPException(
                    HTTP_413_CONTENT_TOO_LARGE, f"a delivery has no more than {_LARGEST_BYTES:,} bytes"
                )
            if len(body) > _SMALL_BYTES and not is_large:
                if receiver.large_bodies.locked():
                    raise HTTPException(
                        HTTP_503_SERVICE_UNAVAILABLE, "too many large deliveries arrive at once"
                    )
                await places.enter_async_context(receiver.large_bodies)
                is_large = True
    return bytes(body)


async def _read_unsigned(request: Request, receiver: DeliveryReceiver) -> bytes:
    """The beginning of it, of one such delivery at a time and for a moment: so that a proxy that takes
    ClickUp's signature away is told from a stranger, who is worth no more. Of all others nothing.
    """
    if receiver.unsigned_bodies.locked():
        return b""
    with suppress(TimeoutError):
        async with receiver.unsigned_bodies, asyncio.timeout(_UNSIGNED_SECONDS):
            return (await read_body(request, _SMALL_BYTES))[0]
    return b""
