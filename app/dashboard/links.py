"""Addresses: of the page's own places with their state, and of ClickUp's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from app.http.sign_in import is_of_page

TASKS, HOURS, PEOPLE = "/ui/tasks", "/ui/hours", "/ui/people"
ACTIVITY = "/ui/activity"
WORKSPACES = "/ui/workspaces"


def address(path: str, state: Mapping[str, Any], **changes: Any) -> str:
    """A path with the state in its query; what is None or empty is left out."""
    kept = [(name, value) for name, value in {**state, **changes}.items() if value not in (None, "", [], ())]
    query = urlencode([(name, _plain(value)) for name, value in kept], doseq=True)
    return f"{path}?{query}" if query else path


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses of the page's places that keep the workspace. `workspace_id`: None where none is named."""

    workspace_id: str | None = None

    def to(self, path: str, state: Mapping[str, Any] | None = None, **changes: Any) -> str:
        """A path with the state in its query, and of the same workspace."""
        return address(path, {**(state or {}), **changes}, workspace_id=self.workspace_id)

    def task(self, task_id: str) -> str:
        """The page of a task."""
        return self.to(f"{TASKS}/{quote(task_id, safe='')}")

    def person(self, employee_id: Any) -> str:
        """The page of a person."""
        return self.to(f"{PEOPLE}/{employee_id}")


def web_link(url: str | None) -> str | None:
    """The address if a browser may follow it: http or https, and nothing else that a text may be."""
    if url is None:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None


def local_path(wanted: str) -> str:
    """Where to go after signing in: a place of this page, whatever was asked for."""
    return wanted if is_of_page(wanted.partition("?")[0]) and wanted.isprintable() else "/"


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [str(item) for item in value]
    return str(value)
