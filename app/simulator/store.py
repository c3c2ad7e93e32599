"""The workspace in memory: what there is, found quickly. It knows no HTTP and no reasons to change."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from threading import RLock
from typing import Any

from app.simulator.clock import Clock
from app.simulator.ids import Ids
from app.simulator.model import (
    Ambiguities,
    Comment,
    CustomField,
    Event,
    Folder,
    Person,
    Space,
    Task,
    TaskList,
    TaskType,
    TimeEntry,
    Workspace,
)
from app.simulator.sorted_index import SortedIndex

_REMEMBERED_CHANGES = 100_000


class Store:
    """Everything of one workspace, with the indexes that questions need.

    Hold `lock` around anything that has to see or leave a consistent world. `version` rises with
    every change, `frame` only with changes that show on many tasks (people, places, fields). `edits`: how
    often somebody did something, which may be several changes. `actor`: who does, see `acting`.
    `number`: which of several workspaces with the same seed it is.
    """

    def __init__(self, workspace: Workspace, clock: Clock, seed: int = 0, number: int = 0) -> None:
        self.number = number
        self.lock = RLock()
        self.workspace = workspace
        self.other_workspaces: list[Workspace] = []
        self.clock = clock
        self.ids = Ids(seed, number)
        self.doubts = Ambiguities()
        self.version = 0
        self.frame = 0
        self.token = ""
        self.actor: int | None = None
        self.edits = 0
        self.tokens: dict[str, int] = {}
        self.dead_tokens: set[str] = set()
        self.people: dict[int, Person] = {}
        self.groups: dict[str, str] = {}
        self.spaces: dict[str, Space] = {}
        self.folders: dict[str, Folder] = {}
        self.lists: dict[str, TaskList] = {}
        self.fields: dict[str, CustomField] = {}
        self.types: dict[int, TaskType] = {}
        self.tasks: dict[str, Task] = {}
        self.entries: dict[str, TimeEntry] = {}
        self.comments: dict[str, Comment] = {}
        self.deleted_comments: dict[str, Comment] = {}
        self.odd_values: dict[str, dict[str, Any]] = {}
        self.listeners: list[Callable[[Event], None]] = []
        self.by_updated = SortedIndex()
        self.by_start = SortedIndex()
        self.subtasks: dict[str, set[str]] = defaultdict(set)
        self.tasks_in_list: dict[str, set[str]] = defaultdict(set)
        self.entries_of_task: dict[str, set[str]] = defaultdict(set)
        self.comments_of_task: dict[str, set[str]] = defaultdict(set)
        self.replies_to: dict[str, set[str]] = defaultdict(set)
        self._changes: deque[tuple[int, str, Task | None]] = deque(maxlen=_REMEMBERED_CHANGES)

    def load_tasks(self, tasks: Iterable[Task]) -> None:
        """Takes in many new tasks at once, as if they had always been there."""
        new = list(tasks)
        for task in new:
            self._index_task(task)
        self.by_updated.load((task.date_updated, task.id) for task in new)
        self.version += 1

    def load_entries(self, entries: Iterable[TimeEntry]) -> None:
        """Takes in many new time entries; their tasks' `time_spent` is the caller's to set."""
        new = list(entries)
        for entry in new:
            self._index_entry(entry)
        self.by_start.load((entry.start, entry.id) for entry in new)
        self.version += 1

    def put_task(self, task: Task) -> Task:
        """Adds a task or replaces its former state, which is remembered for those who lag behind."""
        old = self.tasks.get(task.id)
        if old is not None:
            self._unindex_task(old)
            if old.parent != task.parent:
                self.reframe()  # all below it have another top parent now
        self._changes.append((self.clock.now_ms(), task.id, old))
        self._index_task(task)
        if not task.deleted:
            self.by_updated.add((task.date_updated, task.id))
        self.version += 1
        return task

    def _index_task(self, task: Task) -> None:
        self.tasks[task.id] = task
        if task.parent:
            self.subtasks[task.parent].add(task.id)
        for list_id in (task.list_id, *task.locations):
            self.tasks_in_list[list_id].add(task.id)

    def _unindex_task(self, task: Task) -> None:
        self.by_updated.remove((task.date_updated, task.id))
        if task.parent:
            self.subtasks[task.parent].discard(task.id)
        for list_id in (task.list_id, *task.locations):
            self.tasks_in_list[list_id].discard(task.id)

    def put_entry(self, entry: TimeEntry) -> TimeEntry:
        """Adds or replaces a time entry and keeps the tasks' sums right."""
        self.drop_entry(entry.id)
        self._index_entry(entry)
        self.by_start.add((entry.start, entry.id))
        self._sum_up(entry.task_id)
        return entry

    def _index_entry(self, entry: TimeEntry) -> None:
        self.entries[entry.id] = entry
        if entry.task_id:
            self.entries_of_task[entry.task_id].add(entry.id)

    def drop_entry(self, entry_id: str) -> None:
        """Forgets a time entry; one that is not there is no error."""
        entry = self.entries.pop(entry_id, None)
        if entry is None:
            return
        self.by_start.remove((entry.start, entry.id))
        if entry.task_id:
            self.entries_of_task[entry.task_id].discard(entry.id)
        self._sum_up(entry.task_id)

    def _sum_up(self, task_id: str | None) -> None:
        self.version += 1
        task = self.tasks.get(task_id or "")
        if task is None:
            return
        entries = (self.entries[entry_id] for entry_id in self.entries_of_task[task.id])
        spent = sum(entry.duration for entry in entries if entry.end is not None)
        if spent != task.time_spent:
            self.put_task(replace(task, time_spent=spent))

    def put_comment(self, comment: Comment) -> Comment:
        """Adds or replaces a comment or reply."""
        self.comments[comment.id] = comment
        if comment.parent:
            self.replies_to[comment.parent].add(comment.id)
        else:
            self.comments_of_task[comment.task_id].add(comment.id)
        self.version += 1
        return comment

    def drop_comment(self, comment_id: str) -> None:
        """Forgets a comment together with its replies."""
        for reply_id in tuple(self.replies_to.pop(comment_id, ())):
            self.deleted_comments[reply_id] = self.comments.pop(reply_id)
        comment = self.comments.pop(comment_id, None)
        if comment is None:
            return
        self.deleted_comments[comment_id] = comment
        siblings = (
            self.replies_to[comment.parent] if comment.parent else self.comments_of_task[comment.task_id]
        )
        siblings.discard(comment_id)
        self.version += 1

    def reframe(self) -> None:
        """Says that something changed that shows on many tasks at once."""
        self.frame += 1
        self.version += 1

    def tasks_from(self, updated_ms: int) -> Iterator[Task]:
        """Tasks that are not deleted, oldest change first, from that change on."""
        return (self.tasks[task_id] for task_id in self.by_updated.ids_from(updated_ms))

    def tasks_as_of(self, instant_ms: int) -> list[Task]:
        """Tasks as they were at that instant, as far back as changes are remembered; oldest change first."""
        former: dict[str, Task | None] = {}
        for changed_ms, task_id, old in reversed(self._changes):
            if changed_ms <= instant_ms:
                break
            former[task_id] = old
        present = (task for task in self.tasks.values() if task.id not in former)
        past = (task for task in former.values() if task is not None)
        then = [task for task in (*present, *past) if not task.deleted]
        return sorted(then, key=lambda task: (task.date_updated, task.id))

    def emit(self, event: Event) -> None:
        """Tells those who listen, webhooks for one."""
        for listener in tuple(self.listeners):
            listener(event)

    @contextmanager
    def acting(self, user_id: int) -> Iterator[None]:
        """Within, it is this person who changes things, where a change does not name another one."""
        with self.lock:
            former, self.actor = self.actor, self.people[user_id].id
            try:
                yield
            finally:
                self.actor = former

    def acting_for(self, user_id: int) -> AbstractContextManager[None]:
        """The same, unless somebody acts already: time of one person may be logged by another one."""
        return self.acting(user_id if self.actor is None else self.actor)

    def actor_id(self) -> int:
        """Who changes things; without anybody else the owner."""
        return self.owner().id if self.actor is None else self.actor

    def owner(self) -> Person:
        """Whose token `token` is."""
        return self.people[self.tokens[self.token]]

    def members(self) -> list[Person]:
        """Those who are in the workspace today."""
        return [person for person in self.people.values() if not person.left]

    def comments_newest_first(self, task_id: str) -> list[Comment]:
        """A task's comments without their replies."""
        return self._sorted(self.comments_of_task.get(task_id, ()))

    def replies_newest_first(self, comment_id: str) -> list[Comment]:
        """What was answered to a comment."""
        return self._sorted(self.replies_to.get(comment_id, ()))

    def count_replies(self, comment_id: str) -> int:
        """How many replies ClickUp says a comment has."""
        live = len(self.replies_to.get(comment_id, ()))
        if not self.doubts.deleted_replies_counted:
            return live
        return live + sum(one.parent == comment_id for one in self.deleted_comments.values())

    def _sorted(self, comment_ids: Iterable[str]) -> list[Comment]:
        found = (self.comments[comment_id] for comment_id in comment_ids)
        return sorted(found, key=lambda comment: (comment.date, int(comment.id)), reverse=True)
