"""Where commands write: answers on standard output, all else on standard error.

Whatever is printed, the terminal obeys nothing of it but Rich's own colours.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson
import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from app.core.visible_text import escaped_json, visible_lines


class PlainConsole(Console):
    """A console on which all text is shown as it is: no markup, no emoji codes, no control characters."""

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, highlight=False, markup=False, emoji=False)

    def render_str(self, text: str, **options: Any) -> Text:
        """Before Rich drops some of the characters that are to be shown."""
        return super().render_str(visible_lines(text), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """What Rich makes of it; all text goes through here, whatever it stands in."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=visible_lines(segment.text))


console, errors = PlainConsole(), PlainConsole(stderr=True)


def print_json(document: Any) -> None:
    """On standard output, indented."""
    text = orjson.dumps(document, default=_plain, option=orjson.OPT_INDENT_2).decode()
    typer.echo(escaped_json(text))


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
