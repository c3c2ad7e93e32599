"""What a form of the page sends."""

from urllib.parse import parse_qs

from fastapi import HTTPException, Request

_LONGEST_FORM = 8_192


async def read_form(request: Request) -> dict[str, str]:
    """The first value of each field. Raises the 413 for a body that is no such form."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LONGEST_FORM:
            raise HTTPException(413, "this form is too long")
    fields = parse_qs(body.decode("utf-8", "replace"))
    return {name: values[0] for name, values in fields.items()}
