"""What a delivery says: the shapes of the documented examples."""

from collections.abc import Callable
from typing import Any

import pytest

from app.simulator.model import CustomField, Task
from app.simulator.server import RunningSimulator
from app.simulator.world import World
from tests.simulator.receiver import Receiver

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
OPTION = {"id": "1", "name": "Monthly", "value": "Monthly", "type": "text", "color": "#fff", "orderindex": 0}
DROP_DOWN = {
    "id": "862a38bb",
    "name": "Selection Dropdown",
    "type": "drop_down",
    "type_config": {"default": 0, "placeholder": None, "new_drop_down": True, "options": [OPTION]},
    "values_set": None,
    "userid": "1",
    "date_created": "1611729648993",
    "hide_from_guests": False,
    "team_id": "1",
    "deleted": False,
    "deleted_by": None,
    "pinned": True,
    "required": False,
    "required_on_subtasks": False,
    "linked_subcategory": None,
}
ESTIMATE = {
    "time_estimate_string": "1 hour 30 minutes",
    "old_time_estimate_string": None,
    "rolled_up_time_estimate": 5_400_000,
    "time_estimate": 5_400_000,
    "time_estimates_by_user": [
        {"userid": 1, "user_time_estimate": "5400000", "user_rollup_time_estimate": "5400000"}
    ],
}
COMMENT = {
    "id": "1",
    "date": "1",
    "parent": "1vj38vv",
    "type": 1,
    "comment": [{"text": "hello", "attributes": {}}],
    "text_content": "hello\n",
    **dict.fromkeys(("x", "y", "image_y", "image_x", "page", "comment_number", "page_id", "page_name")),
    **dict.fromkeys(("view_id", "view_name", "team")),
    "user": USER,
    "new_thread_count": 0,
    "new_mentioned_thread_count": 0,
    "email_attachments": [],
    "threaded_users": [],
    "threaded_replies": 0,
    "threaded_assignees": 0,
    "threaded_assignees_members": [],
    "threaded_unresolved_count": 0,
    "thread_followers": [USER],
    "group_thread_followers": [],
    "reactions": [],
    "emails": [],
}


def item(field: str, before: Any, after: Any, data: Any = None, **more: Any) -> dict[str, Any]:
    return ITEM | {"field": field, "before": before, "after": after, "data": data or {}} | more


def of_task(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"history_items": list(items), "task_id": "1vj38vv"} | more


MUTED = {"mute_notifications": True}
DUE = {"due_date_time": True, "old_due_date_time": False}
LOGGED = {"description": "Time Tracking Created", "interval_id": "1"}
TRACKED = {"total_time": "900000", "rollup_time": "900000"}

# After ClickUp's documented payloads. The first word is the event.
EXAMPLES: dict[str, dict[str, Any]] = {
    "taskCreated": of_task(
        item("status", NOT_YET, TO_DO, {"status_type": "open"}), item("task_creation", None, None)
    ),
    "taskUpdated": of_task(item("content", None, '{"ops":[{"insert":"text"}]}')),
    "taskUpdated by a custom field": of_task(item("custom_field", None, "5048f827", custom_field=DROP_DOWN)),
    "taskDeleted": {"task_id": "1vj37mc"},
    "taskPriorityUpdated": of_task(item("priority", None, HIGH)),
    "taskStatusUpdated": of_task(item("status", TO_DO, TO_DO, {"status_type": "custom"})),
    "taskAssigneeUpdated": of_task(item("assignee_add", None, USER)),
    "taskDueDateUpdated": of_task(item("due_date", "1642701600000", "1643608800000", DUE)),
    "taskTagUpdated": of_task(item("tag", None, [TAG])),
    "taskMoved": of_task(item("section_moved", PLACE, PLACE, MUTED)),
    "taskCommentPosted": of_task(item("comment", None, "648893191", comment=COMMENT)),
    "taskCommentUpdated": of_task(item("comment", None, "648893191", comment=COMMENT)),
    "taskTimeEstimateUpdated": of_task(item("time_estimate", None, "5400000", ESTIMATE)),
    "taskTimeTrackedUpdated": of_task(item("time_spent", None, SESSION, TRACKED), data=LOGGED),
    "listCreated": {"list_id": "96772212"},
    "listUpdated": {"list_id": "1", "history_items": [item("name", "old", "new", type=6)]},
    "listUpdated by a move": {
        "list_id": "1",
        "history_items": [item("section_moved", PLACE, PLACE, MUTED, type=6)],
    },
    "listDeleted": {"list_id": "96772212"},
    "folderCreated": {"folder_id": "96772212"},
    "folderUpdated": {"folder_id": "96772212"},
    "folderDeleted": {"folder_id": "96772212"},
    "spaceCreated": {"space_id": "96772212"},
    "spaceUpdated": {"space_id": "96772212"},
    "spaceDeleted": {"space_id": "96772212"},
}

