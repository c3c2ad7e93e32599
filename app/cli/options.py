"""What commands take and give alike: the settings, `--json`, and the document that it prints."""

from datetime import datetime
from typing import Annotated, Any

import orjson
import typer

from app.config import Settings
from app.logging_config import configure_logging

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document, for scripts.")]


def heeded(settings: Settings) -> Settings:
    """The settings, after the log is set up as they say; a command says little by itself."""
    configure_logging(settings.log_level or "warning", settings.log_format)
    return settings


def print_json(document: Any) -> None:
    """On standard output, indented."""
    typer.echo(orjson.dumps(document, default=_plain, option=orjson.OPT_INDENT_2).decode())


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
