"""The proof: whatever the workspace holds and whatever happens in it, the mirror equals it row by row."""

from random import Random
from typing import Any

import pytest

from app.simulator.random_changes import KINDS, LOUD
from app.simulator.world import World
from tests.engine.conftest import MakeMirror, small_world

# What no listing shows: only `deep` reads a comment again on which nothing waits.
UNSEEN_BY_FULL = frozenset({"assign_comment", "reopen_comment", "reply"})


def odd_world(seed: int) -> World:
    """A workspace with everything in it that mirrors get wrong."""
    world = World.generate(
        seed, tasks=350, lists=18, people=9, left=2, spaces=3, unwalked_spaces=1, private_spaces=1,
        entries=250, comments=100, same_instant=130,
    )  # fmt: skip
    place = next(one for one in world.lists.values() if world.spaces[one.space_id].walked)
    member, leaver = (person.id for person in world.members()[1:3])
    task = world.create_task(place.id, "the outermost")
    below = world.create_task(place.id, "below it", parent=task.id)
    innermost = world.create_task(place.id, "below that", parent=below.id, archived=True)
    for number in range(60):
        world.post_comment(
            below.id, f"comment {number}", member, assignee=member if number % 9 == 0 else None
        )
    comment = world.post_comment(innermost.id, "a question")
    world.reply(comment.id, "an answer that waits", assignee=member)
    world.start_timer(task.id, member)
    world.add_time(below.id, leaver)
    world.add_time(None, member, description="time without a task")
    world.leave(leaver)
    world.join(None)
    folder = world.create_folder(place.space_id, "put away")
    world.create_task(world.create_list(place.space_id, folder.id).id, "in an archived folder")
    world.archive_folder(folder.id)
    away = world.create_list(place.space_id)
    world.create_task(away.id, "in an archived list")
    world.archive_list(away.id)
    return world


def test_the_odd_world_is_odd() -> None:
    """What the acceptance rests on is really there."""
    world = odd_world(3)
    truth = world.truth()
    tasks, people = truth["tasks"].values(), truth["people"]
    instants = [task["date_updated"] for task in tasks]
    assert max(instants.count(instant) for instant in set(instants)) > 100
    assert any(space.private for space in world.spaces.values())
    assert any(not space["walked"] for space in truth["spaces"].values())
    assert any(task["put_away"] for task in tasks)
    assert any(task["archived"] for task in tasks)
    assert any(task["parent"] and task["parent"] != task["top_parent"] for task in tasks)
    assert any(person["name"] is None for person in people.values())
    assert any(entry["running"] for entry in truth["entries"].values())
    assert any(people[entry["user_id"]]["left"] and entry["task_id"] for entry in truth["entries"].values())
    assert any(said["parent"] and said["assignee"] for said in truth["comments"].values())
    on_tasks = [said["task_id"] for said in truth["comments"].values() if not said["parent"]]
    assert max(on_tasks.count(task_id) for task_id in set(on_tasks)) > 50


@pytest.mark.slow
async def test_the_mirror_equals_the_source(make_mirror: MakeMirror) -> None:
    """After the first sync, and after hundreds of changes of every kind and a `deep`, row by row."""
    mirror = make_mirror(odd_world(3))
    await mirror.sync("incremental")
    assert mirror.differences() == []

    done = mirror.world.mutate(Random(5), 300)
    assert {one.kind for one in done} >= KINDS.keys() - {"delete_list", "leave"}
    await mirror.sync("deep")
    assert mirror.differences() == []


@pytest.mark.slow
async def test_full_alone_sees_all_that_listings_show(make_mirror: MakeMirror) -> None:
    """After `full` only comments on which nothing waits may be behind; every other row is right."""
    mirror = make_mirror(odd_world(12))
    await mirror.sync("incremental")
    mirror.world.mutate(Random(12), 300, frozenset(KINDS) - UNSEEN_BY_FULL)
    await mirror.sync("full")
    assert [line for line in mirror.differences() if not line.startswith("comment ")] == []


async def test_changes_alone_sees_all_that_moves_a_stamp(make_mirror: MakeMirror) -> None:
    """Everyday work (text, status, people, time, comments) needs no full pass where a listing shows it."""
    world = small_world(21, tasks=150)
    for place in world.lists.values():
        world.archive_list(place.id, archived=False)
    for folder in world.folders.values():
        world.archive_folder(folder.id, archived=False)
    mirror = make_mirror(world)
    await mirror.sync("incremental")
    world.mutate(Random(21), 150, LOUD)
    await mirror.sync("incremental")
    assert mirror.differences() == []


_DOUBTS: dict[str, Any] = dict.fromkeys(
    (
        "quiet_changes_touch",
        "gt_inclusive",
        "task_entries_need_assignee",
        "parents_roll_up_time",
        "space_entries_incomplete",
    ),
    True,
)


@pytest.mark.parametrize("doubts", [{}, _DOUBTS, *({name: True} for name in _DOUBTS)], ids=str)
async def test_whatever_clickup_does_where_sources_disagree(make_mirror: MakeMirror, doubts: Any) -> None:
    """Each doubt alone, none and all together: the mirror is right either way."""
    world = small_world(4, tasks=30, entries=50, comments=20)
    for name, value in doubts.items():
        setattr(world.doubts, name, value)
    mirror = make_mirror(world)
    await mirror.sync("incremental")
    assert mirror.differences() == []
    world.mutate(Random(9), 40)
    await mirror.sync("incremental")
    await mirror.sync("deep")
    assert mirror.differences() == []
