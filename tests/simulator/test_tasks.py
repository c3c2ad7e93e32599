"""Listings of tasks."""

from typing import Any

import httpx2
import pytest

from app.simulator.server import RunningSimulator
from app.simulator.world import World
from tests.simulator.conftest import NOON
from tests.simulator.reading import ALL, all_tasks, ids


def team_path(sim: RunningSimulator) -> str:
    return f"/team/{sim.team_id}/task"


def listed(world: World, *, archived: bool = False) -> set[str]:
    tasks = world.truth()["tasks"].values()
    return {task["id"] for task in tasks if task["archived"] == archived and not task["put_away"]}


def test_pages_together_are_the_truth(http: httpx2.Client, sim: RunningSimulator) -> None:
    """Every task that is neither archived nor put away comes exactly once, 100 a page."""
    found = ids(all_tasks(http, team_path(sim)))
    assert len(found) == len(set(found))
    assert set(found) == listed(sim.world)
    assert len(http.get(team_path(sim), params=ALL).json()["tasks"]) == 100


def test_archived_is_the_other_half(http: httpx2.Client, sim: RunningSimulator) -> None:
    """`archived=true` answers with archived tasks only, and there are some."""
    found = set(ids(all_tasks(http, team_path(sim), archived="true")))
    assert found == listed(sim.world, archived=True)
    assert found


@pytest.mark.parametrize("order", ["updated", "created", "due_date", "id"])
def test_order(http: httpx2.Client, sim: RunningSimulator, order: str) -> None:
    """Newest first, and with `reverse=true` the oldest first; ties are in a stable order."""
    down = ids(all_tasks(http, team_path(sim), order_by=order))
    up = ids(all_tasks(http, team_path(sim), order_by=order, reverse="true"))
    assert up == down[::-1]
    if order in ("updated", "created"):
        truth = sim.world.truth()["tasks"]
        dates = [truth[one][f"date_{order}"] for one in up]
        assert dates == sorted(dates)


def test_an_edit_while_paging_moves_the_row_to_the_end(http: httpx2.Client, sim: RunningSimulator) -> None:
    """Oldest change first is resumable: what changes meanwhile is met again at the end."""
    order = {"order_by": "updated", "reverse": "true"}
    first = http.get(team_path(sim), params={**ALL, **order}).json()["tasks"][0]["id"]
    sim.world.edit_task(first, name="changed meanwhile")
    assert all_tasks(http, team_path(sim), **order)[-1]["name"] == "changed meanwhile"


def test_defaults_leave_out_subtasks_and_closed(http: httpx2.Client, sim: RunningSimulator) -> None:
    """Without `subtasks` and `include_closed` a listing is only a part."""
    rows = http.get(team_path(sim)).json()["tasks"]
    assert rows
    assert all(row["parent"] is None and row["status"]["type"] != "closed" for row in rows)


@pytest.mark.parametrize(("inclusive", "kept"), [(False, 0), (True, 1)])
def test_date_filters(http: httpx2.Client, sim: RunningSimulator, inclusive: bool, kept: int) -> None:
    """Both bounds combine; whether they include themselves is a doubt one can set."""
    task = sim.world.create_task(next(iter(sim.world.lists)))
    sim.world.doubts.gt_inclusive = inclusive
    at = {"date_updated_gt": task.date_updated, "date_updated_lt": task.date_updated + 1}
    assert len(all_tasks(http, team_path(sim), **at)) == kept
    around = {"date_updated_gt": task.date_updated - 1, "date_updated_lt": task.date_updated + 1}
    assert ids(all_tasks(http, team_path(sim), **around)) == [task.id]
    assert ids(all_tasks(http, team_path(sim), date_created_gt=task.date_created - 1)) == [task.id]


def test_filters_by_place(http: httpx2.Client, sim: RunningSimulator) -> None:
    """`space_ids[]` and `list_ids[]` narrow; a misspelt filter returns everything in silence."""
    truth = sim.world.truth()["tasks"]
    row = all_tasks(http, team_path(sim))[0]
    in_list = all_tasks(http, team_path(sim), **{"list_ids[]": row["list"]["id"]})
    assert {truth[one]["list_id"] for one in ids(in_list)} == {row["list"]["id"]}
    in_space = all_tasks(http, team_path(sim), **{"space_ids[]": row["space"]["id"]})
    assert {truth[one]["space_id"] for one in ids(in_space)} == {row["space"]["id"]}
    assert len(all_tasks(http, team_path(sim), list_idz=row["list"]["id"])) == len(listed(sim.world))


def test_an_archived_list_hides_its_tasks(http: httpx2.Client, sim: RunningSimulator) -> None:
    """They stay `archived: false`, leave the team's listing in both modes, and only the list shows them."""
    row = next(one for one in all_tasks(http, team_path(sim)) if not one["archived"])
    list_id = row["list"]["id"]
    sim.world.archive_list(list_id)
    assert row["id"] not in ids(all_tasks(http, team_path(sim)))
    assert row["id"] not in ids(all_tasks(http, team_path(sim), archived="true"))
    shown = {one["id"]: one for one in all_tasks(http, f"/list/{list_id}/task")}
    assert shown[row["id"]]["archived"] is False
    assert http.get(f"/task/{row['id']}").json()["archived"] is False


