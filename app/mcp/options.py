"""How the server is started. The command line takes its options from here, without loading the server."""

from pathlib import Path
from typing import Annotated

import typer

PATH, HOST, PORT = "/mcp", "127.0.0.1", 8001

Stdio = Annotated[bool, typer.Option("--stdio", help="Use standard input and output, for one client.")]
Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(min=0, max=65_535, help="Port to listen on.")]
Reload = Annotated[bool, typer.Option("--reload", help="Restart when the code changes, for development.")]
Directory = Annotated[
    Path | None,
    typer.Option(
        exists=True, file_okay=False, help="Folder with `.env` and `data` (default: the working folder)."
    ),
]
