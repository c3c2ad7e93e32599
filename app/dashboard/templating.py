"""Templates: all that is put into them is escaped, and a name that nobody gave is an error."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from app.core.timesheet import hours_and_minutes
from app.core.words import counted
from app.dashboard.assets import address_of
from app.dashboard.clock import span, weekday
from app.dashboard.links import person_link, task_link, web_link

_FOLDER = Path(__file__).parent / "templates"


@cache
def environment() -> Environment:
    """Templates are read once, and again by another process."""
    found = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    found.filters |= {
        "hours": hours_and_minutes,
        "span": span,
        "weekday": weekday,
        "number": number,
        "counted": counted,
        "web_link": web_link,
    }
    found.globals |= {"asset": address_of, "task_link": task_link, "person_link": person_link}
    return found


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


def number(value: int) -> str:
    """With commas between thousands."""
    return f"{value:,}"
