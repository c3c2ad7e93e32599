"""What moves `date_updated`, what does not, and what random changes leave behind."""

from collections.abc import Callable
from random import Random

import pytest

from app.simulator.clock import MS_PER_DAY
from app.simulator.model import Task
from app.simulator.random_changes import KINDS, LOUD
from app.simulator.world import World
from tests.simulator.conftest import NOON, small_world

LOUD_CHANGES: dict[str, Callable[[World, Task], object]] = {
    "status": lambda w, t: w.edit_task(t.id, status=w.spaces[t.space_id].statuses[1].name),
    "assignee": lambda w, t: w.edit_task(t.id, assignees=(w.owner().id,)),
    "priority": lambda w, t: w.edit_task(t.id, priority=1),
    "dates": lambda w, t: w.edit_task(t.id, due_date=1),
    "text": lambda w, t: w.edit_task(t.id, text="new"),
    "tags": lambda w, t: w.tag_task(t.id, "new"),
    "custom field": lambda w, t: w.set_field(t.id, next(iter(w.fields)), None),
    "comment posted": lambda w, t: w.post_comment(t.id),
    "time logged": lambda w, t: w.add_time(t.id),
}

QUIET_CHANGES: dict[str, Callable[[World, Task], object]] = {
    "comment edited": lambda w, t: w.edit_comment(comment_of(w, t), "other"),
    "comment resolved": lambda w, t: w.resolve_comment(comment_of(w, t)),
    "comment assigned": lambda w, t: w.assign_comment(comment_of(w, t), w.owner().id),
    "comment assigned to a team": lambda w, t: w.assign_comment(comment_of(w, t), None, next(iter(w.groups))),
    "reaction given": lambda w, t: w.react(comment_of(w, t)),
    "comment deleted": lambda w, t: w.delete_comment(comment_of(w, t)),
    "reply posted": lambda w, t: w.reply(comment_of(w, t)),
    "entry edited": lambda w, t: w.edit_time(entry_of(w, t), billable=True),
    "entry deleted": lambda w, t: w.delete_time(entry_of(w, t)),
    "list renamed": lambda w, t: w.rename_list(t.list_id, "other"),
    "list archived": lambda w, t: w.archive_list(t.list_id),
    "space renamed": lambda w, t: w.rename_space(t.space_id, "other"),
}


def comment_of(world: World, task: Task) -> str:
    return world.comments_newest_first(task.id)[0].id


def entry_of(world: World, task: Task) -> str:
    return next(iter(world.entries_of_task[task.id]))


@pytest.fixture
def task(world: World) -> Task:
    made = world.create_task(next(iter(world.lists)))
    world.post_comment(made.id)
    world.add_time(made.id)
    return world.tasks[made.id]


@pytest.mark.parametrize("change", LOUD_CHANGES)
def test_loud_changes_move_date_updated(world: World, task: Task, change: str) -> None:
    """Everything that is sure to move it does."""
    LOUD_CHANGES[change](world, task)
    assert world.tasks[task.id].date_updated > task.date_updated


@pytest.mark.parametrize("touch", [False, True])
@pytest.mark.parametrize("change", QUIET_CHANGES)
def test_quiet_changes_move_it_only_in_doubt(world: World, task: Task, change: str, touch: bool) -> None:
    """Everything unsure moves it only when the doubt says so."""
    world.doubts.quiet_changes_touch = touch
    QUIET_CHANGES[change](world, task)
    assert (world.tasks[task.id].date_updated > task.date_updated) == touch


def test_subtasks_follow_their_parent_unchanged(world: World, task: Task) -> None:
    """Moving a parent moves its subtasks to the list without moving their `date_updated`."""
    child = world.create_task(task.list_id, parent=task.id)
    target = next(one for one in world.lists if one != task.list_id)
    world.move_task(task.id, target)
    assert world.tasks[child.id].list_id == target
    assert world.tasks[child.id].date_updated == child.date_updated


