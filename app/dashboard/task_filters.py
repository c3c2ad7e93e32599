"""The filters of the list of tasks: as the address says them, and as people choose them."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, get_args
from zoneinfo import ZoneInfo

from pydantic import Field

from app.core.answers.day import beginning_of
from app.core.answers.filters import LONGEST_SEARCH, MOST_VALUES
from app.core.answers.matching import Candidate
from app.core.clickup.models import PlaceKind
from app.dashboard.clock import Clock
from app.dashboard.links import TASKS, Links
from app.dashboard.params import AsOfText, CursorText, Ids, Said
from app.dashboard.request_context import PageContext
from app.http.params import Day, Id, Since
from app.reports.people import Employee
from app.reports.structure import PlacePath
from app.reports.tasks import Deleted, Sort, TaskFilter, TaskPriority, TaskStatusType

# Of longer lists the first ones may be chosen here, and any one by its address.
_MOST_CHOICES = 200
_STATUS_TYPES: dict[TaskStatusType, str] = {
    "open": "not started", "custom": "in progress", "done": "done", "closed": "closed",
}  # fmt: skip
_PRIORITIES: tuple[TaskPriority, ...] = get_args(TaskPriority)


class TasksSaid(Said):
    """As `/tasks` of the API has them: the same address, below another path, is the same question."""

    q: str | None = Field(None, max_length=LONGEST_SEARCH)
    status: Ids = ()
    status_type: tuple[TaskStatusType, ...] = Field((), max_length=MOST_VALUES)
    priority: tuple[TaskPriority, ...] = Field((), max_length=MOST_VALUES)
    assignee: Ids = ()
    place: Ids = ()
    tag: Ids = ()
    parent: Ids = ()
    due_from: Day | None = None
    due_to: Day | None = None
    updated_since: Since | None = None
    open: bool | None = None
    overdue: bool | None = None
    unassigned: bool | None = None
    archived: bool | None = None
    deleted: Deleted = "exclude"
    as_of: AsOfText | None = None
    sort: Sort = "-updated"
    limit: int = Field(50, ge=1, le=200)
    cursor: CursorText | None = None

    def state(self) -> dict[str, Any]:
        """What stands in the address of this question: whatever is not as usual, without the place in it."""
        return {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in self
            if name != "cursor" and value != type(self).model_fields[name].default
        }

    def asked(self, zone: ZoneInfo) -> TaskFilter:
        """As it is given: names are not looked up yet."""
        return TaskFilter(
            statuses=self.status or None,
            status_types=self.status_type or None,
            priorities=self.priority or None,
            parents=self.parent or None,
            assignees=self.assignee or None,
            tags=self.tag or None,
            due_from=self.due_from,
            due_to=self.due_to,
            updated_since=beginning_of(self.updated_since, zone) if self.updated_since else None,
            open=self.open,
            overdue=self.overdue,
            unassigned=self.unassigned,
            archived=self.archived,
            deleted=self.deleted,
            words=self.q,
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter. `hint`: what tells it from others of the same name."""

    value: str
    label: str
    is_chosen: bool
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Menu:
    """All values of a filter that are offered; `more`: how many are not. `note`: why there are none."""

    name: str
    label: str
    choices: list[Choice]
    more: int = 0
    note: str = ""

    @property
    def chosen(self) -> list[Choice]:
        """Those that are asked for."""
        return [choice for choice in self.choices if choice.is_chosen]


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force, and the address without it."""

    label: str
    value: str
    without: str


async def look_up(context: PageContext, said: TasksSaid) -> tuple[TasksSaid, TaskFilter, list[Candidate]]:
    """The same with the values that menus have in place of names; as reports are asked; and the places.

    Raises UnknownName for what does not exist.
    """
    lookup, workspace_id = context.reports.lookup, context.workspace_id
    found = await lookup.task_filter(workspace_id, said.asked(context.clock.zone), said.place)
    places = await lookup.places(workspace_id, said.place)
    people = await lookup.people(workspace_id, said.assignee) or []
    keys = [str(person.employee_id or person.clickup_user_id) for person in people]
    values = {
        "status": found.statuses, "tag": found.tags, "assignee": keys,
        "place": [place.key for place in places],
    }  # fmt: skip
    return said.model_copy(update={name: tuple(ids or ()) for name, ids in values.items()}), found, places


async def list_menus(context: PageContext, said: TasksSaid, chosen: Sequence[Candidate]) -> list[Menu]:
    """What may be chosen, with what is chosen already, whether it is known here or not."""
    reports, workspace_id = context.reports, context.workspace_id
    statuses, people, places, tags = await asyncio.gather(
        reports.structure.statuses(workspace_id),
        reports.people.employees(workspace_id),
        reports.structure.place_names(workspace_id),
        reports.structure.tags(workspace_id),
    )
    return [
        _menu("status", "Status", [(name, name, "") for name in statuses], said.status),
        _menu(
            "status_type", "Status type", [(*item, "") for item in _STATUS_TYPES.items()], said.status_type
        ),
        _menu("assignee", "Assignee", _people(people, said.assignee), said.assignee),
        _menu("priority", "Priority", [(name, name, "") for name in _PRIORITIES], said.priority),
        _places_menu("space", places, chosen),
        _places_menu("folder", places, chosen),
        _places_menu("list", places, chosen),
        _menu("tag", "Tag", [(tag, tag, "") for tag in tags], said.tag),
    ]


def list_chips(links: Links, said: TasksSaid, menus: Iterable[Menu], clock: Clock) -> list[Chip]:
    """Every filter in force, one chip for each value."""
    state = said.state()
    chips = [
        Chip(menu.label, choice.label, _without(links, state, menu.name, choice.value))
        for menu in menus
        for choice in menu.chosen
    ]
    for name, label in _ALONE.items():
        if name in state:
            value = _spoken(getattr(said, name), clock)
            chips.append(Chip(label, value, links.to(TASKS, state, **{name: None})))
    chips += [Chip("parent", parent, _without(links, state, "parent", parent)) for parent in said.parent]
    return chips


_ALONE = {
    "q": "search",
    "due_from": "due from",
    "due_to": "due to",
    "updated_since": "changed since",
    "open": "open",
    "overdue": "overdue",
    "unassigned": "unassigned",
    "archived": "archived",
    "deleted": "deleted",
}


def _spoken(value: Any, clock: Clock) -> str:
    if isinstance(value, datetime):
        return clock.full(value)
    if isinstance(value, date):
        return clock.formats.day(value)
    return {True: "yes", False: "no", "include": "included"}.get(value, str(value))


def _without(links: Links, state: dict[str, Any], name: str, value: str) -> str:
    rest = [item for item in state[name] if str(item) != value]
    return links.to(TASKS, state, **{name: rest})


def _menu(name: str, label: str, values: Iterable[tuple[str, str, str]], chosen: Sequence[Id]) -> Menu:
    known = list(values)
    shown = [item for number, item in enumerate(known) if number < _MOST_CHOICES or item[0] in chosen]
    strange = [(value, value, "") for value in chosen if value not in {item[0] for item in known}]
    choices = [Choice(value, text, value in chosen, hint) for value, text, hint in [*shown, *strange]]
    return Menu(name, label, choices, more=len(known) - len(shown))


def _people(rows: Iterable[Employee], chosen: Sequence[str]) -> list[tuple[str, str, str]]:
    return [
        (str(row.id), row.name or row.clickup_user_id, "" if row.is_active else "left")
        for row in rows
        if row.is_active or str(row.id) in chosen
    ]


def _places(rows: Iterable[PlacePath], kind: str, chosen: Sequence[str]) -> list[tuple[str, str, str]]:
    return [
        (row.place_id, row.name or row.place_id, _where(row, kind))
        for row in rows
        if row.kind == kind and (not row.is_deleted or row.place_id in chosen)
    ]


def _where(row: PlacePath, kind: str) -> str:
    above = row.folder_name if kind == "list" else None
    return " · ".join(filter(None, [above, "archived" if row.archived else ""]))


def _places_menu(kind: PlaceKind, places: Sequence[PlacePath], chosen: Sequence[Candidate]) -> Menu:
    """Of folders and lists there may be thousands: those of the chosen places are offered."""
    ids = {place.key for place in chosen}
    own = [place.key for place in chosen if place.kind == kind]
    near = [row for row in places if kind == "space" or ids & {row.space_id, row.folder_id, row.place_id}]
    menu = _menu("place", kind.capitalize(), _places(near, kind, own), own)
    note = "" if menu.choices or kind == "space" else f"Choose a space to list its {kind}s."
    return replace(menu, note=note)
