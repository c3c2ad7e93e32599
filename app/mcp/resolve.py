"""Who and what is meant by a name or an id; where nothing is, what stands near it."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastmcp.exceptions import ToolError

from app.mcp.answer_schemas import line
from app.mcp.request_context import Mirror
from app.reports.places import Within
from app.reports.tasks import TaskFilter
from app.supabase_db import Row

_KINDS = {"space": "spaces", "folder": "folders", "list": "lists"}
_NEAR, _LIKENESS = 5, 0.5
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Thing:
    """Something with a name: `key` is its id, `path` what it stands in and its name.

    `is_gone`: it is archived, deleted, or left; another thing with this name is meant before it.
    """

    kind: str
    key: str
    name: str
    path: str
    is_gone: bool = False
    is_deleted: bool = False
    other_keys: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """As an error names it."""
        path = line(self.path, _SHOWN)
        return path if self.key == self.name else f"{path} ({self.kind} {self.key})"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody: by `employees.id`, ClickUp's id and name; some are known by that id alone."""

    employee_id: UUID | None
    clickup_user_id: str
    name: str


async def people_meant(mirror: Mirror, names: Sequence[str] | None) -> list[Person] | None:
    """Everybody who is meant; None where nobody is asked for. Raises the ToolError for who is not known."""
    if names is None:
        return None
    rows = {row["clickup_user_id"]: row for row in await mirror.reports.people.employees(mirror.workspace_id)}
    things = [_person_thing(row) for row in rows.values()]
    return [await _person_meant(mirror, name, things, rows) for name in names]


async def person_meant(mirror: Mirror, name: str) -> Person:
    """The one who is meant."""
    found = await people_meant(mirror, [name])
    assert found is not None
    return found[0]


def user_ids(people: Sequence[Person] | None) -> list[str] | None:
    """Their ids in ClickUp, as questions about time and comments take them."""
    return None if people is None else [person.clickup_user_id for person in people]


def employee_ids(people: Sequence[Person] | None) -> list[UUID] | None:
    """Their own ids, as questions about tasks take them. Raises the ToolError for who has none."""
    if people is None:
        return None
    for person in people:
        if person.employee_id is None:
            raise ToolError(
                f"person {person.clickup_user_id} is not a workspace member: only their time entries and "
                "comments are mirrored"
            )
    return [person.employee_id for person in people if person.employee_id]


async def places_meant(mirror: Mirror, names: Sequence[str] | None) -> Within:
    """Where is meant. Raises the ToolError for places that are not known, or of several kinds."""
    if names is None:
        return Within()
    things = await place_things(mirror)
    meant = [await place_meant(mirror, name, things) for name in names]
    kinds = sorted({thing.kind for thing in meant})
    if len(kinds) > 1:
        raise ToolError(
            f"the places are of several kinds ({', '.join(kinds)}): name those of one kind at a time"
        )
    return Within(**{_KINDS[kinds[0]]: [thing.key for thing in meant]})


async def place_meant(mirror: Mirror, asked: str, things: Sequence[Thing], kind: str = "place") -> Thing:
    """The place of this kind, or of any, also one of which only tasks speak."""
    wanted, colon, rest = asked.partition(":")
    if colon and wanted.strip().lower() in _KINDS and kind in ("place", wanted.strip().lower()):
        kind, asked = wanted.strip().lower(), rest.strip() or asked
    among = [thing for thing in things if kind in ("place", thing.kind)]
    if (found := find(asked, among, kind)) is not None:
        return found
    for known in [kind] if kind in _KINDS else _KINDS:
        within = Within(**{_KINDS[known]: [asked]})
        if not await mirror.reports.places.unknown(mirror.workspace_id, within):
            return Thing(known, asked, asked, asked)
    raise not_known(asked, among, kind)


async def place_things(mirror: Mirror) -> list[Thing]:
    """Every place, with its path."""
    rows = await mirror.reports.structure.place_names(mirror.workspace_id)
    return [_place_thing(row) for row in rows]


async def statuses_meant(mirror: Mirror, names: Sequence[str] | None) -> list[str] | None:
    """Statuses as ClickUp writes them, however they are written here."""
    if names is None:
        return None
    counted = await mirror.reports.progress.count_statuses(mirror.workspace_id, today=mirror.today)
    spaces = await mirror.reports.structure.spaces(mirror.workspace_id)
    known = {row["status"] for row in counted} | {
        one["status"] for space in spaces for one in statuses_of(space["statuses"])
    }
    return [await _status_meant(mirror, name, _names("status", known - {None})) for name in names]


async def tags_meant(mirror: Mirror, names: Sequence[str] | None) -> list[str] | None:
    """Tags as ClickUp writes them."""
    if names is None:
        return None
    things = _names("tag", await mirror.reports.structure.tags(mirror.workspace_id))
    return [pick(name, things, "tag").key for name in names]


