"""What a delivery says: the shapes of the documented examples."""

from collections.abc import Callable
from typing import Any

import pytest

from app.simulator.model import Event, Task
from app.simulator.webhooks import EVENTS, Webhook, payload
from app.simulator.world import World

USER = {"id": 1, "username": "A", "email": "a@b", "color": "#fff", "initials": "A", "profilePicture": None}
ITEM = {"id": "1", "type": 1, "date": "1", "parent_id": "1", "source": None, "user": USER}
PLACE = {
    "id": "1",
    "name": "List",
    "category": {"id": "1", "name": "hidden", "hidden": True},
    "project": {"id": "1", "name": "Space"},
}
TO_DO = {"status": "to do", "color": "#f9d900", "orderindex": 0, "type": "open"}
NOT_YET = {"status": None, "color": "#000000", "orderindex": -1, "type": "removed"}
HIGH = {"id": "2", "priority": "high", "color": "#ffcc00", "orderindex": "2"}
TAG = {"name": "def", "tag_fg": "#FF4081", "tag_bg": "#FF4081", "creator": 1}
SESSION = {"id": "1", "start": "1", "end": "2", "time": "1", "source": "clickup", "date_added": "1"}
COMMENT = {
    "id": "1",
    "date": "1",
    "parent": "1vj38vv",
    "type": 1,
    "comment": [{"text": "hello", "attributes": {}}],
    "text_content": "hello",
}


def item(field: str, before: Any, after: Any, data: Any = None, **more: Any) -> dict[str, Any]:
    return ITEM | {"field": field, "before": before, "after": after, "data": data or {}} | more


def of_task(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"history_items": list(items), "task_id": "1vj38vv"} | more


# After ClickUp's documented payloads, without what no reader needs.
EXAMPLES: dict[str, dict[str, Any]] = {
    "taskCreated": of_task(
        item("status", NOT_YET, TO_DO, {"status_type": "open"}), item("task_creation", None, None)
    ),
    "taskUpdated": of_task(item("content", None, '{"ops":[{"insert":"text"}]}')),
    "taskDeleted": {"task_id": "1vj37mc"},
    "taskPriorityUpdated": of_task(item("priority", None, HIGH)),
    "taskStatusUpdated": of_task(item("status", TO_DO, TO_DO, {"status_type": "custom"})),
    "taskAssigneeUpdated": of_task(item("assignee_add", None, USER)),
    "taskDueDateUpdated": of_task(item("due_date", "1642701600000", "1643608800000")),
    "taskTagUpdated": of_task(item("tag", None, [TAG])),
    "taskMoved": of_task(item("section_moved", PLACE, PLACE)),
    "taskCommentPosted": of_task(item("comment", None, "648893191", comment=COMMENT)),
    "taskCommentUpdated": of_task(item("comment", None, "648893191", comment=COMMENT)),
    "taskTimeEstimateUpdated": of_task(item("time_estimate", None, "5400000")),
    "taskTimeTrackedUpdated": of_task(
        item("time_spent", None, SESSION), data={"description": "Time Tracking Created", "interval_id": "1"}
    ),
    "listCreated": {"list_id": "96772212"},
    "listUpdated": {"list_id": "1", "history_items": [item("name", "old", "new", type=6)]},
    "listDeleted": {"list_id": "96772212"},
    "folderCreated": {"folder_id": "96772212"},
    "folderUpdated": {"folder_id": "96772212"},
    "spaceUpdated": {"space_id": "96772212"},
}

