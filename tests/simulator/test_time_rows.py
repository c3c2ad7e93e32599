"""What a time entry says: numbers and texts, running timers, time without a task."""

import httpx2

from app.simulator.clock import MS_PER_MINUTE
from app.simulator.server import RunningSimulator
from tests.simulator.reading import entries, ids, refusal
from tests.simulator.test_time_entries import EVER, any_list_task, everybody


def test_rows_say_what_the_truth_says(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """Every row agrees with the truth, whether its numbers come as text or as numbers; both occur."""
    truth, kinds = calm.world.truth()["entries"], set()
    for row in entries(reader, calm.team_id, assignee=everybody(calm.world), **EVER):
        entry = truth[row["id"]]
        assert (str(row["user"]["id"]), row["billable"]) == (entry["user_id"], entry["billable"])
        assert (row["description"], [one["name"] for one in row["tags"]]) == (
            entry["description"],
            entry["tags"],
        )
        assert (int(row["start"]), int(row["at"])) == (entry["start"], entry["at"])
        assert row.get("end") is None if entry["running"] else int(row["end"]) == entry["end"]
        kinds.add((type(row["start"]), type(row["duration"]), type(row["at"])))
    assert kinds == {(str, str, str), (int, int, int)}


def test_time_without_a_task(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """Such an entry has no `task` or the text "0"; both occur, and neither has a place."""
    truth = calm.world.truth()["entries"]
    found = entries(reader, calm.team_id, assignee=everybody(calm.world), **EVER)
    without = [one for one in found if truth[one["id"]]["task_id"] is None]
    assert {one.get("task", "absent") for one in without} == {"0", "absent"}
    assert not any("task_location" in one for one in without)
    assert all(one["task"]["id"] == truth[one["id"]]["task_id"] for one in found if one not in without)


def test_names_and_tags_only_when_asked_for(http: httpx2.Client, sim: RunningSimulator) -> None:
    """Places are numeric ids; their names and the task's tags come with the parameters for them."""
    task = any_list_task(sim.world)
    sim.world.tag_task(task, "срочно")
    sim.world.add_time(task)
    place = sim.world.lists[sim.world.tasks[task].list_id]
    plain = entries(http, sim.team_id, task_id=task)[0]
    assert plain["task_location"]["list_id"] == int(place.id)
    assert "list_name" not in plain["task_location"]
    assert "task_tags" not in plain
    asked = {"include_location_names": "true", "include_task_tags": "true"}
    full = entries(http, sim.team_id, task_id=task, **asked)[0]
    assert full["task_location"]["list_name"] == place.name
    assert [one["name"] for one in full["task_tags"]] == ["срочно"]


def test_deleted_time_and_time_of_deleted_tasks_vanish(http: httpx2.Client, sim: RunningSimulator) -> None:
    """They are gone without a trace; restoring the task brings its time back."""
    task = any_list_task(sim.world)
    first, second = (sim.world.add_time(task, duration=MS_PER_MINUTE) for _ in range(2))
    sim.world.delete_time(first.id)
    assert ids(entries(http, sim.team_id, task_id=task)) == [second.id]
    assert http.get(f"/task/{task}").json()["time_spent"] == MS_PER_MINUTE
    assert refusal(http.get(f"/team/{sim.team_id}/time_entries/{first.id}"))[0] == 404
    sim.world.delete_task(task)
    assert second.id not in ids(entries(http, sim.team_id))
    sim.world.restore_task(task)
    assert second.id in ids(entries(http, sim.team_id))
    assert http.get(f"/team/{sim.team_id}/time_entries/{second.id}").json()["data"]["id"] == second.id


def test_a_running_timer(http: httpx2.Client, sim: RunningSimulator) -> None:
    """It has a negative duration and no end; stopped, it has both and counts."""
    task = any_list_task(sim.world)
    timer = sim.world.start_timer(task)
    row = next(one for one in entries(http, sim.team_id, task_id=task) if one["id"] == timer.id)
    assert int(row["duration"]) == -timer.start
    assert "end" not in row
    assert "time_spent" not in http.get(f"/task/{task}").json()
    sim.world.clock.advance(90)
    sim.world.stop_timer()
    stopped = entries(http, sim.team_id, task_id=task)[0]
    assert int(stopped["end"]) - int(stopped["start"]) == int(stopped["duration"]) >= 90_000
    assert http.get(f"/task/{task}").json()["time_spent"] == int(stopped["duration"])
