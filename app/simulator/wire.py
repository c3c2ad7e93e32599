"""ClickUp's JSON shapes, out of the model. Ids are numbers or texts as they really arrive."""

from app.simulator.model import (
    Comment,
    Folder,
    Person,
    Space,
    Status,
    Tag,
    TaskList,
    TaskType,
    TimeEntry,
    Workspace,
)
from app.simulator.request import Json
from app.simulator.store import Store

_PRIORITY_COLORS = {1: "#f50000", 2: "#ffcc00", 3: "#6fddff", 4: "#d8d8d8"}
PRIORITIES = {1: "urgent", 2: "high", 3: "normal", 4: "low"}


def text_or_none(number: int | None) -> str | None:
    """Epoch ms travel as text (observed)."""
    return None if number is None else str(number)


def person(user: Person) -> Json:
    """A user inside other shapes; the id is a number."""
    return {
        "id": user.id,
        "username": user.username,
        "color": user.color,
        "initials": (user.username or user.email)[:2].upper(),
        "email": user.email,
        "profilePicture": None,
    }


def token_owner(user: Person) -> Json:
    """The answer to `/user`."""
    extra = {"week_start_day": 1, "global_font_support": True, "timezone": user.timezone}
    return {"user": person(user) | extra}


def member(user: Person) -> Json:
    """A person with their role in the workspace."""
    roles = {"role": int(user.role), "role_key": user.role.name.lower()}
    return {"user": person(user) | roles | {"custom_role": None, "last_active": None}}


def team(workspace: Workspace, members: list[Person]) -> Json:
    """A workspace; its id is text."""
    return {
        "id": workspace.id,
        "name": workspace.name,
        "color": "#000000",
        "avatar": None,
        "members": [member(user) for user in members],
    }


def task_type(kind: TaskType) -> Json:
    """A kind of task; the id is a number."""
    return {"id": kind.id, "name": kind.name, "name_plural": kind.plural, "description": None}


def status(step: Status) -> Json:
    """A status as spaces and tasks carry it."""
    return {
        "id": step.id,
        "status": step.name,
        "color": step.color,
        "orderindex": step.orderindex,
        "type": step.type,
    }


def tag(label: Tag) -> Json:
    """A tag has no id."""
    return {
        "name": label.name,
        "tag_fg": label.foreground,
        "tag_bg": label.background,
        "creator": label.creator,
    }


def priority(level: int | None) -> Json | None:
    """Its id is text; None when the task has none."""
    if level is None:
        return None
    color, name = _PRIORITY_COLORS.get(level, "#000000"), PRIORITIES.get(level, f"level {level}")
    return {"color": color, "id": str(level), "orderindex": str(level), "priority": name}


def space(place: Space) -> Json:
    """A space with its statuses and features."""
    return {
        "id": place.id,
        "name": place.name,
        "color": place.color,
        "private": False,
        "avatar": None,
        "admin_can_manage": True,
        "statuses": [status(step) for step in place.statuses],
        "multiple_assignees": True,
        "features": {name: {"enabled": True} for name in place.features},
        "archived": place.archived,
    }


def folder(store: Store, place: Folder) -> Json:
    """Inlines its lists, but only the active ones (observed)."""
    lists = [one for one in store.lists.values() if one.folder_id == place.id and not one.archived]
    return {
        "id": place.id,
        "name": place.name,
        "orderindex": place.orderindex,
        "override_statuses": False,
        "hidden": False,
        "space": _space_reference(store, place.space_id),
        "task_count": str(sum(len(store.tasks_in_list[one.id]) for one in lists)),
        "archived": place.archived,
        "statuses": [],
        "lists": [task_list(store, one) for one in lists],
        "permission_level": "create",
    }


def task_list(store: Store, place: TaskList) -> Json:
    """A list; its count of tasks is a number."""
    return {
        "id": place.id,
        "name": place.name,
        "orderindex": place.orderindex,
        "content": "",
        "status": None,
        "priority": None,
        "assignee": None,
        "task_count": len(store.tasks_in_list.get(place.id, ())),
        "due_date": None,
        "start_date": None,
        "folder": folder_reference(store, place),
        "space": _space_reference(store, place.space_id),
        "archived": place.archived,
        "override_statuses": False,
        "permission_level": "create",
    }


def whole_list(store: Store, place: TaskList) -> Json:
    """One list asked for by its id also tells its statuses."""
    statuses = [status(step) for step in store.spaces[place.space_id].statuses]
    address = f"add.task.{place.id}@tasks.example.com"
    return task_list(store, place) | {"statuses": statuses, "inbound_address": address}


