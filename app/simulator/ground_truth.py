"""The whole truth as plain data, to compare a mirror with."""

from typing import Any

from app.simulator import wire
from app.simulator.model import Comment, CustomField, Task, TimeEntry
from app.simulator.odd_values import odd_truth
from app.simulator.request import Json
from app.simulator.store import Store
from app.simulator.visibility import entry_in_sight, list_is_put_away, task_in_sight, top_parent


def tell(store: Store) -> Json:
    """Everything the token's owner could learn by asking perfectly; ids are texts, instants epoch ms.

    Tasks of private spaces are left out. Deleted tasks are named in `deleted_tasks`; their entries and
    comments are left out.
    """
    tasks = [task for task in store.tasks.values() if task_in_sight(store, task)]
    return {
        "workspace": {"id": store.workspace.id, "name": store.workspace.name},
        "people": {str(user.id): _person(store, user.id) for user in store.people.values()},
        "spaces": _spaces(store),
        "folders": _folders(store),
        "lists": _lists(store),
        "tasks": {task.id: odd_truth(store, "task", task.id, _task(store, task)) for task in tasks},
        "deleted_tasks": sorted(task.id for task in store.tasks.values() if task.deleted),
        "entries": {
            entry.id: _odd_entry(store, entry)
            for entry in store.entries.values()
            if entry_in_sight(store, entry)
        },
        "comments": {
            said.id: odd_truth(store, "comment", said.id, _comment(store, said))
            for said in store.comments.values()
            if task_in_sight(store, store.tasks[said.task_id])
        },
    }


def _person(store: Store, user_id: int) -> Json:
    person = store.people[user_id]
    return {
        "name": person.username,
        "email": person.email,
        "role": int(person.role),
        "left": person.left,
        "timezone": person.timezone,
    }


def _spaces(store: Store) -> Json:
    return {
        one.id: {"name": one.name, "archived": one.archived, "walked": one.walked}
        for one in store.spaces.values()
        if not one.private
    }


def _folders(store: Store) -> Json:
    return {
        one.id: {"name": one.name, "space_id": one.space_id, "archived": one.archived}
        for one in store.folders.values()
        if not store.spaces[one.space_id].private
    }


def _lists(store: Store) -> Json:
    return {
        one.id: {
            "name": one.name,
            "space_id": one.space_id,
            "folder_id": one.folder_id,
            "archived": one.archived,
            "put_away": list_is_put_away(store, one),
        }
        for one in store.lists.values()
        if not store.spaces[one.space_id].private
    }


def _task(store: Store, task: Task) -> Json:
    return (
        _written(task) | _placed(store, task) | _done_by(store, task) | _tied(task) | _activity(store, task)
    )


def _written(task: Task) -> Json:
    return {
        "id": task.id,
        "custom_id": task.custom_id,
        "title": task.name,
        "text": task.text,
        "type": task.type_id,
        "status": task.status.name,
        "status_type": task.status.type,
        "archived": task.archived,
        "priority": None if task.priority is None else wire.PRIORITIES[task.priority],
        "tags": [label.name for label in task.tags],
        "points": task.points,
        "time_estimate_ms": task.time_estimate,
        "date_created": task.date_created,
        "date_updated": task.date_updated,
        "date_closed": task.date_closed,
        "date_done": task.date_done,
        "start_date": task.start_date,
        "due_date": task.due_date,
    }


def _placed(store: Store, task: Task) -> Json:
    place = store.lists[task.list_id]
    folder = store.folders.get(place.folder_id or "")
    return {
        "parent": task.parent,
        "top_parent": top_parent(store, task),
        "list_id": place.id,
        "list": place.name,
        "folder_id": folder.id if folder else None,
        "folder": folder.name if folder else None,
        "space_id": task.space_id,
        "space": store.spaces[task.space_id].name,
        "put_away": list_is_put_away(store, place),
        "locations": [one for one in task.locations if one in store.lists],
    }


def _done_by(store: Store, task: Task) -> Json:
    fields = (store.fields[one] for one in store.spaces[task.space_id].fields if one in task.fields)
    return {
        "creator": str(task.creator),
        "assignees": [str(user_id) for user_id in task.assignees],
        "assignee_names": [store.people[user_id].username for user_id in task.assignees],
        "groups": [store.groups[one] for one in task.groups],
        "watchers": [str(user_id) for user_id in task.watchers],
        "custom_fields": {one.name: readable(store, one, task.fields[one.id]) for one in fields},
    }


def readable(store: Store, field: CustomField, value: Any) -> Any:
    """A custom field's value as people read it; dates stay epoch ms, labels and users are lists."""
    names = {option.id: option.name for option in field.options}
    match field.type:
        case "drop_down":
            return names[value]
        case "labels":
            return [names[one] for one in value]
        case "users":
            return [store.people[user_id].username for user_id in value]
        case _:
            return value


def _tied(task: Task) -> Json:
    return {
        "waits_on": sorted({tie.depends_on for tie in task.dependencies if tie.task_id == task.id}),
        "blocks": sorted({tie.task_id for tie in task.dependencies if tie.depends_on == task.id}),
        "linked": sorted({link.link_id for link in task.links}),
    }


def _activity(store: Store, task: Task) -> Json:
    entries = [store.entries[one] for one in store.entries_of_task.get(task.id, ())]
    known = [_odd_entry(store, entry) | {"entry_id": entry.id} for entry in entries]
    known.sort(key=lambda one: (one["start"] or 0, one["entry_id"]), reverse=True)
    return {
        "sessions": [{key: one[key] for key in ("entry_id", "start", "end", "user_id")} for one in known],
        "tracked_ms": sum(one["duration_ms"] or 0 for one in known),
        "assigned_comments": _assigned_comments(store, task.id),
    }


def _assigned_comments(store: Store, task_id: str) -> list[Json]:
    """The assigned and unresolved comments and replies, newest first."""
    said = store.comments_newest_first(task_id)
    said += [reply for comment in said for reply in store.replies_newest_first(comment.id)]
    wanted = [one for one in said if not one.resolved and (one.assignee is not None or one.group is not None)]
    wanted.sort(key=lambda one: (one.date, int(one.id)), reverse=True)
    return [
        {"id": one.id, "text": one.text, "assignee": _id_or_none(one.assignee), "group": one.group}
        for one in wanted
    ]


def _id_or_none(user_id: int | None) -> str | None:
    return None if user_id is None else str(user_id)


def _odd_entry(store: Store, entry: TimeEntry) -> Json:
    return odd_truth(store, "entry", entry.id, _entry(store, entry))


def _entry(store: Store, entry: TimeEntry) -> Json:
    return {
        "task_id": entry.task_id,
        "user_id": str(entry.user_id),
        "start": entry.start,
        "end": entry.end,
        "duration_ms": None if entry.end is None else entry.duration,
        "running": entry.end is None,
        "billable": entry.billable,
        "description": entry.description,
        "tags": [label.name for label in entry.tags],
        "at": entry.at,
    }


def _comment(store: Store, said: Comment) -> Json:
    return {
        "task_id": said.task_id,
        "parent": said.parent,
        "user_id": str(said.user_id),
        "text": said.text,
        "date": said.date,
        "assignee": _id_or_none(said.assignee),
        "group": said.group,
        "group_name": store.groups[said.group] if said.group else None,
        "assigned_by": _id_or_none(said.assigned_by),
        "blocks": wire.blocks(said),
        "reactions": [{"reaction": code, "user_id": str(user_id)} for code, user_id in said.reactions],
        "resolved": said.resolved,
        "replies": len(store.replies_to.get(said.id, ())),
    }
