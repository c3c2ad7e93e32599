"""The MCP server: `python -m app.mcp.mcp_server`. Importing it reads no setting and opens nothing."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from functools import partial, wraps
from pathlib import Path
from typing import Any, NoReturn, get_type_hints

import structlog
import typer
import uvicorn
from fastmcp import FastMCP
from fastmcp.prompts import Prompt
from fastmcp.resources import Resource, ResourceTemplate
from fastmcp.tools import Tool, ToolResult
from fastmcp.utilities.json_schema import dereference_refs
from mcp_types import ToolAnnotations
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.adapters.redaction import redact_standard_streams
from app.config import Settings, load_offline_settings
from app.core.errors import SettingsError, SyncError, root_error
from app.http.auth import AuthMiddleware, Cors
from app.http.body import BodyLimit
from app.http.request_log import FinishedRequest, RequestLog
from app.http.serving import require_keys_for_public_host, serve
from app.logging_config import configure_logging
from app.mcp.answers import Answer, render_answer
from app.mcp.middleware import Calls
from app.mcp.options import HOST, PATH, PORT, Directory, Host, Port, Reload, Stdio
from app.mcp.registry import INSTRUCTIONS, PROMPTS, RESOURCES, TEMPLATES, TOOLS
from app.mcp.rendering import schema_of
from app.mcp.request_context import ServerLifespan
from app.mcp.workspace_parameter import with_workspace

log = structlog.get_logger()

# Every tool changes nothing, may be called again, and asks no other world than the mirror.
_ONLY_READS = {
    "readOnlyHint": True,
    "destructiveHint": False,
    "idempotentHint": True,
    "openWorldHint": False,
}
_LARGEST_BODY_BYTES = 128 * 1024
_FAILED, _WRONG_SETTINGS, _INTERRUPTED = 1, 2, 130


def create_server(opening: ServerLifespan) -> FastMCP[Any]:
    """The server with its tools, resources and prompts; nothing is opened before it runs."""
    server: FastMCP[Any] = FastMCP(
        "clickup-sync",
        instructions=INSTRUCTIONS,
        lifespan=opening,
        middleware=[Calls()],
        mask_error_details=True,
        strict_input_validation=False,
        dereference_schemas=False,
    )
    for tool, title in TOOLS.items():
        server.add_tool(_offered(tool, title))
    for uri, (read, title, mime_type) in RESOURCES.items():
        server.add_resource(Resource.from_function(read, uri=uri, title=title, mime_type=mime_type))
    for uri, (read, title, mime_type) in TEMPLATES.items():
        server.add_template(
            ResourceTemplate.from_function(read, uri_template=uri, title=title, mime_type=mime_type)
        )
    for prompt, title in PROMPTS.items():
        server.add_prompt(Prompt.from_function(prompt, title=title))
    return server


def _offered(function: Callable[..., Awaitable[Answer]], title: str) -> Tool:
    """With schemas that refer to nothing: some clients cannot follow.

    The library would create them again for each list of tools, which blocks for a tenth of a second.
    """
    asked = with_workspace(function)

    @wraps(asked)
    async def answer(**arguments: Any) -> ToolResult:
        return ToolResult(structured_content=render_answer(await asked(**arguments)))

    schema = schema_of(get_type_hints(function)["return"])
    tool = Tool.from_function(
        answer, title=title, annotations=ToolAnnotations(title=title, **_ONLY_READS), output_schema=schema
    )
    tool.parameters = dereference_refs(tool.parameters)
    return tool


def _log_refusal(request: FinishedRequest) -> None:
    """Calls of tools have lines of their own."""
    if request.status >= 400:
        method = request.scope["method"]
        log.info("request.refused", method=method, status=request.status, key=request.key)


def create_app(settings: Settings | None = None) -> Starlette:
    """The server over HTTP, each POST by itself; without settings they are read from the environment."""
    known = settings or load_offline_settings()
    _configure(known)
    opening = ServerLifespan(known)
    application = create_server(opening).http_app(
        path=PATH,
        transport="http",
        stateless_http=True,
        json_response=True,
        # The gate looks at hosts and origins, with the rules of the API.
        host_origin_protection=False,
        middleware=[
            Middleware(RequestLog, record=_log_refusal),
            Middleware(Cors),
            Middleware(AuthMiddleware, allows_post_reads=True),
            Middleware(BodyLimit, largest=_LARGEST_BODY_BYTES),
        ],
    )
    application.debug = False
    application.router.routes.append(Route("/healthz", _live))
    opening.state = application.state
    return application


def serve_tools(
    *, stdio: bool, host: str, port: int, reload: bool, directory: Path | None, greet: Callable[[str], None]
) -> None:
    """Serves until it is told to end. Raises SyncError with what hinders it, and KeyboardInterrupt."""
    if directory:
        os.chdir(directory)
    settings = load_offline_settings()
    if stdio:
        _serve_stdio(settings)
        return
    require_keys_for_public_host(settings, host)
    greeting = f"Tools for assistants: http://{host}:{port}{PATH}. Press Ctrl-C to stop."
    if reload:
        greet(greeting)
        uvicorn.run(
            "app.mcp.mcp_server:create_app",
            factory=True,
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            reload=True,
            reload_dirs=[str(Path(__file__).parents[1])],
        )
    else:
        serve(create_app(settings), settings, host, port, partial(greet, greeting))


def _serve_stdio(settings: Settings) -> None:
    _configure(settings)
    # A read of standard input cannot be cut off: Ctrl-C ends the process, which has nothing to tidy up.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        asyncio.run(create_server(ServerLifespan(settings)).run_async("stdio", show_banner=False))
    except BaseExceptionGroup as group:
        raise root_error(group) from None


def _configure(settings: Settings) -> None:
    """Logs as the settings say, on standard error; of FastMCP's own what is a warning or worse."""
    configure_logging(settings.log_level or "info", settings.log_format, settings.secrets)
    library = logging.getLogger("fastmcp")
    library.handlers, library.propagate = [], True
    # What goes wrong in a tool is told by Calls, with its cause, and once.
    logging.getLogger("fastmcp.server.server").setLevel(logging.CRITICAL)


async def _live(_: Request) -> Response:
    """The process is alive."""
    return PlainTextResponse("ok")


def command(
    stdio: Stdio = False,
    host: Host = HOST,
    port: Port = PORT,
    reload: Reload = False,
    directory: Directory = None,
) -> None:
    """Tools by which AI assistants ask the mirror. It needs the database alone, and never asks ClickUp."""
    try:
        serve_tools(
            stdio=stdio,
            host=host,
            port=port,
            reload=reload,
            directory=directory,
            greet=partial(typer.echo, err=True),
        )
    except SettingsError as error:
        _complain("Wrong settings", error, _WRONG_SETTINGS)
    except SyncError as error:
        _complain("Failed", error, _FAILED)
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)


def _complain(title: str, error: Exception, code: int) -> NoReturn:
    typer.echo(f"{title}: {error}", err=True)
    sys.exit(code)


def main() -> None:
    """`python -m app.mcp.mcp_server`."""
    # Standard output may carry the protocol.
    redact_standard_streams(output=False)
    typer.run(command)


if __name__ == "__main__":
    main()
