"""How webhooks tell of a change: before, after, and the details beside them.

Source of the shapes: the examples in the ClickUp docs.
"""

from typing import Any

import orjson

from app.simulator import wire
from app.simulator.clock import MS_PER_DAY, MS_PER_MINUTE
from app.simulator.model import Comment, CustomField, HistoryItem, Option, Status, Task, TaskList, TimeEntry
from app.simulator.request import Json
from app.simulator.store import Store
from app.simulator.visibility import family

_NOT_YET = {"status": None, "color": "#000000", "type": "removed", "orderindex": -1}
_TOLD_AS = {"text": "content"}
_UNTOLD = frozenset({"status_log", "date_done", "date_closed"})


def creation(stage: Status) -> tuple[HistoryItem, ...]:
    """A task comes into being out of a status that is none."""
    first = HistoryItem("status", _NOT_YET, wire.status(stage), {"status_type": stage.type})
    return first, HistoryItem("task_creation")


def change(store: Store, name: str, old: Task, task: Task) -> list[HistoryItem]:
    """A field that changed, as items. Each person and each custom field is one of its own.

    Tags that were added and tags that were removed are told apart.
    """
    if name == "assignees":
        return _people(store, old, task)
    if name == "tags":
        return _tags(old, task)
    if name == "fields":
        return _fields(store, old, task)
    if name in _UNTOLD or getattr(old, name) == getattr(task, name):
        return []
    shown_as = _TOLD_AS.get(name, name)
    return [HistoryItem(shown_as, _shown(name, old), _shown(name, task), _data(store, name, old, task))]


def _people(store: Store, old: Task, task: Task) -> list[HistoryItem]:
    added, removed = {*task.assignees} - {*old.assignees}, {*old.assignees} - {*task.assignees}
    come = [HistoryItem("assignee_add", None, wire.person(store.people[one])) for one in sorted(added)]
    gone = [HistoryItem("assignee_rem", wire.person(store.people[one]), None) for one in sorted(removed)]
    return come + gone


def _tags(old: Task, task: Task) -> list[HistoryItem]:
    had, has = ({tag.name for tag in one.tags} for one in (old, task))
    added = [wire.tag(tag) for tag in task.tags if tag.name not in had]
    removed = [wire.tag(tag) for tag in old.tags if tag.name not in has]
    come = [HistoryItem("tag", None, added)] if added else []
    return come + ([HistoryItem("tag_removed", removed, None)] if removed else [])


def _fields(store: Store, old: Task, task: Task) -> list[HistoryItem]:
    changed = (one for one in store.fields.values() if old.fields.get(one.id) != task.fields.get(one.id))
    return [
        HistoryItem(
            "custom_field",
            _field_value(store, one, old.fields.get(one.id)),
            _field_value(store, one, task.fields.get(one.id)),
            more={"custom_field": _definition(store, one)},
        )
        for one in changed
    ]


def _field_value(store: Store, field: CustomField, value: Any) -> Any:
    """A drop-down is its option's id, whatever the task itself says."""
    match field.type:
        case _ if value is None:
            return None
        case "users":
            return [wire.person(store.people[user_id]) for user_id in value]
        case "date" | "number" | "currency":
            return str(value)
        case "checkbox":
            return "true" if value else "false"
        case _:
            return value


def _definition(store: Store, field: CustomField) -> Json:
    """More of a custom field than a task tells."""
    options = [_option(one) for one in field.options]
    choices: Json = {"default": 0, "placeholder": None, "new_drop_down": True, "options": options}
    return {
        "id": field.id,
        "name": field.name,
        "type": field.type,
        "type_config": choices if options else {},
        "values_set": None,
        "userid": str(store.owner().id),
        "date_created": str(field.date_created),
        "hide_from_guests": False,
        "team_id": store.workspace.id,
        "deleted": False,
        "deleted_by": None,
        "pinned": True,
        "required": False,
        "required_on_subtasks": False,
        "linked_subcategory": None,
    }


def _option(option: Option) -> Json:
    names = {"name": option.name, "value": option.name, "type": "text"}
    return {"id": option.id, **names, "color": option.color, "orderindex": option.orderindex}


def _shown(name: str, task: Task) -> Any:
    match name:
        case "status":
            return wire.status(task.status)
        case "priority":
            return wire.priority(task.priority)
        case "start_date" | "due_date" | "time_estimate":
            return wire.text_or_none(getattr(task, name))
        case "text":
            return None if task.text is None else _rich(task.text)
        case "name" | "points" | "archived":
            return getattr(task, name)
        case _:
            return None


def _rich(text: str) -> str:
    """A text is JSON in a text."""
    return orjson.dumps({"ops": [{"insert": text}]}).decode()


