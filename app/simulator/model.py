"""What a workspace is made of.

Everything that changes is immutable and gets replaced, so that the world can hand out the state of
some seconds ago. Instants and durations are epoch ms and ms.
"""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any


class Role(IntEnum):
    """ClickUp's numbers for roles (source: ClickUp docs)."""

    OWNER = 1
    ADMIN = 2
    MEMBER = 3
    GUEST = 4


@dataclass(frozen=True, slots=True)
class Person:
    """`username` is None for people who were invited and never came (observed).

    People who left keep their entries and comments, and vanish from the member list.
    """

    id: int
    username: str | None
    email: str
    role: Role
    color: str
    timezone: str = "UTC"
    left: bool = False


@dataclass(frozen=True, slots=True)
class Workspace:
    """ClickUp calls it a team."""

    id: str
    name: str
    plan_id: int
    plan_name: str


@dataclass(frozen=True, slots=True)
class Status:
    """`type` is open, custom, done or closed; only closed ones hide from a listing by default."""

    id: str
    name: str
    color: str
    orderindex: int
    type: str


@dataclass(frozen=True, slots=True)
class Space:
    """`walked` is False for a space that the hierarchy hides while the task query shows its tasks (observed).

    `private` is True for a space of which the token's owner sees nothing at all.
    """

    id: str
    name: str
    color: str
    statuses: tuple[Status, ...]
    fields: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    archived: bool = False
    walked: bool = True
    private: bool = False


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of a space."""

    id: str
    name: str
    space_id: str
    orderindex: int
    archived: bool = False


@dataclass(frozen=True, slots=True)
class TaskList:
    """A list; without a folder it stands in its space, under a folder that is none (`hidden_id`)."""

    id: str
    name: str
    space_id: str
    folder_id: str | None
    hidden_id: str
    orderindex: int
    archived: bool = False


@dataclass(frozen=True, slots=True)
class TaskType:
    """A workspace's own kind of task; 0 is a task and 1 a milestone without being listed."""

    id: int
    name: str
    plural: str


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a drop-down or of labels."""

    id: str
    name: str
    color: str
    orderindex: int


@dataclass(frozen=True, slots=True)
class CustomField:
    """`by_uuid`: a drop-down answers with the option's uuid, otherwise with its orderindex; both occur."""

    id: str
    name: str
    type: str
    date_created: int
    options: tuple[Option, ...] = ()
    by_uuid: bool = False


@dataclass(frozen=True, slots=True)
class Tag:
    """Tags have no id: they are known by their space and name."""

    name: str
    foreground: str
    background: str
    creator: int


@dataclass(frozen=True, slots=True)
class Dependency:
    """`task_id` waits on `depends_on`."""

    task_id: str
    depends_on: str
    date_created: int
    user_id: int


@dataclass(frozen=True, slots=True)
class Link:
    """Two tasks that know of each other."""

    task_id: str
    link_id: str
    date_created: int
    user_id: int


@dataclass(frozen=True, slots=True)
class Task:
    """`fields` maps a custom field's id to its value: option ids, user ids, ms, numbers or text.

    `status_log` holds each status the task had, with the instant it entered it, oldest first.
    `time_spent` is the sum of the task's own finished entries.
    """

    id: str
    name: str
    list_id: str
    space_id: str
    status: Status
    date_created: int
    date_updated: int
    creator: int
    parent: str | None = None
    text: str | None = None
    custom_id: str | None = None
    type_id: int | None = None
    orderindex: str = "1.00000000000000000000000000000000"
    date_closed: int | None = None
    date_done: int | None = None
    archived: bool = False
    deleted: bool = False
    assignees: tuple[int, ...] = ()
    groups: tuple[str, ...] = ()
    watchers: tuple[int, ...] = ()
    tags: tuple[Tag, ...] = ()
    priority: int | None = None
    start_date: int | None = None
    due_date: int | None = None
    points: float | None = None
    time_estimate: int | None = None
    time_spent: int = 0
    fields: dict[str, Any] = field(default_factory=dict)
    dependencies: tuple[Dependency, ...] = ()
    links: tuple[Link, ...] = ()
    locations: tuple[str, ...] = ()
    checklist: tuple[str, ...] = ()
    status_log: tuple[tuple[Status, int], ...] = ()


@dataclass(frozen=True, slots=True)
class TimeEntry:
    """A session of work. `end` is None while the timer runs; `task_id` is None for time without a task."""

    id: str
    user_id: int
    start: int
    end: int | None
    at: int
    task_id: str | None = None
    billable: bool = False
    description: str = ""
    tags: tuple[Tag, ...] = ()
    source: str = "clickup"

    @property
    def duration(self) -> int:
        """Ms; for a running timer the negated start, as ClickUp gives a negative number (observed)."""
        return -self.start if self.end is None else self.end - self.start


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment of a task, or a reply to the comment `parent`. `text` is what people read.

    Where that is more than text, `blocks` are what it consists of and `flat` is what ClickUp makes of them.
    `group`: the team it is assigned to. `reactions`: pairs of a sign's code and who gave it.
    """

    id: str
    task_id: str
    user_id: int
    text: str
    date: int
    parent: str | None = None
    assignee: int | None = None
    assigned_by: int | None = None
    resolved: bool = False
    blocks: tuple[dict[str, Any], ...] | None = None
    flat: str | None = None
    group: str | None = None
    reactions: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class HistoryItem:
    """One change as a webhook tells it; `data` and `more` are what ClickUp says of that kind besides."""

    what: str
    before: Any = None
    after: Any = None
    data: dict[str, Any] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """Something a webhook may tell: `subject` is the key and id it names, e.g. ("task_id", "86a1").

    `extra` stands beside the items, where the payload has more than items.
    """

    name: str
    subject: tuple[str, str]
    user_id: int
    date: int
    items: tuple[HistoryItem, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Ambiguities:
    """Points where sources about ClickUp disagree; a mirror has to be right either way.

    `quiet_changes_touch`: comments edited, resolved, assigned or deleted, replies, entries edited or
    deleted, and places renamed or archived move `date_updated`. `gt_inclusive`: `date_updated_gt`
    and its kind include the bound. `task_entries_need_assignee`: entries filtered by `task_id` are
    the token owner's unless `assignee` says otherwise. `parents_roll_up_time`: a parent's
    `time_spent` includes its subtasks'. `space_entries_incomplete`: entries filtered by `space_id`
    lack those of subtasks. `threads_paged`: replies come 25 a page, as comments do. `threads_capped`: no
    more than the newest 25 replies are ever shown. `deleted_replies_counted`: `reply_count` counts them too.
    `deleted_threads_answer`: the thread of a deleted comment is empty instead of 404.
    """

    quiet_changes_touch: bool = False
    gt_inclusive: bool = False
    task_entries_need_assignee: bool = False
    parents_roll_up_time: bool = False
    space_entries_incomplete: bool = False
    threads_paged: bool = False
    threads_capped: bool = False
    deleted_replies_counted: bool = False
    deleted_threads_answer: bool = False
