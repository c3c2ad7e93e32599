"""What a row of a listing says of its task, and what it keeps to itself."""

from typing import Any

import httpx2

from app.simulator.server import RunningSimulator
from tests.simulator.reading import all_tasks
from tests.simulator.test_tasks import team_path


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


def test_a_row_says_what_the_truth_says(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """Every listed row agrees with the truth in title, status, places, people, tags and time."""
    truth = calm.world.truth()["tasks"]
    for row in all_tasks(reader, team_path(calm)):
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


def test_custom_field_values(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """Unset fields have no `value`; a drop-down answers with orderindex or uuid of the true option."""
    truth = calm.world.truth()["tasks"]
    kinds: set[type] = set()
    for row in all_tasks(reader, team_path(calm)):
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


def test_the_top_parent_follows_a_change_above(http: httpx2.Client, sim: RunningSimulator) -> None:
    """A task whose grandparent is taken away has another top parent at once, unchanged as it is itself."""
    place = next(one.id for one in sim.world.lists.values() if not one.archived)
    top = sim.world.create_task(place)
    middle = sim.world.create_task(place, parent=top.id)
    bottom = sim.world.create_task(place, parent=middle.id)

    def top_parent() -> str:
        rows = all_tasks(http, f"/list/{place}/task")
        return next(str(one["top_level_parent"]) for one in rows if one["id"] == bottom.id)

    assert top_parent() == top.id
    sim.world.edit_task(middle.id, parent=None)
    assert top_parent() == middle.id
    assert sim.world.tasks[bottom.id] == bottom
