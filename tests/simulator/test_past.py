"""The simulator remembers: what was true at each instant, and who changed what."""

from copy import deepcopy
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.simulator.clock import MS_PER_HOUR, Clock
from app.simulator.past import Change
from app.simulator.random_changes import KINDS
from app.simulator.request import Json
from app.simulator.world import World
from tests.simulator.conftest import NOON


def remembering(**shape: Any) -> World:
    wanted: dict[str, Any] = {"tasks": 30, "lists": 5, "people": 5, "entries": 40, "same_instant": 0, **shape}
    world = World.generate(7, clock=Clock(NOON, running=False), **wanted)
    world.remember()
    return world


def told(changes: list[Change]) -> list[tuple[Any, ...]]:
    return [(one.object_kind, one.object_id, one.field, one.before, one.after) for one in changes]


@settings(max_examples=20, deadline=None)
@given(
    st.integers(0, 10**6),
    st.lists(st.tuples(st.integers(1, 5), st.sampled_from([1, 50, 3_600_000])), max_size=30),
)
def test_the_truth_at_each_instant_is_the_truth_of_then(seed: int, edits: list[tuple[int, int]]) -> None:
    """Whatever was done meanwhile, and by whom; it lasts until the next change."""
    world, random = remembering(), Random(seed)
    then: dict[int, Json] = {world.clock.now_ms(): deepcopy(world.truth())}
    for count, pause_ms in edits:
        world.clock.advance(pause_ms / 1_000)
        before, truth = world.clock.now_ms() - 1, then[max(then)]
        with world.acting(random.choice(world.members()).id):
            world.mutate(random, count)
        assert world.truth_at(before) == truth
        then[world.clock.now_ms()] = deepcopy(world.truth())
    for instant, truth in then.items():
        assert world.truth_at(instant) == truth


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_edit_can_be_undone(kind: str) -> None:
    """The state before the first of them is what it was."""
    world = remembering()
    first, began = deepcopy(world.truth()), world.clock.now_ms()
    world.clock.advance(1)
    world.mutate(Random(kind), 5, frozenset({kind}))
    assert world.truth_at(began) == first
    assert world.truth_at(world.clock.now_ms()) == world.truth()


def test_a_place_has_the_name_of_that_time() -> None:
    """On the list itself, and on each task in it."""
    world = remembering()
    task = next(iter(world.tasks.values()))
    old, began = world.lists[task.list_id].name, world.clock.now_ms()
    world.clock.advance(1)
    world.rename_list(task.list_id, "Renamed")
    now = world.clock.now_ms()
    assert [world.truth_at(at)["tasks"][task.id]["list"] for at in (began, now - 1, now)] == [
        old,
        old,
        "Renamed",
    ]
    assert [world.truth_at(at)["lists"][task.list_id]["name"] for at in (began, now)] == [old, "Renamed"]


def test_changes_name_field_values_instant_and_person() -> None:
    """In the columns of the mirror; what follows from other changes is none."""
    world = remembering()
    first, second = (one.id for one in world.members()[:2])
    task = world.create_task(next(iter(world.lists)), creator=first)
    with world.acting(second):
        edited = world.edit_task(task.id, priority=1, time_estimate=90 * 60_000).date_updated
    comment = world.post_comment(task.id, "hello", first)
    entry = world.add_time(task.id, second, duration=MS_PER_HOUR)
    world.edit_time(entry.id, end=entry.start + 1)
    world.delete_time(entry.id)
    world.delete_comment(comment.id)
    world.delete_task(task.id)
    world.restore_task(task.id)
    changes, owner = world.changes(), world.owner().id
    assert told(changes) == [
        ("task", task.id, "created", None, None),
        ("task", task.id, "priority", None, "urgent"),
        ("task", task.id, "time_estimate_minutes", None, 90),
        ("comment", comment.id, "created", None, None),
        ("time_entry", entry.id, "created", None, None),
        ("time_entry", entry.id, "ended_at", entry.end, entry.start + 1),
        ("time_entry", entry.id, "duration_ms", MS_PER_HOUR, 1),
        ("time_entry", entry.id, "deleted", None, None),
        ("comment", comment.id, "deleted", None, None),
        ("task", task.id, "deleted", None, None),
        ("task", task.id, "restored", None, None),
    ]
    assert [one.user_id for one in changes] == [first, second, second, first, second, *[owner] * 6]
    at = [task.date_created, edited, edited, comment.date, entry.at]
    assert [one.at for one in changes[:5]] == at


def test_places_and_people_change_too() -> None:
    """Created, renamed, moved, archived and deleted; people join, are renamed and leave."""
    world = remembering()
    space = world.create_space("Space")
    folder = world.create_folder(space.id, "Folder")
    place = world.create_list(space.id, None, "List")
    world.rename_space(space.id, "New")
    world.move_list(place.id, folder.id)
    world.archive_folder(folder.id)
    world.delete_list(place.id)
    person = world.join("Nina")
    world.edit_person(person.id, username="Nora")
    world.leave(person.id)
    assert told(world.changes()) == [
        ("space", space.id, "created", None, None),
        ("folder", folder.id, "created", None, None),
        ("list", place.id, "created", None, None),
        ("space", space.id, "name", "Space", "New"),
        ("list", place.id, "folder_id", None, folder.id),
        ("folder", folder.id, "archived", False, True),
        ("list", place.id, "deleted", None, None),
        ("member", str(person.id), "created", None, None),
        ("member", str(person.id), "name", "Nina", "Nora"),
        ("member", str(person.id), "deleted", None, None),
    ]


def test_a_mass_edit_has_the_instants_that_its_tasks_say() -> None:
    """It takes a while, and each task has its turn."""
    world = remembering()
    tasks = [one for one in world.tasks.values() if not one.deleted][:4]
    edited = world.edit_tasks([one.id for one in tasks], within_s=8, name="Together")
    at = [one.at for one in world.changes() if one.field == "title"]
    assert at == [one.date_updated for one in edited]
    assert [
        sum(task["title"] == "Together" for task in world.truth_at(instant)["tasks"].values())
        for instant in at
    ] == [1, 2, 3, 4]


def test_what_was_before_is_not_made_up() -> None:
    """Of a time before it began to remember, or where it never did, it says that it does not know."""
    world = remembering()
    with pytest.raises(ValueError, match="only since"):
        world.truth_at(NOON - 1_000_000_000)
    forgetful = World.generate(7, tasks=3)
    for ask in (lambda: forgetful.truth_at(NOON), forgetful.changes):
        with pytest.raises(ValueError, match="remember"):
            ask()
    assert type(forgetful.tasks) is dict


def test_remembering_changes_nothing_else() -> None:
    """The same seed grows into the same world and does the same, remembered or not."""
    worlds = [World.generate(3, clock=Clock(NOON, running=False), tasks=30) for _ in range(2)]
    worlds[0].remember()
    for world in worlds:
        world.mutate(Random(1), 100)
    assert worlds[0].truth() == worlds[1].truth()
