"""Faults in what is said: missing rows, false flags, junk, odd types, an old index."""

import json
from collections import Counter
from typing import Any

import httpx2
import pytest

from app.simulator.corrupt import JUNK
from app.simulator.server import RunningSimulator
from tests.simulator.reading import ALL, all_comments, all_tasks, ids


def path_of(sim: RunningSimulator) -> str:
    return f"/team/{sim.team_id}/task"


def page(http: httpx2.Client, sim: RunningSimulator, number: int = 0, **params: Any) -> dict[str, Any]:
    answer = http.get(path_of(sim), params={**ALL, **params, "page": number}).raise_for_status().json()
    return dict(answer)


def test_miss_rows(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """About that share of the rows is missing, in their order, and the flag stays true."""
    whole = page(reader, calm)
    calm.faults.add("miss_rows", path_of(calm), amount=0.3)
    spoilt = page(reader, calm)
    kept = ids(spoilt["tasks"])
    assert 50 < len(kept) < 90
    assert kept == [one for one in ids(whole["tasks"]) if one in kept]
    assert spoilt["last_page"] is whole["last_page"] is False
    assert page(reader, calm) == whole


def test_miss_rows_may_miss_all(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """With 1 nothing is left, in any listing, and single objects stay whole."""
    calm.faults.add("miss_rows", amount=1, times=None)
    listings = (f"/team/{calm.team_id}/space", "/team", f"/team/{calm.team_id}/time_entries", path_of(calm))
    for path in listings:
        assert [] in reader.get(path).json().values()
    assert reader.get("/user").json()["user"]
    assert reader.get(f"/task/{next(iter(calm.world.truth()['tasks']))}").json()["id"]


def test_repeat_rows(http: httpx2.Client, sim: RunningSimulator) -> None:
    """Rows come twice and push others off the end; the page has as many rows as before."""
    task = sim.world.create_task(next(iter(sim.world.lists)))
    wanted = [sim.world.post_comment(task.id, f"{number}").id for number in range(10)][::-1]
    sim.faults.add("repeat_rows", f"/task/{task.id}/comment", amount=0.5)
    shown = ids(http.get(f"/task/{task.id}/comment").json()["comments"])
    assert len(shown) == 10 > len(set(shown))
    assert list(dict.fromkeys(shown)) == wanted[: len(set(shown))]


def test_ignore_page(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """Always the first page, which never is the last one."""
    first = page(reader, calm)
    calm.faults.add("ignore_page", path_of(calm), times=None)
    for number in (1, 2, 50):
        assert page(reader, calm, number) == first
    assert first["last_page"] is False


def test_false_last_page(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """The first page says that it is the last, with all its rows."""
    whole = page(reader, calm)
    calm.faults.add("false_last_page", path_of(calm))
    assert page(reader, calm) == whole | {"last_page": True}


def test_no_last_page(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """The flag is missing, the rows are not."""
    whole = page(reader, calm)
    calm.faults.add("no_last_page", path_of(calm))
    assert page(reader, calm) == {"tasks": whole["tasks"]}


def test_cap_archived(http: httpx2.Client, sim: RunningSimulator) -> None:
    """Archived tasks end after one page with a false `last_page`; the active ones do not."""
    for _ in range(110):
        task = sim.world.create_task(next(iter(sim.world.lists)))
        sim.world.archive_task(task.id)
    true = all_tasks(http, path_of(sim), archived="true")
    active = all_tasks(http, path_of(sim))
    assert len(true) > 100 < len(active)
    sim.faults.add("cap_archived", path_of(sim), times=None)
    capped = page(http, sim, archived="true")
    assert (ids(capped["tasks"]), capped["last_page"]) == (ids(true)[:100], True)
    assert page(http, sim, 1, archived="true") == {"tasks": [], "last_page": True}
    assert all_tasks(http, path_of(sim)) == active


@pytest.mark.parametrize("listing", ["tasks", "data", "comments", "spaces", "folders", "lists", "teams"])
def test_garbage(reader: httpx2.Client, calm: RunningSimulator, listing: str) -> None:
    """Among the true rows, all of them and in their order, stands every kind of junk."""
    task_id = next(iter(one.task_id for one in calm.world.comments.values() if not one.parent))
    space = next(iter(calm.world.spaces))
    path = {
        "tasks": path_of(calm),
        "data": f"/team/{calm.team_id}/time_entries",
        "comments": f"/task/{task_id}/comment",
        "spaces": f"/team/{calm.team_id}/space",
        "folders": f"/space/{space}/folder",
        "lists": f"/space/{space}/list",
        "teams": "/team",
    }[listing]
    whole = reader.get(path).json()[listing]
    calm.faults.add("garbage", path)
    spoilt = reader.get(path).json()[listing]
    true = {json.dumps(one) for one in whole}
    assert whole
    assert [one for one in spoilt if json.dumps(one) in true] == whole
    junk = [one for one in spoilt if json.dumps(one) not in true]
    assert sorted(map(json.dumps, junk)) == sorted(map(json.dumps, JUNK))


def test_distort(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """The same rows with the same ids, titles and dates; some other values have odd types."""
    whole = page(reader, calm)["tasks"]
    calm.faults.add("distort", path_of(calm))
    spoilt = page(reader, calm)["tasks"]
    assert ids(spoilt) == ids(whole)
    odd: Counter[str] = Counter()
    for row, true in zip(spoilt, whole, strict=True):
        odd.update(name for name in true if row[name] != true[name])
    assert max(odd.values()) < 60
    assert odd.keys() == {
        *("status", "priority", "assignees", "tags", "points", "time_estimate"),
        *("custom_fields", "due_date", "folder"),
    }
    assert page(reader, calm)["tasks"] == whole


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/team/{team}/time_entries?start_date=0", {"tags", "task", "duration"}),
        ("/team", {"members"}),
    ],
)
def test_distort_elsewhere(reader: httpx2.Client, calm: RunningSimulator, path: str, names: set[str]) -> None:
    """Other listings are distorted in what is theirs."""
    address = path.replace("{team}", calm.team_id)
    whole = next(iter(reader.get(address).json().values()))
    calm.faults.add("distort", times=None)
    odd: set[str] = set()
    for _ in range(10):
        spoilt = next(iter(reader.get(address).json().values()))
        assert ids(spoilt) == ids(whole)
        for row, true in zip(spoilt, whole, strict=True):
            odd |= {name for name in true if row[name] != true[name]}
    assert odd == names


def test_lag_shows_the_listing_as_it_was(http: httpx2.Client, sim: RunningSimulator) -> None:
    """New tasks are missing, changed ones old, deleted ones there; single tasks and lists are up to date."""
    world = sim.world
    place = next(one.id for one in world.lists.values() if not one.archived)
    changed, deleted = world.create_task(place, "before"), world.create_task(place)
    then = all_tasks(http, path_of(sim))
    world.clock.advance(60)
    world.edit_task(changed.id, name="after")
    world.edit_task(changed.id, name="after all")
    world.delete_task(deleted.id)
    new = world.create_task(place)
    sim.faults.add("lag", path_of(sim), times=None, amount=30)
    assert all_tasks(http, path_of(sim)) == then
    oldest_first = {"order_by": "updated", "reverse": "true"}
    lagging = {one["id"]: one["name"] for one in all_tasks(http, path_of(sim), **oldest_first)}
    assert lagging[changed.id] == "before"
    assert deleted.id in lagging
    assert new.id not in lagging
    assert http.get(f"/task/{changed.id}").json()["name"] == "after all"
    assert new.id in ids(all_tasks(http, f"/list/{place}/task"))
    world.clock.advance(31)
    assert new.id in ids(all_tasks(http, path_of(sim)))
    assert deleted.id not in ids(all_tasks(http, path_of(sim)))


def test_spoilt_answers_leave_the_world_alone(reader: httpx2.Client, calm: RunningSimulator) -> None:
    """After all kinds of spoilt answers the truth is what it was, and so are comments."""
    before = calm.world.truth()
    task_id = next(one.task_id for one in calm.world.comments.values() if not one.parent)
    said = all_comments(reader, task_id)
    for action in ("miss_rows", "repeat_rows", "garbage", "distort", "no_last_page", "cap_archived"):
        calm.faults.add(action, amount=0.5)
    reader.get(path_of(calm), params=ALL)
    assert calm.world.truth() == before
    assert all_comments(reader, task_id) == said
