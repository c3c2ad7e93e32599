"""Time entries of the workspace: windows, filters, shapes, and the older call per task."""

from typing import Any

import httpx2
import pytest

from app.simulator.clock import MS_PER_DAY, MS_PER_HOUR
from app.simulator.model import TimeEntry
from app.simulator.server import RunningSimulator
from app.simulator.visibility import entry_in_sight
from app.simulator.world import World
from tests.simulator.conftest import NOON
from tests.simulator.reading import entries, ids, refusal

EVER = {"start_date": 0, "end_date": NOON + MS_PER_DAY}


def in_sight(world: World) -> list[TimeEntry]:
    return [one for one in world.entries.values() if entry_in_sight(world, one)]


def everybody(world: World) -> str:
    return ",".join(str(one.id) for one in world.members())


def any_list(world: World) -> str:
    return next(one.id for one in world.lists.values() if not one.archived)


def test_the_default_is_the_owners_last_30_days(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """Without parameters only the owner's entries that started in the last 30 days, latest first."""
    world, owner = calm.world, calm.world.owner().id
    wanted = [
        one
        for one in in_sight(world)
        if one.user_id == owner and NOON - 30 * MS_PER_DAY <= one.start <= world.clock.now_ms()
    ]
    wanted.sort(key=lambda one: (one.start, one.id), reverse=True)
    assert ids(entries(reader, calm.team_id)) == [one.id for one in wanted] != []
    assert len(wanted) < sum(one.user_id == owner for one in in_sight(world))


def test_everybodys_time_over_all_years(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """With all members and a wide window an admin gets everything but the time of those who left."""
    world = calm.world
    found = ids(entries(reader, calm.team_id, assignee=everybody(world), **EVER))
    assert len(found) == len(set(found))
    assert set(found) == {one.id for one in in_sight(world) if not world.people[one.user_id].left}
    assert set(found) < {one.id for one in in_sight(world)}


def test_windows_are_on_the_start(http: httpx2.Client, sim: RunningSimulator) -> None:
    """An entry is in the window in which it starts, both bounds included; where it ends does not matter."""
    start = NOON - 500 * MS_PER_DAY
    entry = sim.world.add_time(any_list_task(sim.world), start=start, duration=10 * MS_PER_HOUR)

    def found(first: int, last: int) -> bool:
        return entry.id in ids(entries(http, sim.team_id, start_date=first, end_date=last))

    assert found(start, start)
    assert found(start - 1, start + 1)
    assert not found(start + 1, start + MS_PER_DAY)
    assert not found(start - MS_PER_DAY, start - 1)


def any_list_task(world: World) -> str:
    return world.create_task(any_list(world)).id


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ({}, {"new", "edge"}),
        ({"start_date": NOON - 60 * MS_PER_DAY}, {"new", "edge", "old"}),
        ({"end_date": NOON - 20 * MS_PER_DAY}, {"edge", "old"}),
        ({"end_date": NOON - 90 * MS_PER_DAY}, set()),
    ],
)
def test_one_bound_alone(
    http: httpx2.Client, sim: RunningSimulator, bounds: dict[str, Any], expected: set[str]
) -> None:
    """A start alone reaches until now, an end alone the 30 days before it."""
    task = sim.world.create_task(sim.world.create_list(next(iter(sim.world.spaces))).id)
    for name, ago in (("new", 10), ("edge", 30 - 0.1), ("old", 30 + 0.1)):
        sim.world.add_time(task.id, start=NOON - int(ago * MS_PER_DAY), description=f"the {name} one")
    found = entries(http, sim.team_id, list_id=task.list_id, **bounds)
    assert {one["description"] for one in found} == {f"the {name} one" for name in expected}


def test_a_filter_by_task_includes_subtasks(http: httpx2.Client, sim: RunningSimulator) -> None:
    """`task_id` shows everybody's time on the task and below it, each under its own task's id."""
    world, left = sim.world, sim.world.join("Gone")
    parent = world.create_task(any_list(world))
    child = world.create_task(parent.list_id, parent=parent.id)
    grandchild = world.create_task(parent.list_id, parent=child.id)
    people = (world.owner().id, world.members()[1].id, left.id)
    made = {
        world.add_time(task.id, user_id).id: task.id
        for task, user_id in zip((parent, child, grandchild), people, strict=True)
    }
    world.leave(left.id)
    world.add_time(any_list_task(world))
    found = entries(http, sim.team_id, task_id=parent.id)
    assert {one["id"]: one["task"]["id"] for one in found} == made
    assert {one["task"]["id"] for one in entries(http, sim.team_id, task_id=child.id)} == {
        child.id,
        grandchild.id,
    }
    one_person = entries(http, sim.team_id, task_id=parent.id, assignee=people[1])
    assert [one["task"]["id"] for one in one_person] == [child.id]


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ({}, {"old", "new", "planned"}),
        ({"start_date": NOON - MS_PER_DAY}, {"new", "planned"}),
        ({"end_date": NOON}, {"old", "new"}),
        ({"start_date": NOON - MS_PER_DAY, "end_date": NOON}, {"new"}),
    ],
)
def test_a_filter_by_task_is_complete(
    http: httpx2.Client, sim: RunningSimulator, bounds: dict[str, int], expected: set[str]
) -> None:
    """All years of the task and its subtasks, where no bound says otherwise."""
    task = sim.world.create_task(any_list(sim.world))
    child = sim.world.create_task(task.list_id, parent=task.id)
    for one, name, days in ((task, "old", -900), (child, "new", -0.5), (child, "planned", 40)):
        sim.world.add_time(one.id, start=NOON + int(days * MS_PER_DAY), description=name)
    found = entries(http, sim.team_id, task_id=task.id, **bounds)
    assert {one["description"] for one in found} == expected


@pytest.mark.parametrize("scope", ["space_id", "folder_id", "list_id"])
def test_filters_by_place(reader: httpx2.Client, calm: RunningSimulator, scope: str) -> None:
    """A place narrows to the tasks at home in it; time without a task is in no place."""
    world = calm.world
    place = next(one for one in world.lists.values() if one.folder_id and not one.archived)
    home = {"space_id": place.space_id, "folder_id": place.folder_id, "list_id": place.id}
    found = entries(reader, calm.team_id, assignee=everybody(world), **EVER, **{scope: home[scope]})
    homes = [world.lists[world.tasks[one["task"]["id"]].list_id] for one in found]
    shown = {"space_id": "space_id", "folder_id": "folder_id", "list_id": "id"}[scope]
    assert {getattr(one, shown) for one in homes} == {home[scope]}
    everything = entries(reader, calm.team_id, assignee=everybody(world), **EVER)
    assert 0 < len(found) < len(everything)


def test_only_one_place_at_a_time(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """Two filters by place are refused."""
    path = f"/team/{calm.team_id}/time_entries"
    answer = reader.get(path, params={"list_id": "1", "task_id": "2"})
    assert refusal(answer)[0] == 400
