"""`clickup-sync mcp`: tools for AI assistants, and what their programs need to be told to find them."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from app.cli.output import errors, print_json
from app.mcp.options import HOST, PORT, Directory, Host, Port, Reload, Stdio

app = typer.Typer(help="Serve tools for AI assistants.")
Client = Literal["claude", "cursor", "vscode"]

_NAME = "clickup"
_SERVER = ["-m", "app.mcp.mcp_server"]
_ROOT = Path(__file__).parents[2]
_WHERE: dict[Client, str] = {
    "claude": "Claude Desktop: Settings, Developer, Edit Config. Claude Code: .mcp.json of a project",
    "cursor": "~/.cursor/mcp.json, or .cursor/mcp.json of a project",
    "vscode": ".vscode/mcp.json of a project, or the command `MCP: Open User Configuration`",
}
_KEY = "Where keys are needed, replace SECRET with a key's secret; else remove `headers`."


@app.callback(invoke_without_command=True)
def mcp(
    context: typer.Context,
    stdio: Stdio = False,
    host: Host = HOST,
    port: Port = PORT,
    reload: Reload = False,
    directory: Directory = None,
) -> None:
    """Serve tools for AI assistants. Needs only the database, and never asks ClickUp."""
    if context.invoked_subcommand:
        return
    words = [*_SERVER, "--host", host, "--port", str(port)]
    words += ["--stdio"] * stdio + ["--reload"] * reload
    _exec_server(words + (["--directory", str(directory)] if directory else []))


@app.command()
def config(
    client: Annotated[Client, typer.Argument(help="The client program.")],
    http: Annotated[
        str | None,
        typer.Option(metavar="URL", help="A running server, such as http://127.0.0.1:8001/mcp."),
    ] = None,
) -> None:
    """Print the configuration for a client: it starts the server, or connects to a running one."""
    document = {"servers" if client == "vscode" else "mcpServers": {_NAME: _server(client, http)}}
    print_json(document)
    errors.print(f"It goes into: {_WHERE[client]}.", soft_wrap=True)
    if http:
        errors.print(_KEY, soft_wrap=True)


def _server(client: Client, http: str | None) -> dict[str, Any]:
    """One server, as this client writes it; most know a server that they start by its command."""
    if http:
        kind = {} if client == "cursor" else {"type": "http"}
        return kind | {"url": http, "headers": {"Authorization": "Bearer SECRET"}}
    kind = {"type": "stdio"} if client == "vscode" else {}
    # Clients start it in any folder: where the code is, and where `.env` is, must be told.
    words = [*_SERVER, "--stdio", "--directory", str(Path.cwd())]
    return kind | {"command": sys.executable, "args": words, "env": {"PYTHONPATH": str(_ROOT)}}


def _exec_server(words: list[str]) -> None:
    """From here on this process is the server, as if it had been started by itself.

    Its libraries take a second to load and some memory, which no other command should spend.
    """
    if os.name == "posix":
        os.execv(sys.executable, [sys.executable, *words])
    raise typer.Exit(subprocess.call([sys.executable, *words]))