def test_an_archived_folder_does_the_same(http: httpx2.Client, sim: RunningSimulator) -> None:
    """Archiving a folder takes the tasks of its lists out of the listing."""
    row = next(one for one in all_tasks(http, team_path(sim)) if not one["folder"]["hidden"])
    sim.world.archive_folder(row["folder"]["id"])
    assert row["id"] not in ids(all_tasks(http, team_path(sim)))
    assert row["id"] in ids(all_tasks(http, f"/list/{row['list']['id']}/task"))


def test_tasks_of_other_home_lists(http: httpx2.Client, sim: RunningSimulator) -> None:
    """A task added to a further list is shown there only with `include_timl`, and names it."""
    first, other = [one for one in sim.world.lists.values() if not one.archived][:2]
    task = sim.world.create_task(first.id)
    sim.world.add_to_list(task.id, other.id)
    assert task.id not in ids(all_tasks(http, f"/list/{other.id}/task"))
    assert task.id in ids(all_tasks(http, f"/list/{other.id}/task", include_timl="true"))
    whole = http.get(f"/task/{task.id}").json()
    assert whole["locations"] == [{"id": other.id, "name": other.name}]


def test_404_is_for_deleted_tasks_only(http: httpx2.Client, sim: RunningSimulator) -> None:
    """A deleted task is 404 with ITEM_013, its subtasks too; restored it is back with them."""
    place = next(one for one in sim.world.lists.values() if not one.archived)
    parent = sim.world.create_task(place.id)
    child = sim.world.create_task(place.id, parent=parent.id)
    sim.world.delete_task(parent.id)
    for task_id in (parent.id, child.id):
        answer = http.get(f"/task/{task_id}")
        assert (answer.status_code, answer.json()["ECODE"]) == (404, "ITEM_013")
    assert {parent.id, child.id} <= set(sim.world.truth()["deleted_tasks"])
    sim.world.restore_task(parent.id)
    assert http.get(f"/task/{child.id}").status_code == 200


def test_deleting_a_list_deletes_its_tasks(http: httpx2.Client, sim: RunningSimulator) -> None:
    """The list is 404 and so are its tasks."""
    row = all_tasks(http, team_path(sim))[0]
    sim.world.delete_list(row["list"]["id"])
    assert http.get(f"/list/{row['list']['id']}").status_code == 404
    assert http.get(f"/task/{row['id']}").status_code == 404


def test_list_rows_lie_a_little(http: httpx2.Client, sim: RunningSimulator) -> None:
    """A listing says `checklists: []` though there are some, and gives markdown only when asked."""
    place = next(one for one in sim.world.lists.values() if not one.archived)
    task = sim.world.create_task(place.id, checklist=("one",), text="**bold**")
    path = f"/list/{place.id}/task"
    row = next(one for one in all_tasks(http, path) if one["id"] == task.id)
    assert row["checklists"] == []
    assert "markdown_description" not in row
    asked = all_tasks(http, path, include_markdown_description="true")
    assert next(one for one in asked if one["id"] == task.id)["markdown_description"] == "**bold**"
    assert len(http.get(f"/task/{task.id}").json()["checklists"]) == 1


def test_a_row_says_what_the_truth_says(http: httpx2.Client, sim: RunningSimulator) -> None:
    """Every listed row agrees with the truth in title, status, places, people, tags and time."""
    truth = sim.world.truth()["tasks"]
    for row in all_tasks(http, team_path(sim)):
        task = truth[row["id"]]
        assert row["name"] == task["title"]
        assert row["status"]["status"] == task["status"]
        assert row["date_updated"] == str(task["date_updated"])
        assert row["list"]["name"] == task["list"]
        assert row["folder"]["hidden"] == (task["folder_id"] is None)
        assert [str(one["id"]) for one in row["assignees"]] == task["assignees"]
        assert [one["name"] for one in row["tags"]] == task["tags"]
        assert row.get("time_spent", 0) == task["tracked_ms"]
        assert ("time_spent" in row) == (task["tracked_ms"] > 0)


def test_custom_field_values(http: httpx2.Client, sim: RunningSimulator) -> None:
    """Unset fields have no `value`; a drop-down answers with orderindex or uuid of the true option."""
    truth = sim.world.truth()["tasks"]
    kinds: set[type] = set()
    for row in all_tasks(http, team_path(sim)):
        true = truth[row["id"]]["custom_fields"]
        for one in row["custom_fields"]:
            assert ("value" in one) == (one["name"] in true)
            if one["type"] == "drop_down" and "value" in one:
                kinds.add(type(one["value"]))
                assert true[one["name"]] == option_name(one)
    assert kinds == {int, str}


def option_name(field: dict[str, Any]) -> str:
    options = field["type_config"]["options"]
    return next(str(one["name"]) for one in options if field["value"] in (one["id"], one["orderindex"]))


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


def test_the_clock_stamps_changes(world: World) -> None:
    """Stamps rise even when the clock stands still, and follow it when it moves."""
    place = next(iter(world.lists))
    first, second = world.create_task(place), world.create_task(place)
    assert NOON <= first.date_updated < second.date_updated
    world.clock.advance(3_600)
    assert world.create_task(place).date_updated >= NOON + 3_600_000
