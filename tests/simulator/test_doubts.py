"""Points where sources disagree: each doubt switches what it says, there and back, and no more."""

from dataclasses import fields

import httpx2
import pytest

from app.simulator.model import Ambiguities, Task
from app.simulator.server import RunningSimulator
from app.simulator.world import World
from tests.simulator import test_changes, test_comments, test_tasks
from tests.simulator.conftest import NOON
from tests.simulator.reading import ALL, entries, ids


@pytest.fixture
def tree(world: World) -> list[Task]:
    """A task, its subtask and the subtask's subtask, each with an hour of somebody else's."""
    made = [world.create_task(next(one.id for one in world.lists.values() if not one.archived))]
    for _ in range(2):
        made.append(world.create_task(made[-1].list_id, parent=made[-1].id))
    for task in made:
        world.add_time(task.id, world.members()[1].id, start=NOON - 3_600_000)
    return made


def spent(http: httpx2.Client, sim: RunningSimulator, tree: list[Task]) -> list[int]:
    """`time_spent` as the listing and the tasks themselves tell it, which is the same."""
    params = {**ALL, "list_ids[]": tree[0].list_id}
    rows = {one["id"]: one for one in http.get(f"/team/{sim.team_id}/task", params=params).json()["tasks"]}
    alone = [http.get(f"/task/{task.id}").json()["time_spent"] // 3_600_000 for task in tree]
    assert [rows[task.id]["time_spent"] // 3_600_000 for task in tree] == alone
    return alone


def test_parents_roll_up_time(http: httpx2.Client, sim: RunningSimulator, tree: list[Task]) -> None:
    """A parent's `time_spent` is its own, or that of all below it too; the truth stays its own."""
    assert spent(http, sim, tree) == [1, 1, 1]
    sim.world.doubts.parents_roll_up_time = True
    assert spent(http, sim, tree) == [3, 2, 1]
    sim.world.delete_task(tree[2].id)
    assert spent(http, sim, tree[:2]) == [2, 1]
    sim.world.doubts.parents_roll_up_time = False
    assert spent(http, sim, tree[:2]) == [1, 1]
    assert sim.world.truth()["tasks"][tree[0].id]["tracked_ms"] == 3_600_000


def test_task_entries_need_assignee(http: httpx2.Client, sim: RunningSimulator, tree: list[Task]) -> None:
    """Filtered by task, entries are everybody's, or the owner's unless somebody is named."""
    other = sim.world.members()[1].id
    mine = sim.world.add_time(tree[0].id)
    query = {"task_id": tree[0].id}
    assert len(entries(http, sim.team_id, **query)) == 4
    sim.world.doubts.task_entries_need_assignee = True
    assert ids(entries(http, sim.team_id, **query)) == [mine.id]
    assert len(entries(http, sim.team_id, **query, assignee=other)) == 3
    assert len(entries(http, sim.team_id, **query, assignee=f"{other},{mine.user_id}")) == 4


def test_space_entries_incomplete(http: httpx2.Client, sim: RunningSimulator, tree: list[Task]) -> None:
    """Filtered by space, subtasks' entries may be missing; by list or without a place they are not."""

    def found(**place: str) -> int:
        rows = entries(http, sim.team_id, assignee=sim.world.members()[1].id, **place)
        return sum(one["task"]["id"] in {task.id for task in tree} for one in rows if "task" in one)

    space, place = tree[0].space_id, tree[0].list_id
    assert found(space_id=space) == 3
    sim.world.doubts.space_entries_incomplete = True
    assert found(space_id=space) == 1
    assert found(list_id=place) == found() == 3


@pytest.mark.parametrize("name", [one.name for one in fields(Ambiguities)])
def test_every_doubt_is_tested_and_off_by_itself(name: str) -> None:
    """Without a word the simulator keeps to the likelier side."""
    assert getattr(Ambiguities(), name) is False
    tests = {
        "quiet_changes_touch": "test_quiet_changes_move_it_only_in_doubt",
        "gt_inclusive": "test_date_filters",
    }
    everywhere = {*globals(), *vars(test_changes), *vars(test_comments), *vars(test_tasks)}
    assert tests.get(name, f"test_{name}") in everywhere