def _data(store: Store, name: str, old: Task, task: Task) -> Json:
    match name:
        case "status":
            return {"status_type": task.status.type}
        case "due_date":
            return {
                "due_date_time": _has_time(task.due_date),
                "old_due_date_time": _has_time(old.due_date),
            }
        case "time_estimate":
            return _estimate(store, old, task)
        case _:
            return {}


def _has_time(date: int | None) -> bool:
    """Here a date that begins a day in UTC is a day without a time."""
    return date is not None and date % MS_PER_DAY != 0


def _estimate(store: Store, old: Task, task: Task) -> Json:
    """The simulator knows no estimates by person: the first assignee's is the task's."""
    rolled_up = sum(one.time_estimate or 0 for one in _live_family(store, task.id))
    shares = [
        {
            "userid": user_id,
            "user_time_estimate": str(task.time_estimate or 0),
            "user_rollup_time_estimate": str(rolled_up),
        }
        for user_id in task.assignees[:1]
    ]
    return {
        "time_estimate_string": _in_words(task.time_estimate),
        "old_time_estimate_string": _in_words(old.time_estimate),
        "rolled_up_time_estimate": rolled_up,
        "time_estimate": task.time_estimate,
        "time_estimates_by_user": shares,
    }


def _in_words(estimate: int | None) -> str | None:
    """`1 hour 30 minutes`."""
    if estimate is None:
        return None
    counts = zip(divmod(estimate // MS_PER_MINUTE, 60), ("hour", "minute"), strict=True)
    words = [f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in counts if count]
    return " ".join(words) or "0 minutes"


def _live_family(store: Store, task_id: str) -> list[Task]:
    tasks = (store.tasks[one] for one in family(store, task_id))
    return [one for one in tasks if not one.deleted]


def move(store: Store, origin: TaskList, target: TaskList) -> HistoryItem:
    """A task from list to list. Also a list from folder to folder, for which ClickUp shows no example."""
    before, after = _place(store, origin), _place(store, target)
    return HistoryItem("section_moved", before, after, {"mute_notifications": True})


def _place(store: Store, place: TaskList) -> Json:
    """The list, its folder (`category`) and its space (`project`)."""
    folder = wire.folder_reference(store, place)
    return {
        "id": place.id,
        "name": place.name,
        "category": {key: folder[key] for key in ("id", "name", "hidden")},
        "project": {"id": place.space_id, "name": store.spaces[place.space_id].name},
    }


def session(store: Store, task_id: str, entry: TimeEntry) -> HistoryItem:
    """Time logged, with the sums of the task alone and of all below it."""
    tracked = {
        "total_time": str(store.tasks[task_id].time_spent),
        "rollup_time": str(sum(one.time_spent for one in _live_family(store, task_id))),
    }
    return HistoryItem("time_spent", None, wire.interval(entry), tracked)


def comment(store: Store, said: Comment) -> HistoryItem:
    """A comment with what was said below it."""
    return HistoryItem("comment", None, said.id, more={"comment": _written(said) | _thread(store, said)})


def _written(said: Comment) -> Json:
    end = {"text": "\n", "attributes": {"block-id": f"block-{int(said.id) % 16**8:08x}"}}
    text = said.text if said.flat is None else said.flat
    is_plain = said.blocks is None or len(said.blocks) == 1
    written = [{"text": said.text, "attributes": {}}, end] if is_plain else list(said.blocks or ())
    nothing = [
        "x",
        "y",
        "image_y",
        "image_x",
        "page",
        "comment_number",
        "page_id",
        "page_name",
        "view_id",
        "view_name",
        "team",
    ]
    return {
        "id": said.id,
        "date": str(said.date),
        "parent": said.task_id,
        "type": 1,
        "comment": written,
        "text_content": text if text.endswith("\n") else f"{text}\n",
        **dict.fromkeys(nothing),
    }


def _thread(store: Store, said: Comment) -> Json:
    replies = store.replies_newest_first(said.id)
    waiting = [one for one in replies if one.assignee is not None and not one.resolved]
    assignees = {one.assignee for one in replies if one.assignee is not None}
    author = wire.person(store.people[said.user_id])
    return {
        "user": author,
        "new_thread_count": 0,
        "new_mentioned_thread_count": 0,
        "email_attachments": [],
        "threaded_users": _persons(store, {one.user_id for one in replies}),
        "threaded_replies": len(replies),
        "threaded_assignees": len(assignees),
        "threaded_assignees_members": _persons(store, assignees),
        "threaded_unresolved_count": len(waiting),
        "thread_followers": [author],
        "group_thread_followers": [],
        "reactions": [],
        "emails": [],
    }


def _persons(store: Store, user_ids: set[int]) -> list[Json]:
    return [wire.person(store.people[one]) for one in sorted(user_ids)]