async def task_meant(mirror: Mirror, asked: str) -> Row:
    """The task of this id, custom id or address. Raises the ToolError with tasks that may be meant."""
    task_id = asked.strip().rstrip("/").rpartition("/")[2]
    if task := await mirror.reports.tasks.get(mirror.workspace_id, task_id):
        return task
    near = await mirror.reports.structure.task_ids(mirror.workspace_id, task_id)
    for row in near:
        if row["is_meant"] and (
            task := await mirror.reports.tasks.get(mirror.workspace_id, row["clickup_task_id"])
        ):
            return task
    words = TaskFilter(words=asked, deleted="include")
    page = await mirror.reports.tasks.page(mirror.workspace_id, words, "-updated", limit=_NEAR)
    called = [_task_thing(row) for row in page.rows]
    alike = set(difflib.get_close_matches(task_id, [row["clickup_task_id"] for row in near], _NEAR))
    near_things = called or [_task_thing(row) for row in near if row["clickup_task_id"] in alike]
    raise _unknown(asked, near_things, "task", "find_tasks finds tasks by words in their titles")


def pick(asked: str, things: Sequence[Thing], kind: str) -> Thing:
    """The thing that is meant. Raises the ToolError that names what stands near."""
    found = find(asked, things, kind)
    if found is None:
        raise not_known(asked, things, kind)
    return found


def find(asked: str, things: Sequence[Thing], kind: str) -> Thing | None:
    """By id, by whole name or path, by the beginning of a name, by the beginning of a word in it; else None.

    Raises the ToolError where several are meant alike.
    """
    plain = asked.strip().casefold()
    if not plain:
        return None
    ways = (
        [thing for thing in things if asked.strip() in (thing.key, *thing.other_keys)],
        [
            thing
            for thing in things
            if plain in (thing.name.casefold(), thing.path.casefold(), *_folded(thing))
        ],
        [thing for thing in things if thing.name.casefold().startswith(plain)],
        [thing for thing in things if f" {plain}" in thing.name.casefold()],
    )
    meant = next(filter(None, ways), [])
    present = [thing for thing in meant if not thing.is_gone] or meant
    if len(present) > 1:
        several = "; ".join(thing.shown for thing in present[:_NEAR])
        more = f" and {len(present) - _NEAR} more" if len(present) > _NEAR else ""
        raise ToolError(f"{asked[:_SHOWN]!r} is ambiguous: {several}{more}. Use its id or full name")
    return present[0] if present else None


def not_known(asked: str, things: Iterable[Thing], kind: str) -> ToolError:
    """The error for a name that nothing has, with the names that are like it."""
    by_name = {name: thing for thing in things for name in (thing.name.casefold()[:_SHOWN], thing.key)}
    close = difflib.get_close_matches(asked.strip().casefold()[:_SHOWN], by_name, _NEAR, _LIKENESS)
    near = {by_name[name].key: by_name[name] for name in close}
    return _unknown(asked, list(near.values()), kind, _HELP.get(kind, ""))


_HELP = {
    "person": "find_people lists everybody",
    "place": "find_places finds spaces, folders and lists by parts of their names",
    "space": "get_spaces lists all",
    "folder": "get_space lists a space's folders",
    "list": "get_space and get_folder list lists",
    "status": "count_tasks_by_status lists all",
}


def _unknown(asked: str, near: Sequence[Thing], kind: str, help_: str) -> ToolError:
    named = "; ".join(thing.shown for thing in near)
    sentence = f"there is no {kind} {asked[:_SHOWN]!r}"
    return ToolError(". ".join(filter(None, [sentence, f"Similar: {named}" if near else "", help_])))


async def _person_meant(
    mirror: Mirror, name: str, things: Sequence[Thing], rows: Mapping[str, Row]
) -> Person:
    if (found := find(name, things, "person")) is not None:
        row = rows[found.key]
        return Person(row["id"], row["clickup_user_id"], row["name"])
    # Somebody who left before the mirror began, or a guest, may have time and comments all the same.
    known = await mirror.reports.people.find(mirror.workspace_id, [name])
    if name in known:
        return Person(None, known[name], known[name])
    raise not_known(name, things, "person")


async def _status_meant(mirror: Mirror, name: str, things: Sequence[Thing]) -> str:
    if (found := find(name, things, "status")) is not None:
        return found.key
    # Archived tasks may have one that is no longer in use.
    if await mirror.reports.tasks.count(mirror.workspace_id, TaskFilter(statuses=[name], deleted="include")):
        return name
    raise not_known(name, things, "status")


def statuses_of(kept: Any) -> list[dict[str, Any]]:
    """The statuses of a place as ClickUp sent them, without what makes no sense."""
    found = kept if isinstance(kept, list) else []
    return [one for one in found if isinstance(one, dict) and isinstance(one.get("status"), str)]


def _names(kind: str, names: Iterable[str]) -> list[Thing]:
    return [Thing(kind, name, name, name) for name in sorted(names)]


def _folded(thing: Thing) -> list[str]:
    return [key.casefold() for key in thing.other_keys]


def _person_thing(row: Row) -> Thing:
    keys = tuple(filter(None, (str(row["id"]), row["email"])))
    return Thing(
        "person", row["clickup_user_id"], row["name"], row["name"], not row["is_active"], other_keys=keys
    )


def _place_thing(row: Row) -> Thing:
    names = [row["space_name"], row["folder_name"], row["name"] if row["kind"] == "list" else None]
    path = " / ".join(filter(None, names)) or row["name"]
    is_gone = row["archived"] or row["is_deleted"]
    return Thing(row["kind"], row["place_id"], row["name"], path, is_gone, row["is_deleted"])


def _task_thing(row: Row) -> Thing:
    return Thing("task", row["clickup_task_id"], row["title"], row["title"])