def test_one_running_timer_each(world: World, task: Task) -> None:
    """Starting a second timer stops the first; stopped time counts."""
    person = world.members()[1].id
    world.start_timer(task.id, person)
    world.clock.advance(60)
    world.start_timer(None, person)
    running = [one for one in world.entries.values() if one.user_id == person and one.end is None]
    assert [one.task_id for one in running] == [None]
    assert world.tasks[task.id].time_spent >= task.time_spent + 60_000


def test_the_same_seed_is_the_same_world() -> None:
    """Generation and random changes repeat exactly; another seed is another world."""
    one, same, other = small_world(), small_world(), small_world(tasks=261)
    assert one.truth() == same.truth() != other.truth()
    assert one.mutate(Random(3), 300) == same.mutate(Random(3), 300)
    assert one.truth() == same.truth()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_change_changes_the_truth(kind: str) -> None:
    """Each kind of random change can be asked for alone and leaves a world that tells a changed truth."""
    world = small_world(tasks=60)
    world.delete_task(next(iter(world.tasks)))
    world.create_folder(world.create_space().id)
    for comment_id in list(world.comments)[::2]:
        world.resolve_comment(comment_id)
    before = world.truth()
    done = world.mutate(Random(1), 12, frozenset({kind}))
    assert {one.kind for one in done} == {kind}
    assert world.truth() != before


def test_everything_happens_in_time(world: World) -> None:
    """Some hundred changes of no chosen kind bring every kind."""
    done = {one.kind for one in world.mutate(Random(2), 600)}
    assert KINDS.keys() - {"delete_list", "leave"} <= done


@pytest.mark.parametrize("kind", ["add_time", "edit_time", "shift_time", "move_time", "delete_time"])
def test_time_changes_months_back(world: World, kind: str) -> None:
    """Sessions of months ago are added, changed and deleted as today's are."""
    before = world.truth()["entries"]
    world.mutate(Random(1), 40, frozenset({kind}))
    after = world.truth()["entries"]
    changed = {one for one in before.keys() | after.keys() if before.get(one) != after.get(one)}
    starts = [(after.get(one) or before[one])["start"] for one in changed]
    assert any(start < NOON - 90 * MS_PER_DAY for start in starts)


@pytest.mark.parametrize("kind", ["delete_space", "delete_folder"])
def test_places_deleted_by_chance_take_few_tasks_along(world: World, kind: str) -> None:
    """One in fifty at most, and a list is always left."""
    space = world.create_space()
    world.create_task(world.create_list(space.id, world.create_folder(space.id).id).id)
    live = len(world.by_updated)
    assert len(world.mutate(Random(1), 1, frozenset({kind}))[0].subjects) == 1
    assert live * 0.98 <= len(world.by_updated) < live
    world.mutate(Random(1), 40, frozenset({kind, "delete_task", "delete_list"}))
    assert world.lists


def test_the_indexes_stay_true(world: World) -> None:
    """After a thousand random changes sums, order and indexes still say what the tasks and entries say."""
    world.mutate(Random(5), 1_000)
    live = [one for one in world.tasks.values() if not one.deleted]
    in_order = [one.id for one in sorted(live, key=lambda one: (one.date_updated, one.id))]
    assert [one.id for one in world.tasks_from(0)] == in_order
    for task in live:
        own = [one for one in world.entries.values() if one.task_id == task.id and one.end is not None]
        assert task.time_spent == sum(one.duration for one in own)
        assert task.id in world.tasks_in_list[task.list_id]


def test_unknown_kinds_are_refused(world: World) -> None:
    """A misspelt kind is an error, not silence."""
    with pytest.raises(ValueError, match="nonsense"):
        world.mutate(Random(1), 1, frozenset({"nonsense"}))


def test_loud_kinds_exist() -> None:
    """What is called loud is a kind of change."""
    assert not LOUD - KINDS.keys()
