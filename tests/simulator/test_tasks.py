"""Listings of tasks."""

from dataclasses import replace

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


def test_pages_together_are_the_truth(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """Every task that is not archived, itself or with its list, comes exactly once, 100 a page."""
    found = ids(all_tasks(reader, team_path(calm)))
    assert len(found) == len(set(found))
    assert set(found) == listed(calm.world)
    assert len(reader.get(team_path(calm), params=ALL).json()["tasks"]) == 100


def test_archived_is_the_other_half(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """`archived=true` answers with archived tasks only, and there are some."""
    found = set(ids(all_tasks(reader, team_path(calm), archived="true")))
    assert found == listed(calm.world, archived=True)
    assert found


@pytest.mark.parametrize("order", ["updated", "created", "due_date", "id"])
def test_order(reader: httpx2.Client, calm: RunningSimulator, order: str) -> None:
    """Newest first, and with `reverse=true` the oldest first; ties are in a stable order."""
    down = ids(all_tasks(reader, team_path(calm), order_by=order))
    up = ids(all_tasks(reader, team_path(calm), order_by=order, reverse="true"))
    assert up == down[::-1]
    if order in ("updated", "created"):
        truth = calm.world.truth()["tasks"]
        dates = [truth[one][f"date_{order}"] for one in up]
        assert dates == sorted(dates)


def test_an_edit_while_paging_moves_the_row_to_the_end(http: httpx2.Client, sim: RunningSimulator) -> None:
    """Oldest change first is resumable: what changes meanwhile is met again at the end."""
    order = {"order_by": "updated", "reverse": "true"}
    first = http.get(team_path(sim), params={**ALL, **order}).json()["tasks"][0]["id"]
    sim.world.edit_task(first, name="changed meanwhile")
    assert all_tasks(http, team_path(sim), **order)[-1]["name"] == "changed meanwhile"


def test_defaults_leave_out_subtasks_and_closed(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """Without `subtasks` and `include_closed` a listing is only a part."""
    rows = reader.get(team_path(calm)).json()["tasks"]
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


def test_filters_by_place(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """`space_ids[]` and `list_ids[]` narrow; a misspelt filter returns everything in silence."""
    truth = calm.world.truth()["tasks"]
    row = all_tasks(reader, team_path(calm))[0]
    in_list = all_tasks(reader, team_path(calm), **{"list_ids[]": row["list"]["id"]})
    assert {truth[one]["list_id"] for one in ids(in_list)} == {row["list"]["id"]}
    in_space = all_tasks(reader, team_path(calm), **{"space_ids[]": row["space"]["id"]})
    assert {truth[one]["space_id"] for one in ids(in_space)} == {row["space"]["id"]}
    assert len(all_tasks(reader, team_path(calm), list_idz=row["list"]["id"])) == len(listed(calm.world))


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


def test_the_clock_stamps_changes(world: World) -> None:
    """Stamps rise even when the clock stands still, and follow it when it moves."""
    place = next(iter(world.lists))
    first, second = world.create_task(place), world.create_task(place)
    assert NOON <= first.date_updated < second.date_updated
    world.clock.advance(3_600)
    assert world.create_task(place).date_updated >= NOON + 3_600_000


def test_a_private_home_hides_a_task_elsewhere(http: httpx2.Client, sim: RunningSimulator) -> None:
    """A task of a private space is not shown in a further list of a visible one, as it is 401 by itself."""
    world = sim.world
    task = world.create_task(next(iter(world.lists)))
    other = next(one.id for one in world.lists.values() if one.space_id != task.space_id and not one.archived)
    world.add_to_list(task.id, other)
    timl = {"include_timl": "true"}
    assert task.id in ids(all_tasks(http, f"/list/{other}/task", **timl))
    world.spaces[task.space_id] = replace(world.spaces[task.space_id], private=True)
    world.reframe()
    assert task.id not in ids(all_tasks(http, f"/list/{other}/task", **timl))
    assert task.id not in ids(all_tasks(http, team_path(sim)))
    assert http.get(f"/task/{task.id}").status_code == 401
    assert task.id not in world.truth()["tasks"]