CHANGES: dict[str, Callable[[World, Task], object]] = {
    "taskCreated": lambda w, t: w.create_task(t.list_id),
    "taskUpdated": lambda w, t: w.edit_task(t.id, text="text"),
    "taskDeleted": lambda w, t: w.delete_task(t.id),
    "taskPriorityUpdated": lambda w, t: w.edit_task(t.id, priority=2),
    "taskStatusUpdated": lambda w, t: w.edit_task(t.id, status=w.spaces[t.space_id].statuses[1]),
    "taskAssigneeUpdated": lambda w, t: w.edit_task(t.id, assignees=(w.owner().id,)),
    "taskDueDateUpdated": lambda w, t: w.edit_task(t.id, due_date=1_643_608_800_000),
    "taskTagUpdated": lambda w, t: w.tag_task(t.id, "def"),
    "taskMoved": lambda w, t: w.move_task(t.id, another_list(w, t)),
    "taskCommentPosted": lambda w, t: w.post_comment(t.id, "hello"),
    "taskCommentUpdated": lambda w, t: w.resolve_comment(w.post_comment(t.id, "hello").id),
    "taskTimeEstimateUpdated": lambda w, t: w.edit_task(t.id, time_estimate=5_400_000),
    "taskTimeTrackedUpdated": lambda w, t: w.add_time(t.id),
    "listCreated": lambda w, t: w.create_list(t.space_id),
    "listUpdated": lambda w, t: w.rename_list(t.list_id, "new"),
    "listDeleted": lambda w, t: w.delete_list(t.list_id),
    "folderCreated": lambda w, t: w.create_folder(t.space_id),
    "folderUpdated": lambda w, t: w.rename_folder(next(iter(w.folders)), "new"),
    "spaceUpdated": lambda w, t: w.rename_space(t.space_id, "new"),
}


def another_list(world: World, task: Task) -> str:
    return next(one.id for one in world.lists.values() if one.id != task.list_id and one.folder_id is None)


def told(world: World, name: str) -> dict[str, Any]:
    """The first payload of that name that the change sends."""
    lists = world.lists.values()
    home = next(one.id for one in lists if one.folder_id is None)
    task = world.create_task(home, due_date=1_642_701_600_000)
    heard: list[dict[str, Any]] = []
    webhook = Webhook("7fa3ec74", world.owner().id, "http://x", EVENTS, "secret")

    def hear(event: Event) -> None:
        heard.append(payload(world, webhook, event))

    world.listeners.append(hear)
    CHANGES[name](world, task)
    return next(one for one in heard if one["event"] == name)


def assert_shaped(given: Any, example: Any, where: str = "payload") -> None:
    """Every key of the example with a value of the same type; names of fields and kinds are the same."""
    assert type(given) is type(example), where
    if isinstance(example, dict):
        for key, value in example.items():
            assert key in given, f"{where}.{key}"
            assert_shaped(given[key], value, f"{where}.{key}")
    elif isinstance(example, list):
        assert len(given) == len(example), where
        for one, shape in zip(given, example, strict=True):
            assert_shaped(one, shape, f"{where}[]")


@pytest.mark.parametrize("name", EXAMPLES)
def test_payloads_are_shaped_as_documented(world: World, name: str) -> None:
    """The same keys outside and on each history item, the same field names, and the same types below."""
    given, example = told(world, name), EXAMPLES[name]
    assert given.keys() == example.keys() | {"event", "webhook_id"}
    assert_shaped(given, example)
    for one, shape in zip(given.get("history_items", []), example.get("history_items", []), strict=True):
        assert one.keys() == shape.keys()
        assert (one["field"], one["type"]) == (shape["field"], shape["type"])


def test_values_are_those_of_the_change(world: World) -> None:
    """Before and after say what it was and is, and the parent of a task is its list."""
    created = told(world, "taskCreated")
    born = world.tasks[created["task_id"]]
    first, second = created["history_items"]
    assert (first["before"], first["after"]["status"]) == (NOT_YET, born.status.name)
    assert first["date"] == second["date"] == str(born.date_created)
    assert first["parent_id"] == born.list_id
    due = told(world, "taskDueDateUpdated")["history_items"][0]
    assert (due["before"], due["after"]) == ("1642701600000", "1643608800000")
    moved = told(world, "taskMoved")
    item_of_move = moved["history_items"][0]
    assert item_of_move["parent_id"] == item_of_move["after"]["id"] != item_of_move["before"]["id"]
    assert told(world, "taskUpdated")["history_items"][0]["after"] == '{"ops":[{"insert":"text"}]}'
