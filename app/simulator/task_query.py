"""Which tasks a listing shows, in which order: filters, archived rules and pages. Reads, never changes."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from sys import maxsize

from app.simulator.model import Task
from app.simulator.request import Ask
from app.simulator.store import Store
from app.simulator.visibility import lists_put_away, spaces_in_sight, task_in_sight

PAGE = 100

_BOUNDED: dict[str, Callable[[Task], int | None]] = {
    "date_updated": lambda task: task.date_updated,
    "date_created": lambda task: task.date_created,
    "date_done": lambda task: task.date_done,
    "due_date": lambda task: task.due_date,
}

_ORDERS: dict[str, Callable[[Task], tuple[int, str]]] = {
    "id": lambda task: (0, task.id),
    "created": lambda task: (task.date_created, task.id),
    "updated": lambda task: (task.date_updated, task.id),
    "due_date": lambda task: (task.due_date or 0, task.id),
}


@dataclass(frozen=True, slots=True)
class Bound:
    """A filter by date; with both ends they combine with AND (source: ClickUp docs)."""

    name: str
    above: int | None
    below: int | None
    inclusive: bool

    def admits(self, task: Task) -> bool:
        """False also for a task without such a date."""
        date = _BOUNDED[self.name](task)
        if date is None:
            return False
        slack = 1 if self.inclusive else 0
        return (self.above is None or date + slack > self.above) and (
            self.below is None or date - slack < self.below
        )


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """The filters of a listing; without any, ClickUp leaves out subtasks, closed and archived tasks."""

    archived: bool
    subtasks: bool
    include_closed: bool
    order_by: str
    ascending: bool
    bounds: tuple[Bound, ...]
    spaces: frozenset[str]
    folders: frozenset[str]
    lists: frozenset[str]
    statuses: frozenset[str]
    assignees: frozenset[str]
    tags: frozenset[str]
    parent: str | None

    def updated_from(self) -> int:
        """No task before this `date_updated` can be meant."""
        return next((bound.above or 0 for bound in self.bounds if bound.name == "date_updated"), 0)

    def admits(self, task: Task) -> bool:
        """Every filter that is about the task alone."""
        return (
            task.archived == self.archived
            and (self.subtasks or task.parent is None)
            and (self.include_closed or task.status.type != "closed")
            and (not self.spaces or task.space_id in self.spaces)
            and (not self.lists or task.list_id in self.lists)
            and (self.parent is None or task.parent == self.parent)
            and (not self.statuses or task.status.name in self.statuses)
            and (not self.assignees or not self.assignees.isdisjoint(map(str, task.assignees)))
            and (not self.tags or not self.tags.isdisjoint(tag.name for tag in task.tags))
            and all(bound.admits(task) for bound in self.bounds)
        )


def read_query(ask: Ask, *, gt_inclusive: bool) -> TaskQuery:
    """Parameters nobody knows are ignored in silence, a misspelt filter returns everything (observed)."""
    order_by = ask.one("order_by") or "created"
    return TaskQuery(
        archived=ask.flag("archived"),
        subtasks=ask.flag("subtasks"),
        include_closed=ask.flag("include_closed"),
        order_by=order_by if order_by in _ORDERS else "created",
        ascending=ask.flag("reverse"),
        bounds=tuple(_bounds(ask, gt_inclusive)),
        spaces=ask.many("space_ids[]"),
        folders=ask.many("project_ids[]"),
        lists=ask.many("list_ids[]"),
        statuses=ask.many("statuses[]", "statuses"),
        assignees=ask.many("assignees[]", "assignees"),
        tags=ask.many("tags[]", "tags"),
        parent=ask.one("parent"),
    )


def _bounds(ask: Ask, inclusive: bool) -> Iterator[Bound]:
    for name in _BOUNDED:
        above, below = ask.number(f"{name}_gt"), ask.number(f"{name}_lt")
        if above is not None or below is not None:
            yield Bound(name, above, below, inclusive)


@dataclass(frozen=True, slots=True)
class Page:
    """At most 100 tasks, and whether nothing comes after them."""

    tasks: tuple[Task, ...]
    last_page: bool


class Listings:
    """Answers listings, and remembers the last few so that turning pages costs no new search."""

    _REMEMBERED = 8

    def __init__(self, store: Store) -> None:
        self._store = store
        self._found: dict[tuple[object, ...], list[Task]] = {}

    def of_workspace(self, query: TaskQuery, page: int, lag_ms: int = 0) -> Page:
        """Tasks in archived lists, folders and spaces are in none of these pages (observed)."""
        if page == 0 and not lag_ms and query.order_by == "updated" and query.ascending:
            ahead = self._store.tasks_from(query.updated_from())
            return _page(self._visible(query, ahead), 0)
        if lag_ms:
            then = self._store.tasks_as_of(self._store.clock.now_ms() - lag_ms)
            return _page(_sorted(query, self._visible(query, then)), page)
        found = self._remember(("workspace",), query, lambda: self._visible(query, self._store.tasks_from(0)))
        return _page(found, page)

    def _visible(self, query: TaskQuery, tasks: Iterable[Task]) -> Iterator[Task]:
        away, in_sight = lists_put_away(self._store), spaces_in_sight(self._store)
        lists = self._store.lists
        for task in tasks:
            if task.list_id in away or task.space_id not in in_sight or not query.admits(task):
                continue
            place = lists.get(task.list_id)
            if place is not None and (not query.folders or place.folder_id in query.folders):
                yield task

    def of_list(self, list_id: str, query: TaskQuery, page: int, *, include_timl: bool) -> Page:
        """The tasks at home in the list, archived list or not; others only with `include_timl`."""
        shown = (self._store.tasks[task_id] for task_id in self._store.tasks_in_list.get(list_id, ()))
        listed = (task for task in shown if include_timl or task.list_id == list_id)
        live = (task for task in listed if task_in_sight(self._store, task))
        found = self._remember((list_id, include_timl), query, lambda: filter(query.admits, live))
        return _page(found, page)

    def _remember(
        self, scope: tuple[object, ...], query: TaskQuery, search: Callable[[], Iterable[Task]]
    ) -> list[Task]:
        key = (self._store.version, query, *scope)
        if key not in self._found:
            while len(self._found) >= self._REMEMBERED:
                self._found.pop(next(iter(self._found)))
            self._found[key] = _sorted(query, search())
        return self._found[key]


def _sorted(query: TaskQuery, tasks: Iterable[Task]) -> list[Task]:
    return sorted(tasks, key=_ORDERS[query.order_by], reverse=not query.ascending)


def _page(tasks: Iterable[Task], page: int) -> Page:
    begin = min(page * PAGE, maxsize - PAGE - 1)
    found = tuple(islice(tasks, begin, begin + PAGE + 1))
    return Page(found[:PAGE], last_page=len(found) <= PAGE)
