"""Templates: all that is put into them is escaped, and a name that nobody gave is an error.

What would change the direction of what stands beside it is shown instead.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from starlette.responses import HTMLResponse

from app.core.answers.formats import Formats, weekday
from app.core.visible_text import visible_prose
from app.dashboard.assets import address_of
from app.dashboard.clock import span
from app.dashboard.links import web_link

_FOLDER = Path(__file__).parent / "templates"


@cache
def environment() -> Environment:
    """Templates are read once, and again by another process."""
    found = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    found.filters |= {
        **{name: _formatting(name) for name in ("hours", "number", "pluralize", "sentence")},
        "span": span,
        "weekday": weekday,
        "web_link": web_link,
    }
    found.globals["asset"] = address_of
    return found


def _formatting(name: str) -> Callable[..., str]:
    """The filter that does what this method of the installation's formats does."""

    @pass_context
    def formatted(context: Context, *given: Any) -> str:
        formats: Formats = context.resolve("clock").formats
        text: str = getattr(formats, name)(*given)
        return text

    return formatted


def _shown(value: Any) -> Any:
    """Every value of every template, before it is escaped; what is HTML already stays as it is."""
    return visible_prose(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def load_templates() -> None:
    """Reads them all, so that nobody waits for it who looks first."""
    for name in environment().list_templates():
        environment().get_template(name)


def render(template: str, **known: Any) -> str:
    """The template's text."""
    return environment().get_template(template).render(known)


def html(template: str, status: int = 200, **known: Any) -> HTMLResponse:
    """The template as an answer."""
    return HTMLResponse(render(template, **known), status)
