"""What is meant by the names and ids that people give: people, places, statuses, tags and tasks.

Each raises UnknownName, whose text has what is spelled alike, or AmbiguousName.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from app.core.answers.fields import narrow
from app.core.answers.matching import Candidate, find, pick, unknown
from app.core.errors import UnknownName, UnknownValue
from app.reports.places import PlaceReports, Within
from app.reports.structure import FoundTask, PlacePath, StructureReports
from app.reports.tasks import Task, TaskFilter, TaskReports
from app.sql.typed_rows import Query
from app.supabase_db import Database, PastDatabase

_KINDS = {"space": "spaces", "folder": "folders", "list": "lists"}
_MOST_NEAR = 5


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who appears in the mirror. `employee_id` is None for who is not in `employees`."""

    employee_id: UUID | None
    clickup_user_id: str
    name: str


@dataclass(frozen=True, slots=True)
class _FoundPerson(Person):
    """Who is meant by an id or e-mail address."""

    asked: str


@dataclass(frozen=True, slots=True)
class _KnownPerson(Person):
    email: str | None
    is_active: bool


FIND_PEOPLE = Query("find_people", _FoundPerson)
LIST_KNOWN_PEOPLE = Query("list_known_people", _KnownPerson)
LIST_COMMENT_AUTHORS = Query("list_comment_authors", _KnownPerson)
FIND_STATUSES = Query("find_statuses", str)
LIST_ALL_STATUSES = Query("list_all_statuses", str)
FIND_TAGS = Query("find_tags", str)
LIST_ALL_TAGS = Query("list_all_tags", str)
# Of each the query that finds names as they are written, and the one that lists all.
_WORDS = {"status": (FIND_STATUSES, LIST_ALL_STATUSES), "tag": (FIND_TAGS, LIST_ALL_TAGS)}


