"""Bodies of requests, read up to a bound: nobody fills the memory."""

from fastapi import HTTPException, Request
from starlette.requests import ClientDisconnect


async def read_body(request: Request, most: int) -> tuple[bytes, bool]:
    """The raw body up to so many bytes, and whether that is all of it.

    Raises the 400 for whoever hangs up before its end, which nobody reads any more.
    """
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > most:
                return bytes(body[:most]), False
    except ClientDisconnect:
        raise HTTPException(400, "the connection was closed before the end of the body") from None
    return bytes(body), True
