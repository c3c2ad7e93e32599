"""Which time entries an answer shows, and who may see them."""

from collections.abc import Iterator

from app.simulator.clock import MS_PER_DAY
from app.simulator.model import Role, TimeEntry
from app.simulator.request import Ask, bad_input, is_whole, others_time
from app.simulator.store import Store
from app.simulator.visibility import entry_in_sight, family

DEFAULT_WINDOW_MS = 30 * MS_PER_DAY
_EVER_MS = 10**15
_SCOPES = ("space_id", "folder_id", "list_id", "task_id")


def find_entries(store: Store, ask: Ask) -> list[TimeEntry]:
    """Entries that start in the window, latest first; by default the token owner's last 30 days."""
    people = _people_asked_for(store, ask)
    first, last = _window(store, ask)
    ids = store.by_start.ids_between(first, last)
    scope = _scope(store, ask)
    found = (store.entries[entry_id] for entry_id in ids)
    return [
        entry
        for entry in found
        if (people is None or entry.user_id in people)
        and (scope is None or entry.task_id in scope)
        and entry_in_sight(store, entry)
    ][::-1]


def _window(store: Store, ask: Ask) -> tuple[int, int]:
    """The bounds given; without them 30 days until now, but all there is of one task (observed)."""
    start, end = ask.number("start_date"), ask.number("end_date")
    if ask.one("task_id"):
        return start or 0, _EVER_MS if end is None else end
    last = store.clock.now_ms() if end is None else end
    # A start alone reaches until now, an end alone covers the days before it.
    return last - DEFAULT_WINDOW_MS if start is None else start, last


def _people_asked_for(store: Store, ask: Ask) -> frozenset[int] | None:
    """None means everybody. Raises the 403 that hides other people's time."""
    asked = ask.many("assignee")
    if not asked:
        return None if _everybody_on_one_task(store, ask) else frozenset({ask.user_id})
    if not all(map(is_whole, asked)):
        raise bad_input("Assignee must be a list of user ids")
    people = frozenset(int(part) for part in asked)
    if people != {ask.user_id} and not _may_see_others(store, ask, people):
        raise others_time()
    return people


def _everybody_on_one_task(store: Store, ask: Ask) -> bool:
    return (
        ask.one("task_id") is not None
        and is_admin(store, ask.user_id)
        and not store.doubts.task_entries_need_assignee
    )


def _may_see_others(store: Store, ask: Ask, people: frozenset[int]) -> bool:
    """A list of people is refused to OAuth tokens and when any one of them is out of scope (observed)."""
    known = frozenset(person.id for person in store.members())
    return is_admin(store, ask.user_id) and people <= known and not (ask.oauth and len(people) > 1)


def is_admin(store: Store, user_id: int) -> bool:
    """Owners and admins may see other people's time (source: ClickUp docs)."""
    return store.people[user_id].role in (Role.OWNER, Role.ADMIN)


def _scope(store: Store, ask: Ask) -> frozenset[str] | None:
    """The ids of the tasks that the filter by place leaves; None without such a filter."""
    given = [(name, value) for name in _SCOPES if (value := ask.one(name))]
    if len(given) > 1:
        raise bad_input("Only one of space_id, folder_id, list_id, task_id may be given")
    if not given:
        return None
    name, value = given[0]
    return frozenset(family(store, value) if name == "task_id" else _tasks_below(store, name, value))


def _tasks_below(store: Store, name: str, place_id: str) -> Iterator[str]:
    partial = name == "space_id" and store.doubts.space_entries_incomplete
    for task in store.tasks.values():
        place = store.lists.get(task.list_id)
        home = {
            "space_id": task.space_id,
            "list_id": task.list_id,
            "folder_id": place.folder_id if place else None,
        }
        if home[name] == place_id and not (partial and task.parent):
            yield task.id
