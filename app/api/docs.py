"""The page to try the API on. All that it loads comes along with the service, so it works offline."""

from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter, HTTPException, Request, Response
from starlette.staticfiles import StaticFiles

from app.entrance.guard import DOCS_FILES

router = APIRouter(include_in_schema=False)

_OWN = StaticFiles(directory=Path(__file__).parent / "docs_page", check_dir=False)
_SWAGGER = StaticFiles(directory=str(files("fastapi_offline") / "static"), check_dir=False)
_OWN_FILE = "begin.js"


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
