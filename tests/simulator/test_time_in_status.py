"""How long tasks were in each status."""

import httpx2

from app.simulator.server import RunningSimulator
from tests.simulator.reading import refusal


def test_time_in_status_adds_up(http: httpx2.Client, sim: RunningSimulator) -> None:
    """Minutes count per status, cumulative over returns to it."""
    place = next(one for one in sim.world.lists.values() if not one.archived)
    names = [one.name for one in sim.world.spaces[place.space_id].statuses]
    task = sim.world.create_task(place.id)
    for name in (names[1], names[0]):
        sim.world.clock.advance(600)
        sim.world.edit_task(task.id, status=name)
    sim.world.clock.advance(600)
    answer = http.get("/task/bulk_time_in_status/task_ids", params={"task_ids": [task.id, "nobody"]}).json()
    assert answer.keys() == {task.id}
    minutes = {one["status"]: one["total_time"]["by_minute"] for one in answer[task.id]["status_history"]}
    assert minutes == {names[0]: 20, names[1]: 10}
    assert answer[task.id]["current_status"]["status"] == names[0]
    assert http.get(f"/task/{task.id}/time_in_status").json() == answer[task.id]


def test_time_in_status_is_for_a_hundred_at_most(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """A hundred tasks are told, with either spelling of the parameter; one more refuses the request."""
    path = "/task/bulk_time_in_status/task_ids"
    tasks = list(calm.world.truth()["tasks"])[:101]
    assert reader.get(path, params={"task_ids": tasks[:100]}).json().keys() == set(tasks[:100])
    assert reader.get(path, params={"task_ids[]": tasks[:2]}).json().keys() == set(tasks[:2])
    assert refusal(reader.get(path, params={"task_ids": tasks}))[0] == 400


def test_time_in_status_hides_what_is_hidden(http: httpx2.Client, sim: RunningSimulator) -> None:
    """Deleted tasks are left out in silence; alone, one is a 404."""
    kept, deleted = (sim.world.create_task(next(iter(sim.world.lists))).id for _ in range(2))
    sim.world.delete_task(deleted)
    answer = http.get("/task/bulk_time_in_status/task_ids", params={"task_ids": f"{kept},{deleted}"})
    assert answer.json().keys() == {kept}
    assert refusal(http.get(f"/task/{deleted}/time_in_status")) == (404, "ITEM_013")


def test_the_current_status_is_the_tasks_own(http: httpx2.Client, sim: RunningSimulator) -> None:
    """Also after a move to a space with other statuses."""
    spaces = sim.world.spaces
    homes = {one.space_id: one.id for one in sim.world.lists.values() if not one.archived}
    first, second = (homes[one] for one in list(spaces)[:2])
    task = sim.world.create_task(first)
    sim.world.move_task(task.id, second)
    row = http.get(f"/task/{task.id}").json()
    times = http.get(f"/task/{task.id}/time_in_status").json()
    assert row["status"]["status"] in {one.name for one in spaces[list(spaces)[1]].statuses}
    assert times["current_status"]["status"] == row["status"]["status"] != task.status.name
    assert len(times["status_history"]) == 2
