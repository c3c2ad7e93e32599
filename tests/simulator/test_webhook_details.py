"""What a delivery says of the change: before, after, sums, places and threads."""

from random import Random
from typing import Any

import pytest

from app.simulator.model import Task
from app.simulator.random_changes import KINDS
from app.simulator.server import RunningSimulator
from app.simulator.webhooks import EVENTS
from tests.simulator.conftest import NOON
from tests.simulator.receiver import Receiver, wait_for
from tests.simulator.test_webhook_payloads import NOT_YET


def test_a_new_task_has_two_items(sim: RunningSimulator, task: Task, ears: Receiver) -> None:
    """Its first status and its creation, each with an id of its own; the parent of a task is its list."""
    born = sim.world.create_task(task.list_id)
    first, second = ears.told("taskCreated")[0]["history_items"]
    assert (first["before"], first["after"]["status"]) == (NOT_YET, born.status.name)
    assert first["date"] == second["date"] == str(born.date_created)
    assert first["parent_id"] == second["parent_id"] == born.list_id
    assert first["id"] != second["id"]


def test_dates_say_whether_they_have_a_time(sim: RunningSimulator, task: Task, ears: Receiver) -> None:
    """Before and after, with and without a time of day."""
    for date in (1_642_636_800_000, 1_643_608_800_000):
        sim.world.edit_task(task.id, due_date=date)
    items = sorted(ears.items("taskDueDateUpdated", count=2), key=lambda one: one["after"])
    assert [(one["before"], one["after"]) for one in items] == [
        (None, "1642636800000"),
        ("1642636800000", "1643608800000"),
    ]
    assert [(one["data"]["due_date_time"], one["data"]["old_due_date_time"]) for one in items] == [
        (False, False),
        (True, False),
    ]


def test_tags_are_told_by_what_was_added_and_removed(
    sim: RunningSimulator, task: Task, ears: Receiver
) -> None:
    """Only those that changed; a removal is a field of its own."""
    sim.world.tag_task(task.id, "a", "b")
    assert [names(one) for one in ears.items("taskTagUpdated")] == [("tag", None, ["a", "b"])]
    sim.world.tag_task(task.id, "b", "c")
    told = sorted(map(names, ears.items("taskTagUpdated", count=3)[1:]), key=str)
    assert told == [("tag", None, ["c"]), ("tag_removed", ["a"], None)]


def names(item: dict[str, Any]) -> tuple[str, Any, Any]:
    before, after = (one and [tag["name"] for tag in one] for one in (item["before"], item["after"]))
    return item["field"], before, after


def test_archiving_and_points_are_told(sim: RunningSimulator, task: Task, ears: Receiver) -> None:
    """With both values; archiving what is archived is no change."""
    for archived in (True, True, False):
        sim.world.archive_task(task.id, archived=archived)
    sim.world.edit_task(task.id, points=5.0)
    told = [(one["field"], one["before"], one["after"]) for one in ears.items("taskUpdated", count=3)]
    assert sorted(told, key=str) == [
        ("archived", False, True),
        ("archived", True, False),
        ("points", None, 5.0),
    ]


def test_whoever_acts_is_named(sim: RunningSimulator, task: Task, ears: Receiver) -> None:
    """On tasks, and on the comments and time of others; else the owner, author or tracker."""
    world = sim.world
    someone, other = [one.id for one in world.members() if one.id != world.owner().id][:2]
    comment = world.post_comment(task.id, "mine", other)
    world.add_time(task.id, other)
    with world.acting(someone):
        world.edit_task(task.id, name="by someone")
        world.resolve_comment(comment.id)
        world.add_time(task.id, other)
    world.edit_task(task.id, priority=1)
    assert [one["user"]["id"] for one in ears.items("taskCommentPosted")] == [other]
    assert {one["user"]["id"] for one in ears.items("taskTimeTrackedUpdated", count=2)} == {other, someone}
    assert [one["user"]["id"] for one in ears.items("taskCommentUpdated")] == [someone]
    assert [one["user"]["id"] for one in ears.items("taskPriorityUpdated")] == [world.owner().id]


def test_moves_name_both_places(sim: RunningSimulator, task: Task, ears: Receiver) -> None:
    """A task from list to list, a list from its space into a folder."""
    world = sim.world
    space, folder = world.spaces[task.space_id], world.create_folder(task.space_id, "Here")
    target = world.create_list(space.id).id
    world.move_task(task.id, target)
    [moved] = ears.items("taskMoved")
    assert (moved["before"]["id"], moved["after"]["id"], moved["parent_id"]) == (task.list_id, target, target)
    assert moved["after"]["project"] == {"id": space.id, "name": space.name}
    world.move_list(target, folder.id)
    [moved] = ears.items("listUpdated")
    assert moved["before"]["category"]["hidden"] is True
    assert moved["after"]["category"] == {"id": folder.id, "name": "Here", "hidden": False}