class Lookup:
    """Finds what is meant, for every interface. Names are those of the present; `past`: where statuses and
    tags are looked for that no task has any more.
    """

    def __init__(
        self, database: Database, tasks: TaskReports, places: PlaceReports, structure: StructureReports,
        past: PastDatabase | None = None,
    ) -> None:  # fmt: skip
        self._database = database
        self._past = past
        self._tasks = tasks
        self._places = places
        self._structure = structure

    async def people(self, workspace_id: str, names: Sequence[str] | None) -> list[Person] | None:
        """Everybody who is meant, by `employees.id`, ClickUp's id, e-mail address or name; None for none.

        Also who left before the first sync and only appears in tasks, time or comments.
        """
        if not names:
            return None
        asked = [name.strip() for name in names]
        rows = await self._database.rows(FIND_PEOPLE, workspace_id=workspace_id, names=asked)
        exact = {row.asked: narrow(Person, row) for row in rows}
        if all(name.strip() in exact for name in names):
            return [exact[name.strip()] for name in names]
        known = await self._database.rows(LIST_KNOWN_PEOPLE, workspace_id=workspace_id)
        return [exact.get(name.strip()) or await self._person(workspace_id, name, known) for name in names]

    async def person(self, workspace_id: str, name: str) -> Person:
        """The one who is meant."""
        found = await self.people(workspace_id, [name])
        assert found is not None
        return found[0]

    async def user_ids(self, workspace_id: str, names: Sequence[str] | None) -> list[str] | None:
        """Their ids in ClickUp, as filters take them; None where nobody in particular is asked for."""
        people = await self.people(workspace_id, names)
        return None if people is None else [person.clickup_user_id for person in people]

    async def _person(self, workspace_id: str, name: str, known: list[_KnownPerson]) -> Person:
        rows = {row.clickup_user_id: row for row in known}
        found = find(name, [_person_candidate(row) for row in known], "person")
        if found is None:
            # Who only wrote comments: they are read whole, which takes longer.
            authors = await self._database.rows(LIST_COMMENT_AUTHORS, workspace_id=workspace_id)
            rows = {row.clickup_user_id: row for row in authors} | rows
            found = pick(name, [_person_candidate(row) for row in rows.values()], "person")
        return narrow(Person, rows[found.key])

    async def within(
        self, workspace_id: str, places: Sequence[str] | None, tasks: Sequence[str] | None = None
    ) -> Within:
        """Where is meant, by names or ids: in one of these places, and these tasks alone."""
        found = within(await self.places(workspace_id, places))
        return replace(found, tasks=await self.task_ids(workspace_id, tasks))

    async def places(self, workspace_id: str, names: Sequence[str] | None) -> list[Candidate]:
        """The spaces, folders and lists that are meant, by id or name.

        `list:Sprint 12` is a list; the same with `space:` and `folder:`.
        """
        if not names:
            return []
        candidates = await self.place_candidates(workspace_id)
        return [await self.place(workspace_id, name, candidates) for name in names]

    async def place(
        self, workspace_id: str, asked: str, candidates: Sequence[Candidate], kind: str = "place"
    ) -> Candidate:
        """The place of this kind, or of any; also one that is in no table of its own and only tasks name."""
        prefix, colon, rest = asked.partition(":")
        if colon and prefix.strip().lower() in _KINDS and kind in ("place", prefix.strip().lower()):
            kind, asked = prefix.strip().lower(), rest.strip() or asked
        among = [place for place in candidates if kind in ("place", place.kind)]
        if (found := find(asked, among, kind)) is not None:
            return found
        for one in [kind] if kind in _KINDS else _KINDS:
            if not await self._places.unknown(workspace_id, Within(**{_KINDS[one]: [asked]})):
                return Candidate(one, asked, asked)
        raise unknown(asked, among, kind)

    async def task_filter(
        self, workspace_id: str, asked: TaskFilter, places: Sequence[str] | None = None
    ) -> TaskFilter:
        """The same filter with ids, and words as ClickUp writes them, in place of names."""
        within = await self.within(workspace_id, places)
        return replace(
            asked,
            statuses=await self.statuses(workspace_id, asked.statuses),
            tags=await self.tags(workspace_id, asked.tags),
            assignees=await self.user_ids(workspace_id, asked.assignees),
            parents=await self.task_ids(workspace_id, asked.parents),
            lists=within.lists,
            folders=within.folders,
            spaces=within.spaces,
        )

    async def task_ids(self, workspace_id: str, asked: Sequence[str] | None) -> list[str] | None:
        """ClickUp's ids of these tasks, by id, custom id or address; one may be known from time alone."""
        if not asked:
            return None
        rows = await self._places.unknown(workspace_id, Within(tasks=asked))
        unknown = {row.id for row in rows}
        return [
            (await self.task(workspace_id, one)).clickup_task_id if one in unknown else one for one in asked
        ]

    async def place_candidates(self, workspace_id: str) -> list[Candidate]:
        """Every place, with its path."""
        return [_place_candidate(row) for row in await self._structure.place_names(workspace_id)]

    async def statuses(self, workspace_id: str, names: Sequence[str] | None) -> list[str] | None:
        """Statuses as ClickUp writes them: those of tasks, and those that a list, folder or space offers."""
        return await self._words("status", workspace_id, names)

    async def tags(self, workspace_id: str, names: Sequence[str] | None) -> list[str] | None:
        """Tags as ClickUp writes them."""
        return await self._words("tag", workspace_id, names)

    async def _words(self, kind: str, workspace_id: str, names: Sequence[str] | None) -> list[str] | None:
        if not names:
            return None
        find_exact, list_all = _WORDS[kind]
        exact = set(await self._database.rows(find_exact, workspace_id=workspace_id, names=list(names)))
        if self._past and not exact >= set(names):
            exact |= set(await self._past.rows(find_exact, workspace_id=workspace_id, names=list(names)))
        if exact >= set(names):
            return list(names)
        every = await self._database.rows(list_all, workspace_id=workspace_id)
        known = [Candidate(kind, one, one) for one in every]
        try:
            return [pick(name, known, kind).key for name in names]
        except UnknownName as error:
            raise UnknownValue(kind, error.asked, error.near) from None

    async def task(self, workspace_id: str, asked: str) -> Task:
        """The task of this id, custom id or address."""
        task_id = asked.strip().rstrip("/").rpartition("/")[2]
        if task := await self._tasks.get(workspace_id, task_id):
            return task
        rows = await self._structure.task_ids(workspace_id, task_id)
        for row in rows:
            if row.is_exact and (task := await self._tasks.get(workspace_id, row.clickup_task_id)):
                return task
        words = TaskFilter(words=asked, deleted="include")
        page = await self._tasks.page(workspace_id, words, "-updated", limit=_MOST_NEAR)
        if page.rows:
            raise UnknownName("task", asked, [_task_candidate(row).shown for row in page.rows])
        raise unknown(task_id, [_task_candidate(row) for row in rows], "task")


def within(found: Sequence[Candidate]) -> Within:
    """Of a place and one within it the inner one: whoever names both looks for it there."""
    outer = {place for one in found for place in one.above}
    inner = [one for one in found if (one.kind, one.key) not in outer]
    ids = {name: [one.key for one in inner if one.kind == kind] for kind, name in _KINDS.items()}
    return Within(**{name: keys or None for name, keys in ids.items()})


def _person_candidate(row: _KnownPerson) -> Candidate:
    keys = tuple(str(key) for key in (row.employee_id, row.email) if key)
    return Candidate("person", row.clickup_user_id, row.name, is_gone=not row.is_active, keys=keys)


def _place_candidate(row: PlacePath) -> Candidate:
    names = [row.space_name, row.folder_name, row.name if row.kind == "list" else None]
    path = " / ".join(filter(None, names)) or row.name
    is_gone = row.archived or row.is_deleted
    outer = (("space", row.space_id), ("folder", row.folder_id))
    above = tuple((kind, key) for kind, key in outer if key and kind != row.kind)
    return Candidate(row.kind, row.place_id, row.name, path, is_gone, row.is_deleted, above=above)


def _task_candidate(row: Task | FoundTask) -> Candidate:
    return Candidate("task", row.clickup_task_id, row.title, keys=(row.clickup_task_id,))
