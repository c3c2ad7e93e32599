"""A task as JSON bytes: the shape ClickUp gives, fast enough for pages of a hundred."""

from typing import Any

import orjson

from app.simulator import wire
from app.simulator.model import CustomField, Dependency, Link, Option, Status, Task
from app.simulator.request import Json
from app.simulator.store import Store
from app.simulator.visibility import live_subtasks, top_parent

_MS_PER_MINUTE = 60_000


class TaskWriter:
    """Writes tasks and keeps what it wrote until the task, or something that shows on it, changes."""

    _REMEMBERED = 20_000

    def __init__(self, store: Store) -> None:
        self._store = store
        self._frame = -1
        self._rows: dict[str, tuple[Task, bytes]] = {}
        self._people: dict[int, orjson.Fragment] = {}
        self._fields: dict[str, tuple[bytes, CustomField]] = {}

    def row(self, task: Task) -> bytes:
        """A task as a listing shows it: no checklists, though there may be some (observed)."""
        self._keep_up()
        if self._store.doubts.parents_roll_up_time:
            return orjson.dumps(self._shape(task))
        known = self._rows.get(task.id)
        if known is not None and known[0] is task:
            return known[1]
        written = orjson.dumps(self._shape(task))
        if len(self._rows) >= self._REMEMBERED:
            self._rows.clear()
        self._rows[task.id] = task, written
        return written

    def row_with_markdown(self, task: Task) -> bytes:
        """As `row`, with what only comes when asked for."""
        self._keep_up()
        return orjson.dumps(self._shape(task) | {"markdown_description": task.text or ""})

    def whole(self, task: Task, *, markdown: bool, subtasks: bool) -> bytes:
        """A task asked for by its id: checklists and attachments too, the rest when asked."""
        self._keep_up()
        answer = self._shape(task) | {"checklists": _checklists(task), "attachments": []}
        if markdown:
            answer["markdown_description"] = task.text or ""
        if subtasks:
            below = live_subtasks(self._store, task.id)
            answer["subtasks"] = [orjson.Fragment(self.row(one)) for one in below]
        return orjson.dumps(answer)

    def _keep_up(self) -> None:
        if self._frame == self._store.frame:
            return
        self._frame = self._store.frame
        self._rows.clear()
        self._people = {
            user.id: orjson.Fragment(orjson.dumps(wire.person(user))) for user in self._store.people.values()
        }
        self._fields = {
            one.id: (orjson.dumps(_definition(one)).removesuffix(b"}"), one)
            for one in self._store.fields.values()
        }

    def _shape(self, task: Task) -> Json:
        store, people = self._store, self._people
        place = store.lists[task.list_id]
        folder = wire.folder_reference(store, place)
        answer: Json = {
            "id": task.id,
            "custom_id": task.custom_id,
            "custom_item_id": task.type_id,
            "name": task.name,
            "text_content": task.text,
            "description": task.text,
            "status": wire.status(task.status),
            "orderindex": task.orderindex,
            "date_created": str(task.date_created),
            "date_updated": str(task.date_updated),
            "date_closed": wire.text_or_none(task.date_closed),
            "date_done": wire.text_or_none(task.date_done),
            "archived": task.archived,
            "creator": people[task.creator],
            "assignees": [people[user_id] for user_id in task.assignees],
            "group_assignees": [{"id": one, "name": store.groups[one]} for one in task.groups],
            "watchers": [people[user_id] for user_id in task.watchers],
            "checklists": [],
            "tags": [wire.tag(label) for label in task.tags],
            "parent": task.parent,
            "top_level_parent": top_parent(store, task),
            "priority": wire.priority(task.priority),
            "due_date": wire.text_or_none(task.due_date),
            "start_date": wire.text_or_none(task.start_date),
            "points": _number_or_text(task, task.points),
            "time_estimate": _number_or_text(task, task.time_estimate),
        }
        spent = self._time_spent(task)
        if spent:
            answer["time_spent"] = spent
        return answer | {
            "custom_fields": [self._field(one, task) for one in store.spaces[task.space_id].fields],
            "dependencies": [_dependency(store, one) for one in task.dependencies],
            "linked_tasks": [_link(store, one) for one in task.links],
            "locations": [
                {"id": one, "name": store.lists[one].name} for one in task.locations if one in store.lists
            ],
            "team_id": store.workspace.id,
            "url": f"https://app.clickup.com/t/{task.id}",
            "sharing": {"public": False, "public_share_expires_on": None, "token": None},
            "permission_level": "create",
            "list": {"id": place.id, "name": place.name, "access": True},
            "project": folder,
            "folder": folder,
            "space": {"id": task.space_id},
        }

    def _time_spent(self, task: Task) -> int:
        if not self._store.doubts.parents_roll_up_time:
            return task.time_spent
        below = live_subtasks(self._store, task.id)
        return task.time_spent + sum(map(self._time_spent, below))

    def _field(self, field_id: str, task: Task) -> orjson.Fragment:
        head, field = self._fields[field_id]
        if field_id not in task.fields:
            return orjson.Fragment(head + b"}")
        value = orjson.dumps(self._value(field, task.fields[field_id]))
        return orjson.Fragment(head + b',"value":' + value + b"}")

    def _value(self, field: CustomField, value: Any) -> Any:
        """Numbers often travel as text; a drop-down is its option's orderindex or uuid (observed)."""
        match field.type:
            case "drop_down" if not field.by_uuid:
                return next((one.orderindex for one in field.options if one.id == value), value)
            case "users":
                return [self._people[user_id] for user_id in value]
            case "date" | "number" | "currency":
                return str(value)
            case "checkbox":
                return "true" if value else "false"
            case _:
                return value