def _space_reference(store: Store, space_id: str) -> Json:
    return {"id": space_id, "name": store.spaces[space_id].name, "access": True}


def folder_reference(store: Store, place: TaskList) -> Json:
    """A folderless list carries a folder named `hidden`, which is none (observed)."""
    if place.folder_id is None:
        return {"id": place.hidden_id, "name": "hidden", "hidden": True, "access": True}
    return {
        "id": place.folder_id,
        "name": store.folders[place.folder_id].name,
        "hidden": False,
        "access": True,
    }


def comment(store: Store, said: Comment) -> Json:
    """A comment or a reply; `reply_count` is text."""
    return {
        "id": said.id,
        "comment": blocks(said),
        "comment_text": said.text if said.flat is None else said.flat,
        "user": person(store.people[said.user_id]),
        "resolved": said.resolved,
        "assignee": _person_or_none(store, said.assignee),
        "group_assignee": None
        if said.group is None
        else {"id": said.group, "name": store.groups[said.group]},
        "assigned_by": _person_or_none(store, said.assigned_by),
        "reactions": [
            {"reaction": code, "date": str(said.date), "user": person(store.people[user_id])}
            for code, user_id in said.reactions
        ],
        "date": str(said.date),
        "reply_count": str(store.count_replies(said.id)),
    }


def blocks(said: Comment) -> list[Json]:
    """What a comment consists of."""
    return [{"text": said.text}] if said.blocks is None else list(said.blocks)


def _person_or_none(store: Store, user_id: int | None) -> Json | None:
    return None if user_id is None else person(store.people[user_id])


def time_entry(
    store: Store, entry: TimeEntry, *, location_names: bool = False, task_tags: bool = False
) -> Json:
    """A row of the time entries; without a task it has no `task` at all, while running no `end`."""
    answer: Json = {
        "id": entry.id,
        "wid": store.workspace.id,
        "user": person(store.people[entry.user_id]),
        "billable": entry.billable,
        "start": str(entry.start),
        "duration": str(entry.duration),
        "description": entry.description,
        "tags": [tag(label) for label in entry.tags],
        "source": entry.source,
        "at": str(entry.at),
    }
    if entry.end is not None:
        answer["end"] = str(entry.end)
    if int(entry.id) % 2:
        # Numbers as text and as numbers both occur (observed).
        answer |= {name: int(answer[name]) for name in ("start", "end", "duration", "at") if name in answer}
    if entry.task_id is None and int(entry.id) % 3 == 0:
        # No task is no `task` or one that is not an object (observed).
        answer["task"] = "0"
    if entry.task_id:
        answer |= _entry_task(store, entry.task_id, location_names=location_names, task_tags=task_tags)
    return answer


def _entry_task(store: Store, task_id: str, *, location_names: bool, task_tags: bool) -> Json:
    task = store.tasks[task_id]
    short = {
        "id": task.id,
        "custom_id": task.custom_id,
        "name": task.name,
        "status": status(task.status),
        "custom_type": task.type_id,
    }
    answer: Json = {
        "task": short,
        "task_location": _location(store, store.lists[task.list_id], location_names),
    }
    if task_tags:
        answer["task_tags"] = [tag(label) for label in task.tags]
    return answer | {"task_url": f"https://app.clickup.com/t/{task.id}"}


def _location(store: Store, place: TaskList, names: bool) -> Json:
    """Here the ids of places are numbers (source: ClickUp docs)."""
    folder_shape = folder_reference(store, place)
    answer: Json = {
        "list_id": int(place.id),
        "folder_id": int(folder_shape["id"]),
        "space_id": int(place.space_id),
    }
    if names:
        space_name = store.spaces[place.space_id].name
        answer |= {"list_name": place.name, "folder_name": folder_shape["name"], "space_name": space_name}
    return answer


def intervals(store: Store, task_id: str) -> list[Json]:
    """The older call: everyone's time on one task, people who left included, without a window."""
    by_user: dict[int, list[TimeEntry]] = {}
    for entry_id in sorted(store.entries_of_task.get(task_id, ())):
        entry = store.entries[entry_id]
        by_user.setdefault(entry.user_id, []).append(entry)
    return [
        {
            "user": person(store.people[user_id]),
            "time": sum(entry.duration for entry in entries if entry.end is not None),
            "intervals": [interval(entry) for entry in entries],
        }
        for user_id, entries in by_user.items()
    ]


def interval(entry: TimeEntry) -> Json:
    """A session of the older call, and of webhooks."""
    return {
        "id": entry.id,
        "start": str(entry.start),
        "end": text_or_none(entry.end),
        "time": str(entry.duration),
        "source": entry.source,
        "date_added": str(entry.at),
    }