CHANGES: dict[str, Callable[[World, Task], object]] = {
    "taskCreated": lambda w, t: w.create_task(t.list_id),
    "taskUpdated": lambda w, t: w.edit_task(t.id, text="text"),
    "taskUpdated by a custom field": lambda w, t: w.set_field(t.id, choice(w).id, choice(w).options[1].id),
    "taskDeleted": lambda w, t: w.delete_task(t.id),
    "taskPriorityUpdated": lambda w, t: w.edit_task(t.id, priority=2),
    "taskStatusUpdated": lambda w, t: w.edit_task(t.id, status=w.spaces[t.space_id].statuses[1]),
    "taskAssigneeUpdated": lambda w, t: w.edit_task(t.id, assignees=(*t.assignees, w.members()[1].id)),
    "taskDueDateUpdated": lambda w, t: w.edit_task(t.id, due_date=1_643_608_800_000),
    "taskTagUpdated": lambda w, t: w.tag_task(t.id, "def"),
    "taskMoved": lambda w, t: w.move_task(t.id, another_list(w, t)),
    "taskCommentPosted": lambda w, t: w.post_comment(t.id, "hello"),
    "taskCommentUpdated": lambda w, t: w.resolve_comment(w.post_comment(t.id, "hello").id),
    "taskTimeEstimateUpdated": lambda w, t: w.edit_task(t.id, time_estimate=5_400_000),
    "taskTimeTrackedUpdated": lambda w, t: w.add_time(t.id),
    "listCreated": lambda w, t: w.create_list(t.space_id),
    "listUpdated": lambda w, t: w.rename_list(t.list_id, "new"),
    "listUpdated by a move": lambda w, t: w.move_list(t.list_id, w.create_folder(t.space_id).id),
    "listDeleted": lambda w, t: w.delete_list(t.list_id),
    "folderCreated": lambda w, t: w.create_folder(t.space_id),
    "folderUpdated": lambda w, t: w.rename_folder(next(iter(w.folders)), "new"),
    "folderDeleted": lambda w, t: w.delete_folder(w.create_folder(t.space_id).id),
    "spaceCreated": lambda w, t: w.create_space(),
    "spaceUpdated": lambda w, t: w.rename_space(t.space_id, "new"),
    "spaceDeleted": lambda w, t: w.delete_space(w.create_space().id),
}


def choice(world: World) -> CustomField:
    return next(one for one in world.fields.values() if one.type == "drop_down" and not one.by_uuid)


def another_list(world: World, task: Task) -> str:
    return next(one.id for one in world.lists.values() if one.id != task.list_id and one.folder_id is None)


@pytest.fixture
def task(sim: RunningSimulator) -> Task:
    """In a list without a folder; due on a day, without a time."""
    home = next(one.id for one in sim.world.lists.values() if one.folder_id is None)
    return sim.world.create_task(home, assignees=(sim.world.owner().id,), due_date=1_642_636_800_000)


def assert_shaped(given: Any, example: Any, where: str = "payload") -> None:
    """Every key of the example with a value of the same type; of lists every row is like the first."""
    assert type(given) is type(example), where
    if isinstance(example, dict):
        for key, value in example.items():
            assert key in given, f"{where}.{key}"
            assert_shaped(given[key], value, f"{where}.{key}")
    elif isinstance(example, list) and example:
        assert given, where
        for one in given:
            assert_shaped(one, example[0], f"{where}[]")


@pytest.mark.parametrize("name", EXAMPLES)
def test_payloads_are_shaped_as_documented(
    sim: RunningSimulator, task: Task, ears: Receiver, name: str
) -> None:
    """The same keys outside and on each history item, the same field names, and the same types below."""
    CHANGES[name](sim.world, task)
    event, example = name.split(maxsplit=1)[0], EXAMPLES[name]
    given = ears.told(event)[0]
    assert given.keys() == example.keys() | {"event", "webhook_id"}
    assert_shaped({**given, "history_items": []}, {**example, "history_items": []})
    for one, shape in zip(given.get("history_items", []), example.get("history_items", []), strict=True):
        assert_shaped(one, shape)
        assert one.keys() == shape.keys()
        assert (one["field"], one["type"]) == (shape["field"], shape["type"])
