"""What the fields of rows mean: every name is described once, for OpenAPI, the tools and the page.

A row type says `due_date: DueDate`. The marks tell an assistant's view of a field: what people wrote is cut,
and figures are told in words beside the exact ones (`app/mcp/rendering.py`). Instants are aware; whoever
answers shows them in the zone that was asked for.
"""

from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import Field, WithJsonSchema

T = TypeVar("T")


class Written(Enum):
    """What people wrote in ClickUp: a line (a name, a title), a text of any length, or any JSON value."""

    LINE = "line"
    TEXT = "text"
    JSON = "json"


class InWords(Enum):
    """A figure that an assistant is also told in words: `2:05 h`, `in 3 days, Fri 27 Nov`."""

    MINUTES = "minutes"
    DAY = "day"
    INSTANT = "instant"


class ForAssistants(Enum):
    """What an assistant is told of a field: also that it is empty, nothing where it is 0, or nothing at all,
    because only programs need it. Without a mark: nothing where it is empty.
    """

    ALWAYS = "always"
    NONZERO = "nonzero"
    NEVER = "never"


class WhereNone(Enum):
    """A field that an answer does not have where it is None."""

    LEFT_OUT = "left out"


def said(description: str, *examples: Any, name: str | None = None) -> Any:
    """A field with its meaning. `name`: its name in answers, where that is a word of Python."""
    return Field(description=description, examples=list(examples) or None, alias=name)


def narrow(to: type[T], row: Any) -> T:
    """The fields of the row that `to`, another dataclass, has as well."""
    kind: Any = to
    return to(**{name: getattr(row, name) for name in _names(kind)})


def widen(to: type[T], row: Any, **more: Any) -> T:
    """The row's fields and `more`, as a dataclass that has both."""
    kind: Any = type(row)
    return to(**{name: getattr(row, name) for name in _names(kind)}, **more)


@cache
def _names(row: Any) -> tuple[str, ...]:
    return tuple(one.name for one in fields(row))


# A number that JSON shows as it is stored: 3, or 2.5.
Number = Annotated[Decimal, WithJsonSchema({"type": "number"})]
OptionalText = str | None
Instant = datetime | None

UNREADABLE = (
    "Fields that could not be read, by ClickUp's name of the field, with the reason; they are empty here"
)
Unreadable = Annotated[dict[str, str], said(UNREADABLE, {"due_date": "expected a number, found 'tomorrow'"})]

# Tasks
TaskId = Annotated[str, said("ClickUp's id", "86abc1")]
Title = Annotated[str, Written.LINE, said("Its name", "Write the offer")]
OptionalTitle = Annotated[str | None, Written.LINE, said("Its name", "Write the offer")]
Status = Annotated[str | None, said("Status as named in ClickUp", "in progress")]
StatusType = Annotated[str | None, said("open (not started), custom (in progress), done or closed", "custom")]
Priority = Annotated[str | None, said("urgent, high, normal, low, or none", "high")]
Assignees = Annotated[
    str | None, Written.LINE, said("All assignees, separated by commas", "Ada Lovelace, Grace Hopper")
]
EmployeeIds = Annotated[list[UUID], ForAssistants.NEVER, said("All assignees, as in `/employees`")]
TaskUrl = Annotated[str | None, said("Where it is in ClickUp")]
DueDate = Annotated[
    date | None, InWords.DAY, said("The due day in the zone of the installation", "2026-11-27")
]
StartDate = Annotated[
    date | None, said("The day on which it is to begin, in the zone of the installation", "2026-11-20")
]
Created = Annotated[datetime | None, said("When it was created in ClickUp")]
Updated = Annotated[datetime | None, InWords.INSTANT, said("When it last changed in ClickUp")]
StatusChanged = Annotated[datetime | None, said("When the status last changed, as well as is known")]
Estimate = Annotated[int | None, InWords.MINUTES, said("Estimate, whole minutes", 90)]
Tracked = Annotated[
    int | None,
    InWords.MINUTES,
    said("Whole minutes of all finished sessions; null where ClickUp hides them", 125),
]
Archived = Annotated[bool, said("Archived in ClickUp")]
IsOpen = Annotated[
    bool, said("Not deleted, done or closed, and neither it nor its list, folder or space archived")
]
IsOverdue = Annotated[bool, said("Open, and due before today in the mirror's zone")]
IsUnassigned = Annotated[bool, said("Nobody is assigned: no person, also none who left, and no team")]

# Places of a task
SpaceId = Annotated[str | None, ForAssistants.NEVER, said("ClickUp's id of its space", "790")]
SpaceName = Annotated[str | None, Written.LINE, said("Space", "Agency")]
FolderId = Annotated[str | None, ForAssistants.NEVER, said("ClickUp's id of its folder")]
FolderName = Annotated[
    str | None, Written.LINE, said("Folder; null for a list that stands in a space itself")
]
ListId = Annotated[str | None, said("ClickUp's id of its list", "124")]
ListName = Annotated[str | None, Written.LINE, said("List", "Sprint 12")]

# Rows
WorkspaceId = Annotated[str, ForAssistants.NEVER, said("ClickUp's workspace", "9000003")]
RowUpdated = Annotated[datetime, ForAssistants.NEVER, said("When the row was last written")]
RowCreated = Annotated[datetime, ForAssistants.NEVER, said("When the row was first written")]