def _definition(field: CustomField) -> Json:
    return {
        "id": field.id,
        "name": field.name,
        "type": field.type,
        "type_config": _type_config(field),
        "date_created": str(field.date_created),
        "hide_from_guests": False,
        "required": False,
    }


def _type_config(field: CustomField) -> Json:
    """A drop-down's choices have a `name`, labels' a `label` (source: ClickUp docs)."""
    key = "label" if field.type == "labels" else "name"
    config: Json = {"options": [_option(one, key) for one in field.options]} if field.options else {}
    if field.type == "currency":
        config |= {"precision": 2, "currency_type": "EUR", "default": None}
    return config


def _option(option: Option, key: str) -> Json:
    return {"id": option.id, key: option.name, "color": option.color, "orderindex": option.orderindex}


def _number_or_text(task: Task, amount: float | None) -> float | str | None:
    """Both occur (observed); here the list decides."""
    return str(amount) if amount is not None and int(task.list_id) % 2 else amount


def _checklists(task: Task) -> list[Json]:
    if not task.checklist:
        return []
    items = [
        {"id": f"{task.id}-{index}", "name": name, "resolved": False}
        for index, name in enumerate(task.checklist)
    ]
    return [{"id": f"{task.id}-list", "task_id": task.id, "name": "Checklist", "items": items}]


def _dependency(store: Store, tie: Dependency) -> Json:
    return {
        "task_id": tie.task_id,
        "depends_on": tie.depends_on,
        "type": 1,
        "date_created": str(tie.date_created),
        "userid": str(tie.user_id),
        "workspace_id": store.workspace.id,
        "chain_id": None,
    }


def _link(store: Store, tie: Link) -> Json:
    return {
        "task_id": tie.task_id,
        "link_id": tie.link_id,
        "date_created": str(tie.date_created),
        "userid": str(tie.user_id),
        "workspace_id": store.workspace.id,
    }


def time_in_status(task: Task, now_ms: int) -> Json:
    """Cumulative per status, not a log of changes (source: ClickUp docs)."""
    log = task.status_log or ((task.status, task.date_created),)
    ends = [entered for _, entered in log[1:]] + [now_ms]
    shares: dict[str, tuple[Status, int, int]] = {}
    for (status, entered), left in zip(log, ends, strict=True):
        _, before, _ = shares.get(status.name, (status, 0, 0))
        shares[status.name] = status, before + left - entered, entered
    history = [_share(*share) for share in shares.values()]
    current = next(one for one in history if one["status"] == log[-1][0].name)
    short = {key: current[key] for key in ("status", "color", "total_time")}
    return {"current_status": short, "status_history": history}


def _share(status: Status, total_ms: int, since_ms: int) -> Json:
    return {
        "status": status.name,
        "color": status.color,
        "type": status.type,
        "total_time": {"by_minute": total_ms // _MS_PER_MINUTE, "since": str(since_ms)},
        "orderindex": status.orderindex,
    }