@pytest.mark.parametrize(
    ("kind", "value", "told"),
    [
        ("date", NOON, str(NOON)),
        ("number", 12.5, "12.5"),
        ("checkbox", True, "true"),
        ("text", "<b>", "<b>"),
        ("url", "https://example.com", "https://example.com"),
    ],
)
def test_custom_fields_tell_their_value(
    sim: RunningSimulator, task: Task, ears: Receiver, kind: str, value: Any, told: str
) -> None:
    """The field and its value, numbers as text; setting the same value again says nothing."""
    field = next(one for one in sim.world.fields.values() if one.type == kind)
    for _ in range(2):
        sim.world.set_field(task.id, field.id, value)
    sim.world.set_field(task.id, field.id, None)
    heard = ears.items("taskUpdated", count=2)
    assert {(one["before"], one["after"]) for one in heard} == {(None, told), (told, None)}
    assert {one["field"] for one in heard} == {"custom_field"}
    shown = {(one["custom_field"]["id"], one["custom_field"]["name"]) for one in heard}
    assert shown == {(field.id, field.name)}
    sim.world.edit_task(task.id, name="last")
    assert len(ears.items("taskUpdated", count=3)) == 3


def test_people_and_choices_in_custom_fields(sim: RunningSimulator, task: Task, ears: Receiver) -> None:
    """People are whole, a choice is its option's id even where the task itself tells a number."""
    someone = sim.world.members()[1].id
    people = next(one for one in sim.world.fields.values() if one.type == "users")
    sim.world.set_field(task.id, people.id, (someone,))
    assert [one["id"] for one in ears.items("taskUpdated")[0]["after"]] == [someone]
    field = next(one for one in sim.world.fields.values() if one.type == "drop_down" and not one.by_uuid)
    sim.world.set_field(task.id, field.id, field.options[2].id)
    assert ears.items("taskUpdated", count=2)[1]["after"] == field.options[2].id


def test_sums_reach_below(sim: RunningSimulator, task: Task, ears: Receiver) -> None:
    """Time and estimates are told of the task alone and with all below it, in words too."""
    child = sim.world.create_task(task.list_id, parent=task.id, time_estimate=60_000)
    sim.world.add_time(child.id, duration=1_000)
    sim.world.add_time(task.id, duration=500)
    heard = ears.told("taskTimeTrackedUpdated", count=2)
    sums = {one["task_id"]: one["history_items"][0]["data"] for one in heard}
    assert sums == {
        child.id: {"total_time": "1000", "rollup_time": "1000"},
        task.id: {"total_time": "500", "rollup_time": "1500"},
    }
    sim.world.edit_task(task.id, time_estimate=3_600_000)
    data = ears.items("taskTimeEstimateUpdated")[0]["data"]
    assert (data["time_estimate"], data["rolled_up_time_estimate"]) == (3_600_000, 3_660_000)
    assert (data["time_estimate_string"], data["old_time_estimate_string"]) == ("1 hour", None)


def test_comments_tell_their_thread(sim: RunningSimulator, task: Task, ears: Receiver) -> None:
    """How many answered, who is asked there, and how many of the answers wait."""
    author, asked = (one.id for one in sim.world.members()[1:3])
    comment = sim.world.post_comment(task.id, "why?", author)
    ears.told("taskCommentPosted")
    for assignee in (asked, None):
        sim.world.reply(comment.id, "so", assignee=assignee)
    heard = [one["comment"] for one in ears.items("taskCommentUpdated", count=2)]
    said = max(heard, key=lambda one: one["threaded_replies"])
    assert (said["id"], said["text_content"], said["user"]["id"]) == (comment.id, "why?\n", author)
    assert (said["threaded_replies"], said["threaded_unresolved_count"]) == (2, 1)
    assert [one["id"] for one in said["threaded_assignees_members"]] == [asked]


def test_deleting_a_place_tells_of_all_in_it(sim: RunningSimulator, task: Task, ears: Receiver) -> None:
    """The space, its folders, its lists and their tasks."""
    space = sim.world.create_space()
    folder = sim.world.create_folder(space.id)
    lists = [sim.world.create_list(space.id, folder.id).id, sim.world.create_list(space.id).id]
    tasks = [sim.world.create_task(one).id for one in lists]
    sim.world.delete_space(space.id)
    assert [one["space_id"] for one in ears.told("spaceDeleted")] == [space.id]
    assert [one["folder_id"] for one in ears.told("folderDeleted")] == [folder.id]
    assert {one["list_id"] for one in ears.told("listDeleted", count=2)} == set(lists)
    assert {one["task_id"] for one in ears.told("taskDeleted", count=2)} == set(tasks)


def test_chance_causes_every_event_but_goals(sim: RunningSimulator, task: Task, ears: Receiver) -> None:
    """Random changes of all kinds bring each event there is; the simulator has no goals."""
    sim.world.create_space()
    sim.world.create_folder(task.space_id)
    for kind in KINDS:
        sim.world.mutate(Random(kind), 2, frozenset({kind}))
    expected = {one for one in EVENTS if not one.startswith(("goal", "keyResult"))}
    wait_for(lambda: set(ears.events()) >= expected)
    assert set(ears.events()) == expected
