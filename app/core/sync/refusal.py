"""What ClickUp refuses the token, object by object, and when that is believed.

A refusal in ClickUp's own words may still be an outage of a part of it. One that is confirmed by another
answer (`ClickUp.fetch`) is believed of a few objects at once; of many that could be read before only when it
has stood for an hour.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from app.core.words import pluralize

RefusalKind = Literal[
    "task", "comments", "task_time", "person_time", "space", "folder", "list", "list_tasks", "status_times"
]
_FEW, _LONG = 25, timedelta(hours=1)


@dataclass(slots=True)
class Refusals:
    """Of one run: the reasons by kind and object id, and the kinds of which something could be read."""

    reasons: dict[RefusalKind, dict[str, str]] = field(default_factory=dict)
    read: set[RefusalKind] = field(default_factory=set)

    def add(self, kind: RefusalKind, object_id: str, reason: str) -> None:
        """ClickUp refused this object in its own words, while it answered something else."""
        self.reasons.setdefault(kind, {})[object_id] = reason


def are_believed(readable: int, recorded: int, many_for: timedelta | None) -> bool:
    """Whether refusals of one kind are recorded one by one.

    `readable`: how many of the objects could be read before; `recorded`: how many such ones were recorded
    within the last hour; `many_for`: how long many together have been refused, None when they have not been.
    """
    return readable == 0 or readable + recorded <= _FEW or (many_for is not None and many_for >= _LONG)


def objects_of(kind: RefusalKind, objects: int) -> str:
    """`the comments of 3 tasks`."""
    match kind:
        case "comments":
            return f"the comments of {pluralize(objects, 'task')}"
        case "task_time":
            return f"the time of {pluralize(objects, 'task')}"
        case "person_time":
            return f"the time entries of {pluralize(objects, 'person', 'people')}"
        case "list_tasks":
            return f"the tasks of {pluralize(objects, 'list')}"
        case "status_times":
            return "the times of status changes"
        case _:
            return pluralize(objects, kind)
