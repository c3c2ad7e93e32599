"""ClickUp's time-in-status: since when a task is in the status it is in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.core.clickup.values import identifier, instant, mapping, plain_text


@dataclass(frozen=True, slots=True)
class StatusSince:
    """A task, its status, and since when it is in it."""

    clickup_task_id: str
    status: str
    since: datetime


def read_status_times(answer: Any) -> Iterator[StatusSince]:
    """What is understood of an answer: one object a task id (shape: ClickUp docs)."""
    for task_id, times in mapping(answer).items():
        current = mapping(mapping(times).get("current_status"))
        status = plain_text(current.get("status"))
        since = _since(mapping(current.get("total_time")).get("since"))
        if identifier(task_id) and status and since:
            yield StatusSince(task_id, status, since)


def _since(value: Any) -> datetime | None:
    try:
        return instant(value)
    except ValueError:
        return None
