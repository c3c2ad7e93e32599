"""Where commands write: answers on standard output, all else on standard error."""

from datetime import datetime
from typing import Any

import orjson
import typer
from rich.console import Console

console, errors = Console(highlight=False), Console(stderr=True, highlight=False)


def print_json(document: Any) -> None:
    """On standard output, indented."""
    typer.echo(orjson.dumps(document, default=_plain, option=orjson.OPT_INDENT_2).decode())


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
