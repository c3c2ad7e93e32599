"""What describes the API: its OpenAPI document, and the page to try it on, which works offline."""

import asyncio
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path

import orjson
from fastapi import APIRouter, FastAPI, HTTPException, Request, Response
from starlette.staticfiles import StaticFiles

from app.api.json_encoding import JSON
from app.api.response_cache import has_tag
from app.http.auth import DOCS_FILES

router = APIRouter(include_in_schema=False)

_OWN = StaticFiles(directory=Path(__file__).parent / "docs_page", check_dir=False)
_SWAGGER = StaticFiles(directory=str(files("fastapi_offline") / "static"), check_dir=False)
_OWN_FILE = "begin.js"


class OpenApiDocument:
    """The document as bytes, made once, at the first request for it.

    Making it takes a second or more: it is done in a thread, so that others are answered meanwhile; and who
    asks for it meanwhile waits for the same one.
    """

    def __init__(self, application: FastAPI) -> None:
        self._application = application
        self._making: asyncio.Task[bytes] | None = None

    async def body(self) -> bytes:
        """The document as JSON."""
        if self._making is None or (self._making.done() and self._making.exception()):
            self._making = asyncio.create_task(asyncio.to_thread(self._make))
        # Who asked first may go away; the others still wait for it.
        return await asyncio.shield(self._making)

    def _make(self) -> bytes:
        return orjson.dumps(self._application.openapi())


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """The OpenAPI document; 304 where the caller has it already."""
    document: OpenApiDocument = request.app.state.openapi_document
    body = await document.body()
    etag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    if has_tag(request.headers, etag):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=JSON, headers=headers)


@router.get("/docs")
async def docs(request: Request) -> Response:
    """The page, with nothing in it but what it loads."""
    return await _file(_OWN, "index.html", request)


@router.get("/docs/{name}")
async def docs_file(request: Request, name: str) -> Response:
    """One of the files that the page loads."""
    if name not in DOCS_FILES:
        raise HTTPException(404)
    return await _file(_OWN if name == _OWN_FILE else _SWAGGER, name, request)


async def _file(folder: StaticFiles, name: str, request: Request) -> Response:
    """304 where the browser has it already."""
    answer = await folder.get_response(name, request.scope)
    answer.headers["Cache-Control"] = "no-cache"
    return answer
